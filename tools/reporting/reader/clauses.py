"""Where in a sentence one statement ends and the next begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from readingroom.tools.reporting.reader.lexicon import Lexicon, Mark

_HARD = re.compile(r"[;!\n]|\.(?=\s|$)|(?<=\?)\s+(?=[A-ZÄÖÜ])|\s[–—-]\s|[()]")
_SOFT = re.compile(r",(?!\d)|[/&+:]")


@dataclass(frozen=True)
class Segment:
    """A piece between commas and joining words.

    Attributes:
        clause: which clause of the sentence it belongs to; no scope reaches over clauses.
        joined: what joins it to the piece before: "", ",", "and", "or", "with".
        excepted: it tells what a negation before does not cover.
    """

    start: int
    end: int
    clause: int
    joined: str
    excepted: bool = False

    def holds(self, mark: Mark) -> bool:
        """Whether a mark begins here."""
        return self.start <= mark.start < self.end


def segments(text: str, words: Lexicon, keep: Sequence[tuple[int, int]]) -> list[Segment]:
    """Cut a sentence into segments.

    Args:
        text: the sentence.
        words: of its language; its layer "break" names the words that join and part.
        keep: stretches that no cut may fall into (terms, cues, dates).
    """
    cuts: list[tuple[int, int, str]] = []
    for pattern, kind in ((_HARD, "hard"), (_SOFT, ",")):
        cuts += [(*match.span(), kind) for match in pattern.finditer(text)]
    cuts += [
        (mark.start, mark.end, mark.value)
        for mark in words.marks(text, "break")
        if mark.value in ("hard", "except", "and", "or", "with")
    ]
    found: list[Segment] = []
    at, clause, joined, excepted = 0, 0, "", False
    for start, end, kind in [*sorted(cuts), (len(text), len(text), "hard")]:
        if start < at or any(a < end and start < b for a, b in keep):
            continue
        if text[at:start].strip():
            found.append(Segment(at, start, clause, joined, excepted))
            joined, excepted = "", False
        if kind in ("hard", "except"):
            clause, joined = clause + 1, ""
            excepted = kind == "except"
        else:
            joined = _stronger(joined, kind)
        at = end
    return found


def _stronger(before: str, now: str) -> str:
    """Of two joints with nothing between (", and"), the word."""
    return before if now == "," and before else now
