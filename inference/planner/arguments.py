"""Arguments of a step: copied out of what was written, or one of a fixed list. Never invented."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.ports import PlanRequest
from readingroom.inference.planner.layout import TAGS, TOOLS, Line
from readingroom.inference.planner.priors import by_words
from readingroom.inference.planner.words import (
    ENGLISH_NUMBERS,
    finding_in,
    finding_seen,
    findings_in,
    number_of,
    target_in,
    view_in,
)

_LABEL = re.compile(r"\bP\d{1,2}\b", re.IGNORECASE)
_WORDS_COUNT = 0.8
"""What words of a prior that were said weigh against the tagger (chosen on training/dev)."""

_MEANT = 0.3
"""Share of the tagger's belief from which a label counts as meant."""

_REQUIRED = (
    "open_study",
    "retrieve_prior",
    "compare_prior",
    "ask_region",
    "measure",
    "flag_critical",
)
"""Tools that make no sense in a read without their argument."""


class Heads(Protocol):
    """What of the net's thought the arguments are read from."""

    @property
    def line(self) -> Line:
        """The text."""
        ...

    @property
    def offsets(self) -> Sequence[tuple[int, int]]:
        """Start and end of each token in it."""
        ...

    @property
    def tags(self) -> NDArray[np.float32]:
        """Probabilities (T, len(TAGS))."""
        ...

    @property
    def finding(self) -> str:
        """Value of the list, "" for none."""
        ...

    @property
    def target(self) -> str:
        """Value of the list, "" for none."""
        ...

    @property
    def view(self) -> str:
        """Value of the list, "" for none."""
        ...


def choose_arguments(
    tool: str, heads: Heads, request: PlanRequest, is_chat: bool
) -> dict[str, str] | None:
    """Arguments of a trained tool; None when one is missing without which a read cannot call.

    A value that a step with the same tool already had is not offered again.
    """
    found: dict[str, str] = {}
    for name in TOOLS[tool]:
        value = _allowed(tool, name, request, _value(tool, name, heads, request, is_chat))
        if value:
            found[name] = value
    if not is_chat and tool in _REQUIRED and not found:
        return None
    if not is_chat and _done(tool, found, request):
        return None
    return found


def _allowed(tool: str, name: str, request: PlanRequest, value: str) -> str:
    """The value, held to the values that the tool's schema lists; the first where it is none.

    The case lists them in the order of preference: the newest prior, the surest finding.
    """
    brief = next((each for each in request.tools if each.name == tool), None)
    listed = brief.arguments.get(name, {}).get("enum") if brief else None
    if not listed:
        return value
    wanted = value.replace("_", " ").casefold()
    for item in listed:
        if str(item).replace("_", " ").casefold() == wanted:
            return str(item)
    return str(listed[0])


def _done(tool: str, arguments: Mapping[str, str], request: PlanRequest) -> bool:
    wanted = sorted(arguments.values())
    return any(
        step.tool == tool and sorted(str(v) for v in step.arguments.values()) == wanted
        for step in request.steps
    )


def _value(tool: str, name: str, heads: Heads, request: PlanRequest, is_chat: bool) -> str:
    asked = heads.line.text[slice(*heads.line.request)]
    if name == "finding" and not is_chat:
        looked = next((s.result for s in request.steps if s.tool == "look_at_film"), "")
        return finding_seen(looked, heads.finding, tool == "flag_critical")
    if name == "finding":
        left = findings_left(tool, asked, request)
        guess = finding_in(asked, heads.finding)
        return guess if guess in left or not left else left[0]
    if name == "target":
        return target_in(asked, heads.target) if is_chat else heads.target
    if name == "prior":
        return _chat_label(name, heads, request) if is_chat else _read_prior(tool, heads, request)
    start, end = heads.line.request
    if name == "view":
        return _chat_label(name, heads, request) or view_in(asked, heads.view)
    text = copied_span(name, heads, start, end) or only_candidate(name, heads.line.text[start:end])
    if name == "accession":
        words = text.split()
        while len(words) > 1 and not any(map(str.isdigit, words[-1])):
            words.pop()  # "RX-64.118 s'il"
        text = " ".join(words)
        return text or copied_span(name, heads, *heads.line.earlier)
    return number_of(text)


def findings_left(tool: str, asked: str, request: PlanRequest) -> list[str]:
    """Of several findings that a request names, those that this tool was not yet asked about."""
    named = findings_in(asked)
    done = {str(step.arguments.get("finding")) for step in request.steps if step.tool == tool}
    return [each for each in named if each not in done] if len(named) > 1 and done else []


