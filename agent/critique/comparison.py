"""Rule: nothing is compared without a prior that was retrieved and compared.

A report generator that writes "unchanged" with no prior in hand is a known failure
(Source: arXiv 2210.06340; GREEN error class e).
"""

from __future__ import annotations

from collections.abc import Iterator

from readingroom.agent.critique.remedy import add, remove, reword, without_comparison
from readingroom.agent.critique.view import DraftView
from readingroom.agent.critique.words import compares, courses_in
from readingroom.domain.claim import Claim, SectionName
from readingroom.domain.critique import Objection
from readingroom.domain.evidence import PriorEvidence, SearchEvidence
from readingroom.domain.finding import Change, Presence
from readingroom.domain.ids import StudyUID
from readingroom.domain.outcome import Failed, Found, Nothing
from readingroom.tools.reporting.compose import comparison_claims
from readingroom.tools.reporting.facts import CaseFacts, Comparison

WITHOUT_PRIOR = "comparison-without-prior"
AGAINST_RECORD = "comparison-against-record"
WRONG_PRIOR = "prior-cited"
SEARCH = "comparison-section"

_CHECKED = (SectionName.FINDINGS, SectionName.IMPRESSION, SectionName.COMMUNICATION)


def comparison(view: DraftView) -> Iterator[Objection]:
    """Object to comparisons that rest on no retrieved prior, or say otherwise than it does."""
    for claim in view.draft.claims:
        cited = [e.study_uid for e in claim.evidence if isinstance(e, PriorEvidence)]
        if claim.prior_study_uid is not None:
            cited.append(claim.prior_study_uid)
        wrong = next(filter(None, (prior_problem(uid, view.facts) for uid in cited)), "")
        if wrong and claim.section is SectionName.COMPARISON:
            yield remove(WRONG_PRIOR, claim, wrong)
        elif wrong:
            yield reword(WRONG_PRIOR, claim, wrong, view, **without_comparison(claim))
        elif claim.section in _CHECKED:
            yield from _course(claim, view)
    yield from _search(view)


def prior_problem(study_uid: StudyUID, facts: CaseFacts) -> str:
    """Why a prior may not be cited; empty when it may."""
    prior = next((p for p in facts.retrieved if p.study.study_uid == study_uid), None)
    if prior is None or prior.received == 0:
        return "the prior that it cites was not retrieved"
    return facts.mix_up(prior.study)


def _course(claim: Claim, view: DraftView) -> Iterator[Objection]:
    word = compares(claim.sentence)
    if not word and claim.change is Change.NOT_COMPARED:
        return
    said = f"says {word!r}" if word else f"is recorded as {claim.change.value!r}"
    if claim.prior_study_uid is None or not any(p.usable for p in view.facts.retrieved):
        why = f"{said}, but rests on no prior that was retrieved"
        yield reword(WITHOUT_PRIOR, claim, why, view, **without_comparison(claim))
        return
    row = _recorded(claim, view.facts)
    if row is None:
        why = f"{said}, but no comparison of this finding is recorded"
        yield reword(WITHOUT_PRIOR, claim, why, view, **without_comparison(claim))
    elif claim.change is not row.change:
        why = f"{said}; the comparison with {row.prior_label} is recorded as {row.change.value!r}"
        yield reword(AGAINST_RECORD, claim, why, view, change=row.change)
    elif (courses := courses_in(claim.sentence)) and courses != {row.change}:
        why = f"{said}; the comparison with {row.prior_label} is recorded as {row.change.value!r}"
        yield reword(AGAINST_RECORD, claim, why, view)


def _recorded(claim: Claim, facts: CaseFacts) -> Comparison | None:
    """The recorded comparison that a claim can mean: its own prior, presence and side."""
    gone = claim.presence is Presence.ABSENT
    if claim.observation is None or claim.presence is Presence.UNCERTAIN:
        return None
    for row in (row for rows in facts.comparisons.values() for row in rows):
        prior = facts.retrieved_prior(row.prior_label)
        if (
            prior is not None
            and prior.study.study_uid == claim.prior_study_uid
            and row.observation is claim.observation
            and (row.change is Change.GONE) == gone
        ):
            return row
    return None


def _search(view: DraftView) -> Iterator[Objection]:
    """The comparison section says how the search for priors ended, and never "none" for failed."""
    claims = view.draft.section(SectionName.COMPARISON)
    truth = {Found: "found", Nothing: "none", Failed: "failed"}[type(view.facts.priors)]
    none = view.phrases.words("comparison_none")
    wrong = [
        claim
        for claim in claims
        if (claim.sentence == none and truth != "none") or _outcomes(claim) - {truth}
    ]
    for claim in wrong:
        yield remove(SEARCH, claim, f"the search for priors ended as {truth!r}")
    if len(wrong) == len(claims):
        for claim in comparison_claims(view.facts, view.phrases):
            yield add(SEARCH, claim, f"the search for priors ended as {truth!r}")


def _outcomes(claim: Claim) -> set[str]:
    return {e.outcome for e in claim.evidence if isinstance(e, SearchEvidence)}
