"""Everything that drafting and critique may know of a case, and how two readings compare."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from readingroom.domain.evidence import MeasurementEvidence
from readingroom.domain.film import Film
from readingroom.domain.finding import (
    VOCABULARY,
    Change,
    Detection,
    FilmReading,
    Observation,
    Presence,
    RegionAnswer,
)
from readingroom.domain.ids import CaseID, SOPInstanceUID
from readingroom.domain.outcome import Completeness, Found, Outcome
from readingroom.domain.region import Box, Laterality, Point, Region
from readingroom.domain.study import Order, Prior, StudyRef


@dataclass(frozen=True)
class FilmFacts:
    """Header facts of one film.

    Attributes:
        view: ViewPosition as stored ("PA", "AP", "LL", "").
        laterality: ImageLaterality or Laterality as stored ("R", "L", "B", "U", "").
        spacing_yx_mm: None when the header has none; then no size is written.
        portable: the header says so (station, description or order).
    """

    sop_uid: SOPInstanceUID
    rows: int
    columns: int
    view: str = ""
    laterality: str = ""
    spacing_yx_mm: tuple[float, float] | None = None
    portable: bool = False

    @classmethod
    def of(cls, film: Film, *, laterality: str = "", portable: bool = False) -> FilmFacts:
        """The facts of a decoded film; what only the header knows is handed in."""
        return cls(
            film.sop_uid,
            film.rows,
            film.columns,
            film.view,
            laterality,
            film.spacing_yx_mm,
            portable,
        )

    def region(self, box: Box, outline: tuple[Point, ...] = ()) -> Region:
        """A box on this film, clipped to it; the whole film when nothing is left."""
        x0, x1 = max(0.0, box.x0), min(float(self.columns), box.x1)
        y0, y1 = max(0.0, box.y0), min(float(self.rows), box.y1)
        if x0 >= x1 or y0 >= y1:
            x0, y0, x1, y1 = 0.0, 0.0, float(self.columns), float(self.rows)
        box = Box(x0, y0, x1, y1)
        return Region(self.sop_uid, box, self.rows, self.columns, outline=outline)


@dataclass(frozen=True)
class RetrievedPrior:
    """A prior whose retrieval was tried.

    Attributes:
        film: the film to compare with; None when it has none (CT, report only).
        reason: why it is not complete; empty otherwise.
        unreadable: it has a film, which could not be decoded.
    """

    label: str
    study: StudyRef
    completeness: Completeness
    film: FilmFacts | None = None
    kind: str = "XR"
    received: int = 0
    expected: int | None = None
    reason: str = ""
    unreadable: bool = False

    @property
    def usable(self) -> bool:
        """Whether a film of it is here, so that something can have been compared."""
        return self.film is not None and self.received > 0


@dataclass(frozen=True)
class Comparison:
    """The course of one observation against one prior."""

    observation: Observation
    change: Change
    prior_label: str
    current_region: Region | None = None
    prior_region: Region | None = None
    laterality: Laterality = Laterality.NONE


@dataclass(frozen=True)
class RegionLook:
    """A question that was asked about a region during the read, and its answer."""

    region: Region
    answer: RegionAnswer


@dataclass(frozen=True)
class CaseFacts:
    """What drafting and critique may know. Nothing outside of this gets into a draft.

    Attributes:
        film: the film that was read; None when the study has none that can be decoded.
        reading: None when no model answered; then every item is "not assessed".
        reading_failed: why there is no reading.
        limitations: noted during the read ("underexposed").
        critical: observations that were flagged during the read.
        order_failed: why the order could not be asked for; empty when it could.
    """

    case_id: CaseID
    study: StudyRef
    order: Order
    film: FilmFacts | None
    priors: Outcome[Prior]
    retrieved: tuple[RetrievedPrior, ...] = ()
    reading: FilmReading | None = None
    reading_failed: str = ""
    prior_readings: dict[str, FilmReading] = field(default_factory=dict)
    comparisons: dict[str, tuple[Comparison, ...]] = field(default_factory=dict)
    looks: tuple[RegionLook, ...] = ()
    measurements: tuple[MeasurementEvidence, ...] = ()
    limitations: tuple[str, ...] = ()
    critical: tuple[Observation, ...] = ()
    order_failed: str = ""

    def retrieved_prior(self, label: str) -> RetrievedPrior | None:
        """The prior of that label if a film of it is here and it is this patient's."""
        for prior in self.retrieved:
            if prior.label == label and prior.usable and not self.mix_up(prior.study):
                return prior
        return None

    def mix_up(self, prior: StudyRef) -> str:
        """Why a study cannot be a prior of this one; empty when it can."""
        theirs, ours = prior.patient, self.study.patient
        other_issuer = theirs.issuer and ours.issuer and theirs.issuer != ours.issuer
        if theirs.patient_id != ours.patient_id or other_issuer:
            return "it belongs to another patient"
        if prior.study_date and self.study_date and prior.study_date > self.study_date:
            return "it is dated after this study"
        return ""

    def detection(self, observation: Observation) -> Detection | None:
        """What the core judged of an observation; None when it did not judge it."""
        if self.reading is None or not self.reading.knows_this_kind:
            return None
        return next((d for d in self.reading.detections if d.observation is observation), None)

    def newest_comparison(self, observation: Observation) -> tuple[Comparison, ...]:
        """The comparisons of an observation against the newest prior that has one."""
        order = {prior.label: place for place, prior in enumerate(self.found_priors)}
        for label in sorted(self.comparisons, key=lambda name: order.get(name, len(order))):
            prior = self.retrieved_prior(label)
            rows = tuple(c for c in self.comparisons[label] if c.observation is observation)
            if prior is not None and rows:
                return rows
        return ()

    @property
    def found_priors(self) -> tuple[Prior, ...]:
        """The priors that the query found, newest first."""
        return self.priors.items if isinstance(self.priors, Found) else ()

    @property
    def sop_uids(self) -> frozenset[SOPInstanceUID]:
        """The images that a claim of this case may point at."""
        films = (self.film, *(prior.film for prior in self.retrieved))
        return frozenset(film.sop_uid for film in films if film is not None)

    @property
    def study_date(self) -> date | None:
        """Date of the current study."""
        return self.study.study_date


