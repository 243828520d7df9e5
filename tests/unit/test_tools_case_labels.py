"""A prior's label is what facts and drafts know it by: it must never mean another study."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from readingroom.domain.ids import AccessionNumber, PatientID, StudyUID
from readingroom.domain.outcome import Completeness, Failed, Found, Nothing, Outcome, Retrieval
from readingroom.domain.study import PatientRef, PriorReport, ReportSource, SeriesRef, StudyRef
from readingroom.records import Records
from readingroom.tools.case import OpenCase
from readingroom.tools.registry import Registry

CURRENT = StudyRef(
    StudyUID("2.25.1"),
    PatientRef(PatientID("P")),
    AccessionNumber("A-1"),
    date(2026, 1, 2),
    modalities=("DX",),
    description="XR CHEST",
)


def study(uid: str, day: date) -> StudyRef:
    return replace(CURRENT, study_uid=StudyUID(uid), study_date=day)


OLD, MIDDLE, NEW = (study(f"2.25.{year}", date(year, 1, 1)) for year in (2023, 2024, 2025))


@dataclass
class Pacs:
    """What the search asks of a link."""

    answer: Outcome[StudyRef] = field(default_factory=Nothing)

    def find_studies(self, _: Any) -> Outcome[StudyRef]:
        return self.answer

    def find_series(self, _: StudyUID) -> Outcome[SeriesRef]:
        return Nothing()

    def retrieve(self, study_uid: StudyUID, *, progress: Any) -> Retrieval:
        return Retrieval(study_uid, Completeness.COMPLETE, ())


@pytest.fixture
def pacs() -> Pacs:
    return Pacs()


@pytest.fixture
def case(tmp_path: Path, pacs: Pacs) -> Iterator[OpenCase]:
    def untouched(*_: Any) -> Any:
        raise AssertionError("a search asks no model")

    with Records.open(tmp_path / "home") as records:
        case_id = records.cases.open("A-1", "2.25.1", "key", "test")
        yield OpenCase(
            *(case_id, CURRENT, records, lambda: pacs, untouched),  # type: ignore[arg-type]
            *(lambda _: None, untouched, untouched),
        )


def search(case: OpenCase, pacs: Pacs, *studies: StudyRef) -> str:
    pacs.answer = Found(studies)
    return Registry.load().run("find_priors", {}, case, by="test").result


def know(case: OpenCase, label: str, of: StudyRef) -> None:
    """As after `retrieve_prior` and `compare_prior`."""
    case.put(f"retrieval:{label}", Retrieval(of.study_uid, Completeness.COMPLETE, ()))
    case.put(f"report:{label}", PriorReport(f"report of {of.study_uid}", ReportSource.SR))
    case.put(f"comparison:{label}", ())


def test_what_is_known_of_a_prior_stays_with_its_study(case: OpenCase, pacs: Pacs) -> None:
    assert search(case, pacs, MIDDLE, OLD) == "found 2: P1 XR 2024-01-01, P2 XR 2023-01-01"
    know(case, "P1", MIDDLE)
    assert search(case, pacs, NEW, MIDDLE, OLD).startswith("found 3: P3 XR 2025-01-01, P1 XR 2024")
    newest, known, _ = case.priors()
    assert newest.study == NEW and case.retrieval(newest.label) is None
    assert case.report(newest.label) is None and case.comparisons(newest.label) is None
    kept = case.retrieval(known.label)
    assert known.study == MIDDLE and kept is not None and kept.study_uid == MIDDLE.study_uid
    facts = case.facts()
    assert isinstance(facts.priors, Found)
    reports = {p.study.study_uid: p.report.text for p in facts.priors.items if p.report}
    assert reports == {MIDDLE.study_uid: f"report of {MIDDLE.study_uid}"}
    assert [(each.label, each.study) for each in facts.retrieved] == [("P1", MIDDLE)]


@pytest.mark.parametrize("between", [Failed("the PACS did not answer"), Nothing(), Found((OLD,))])
def test_a_label_is_not_given_to_another_study_after_its_own_is_gone(
    case: OpenCase, pacs: Pacs, between: Outcome[StudyRef]
) -> None:
    search(case, pacs, MIDDLE)
    know(case, "P1", MIDDLE)
    pacs.answer = between
    Registry.load().run("find_priors", {}, case, by="test")
    search(case, pacs, NEW)
    (newest,) = case.priors()
    assert newest.label != "P1" and case.retrieval(newest.label) is None
    search(case, pacs, NEW, MIDDLE)
    assert case.prior("P1").study == MIDDLE


def test_a_prior_that_came_later_can_be_fetched_and_compared(case: OpenCase, pacs: Pacs) -> None:
    """The trace says what was done by label: "P1 was done already" must not bar a new study."""
    registry = Registry.load()
    search(case, pacs, MIDDLE)
    know(case, "P1", MIDDLE)
    registry.run("retrieve_prior", {"prior": "P1"}, case, by="test")
    search(case, pacs, NEW, MIDDLE)
    (newest, _) = case.priors()
    assert registry.refusal("retrieve_prior", {"prior": newest.label}, case) == ""
