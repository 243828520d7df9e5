"""Orthanc takes what the 3D chest gives: films, CT, reports, and the truth as SR and SEG."""

from __future__ import annotations

from dataclasses import replace

import pytest

from readingroom.sandbox_pacs.load import load, store_instance
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.build import StudyStream, instance_uids
from readingroom.sandbox_pacs.patients.cohort import cohort
from readingroom.sandbox_pacs.patients.people import Patient, Study


def _small(study: Study) -> Study:
    return replace(study, film_rows=256, ct_rows=128, slice_thickness_mm=5.0)


def _with_a_nodule_and_a_ct() -> Patient:
    """A patient whose CT became small too: small cohorts have none."""
    for patient in cohort(200, 21, "dev"):
        kinds = {study.modality for study in patient.studies}
        diseases = {lesion.disease.value for lesion in patient.current.lesions}
        if "CT" in kinds and "nodule" in diseases:
            priors = tuple(map(_small, patient.priors))
            return replace(patient, current=_small(patient.current), priors=priors)
    raise AssertionError("a cohort has nodules that were followed by CT")


@pytest.mark.orthanc
def test_two_small_patients_and_their_truth(empty_sandbox: Sandbox) -> None:
    people = (_with_a_nodule_and_a_ct(), *cohort(1, 21, "dev", small=True))
    report = load(empty_sandbox, people)
    wanted = [uid for p in people for s in p.studies for uid in instance_uids(p, s)]
    assert (report.uploaded, report.skipped) == (len(wanted), 0)
    truth = set()
    with empty_sandbox.rest() as rest:
        for study in people[0].studies:
            stream = StudyStream(people[0], study)
            assert list(stream.instances())
            for instance in stream.truth_objects(("sr", "seg")):
                assert store_instance(rest, instance.data)
                truth.add(instance.sop_uid)
        rows = rest.call("GET", "/instances?expand")
    there = {row["MainDicomTags"]["SOPInstanceUID"] for row in rows}
    assert there == set(wanted) | truth
