"""Pixels are shown as the standard says; a hostile file ends in one line, not a dead session."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import imaging_files as files
import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, RLELossless

from readingroom.domain.errors import BadInput, ReadingRoomError, ToolFailed
from readingroom.domain.film import Film
from readingroom.domain.region import Box
from readingroom.tools.imaging import (
    CT_WINDOWS,
    DecodeLimits,
    crop_film,
    load_film,
    load_slice,
    pixel_bounds,
    read_header,
    render_png,
)
from readingroom.tools.imaging.display import apply_window, display

RAMP = np.arange(0, 4000, 40, dtype=np.uint16).reshape(10, 10)


def dataset(**values: Any) -> Dataset:
    made = Dataset()
    made.PhotometricInterpretation = "MONOCHROME2"
    made.PixelRepresentation = 0
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


# -- what is displayed -------------------------------------------------------------------------
def test_monochrome1_is_inverted() -> None:
    plain, _ = display(RAMP, dataset(), None)
    inverted, _ = display(RAMP, dataset(PhotometricInterpretation="MONOCHROME1"), None)
    assert np.allclose(plain, 1 - inverted)


def test_the_first_of_several_windows_is_used() -> None:
    """pydicom's MultiValue is no `list`: peers took the whole of it for a number, or crashed."""
    several = dataset(WindowCenter=[1000, 50], WindowWidth=[400, 20])
    assert type(several.WindowCenter) is not list
    grey, window = display(RAMP, several, None)
    assert window == (1000, 400)
    assert np.allclose(grey, apply_window(RAMP.astype(np.float32), 1000, 400))


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        # PS3.3 C.11.2.1.2.1: y = ((x - (c - 0.5)) / (w - 1) + 0.5), here c = 100, w = 101.
        ("LINEAR", 99.5, 0.5),
        ("LINEAR", 49.5, 0.0),
        ("LINEAR", 149.5, 1.0),
        ("LINEAR_EXACT", 100, 0.5),
        ("LINEAR_EXACT", 49.5, 0.0),
        ("SIGMOID", 100, 0.5),
        ("SIGMOID", 100 + 101 / 4, 1 / (1 + np.exp(-1))),
        ("SIGMOID", -1e9, 0.0),
    ],
)
def test_window_functions(function: str, value: float, expected: float) -> None:
    found = apply_window(np.array([value], np.float32), 100, 101, function)
    assert found[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"WindowCenter": "", "WindowWidth": ""},
        {"WindowCenter": "100", "WindowWidth": "0"},
        {"WindowCenter": "100", "WindowWidth": "-5"},
    ],
)
def test_without_a_usable_window_a_hot_pixel_does_not_black_the_film_out(values: Any) -> None:
    # One hot pixel in a thousand is a marker or a defect.
    pixels = np.tile(RAMP, (4, 4))
    pixels[0, 0] = 65535
    grey, _ = display(pixels, dataset(**values), None)
    assert 0.4 < np.median(grey) < 0.6


def test_rescale_and_signed_pixels_come_before_the_window() -> None:
    stored = np.array([[-1000, 0, 1000]], np.int16)
    scaled = dataset(
        PixelRepresentation=1, RescaleSlope="2", RescaleIntercept="-24", WindowCenter="-24",
        WindowWidth="4001",
    )  # fmt: skip
    grey, _ = display(stored, scaled, None)
    assert grey[0].tolist() == pytest.approx([0.0, 0.5, 1.0], abs=2e-4)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_background_and_does_not_bend_the_window(photometric: str) -> None:
    stored = np.full((20, 20), 2000, np.uint16)
    stored[5:15, 5:15] = np.arange(1950, 2050, dtype=np.uint16).reshape(10, 10)
    stored[:, :5] = 65000
    padded = dataset(PixelPaddingValue=65000, PhotometricInterpretation=photometric)
    grey, (center, width) = display(stored, padded, None)
    assert not grey[:, :5].any()
    assert 1990 < center < 2010 and width < 110


def test_signed_padding_written_as_unsigned_is_understood() -> None:
    stored = np.array([[-2000, -2000, 0, 40]], np.int16)
    made = dataset(PixelRepresentation=1, PixelPaddingValue=63536)
    grey, (center, _) = display(stored, made, None)
    assert grey[0, :2].tolist() == [0, 0] and center == pytest.approx(20, abs=1)


