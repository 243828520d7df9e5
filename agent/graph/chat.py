"""One chat turn: the same planner with the same tools, and a few that act on the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.nodes.act import run_step
from readingroom.agent.graph.planning import Choice, chat_line, decide, film_pngs
from readingroom.agent.graph.views import LAST
from readingroom.domain.errors import ReadingRoomError, ToolFailed
from readingroom.domain.events import Planned, Said
from readingroom.domain.ports import StepBrief, TurnBrief
from readingroom.tools.case import OpenCase
from readingroom.tools.registry import Offer, as_words, openai_schema
from readingroom.tools.sdk import Effect, NoArguments, Stage, Tool, ToolResult

if TYPE_CHECKING:
    from readingroom.agent.graph.session import Session

_FETCH = "retrieve_prior"

MAX_STEPS = 8
"""Steps of one turn: a sentence asks for a few things, not for a day's work."""

TURNS_KNOWN = 2
"""Earlier turns that a core is told of."""


class AccessionArgument(BaseModel):
    """Which study, by its accession number."""

    model_config = ConfigDict(extra="forbid")
    accession: str = Field(min_length=1, max_length=64)


class OptionalAccession(BaseModel):
    """Which study; the open one when none is named."""

    model_config = ConfigDict(extra="forbid")
    accession: str = Field(default="", max_length=64)


class ViewArgument(BaseModel):
    """What to show: current, prior, P1, or the letter of a finding."""

    model_config = ConfigDict(extra="forbid")
    view: str = Field(default="current", max_length=16)


class SentenceArgument(BaseModel):
    """Which sentence of the draft, by its number, or "last"."""

    model_config = ConfigDict(extra="forbid")
    sentence: Literal["last"] | Annotated[int, Field(ge=1, le=999)]


@dataclass(frozen=True)
class ChatTool:
    """A tool that acts on the session rather than on the open case."""

    name: str
    description: str
    arguments: type[BaseModel]
    run: Callable[[Session, Any], str]
    needs_case: bool = False


def _open(session: Session, arguments: AccessionArgument) -> str:
    session.open_case(arguments.accession)
    return f"open: {session.case_accession}"


def _read(session: Session, arguments: OptionalAccession) -> str:
    accession = arguments.accession or session.case_accession
    if not accession:
        raise ToolFailed("no study is open; name its accession number")
    result = session.read(accession)
    error = result.document.get("error")
    return f"failed: {error['message']}" if error else str(result.document["status"])


def _show(session: Session, arguments: ViewArgument) -> str:
    session.show_image(arguments.view)
    return "shown"


def _evidence(session: Session, arguments: SentenceArgument) -> str:
    session.show_evidence(LAST if arguments.sentence == "last" else arguments.sentence)
    return "shown"


def _worklist(session: Session, arguments: NoArguments) -> str:
    return f"{session.worklist()} studies"


CHAT_TOOLS: Mapping[str, ChatTool] = {
    tool.name: tool
    for tool in (
        ChatTool("worklist", "Show the work list.", NoArguments, _worklist),
        ChatTool("open_study", "Open a study by its accession number.", AccessionArgument, _open),
        ChatTool(
            "read_study",
            "Read a study with its priors, draft and criticise the report.",
            OptionalAccession,
            _read,
        ),
        ChatTool(
            "draft_report",
            "Draft the report of the open study.",
            NoArguments,
            lambda session, _: _read(session, OptionalAccession()),
            needs_case=True,
        ),
        ChatTool(
            "show_image",
            "Show the film, a prior, or zoom to a finding's letter.",
            ViewArgument,
            _show,
            needs_case=True,
        ),
        ChatTool(
            "show_evidence",
            "Show what a sentence of the draft rests on.",
            SentenceArgument,
            _evidence,
            needs_case=True,
        ),
    )
}


def take_turn(session: Session, text: str) -> None:
    """Let the core act on what was said until it has an answer; the next turn knows of it.

    Raises:
        ModelUnavailable: the core did not answer.
    """
    steps: list[StepBrief] = []
    reply = ""
    try:
        reply = _act(session, text, steps)
    finally:
        session.turns = (*session.turns, TurnBrief(text, tuple(steps), reply))[-TURNS_KNOWN:]


def _act(session: Session, text: str, steps: list[StepBrief]) -> str:
    """Step after step, each noted in `steps`; returns a question that was asked back."""
    for _ in range(MAX_STEPS):
        choice = _ask(session, text, steps)
        if choice.kind != "call":
            _say(session, choice, steps)
            return choice.text if choice.kind == "ask" else ""
        arguments = as_words(choice.arguments)
        if any(step.tool == choice.tool and step.arguments == arguments for step in steps):
            _say(session, Choice(kind="answer"), steps)
            return ""
        session.emit(Planned(tool=choice.tool, arguments=arguments, confidence=choice.confidence))
        steps.append(StepBrief(choice.tool, arguments, _run(session, choice)))
    session.emit(Said(text=f"Stopped after {MAX_STEPS} steps.", kind="cannot"))
    return ""


