"""Rule: order, header, findings and impression agree on the side."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readingroom.agent.critique.remedy import add, mark, reword
from readingroom.agent.critique.view import DraftView
from readingroom.agent.critique.words import side_of_header, sides_in
from readingroom.domain.claim import Claim, SectionName
from readingroom.domain.critique import Objection
from readingroom.domain.evidence import HeaderEvidence, OrderEvidence, RegionEvidence
from readingroom.domain.finding import VOCABULARY, Presence
from readingroom.domain.region import Laterality

RULE = "laterality"
_SIDES = frozenset({Laterality.RIGHT, Laterality.LEFT})
_FRONTAL = ("PA", "AP", "")


def laterality(view: DraftView) -> Iterator[Objection]:
    """Object where a side contradicts the claim's fields, the film, the header or the order."""
    for claim in view.draft.claims:
        if claim.section in (SectionName.FINDINGS, SectionName.IMPRESSION):
            yield from _sentence(claim, view)
        if claim.section is SectionName.FINDINGS and claim.presence is Presence.PRESENT:
            yield from _film(claim, view)
            yield from _order(claim, view)
    yield from _header(view)


def _sentence(claim: Claim, view: DraftView) -> Iterator[Objection]:
    named = sides_in(claim.sentence)
    meant = claim.laterality
    if meant in _SIDES and named and meant not in named:
        other = " and ".join(sorted(side.value for side in named))
        why = f"the sentence says {other}, the finding is on the {meant.value}"
        yield reword(RULE, claim, why, view)


def _film(claim: Claim, view: DraftView) -> Iterator[Objection]:
    """The box a finding rests on lies on the side that is named."""
    film, reading = view.facts.film, view.facts.reading
    if film is None or reading is None or film.view.upper() not in _FRONTAL:
        return
    if claim.laterality not in _SIDES:
        return
    for evidence in claim.evidence:
        if not isinstance(evidence, RegionEvidence) or evidence.region.sop_uid != film.sop_uid:
            continue
        box = evidence.region.box
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        around = {
            zone.laterality
            for zone in reading.zones
            if zone.box.x0 <= x < zone.box.x1 and zone.box.y0 <= y < zone.box.y1
        } & _SIDES
        if around and claim.laterality not in around:
            side = next(iter(around)).value
            yield mark(RULE, claim, f"the region that it rests on lies on the patient's {side}")
            return


def _order(claim: Claim, view: DraftView) -> Iterator[Objection]:
    """An order that names a finding with its side, and a film that shows the other one."""
    if claim.observation is None or claim.laterality not in _SIDES:
        return
    label = re.escape(VOCABULARY[claim.observation].label.split()[-1])
    text = f"{view.facts.order.procedure}. {view.facts.order.indication}"
    said = re.search(rf"\b(left|right)(?:[ -]\w+){{0,2}}?[ -]{label}\b", text, re.IGNORECASE)
    if said and Laterality(said.group(1).lower()) is not claim.laterality:
        why = f"the order speaks of the {said.group(1).lower()} side: check the marker on the film"
        yield mark(RULE, claim, why)


def _header(view: DraftView) -> Iterator[Objection]:
    film, order = view.facts.film, view.facts.order
    if film is None:
        return
    asked, taken = side_of_header(order.laterality), side_of_header(film.laterality)
    if Laterality.NONE in (asked, taken) or asked is taken:
        return
    phrases = view.phrases
    sentence = phrases.words(
        "laterality_conflict", asked=phrases.side(asked), taken=phrases.side(taken)
    )
    if any(claim.sentence == sentence for claim in view.draft.section(SectionName.TECHNIQUE)):
        return
    evidence = (
        OrderEvidence(order.accession, order.laterality),
        HeaderEvidence(film.sop_uid, (("Laterality", film.laterality),)),
    )
    claim = Claim("", SectionName.TECHNIQUE, sentence, evidence=evidence)
    yield add(RULE, claim, f"the order names the {asked.value} side, the header the {taken.value}")
