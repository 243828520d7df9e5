"""Prose from a claim's structure, so that a sentence never says more than its fields."""

from __future__ import annotations

from dataclasses import replace

from readingroom.domain.claim import Claim, Draft, SectionName
from readingroom.domain.evidence import MeasurementEvidence, PriorEvidence
from readingroom.domain.finding import Change, Observation, Presence
from readingroom.tools.reporting.phrases import Phrases, load_phrases

CTR = "cardiothoracic_ratio"


def phrases_of(draft: Draft) -> Phrases:
    """The words a draft was written with."""
    return load_phrases(draft.language, draft.template or "chest_xr")


def with_sentence(claim: Claim, phrases: Phrases, *, limited: bool = False) -> Claim:
    """The claim with its sentence written anew from its fields.

    With `limited`, the film is of limited quality and an absence is worded with care.

    Raises:
        ValueError: a claim without observation and presence has no prose of its own.
    """
    if claim.observation is None or claim.presence is None:
        raise ValueError("only a claim about an observation can be worded")
    return replace(claim, sentence=_sentence(claim, claim.observation, phrases, limited))


def _sentence(claim: Claim, observation: Observation, phrases: Phrases, limited: bool) -> str:
    if claim.presence is Presence.NOT_ASSESSED:
        return phrases.words("not_assessed", items=phrases.label(observation))
    return phrases.sentence(
        observation,
        _form(claim, limited),
        side=phrases.side(claim.laterality),
        place=phrases.place(claim.laterality, claim.zone),
        size=_size(claim, observation, phrases),
        change=phrases.change(claim.change.value, prior_date(claim))
        if claim.presence is Presence.PRESENT
        else "",
        date=prior_date(claim),
        ctr=_ctr(claim, phrases),
    )


def _form(claim: Claim, limited: bool) -> str:
    if claim.presence is Presence.PRESENT:
        return "present"
    if claim.presence is Presence.UNCERTAIN:
        return "uncertain"
    if claim.change is Change.GONE:
        return "gone"
    return "absent_limited" if limited else "absent"


def _size(claim: Claim, observation: Observation, phrases: Phrases) -> str:
    if claim.size_mm is None:
        return ""
    value = f"{claim.size_mm:.0f} mm"
    return phrases.form(observation, "size").format(value=value)


def _ctr(claim: Claim, phrases: Phrases) -> str:
    for each in claim.evidence:
        if isinstance(each, MeasurementEvidence) and each.name == CTR:
            return " " + phrases.words("ctr", value=f"{each.value:.2f}").strip()
    return ""


def prior_date(claim: Claim) -> str:
    """Date of the prior that a claim's change was judged against; empty for none."""
    for each in claim.evidence:
        if isinstance(each, PriorEvidence) and each.study_uid == claim.prior_study_uid:
            return each.study_date
    return ""


def next_id(claims: tuple[Claim, ...]) -> int:
    """The number after the highest claim id, so that ids are never used twice."""
    numbers = [int(c.claim_id[1:]) for c in claims if c.claim_id[1:].isdigit()]
    return max(numbers, default=0) + 1


def findings_of(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims of the findings."""
    return tuple(claim for claim in claims if claim.section is SectionName.FINDINGS)
