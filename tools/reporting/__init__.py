"""From what is known of a case to a draft, its DICOM SR and its page. Light: no pydicom here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from readingroom.tools.reporting.page import render_page
    from readingroom.tools.reporting.page_input import PageInput
    from readingroom.tools.reporting.sr import build_sr, sr_uid
    from readingroom.tools.reporting.sr_text import report_text_of_sr

# Resolved on first use: pydicom and highdicom cost a second, jinja2 a tenth.
_HOME = {
    "PageInput": "page_input",
    "build_sr": "sr",
    "render_page": "page",
    "report_text_of_sr": "sr_text",
    "sr_uid": "sr",
}

__all__ = [
    "CaseFacts",
    "Comparison",
    "FilmFacts",
    "PageInput",
    "RegionLook",
    "RetrievedPrior",
    "build_sr",
    "compare_readings",
    "compose",
    "render_page",
    "report_text_of_sr",
    "sentences",
    "sr_uid",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
