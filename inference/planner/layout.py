"""What the planner's outputs mean, and how a request becomes one line of text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from readingroom.domain.finding import Observation
from readingroom.domain.ports import PlanRequest, TurnBrief

TOOLS: dict[str, tuple[str, ...]] = {
    "worklist": (),
    "open_study": ("accession",),
    "find_priors": (),
    "retrieve_prior": ("prior",),
    "look_at_film": (),
    "ask_region": ("finding",),
    "measure": ("target",),
    "compare_prior": ("prior",),
    "note_limitation": (),
    "flag_critical": ("finding",),
    "draft_report": (),
    "show_image": ("view",),
    "show_evidence": ("sentence",),
    "read_study": ("accession",),
}
"""The trained tools and their arguments."""

ANSWER, CANNOT, ASK = "_answer", "_cannot", "_ask"
INTENTS = (*TOOLS, ANSWER, CANNOT, ASK)

SPANS = ("accession", "prior", "sentence", "view")
TAGS = ("O", *(f"{edge}-{name}" for name in SPANS for edge in "BI"))
FINDINGS = ("", *(item.value for item in Observation))
TARGETS = ("", "cardiothoracic_ratio", "nodule_diameter", "effusion_depth")
VIEWS = ("", "current", "prior")

MAX_TOKENS = 256
FILM_TOKENS = 2

_CHAT_ONLY = {"worklist", "open_study", "read_study", "show_image", "show_evidence"}
_RESULT_WORDS = 30
_TURNS, _TURN_WORDS = 2, 24
_PRIOR = re.compile(r"(?P<label>P\d{1,2}) (?P<kind>\S+) (?P<date>\S+)(?: (?P<what>.*))?")
_MONTHS = (
    "january february march april may june july august september october november december"
).split()


@dataclass(frozen=True)
class Line:
    """A request as one line.

    Attributes:
        text: mode | request | case | steps in a read; mode | request | earlier turns | case |
            priors | steps in a chat.
        request: start and end of the request's own words in it.
        earlier: of the turns before; empty in a read.
        priors: of the priors of the open case; empty in a read.
        case_end: where the steps begin.
    """

    text: str
    request: tuple[int, int]
    earlier: tuple[int, int]
    priors: tuple[int, int]
    case_end: int


def flatten(request: PlanRequest) -> Line:
    """Mode, request, case and steps as one line, the newest step last."""
    offered = {tool.name for tool in request.tools}
    text = "chat | " if offered & _CHAT_ONLY else "read | "
    places = []
    case, *priors = request.case_line.split("; ")
    parts = [" ".join(request.request.split()[:80])]
    parts.append(" ; ".join(map(_turn_text, request.before[-_TURNS:])))
    parts.append(" ".join(case.split()[:16]))
    parts.append(" ; ".join(priors_in_words(priors)))
    for number, part in enumerate(parts):
        if part or number in (0, 2):
            text += part
            places.append((len(text) - len(part), len(text)))
            text += " | "
        else:
            places.append((len(text), len(text)))
    text = text.removesuffix(" | ")
    case_end = len(text)
    for step in request.steps:
        text += " | " + step_text(step.tool, step.arguments, step.result)
    return Line(text, places[0], places[1], places[3], case_end)


def _turn_text(turn: TurnBrief) -> str:
    """An earlier turn: what was said, what was done, what was asked back."""
    said = " ".join(turn.request.split()[:_TURN_WORDS])
    done = ", ".join(
        " ".join([step.tool.replace("_", " "), *map(str, step.arguments.values())])
        for step in turn.steps
    )
    return f"before: {said} -> {done or turn.reply or 'answer'}"


def priors_in_words(parts: Sequence[str]) -> list[str]:
    """Priors as the frame lists them ("P1 XR 2026-05-03 chest PA"), with what people say of them.

    Which is newest and oldest, of all and of its kind, the month by name, and how long ago: a
    label is then chosen by words, not by arithmetic on dates.
    """
    found = [match for part in parts if (match := _PRIOR.fullmatch(part))]
    told = next((part[6:] for part in parts if part.startswith("today ")), "")
    today = date.fromisoformat(told) if told else None
    words = []
    for match in found:
        label, kind, when, what = match["label"], match["kind"], match["date"], match["what"]
        of_kind = [each["label"] for each in found if each["kind"] == kind]
        rank = _rank(label, [each["label"] for each in found], "")
        rank += _rank(label, of_kind, f" {kind}") if len(of_kind) < len(found) else []
        day = _day_in_words(when, today)
        words.append(" ".join(filter(None, [label, kind, what, *rank, day])))
    return words


def _rank(label: str, labels: Sequence[str], kind: str) -> list[str]:
    if len(labels) == 1:
        return [f"only{kind}"] if kind else []
    place = labels.index(label)
    if place == 0:
        return [f"newest{kind}"]
    return [f"oldest{kind}"] if place == len(labels) - 1 else []


def _day_in_words(when: str, today: date | None) -> str:
    try:
        day = date.fromisoformat(when)
    except ValueError:
        return "undated"
    text = f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return text if today is None else f"{text} {_ago((today - day).days)}"


def _ago(days: int) -> str:
    if days <= 1:
        return "yesterday" if days == 1 else "today"
    if days < 14:
        return f"{days} days ago"
    if days < 60:
        return f"{days // 7} weeks ago"
    return f"{round(days / 30.4)} months ago" if days < 540 else f"{round(days / 365)} years ago"


def step_text(tool: str, arguments: Mapping[str, Any], result: str) -> str:
    """A step as the planner reads it: the tool in words, its arguments, its result."""
    words = " ".join([tool.replace("_", " "), *(str(value) for value in arguments.values())])
    short = _NO_DECISION.sub("", result)
    if tool not in _IN_FULL:
        short = short.partition(":")[0]
    return f"{words} -> {' '.join(short.split()[:_RESULT_WORDS])}"


# Dates, scores and counts cost many tokens, and no decision hangs on them.
_NO_DECISION = re.compile(r"\b\d{4}-\d\d-\d\d\b|\b[01]\.\d+\b")
_IN_FULL = ("find_priors", "look_at_film")
