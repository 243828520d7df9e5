"""Asking the core for the next step: the same for `read` and for the chat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from readingroom.agent.models.messages import to_messages
from readingroom.domain.errors import ModelUnavailable, ReadingRoomError, ToolFailed
from readingroom.domain.ports import StepBrief, TurnBrief
from readingroom.prompts import load_prompt
from readingroom.records import StepRecord
from readingroom.tools.case import OpenCase

IMAGE_SIDE_PX = 768
"""Longest side of a film as the core sees it while planning."""

_PRIORS = 8
"""Priors of a case that a core is told of in a chat, newest first."""


@dataclass(frozen=True)
class Choice:
    """What the core chose: a tool, or words of some kind."""

    tool: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    kind: str = "call"
    confidence: float | None = None
    choices: tuple[str, ...] = ()


def decide(
    core: BaseChatModel,
    request: str,
    case_line: str,
    steps: Sequence[StepBrief],
    schemas: Sequence[dict[str, Any]],
    pngs: Sequence[bytes],
    before: Sequence[TurnBrief] = (),
) -> Choice:
    """Ask the core once.

    Raises:
        ModelUnavailable: it did not answer, or answered nothing usable.
    """
    messages = to_messages(load_prompt("plan").text, request, case_line, steps, pngs, before)
    try:
        answer = core.bind_tools(list(schemas)).invoke(messages)
    except ReadingRoomError:
        raise
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelUnavailable(
            f"the core failed: {type(error).__name__}", hint="see `readingroom doctor`"
        ) from error
    if not isinstance(answer, AIMessage):
        raise ModelUnavailable("the core answered with no message")
    return _choice(answer)


def _choice(answer: AIMessage) -> Choice:
    metadata = answer.response_metadata
    confidence = metadata.get("confidence")
    if answer.tool_calls:
        call = answer.tool_calls[0]
        return Choice(call["name"], dict(call["args"]), confidence=confidence)
    return Choice(
        text=str(answer.text),
        kind=str(metadata.get("kind", "answer")),
        confidence=confidence,
        choices=tuple(metadata.get("choices", ())),
    )


def case_line(case: OpenCase) -> str:
    """One line about the open case, e.g. "XR chest PA M 63"; no name, no identifier."""
    study = case.study
    instances = case.film_instances() if case.retrieval() else ()
    view = case.header(instances[0]).view_position if instances else ""
    age = ""
    if study.patient.birth_date and study.study_date:
        age = str((study.study_date - study.patient.birth_date).days // 365)
    modality = "XR" if instances else "/".join(study.modalities)
    return " ".join(filter(None, (modality, "chest", view, study.patient.sex, age)))


def chat_line(case: OpenCase, today: date) -> str:
    """The case line with its priors and the day, for words such as "the CT from March"."""
    parts = [case_line(case)]
    for prior in case.priors()[:_PRIORS]:
        study = prior.study
        when = study.study_date.isoformat() if study.study_date else "undated"
        # What a header says has no authority: a few plain words of it, on this line.
        what = " ".join(re.findall(r"[\w/+-]+", study.description)[:5])
        parts.append(f"{prior.label} {prior.kind} {when} {what}".strip())
    return "; ".join([*parts, f"today {today.isoformat()}"])


def film_pngs(case: OpenCase) -> tuple[bytes, ...]:
    """The current film as the core sees it; none when there is none on disk or it is broken."""
    from readingroom.tools.imaging import render_png

    if case.retrieval() is None:
        return ()
    try:
        return (render_png(case.film(), max_side=IMAGE_SIDE_PX),)
    except ToolFailed:
        return ()


def as_briefs(steps: Sequence[StepRecord], known: Sequence[str]) -> tuple[StepBrief, ...]:
    """Steps of tools, as the core is told of them; the frame's own steps are left out."""
    return tuple(StepBrief(s.step, s.arguments, s.result) for s in steps if s.step in known)
