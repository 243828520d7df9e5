"""How a rule states its objection."""

from __future__ import annotations

from dataclasses import replace

from readingroom.agent.critique.view import DraftView
from readingroom.domain.claim import Claim, SectionName
from readingroom.domain.critique import Objection, Remedy
from readingroom.domain.evidence import Evidence
from readingroom.domain.finding import Change
from readingroom.tools.reporting.prose import with_sentence


def mark(rule: str, claim: Claim, why: str) -> Objection:
    """Keep the sentence, shown as not verified."""
    return Objection(rule, claim.claim_id, claim.sentence, why, Remedy.MARK)


def remove(rule: str, claim: Claim, why: str) -> Objection:
    """Take the sentence out; the diff shows it."""
    return Objection(rule, claim.claim_id, claim.sentence, why, Remedy.REMOVE)


def change_to(rule: str, claim: Claim, why: str, replacement: Claim) -> Objection:
    """Put another claim in its place, under the same id."""
    kept = replace(replacement, claim_id=claim.claim_id)
    return Objection(rule, claim.claim_id, claim.sentence, why, Remedy.REPLACE, kept)


def add(rule: str, claim: Claim, why: str) -> Objection:
    """Add a claim that is missing."""
    return Objection(rule, "", claim.sentence, why, Remedy.ADD, claim)


def reword(rule: str, claim: Claim, why: str, view: DraftView, **changes: object) -> Objection:
    """Write a sentence anew from its (mended) fields; what has no fields is removed.

    Only findings and impression lines about one observation can be written anew.
    """
    rewordable = claim.observation is not None and claim.presence is not None
    if not rewordable or claim.section not in (SectionName.FINDINGS, SectionName.IMPRESSION):
        return remove(rule, claim, why)
    mended = replace(claim, **changes)  # type: ignore[arg-type]
    return change_to(rule, claim, why, with_sentence(mended, view.phrases, limited=view.limited))


def without_comparison(claim: Claim) -> dict[str, object]:
    """Changes that take every trace of a prior out of a claim's fields."""
    return {
        "change": Change.NOT_COMPARED,
        "prior_study_uid": None,
        "evidence": not_prior(claim.evidence),
    }


def not_prior(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The evidence without priors and their sentences."""
    return tuple(each for each in evidence if each.kind not in ("prior", "sentence"))
