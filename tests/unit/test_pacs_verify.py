"""What arrives is looked at before it is kept, and looking does no harm."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from readingroom.domain.errors import BadInput
from readingroom.tools.pacs import verify
from readingroom.tools.pacs.verify import verify_file


def head(syntax: str = ExplicitVRLittleEndian, **tags: object) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1", "2.25.1"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "2.25.2", "2.25.3", "CR"
    ds.Rows, ds.Columns, ds.BitsAllocated, ds.SamplesPerPixel = 4, 4, 16, 1
    for keyword, value in tags.items():
        setattr(ds, keyword, value)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    return ds


def written(path: Path, ds: Dataset, tail: bytes = b"") -> Path:
    buffer = BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    path.write_bytes(buffer.getvalue() + tail)
    return path


def pixels(data: bytes, length: int | None = None) -> bytes:
    length = len(data) if length is None else length
    return struct.pack("<HH2sHL", 0x7FE0, 0x10, b"OW", 0, length) + data


def test_a_whole_object(tmp_path: Path) -> None:
    verified = verify_file(written(tmp_path / "a", head(), pixels(bytes(32))))
    assert (verified.sop_uid, verified.study_uid, verified.modality) == ("2.25.1", "2.25.2", "CR")


def test_an_object_without_pixels(tmp_path: Path) -> None:
    assert verify_file(written(tmp_path / "a", head(Modality="SR"))).modality == "SR"


@pytest.mark.parametrize(
    ("tail", "why"),
    [
        (pixels(bytes(30)), "fewer pixels"),
        (pixels(bytes(30), 32), "ends in the middle"),
        (pixels(bytes(32), 0xFFFFFFF0), "ends in the middle"),
    ],
)
def test_pixels_that_are_not_there(tmp_path: Path, tail: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        verify_file(written(tmp_path / "a", head(), tail))


def test_another_object_than_announced(tmp_path: Path) -> None:
    path = written(tmp_path / "a", head(Modality="SR"))
    path.write_bytes(path.read_bytes().replace(b"2.25.1", b"2.25.9", 1))
    with pytest.raises(BadInput, match="announced"):
        verify_file(path)


@pytest.mark.parametrize("data", [b"", b"MZ" + bytes(200), b"\0" * 128 + b"DICM", b"<script>"])
def test_what_is_no_dicom(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    with pytest.raises(BadInput):
        verify_file(path)


def test_sequences_nested_without_end(tmp_path: Path) -> None:
    level = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    with pytest.raises(BadInput, match="cannot be parsed"):
        verify_file(written(tmp_path / "a", head(), level * 3000))


def test_a_small_file_that_inflates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_MAX_INFLATED", 1 << 20)
    meta = BytesIO()
    head(DeflatedExplicitVRLittleEndian).save_as(meta, enforce_file_format=True)
    path = tmp_path / "a"
    path.write_bytes(meta.getvalue())
    assert verify_file(path).sop_uid == "2.25.1"
    length = struct.unpack_from("<L", meta.getvalue(), 140)[0]
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = squeeze.compress(bytes(4 << 20)) + squeeze.flush()
    path.write_bytes(meta.getvalue()[: 144 + length] + bomb)
    with pytest.raises(BadInput, match="inflates"):
        verify_file(path)
