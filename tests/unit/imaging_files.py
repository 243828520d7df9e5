"""DICOM files for the imaging tests: proper ones by pydicom, hostile ones byte by byte."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
EXPLICIT, DEFLATED = b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2.1.99"
CR_IMAGE = "1.2.840.10008.5.1.4.1.1.1"


def film(path: Path, pixels: Any, **values: Any) -> Path:
    """Write a CR image. A value of None drops the attribute."""
    pixels = np.asarray(pixels)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = CR_IMAGE
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    bits = pixels.dtype.itemsize * 8
    defaults = {
        "SOPClassUID": CR_IMAGE,
        "SOPInstanceUID": "1.2.3.4",
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.1",
        "PatientID": "P1",
        "AccessionNumber": "A1",
        "Modality": "CR",
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
        "SamplesPerPixel": 1 if pixels.ndim == 2 else pixels.shape[-1],
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": pixels.shape[0],
        "Columns": pixels.shape[1],
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
    }
    for keyword, value in {**defaults, **values}.items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
    dataset.save_as(path, enforce_file_format=True)
    return path


def element(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """One explicit little endian element; `length` may lie."""
    value += b"\0" * (len(value) % 2)
    size = len(value) if length is None else length
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr
    long = vr in (b"OB", b"OW", b"SQ", b"UN", b"UT")
    return head + (struct.pack("<HL", 0, size) if long else struct.pack("<H", size)) + value


def part10(body: bytes, syntax: bytes = EXPLICIT) -> bytes:
    """Preamble, meta group and a body that is written as it is."""
    meta = element(0x00020010, b"UI", syntax)
    length = element(0x00020000, b"UL", struct.pack("<L", len(meta)))
    return bytes(128) + b"DICM" + length + meta + body


def image_body(rows: int, columns: int, frames: int, pixels: bytes, length: int | None) -> bytes:
    """The elements of a grey image; `length` of its pixel data may lie."""
    return b"".join(
        (
            element(0x00080060, b"CS", b"CR"),
            element(0x00280002, b"US", struct.pack("<H", 1)),
            element(0x00280004, b"CS", b"MONOCHROME2"),
            element(0x00280008, b"IS", str(frames).encode()),
            element(0x00280010, b"US", struct.pack("<H", rows)),
            element(0x00280011, b"US", struct.pack("<H", columns)),
            element(0x00280100, b"US", struct.pack("<H", 16)),
            element(0x00280101, b"US", struct.pack("<H", 16)),
            element(0x00280102, b"US", struct.pack("<H", 15)),
            element(0x00280103, b"US", struct.pack("<H", 0)),
            element(0x7FE00010, b"OW", pixels, length),
        )
    )


def nested(depth: int, *, defined: bool) -> bytes:
    """A sequence in a sequence, `depth` deep."""
    inner = b""
    for _ in range(depth):
        if defined:
            item = struct.pack("<HHL", 0xFFFE, 0xE000, len(inner)) + inner
            inner = element(0x00081115, b"SQ", item)
        else:
            end = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
            item = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF) + inner + end
            inner = element(0x00081115, b"SQ", b"", 0xFFFFFFFF) + item
    return inner


def deflate_bomb(megabytes: int) -> bytes:
    """A deflated body of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()
