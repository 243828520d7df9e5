"""Sentences of a report that somebody else wrote."""

from __future__ import annotations

import re

from readingroom.domain.text import clean_text

_MAX_CHARACTERS = 100_000
# Not after an initial, a number of a list or an abbreviation that reports use.
_END = re.compile(
    r"(?<!\b[A-Z])(?<!\b\d)(?<!\bDr)(?<!\bNo)(?<!\bca)(?<!\bvs)[.!?。！？](?=\s|$)|[\n;]"
)


def sentences(text: str) -> tuple[str, ...]:
    """Split a report into sentences, made safe to show; at most 100,000 characters are read."""
    cleaned = clean_text(text[:_MAX_CHARACTERS], keep_lines=True)
    parts: list[str] = []
    start = 0
    for end in _END.finditer(cleaned):
        parts.append(cleaned[start : end.end()])
        start = end.end()
    parts.append(cleaned[start:])
    return tuple(part for part in (clean_text(part).strip(" ;") for part in parts) if part)
