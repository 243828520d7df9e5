"""Every kind of object is valid DICOM by an independent judge, and shows what the truth says."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_tour import DrawnTour
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels import apply_voi_lut

from readingroom.domain.ids import is_uid
from readingroom.sandbox_pacs.drawing_pool import Drawn
from readingroom.sandbox_pacs.patients import chest_films, knee_films
from readingroom.sandbox_pacs.patients.build import (
    StudyObjects,
    build_study,
    film_without_patient_id,
    instance_uids,
)
from readingroom.sandbox_pacs.patients.film_object import film_dataset
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Report, Study
from readingroom.sandbox_pacs.patients.reports import report_oru
from readingroom.sandbox_pacs.patients.table import PATIENTS, by_scenario
from readingroom.sandbox_pacs.patients.truth_export import Instance

Built = dict[str, tuple[Patient, Study, StudyObjects]]


@pytest.fixture(scope="module")
def built(drawn_tour: DrawnTour) -> Built:
    drawn = drawn_tour.of(PATIENTS)
    return {
        study.study_uid: (patient, study, _objects(study, drawn[study.study_uid]))
        for patient in PATIENTS
        for study in patient.studies
    }


def _objects(study: Study, drawn: Drawn) -> StudyObjects:
    papers = drawn.papers
    return StudyObjects(
        oru=papers.oru,
        worklist=papers.worklist,
        orm=papers.orm,
        truth=papers.truth,
        study_uid=study.study_uid,
        accession=study.accession,
        instances=tuple(_instance(path) for path in drawn.files),
    )


def _instance(path: Path) -> Instance:
    data = path.read_bytes()
    uid = dcmread(io.BytesIO(data), specific_tags=["SOPInstanceUID"]).SOPInstanceUID
    return Instance(str(uid), path.name, data)


def test_dciodvfy_finds_no_error(built: Built, tmp_path: Path) -> None:
    kinds = set()
    for _, study, objects in built.values():
        # All films and reports, and the first and last slice of each CT.
        few = (
            objects.instances
            if len(objects.instances) < 3
            else (objects.instances[0], *objects.instances[-2:])
        )
        for instance in few:
            path = tmp_path / f"{instance.sop_uid}.dcm"
            path.write_bytes(instance.data)
            done = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False)
            said = (done.stdout + done.stderr).decode("utf-8", "replace").splitlines()
            errors = [line for line in said if line.startswith("Error")]
            assert not errors, (study.accession, instance.name, errors)
            kinds |= {line for line in said if " " not in line}
    assert kinds == {"DXImageForPresentation", "CRImage", "CTImage", "BasicTextSR"}


def test_uids_are_valid_unique_and_known_without_drawing(built: Built) -> None:
    seen: set[str] = set()
    for patient, study, objects in built.values():
        uids = tuple(instance.sop_uid for instance in objects.instances)
        assert uids == instance_uids(patient, study)
        assert all(map(is_uid, (*uids, study.study_uid)))
        assert not seen & set(uids)
        seen |= set(uids)


def test_the_same_study_gives_the_same_bytes_in_another_process(built: Built) -> None:
    patient = by_scenario("effusion_larger")
    study = patient.priors[0]
    assert build_study(patient, study) == built[study.study_uid][2]


FOR_WINDOWS = (
    ("effusion_larger", 0),  # DX
    ("effusion_larger", 2),  # CR
    ("poor_film", 0),  # CR without a pitch
    ("cardiomegaly", 0),  # stored as MONOCHROME1
    ("wrong_modality", 0),  # a knee
)


@pytest.mark.parametrize(("scenario", "number"), FOR_WINDOWS)
def test_the_first_window_shows_the_film_as_drawn_in_both_photometrics(
    scenario: str, number: int, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A MONOCHROME1 film that a viewer shows like MONOCHROME2 is a wrong film."""
    patient = by_scenario(scenario)
    study = patient.studies[number]
    drawn: list[NDArray[np.float32]] = []

    def seen(whose: Patient, what: Study, grey_yx: NDArray[np.float32], *others: Any) -> Dataset:
        drawn.append(grey_yx.copy())
        return film_dataset(whose, what, grey_yx, *others)

    monkeypatch.setattr(chest_films, "film_dataset", seen)
    monkeypatch.setattr(knee_films, "film_dataset", seen)
    again = build_study(patient, study)
    ds = dcmread(io.BytesIO(again.instances[0].data))
    assert ds.PhotometricInterpretation == ("MONOCHROME1" if study.inverted else "MONOCHROME2")
    shown = np.clip(_shown(ds), 0, 1)
    # Half a stored step; a sigmoid never reaches its ends.
    most = 0.002 if ds.get("VOILUTFunction") == "SIGMOID" else 0.5 / 3600 + 2e-5
    assert np.abs(shown - drawn[0].clip(0, 1)).max() < most


def _shown(ds: Dataset) -> NDArray[np.float64]:
    """What a viewer shows by the first VOI transformation, by pydicom: 0 black, 1 white."""
    values = apply_voi_lut(ds.pixel_array, ds, index=0).astype(np.float64)
    top = 2**16 - 1 if "VOILUTSequence" in ds else 2**ds.BitsStored - 1
    shown: NDArray[np.float64] = values / top
    return 1 - shown if ds.PhotometricInterpretation == "MONOCHROME1" else shown


