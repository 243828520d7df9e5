"""The second look: the crop alone, asked without knowledge of the draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from readingroom.agent.critique.remedy import change_to, mark
from readingroom.domain.claim import Claim, Draft, SectionName, Standing
from readingroom.domain.critique import Objection
from readingroom.domain.errors import ReadingRoomError
from readingroom.domain.evidence import Evidence, RegionEvidence
from readingroom.domain.finding import VOCABULARY, Change, Presence, RegionAnswer
from readingroom.domain.region import Region
from readingroom.tools.reporting.prose import phrases_of, with_sentence

RULE = "second-look"
Ask = Callable[[Claim, Region], RegionAnswer]


def second_look(draft: Draft, ask: Ask) -> tuple[Objection, ...]:
    """Ask again at the crop of each local finding, and of each critical absence.

    A disagreement turns a claim into "cannot be excluded". A model that does not answer never
    counts as agreement: the claim is marked, with the reason.

    Args:
        draft: the draft to look at again.
        ask: the question; raises a ReadingRoomError when there is no answer.
    """
    return tuple(
        objection
        for claim in draft.section(SectionName.FINDINGS)
        if claim.standing is Standing.SUPPORTED
        for objection in _look(claim, draft, ask)
    )


def _look(claim: Claim, draft: Draft, ask: Ask) -> Iterator[Objection]:
    regions = _regions(claim)
    if not regions:
        return
    try:
        answers = [(region, ask(claim, region.region)) for region in regions]
    except ReadingRoomError as error:
        # Whatever the reason (model gone, film gone), nothing was seen a second time.
        yield mark(RULE, claim, f"no second look: {error.message}")
        return
    if any(answer.presence is Presence.NOT_ASSESSED for _, answer in answers):
        yield mark(RULE, claim, "the second look could not judge the region")
        return
    against = [(region, answer) for region, answer in answers if _disagrees(claim, answer)]
    if claim.presence is Presence.PRESENT and len(against) < len(answers):
        # One of its regions is confirmed: the finding stands.
        return
    if against:
        region, answer = against[0]
        yield _uncertain(claim, region, answer, draft)


def _regions(claim: Claim) -> list[RegionEvidence]:
    """Where to look again; nothing for global findings, which have no crop."""
    if claim.observation is None or VOCABULARY[claim.observation].is_global:
        return []
    places = [each for each in claim.evidence if isinstance(each, RegionEvidence)]
    if claim.presence in (Presence.PRESENT, Presence.UNCERTAIN):
        return [each for each in places if each.role == "seen"]
    if claim.presence is Presence.ABSENT and VOCABULARY[claim.observation].is_critical:
        return [each for each in places if each.role == "looked"]
    return []


def _disagrees(claim: Claim, answer: RegionAnswer) -> bool:
    if claim.presence is Presence.PRESENT:
        return answer.presence in (Presence.ABSENT, Presence.UNCERTAIN)
    if claim.presence is Presence.ABSENT:
        return answer.presence in (Presence.PRESENT, Presence.UNCERTAIN)
    return False


def _uncertain(claim: Claim, at: RegionEvidence, answer: RegionAnswer, draft: Draft) -> Objection:
    """The claim as "cannot be excluded", resting on the place where the two looks differ."""
    evidence: list[Evidence] = [
        replace(at, role="seen", score=answer.probability, model=answer.model)
    ]
    evidence += [each for each in claim.evidence if each.kind == "sentence"]
    open_claim = replace(
        claim,
        presence=Presence.UNCERTAIN,
        change=Change.NOT_COMPARED,
        prior_study_uid=None,
        size_mm=None,
        evidence=tuple(evidence),
    )
    first = claim.presence.value if claim.presence else ""
    why = f"first look: {first} ({at.score:.2f}); second look at the crop: {answer.presence.value}"
    why += f" ({answer.probability:.2f})"
    return change_to(RULE, claim, why, with_sentence(open_claim, phrases_of(draft)))
