"""Which earlier studies are of the same region, in the words that sites use."""

from __future__ import annotations

from datetime import date

import pytest

from readingroom.domain.outcome import Failed, Found, Nothing, Outcome
from readingroom.domain.study import PatientRef, SeriesRef, StudyRef
from readingroom.tools.pacs.priors import find_priors, interval_words
from readingroom.tools.pacs.query import StudyQuery
from readingroom.tools.pacs.relevance import family_of, regions_in


@pytest.mark.parametrize(
    "words",
    [
        "XR CHEST PA",
        "CXR ptbl",
        "Rx Tórax 2 proyecciones",
        "Röntgen-Thorax p.a.",
        "RADIOGRAPHIE DU THORAX",
        "RX TORACE",
        "RIBS LEFT",
        "胸部X線",
        "胸片正位",
        "Рентген ОГК",
        "Рентгенография органов грудной клетки",
        "CT THORAX W CONTRAST",
        "AKCIĞER GRAFİSİ",
        "chest/abdomen/pelvis CT",
    ],
)
def test_chest_in_many_words(words: str) -> None:
    assert "chest" in regions_in(words)


@pytest.mark.parametrize(
    "words",
    ["XR KNEE LEFT", "Thoracic spine AP/lat", "T-SPINE", "CT BRAIN", "ABDOMEN", "", "PORTABLE"],
)
def test_not_chest(words: str) -> None:
    assert "chest" not in regions_in(words)


def test_family() -> None:
    assert family_of(("DX", "SR")) == "XR"
    assert family_of(("CT", "SR", "PR")) == "CT"
    assert family_of(("US",)) == family_of(("SR",)) == "OT"


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        (date(2026, 3, 15), "earlier the same day"),
        (date(2026, 3, 14), "1 day earlier"),
        (date(2026, 2, 1), "6 weeks earlier"),
        (date(2024, 12, 15), "15 months earlier"),
        (date(2023, 1, 15), "3 years earlier"),
    ],
)
def test_intervals(earlier: date, words: str) -> None:
    assert interval_words(earlier, date(2026, 3, 15)) == words


def study(number: int, day: date, *, time: str = "", description: str = "CXR") -> StudyRef:
    return StudyRef(
        f"2.25.{number}", PatientRef("P"), f"A{number}", day, time, description, ("CR",)
    )


class Link:
    """A PACS that answers what the test says."""

    def __init__(self, studies: Outcome[StudyRef], series: Outcome[SeriesRef]) -> None:
        self.studies, self.series = studies, series

    def find_studies(self, study_query: StudyQuery) -> Outcome[StudyRef]:
        return self.studies

    def find_series(self, study_uid: str) -> Outcome[SeriesRef]:
        return self.series


CURRENT = study(1, date(2026, 3, 15), time="120000")


def test_same_day_only_when_the_time_says_earlier() -> None:
    same_day = [
        study(2, date(2026, 3, 15), time="090000"),
        study(3, date(2026, 3, 15)),
        study(4, date(2026, 3, 15), time="130000"),
        study(5, date(2026, 3, 16)),
        CURRENT,
    ]
    outcome = find_priors(Link(Found(tuple(same_day)), Nothing()), CURRENT)
    assert isinstance(outcome, Found)
    assert [prior.study.accession for prior in outcome.items] == ["A2"]


def test_a_query_that_breaks_off_is_failed_not_shorter() -> None:
    earlier = Found((study(2, date(2025, 1, 1)),))
    assert isinstance(find_priors(Link(earlier, Failed("gone")), CURRENT), Failed)
    assert isinstance(find_priors(Link(Failed("gone"), Nothing()), CURRENT), Failed)


def test_a_list_cut_short_is_never_none() -> None:
    knee = Found((study(2, date(2025, 1, 1), description="KNEE"),), cut_short=True)
    assert isinstance(find_priors(Link(knee, Nothing()), CURRENT), Failed)
    chest = Found((study(2, date(2025, 1, 1)),), cut_short=True)
    outcome = find_priors(Link(chest, Nothing()), CURRENT)
    assert isinstance(outcome, Found) and outcome.cut_short


def test_a_study_without_words_is_kept_and_says_so() -> None:
    bare = Found((study(2, date(2025, 1, 1), description=""),))
    outcome = find_priors(Link(bare, Nothing()), CURRENT)
    assert isinstance(outcome, Found)
    assert "body part not stated" in outcome.items[0].reason
