"""Plan: the core chooses the next step, the policy says whether it may."""

from __future__ import annotations

import time
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.planning import Choice, as_briefs, case_line, decide, film_pngs
from readingroom.agent.graph.state import ReadState
from readingroom.domain.errors import ModelUnavailable
from readingroom.domain.events import Planned
from readingroom.records import StepRecord
from readingroom.tools.case import OpenCase
from readingroom.tools.registry import as_words, openai_schema
from readingroom.tools.sdk import Stage

Next = Literal["plan", "priors", "look", "draft"]
NODES: dict[Stage, Next] = {
    Stage.PRIORS: "priors",
    Stage.LOOK: "look",
    Stage.DRAFT: "draft",
}
"""Which node runs a tool of which stage. A chat tool has none: it is never offered in a read."""


def plan(state: ReadState, runtime: Runtime[ReadContext]) -> Command[Next]:
    """Ask the core, check the answer against the policy, and go where it leads.

    Raises:
        ModelUnavailable: the core makes no progress: it repeats itself, asks for what is not
            allowed, or never comes to a draft.
    """
    context = runtime.context
    context.check()
    case = context.case(state["case_id"])
    turns = state["turns"] + 1
    if turns > context.limits.turns:
        raise _out_of_turns(context.limits.turns, case.study.accession)
    choice = _ask(state, context, case)
    refusal = (
        context.registry.refusal(choice.tool, choice.arguments, case)
        if choice.kind == "call"
        else "the core chose no tool"
    )
    if refusal:
        return _refuse(state, context, case, choice, refusal)
    context.emit(
        Planned(
            case_id=case.case_id,
            tool=choice.tool,
            arguments=as_words(choice.arguments),
            confidence=choice.confidence,
        )
    )
    update: ReadState = {
        "tool": choice.tool,
        "arguments": as_words(choice.arguments),
        "confidence": choice.confidence,
        "turns": turns,
        "refusals": 0,
    }
    return Command(update=update, goto=NODES[context.registry.tools[choice.tool].stage])


def _ask(state: ReadState, context: ReadContext, case: OpenCase) -> Choice:
    steps = context.records.cases.steps(case.case_id)
    return decide(
        context.core,
        state["request"],
        case_line(case),
        as_briefs(steps, tuple(context.registry.tools)),
        openai_schema(context.registry.offered_in_read(case)),
        film_pngs(case),
    )


def _refuse(
    state: ReadState, context: ReadContext, case: OpenCase, choice: Choice, why: str
) -> Command[Next]:
    """Tell the core by a refused step; too many in a row end the read."""
    refusals = state["refusals"] + 1
    context.records.cases.add_step(
        case.case_id,
        StepRecord(
            step=choice.tool or "no_tool",
            arguments=as_words(choice.arguments),
            outcome="refused",
            result=f"refused: {why}",
            started=time.time(),
            seconds=0.0,
            chosen_by=context.core_name,
        ),
    )
    if refusals >= context.limits.refusals:
        raise _no_progress(why)
    return Command(update={"refusals": refusals, "turns": state["turns"] + 1}, goto="plan")


def _out_of_turns(turns: int, accession: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"no draft after {turns} steps, the limit of a read",
        hint=f"what was done is kept: raise limits.max_steps (100 at most), and `readingroom read "
        f"{accession} --resume` goes on; `readingroom read {accession}` starts over",
    )


def _no_progress(why: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"the core makes no progress: {why}",
        hint="nothing was drafted; try another core with --core, or read the study yourself",
    )
