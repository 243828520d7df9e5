"""Rules on words: nothing unassessed is normal, no size without a scale, no leftovers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from readingroom.agent.critique.remedy import change_to, mark, remove, reword
from readingroom.agent.critique.view import DraftView
from readingroom.agent.critique.words import NEGATION, NORMAL, NOT_ASSESSED, ORGAN_WORDS
from readingroom.domain.claim import Claim, SectionName
from readingroom.domain.critique import Objection
from readingroom.domain.evidence import MeasurementEvidence, RegionEvidence
from readingroom.domain.finding import VOCABULARY, Observation, Presence
from readingroom.tools.reporting.findings import not_assessed

UNASSESSED = "not-assessed-as-normal"
SIZE = "size"
LEFTOVER = "template-leftover"

_STATED = (SectionName.FINDINGS, SectionName.IMPRESSION)
_LENGTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*(mm|cm)\b", re.IGNORECASE)
_LEFTOVER = re.compile(
    r"\{[^{}]*\}|\[[^\[\]]*\]|<[A-Za-z/][^<>]*>|_{3,}|\b(?:TODO|TBD|XXX+|lorem ipsum)\b"
    r"|\bnan\b"
)


def assessed(view: DraftView) -> Iterator[Objection]:
    """What the core cannot judge is written as "not assessed", never as absent or normal."""
    for claim in view.draft.claims:
        if claim.section not in _STATED or NOT_ASSESSED.search(claim.sentence):
            continue
        if claim.observation is not None:
            if claim.observation not in view.assessed and claim.presence is not None:
                yield _as_unassessed(claim, claim.observation, view)
        else:
            yield from _by_words(claim, view)


def _as_unassessed(claim: Claim, observation: Observation, view: DraftView) -> Objection:
    why = f"the core did not judge {VOCABULARY[observation].label} on this film"
    if claim.section is not SectionName.FINDINGS:
        return remove(UNASSESSED, claim, why)
    return change_to(UNASSESSED, claim, why, not_assessed(observation, view.facts, view.phrases))


def _by_words(claim: Claim, view: DraftView) -> Iterator[Objection]:
    """Free words: "Bones are normal", "No fracture", where nobody looked."""
    if any(claim.sentence == each.sentence for each in view.expected_impression):
        return
    for organ, pattern in ORGAN_WORDS.items():
        items = [each for each, entry in VOCABULARY.items() if entry.organ == organ]
        unjudged = [each for each in items if each not in view.assessed]
        if not unjudged or not pattern.search(claim.sentence):
            continue
        if NORMAL.search(claim.sentence) or NEGATION.search(claim.sentence):
            why = f"{organ.lower()}: the core did not judge this on this film"
            if claim.section is SectionName.FINDINGS and not _said(unjudged[0], view):
                claim_there = not_assessed(unjudged[0], view.facts, view.phrases)
                yield change_to(UNASSESSED, claim, why, claim_there)
            else:
                yield remove(UNASSESSED, claim, why)
            return
    for observation in VOCABULARY:
        label = view.phrases.label(observation)
        if observation not in view.assessed and label.casefold() in claim.sentence.casefold():
            yield remove(UNASSESSED, claim, f"the core did not judge {label} on this film")
            return


def _said(observation: Observation, view: DraftView) -> bool:
    return any(
        claim.observation is observation and claim.presence is Presence.NOT_ASSESSED
        for claim in view.findings
    )


def size(view: DraftView) -> Iterator[Objection]:
    """A length stands only where the header has a scale, and only as it was measured."""
    film = view.facts.film
    scaled = film is not None and film.spacing_yx_mm is not None
    for claim in view.draft.claims:
        if claim.section not in _STATED:
            continue
        lengths = [_mm(number, unit) for number, unit in _LENGTH.findall(claim.sentence)]
        if not scaled and (lengths or claim.size_mm is not None):
            why = "a length, but the header has no pixel spacing"
            kept = tuple(e for e in claim.evidence if not _is_length(e))
            yield reword(SIZE, claim, why, view, size_mm=None, evidence=kept)
        elif scaled:
            yield from _as_measured(claim, lengths, view)


def _as_measured(claim: Claim, lengths: list[float], view: DraftView) -> Iterator[Objection]:
    taken = [
        e.value for e in claim.evidence if isinstance(e, MeasurementEvidence) and _is_length(e)
    ]
    stated = [*lengths, *([claim.size_mm] if claim.size_mm is not None else [])]
    if any(not any(_alike(each, value) for value in taken) for each in stated):
        value = taken[0] if taken else None
        said = ", ".join(f"{each:g} mm" for each in stated)
        why = f"it says {said}; measured: {f'{value:g} mm' if value else 'nothing'}"
        yield reword(SIZE, claim, why, view, size_mm=value)
    elif stated and claim.section is SectionName.FINDINGS:
        yield from _against_box(claim, max(stated), view)


def _against_box(claim: Claim, stated_mm: float, view: DraftView) -> Iterator[Objection]:
    """A size that does not fit the box that it was seen in is out by a factor (mm, cm)."""
    film = view.facts.film
    if film is None or film.spacing_yx_mm is None or claim.observation is not Observation.NODULE:
        return
    row_mm, column_mm = film.spacing_yx_mm
    for each in claim.evidence:
        if isinstance(each, RegionEvidence) and each.region.sop_uid == film.sop_uid:
            box = each.region.box
            long_mm = max((box.x1 - box.x0) * column_mm, (box.y1 - box.y0) * row_mm)
            if not long_mm / 3 <= stated_mm <= long_mm * 3:
                yield mark(SIZE, claim, f"{stated_mm:g} mm, in a box of {long_mm:.0f} mm")
                return


def _mm(number: str, unit: str) -> float:
    return float(number.replace(",", ".")) * (10.0 if unit.lower() == "cm" else 1.0)


def _alike(stated: float, value: float) -> bool:
    return abs(stated - value) <= max(0.6, 0.1 * value)


def _is_length(each: object) -> bool:
    return isinstance(each, MeasurementEvidence) and each.unit == "mm"


def leftovers(view: DraftView) -> Iterator[Objection]:
    """No bracket of a template, placeholder or tag is left. What the order says is its own."""
    for claim in view.draft.claims:
        hit = _LEFTOVER.search(claim.sentence)
        if claim.section is SectionName.INDICATION:
            continue
        if not claim.sentence.strip():
            yield remove(LEFTOVER, claim, "an empty sentence")
        elif hit:
            why = f"left over from a template: {hit.group(0)[:40]!r}"
            yield reword(LEFTOVER, replace(claim), why, view)
