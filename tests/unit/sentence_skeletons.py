"""Sentences of a report, and what is left of one without what changes from patient to patient."""

from __future__ import annotations

import re
from collections.abc import Iterable

from readingroom.sandbox_pacs.patients.corpus.written import GAP

_ENDS = re.compile(r"(?<=[.!?])\s+")
_VARIES = re.compile(r"\b(left|right|upper|mid|middle|lower|bilateral|both)\b")


def sentences(lines: Iterable[str]) -> list[str]:
    """What is told in these lines, one by one."""
    told = (each for line in lines for each in _ENDS.split(line))
    return [each for each in told if re.search(r"[^\W\d_]", each)]


def skeleton(sentence: str) -> str:
    """A sentence with # for gaps, sides, zones and numbers."""
    bare = _VARIES.sub("#", GAP.sub("#", sentence.lower()))
    bare = re.sub(r"\d+([./,-]\d+)*", "#", bare)
    return " ".join(re.findall(r"#|[^\W\d_]+", bare))
