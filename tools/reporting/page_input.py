"""What a case page is made from."""

from __future__ import annotations

from dataclasses import dataclass, field

from readingroom.domain.claim import Draft
from readingroom.domain.critique import CritiqueRound
from readingroom.domain.ids import SOPInstanceUID
from readingroom.tools.reporting.facts import CaseFacts


@dataclass(frozen=True)
class PageFilm:
    """A film to show.

    Attributes:
        label: "current" or a prior's label.
        png: an 8-bit PNG of the whole film, no overlay.
        rows, columns: of the stored image, so that boxes in stored pixels fit.
        unreadable: why the film cannot be shown; then there is no PNG and no size.
    """

    label: str
    caption: str
    png: bytes
    sop_uid: SOPInstanceUID
    rows: int
    columns: int
    window: str = ""
    unreadable: str = ""


@dataclass(frozen=True)
class PageStep:
    """A step of the trace."""

    step: str
    arguments: str
    outcome: str
    result: str
    seconds: float


@dataclass(frozen=True)
class PageInput:
    """All that a page shows. `signed_by` empty means a draft.

    Attributes:
        films: the current film first.
        prompts: (name, sha256) of the prompts that were used.
        core: which reasoning core, as the configuration names it.
        delivered: where the signed report is, in words; empty when it was not sent.
    """

    draft: Draft
    facts: CaseFacts
    films: tuple[PageFilm, ...] = ()
    rounds: tuple[CritiqueRound, ...] = ()
    steps: tuple[PageStep, ...] = ()
    prompts: tuple[tuple[str, str], ...] = ()
    core: str = ""
    signed_by: str = ""
    signed_at: str = ""
    delivered: str = ""
    sop_uid: str = ""
    generated_at: str = ""
    versions: tuple[tuple[str, str], ...] = field(default=())
