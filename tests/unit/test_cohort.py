"""Cohorts: the same people from the same seed, nobody twice, and stories that hold together.

Nothing is drawn here.
"""

from __future__ import annotations

from collections import Counter

import pytest
from sentence_skeletons import sentences, skeleton

from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.load import file_name
from readingroom.sandbox_pacs.patients.cohort import CohortKey, cohort, patient_at
from readingroom.sandbox_pacs.patients.corpus.planted import HOSTILE_TAGS
from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.disease import WITHOUT_SIDE
from readingroom.sandbox_pacs.patients.identifiers import (
    NUMBERS,
    luhn,
    modulus_11,
    modulus_97,
    scrambled,
)
from readingroom.sandbox_pacs.patients.indications import THEMES, indication
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Planted, Study
from readingroom.sandbox_pacs.patients.planting import with_planted
from readingroom.sandbox_pacs.patients.prior_reports import changes
from readingroom.sandbox_pacs.patients.sites import SITES
from readingroom.sandbox_pacs.patients.stories import STORIES

COUNT = 500


@pytest.fixture(scope="module")
def people() -> tuple[Patient, ...]:
    return tuple(cohort(COUNT, 11, "train"))


def _studies(people: tuple[Patient, ...]) -> list[tuple[Patient, Study]]:
    return [(patient, study) for patient in people for study in patient.studies]


def test_the_same_seed_gives_the_same_people(people: tuple[Patient, ...]) -> None:
    assert tuple(cohort(40, 11, "train")) == people[:40], "a longer cohort begins with the shorter"
    assert patient_at(CohortKey(11, "train"), 37) == people[37], "each without those before"


def test_dice_fall_the_same_way_on_every_machine() -> None:
    """A golden value: if it changes, everybody's cohorts have changed."""
    dice = Dice("golden", 1)
    falls = (dice.whole(0, 999), dice.pick("abcdef"), dice.chance(0.5), dice.whole(0, 10**6))
    assert falls == (11, "b", True, 43466)


def test_no_two_cohorts_share_an_identifier() -> None:
    cohorts = [(1, "train", False), (1, "train", True), (1, "dev", False), (1, "test", False)]
    cohorts += [(2, "train", False), (2, "test", True)]
    seen: Counter[str] = Counter()
    for seed, split, small in cohorts:
        for patient in cohort(60, seed, split, small=small):  # type: ignore[arg-type]
            seen[f"{patient.issuer}/{patient.patient_id}"] += 1
            seen[f"bare {patient.patient_id}"] += 1
            for study in patient.studies:
                seen[file_name(study.accession)] += 1
                seen[study.study_uid] += 1
    assert seen.most_common(1)[0][1] == 1


def test_small_are_the_same_people_without_ct_under_other_identifiers() -> None:
    full = list(cohort(80, 3, "dev"))
    small = list(cohort(80, 3, "dev", small=True))
    assert [p.name for p in full] == [p.name for p in small]
    assert [p.seed for p in full] == [p.seed for p in small]
    assert not {p.patient_id for p in full} & {p.patient_id for p in small}
    assert {s.film_rows for p in small for s in p.studies} == {512}
    assert {s.film_rows for p in full for s in p.studies} == {2048}
    pictures = {s.picture for p in small for s in p.studies}
    assert pictures == {Picture.CHEST_FILM, Picture.KNEE_FILM}
    assert Picture.CHEST_CT in {s.picture for p in full for s in p.studies}


@pytest.mark.parametrize(("count", "seed"), [(100_001, 0), (1, 1000), (1, -1), (-1, 0)])
def test_what_would_collide_is_refused(count: int, seed: int) -> None:
    with pytest.raises(ValueError):
        list(cohort(count, seed, "train"))


def test_the_tour_is_no_cohort() -> None:
    with pytest.raises(ValueError):
        cohort(1, 0, "tour")


def test_about_forty_in_a_hundred_have_nothing(people: tuple[Patient, ...]) -> None:
    share = sum(not patient.current.lesions for patient in people) / COUNT
    assert 0.34 < share < 0.46


def test_every_story_is_told(people: tuple[Patient, ...]) -> None:
    assert {patient.scenario for patient in people} == {story.name for story in STORIES}


def test_patients_are_adults_with_at_most_four_priors_newest_first(
    people: tuple[Patient, ...],
) -> None:
    for patient in people:
        assert 18 <= patient.age_at(patient.current.when.date()) <= 96
        assert len(patient.priors) <= 4
        times = [study.when for study in patient.studies]
        assert times == sorted(set(times), reverse=True), patient.scenario
        assert patient.birth_date < patient.priors[-1].when.date() if patient.priors else True
    assert {len(patient.priors) for patient in people} == {0, 1, 2, 3, 4}


def test_values_fit_their_representation(people: tuple[Patient, ...]) -> None:
    """SH 16, LO 64, CS 16 of capitals, digits, space and underscore. Source: PS3.5 6.2."""
    for patient, study in _studies(people):
        assert len(patient.patient_id) <= 64 and len(patient.issuer) <= 64
        assert len(study.accession) <= 16 and len(study.procedure_code) <= 16
        assert all(len(text) <= 64 for text in (study.description, study.indication, *study.series))
        body = study.body_part
        assert len(body) <= 16 and all(c.isascii() and (c.isupper() or c in " _") for c in body)
        assert len(study.device.station) <= 16
        assert bool(study.indication) == (study is patient.current)


