"""Headers of odd and hostile files: read, or one clear line; and which film may be read at all."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import imaging_files as files
import numpy as np
import pytest

from readingroom.domain.errors import BadInput
from readingroom.tools.imaging import Header, is_chest_film, read_header, require_identity

GREY = np.zeros((4, 6), np.uint16)


@pytest.fixture
def header(tmp_path: Path) -> Header:
    return read_header(files.film(tmp_path / "a.dcm", GREY))


def refusal(path: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_header(path)
    assert "\n" not in str(caught.value)
    return caught.value


def test_what_a_header_says(tmp_path: Path) -> None:
    path = files.film(
        tmp_path / "a.dcm",
        GREY,
        SpecificCharacterSet="ISO_IR 192",
        PatientName="Müller^Jörg",
        PatientBirthDate="19500203",
        PatientSex="M",
        StudyDate="20240102",
        StudyDescription="Thorax\x1b[31m p.a.",
        WindowCenter=["100", "200"],
        WindowWidth=["50", "60"],
        PixelSpacing=["0.2", "0.15"],
    )
    found = read_header(path)
    assert (found.patient_name, found.birth_date) == ("Müller^Jörg", date(1950, 2, 3))
    assert (found.study_date, found.study_description) == (date(2024, 1, 2), "Thorax p.a.")
    assert (found.rows, found.columns, found.frames, found.samples) == (4, 6, 1, 1)
    assert found.window == (100.0, 50.0), "the first of several windows"
    assert found.spacing_yx_mm == (0.2, 0.15)
    assert (found.sop_uid, found.study_uid) == ("1.2.3.4", "1.2.3")


@pytest.mark.parametrize(
    ("values", "spacing", "origin"),
    [
        ({}, None, ""),
        ({"ImagerPixelSpacing": ["0.2", "0.2"]}, (0.2, 0.2), "ImagerPixelSpacing"),
        (
            {
                "ImagerPixelSpacing": ["0.2", "0.2"],
                "EstimatedRadiographicMagnificationFactor": "1.25",
            },
            (0.16, 0.16),
            "ImagerPixelSpacing",
        ),
        (
            {"PixelSpacing": ["0.1", "0.1"], "ImagerPixelSpacing": ["0.2", "0.2"]},
            (0.1, 0.1),
            "PixelSpacing",
        ),
        ({"PixelSpacing": ["0", "0"]}, None, ""),
    ],
)
def test_pixel_pitch_is_read_or_unknown_but_never_a_default(
    tmp_path: Path, values: dict[str, object], spacing: object, origin: str
) -> None:
    found = read_header(files.film(tmp_path / "a.dcm", GREY, **values))
    assert found.spacing_yx_mm == (pytest.approx(spacing) if spacing else None)
    assert found.spacing_from == origin


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"hello, this is a text file", "is not DICOM"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "is not DICOM"),
        (bytes(128) + b"DICM", "is not DICOM"),
        (files.part10(files.nested(990, defined=False)), "more than 32 deep"),
        (files.part10(files.nested(990, defined=True)), "more than 32 deep"),
        (files.part10(files.element(0x00081115, b"UT", b"x", 0xF0000000)), "claims 4026531840"),
        (files.part10(files.image_body(2, 2, 1, bytes(8), 1 << 31)), "claims 2147483648 bytes"),
        (files.part10(files.element(0x00080060, b"CS", b"CR")[:-1]), "claims 2 bytes where 1"),
        (files.part10(b"\x08\x00"), "ends in the middle"),
        (files.part10(files.nested(2, defined=False)[:-16]), "ends inside a sequence"),
        (files.part10(b"no deflate at all", files.DEFLATED), "deflated data set is damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_or_broken_file_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "hostile.dcm"
    path.write_bytes(content)
    error = refusal(path)
    assert "hostile.dcm" in error.message and said in error.message


def test_a_deflate_bomb_is_not_inflated(tmp_path: Path) -> None:
    bomb = files.part10(files.deflate_bomb(megabytes=300), files.DEFLATED)
    assert len(bomb) < 1 << 20
    (tmp_path / "a.dcm").write_bytes(bomb)
    assert "expands to more than 128 MB" in str(refusal(tmp_path / "a.dcm"))


def test_implicit_nesting_is_capped_too(tmp_path: Path) -> None:
    # UN of undefined length is implicit inside: PS3.5 6.2.2.
    body = files.nested(40, defined=False).replace(b"SQ\0\0\xff\xff\xff\xff", b"\xff\xff\xff\xff")
    (tmp_path / "a.dcm").write_bytes(files.part10(body, b"1.2.840.10008.1.2"))
    assert "more than 32 deep" in str(refusal(tmp_path / "a.dcm"))


def test_deep_but_honest_nesting_is_read(tmp_path: Path) -> None:
    for defined in (False, True):
        body = files.element(0x00080060, b"CS", b"SR") + files.nested(32, defined=defined)
        (tmp_path / "a.dcm").write_bytes(files.part10(body))
        assert read_header(tmp_path / "a.dcm").modality == "SR"


def test_a_folder_or_nothing_is_said(tmp_path: Path) -> None:
    assert "is not a file" in str(refusal(tmp_path))
    assert "there is no file" in str(refusal(tmp_path / "none.dcm"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"PatientID": None}, "has no PatientID"),
        ({"PatientID": "  "}, "has no PatientID"),
        ({"SOPInstanceUID": "1.2.3.04"}, "SOPInstanceUID of x.dcm is not a valid UID"),
        ({"StudyInstanceUID": None}, "has no StudyInstanceUID"),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_an_object_without_identity_is_refused(
    tmp_path: Path, values: dict[str, object], said: str
) -> None:
    found = read_header(files.film(tmp_path / "x.dcm", GREY, **values))
    with pytest.raises(BadInput, match=said):
        require_identity(found, "x.dcm")


@pytest.mark.parametrize(
    ("changes", "accepted", "reason"),
    [
        ({}, True, "body part CHEST"),
        ({"modality": "DX", "body_part": "THORAX"}, True, "THORAX"),
        ({"body_part": "CHEST_TO_ABDOMEN"}, True, "CHEST"),
        ({"body_part": ""}, True, "not stated"),
        ({"body_part": "UNKNOWN"}, True, "not stated"),
        ({"body_part": "", "study_description": "RX TÓRAX PA"}, True, "described"),
        ({"body_part": "胸部"}, True, "胸部"),
        ({"body_part": "KNEE"}, False, "body part is KNEE"),
        ({"body_part": "", "study_description": "Knie links"}, False, "described as knie"),
        ({"body_part": "CHEST", "study_description": "XR Knee 2 views"}, False, "knee"),
        ({"body_part": "KNEE", "study_description": "Chest PA"}, False, "KNEE"),
        ({"body_part": "TORSO"}, False, "body part is TORSO"),
        ({"modality": "CT"}, False, "modality is CT"),
        ({"modality": "MR"}, False, "modality is MR"),
        ({"modality": "OT"}, True, "CHEST"),
        ({"modality": "OT", "body_part": ""}, False, "body part is not stated"),
        ({"photometric": "RGB", "samples": 3}, False, "colour"),
        ({"frames": 12}, False, "12 frames"),
        ({"view_position": "LL"}, False, "not frontal"),
        ({"presentation_intent": "FOR PROCESSING"}, False, "raw detector data"),
        ({"has_pixels": False}, False, "no image"),
    ],
)
def test_which_film_may_be_read(
    header: Header, changes: dict[str, object], accepted: bool, reason: str
) -> None:
    verdict = is_chest_film(replace(header, **changes))  # type: ignore[arg-type]
    assert (verdict.accepted, reason in verdict.reason) == (accepted, True), verdict


@pytest.mark.skipif(not files.SHARED.is_dir(), reason="the shared data are not here")
def test_every_real_file_agrees_with_pydicom_or_is_refused() -> None:
    import warnings

    import pydicom

    refused = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in sorted((files.SHARED / "dicom").rglob("*")):
            if not path.is_file():
                continue
            try:
                found = read_header(path)
            except BadInput:
                refused.append(path.name)
                continue
            dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
            assert found.rows == (dataset.get("Rows") or 0), path.name
            assert found.modality == (dataset.get("Modality") or ""), path.name
            assert found.patient_id == str(dataset.get("PatientID") or "").strip(), path.name
    assert refused == [], "all of these were readable when this was written"


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, readingroom.tools.imaging as i; i.is_chest_film; i.read_header; "
        "print([m for m in ('numpy', 'pydicom', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
