"""Rule: every sentence rests on something that is in the case, and on a place small enough."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from readingroom.agent.critique.remedy import change_to, mark
from readingroom.agent.critique.view import DraftView
from readingroom.domain.claim import Claim, SectionName, Standing
from readingroom.domain.critique import Objection
from readingroom.domain.evidence import (
    Evidence,
    HeaderEvidence,
    MeasurementEvidence,
    PriorEvidence,
    RegionEvidence,
)
from readingroom.domain.finding import VOCABULARY, Presence
from readingroom.domain.region import Laterality, Region
from readingroom.tools.reporting.looking import LOCAL_FRACTION, required_looks

NO_EVIDENCE = "no-evidence"
FOREIGN = "evidence-not-in-case"
TOO_LARGE = "region-too-large"
NO_LOOK = "absence-without-look"


def evidence(view: DraftView) -> Iterator[Objection]:
    """Object to sentences without evidence, with someone else's, or with a careless region."""
    for claim in view.draft.claims:
        broken = [(each, why) for each in claim.evidence if (why := _broken(each, view))]
        if broken:
            # The sentence stays, marked; what is not of this case must not be pointed at.
            bad = [each for each, _ in broken]
            kept = tuple(each for each in claim.evidence if each not in bad)
            why = broken[0][1]
            marked = replace(claim, evidence=kept, standing=Standing.MARKED, note=why)
            yield change_to(FOREIGN, claim, why, marked)
        elif not rests_on_something(claim, view.by_id):
            yield mark(NO_EVIDENCE, claim, "it rests on nothing that was seen, measured or found")
        elif claim.section in (SectionName.FINDINGS, SectionName.IMPRESSION):
            yield from _place(claim, view)


def rests_on_something(claim: Claim, by_id: dict[str, Claim]) -> bool:
    """Whether a claim has evidence of its own, or all that it sums up has."""
    if claim.observation is not None and claim.section is SectionName.FINDINGS:
        return bool(claim.evidence)
    if claim.evidence:
        return True
    under = [by_id.get(each) for each in claim.rests_on]
    return bool(under) and all(each is not None and each.evidence for each in under)


def _broken(each: Evidence, view: DraftView) -> str:
    """What is wrong with a piece of evidence itself; empty when nothing is."""
    if isinstance(each, HeaderEvidence) and each.sop_uid not in view.facts.sop_uids:
        return "it cites the header of an image that is not in this case"
    if isinstance(each, RegionEvidence) and not (
        math.isfinite(each.score) and 0.0 <= each.score <= 1.0
    ):
        return "its score is not a probability"
    region = _region(each)
    if region is None:
        return ""
    if region.sop_uid not in view.facts.sop_uids:
        return "it points at an image that is not in this case"
    box = region.box
    inside = 0 <= box.x0 and 0 <= box.y0 and box.x1 <= region.columns and box.y1 <= region.rows
    return "" if inside else "it points outside of the image"


def _region(each: Evidence) -> Region | None:
    if isinstance(each, RegionEvidence | MeasurementEvidence | PriorEvidence):
        return each.region
    return None


def _place(claim: Claim, view: DraftView) -> Iterator[Objection]:
    if claim.observation is None or claim.section is not SectionName.FINDINGS:
        return
    regions = [e.region for e in claim.evidence if isinstance(e, RegionEvidence)]
    is_global = VOCABULARY[claim.observation].is_global
    if not is_global and any(region.fraction > LOCAL_FRACTION for region in regions):
        percent = f"{max(region.fraction for region in regions):.0%}"
        yield mark(TOO_LARGE, claim, f"its region covers {percent} of the film")
    elif claim.presence in (Presence.PRESENT, Presence.UNCERTAIN) and not regions:
        yield mark(NO_EVIDENCE, claim, "it points at no place on the film")
    elif claim.presence is Presence.ABSENT:
        missed = _not_looked_at(claim, view)
        if missed:
            yield mark(NO_LOOK, claim, f"not looked at: {missed}")


def _not_looked_at(claim: Claim, view: DraftView) -> str:
    """The required places that no "looked" region covers, in words."""
    reading, film = view.facts.reading, view.facts.film
    if reading is None or film is None or claim.observation is None:
        return "the film"
    looked = [e.region.box for e in claim.evidence if isinstance(e, RegionEvidence)]
    missed: list[str] = []
    for look in required_looks(claim.observation, reading, film):
        if claim.laterality not in (Laterality.NONE, Laterality.BILATERAL, look.side):
            continue
        if look.box is None or not any(
            film.region(look.box).box.iou(each) >= _SAME_PLACE for each in looked
        ):
            missed.append(f"{look.side.value} {look.zone.value}".strip())
    return ", ".join(missed)


_SAME_PLACE = 0.5