AREA_MARGIN = 1.44
"""Ratio of box areas from which a finding counts as larger or smaller.

Source: RECIST 1.1 asks for 20% in the longest diameter; 1.2 squared. Boxes are coarser than a
caliper, so anything within the margin is "same".
"""


def compare_readings(
    current: FilmReading,
    prior: FilmReading,
    *,
    film: FilmFacts,
    prior_film: FilmFacts,
    prior_label: str,
) -> tuple[Comparison, ...]:
    """Compare two readings by presence, side and relative box area.

    What either reading left uncertain or did not judge is not compared; nor is anything when a
    film is of limited quality or unlike those the core was trained on. Heart and mediastinum
    are compared only between equal views: an AP film magnifies them.

    Returns:
        One row per observation and side, in the order of the vocabulary.
    """
    if not (current.knows_this_kind and prior.knows_this_kind):
        return ()
    if not (current.quality.adequate and prior.quality.adequate):
        return ()
    before = {d.observation: d for d in prior.detections}
    scale = _scale(current, film) / _scale(prior, prior_film)
    rows: list[Comparison] = []
    for now in current.detections:
        then = before.get(now.observation)
        if then is None or not _comparable(now.observation, film, prior_film):
            continue
        for change, side in _changes(now, then, scale):
            here = None if now.box is None or change is Change.GONE else film.region(now.box)
            there = (
                None if then.box is None or change is Change.NEW else prior_film.region(then.box)
            )
            rows.append(Comparison(now.observation, change, prior_label, here, there, side))
    return tuple(rows)


def _comparable(observation: Observation, film: FilmFacts, prior_film: FilmFacts) -> bool:
    return not VOCABULARY[observation].is_global or film.view == prior_film.view


def _scale(reading: FilmReading, film: FilmFacts) -> float:
    """Area of the thorax, so that detector and crop do not look like growth."""
    return reading.thorax.area if reading.thorax else float(film.rows * film.columns)


def _changes(now: Detection, then: Detection, scale: float) -> list[tuple[Change, Laterality]]:
    presences = (now.presence, then.presence)
    if presences == (Presence.PRESENT, Presence.ABSENT):
        return [(Change.NEW, now.laterality)]
    if presences == (Presence.ABSENT, Presence.PRESENT):
        return [(Change.GONE, then.laterality)]
    if presences != (Presence.PRESENT, Presence.PRESENT):
        return []
    if {now.laterality, then.laterality} == {Laterality.LEFT, Laterality.RIGHT}:
        return [(Change.NEW, now.laterality), (Change.GONE, then.laterality)]
    if now.box is None or then.box is None:
        return []
    if now.laterality is not then.laterality:
        # One side against both: the boxes do not cover the same thing, so no size is compared.
        return []
    ratio = now.box.area / then.box.area / scale
    if ratio > AREA_MARGIN:
        return [(Change.LARGER, now.laterality)]
    if ratio < 1 / AREA_MARGIN:
        return [(Change.SMALLER, now.laterality)]
    return [(Change.SAME, now.laterality)]
