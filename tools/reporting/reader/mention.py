"""What one sentence of a report states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from readingroom.domain.finding import Change, Observation
from readingroom.domain.region import Laterality, Zone


class Status(StrEnum):
    """How an observation is spoken of."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCERTAIN = "uncertain"
    HISTORICAL = "historical"
    CONDITIONAL = "conditional"
    """Asked about, or depending on an if: nothing is stated."""
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Mention:
    """One observation that a sentence speaks of.

    Attributes:
        zone: as said; none for devices, heart, mediastinum and bones.
        size_mm: the longest of the sizes that are said of it now, in mm.
        start: of its words in the sentence, in characters.
        end: of its words, exclusive.
    """

    observation: Observation
    status: Status
    laterality: Laterality = Laterality.NONE
    zone: Zone = Zone.NONE
    size_mm: float | None = None
    change: Change = Change.NOT_COMPARED
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class SentenceReading:
    """A sentence, read.

    Attributes:
        compares: it uses words that only an earlier study can support.
        dates: as far as they are told: "2026-05-03", "2026-05" or "2026", in their order.
    """

    text: str
    mentions: tuple[Mention, ...]
    compares: bool
    dates: tuple[str, ...]
