"""Letters for what is marked on a film: the same in the terminal, on the page and in words."""

from __future__ import annotations

from readingroom.domain.claim import Claim, Draft, SectionName
from readingroom.domain.evidence import RegionEvidence
from readingroom.domain.finding import Detection, FilmReading, Presence
from readingroom.domain.region import Region

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def lettered_detections(reading: FilmReading | None) -> tuple[tuple[str, Detection], ...]:
    """A letter per detection that has a place and is not absent, surest first."""
    placed = [
        each
        for each in (reading.detections if reading else ())
        if each.box is not None and each.presence in (Presence.PRESENT, Presence.UNCERTAIN)
    ]
    placed.sort(key=lambda each: -each.probability)
    return tuple(zip(_ALPHABET, placed, strict=False))


def claim_letters(draft: Draft, reading: FilmReading | None) -> dict[str, str]:
    """The letter of each finding that points at a place, by claim id.

    A claim about a lettered detection has its letter; what only the critique placed gets the
    next free one.
    """
    known = {each.observation: letter for letter, each in lettered_detections(reading)}
    free = iter(_ALPHABET[len(known) :])
    letters: dict[str, str] = {}
    for claim in draft.section(SectionName.FINDINGS):
        if claim.observation is None or not seen_regions(claim):
            continue
        letter = known.pop(claim.observation, "") or next(free, "")
        if letter:
            letters[claim.claim_id] = letter
    return letters


def seen_regions(claim: Claim) -> tuple[Region, ...]:
    """Where a finding was seen; empty for an absence."""
    return tuple(
        each.region
        for each in claim.evidence
        if isinstance(each, RegionEvidence) and each.role == "seen"
    )
