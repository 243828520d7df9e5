"""How two readings compare: a change word in a report comes from here and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from reporting_cases import (
    EFFUSION,
    FILM,
    NODULE,
    PRIOR_FILM,
    facts_with_prior,
    reading,
    study,
)

from readingroom.domain.finding import (
    Change,
    Detection,
    FilmQuality,
    FilmReading,
    Observation,
    Presence,
)
from readingroom.domain.region import Box, Laterality
from readingroom.tools.reporting import Comparison, compare_readings


def courses(
    now: FilmReading, then: FilmReading, **films: object
) -> dict[tuple[Observation, Laterality], Change]:
    arguments = {"film": FILM, "prior_film": PRIOR_FILM, **films}
    rows = compare_readings(now, then, prior_label="P1", **arguments)  # type: ignore[arg-type]
    return {(row.observation, row.laterality): row.change for row in rows}


@pytest.mark.parametrize(
    ("factor", "change"),
    [(2.0, Change.LARGER), (1.1, Change.SAME), (0.9, Change.SAME), (0.5, Change.SMALLER)],
)
def test_size_beyond_the_margin_is_a_change_and_within_it_is_not(
    factor: float, change: Change
) -> None:
    assert EFFUSION.box is not None
    wide = replace(EFFUSION, box=Box(600, 700, 600 + 250 * factor, 860))
    found = courses(reading(wide), reading(EFFUSION))
    assert found == {(Observation.PLEURAL_EFFUSION, Laterality.LEFT): change}


def test_new_and_gone() -> None:
    assert courses(reading(NODULE), reading()) == {
        (Observation.NODULE, Laterality.RIGHT): Change.NEW
    }
    assert courses(reading(), reading(NODULE)) == {
        (Observation.NODULE, Laterality.RIGHT): Change.GONE
    }


def test_a_finding_on_the_other_side_is_a_new_one_and_the_old_one_is_gone() -> None:
    right = replace(EFFUSION, laterality=Laterality.RIGHT, box=Box(150, 700, 400, 860))
    assert courses(reading(EFFUSION), reading(right)) == {
        (Observation.PLEURAL_EFFUSION, Laterality.LEFT): Change.NEW,
        (Observation.PLEURAL_EFFUSION, Laterality.RIGHT): Change.GONE,
    }


def test_what_is_uncertain_or_not_judged_is_not_compared() -> None:
    unsure = replace(NODULE, presence=Presence.UNCERTAIN)
    assert courses(reading(unsure), reading()) == {}
    assert courses(reading(NODULE), reading(unsure)) == {}
    bone = Detection(Observation.BONE_LESION, 0.9, Presence.PRESENT)
    assert courses(reading(bone), reading()) == {}


@pytest.mark.parametrize(
    "bad",
    [
        {"quality": FilmQuality(False, 0.9, ("underexposed",))},
        {"knows_this_kind": False, "why_not": "lateral view"},
    ],
)
def test_a_film_that_cannot_be_judged_is_compared_with_nothing(bad: dict[str, object]) -> None:
    assert courses(reading(NODULE, **bad), reading()) == {}
    assert courses(reading(NODULE), reading(**bad)) == {}


def test_heart_size_is_not_compared_between_pa_and_ap() -> None:
    heart = Detection(Observation.CARDIOMEGALY, 0.9, Presence.PRESENT, box=Box(380, 500, 760, 820))
    assert courses(reading(heart), reading())
    assert courses(reading(heart), reading(), film=replace(FILM, view="AP")) == {}


def test_a_wider_crop_of_the_same_chest_is_not_growth() -> None:
    """The prior was exposed at twice the pixel pitch: half the pixels, the same effusion."""
    small = replace(EFFUSION, box=Box(300, 350, 425, 430))
    then = reading(small, thorax=Box(75, 50, 425, 430))
    rows = compare_readings(
        reading(EFFUSION),
        then,
        film=FILM,
        prior_film=replace(PRIOR_FILM, rows=500, columns=500),
        prior_label="P1",
    )
    assert [row.change for row in rows] == [Change.SAME]


def test_a_box_beyond_the_film_is_clipped_to_it() -> None:
    region = FILM.region(Box(-50, 900, 200, 1200))
    assert (region.box.x0, region.box.y1) == (0, 1000)


def test_a_prior_of_another_patient_or_of_the_future_is_never_used() -> None:
    facts = facts_with_prior((NODULE,), (NODULE,))
    assert facts.newest_comparison(Observation.NODULE)
    other = replace(facts.study, patient=replace(facts.study.patient, patient_id="X"))
    assert not replace(facts, study=other).newest_comparison(Observation.NODULE)
    early = study(4, facts.retrieved[0].study.study_date.replace(year=2020))
    assert not replace(facts, study=early).newest_comparison(Observation.NODULE)


def test_the_newest_prior_counts_when_several_were_compared() -> None:
    facts = facts_with_prior((NODULE,), ())
    older = replace(facts.retrieved[0], label="P2", study=study(2, date(2020, 1, 1)))
    rows = {**facts.comparisons, "P2": (Comparison(Observation.NODULE, Change.SAME, "P2"),)}
    many = replace(facts, retrieved=(older, *facts.retrieved), comparisons=rows)
    assert [row.prior_label for row in many.newest_comparison(Observation.NODULE)] == ["P1"]