def _offered(session: Session) -> list[dict[str, Any]]:
    case = session.case
    chat = [t for t in CHAT_TOOLS.values() if case is not None or not t.needs_case]
    offers = [
        Offer(Tool(t.name, "", t.description, t.arguments, Effect.READ, Stage.CHAT, _not_run), {})
        for t in chat
    ]
    if case is not None:
        registry = session.context.registry
        # Asking the same again is fine in a chat, so no values are ruled out.
        offers += [Offer(t, {}) for t in registry.tools.values() if t.name not in CHAT_TOOLS]
    return openai_schema(offers)


def _not_run(arguments: object, case: object) -> ToolResult:
    raise ToolFailed("a chat tool runs on the session")


def _ask(session: Session, text: str, steps: list[StepBrief]) -> Choice:
    case = session.case
    return decide(
        session.context.core,
        text,
        chat_line(case, datetime.now().astimezone().date()) if case else "",
        steps,
        _offered(session),
        film_pngs(case) if case else (),
        session.turns,
    )


def _run(session: Session, choice: Choice) -> str:
    """Run one call; what failed is told to the core, and shown as a failure."""
    try:
        tool = CHAT_TOOLS.get(choice.tool)
        if tool is not None:
            if tool.needs_case and session.case is None:
                raise ToolFailed("no study is open")
            return tool.run(session, _arguments(tool, choice.arguments))
        if session.case is None:
            raise ToolFailed("no study is open")
        return _run_on_case(session.context, session.case, choice)
    except ReadingRoomError as error:
        # What was cancelled breaks off with an error of its own: the turn is over, not the step.
        session.context.check()
        session.emit(Said(text=f"{choice.tool}: {error}", kind="cannot"))
        return f"failed: {error.message}"


def _run_on_case(context: ReadContext, case: OpenCase, choice: Choice) -> str:
    """Run a tool of the case, and what must come before it. Asking again is fine in a chat."""
    tool = context.registry.tools.get(choice.tool)
    if tool is None:
        raise ToolFailed(f"there is no tool {choice.tool!r}")
    if tool.ready(case) and tool.first:
        run_step(context, case, tool.first, {})
    reason = tool.ready(case)
    if reason:
        raise ToolFailed(reason)
    arguments = as_words(choice.arguments)
    if "prior" in tool.arguments.model_fields:
        arguments["prior"] = _fetched_prior(context, case, tool, arguments.get("prior", ""))
    return run_step(context, case, choice.tool, arguments).result


def _fetched_prior(context: ReadContext, case: OpenCase, tool: Tool, named: str) -> str:
    """The label that a tool of priors is to work on; it is searched for and fetched if need be.

    Who says "compare with the film from March" does not want to hear that it is not here yet.
    """
    if case.search() is None:
        run_step(context, case, "find_priors", {})
    label = case.prior(named).label if named else _usual_prior(tool, case)
    if tool.name != _FETCH and case.retrieval(label) is None:
        run_step(context, case, _FETCH, {"prior": label})
    return label


def _usual_prior(tool: Tool, case: OpenCase) -> str:
    """The prior that a reader would take where none was named: the policy's first choice.

    Where nothing was fetched that the tool could work on, the newest radiograph that was not.

    Raises:
        ToolFailed: there is none to take.
    """
    labels = tool.choices(case).get("prior", ()) or tuple(
        prior.label
        for prior in case.priors()
        if prior.kind == "XR" and case.retrieval(prior.label) is None
    )
    if not labels:
        known = ", ".join(prior.label for prior in case.priors())
        raise ToolFailed(f"which prior? (known: {known or 'none, ask for priors first'})")
    return labels[0]


def _arguments(tool: ChatTool, arguments: Mapping[str, Any]) -> BaseModel:
    try:
        return tool.arguments.model_validate(dict(arguments))
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, each["loc"])) for each in error.errors())
        raise ToolFailed(f"I need: {fields or 'other arguments'}") from None


def _say(session: Session, choice: Choice, steps: list[StepBrief]) -> None:
    """Put the core's words on the stream. What a step has shown already is not said again."""
    if choice.kind == "ask":
        session.emit(Said(text=choice.text, kind="question", choices=choice.choices))
    elif choice.kind == "cannot":
        session.emit(Said(text=choice.text or "I cannot do that.", kind="cannot"))
    elif choice.text and all(choice.text != step.result for step in steps):
        session.emit(Said(text=choice.text))