def test_a_voi_table_is_preferred_and_a_broken_one_is_not_believed() -> None:
    item = Dataset()
    item.add_new(0x00283002, "US", [4, 0, 8])
    item.add_new(0x00283006, "US", [0, 0, 255, 255])
    stored = np.array([[0, 1, 2, 3]], np.uint16)
    made = dataset(BitsStored=16, BitsAllocated=16, VOILUTSequence=[item])
    grey, _ = display(stored, made, None)
    assert grey[0].tolist() == [0, 0, 1, 1]
    made = dataset(VOILUTSequence=[Dataset()], WindowCenter="2", WindowWidth="4")
    assert display(stored, made, None)[1] == (2, 4)


def test_a_blank_film_is_no_crash() -> None:
    grey, _ = display(np.full((5, 5), 7, np.uint16), dataset(), None)
    assert np.isfinite(grey).all()


# -- through the child -------------------------------------------------------------------------
def test_a_film_as_models_see_it(tmp_path: Path) -> None:
    path = files.film(
        tmp_path / "a.dcm", RAMP, PhotometricInterpretation="MONOCHROME1",
        WindowCenter=["2000", "1"], WindowWidth=["4000", "1"], PixelSpacing=["0.2", "0.1"],
    )  # fmt: skip
    film = load_film(path)
    assert (film.rows, film.columns, film.view) == (10, 10, "PA")
    assert film.spacing_yx_mm == (0.2, 0.1)
    assert film.grey_yx[0, 0] > 0.99 > 0.05 > film.grey_yx[9, 9]
    assert film.sha256 == load_film(path, film.sha256).sha256 and len(film.sha256) == 64


def test_preset_windows_and_frames(tmp_path: Path) -> None:
    stored = np.array([[-1000, -600, 40, 400]] * 2, np.int16)
    path = files.film(tmp_path / "ct.dcm", stored, Modality="CT")
    assert load_slice(path, "lung").window == CT_WINDOWS["lung"]
    soft = load_slice(path, "mediastinum").grey_yx[0]
    assert soft[0] == soft[1] == 0 and soft[2] == pytest.approx(0.5, abs=0.01)
    with pytest.raises(BadInput, match="there is no frame 2"):
        load_slice(path, frame=2)


@pytest.mark.parametrize("syntax", [RLELossless, DeflatedExplicitVRLittleEndian])
def test_compressed_films(tmp_path: Path, syntax: Any) -> None:
    path = files.film(tmp_path / "a.dcm", RAMP)
    plain = load_film(path).grey_yx
    made = dcmread(path)
    if syntax is RLELossless:
        made.compress(syntax, generate_instance_uid=False)
    made.file_meta.TransferSyntaxUID = syntax
    made.save_as(path)
    assert np.array_equal(load_film(path).grey_yx, plain)


