"""Cases for the tests of reporting and critique: a film, what was read of it, its priors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from readingroom.domain.evidence import MeasurementEvidence
from readingroom.domain.finding import (
    Detection,
    FilmQuality,
    FilmReading,
    ModelId,
    Observation,
    Presence,
    ZoneBox,
)
from readingroom.domain.ids import AccessionNumber, CaseID, PatientID, SOPInstanceUID, StudyUID
from readingroom.domain.outcome import Completeness, Found, Nothing
from readingroom.domain.region import Box, Laterality, Zone
from readingroom.domain.study import Order, PatientRef, Prior, StudyRef
from readingroom.tools.reporting.facts import (
    CaseFacts,
    FilmFacts,
    RetrievedPrior,
    compare_readings,
)

MODEL = ModelId("embedded-tower", "0123456789ab", "simulated chest films, 192 x 192, frontal")
FILM = FilmFacts(SOPInstanceUID("1.2.3.4.1"), 1000, 1000, "PA", "", (0.2, 0.2))
PRIOR_FILM = FilmFacts(SOPInstanceUID("1.2.3.3.1"), 1000, 1000, "PA", "", (0.2, 0.2))
UNKNOWN_TO_CORE = (Observation.BONE_LESION, Observation.FREE_AIR)

# As displayed: the patient's right is on the left of the image.
_ROWS = {
    Zone.APEX: (100, 200),
    Zone.UPPER: (200, 380),
    Zone.MID: (380, 560),
    Zone.LOWER: (560, 740),
    Zone.BASE: (740, 860),
}
ZONES = (
    *(
        ZoneBox(zone, side, Box(x0, y0, x1, y1))
        for zone, (y0, y1) in _ROWS.items()
        for side, x0, x1 in ((Laterality.RIGHT, 150, 450), (Laterality.LEFT, 550, 850))
    ),
    ZoneBox(Zone.MEDIASTINUM, Laterality.MIDLINE, Box(430, 150, 570, 600)),
    ZoneBox(Zone.HEART, Laterality.MIDLINE, Box(380, 500, 700, 820)),
)

NODULE = Detection(
    Observation.NODULE,
    0.91,
    Presence.PRESENT,
    Laterality.RIGHT,
    Zone.UPPER,
    Box(250, 260, 320, 330),
)
EFFUSION = Detection(
    Observation.PLEURAL_EFFUSION,
    0.93,
    Presence.PRESENT,
    Laterality.LEFT,
    Zone.BASE,
    Box(600, 700, 850, 860),
)
PNEUMOTHORAX = Detection(
    Observation.PNEUMOTHORAX,
    0.88,
    Presence.PRESENT,
    Laterality.LEFT,
    Zone.APEX,
    Box(560, 110, 800, 250),
)


def reading(*detections: Detection, **changes: Any) -> FilmReading:
    """A reading with these detections and everything else that the core can judge absent."""
    seen = {each.observation: each for each in detections}
    every = tuple(
        seen.get(each) or Detection(each, 0.04, Presence.ABSENT)
        for each in Observation
        if each in seen or each not in UNKNOWN_TO_CORE
    )
    base = FilmReading(
        knows_this_kind=True,
        why_not="",
        quality=FilmQuality(True, 0.03),
        detections=every,
        zones=ZONES,
        heart=Box(380, 500, 700, 820),
        thorax=Box(150, 100, 850, 860),
        cardiothoracic_ratio=0.46,
        model=MODEL,
    )
    return replace(base, **changes)


def study(number: int, when: date, description: str = "XR chest") -> StudyRef:
    """A study of the one patient."""
    return StudyRef(
        StudyUID(f"1.2.3.{number}"),
        PatientRef(PatientID("PID-1"), name="Doe^Jane", birth_date=date(1962, 1, 1), sex="F"),
        AccessionNumber(f"CR-{number}"),
        when,
        description=description,
        modalities=("DX",),
    )


PRIOR = Prior("P1", study(3, date(2024, 3, 2)), "same patient, chest, newest", "XR")
RETRIEVED = RetrievedPrior("P1", PRIOR.study, Completeness.COMPLETE, PRIOR_FILM, "XR", 1, 1)


def facts(*detections: Detection, **changes: Any) -> CaseFacts:
    """A case without priors."""
    base = CaseFacts(
        case_id=CaseID("case-1"),
        study=study(4, date(2025, 6, 1)),
        order=Order(AccessionNumber("CR-4"), "XR chest PA", "Cough, weight loss"),
        film=FILM,
        priors=Nothing(),
        reading=reading(*detections),
    )
    return replace(base, **changes)


def facts_with_prior(now: tuple[Detection, ...], then: tuple[Detection, ...]) -> CaseFacts:
    """A case with one retrieved and compared prior."""
    current, earlier = reading(*now), reading(*then)
    rows = compare_readings(current, earlier, film=FILM, prior_film=PRIOR_FILM, prior_label="P1")
    return facts(
        *now,
        priors=Found((PRIOR,)),
        retrieved=(RETRIEVED,),
        prior_readings={"P1": earlier},
        comparisons={"P1": rows},
    )


def diameter(value: float) -> MeasurementEvidence:
    """A measured nodule."""
    return MeasurementEvidence("nodule_diameter", value, "mm", FILM.region(Box(250, 260, 320, 330)))
