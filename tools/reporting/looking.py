"""Where a film was looked at for an observation, and what that look showed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from readingroom.domain.evidence import Evidence, MeasurementEvidence, RegionEvidence
from readingroom.domain.finding import VOCABULARY, Detection, FilmReading, Observation, Presence
from readingroom.domain.region import Box, Laterality, Zone
from readingroom.tools.reporting.facts import CaseFacts, FilmFacts
from readingroom.tools.reporting.prose import CTR

LOCAL_FRACTION = 0.25
"""A region may cover at most this share of the film unless the observation is global."""

SIDES = (Laterality.RIGHT, Laterality.LEFT)


@dataclass(frozen=True)
class RequiredLook:
    """A place that an absence claim must have looked at, and its box where it is known."""

    zone: Zone
    side: Laterality
    box: Box | None


def required_looks(
    observation: Observation, reading: FilmReading, film: FilmFacts
) -> tuple[RequiredLook, ...]:
    """The places an absence must have looked at: each zone, on both sides where sides matter."""
    entry = VOCABULARY[observation]
    both = entry.is_lateralised or entry.zones == (Zone.BASE,)
    looks: list[RequiredLook] = []
    for zone in entry.zones:
        sides = SIDES if both else (Laterality.NONE,)
        looks += [RequiredLook(zone, s, _zone_box(zone, s, reading, film)) for s in sides]
    return tuple(looks)


def _zone_box(zone: Zone, side: Laterality, reading: FilmReading, film: FilmFacts) -> Box | None:
    if zone is Zone.WHOLE:
        return Box(0, 0, film.columns, film.rows)
    for each in reading.zones:
        if each.zone is zone and side in (each.laterality, Laterality.NONE):
            return each.box
    return reading.heart if zone is Zone.HEART else None


def looked_evidence(detection: Detection, facts: CaseFacts) -> tuple[Evidence, ...]:
    """The places that were looked at, for a claim of absence; its own side where it has one."""
    reading, film = facts.reading, facts.film
    if reading is None or film is None:
        return ()
    score = 1.0 - detection.probability
    return tuple(
        RegionEvidence(film.region(look.box), score, reading.model, "looked")
        for look in required_looks(detection.observation, reading, film)
        if look.box is not None and _on_side(look, detection)
    )


def seen_evidence(detection: Detection, facts: CaseFacts) -> tuple[Evidence, ...]:
    """Where a finding was seen: its own box, else the zones on its side."""
    reading, film = facts.reading, facts.film
    if reading is None or film is None:
        return ()
    if detection.box is not None:
        places = [film.region(detection.box, detection.outline)]
    else:
        places = [
            film.region(look.box)
            for look in required_looks(detection.observation, reading, film)
            if look.box is not None and _on_side(look, detection)
        ]
    return tuple(RegionEvidence(place, detection.probability, reading.model) for place in places)


def second_opinion(detection: Detection, facts: CaseFacts) -> tuple[Evidence, ...]:
    """The answers that made a finding uncertain of which the first look was sure."""
    first = facts.detection(detection.observation)
    was_sure = first is not None and first.presence is not Presence.UNCERTAIN
    if first is None or not was_sure or detection.presence is not Presence.UNCERTAIN:
        return ()
    return tuple(
        RegionEvidence(look.region, look.answer.probability, look.answer.model, "looked")
        for look in facts.looks
        if look.answer.observation is detection.observation
        and look.answer.presence not in (first.presence, Presence.NOT_ASSESSED)
    )


def _on_side(look: RequiredLook, detection: Detection) -> bool:
    sides = (look.side, Laterality.NONE, Laterality.BILATERAL)
    return detection.laterality in sides or look.side is Laterality.NONE


def measured(facts: CaseFacts, name: str, unit: str) -> MeasurementEvidence | None:
    """A measurement by name. Millimetres only where the header has a pixel spacing."""
    if unit == "mm" and (facts.film is None or facts.film.spacing_yx_mm is None):
        return None
    for each in facts.measurements:
        if each.name == name and each.unit == unit and each.value > 0:
            return each
    return None


def cardiothoracic_ratio(facts: CaseFacts) -> MeasurementEvidence | None:
    """The ratio that was measured, else the reading's own with the thorax as its region."""
    taken = measured(facts, CTR, "1")
    reading = facts.reading
    if taken is not None or reading is None or facts.film is None or reading.thorax is None:
        return taken
    if reading.cardiothoracic_ratio is None or not reading.knows_this_kind:
        return None
    region = facts.film.region(reading.thorax)
    return MeasurementEvidence(CTR, reading.cardiothoracic_ratio, "1", region)


def judged(observation: Observation, facts: CaseFacts) -> Detection | None:
    """The detection, weakened where a question about its region was answered otherwise.

    A look at the crop never makes a finding certain and never makes it go away: it can only
    turn "present" and "absent" into "uncertain".
    """
    detection = facts.detection(observation)
    if detection is None:
        return None
    answers = [
        look.answer.presence for look in facts.looks if look.answer.observation is observation
    ]
    against = {
        Presence.PRESENT: (Presence.ABSENT,),
        Presence.ABSENT: (Presence.PRESENT, Presence.UNCERTAIN),
    }.get(detection.presence, ())
    if any(answer in against for answer in answers):
        return replace(detection, presence=Presence.UNCERTAIN)
    return detection
