"""Every kind of object is valid DICOM by an independent judge, and shows what the truth says."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from readingroom.domain.ids import is_uid
from readingroom.sandbox_pacs.patients.build import (
    StudyObjects,
    build_study,
    film_without_patient_id,
    instance_uids,
)
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Report, Study
from readingroom.sandbox_pacs.patients.phantom_pictures import picture_of
from readingroom.sandbox_pacs.patients.reports import report_oru
from readingroom.sandbox_pacs.patients.table import PATIENTS, by_scenario


@pytest.fixture(scope="module")
def built() -> dict[str, tuple[Patient, Study, StudyObjects]]:
    return {
        study.study_uid: (patient, study, build_study(patient, study))
        for patient in PATIENTS
        for study in patient.studies
    }


Built = dict[str, tuple[Patient, Study, StudyObjects]]


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


def test_the_same_study_gives_the_same_bytes() -> None:
    patient = by_scenario("effusion_larger")
    study = patient.priors[0]
    assert build_study(patient, study) == build_study(patient, study)


def test_the_first_window_shows_the_film_as_drawn_in_both_photometrics(built: Built) -> None:
    """A MONOCHROME1 film that a viewer shows like MONOCHROME2 is a wrong film."""
    kinds = set()
    for patient, study, objects in built.values():
        if study.picture is Picture.CHEST_CT:
            continue
        ds = dcmread(io.BytesIO(objects.instances[0].data))
        stored = ds.pixel_array.astype(np.float64)
        center, width = float(ds.WindowCenter[0]), float(ds.WindowWidth[0])
        shown = np.clip((stored - (center - 0.5)) / (width - 1) + 0.5, 0, 1)
        if ds.PhotometricInterpretation == "MONOCHROME1":
            shown = 1 - shown
        kinds.add(ds.PhotometricInterpretation)
        drawn = picture_of(patient, study).grey_yx
        assert drawn is not None
        assert np.abs(shown - drawn).max() < 0.5 / 3600 + 1e-6, study.accession
    assert kinds == {"MONOCHROME1", "MONOCHROME2"}


def test_truth_lies_inside_the_film_and_on_its_side(built: Built) -> None:
    for _, study, objects in built.values():
        if study.picture is not Picture.CHEST_FILM:
            continue
        assert {f["observation"] for f in objects.truth["findings"]} == {
            str(sign.observation) for sign in study.signs
        }
        for finding in objects.truth["findings"]:
            x0, y0, x1, y1 = finding["box"]
            assert 0 <= x0 < x1 <= objects.truth["columns"]
            assert 0 <= y0 < y1 <= objects.truth["rows"]
            if finding["laterality"] == "left":
                assert finding["point"][0] > objects.truth["columns"] / 2
            if finding["laterality"] == "right":
                assert finding["point"][0] < objects.truth["columns"] / 2


def test_the_effusion_grew(built: Built) -> None:
    patient = by_scenario("effusion_larger")
    now, before = (
        built[study.study_uid][2].truth["findings"][0]["mm"] for study in patient.studies[:2]
    )
    assert now > 1.5 * before


def test_reports_have_their_numbers(built: Built) -> None:
    """No placeholder is left, and the number is the picture's."""
    patient = by_scenario("effusion_larger")
    prior = built[patient.priors[0].study_uid][2]
    sr = dcmread(io.BytesIO(prior.instances[-1].data))
    text = sr.ContentSequence[3].ContentSequence[0].TextValue
    assert f"{prior.truth['findings'][0]['mm']:.0f} mm" in text
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
    assert len(slices) == 20
    assert np.allclose(np.diff(heights), -float(slices[0].SliceThickness), atol=0.002)
    assert slices[0].pixel_array.shape == (256, 256)


def test_the_bad_film_lacks_only_its_patient_id() -> None:
    ds = dcmread(io.BytesIO(film_without_patient_id()))
    assert "PatientID" not in ds
    assert ds.pixel_array.shape == (1024, 1024)
