"""Words shared by the renderers: cleaned, never Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from readingroom.domain.claim import UNVERIFIED, SectionName
from readingroom.domain.events import DraftShown
from readingroom.domain.text import clean_text

Outcome = Literal["ok", "none", "partial", "failed", "refused"]

# Said in words as well as in colour: a failure must be one on any screen and for any ear.
SPOKEN: dict[str, str] = {"failed": "failed", "refused": "refused", "partial": "partial"}


def spoken_summary(outcome: str, summary: str) -> str:
    """The summary with its outcome in words where that is not plain already."""
    text = clean_text(summary)
    word = SPOKEN.get(outcome, "")
    if not word or word in text.lower():
        return text
    return f"{word}: {text}" if text else word


@dataclass(frozen=True)
class DraftLine:
    """A line of a draft, cut at the places where an evidence tag goes.

    Attributes:
        pieces: (text, tag number after it or 0); the texts joined are the line itself.
    """

    pieces: tuple[tuple[str, int], ...]
    heading: bool = False


@dataclass(frozen=True)
class EvidenceLine:
    """What sentence `number` rests on."""

    number: int
    sentence: str
    line: str
    shown_in_text: bool


_IDENTIFIER = re.compile(r"\bc\d+\b")


def tagged_draft(event: DraftShown) -> tuple[list[DraftLine], list[EvidenceLine]]:
    """Cut a draft's text so that each sentence can carry its number.

    The numbers are those of `/why N`: the claims in order. They are no part of the text that is
    signed, which is why the text is cut, not rewritten.
    """
    text = clean_text(event.text, keep_lines=True)
    cuts: dict[int, int] = {}
    rests: list[EvidenceLine] = []
    # An impression rests on other sentences; a reader knows them by number, not by claim id.
    numbers = {claim: f"[{number}]" for number, (claim, _, _) in enumerate(event.evidence, 1)}
    position = 0
    for number, (_, sentence, line) in enumerate(event.evidence, 1):
        sentence = clean_text(sentence)
        end = _end_of(text, sentence, position)
        if end is not None:
            cuts[end], position = number, end
        words = _IDENTIFIER.sub(lambda found: numbers.get(found[0], found[0]), clean_text(line))
        rests.append(EvidenceLine(number, sentence, words, end is not None))
    return _lines(text, cuts), rests


def _end_of(text: str, sentence: str, start: int) -> int | None:
    found = text.find(sentence, start) if sentence else -1
    if found < 0:
        return None
    end = found + len(sentence)
    marker = f" {UNVERIFIED}"
    return end + len(marker) if text.startswith(marker, end) else end


_HEADINGS = frozenset(name.upper() for name in SectionName)


def _lines(text: str, cuts: dict[int, int]) -> list[DraftLine]:
    lines: list[DraftLine] = []
    offset = 0
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\n")
        pieces: list[tuple[str, int]] = []
        start = 0
        for cut in sorted(place - offset for place in cuts if offset < place <= offset + len(line)):
            pieces.append((line[start:cut], cuts[offset + cut]))
            start = cut
        if start < len(line) or not pieces:
            pieces.append((line[start:], 0))
        lines.append(DraftLine(tuple(pieces), heading=line in _HEADINGS))
        offset += len(raw)
    return lines


def is_showable(text: str) -> bool:
    """Whether a screen can show a text exactly as it is.

    Only such a text may be signed: what is signed is what was seen.
    """
    return clean_text(text, keep_lines=True) == text


def show_command(approval_id: str) -> str:
    """The command that shows a text; what was never shown cannot be signed."""
    return f"readingroom approvals show {approval_id}"


def resolve_command(approval_id: str, sha256: str) -> str:
    """The command that signs without a chat, once the text was shown."""
    return f"readingroom approvals resolve {approval_id} --as NAME --hash {sha256}"