def test_truth_lies_inside_the_film_and_on_its_side(built: Built) -> None:
    for _, study, objects in built.values():
        if study.picture is not Picture.CHEST_FILM:
            continue
        truth = objects.truth
        drawn = {lesion.disease for lesion in study.lesions}
        assert {lesion["class"] for lesion in truth["lesions"]} == drawn
        (image,) = truth["images"]
        assert {found["class"] for found in image["findings"]} == drawn, study.accession
        assert (image["rows"], image["columns"]) == (truth["rows"], truth["columns"])
        middle = (image["thorax"][0] + image["thorax"][2]) / 2
        for found in image["findings"]:
            x0, y0, x1, y1 = found["box"]
            assert 0 <= x0 < x1 <= image["columns"]
            assert 0 <= y0 < y1 <= image["rows"]
            assert found["observation"] == found["class"], "the tour has what reports can say"
            if found["laterality"] == "left":
                assert found["point"][0] > middle
            if found["laterality"] == "right":
                assert found["point"][0] < middle


def test_the_truth_of_a_ct_says_what_it_shows(built: Built) -> None:
    """An enlarged heart is a change of form: told without voxels; the other CT shows nothing."""
    for scenario, told in (("ct_prior", []), ("cardiomegaly", ["cardiomegaly"])):
        patient = by_scenario(scenario)
        (study,) = (each for each in patient.studies if each.picture is Picture.CHEST_CT)
        _, _, objects = built[study.study_uid]
        assert [lesion["class"] for lesion in objects.truth["lesions"]] == told
        assert objects.truth["series"]["findings"] == []
        slices = [each for each in objects.instances if each.name.startswith("CT")]
        assert objects.truth["series"]["slices"] == len(slices)


def test_the_effusion_grew(built: Built) -> None:
    patient = by_scenario("effusion_larger")
    now, before = (
        built[study.study_uid][2].truth["images"][0]["findings"][0]["size_mm"]
        for study in patient.studies[:2]
    )
    assert now > 1.5 * before
    changes = built[patient.current.study_uid][2].truth["changes"]
    assert changes[patient.priors[0].accession]["pleural_effusion"] == "larger"
    assert changes["CR-20102"]["pleural_effusion"] == "new"
    assert "CR-19310" not in changes, "a knee is no prior"


def test_reports_have_their_numbers(built: Built) -> None:
    """No placeholder is left, and the number is the picture's."""
    patient = by_scenario("effusion_larger")
    prior = built[patient.priors[0].study_uid][2]
    sr = dcmread(io.BytesIO(prior.instances[-1].data))
    text = sr.ContentSequence[3].ContentSequence[0].TextValue
    (found,) = prior.truth["images"][0]["findings"]
    assert f"{found['size_mm']:.0f} mm" in text
    for _, _, objects in built.values():
        data = b"".join(i.data for i in objects.instances if i.name.startswith("SR"))
        assert b"{" not in data + (objects.oru or b"")


def test_the_sr_refers_to_the_images_of_its_study(built: Built) -> None:
    for _, study, objects in built.values():
        if study.report is None or study.report.source != "SR":
            continue
        sr = dcmread(io.BytesIO(objects.instances[-1].data))
        evidence = sr.CurrentRequestedProcedureEvidenceSequence[0]
        referred = [
            str(reference.ReferencedSOPInstanceUID)
            for series in evidence.ReferencedSeriesSequence
            for reference in series.ReferencedSOPSequence
        ]
        assert referred == [i.sop_uid for i in objects.instances[:-1]]


def test_oru_messages_are_read_by_an_independent_parser(built: Built) -> None:
    from hl7apy.parser import parse_message

    for patient, study, objects in built.values():
        if objects.oru is None:
            continue
        assert b"\n" not in objects.oru
        message = parse_message(objects.oru.decode(), find_groups=False)
        segments = {child.name: child for child in message.children}
        assert segments["OBR"].obr_3.value == study.accession
        assert segments["ZDS"].value.split("|")[1].split("^")[0] == study.study_uid
        assert segments["PID"].pid_3.pid_3_1.value == patient.patient_id
        assert [c.obx_5.value for c in message.children if c.name == "OBX"][0] == "FINDINGS"


def test_a_sentence_cannot_add_a_segment_to_an_oru() -> None:
    patient = by_scenario("normal")
    hostile = Report("ORU", ("Clear.\rOBX|9|TX|||injected|~^&\\",), ())
    message = report_oru(patient, patient.priors[0], hostile).decode()
    assert [line[:3] for line in message.split("\r")] == [
        *("MSH", "PID", "OBR"),
        *("OBX", "OBX", "OBX"),
        *("ZDS", ""),
    ]
    assert r"\F\9\F\TX" in message


def test_ct_slices_run_downwards_without_a_gap(built: Built) -> None:
    _, _, objects = built[by_scenario("ct_prior").priors[0].study_uid]
    slices = [dcmread(io.BytesIO(i.data)) for i in objects.instances if i.name.startswith("CT")]
    heights = np.array([float(ds.ImagePositionPatient[2]) for ds in slices])
    assert heights[0] - heights[-1] > 250, "apex to costophrenic angle"
    assert np.allclose(np.diff(heights), -float(slices[0].SliceThickness), atol=0.002)
    assert slices[0].pixel_array.shape == (512, 512)


def test_the_bad_film_lacks_only_its_patient_id() -> None:
    ds = dcmread(io.BytesIO(film_without_patient_id()))
    assert "PatientID" not in ds
    assert ds.pixel_array.shape == (1024, 1024)
