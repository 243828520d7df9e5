"""A cohort in a real PACS: streamed in, gone on with, replaced, and apart from the tour."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydicom import dcmread

from readingroom.agent.cli.sandbox import sandbox as command
from readingroom.sandbox_pacs import load as loading
from readingroom.sandbox_pacs.load import file_name, load, load_cohort
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.build import instance_uids
from readingroom.sandbox_pacs.patients.cohort import CohortKey, cohort
from readingroom.sandbox_pacs.patients.people import Study
from readingroom.sandbox_pacs.patients.table import by_scenario

KEY = CohortKey(7, "train", small=True)
COUNT = 4


def _studies() -> list[Study]:
    return [study for patient in cohort(COUNT, 7, "train", small=True) for study in patient.studies]


def _stored(box: Sandbox) -> set[str]:
    with box.rest() as rest:
        rows = rest.call("GET", "/studies?expand")
    return {row["MainDicomTags"]["StudyInstanceUID"] for row in rows}


def _names(box: Sandbox, folder: str) -> set[str]:
    return {path.stem for path in (box.directory / folder).iterdir()}


@pytest.mark.orthanc
def test_all_of_a_cohort_is_there_with_its_orders_and_truth(empty_sandbox: Sandbox) -> None:
    seen: list[tuple[int, int]] = []
    report = load_cohort(
        empty_sandbox, KEY, COUNT, lambda done, total, what: seen.append((done, total))
    )
    studies = _studies()
    people = list(cohort(COUNT, 7, "train", small=True))
    assert (report.patients, report.studies, report.skipped) == (COUNT, len(studies), 0)
    assert report.uploaded == sum(len(instance_uids(p, s)) for p in people for s in p.studies)
    assert seen == [(done, COUNT) for done in range(COUNT + 1)]
    assert _stored(empty_sandbox) == {study.study_uid for study in studies}
    current = {file_name(study.accession) for study in studies if study.indication}
    assert _names(empty_sandbox, "orm") == _names(empty_sandbox, "worklist") == current
    assert _names(empty_sandbox, "truth") == {file_name(study.accession) for study in studies}
    again = load_cohort(empty_sandbox, KEY, COUNT)
    assert (again.uploaded, again.skipped) == (0, report.uploaded)


@pytest.mark.orthanc
def test_ctrl_c_leaves_whole_patients_and_the_same_command_goes_on(empty_sandbox: Sandbox) -> None:
    def interrupt(done: int, total: int, accession: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_cohort(empty_sandbox, KEY, COUNT, interrupt)
    people = list(cohort(COUNT, 7, "train", small=True))
    in_first_two = {study.study_uid for patient in people[:2] for study in patient.studies}
    assert _stored(empty_sandbox) == in_first_two
    report = load_cohort(empty_sandbox, KEY, COUNT)
    assert report.skipped == sum(
        len(instance_uids(patient, study)) for patient in people[:2] for study in patient.studies
    )
    assert _stored(empty_sandbox) == {study.study_uid for study in _studies()}


@pytest.mark.orthanc
def test_tour_and_cohorts_leave_each_other_alone(
    empty_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each replaces its own studies of another version, and nothing else."""
    tour = by_scenario("no_priors")
    first = {study.study_uid for study in _studies()}
    load(empty_sandbox, (tour,))
    load_cohort(empty_sandbox, KEY, COUNT)
    load_cohort(empty_sandbox, CohortKey(8, "train", small=True), 1)
    assert len(_stored(empty_sandbox)) > 1 + len(first)
    before = _stored(empty_sandbox)
    monkeypatch.setattr(loading, "set_version", lambda: "another")
    assert load(empty_sandbox, (tour,)).replaced == 1
    assert _stored(empty_sandbox) == before
    report = load_cohort(empty_sandbox, KEY, 1)
    assert report.replaced == len(first)
    kept = {study.study_uid for study in next(cohort(1, 7, "train", small=True)).studies}
    assert _stored(empty_sandbox) == (before - first) | kept
    stems = {file_name(study.accession) for study in _studies() if study.study_uid not in kept}
    assert not stems & _names(empty_sandbox, "truth")


def test_export_writes_the_same_bytes_each_time(tmp_path: Path) -> None:
    options = ["--patients", "2", "--seed", "7", "--small", "--split", "dev", "--json"]
    for name in ("one", "two"):
        result = CliRunner().invoke(
            command, ["export", str(tmp_path / name), *options], obj={"home": tmp_path}
        )
        assert result.exit_code == 0, result.output
    one, two = (
        {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    assert one == two
    assert len(one) == json.loads(result.stdout)["files"]
    films = [path for path in (tmp_path / "one" / "dicom").rglob("*.dcm") if "SR" not in path.name]
    assert {dcmread(path).Rows for path in films} == {512}


@pytest.mark.parametrize("options", [["--seed", "1"], ["--small"], ["--split", "dev"]])
def test_options_of_a_cohort_need_its_size(tmp_path: Path, options: list[str]) -> None:
    result = CliRunner().invoke(command, ["load", *options], obj={"home": tmp_path})
    assert result.exit_code == 2
    assert "go with --patients" in result.output
