"""From what is known of a case to a draft, its DICOM SR and its page. Light: no pydicom here."""

from __future__ import annotations

from readingroom.tools.reporting.compose import compose
from readingroom.tools.reporting.facts import (
    CaseFacts,
    Comparison,
    FilmFacts,
    RegionLook,
    RetrievedPrior,
    compare_readings,
)
from readingroom.tools.reporting.sentences import sentences

__all__ = [
    "CaseFacts",
    "Comparison",
    "FilmFacts",
    "RegionLook",
    "RetrievedPrior",
    "compare_readings",
    "compose",
    "sentences",
]
