"""The table of patients: what the other tests and the demo count on."""

from __future__ import annotations

import pytest

from readingroom.domain.errors import ConfigError
from readingroom.sandbox_pacs import configuration
from readingroom.sandbox_pacs.patients.disease import Disease
from readingroom.sandbox_pacs.patients.people import Picture
from readingroom.sandbox_pacs.patients.table import PATIENTS, by_scenario

ACCESSIONS = {
    "effusion_larger": "CR-20931",
    "nodule_new": "CR-20932",
    "normal": "CR-20933",
    "critical": "CR-20934",
    "device": "CR-20935",
    "ct_prior": "CR-20936",
    "no_priors": "CR-20937",
    "query_failed": "CR-20938",
    "wrong_modality": "CR-20939",
    "poor_film": "CR-20940",
    "two_matching": "CR-20941",
    "cardiomegaly": "CR-20943",
}


def test_scenarios_keep_their_accession_numbers() -> None:
    assert {p.scenario: p.current.accession for p in PATIENTS} == ACCESSIONS
    with pytest.raises(KeyError):
        by_scenario("unheard of")


def test_only_one_accession_is_there_twice() -> None:
    accessions = [study.accession for patient in PATIENTS for study in patient.studies]
    assert {a for a in accessions if accessions.count(a) > 1} == {"CR-20941"}
    assert len({patient.patient_id for patient in PATIENTS}) == len(PATIENTS)
    assert len({patient.seed for patient in PATIENTS}) == len(PATIENTS)


def test_training_never_sees_these_seeds() -> None:
    assert all(patient.seed >= 1_000_000 for patient in PATIENTS)


def test_priors_are_older_and_newest_first() -> None:
    for patient in PATIENTS:
        times = [study.when for study in patient.studies]
        assert times == sorted(times, reverse=True), patient.scenario


def test_each_scenario_is_what_its_name_says() -> None:
    assert by_scenario("no_priors").priors == ()
    assert by_scenario("wrong_modality").current.picture is Picture.KNEE_FILM
    assert by_scenario("poor_film").current.quality == "underexposed"
    assert by_scenario("normal").current.lesions == ()
    assert by_scenario("critical").current.lesions[0].disease is Disease.PNEUMOTHORAX
    assert Picture.CHEST_CT in {s.picture for s in by_scenario("ct_prior").priors}
    main = by_scenario("effusion_larger")
    assert {s.report.source for s in main.priors if s.report} == {"SR", "ORU"}
    assert Picture.KNEE_FILM in {s.picture for s in main.priors}, "a prior to refuse"


def test_values_fit_their_representation() -> None:
    """SH has 16 characters, LO 64; PACS cut or refuse what is longer. Source: PS3.5 6.2."""
    for patient in PATIENTS:
        assert len(patient.patient_id) <= 64
        for study in patient.studies:
            assert len(study.accession) <= 16
            assert len(study.description) <= 64
            assert len(study.indication) <= 64
            assert bool(study.indication) == (study is patient.current)


def test_age_counts_full_years() -> None:
    patient = by_scenario("effusion_larger")
    birthday = patient.birth_date.replace(year=2026)
    assert patient.age_at(birthday) == 63
    assert patient.age_at(birthday.replace(day=birthday.day - 1)) == 62


def test_a_missing_orthanc_names_the_packages() -> None:
    with pytest.raises(ConfigError, match="orthanc orthanc-dicomweb orthanc-gdcm"):
        configuration.find_orthanc(("/nowhere",))
    with pytest.raises(ConfigError, match="apt-get install orthanc"):
        configuration.find_plugins(("/nowhere",))