def test_views_films_and_setting_agree(people: tuple[Patient, ...]) -> None:
    for patient, study in _studies(people):
        if study.picture is Picture.CHEST_CT:
            assert (study.modality, study.view, study.films) == ("CT", "", ())
            continue
        if study.picture is Picture.KNEE_FILM:
            assert study is not patient.current and study.report is None and not study.lesions
            continue
        assert study.films in (("PA",), ("PA", "LL"), ("AP",))
        assert (study.view == "AP") == (study.setting in ("portable", "supine"))
        assert len(study.series) == len(study.films)
        assert study.has_spacing or study.modality == "CR", "a DX film tells its pitch"


def test_lesions_are_such_as_can_be_drawn(people: tuple[Patient, ...]) -> None:
    for _, study in _studies(people):
        assert len({lesion.key for lesion in study.lesions}) == len(study.lesions)
        for lesion in study.lesions:
            assert 0 <= lesion.severity <= 1
            middle = lesion.laterality in (Laterality.MIDLINE, Laterality.BILATERAL)
            assert middle == (lesion.disease in WITHOUT_SIDE)


def test_things_grow_shrink_come_and_go(people: tuple[Patient, ...]) -> None:
    seen = Counter(
        change
        for patient in people
        for now, before in zip(patient.studies, patient.priors, strict=False)
        if before.picture is not Picture.KNEE_FILM
        for change in changes(now.lesions, before.lesions).values()
    )
    assert all(seen[change] > 10 for change in ("new", "larger", "smaller", "same", "gone")), seen


def test_most_priors_have_a_report_that_tells_what_is_there(people: tuple[Patient, ...]) -> None:
    priors = [study for patient in people for study in patient.priors]
    reports = [study.report for study in priors if study.report is not None]
    assert len(reports) > 0.7 * len(priors)
    assert {report.source for report in reports} == {"SR", "ORU"}
    assert len({report.written for report in reports}) > 60
    for study in priors:
        if study.report is not None:
            done, _ = with_planted(study.report, study.lesions, {})
            planted = [plan.text for plan in study.report.planted]
            own = [t for t in (*done.findings, *done.impression) if t not in planted]
            assert not [text for text in own if "{" in text], "a gap was left"


def test_a_patient_has_no_report_twice(people: tuple[Patient, ...]) -> None:
    for patient in people:
        names = [
            s.report.written
            for s in patient.priors
            if s.report and not any(p.kind == "missed_finding" for p in s.report.planted)
        ]
        assert len(names) == len(set(names))


def _told(people: tuple[Patient, ...]) -> list[tuple[Patient, Study, Planted, tuple[str, ...]]]:
    told = []
    for patient in people:
        for study in patient.priors:
            if study.report is not None:
                report, planted = with_planted(study.report, study.lesions, {})
                text = (*report.findings, *report.impression)
                told += [(patient, study, each, text) for each in (*planted, *study.planted)]
    return told


def test_about_one_report_in_seven_has_an_error_and_the_truth_says_which() -> None:
    many = tuple(cohort(1200, 4, "test"))
    told = _told(many)
    reports = sum(study.report is not None for patient in many for study in patient.priors)
    assert 0.12 < len(told) / reports < 0.19
    kinds = Counter(planted.kind for _, _, planted, _ in told)
    assert len(kinds) == 8 and min(kinds.values()) >= 5, kinds
    for patient, study, planted, text in told:
        if planted.kind == "hostile_tag":
            assert planted.where in {tag.keyword for tag in HOSTILE_TAGS}
            assert (planted.where == "StudyDescription") == (study.description == planted.text)
        elif planted.kind == "missed_finding":
            assert planted.text == ""
            assert planted.instead.split(" ")[0] in {lesion.disease for lesion in study.lesions}
        else:
            assert planted.text in text
        if planted.kind == "wrong_side":
            assert planted.instead not in text and planted.instead != planted.text
        if planted.kind == "unsupported_comparison":
            older = [each for each in patient.priors if each.when < study.when]
            assert {each.picture for each in older} <= {Picture.KNEE_FILM}, (
                "nothing to compare with"
            )


def test_nothing_is_planted_into_the_study_to_read(people: tuple[Patient, ...]) -> None:
    assert all(patient.current.report is None and not patient.current.planted for patient in people)


def test_sites_differ_and_have_words_for_everything() -> None:
    assert len({site.language for site in SITES}) >= 6
    for site in SITES:
        assert set(site.wording) == {"pa", "pa_ll", "portable", "supine", "ct", "knee"}
        for theme in THEMES:
            assert 0 < len(indication(Dice("any"), theme, site.language)) <= 64
    assert {story.theme for story in STORIES} == set(THEMES)
    assert any("" in words.body_part for site in SITES for words in site.wording.values())
    styles = {site.patient_id(123_456_789) for site in SITES}
    assert len(styles) == len(SITES)


def test_numbers_are_scrambled_without_meeting() -> None:
    assert len({scrambled(number) for number in range(20_000)}) == 20_000
    assert scrambled(NUMBERS - 1) != scrambled(0)
    with pytest.raises(ValueError):
        scrambled(NUMBERS)


def test_check_digits() -> None:
    assert luhn("7992739871") == "3", "the example of the standard's article"
    assert modulus_11("943476591") == "9", "an NHS number printed as 943 476 5919"
    assert int("79421" + modulus_97("79421")) % 97 == 1


def test_no_sentence_is_read_again_and_again(people: tuple[Patient, ...]) -> None:
    """As loaded, planted errors included: no skeleton makes more than 2% of what is told."""
    reports = [study.report for _, study in _studies(people) if study.report is not None]
    lines = (line for report in reports for line in (*report.findings, *report.impression))
    counts = Counter(skeleton(each) for each in sentences(lines))
    most, times = counts.most_common(1)[0]
    assert counts.total() > 2000
    assert times <= 0.02 * counts.total(), f"{times} times: {most}"
