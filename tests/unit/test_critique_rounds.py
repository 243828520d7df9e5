"""Rounds end, and after them no unmarked sentence stands on nothing, whatever was written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_cases import (
    EFFUSION,
    MODEL,
    NODULE,
    PNEUMOTHORAX,
    diameter,
    facts,
    facts_with_prior,
)

from readingroom.agent.critique import (
    critique,
    diff_lines,
    mark_unresolved,
    revise,
    run_round,
    settle,
)
from readingroom.agent.critique.words import compares
from readingroom.domain.claim import Claim, Draft, SectionName, Standing
from readingroom.domain.critique import Objection, Remedy
from readingroom.domain.evidence import OrderEvidence, RegionEvidence
from readingroom.domain.finding import Change, Observation, Presence
from readingroom.domain.ids import SOPInstanceUID, StudyUID
from readingroom.domain.outcome import Failed
from readingroom.domain.region import Box, Laterality, Region
from readingroom.tools.reporting import CaseFacts, compose

CASES = (
    facts(),
    facts(NODULE, EFFUSION, PNEUMOTHORAX),
    replace(facts_with_prior((NODULE, EFFUSION), (EFFUSION,)), measurements=(diameter(14),)),
    facts(priors=Failed("no answer")),
    facts(reading=None, reading_failed="timed out"),
)
SENTENCES = (
    "Normal chest.", "Bones are normal.", "The nodule is unchanged.", "No pneumothorax.",
    "Left pneumothorax.", "Right pleural effusion, 3 cm, new.", "Critic: pass.", "",
    "[# mm] nodule", "None available.", "Not assessed: bone lesion.", "No change since 2020.",
)  # fmt: skip
EVIDENCE = (
    OrderEvidence("CR-4", "x"),
    RegionEvidence(Region(SOPInstanceUID("1.2.3.4.1"), Box(1, 1, 90, 90), 1000, 1000), 0.5, MODEL),
    RegionEvidence(Region(SOPInstanceUID("1.2.3.4.1"), Box(0, 0, 999, 999), 1000, 1000), 0.5),
    RegionEvidence(Region(SOPInstanceUID("6.6.6"), Box(1, 1, 90, 90), 1000, 1000), 0.5, MODEL),
)

careless = st.fixed_dictionaries(
    {},
    optional={
        "sentence": st.sampled_from(SENTENCES),
        "presence": st.sampled_from([None, *Presence]),
        "observation": st.sampled_from([None, *Observation]),
        "laterality": st.sampled_from(list(Laterality)),
        "change": st.sampled_from(list(Change)),
        "prior_study_uid": st.sampled_from([None, StudyUID("1.2.3.3"), StudyUID("6.6")]),
        "size_mm": st.sampled_from([None, 14.0, 140.0]),
        "evidence": st.lists(st.sampled_from(EVIDENCE), max_size=2).map(tuple),
        "rests_on": st.sampled_from([(), ("c1",), ("c1", "c2"), ("c999",)]),
    },
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[CaseFacts, Draft]:
    """A composed draft with claims altered, dropped and added."""
    case = draw(st.sampled_from(CASES))
    claims: list[Claim] = []
    composed = compose(case)
    hit = draw(st.sets(st.integers(0, len(composed.claims) - 1), max_size=6))
    for index, claim in enumerate(composed.claims):
        if index in hit:
            if draw(st.booleans()):
                claims.append(replace(claim, **draw(careless)))
        else:
            claims.append(claim)
    for number in range(draw(st.integers(0, 3))):
        section = draw(st.sampled_from(list(SectionName)))
        extra: dict[str, Any] = {"sentence": "Extra.", **draw(careless)}
        claims.append(Claim(f"c{800 + number}", section, **extra))
    return case, replace(composed, claims=tuple(claims))


@settings(
    max_examples=120, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(damaged())
def test_whatever_was_written_nothing_unsupported_is_left_unmarked(
    given_: tuple[CaseFacts, Draft],
) -> None:
    case, draft = given_
    settled, rounds = settle(draft, case)
    assert 1 <= len(rounds) <= 4
    by_id = {claim.claim_id: claim for claim in settled.claims}
    assert len(by_id) == len(settled.claims)
    for claim in settled.claims:
        if claim.standing is Standing.MARKED:
            assert claim.note
            continue
        under = [by_id.get(each) for each in claim.rests_on]
        assert claim.evidence or (under and all(c is not None and c.evidence for c in under))
        for each in claim.evidence:
            if isinstance(each, RegionEvidence):
                assert each.region.sop_uid in case.sop_uids
    assert settled.section(SectionName.IMPRESSION)


COMPARING = tuple(sentence for sentence in SENTENCES if compares(sentence))


@settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    damaged(),
    careless,
    st.sampled_from(COMPARING),
    st.sampled_from([SectionName.FINDINGS, SectionName.IMPRESSION]),
)
def test_no_comparison_is_left_where_there_is_no_prior(
    given_: tuple[CaseFacts, Draft], fields: dict[str, Any], sentence: str, section: SectionName
) -> None:
    case, draft = given_
    case = replace(case, retrieved=(), comparisons={})
    claim = Claim("c950", section, **{**fields, "sentence": sentence})
    settled, _ = settle(replace(draft, claims=(*draft.claims, claim)), case)
    for each in settled.claims:
        if each.section in (SectionName.FINDINGS, SectionName.IMPRESSION):
            assert not compares(each.sentence), each


def test_a_draft_without_objections_keeps_its_version_and_its_hash() -> None:
    for case in CASES:
        draft = compose(case)
        after, finished = run_round(draft, case, 1)
        assert after is draft and not finished.objections and not finished.diff
        assert finished.before_sha256 == finished.after_sha256 == draft.sha256()


def test_each_change_is_a_new_version_with_a_diff_and_both_hashes() -> None:
    case = facts(NODULE)
    draft = compose(case)
    bad = replace(
        draft,
        claims=tuple(
            replace(c, sentence="Nodule in the right upper zone, unchanged.")
            if c.observation is Observation.NODULE and c.section is SectionName.FINDINGS
            else c
            for c in draft.claims
        ),
    )
    settled, rounds = settle(bad, case)
    assert settled.version == 2 and rounds[0].before_sha256 == bad.sha256()
    assert rounds[0].after_sha256 == settled.sha256()
    assert rounds[0].diff == (
        "  FINDINGS",
        "- Nodule in the right upper zone, unchanged.",
        "+ Nodule in the right upper zone.",
    )


def test_the_last_round_marks_instead_of_rewriting() -> None:
    case = facts(NODULE)
    draft = compose(case)
    claim = next(c for c in draft.claims if c.observation is Observation.NODULE)
    objection = Objection(
        "x", claim.claim_id, claim.sentence, "because", Remedy.REPLACE, replace(claim, sentence="Y")
    )
    assert "Y" in revise(draft, (objection,)).text()
    marked = mark_unresolved(draft, (objection,))
    assert f"{claim.sentence} [unverified]" in marked.text() and "\nY" not in marked.text()


def test_the_strongest_remedy_wins_and_an_unknown_claim_changes_nothing() -> None:
    draft = compose(facts(NODULE))
    claim = next(c for c in draft.claims if c.observation is Observation.NODULE)
    mark = Objection("a", claim.claim_id, "", "why", Remedy.MARK)
    gone = Objection("b", claim.claim_id, "", "why", Remedy.REMOVE)
    after = revise(draft, (mark, gone))
    assert claim.claim_id not in {c.claim_id for c in after.claims}
    assert revise(draft, (replace(gone, claim_id="c999"),)) is draft


def test_an_addition_is_made_once_and_ids_are_never_used_twice() -> None:
    draft = compose(facts(NODULE))
    line = Claim("", SectionName.LIMITATIONS, "Said.", evidence=(OrderEvidence("a", "b"),))
    add = Objection("x", "", "Said.", "missing", Remedy.ADD, line)
    once = revise(draft, (add, add))
    assert once.text().count("Said.") == 1
    assert revise(once, (add,)) is once
    assert len({c.claim_id for c in once.claims}) == len(once.claims)


@pytest.mark.parametrize("case", CASES)
def test_a_diff_of_a_draft_with_itself_is_empty(case: CaseFacts) -> None:
    assert diff_lines(compose(case), compose(case)) == ()
    assert critique(compose(case), case) == ()
