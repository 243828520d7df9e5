"""What a sandbox patient may have, where, how large, and how it goes over the dates. No numpy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from readingroom.domain.region import Laterality, Zone


class Disease(StrEnum):
    """What can be drawn into a chest. Values are stable: truth files hold them.

    A value that `readingroom.domain.finding.Observation` knows too is spelled as there.
    """

    NODULE = "nodule"
    MASS = "mass"
    PLEURAL_EFFUSION = "pleural_effusion"
    PNEUMOTHORAX = "pneumothorax"
    CONSOLIDATION = "consolidation"
    ATELECTASIS = "atelectasis"
    CARDIOMEGALY = "cardiomegaly"
    WIDE_MEDIASTINUM = "wide_mediastinum"
    INTERSTITIAL_OEDEMA = "interstitial_oedema"
    EMPHYSEMA = "emphysema"
    RIB_FRACTURE = "rib_fracture"
    HILAR_ENLARGEMENT = "hilar_enlargement"
    TRACHEAL_TUBE = "tracheal_tube"
    CENTRAL_LINE = "central_line"
    CHEST_TUBE = "chest_tube"
    PACEMAKER = "pacemaker"


DEVICES = frozenset(
    {Disease.TRACHEAL_TUBE, Disease.CENTRAL_LINE, Disease.CHEST_TUBE, Disease.PACEMAKER}
)

WITHOUT_SIDE = frozenset(
    {
        Disease.CARDIOMEGALY,
        Disease.WIDE_MEDIASTINUM,
        Disease.INTERSTITIAL_OEDEMA,
        Disease.EMPHYSEMA,
        Disease.TRACHEAL_TUBE,
    }
)
"""Drawn in the middle or on both sides; the laterality of such a lesion is MIDLINE or BILATERAL."""

SIZE_RANGE_MM: dict[Disease, tuple[float, float]] = {
    Disease.NODULE: (6.0, 30.0),
    Disease.MASS: (30.0, 75.0),
    Disease.CONSOLIDATION: (30.0, 95.0),
    Disease.PLEURAL_EFFUSION: (12.0, 130.0),
    Disease.PNEUMOTHORAX: (6.0, 55.0),
    Disease.HILAR_ENLARGEMENT: (18.0, 45.0),
}
"""Size at severity 0 and 1: diameter (nodule, mass, consolidation, hilum), depth of the fluid
above the deepest point of the dome, width of the air gap at the apex.

Source: nodule up to 30 mm, mass above: Fleischner Society glossary (Hansell 2008)."""


@dataclass(frozen=True)
class Lesion:
    """One thing in one chest at one date.

    Attributes:
        key: the same thing at another date has the same key: change is told by it.
        laterality: the patient's side.
        zone: third of the lung; NONE leaves it to `place`.
        severity: 0 just visible, 1 gross.
        place: seed of position and form; the same at every date.
        well_placed: for tubes and lines, whether the tip is where it should be.
    """

    key: str
    disease: Disease
    laterality: Laterality
    zone: Zone = Zone.NONE
    severity: float = 0.5
    place: int = 0
    well_placed: bool = True

    @property
    def size_mm(self) -> float | None:
        """Size where the disease has one, else None; see SIZE_RANGE_MM."""
        span = SIZE_RANGE_MM.get(self.disease)
        return None if span is None else span[0] + (span[1] - span[0]) * self.severity


@dataclass(frozen=True)
class Course:
    """A lesion over time.

    Attributes:
        lesion: as it is on `peak`, at its largest.
        onset: first day on which it shows, with the least severity.
        peak: day from which it grows no more.
        resolved: first day on which it is gone; None while it stays.
    """

    lesion: Lesion
    onset: date
    peak: date
    resolved: date | None = None

    def on(self, day: date) -> Lesion | None:
        """The lesion as it is on a day; None before its onset and once resolved.

        Severity grows linearly from a tenth of its peak at onset, and falls the same way.
        """
        if day < self.onset or (self.resolved is not None and day >= self.resolved):
            return None
        share = 1.0
        if day < self.peak:
            share = _between(self.onset, day, self.peak)
        elif self.resolved is not None:
            share = _between(self.resolved, day, self.peak)
        return replace(self.lesion, severity=self.lesion.severity * (0.1 + 0.9 * share))


def _between(none: date, day: date, full: date) -> float:
    span = (full - none).days
    return 1.0 if span == 0 else (day - none).days / span
