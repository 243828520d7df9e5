"""Files from outside become objects that a PACS takes, with the identity that was given."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import imaging_files as files
import numpy as np
import pydicom
import pytest
from PIL import Image

from readingroom.domain.errors import BadInput
from readingroom.domain.ids import is_uid
from readingroom.tools.imaging import import_files, load_film, pair_views, read_header

GREY = (np.arange(600, dtype=np.uint16) % 256).reshape(20, 30)


def save(path: Path, array: Any) -> Path:
    Image.fromarray(array).save(path)
    return path


def as_dicom(item: Any, folder: Path) -> Path:
    path = folder / f"{item.sop_uid}.dcm"
    path.write_bytes(item.data)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "deep.png", "rgb.png", "odd.png"])
@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
def test_a_picture_becomes_a_conforming_object(tmp_path: Path, name: str) -> None:
    pixels: Any = GREY.astype(np.uint8)
    if name == "deep.png":
        pixels = GREY * 257
    elif name == "rgb.png":
        pixels = np.stack([pixels] * 3, axis=-1)
    elif name == "odd.png":
        pixels = pixels[:19, :29]
    source = save(tmp_path / name, pixels)
    (item,) = import_files([source], patient_id="P1", accession="A1", view="pa").items
    path = as_dicom(item, tmp_path)
    checked = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False)
    assert "Error" not in checked.stderr, checked.stderr
    header = read_header(path)
    assert (header.patient_id, header.accession, header.view_position) == ("P1", "A1", "PA")
    assert (header.modality, header.conversion_type) == ("CR", "WSD")
    assert header.spacing_yx_mm is None, "a picture has no pixel pitch"
    assert header.burned_in_annotation == "YES", "not known to be free of it"
    assert is_uid(header.sop_uid) and is_uid(header.study_uid)
    expected = pixels[..., 0] if pixels.ndim == 3 else pixels
    stored = pydicom.dcmread(path).pixel_array
    assert stored.shape == expected.shape
    if name != "a.jpg":
        assert np.array_equal(stored, expected)
    if expected.dtype == np.uint8 and name != "a.jpg":
        assert np.allclose(load_film(path).grey_yx, expected / 255, atol=1e-6)


def test_the_same_import_twice_gives_the_same_objects(tmp_path: Path) -> None:
    paths = [save(tmp_path / f"{n}.png", GREY.astype(np.uint8) + n) for n in (0, 1)]
    first, second = (import_files(paths, patient_id="P1") for _ in range(2))
    assert first == second
    assert len({item.sop_uid for item in first.items}) == 2
    assert len({item.study_uid for item in first.items}) == 1
    assert first.accessions[0].startswith("IMP-") and len(first.accessions[0]) <= 16
    other = import_files(paths, patient_id="P2")
    assert other.items[0].study_uid != first.items[0].study_uid


def test_a_picture_without_a_patient_names_the_flag(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--patient-id"):
        import_files([save(tmp_path / "a.png", GREY.astype(np.uint8))])


def test_dicom_passes_through_untouched(tmp_path: Path) -> None:
    path = files.film(tmp_path / "a.dcm", GREY)
    for flags in ({}, {"patient_id": "P1", "accession": "A1"}):
        (item,) = import_files([path], **flags).items
        assert item.data == path.read_bytes()
        assert (item.sop_uid, item.study_uid, item.accession) == ("1.2.3.4", "1.2.3", "A1")
        assert not item.wrapped and item.notes == ()


def test_a_preamble_that_hides_a_program_is_emptied(tmp_path: Path) -> None:
    path = files.film(tmp_path / "a.dcm", GREY)
    data = path.read_bytes()
    path.write_bytes(b"MZ\x90\x00" + data[4:])
    (item,) = import_files([path]).items
    assert item.data == data and item.notes == ("preamble emptied",)


def test_missing_identity_is_refused_or_filled_from_the_flags(tmp_path: Path) -> None:
    path = files.film(tmp_path / "a.dcm", GREY, PatientID="", AccessionNumber=None)
    with pytest.raises(BadInput, match="a.dcm has no PatientID"):
        import_files([path])
    (item,) = import_files([path], patient_id="P9", accession="A9").items
    assert "PatientID filled in from the command" in item.notes
    written = pydicom.dcmread(io.BytesIO(item.data))
    assert (written.PatientID, written.AccessionNumber) == ("P9", "A9")
    assert np.array_equal(written.pixel_array, GREY)


def test_another_patients_file_is_not_relabelled(tmp_path: Path) -> None:
    path = files.film(tmp_path / "a.dcm", GREY)
    with pytest.raises(BadInput, match="another PatientID than --patient-id"):
        import_files([path], patient_id="P2")
    with pytest.raises(BadInput, match="another AccessionNumber"):
        import_files([path], accession="A2")


def test_a_date_is_filled_in_and_never_written_over(tmp_path: Path) -> None:
    day = date(2024, 3, 2)
    bare = files.film(tmp_path / "a.dcm", GREY)
    picture = save(tmp_path / "a.png", GREY.astype(np.uint8))
    for item in import_files([bare, picture], patient_id="P1", study_date=day).items:
        assert pydicom.dcmread(io.BytesIO(item.data)).StudyDate == "20240302"
    same = files.film(tmp_path / "same.dcm", GREY, StudyDate="20240302")
    assert import_files([same], study_date=day).items[0].data == same.read_bytes()
    other = files.film(tmp_path / "other.dcm", GREY, StudyDate="20230101")
    with pytest.raises(BadInput, match="other.dcm has another StudyDate than --date: 2023-01-01"):
        import_files([other], study_date=day)


@pytest.mark.filterwarnings("ignore")
def test_a_date_that_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    path = files.film(tmp_path / "a.dcm", GREY, StudyDate="20240230")
    assert len(import_files([path]).items) == 1
    with pytest.raises(BadInput, match="one that cannot be read"):
        import_files([path], study_date=date(2024, 3, 1))


@pytest.mark.parametrize("keyword", ["PatientID", "AccessionNumber", "IssuerOfPatientID"])
@pytest.mark.parametrize("value", ["P\x1b[2J1", "P\x071", "P\n1", "P" * 65])
@pytest.mark.filterwarnings("ignore")
def test_an_identifier_that_no_query_could_name_is_refused(
    tmp_path: Path, keyword: str, value: str
) -> None:
    """The PACS takes it; each later query of that patient would fail."""
    path = files.film(tmp_path / "a.dcm", GREY, **{keyword: value})
    with pytest.raises(BadInput, match=f"a.dcm has a {keyword}") as refused:
        import_files([path])
    assert "\x1b" not in str(refused.value) and "source" in refused.value.hint


def test_an_identifier_in_another_character_set_is_taken(tmp_path: Path) -> None:
    path = files.film(tmp_path / "a.dcm", GREY, SpecificCharacterSet="ISO_IR 192", PatientID="Ä-1")
    assert len(import_files([path]).items) == 1


def test_a_file_that_names_two_objects_is_refused(tmp_path: Path) -> None:
    path = files.film(tmp_path / "a.dcm", GREY, SOPInstanceUID="1.2.3.9")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"1.2.3.9\0", b"1.2.3.4\0", 1))
    meta = pydicom.dcmread(path).file_meta.MediaStorageSOPInstanceUID
    for flags in ({}, {"accession": "A1"}):
        with pytest.raises(BadInput, match=f"{meta} in its file meta group, 1.2.3.9") as refused:
            import_files([path], **flags)
        assert "export it again" in refused.value.hint


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"view": "sideways"}, "no view"),
        ({"patient_id": "x" * 65}, "--patient-id"),
        ({"patient_id": "a\\b"}, "--patient-id"),
        ({"accession": "x" * 17}, "--accession"),
    ],
)
def test_flags_that_dicom_cannot_hold(tmp_path: Path, flags: Any, said: str) -> None:
    path = save(tmp_path / "a.png", GREY.astype(np.uint8))
    with pytest.raises(BadInput, match=said):
        import_files([path], **{"patient_id": "P1", **flags})


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    colour = np.zeros((8, 8, 3), np.uint8)
    colour[..., 0] = 200
    text = tmp_path / "notes.txt"
    text.write_text("no image at all")
    cut = tmp_path / "cut.png"
    cut.write_bytes(save(tmp_path / "a.png", GREY.astype(np.uint8)).read_bytes()[:60])
    for path, said in (
        (save(tmp_path / "c.png", colour), "colour picture"),
        (text, "is not DICOM"),
        (cut, "cut.png cannot be read"),
        (tmp_path / "none.png", "there is no file"),
    ):
        with pytest.raises(BadInput, match=said):
            import_files([path], patient_id="P1")
    with pytest.raises(BadInput, match="no file to import"):
        import_files([])


def test_views_are_paired_like_with_like(tmp_path: Path) -> None:
    def image(name: str, view: str) -> Any:
        return read_header(
            files.film(tmp_path / name, GREY, ViewPosition=view, SOPInstanceUID=f"1.{len(name)}")
        )

    pa, lateral = image("a", "PA"), image("bb", "LL")
    old_lateral, old_ap, unknown = image("ccc", "LL"), image("dddd", "AP"), image("eeeee", "")
    pairs = ((lateral, old_lateral), (pa, old_ap))
    assert pair_views([pa, lateral], [old_lateral, old_ap]) == pairs
    assert pair_views([pa], [old_lateral]) == ()
    assert pair_views([pa], [unknown]) == ((pa, unknown),)
    assert pair_views([pa, lateral], [unknown]) == ()


@pytest.mark.skipif(not (files.SHARED / "nih").is_dir(), reason="the shared data are not here")
def test_a_real_film_goes_all_the_way(tmp_path: Path) -> None:
    source = sorted((files.SHARED / "nih" / "images").glob("*.png"))[0]
    (item,) = import_files([source], patient_id="NIH-1", view="PA").items
    film = load_film(as_dicom(item, tmp_path))
    assert np.allclose(film.grey_yx, np.asarray(Image.open(source)) / 255, atol=1e-6)
