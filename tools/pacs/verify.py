"""What arrived, looked at before it is kept: is it the object, and is it whole?"""

from __future__ import annotations

import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pydicom
from pydicom.dataset import FileDataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from readingroom.domain.errors import BadInput
from readingroom.domain.ids import SeriesUID, SOPClassUID, SOPInstanceUID, StudyUID, check_uid
from readingroom.tools.pacs.rows import code, number, uid

# 285 kB inflated to 300 MB in a test: look before pydicom does.
_MAX_INFLATED = 256 << 20
_CHUNK = 1 << 20
_BITS = {"FloatPixelData": 32, "DoubleFloatPixelData": 64}
_PIXEL_TAGS = {
    b"\xe0\x7f\x10\x00": "PixelData",
    b"\xe0\x7f\x08\x00": "FloatPixelData",
    b"\xe0\x7f\x09\x00": "DoubleFloatPixelData",
}
_UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class Verified:
    """Identity of an instance on disk, read from the object itself."""

    sop_uid: SOPInstanceUID
    sop_class_uid: SOPClassUID
    series_uid: SeriesUID
    study_uid: StudyUID
    modality: str


def verify_file(path: Path) -> Verified:
    """Read the header and check that the pixels can be there in full.

    Raises:
        BadInput: it does not parse, an identifier is not valid, the data set is not the object
            that its file meta names, or the pixel data are shorter than rows and columns say.
    """
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = _header(file)
            verified = _identity(dataset)
            _check_pixels(dataset, file, path.stat().st_size)
        except BadInput:
            raise
        except Exception as error:
            # pydicom raises almost anything on hostile bytes, RecursionError among it.
            raise BadInput(
                f"a received object cannot be parsed ({type(error).__name__})"
            ) from error
    return verified


def _header(file: BinaryIO) -> FileDataset:
    meta = pydicom.filereader.read_file_meta_info(file.name)
    if meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
        _check_inflated(file)
    file.seek(0)
    return pydicom.dcmread(file, stop_before_pixels=True)


def _check_inflated(file: BinaryIO) -> None:
    """Inflate in pieces and throw them away, up to the limit."""
    file.seek(132)
    header = pydicom.filereader.read_file_meta_info(file.name)
    file.seek(132 + 12 + int(header.FileMetaInformationGroupLength))
    inflater, total = zlib.decompressobj(-zlib.MAX_WBITS), 0
    while piece := file.read(_CHUNK):
        while piece:
            total += len(inflater.decompress(piece, _CHUNK))
            if total > _MAX_INFLATED:
                raise BadInput("a received object inflates beyond the limit")
            piece = inflater.unconsumed_tail


def _identity(dataset: FileDataset) -> Verified:
    verified = Verified(
        SOPInstanceUID(uid(dataset, "SOPInstanceUID")),
        SOPClassUID(uid(dataset, "SOPClassUID")),
        SeriesUID(uid(dataset, "SeriesInstanceUID")),
        StudyUID(uid(dataset, "StudyInstanceUID")),
        " ".join(code(dataset, "Modality")[:1]),
    )
    named = check_uid(str(dataset.file_meta.MediaStorageSOPInstanceUID), "SOPInstanceUID")
    if named != verified.sop_uid:
        raise BadInput("a received object is not the one that it was announced as")
    return verified


def _check_pixels(dataset: FileDataset, file: BinaryIO, size: int) -> None:
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    if syntax.is_deflated:
        return
    keyword, length = _pixel_element(file, syntax)
    if not keyword:
        return
    if syntax.is_compressed or length == _UNDEFINED:
        # Fragments: their length says nothing of the image; decoding will.
        return
    if file.tell() + length > size:
        raise BadInput("a received object ends in the middle of its pixel data")
    if length < _expected_bytes(dataset, keyword):
        raise BadInput("a received object has fewer pixels than its rows and columns say")


def _pixel_element(file: BinaryIO, syntax: UID) -> tuple[str, int]:
    """Keyword and length of the pixel data that reading stopped at; empty when there is none."""
    tag = file.read(4)
    if not syntax.is_little_endian:
        tag = bytes((tag[1], tag[0], tag[3], tag[2])) if len(tag) == 4 else tag
    keyword = _PIXEL_TAGS.get(tag, "")
    if not syntax.is_implicit_VR:
        file.read(4)
    order = "little" if syntax.is_little_endian else "big"
    return keyword, int.from_bytes(file.read(4), order)  # type: ignore[arg-type]


def _expected_bytes(dataset: FileDataset, keyword: str) -> int:
    """Bytes that native pixel data have at least.

    Source: DICOM PS3.5 section 8.1.1 and 8.2; PS3.3 section C.7.6.3.1.2 (YBR_FULL_422).
    """
    bits = _BITS.get(keyword) or number(dataset, "BitsAllocated") or 0
    values = (number(dataset, "Rows") or 0) * (number(dataset, "Columns") or 0)
    values *= (number(dataset, "SamplesPerPixel") or 1) * (number(dataset, "NumberOfFrames") or 1)
    if "YBR_FULL_422" in code(dataset, "PhotometricInterpretation"):
        values = values * 2 // 3
    return (values * bits + 7) // 8
