"""Whole reports, each written by hand, with gaps for what the drawn truth says.

A file `NNN-slug.md` is one report. To add one, copy a file and change all of it: a sentence that
two reports share teaches a reader of this corpus a template.
"""

from __future__ import annotations

from readingroom.sandbox_pacs.patients.corpus.choosing import matching, reports
from readingroom.sandbox_pacs.patients.corpus.filling import (
    Facts,
    LesionFacts,
    fill,
    fill_line,
)
from readingroom.sandbox_pacs.patients.corpus.written import CorpusError, WrittenReport, parse

__all__ = [
    "CorpusError",
    "Facts",
    "LesionFacts",
    "WrittenReport",
    "fill",
    "fill_line",
    "matching",
    "parse",
    "reports",
]
