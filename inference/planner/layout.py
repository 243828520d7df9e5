"""What the planner's outputs mean, and how a request becomes one line of text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readingroom.domain.finding import Observation
from readingroom.domain.ports import PlanRequest

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

ANSWER, CANNOT = "_answer", "_cannot"
INTENTS = (*TOOLS, ANSWER, CANNOT)

SPANS = ("accession", "prior", "sentence", "view")
TAGS = ("O", *(f"{edge}-{name}" for name in SPANS for edge in "BI"))
FINDINGS = ("", *(item.value for item in Observation))
TARGETS = ("", "cardiothoracic_ratio", "nodule_diameter", "effusion_depth")
VIEWS = ("", "current", "prior")

MAX_TOKENS = 256
FILM_TOKENS = 2

_CHAT_ONLY = {"worklist", "open_study", "read_study", "show_image", "show_evidence"}
_RESULT_WORDS = 30


@dataclass(frozen=True)
class Line:
    """A request as one line.

    Attributes:
        text: mode | request | case | steps.
        request: start and end of the request's own words in it.
        case_end: where the steps begin.
    """

    text: str
    request: tuple[int, int]
    case_end: int


def flatten(request: PlanRequest) -> Line:
    """Mode, request, case and steps as one line, the newest step last."""
    offered = {tool.name for tool in request.tools}
    mode = "chat" if offered & _CHAT_ONLY else "read"
    text = f"{mode} | "
    start = len(text)
    text += " ".join(request.request.split()[:80])
    end = len(text)
    text += f" | {' '.join(request.case_line.split()[:16])}"
    case_end = len(text)
    for step in request.steps:
        text += " | " + step_text(step.tool, step.arguments, step.result)
    return Line(text, (start, end), case_end)


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