def refused(path: Path, kind: type[ReadingRoomError], said: str, **limits: Any) -> None:
    with pytest.raises(kind) as caught:
        load_film(path, limits=DecodeLimits(**limits))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_colour_is_refused_for_reading(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    path = files.film(
        tmp_path / "a.dcm", pixels, PhotometricInterpretation="RGB", PlanarConfiguration=0
    )
    refused(path, BadInput, "not a grey image (RGB)")


def test_huge_sizes_are_refused_before_a_pixel_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(files.part10(files.image_body(65535, 65535, 1000, b"", None)))
    refused(path, BadInput, "65535 x 65535 x 1000 frames")


def test_missing_pixels_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(files.part10(files.image_body(100, 100, 1, bytes(50), None)))
    refused(path, BadInput, "50 of 20000 bytes of pixel data")


def rle_bomb(rows: int, columns: int) -> bytes:
    """Runs of 128 zeros in two bytes each; the header promises far more than a segment holds."""
    run = b"\x81\x00" * (rows * columns // 128 + 1)
    head = struct.pack("<16L", 2, 64, 64 + len(run), *[0] * 13)
    frame = head + run + run
    frame += b"\0" * (len(frame) % 2)
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
    item += struct.pack("<HHL", 0xFFFE, 0xE000, len(frame)) + frame
    end = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    return item + end


def test_a_decoding_that_needs_too_much_memory_dies_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    body = files.image_body(12000, 12000, 1, rle_bomb(12000, 12000), 0xFFFFFFFF)
    path.write_bytes(files.part10(body, b"1.2.840.10008.1.2.5"))
    assert path.stat().st_size < 5 << 20
    refused(path, ToolFailed, "limits.decode_memory_mb", memory_bytes=600 << 20)


def test_a_decoding_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = files.film(tmp_path / "a.dcm", RAMP)
    refused(path, ToolFailed, "was not decoded within", timeout_s=0.001)


def test_broken_compressed_pixels_are_the_files_fault(tmp_path: Path) -> None:
    broken = rle_bomb(0, 0).replace(b"\x81", b"\x7f")
    body = files.image_body(10, 10, 1, broken, 0xFFFFFFFF)
    path = tmp_path / "a.dcm"
    for syntax in (b"1.2.840.10008.1.2.5", b"1.2.840.10008.1.2.4.70", b"1.2.840.10008.1.2.4.90"):
        path.write_bytes(files.part10(body, syntax))
        refused(path, BadInput, "its pixels do not decode")


def real_files() -> list[Path]:
    folder = files.SHARED / "dicom"
    return sorted(each for each in folder.rglob("*") if each.is_file()) if folder.is_dir() else []


def decodes(path: Path) -> bool:
    try:
        film = load_film(path)
    except (BadInput, ToolFailed) as error:
        assert "\n" not in str(error)
        return False
    assert 0 <= film.grey_yx.min() <= film.grey_yx.max() <= 1
    return True


@pytest.mark.skipif(not real_files(), reason="the shared data are not here")
def test_one_grey_file_of_every_transfer_syntax_decodes() -> None:
    by_syntax: dict[str, Path] = {}
    for path in real_files():
        header = read_header(path)
        grey = header.has_pixels and header.photometric.startswith("MONOCHROME")
        if grey and header.bits_allocated > 1:
            by_syntax.setdefault(header.transfer_syntax, path)
    assert len(by_syntax) >= 10
    assert [path.name for path in by_syntax.values() if not decodes(path)] == []


@pytest.mark.long
@pytest.mark.skipif(not real_files(), reason="the shared data are not here")
def test_every_real_file_decodes_or_is_refused_in_one_line() -> None:
    decoded = [path for path in real_files() if decodes(path)]
    assert len(decoded) >= 122, "as many as when this was written"


# -- pictures ----------------------------------------------------------------------------------
def a_film(rows: int, columns: int) -> Film:
    grey = np.linspace(0, 1, rows * columns, dtype=np.float32).reshape(rows, columns)
    return Film("1.2.3", "ab" * 32, grey, None, "PA", (0.5, 1))


def picture(png: bytes) -> Any:
    image = Image.open(io.BytesIO(png))
    assert image.mode == "L"
    return np.asarray(image)


def test_a_png_shows_the_film_as_it_is() -> None:
    film = a_film(30, 40)
    assert np.array_equal(picture(render_png(film)), np.rint(film.grey_yx * 255))
    assert picture(render_png(film, max_side=20)).shape == (15, 20)
    assert picture(render_png(film, max_side=400)).shape == (30, 40), "never scaled up"
    crop = Box(10, 5, 20, 15)
    shown = picture(render_png(film, crop=crop))
    assert np.array_equal(shown, np.rint(film.grey_yx[5:15, 10:20] * 255))


def test_crops_are_clipped_and_known_by_their_own_hash() -> None:
    film = a_film(100, 100)
    inner = crop_film(film, Box(40, 40, 60, 60), margin=0.25)
    assert inner.grey_yx.shape == (30, 30)
    assert pixel_bounds(film, Box(-5.5, 90.2, 10.1, 130)) == (0, 90, 11, 100)
    assert inner.sha256 != film.sha256
    assert inner.sha256 == crop_film(film, Box(40, 40, 60, 60), margin=0.25).sha256
    with pytest.raises(BadInput, match="outside the film"):
        crop_film(film, Box(100, 0, 120, 20))
