"""What is in a loaded sandbox, asked for as a PACS client would: over DICOM."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from readingroom.domain.errors import BadInput, ConfigError
from readingroom.sandbox_pacs import load as loading
from readingroom.sandbox_pacs.dcmtk import dcmtk_program
from readingroom.sandbox_pacs.load import load, remove_study, store_instance
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.build import film_without_patient_id, instance_uids
from readingroom.sandbox_pacs.patients.people import Patient
from readingroom.sandbox_pacs.patients.table import by_scenario
from readingroom.sandbox_pacs.state import SandboxState

pytestmark = pytest.mark.orthanc


def _findscu(state: SandboxState, model: str, folder: Path, *keys: str) -> list[dict[str, object]]:
    from pydicom import dcmread

    command = [dcmtk_program("findscu"), model, "-aet", state.agent_aet, "-aec", state.aet, "-X"]
    command += ["-od", str(folder), "127.0.0.1", str(state.dicom_port)]
    for key in keys:
        command += ["-k", key]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [dcmread(path, force=True) for path in sorted(folder.glob("rsp*.dcm"))]
    return [{element.keyword: element.value for element in row} for row in rows]


def test_every_patient_is_there_under_their_name(
    sandbox_state: SandboxState, patients: tuple[Patient, ...], tmp_path: Path
) -> None:
    rows = _findscu(
        sandbox_state,
        "-S",
        tmp_path,
        "QueryRetrieveLevel=STUDY",
        "SpecificCharacterSet=ISO_IR 192",
        "StudyInstanceUID",
        "PatientName",
        "PatientID",
        "AccessionNumber",
    )
    names = {str(row["StudyInstanceUID"]): str(row["PatientName"]) for row in rows}
    for patient in patients:
        for study in patient.studies:
            assert names[study.study_uid] == patient.name


def test_the_work_list_has_each_current_study_with_its_indication(
    sandbox_state: SandboxState, patients: tuple[Patient, ...], tmp_path: Path
) -> None:
    rows = _findscu(
        sandbox_state,
        "-W",
        tmp_path,
        "SpecificCharacterSet=ISO_IR 192",
        "AccessionNumber",
        "StudyInstanceUID",
        "ReasonForTheRequestedProcedure",
        "RequestedProcedurePriority",
    )
    told = {str(row["StudyInstanceUID"]): row for row in rows}
    assert set(told) == {patient.current.study_uid for patient in patients}
    for patient in patients:
        row = told[patient.current.study_uid]
        assert row["AccessionNumber"] == patient.current.accession
        assert row["ReasonForTheRequestedProcedure"] == patient.current.indication


def test_images_come_back_to_the_agents_port(empty_sandbox: Sandbox, tmp_path: Path) -> None:
    """C-MOVE by an independent client at the address that the state names."""
    patient = by_scenario("ct_prior")
    load(empty_sandbox, (patient,))
    state = empty_sandbox.state()
    assert state is not None
    study = patient.priors[0]
    got = tmp_path / "got"
    got.mkdir()
    command = [dcmtk_program("movescu"), "-S", "-aet", state.agent_aet, "-aem", state.agent_aet]
    command += ["-aec", state.aet, "+P", str(state.agent_port), "-od", str(got)]
    command += ["127.0.0.1", str(state.dicom_port), "-k", "QueryRetrieveLevel=STUDY"]
    command += ["-k", f"StudyInstanceUID={study.study_uid}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list(got.iterdir())) == len(instance_uids(patient, study)) > 50


def test_dicomweb_answers(sandbox: Sandbox) -> None:
    with sandbox.rest() as rest:
        rows = rest.call("GET", "/dicom-web/studies?AccessionNumber=CR-20932")
    assert rows[0]["00100010"]["Value"][0]["Ideographic"] == "山田^太郎"


def test_one_accession_names_studies_of_two_patients(
    sandbox_state: SandboxState, tmp_path: Path
) -> None:
    accession = by_scenario("two_matching").current.accession
    rows = _findscu(
        sandbox_state,
        "-S",
        tmp_path,
        "QueryRetrieveLevel=STUDY",
        f"AccessionNumber={accession}",
        "PatientID",
        "StudyInstanceUID",
    )
    assert len({row["PatientID"] for row in rows}) == len(rows) == 2


def test_truth_and_reports_lie_beside_the_sandbox(
    sandbox_state: SandboxState, patients: tuple[Patient, ...]
) -> None:
    truth = json.loads(Path(sandbox_state.truth_dir, "CR-20931.json").read_text(encoding="utf-8"))
    assert truth["scenario"] == "effusion_larger"
    assert truth["schema"] == 2
    assert truth["images"][0]["findings"][0]["observation"] == "pleural_effusion"
    oru = {path.stem for path in Path(sandbox_state.oru_dir).iterdir()}
    assert oru == {
        study.accession
        for patient in patients
        for study in patient.studies
        if study.report is not None and study.report.source == "ORU"
    }


def test_loading_again_sends_only_what_is_missing(empty_sandbox: Sandbox) -> None:
    patient = by_scenario("normal")
    count = sum(len(instance_uids(patient, study)) for study in patient.studies)
    first = load(empty_sandbox, (patient,))
    assert (first.uploaded, first.skipped) == (count, 0)
    again = load(empty_sandbox, (patient,))
    assert (again.uploaded, again.skipped) == (0, count)
    with empty_sandbox.rest() as rest:
        assert remove_study(rest, patient.priors[0].study_uid)
        assert not remove_study(rest, patient.priors[0].study_uid)
    healed = load(empty_sandbox, (patient,))
    assert healed.uploaded == len(instance_uids(patient, patient.priors[0]))


def test_patients_of_another_version_are_replaced(
    empty_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The PACS keeps the first content of a UID: an old picture would stay beside a new truth."""
    patient = by_scenario("no_priors")
    load(empty_sandbox, (patient,))
    monkeypatch.setattr(loading, "set_version", lambda: "another")
    seen: list[str] = []
    report = load(empty_sandbox, (patient,), lambda done, total, what: seen.append(what))
    assert (report.uploaded, report.replaced) == (1, 1)
    assert seen == [patient.current.accession, ""]


def test_a_load_that_was_interrupted_goes_on(empty_sandbox: Sandbox) -> None:
    patient = by_scenario("normal")

    def interrupt(done: int, total: int, accession: str) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(empty_sandbox, (patient,), interrupt)
    report = load(empty_sandbox, (patient,))
    assert report.skipped == len(instance_uids(patient, patient.current))
    assert report.uploaded == len(instance_uids(patient, patient.priors[0]))


def test_loading_needs_a_sandbox(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no sandbox is running"):
        load(Sandbox(tmp_path))


def test_what_is_no_dicom_is_refused(empty_sandbox: Sandbox) -> None:
    with empty_sandbox.rest() as rest:
        with pytest.raises(BadInput, match="does not take this file"):
            store_instance(rest, b"no DICOM")


def test_orthanc_takes_a_film_without_patient_id(empty_sandbox: Sandbox) -> None:
    """So a client cannot count on the PACS to have refused it."""
    with empty_sandbox.rest() as rest:
        assert store_instance(rest, film_without_patient_id())