def _chat_label(name: str, heads: Heads, request: PlanRequest) -> str:
    """The label that is meant: one that was said, or one of the priors of the case.

    Args:
        name: "prior", or "view", which may be the letter of a region too.
        heads: what the net made of the line.
        request: whose steps tell which labels were used already.
    """
    shape = _SHAPES["view"] if name == "view" else _LABEL
    tool = "show_image" if name == "view" else ""
    used = {
        str(value).upper()
        for step in request.steps
        if not tool or step.tool == tool
        for value in step.arguments.values()
    }
    said = _votes(name, heads, shape, heads.line.request)
    votes = {label: score * (0.6 if label in used else 1.0) for label, score in said.items()}
    if len(said) == 1 and _LABEL.fullmatch(next(iter(said))):
        return next(iter(said))  # a label that was said needs no guess
    for label, score in _votes(name, heads, _LABEL, heads.line.priors).items():
        votes[label] = max(votes.get(label, 0.0), score)
    if not votes:
        return ""
    if max(votes.values()) > _MEANT:
        line = heads.line
        asked, told = (line.text[slice(*part)] for part in (line.request, line.priors))
        for label, fit in by_words(asked, told).items():
            votes[label] = votes.get(label, 0.0) + _WORDS_COUNT * fit
    best = max(votes, key=lambda label: votes[label])
    if votes[best] > _MEANT:
        return best
    return next(iter(said)) if len(said) == 1 and name == "prior" else ""


def _read_prior(tool: str, heads: Heads, request: PlanRequest) -> str:
    """The label with the most votes of the tagger among those in the results of a read."""
    tried = {str(v).upper() for s in request.steps if s.tool == tool for v in s.arguments.values()}
    votes = _votes("prior", heads, _LABEL, (heads.line.case_end, len(heads.line.text)))
    left = {label: score for label, score in votes.items() if label not in tried}
    if not left:
        return ""
    best = max(left, key=lambda label: left[label])
    return best if left[best] > 0.1 else ""


def _votes(
    name: str, heads: Heads, shape: re.Pattern[str], span: tuple[int, int]
) -> dict[str, float]:
    """By label that is written in a span: how sure the tagger is that it is meant."""
    index = TAGS.index(f"B-{name}")
    rows = {a: row for (a, b), row in zip(heads.offsets, heads.tags, strict=True) if a < b}
    votes: dict[str, float] = {}
    for match in shape.finditer(heads.line.text, *span):
        row = rows.get(match.start())
        if row is not None:
            votes[match[0].upper()] = max(votes.get(match[0].upper(), 0.0), float(row[index]))
    return votes


_SHAPES = {
    "accession": re.compile(r"(?<!\S)(?=[^\s,;:?!]*\d[^\s]*\d)[A-Za-z0-9][\w./-]{3,}"),
    "sentence": re.compile(rf"\b(?:\d{{1,2}}|{ENGLISH_NUMBERS})\b", re.IGNORECASE),
    "view": re.compile(r"\b(?:P\d{1,2}|p\d{1,2}|[B-H]|A(?=\W*$))\b"),
}
"""What each argument looks like; wide on purpose."""


def only_candidate(name: str, text: str) -> str:
    """The one word of the request that has the argument's shape; "" for none or several."""
    found = {match[0].rstrip(".") for match in _SHAPES[name].finditer(text)}
    return found.pop() if len(found) == 1 else ""


def copied_span(name: str, heads: Heads, start: int, end: int) -> str:
    """The best span of a kind between two places of the text, cut at word borders."""
    begin, inside = TAGS.index(f"B-{name}"), TAGS.index(f"I-{name}")
    best, best_score = (0, 0), 0.35
    tokens: list[tuple[tuple[int, int], Any]] = [
        (offset, row)
        for offset, row in zip(heads.offsets, heads.tags, strict=True)
        if offset[0] < offset[1] and offset[0] >= start and offset[1] <= end
    ]
    for i, ((a, b), row) in enumerate(tokens):
        if row[begin] < 0.35:
            continue
        stop = b
        for (_, b2), row2 in tokens[i + 1 :]:
            if row2[inside] < max(0.3, float(row2[0])):
                break
            stop = b2
        if float(row[begin]) > best_score:
            best, best_score = (a, stop), float(row[begin])
    if best == (0, 0):
        return ""
    text = heads.line.text
    # An identifier is a whole word: a tagger that stops in the middle must not cut it.
    a, b = best
    while a > start and not text[a - 1].isspace():
        a -= 1
    while b < end and not text[b].isspace():
        b += 1
    return text[a:b].strip(" ,.?!;:()\"'-")
