"""A draft comes back from the records exactly as it was hashed, or is not taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readingroom.domain.claim import Claim, Draft, SectionName, Standing
from readingroom.domain.critique import CritiqueRound, Objection, Remedy
from readingroom.domain.errors import Conflict, NotFound
from readingroom.domain.evidence import (
    HeaderEvidence,
    MeasurementEvidence,
    OrderEvidence,
    PriorEvidence,
    RegionEvidence,
    SearchEvidence,
    SentenceEvidence,
)
from readingroom.domain.finding import (
    Change,
    Detection,
    FilmQuality,
    FilmReading,
    ModelId,
    Observation,
    Presence,
    ZoneBox,
)
from readingroom.domain.outcome import Failed, Found, Nothing, Outcome
from readingroom.domain.region import Box, Laterality, Region, Zone
from readingroom.domain.study import PatientRef, Prior, PriorReport, ReportSource, StudyRef
from readingroom.records import Records, StepRecord, decode, encode

text = st.text(max_size=12)
number = st.one_of(
    st.integers(-(2**40), 2**40), st.floats(allow_nan=False, width=64), st.just(float("inf"))
)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    corner = st.one_of(st.integers(0, 99), st.floats(0, 99))
    size = st.one_of(st.integers(1, 99), st.floats(0.5, 99))
    x, y = draw(corner), draw(corner)
    return Box(x, y, x + draw(size), y + draw(size))


regions = st.builds(Region, text, boxes(), st.integers(1, 5000), st.integers(1, 5000))
models = st.builds(ModelId, text, text, text)
evidence = st.one_of(
    st.builds(RegionEvidence, regions, number, st.none() | models),
    st.builds(MeasurementEvidence, text, number, text, regions),
    st.builds(PriorEvidence, text, text, text, text, st.none() | regions),
    st.builds(SentenceEvidence, text, text, text),
    st.builds(HeaderEvidence, text, st.lists(st.tuples(text, text), max_size=2).map(tuple)),
    st.builds(OrderEvidence, text, text),
    st.builds(SearchEvidence, st.sampled_from(["found", "none", "failed"]), text),
)
claims = st.builds(
    Claim,
    text,
    st.sampled_from(SectionName),
    text,
    observation=st.none() | st.sampled_from(Observation),
    presence=st.none() | st.sampled_from(Presence),
    laterality=st.sampled_from(Laterality),
    zone=st.sampled_from(Zone),
    size_mm=st.none() | number,
    change=st.sampled_from(Change),
    evidence=st.lists(evidence, max_size=3).map(tuple),
    rests_on=st.lists(text, max_size=2).map(tuple),
    standing=st.sampled_from(Standing),
)
drafts = st.builds(
    Draft, text, st.integers(1, 99), text, st.lists(claims, max_size=3).map(tuple), text
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drafts)
def test_a_draft_keeps_its_content_and_its_hash(draft: Draft) -> None:
    again = decode(encode(draft), Draft)
    assert again == draft
    assert again.sha256() == draft.sha256()
    assert again.text() == draft.text()
    assert [type(e) for c in again.claims for e in c.evidence] == [
        type(e) for c in draft.claims for e in c.evidence
    ]


STUDY = StudyRef("1.2", PatientRef("p", birth_date=date(1950, 2, 3)), "A1", date(2024, 1, 2))
PRIOR = Prior("P1", STUDY, "same part", "XR", PriorReport("Old.", ReportSource.ORU))
READING = FilmReading(
    knows_this_kind=True,
    why_not="",
    quality=FilmQuality(True, 0.1, ("rotated",)),
    detections=(Detection(Observation.NODULE, 0.5, Presence.UNCERTAIN, box=Box(1, 2, 3, 4)),),
    zones=(ZoneBox(Zone.APEX, Laterality.LEFT, Box(0, 0, 5, 5)),),
    heart=None,
    thorax=Box(0, 0, 9, 9),
    cardiothoracic_ratio=0.5,
    model=ModelId("m", "abc", "films"),
)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Found((STUDY,), cut_short=True), Outcome[StudyRef]),
        (Found((PRIOR,)), Outcome[Prior]),
        (Nothing(), Outcome[Prior]),
        (Failed("no answer", retryable=False), Outcome[Prior]),
        (READING, FilmReading),
        ((PRIOR, PRIOR), tuple[Prior, ...]),
        ({"a": [1, 2.5, None, True]}, dict[str, Any]),
    ],
)
def test_outcomes_and_readings_come_back_as_what_they_were(value: Any, kind: Any) -> None:
    again = decode(encode(value), kind)
    assert again == value and type(again) is type(value)


def test_a_value_of_another_type_is_said_and_not_quoted() -> None:
    with pytest.raises(Conflict) as caught:
        decode(encode(PatientRef("SECRET-ID", name="Doe^Jane")), Draft)
    assert "Draft" in str(caught.value)
    assert "SECRET" not in str(caught.value) and "Doe" not in str(caught.value)


def test_what_cannot_be_stored_is_refused_when_it_is_written() -> None:
    with pytest.raises(TypeError, match="cannot be stored"):
        encode({"pixels": memoryview(b"")})


@pytest.fixture
def records(tmp_path: Path) -> Any:
    with Records.open(tmp_path / "home") as opened:
        yield opened


def a_draft(case_id: str, version: int = 1, sentence: str = "The lungs are clear.") -> Draft:
    seen = RegionEvidence(Region("1.2.3", Box(1, 2, 30, 40), 100, 100), 1)
    claim = Claim("c1", SectionName.FINDINGS, sentence, evidence=(seen,))
    return Draft(case_id, version, "XR CHEST", (claim,))


def test_versions_are_kept_and_the_same_version_cannot_change(records: Records) -> None:
    case = records.cases.open("A1", "1.2", "p", "embedded")
    first = a_draft(case)
    records.drafts.save(first, "embedded")
    records.drafts.save(first, "embedded")  # a step that runs twice does no harm
    second = replace(first, version=2, title="Other")
    records.drafts.save(second, "critique")
    assert records.drafts.latest(case) == second
    assert records.drafts.get(case, 1) == first
    with pytest.raises(Conflict):
        records.drafts.save(a_draft(case, 2, "Changed."), "x")
    with pytest.raises(Conflict):
        records.drafts.save(a_draft(case, 0, "Older."), "x")
    with pytest.raises(NotFound):
        records.drafts.get(case, 3)
    with pytest.raises(NotFound):
        records.drafts.save(a_draft("case-unknown"), "x")


def test_a_draft_edited_in_the_file_is_noticed(records: Records) -> None:
    case = records.cases.open("A1", "1.2", "p", "embedded")
    records.drafts.save(a_draft(case), "embedded")
    raw = records.database.connection
    raw.execute("DROP TRIGGER drafts_are_kept")
    raw.execute("UPDATE drafts SET value = replace(value, 'clear', 'full')")
    with pytest.raises(Conflict, match="does not match its hash"):
        records.drafts.latest(case)


def test_rounds_come_back_in_order(records: Records) -> None:
    case = records.cases.open("A1", "1.2", "p", "embedded")
    draft = a_draft(case)
    records.drafts.save(draft, "embedded")
    objection = Objection("no-evidence", "c1", "x", "why", Remedy.REPLACE, draft.claims[0])
    rounds = tuple(CritiqueRound(n, (objection,), ("- a", "+ b"), "x", "y") for n in (1, 2))
    for each in reversed(rounds):
        records.drafts.add_round(case, 1, each)
    assert records.drafts.rounds(case) == rounds


def test_facts_and_steps_of_a_case(records: Records) -> None:
    case = records.cases.open("A1", "1.2", "p", "embedded")
    assert records.cases.fact(case, "priors", Outcome[Prior]) is None
    records.cases.put_fact(case, "priors", Found((PRIOR,)))
    assert records.cases.fact(case, "priors", Outcome[Prior]) == Found((PRIOR,))
    records.cases.put_fact(case, "priors", Failed("down"))
    assert records.cases.fact(case, "priors", Outcome[Prior]) == Failed("down")
    records.cases.drop_facts(case)
    assert records.cases.fact(case, "priors", Outcome[Prior]) is None
    steps = tuple(
        StepRecord("find_priors", {"n": str(n)}, "failed", "failed: down", 1.0, 0.5, "embedded")
        for n in range(3)
    )
    for step in steps:
        records.cases.add_step(case, step)
    assert records.cases.steps(case) == steps
    with pytest.raises(NotFound):
        records.cases.put_fact("case-none", "k", 1)


def test_a_study_has_one_unfinished_case(records: Records) -> None:
    cases = records.cases
    first = cases.open("A1", "1.2", "p", "embedded")
    assert cases.open("A1", "1.2", "p", "other") == first
    cases.set_status(first, "failed")
    assert cases.open("A1", "1.2", "p", "embedded") == first
    cases.set_status(first, "delivered")
    second = cases.open("A1", "1.2", "p", "embedded")
    assert second != first
    with pytest.raises(Conflict):
        cases.set_status(first, "reading")
    assert [row.case_id for row in cases.by_accession("A1")] == [second, first]
    assert cases.recent(1)[0].case_id in (first, second)
    with pytest.raises(NotFound):
        cases.get("case-none")
