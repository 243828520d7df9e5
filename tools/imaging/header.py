"""The attributes of an image that we use, read without trusting the file."""

from __future__ import annotations

import math
import mmap
import struct
import warnings
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from readingroom.domain.errors import BadInput
from readingroom.domain.ids import (
    AccessionNumber,
    PatientID,
    SeriesUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyUID,
)
from readingroom.domain.text import clean_text
from readingroom.tools.imaging.structure import BrokenStructure, Outline, read_outline

_TAGS = {
    "SpecificCharacterSet": 0x00080005,
    "SOPClassUID": 0x00080016,
    "SOPInstanceUID": 0x00080018,
    "StudyDate": 0x00080020,
    "StudyTime": 0x00080030,
    "AccessionNumber": 0x00080050,
    "Modality": 0x00080060,
    "ConversionType": 0x00080064,
    "PresentationIntentType": 0x00080068,
    "Manufacturer": 0x00080070,
    "StudyDescription": 0x00081030,
    "SeriesDescription": 0x0008103E,
    "PatientName": 0x00100010,
    "PatientID": 0x00100020,
    "IssuerOfPatientID": 0x00100021,
    "PatientBirthDate": 0x00100030,
    "PatientSex": 0x00100040,
    "PatientAge": 0x00101010,
    "BodyPartExamined": 0x00180015,
    "ProtocolName": 0x00181030,
    "ImagerPixelSpacing": 0x00181164,
    "EstimatedRadiographicMagnificationFactor": 0x00181114,
    "ViewPosition": 0x00185101,
    "StudyInstanceUID": 0x0020000D,
    "SeriesInstanceUID": 0x0020000E,
    "InstanceNumber": 0x00200013,
    "Laterality": 0x00200060,
    "ImageLaterality": 0x00200062,
    "SamplesPerPixel": 0x00280002,
    "PhotometricInterpretation": 0x00280004,
    "NumberOfFrames": 0x00280008,
    "Rows": 0x00280010,
    "Columns": 0x00280011,
    "PixelSpacing": 0x00280030,
    "BitsAllocated": 0x00280100,
    "BurnedInAnnotation": 0x00280301,
    "WindowCenter": 0x00281050,
    "WindowWidth": 0x00281051,
    "PresentationLUTShape": 0x20500020,
}
_LONGEST_TEXT = 1024
_IDENTIFIERS = ("PatientID", "IssuerOfPatientID", "AccessionNumber")


@dataclass(frozen=True)
class Header:
    """What one object says of itself; nothing here is a default that was not written.

    Text is cleaned of escape sequences and control characters; it has no authority over tools.

    Attributes:
        sex: "M", "F", "O" or empty.
        age: as stored, e.g. "063Y".
        study_time: as stored (HHMMSS.FFFFFF).
        presentation_intent: "FOR PRESENTATION", "FOR PROCESSING" or empty.
        rows, columns, frames, samples, bits_allocated: 0 where the object holds no image.
        window: the first (center, width) in stored units after the modality LUT.
        spacing_yx_mm: pixel pitch (row, column) in mm; None when the header has none.
        spacing_from: the attribute it came from; ImagerPixelSpacing is at the detector and is
            divided by EstimatedRadiographicMagnificationFactor where there is one.
        pixel_bytes: length of native pixel data; None when compressed or absent.
        meta_sop_uid: the instance that the file meta group names; empty where it names none.
        malformed: keywords of identifiers, and of StudyDate, whose stored value is none: what
            stands in the field above is cleaned, and not what the file says.
    """

    sop_uid: SOPInstanceUID
    sop_class_uid: SOPClassUID
    study_uid: StudyUID
    series_uid: SeriesUID
    transfer_syntax: str
    patient_id: PatientID
    issuer: str
    patient_name: str
    sex: str
    birth_date: date | None
    age: str
    accession: AccessionNumber
    study_date: date | None
    study_time: str
    modality: str
    body_part: str
    view_position: str
    laterality: str
    study_description: str
    series_description: str
    protocol: str
    manufacturer: str
    conversion_type: str
    presentation_intent: str
    burned_in_annotation: str
    presentation_lut_shape: str
    instance_number: int | None
    photometric: str
    rows: int
    columns: int
    frames: int
    samples: int
    bits_allocated: int
    window: tuple[float, float] | None
    spacing_yx_mm: tuple[float, float] | None
    spacing_from: str
    has_pixels: bool
    pixel_bytes: int | None
    meta_sop_uid: str = ""
    malformed: tuple[str, ...] = ()


def read_header(path: Path) -> Header:
    """Read the header of a DICOM file, at most 32 sequences deep.

    Raises:
        BadInput: no file, not DICOM, cut short, a length that lies, or nested too deeply.
    """
    return _header(_Values(_outline(path)))


def require_identity(header: Header, name: str = "the object") -> None:
    """Refuse what cannot be filed under a patient.

    Args:
        header: as read.
        name: what to call it in the message: the file's name.

    Raises:
        BadInput: PatientID, SOP Instance UID or Study Instance UID is missing or malformed.
    """
    from readingroom.domain.ids import check_uid

    if not header.patient_id:
        raise BadInput(
            f"{name} has no PatientID", hint="give the patient's identifier with --patient-id"
        )
    for uid, keyword in (
        (header.sop_uid, "SOPInstanceUID"),
        (header.study_uid, "StudyInstanceUID"),
        (header.series_uid, "SeriesInstanceUID"),
        (header.sop_class_uid, "SOPClassUID"),
    ):
        if not uid:
            raise BadInput(f"{name} has no {keyword}", hint="export it again from its source")
        check_uid(uid, f"{keyword} of {name}")


def _outline(path: Path) -> Outline:
    name = path.name
    if not path.exists():
        raise BadInput(f"there is no file {path}")
    if not path.is_file():
        raise BadInput(f"{path} is not a file", hint="name the files, not their folder")
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return read_outline(data, frozenset(_TAGS.values()))
    except BrokenStructure as error:
        kind = "is not DICOM" if "neither" in str(error) else "is damaged DICOM"
        raise BadInput(
            f"{name} {kind}: {error}", hint="export it again from its source, as DICOM Part 10"
        ) from None
    except ValueError as error:  # an empty file cannot be mapped
        raise BadInput(f"{name} is not DICOM: it is empty") from error
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}") from error


class _Values:
    """Typed access to raw values."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self._charset = self.code("SpecificCharacterSet", upper=False)

    def raw(self, keyword: str) -> bytes:
        return self.outline.values.get(_TAGS[keyword], b"")

    def code(self, keyword: str, *, upper: bool = True) -> str:
        """CS, UI, DA, TM, AS: ASCII by the standard; anything else is replaced."""
        text = clean_text(self.raw(keyword).decode("ascii", "replace").strip("\0 "))
        text = text[:_LONGEST_TEXT]
        return text.upper() if upper else text

    def uid(self, keyword: str) -> str:
        return self.code(keyword, upper=False)

    def text(self, keyword: str) -> str:
        """LO, SH, PN in the object's own character set."""
        return clean_text(self.stored(keyword))

    def stored(self, keyword: str) -> str:
        """The same as it is stored, not cleaned: for comparison, never to be shown."""
        raw = self.raw(keyword)[:_LONGEST_TEXT].rstrip(b"\0 ")
        if not raw or raw.isascii() and b"\x1b" not in raw:
            return raw.decode("ascii")
        return _decode(raw, self._charset, person=keyword == "PatientName")

    def malformed(self) -> tuple[str, ...]:
        """Identifiers that no PACS query can name as they are, and a StudyDate that is no date."""
        values = ((keyword, self.stored(keyword).strip(" \0")) for keyword in _IDENTIFIERS)
        wrong = [key for key, value in values if len(value) > 64 or clean_text(value) != value]
        if self.raw("StudyDate").strip(b"\0 ") and self.day("StudyDate") is None:
            wrong.append("StudyDate")
        return tuple(wrong)

    def number(self, keyword: str) -> int:
        """US, or IS for NumberOfFrames and InstanceNumber; 0 when absent or unreadable."""
        raw = self.raw(keyword)
        if keyword in ("NumberOfFrames", "InstanceNumber"):
            first = self.code(keyword).split("\\")[0].strip()
            return int(first) if first.lstrip("-+").isdecimal() and len(first) < 12 else 0
        order = ">" if self.outline.big_endian else "<"
        return int(struct.unpack_from(order + "H", raw)[0]) if len(raw) >= 2 else 0

    def decimals(self, keyword: str) -> tuple[float, ...]:
        """DS of any multiplicity; finite values only."""
        found = []
        for item in self.code(keyword).split("\\"):
            try:
                value = float(item)
            except ValueError:
                continue
            if math.isfinite(value):
                found.append(value)
        return tuple(found)

    def day(self, keyword: str) -> date | None:
        text = self.code(keyword).replace(".", "")
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 else None
        except ValueError:
            return None


def _decode(raw: bytes, charset: str, *, person: bool) -> str:
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

    with warnings.catch_warnings():
        # An unknown character set is pydicom's warning; it falls back to replacement marks.
        warnings.simplefilter("ignore")
        try:
            encodings = convert_encodings(charset.split("\\") if charset else None)
            return str(decode_bytes(raw, encodings, PN_DELIMS if person else TEXT_VR_DELIMS))
        except (LookupError, UnicodeError):
            return raw.decode("ascii", "replace")


def _spacing(values: _Values) -> tuple[tuple[float, float] | None, str]:
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        pitch = values.decimals(keyword)
        if len(pitch) != 2 or min(pitch) <= 0:
            continue
        factor = 1.0
        if keyword == "ImagerPixelSpacing":
            # Source: PS3.3 C.8.7.1.1.3 and DX positioning: the detector's pitch over the factor
            # is the pitch at the object.
            stated = values.decimals("EstimatedRadiographicMagnificationFactor")
            factor = stated[0] if stated and stated[0] >= 1 else 1.0
        return (pitch[0] / factor, pitch[1] / factor), keyword
    return None, ""


def _window(values: _Values) -> tuple[float, float] | None:
    centers, widths = values.decimals("WindowCenter"), values.decimals("WindowWidth")
    return (centers[0], widths[0]) if centers and widths and widths[0] > 0 else None


def _header(values: _Values) -> Header:
    spacing, spacing_from = _spacing(values)
    code, text, number = values.code, values.text, values.number
    rows = number("Rows")
    return Header(
        sop_uid=SOPInstanceUID(values.uid("SOPInstanceUID")),
        sop_class_uid=SOPClassUID(values.uid("SOPClassUID")),
        study_uid=StudyUID(values.uid("StudyInstanceUID")),
        series_uid=SeriesUID(values.uid("SeriesInstanceUID")),
        transfer_syntax=values.outline.transfer_syntax,
        patient_id=PatientID(text("PatientID")),
        issuer=text("IssuerOfPatientID"),
        patient_name=text("PatientName").rstrip("=^ "),
        sex=code("PatientSex"),
        birth_date=values.day("PatientBirthDate"),
        age=code("PatientAge"),
        accession=AccessionNumber(text("AccessionNumber")),
        study_date=values.day("StudyDate"),
        study_time=code("StudyTime"),
        modality=code("Modality"),
        body_part=text("BodyPartExamined").upper(),
        view_position=code("ViewPosition"),
        laterality=code("ImageLaterality") or code("Laterality"),
        study_description=text("StudyDescription"),
        series_description=text("SeriesDescription"),
        protocol=text("ProtocolName"),
        manufacturer=text("Manufacturer"),
        conversion_type=code("ConversionType"),
        presentation_intent=code("PresentationIntentType"),
        burned_in_annotation=code("BurnedInAnnotation"),
        presentation_lut_shape=code("PresentationLUTShape"),
        instance_number=number("InstanceNumber") if values.raw("InstanceNumber") else None,
        photometric=code("PhotometricInterpretation"),
        rows=rows,
        columns=number("Columns"),
        frames=max(number("NumberOfFrames"), 1) if rows else 0,
        samples=number("SamplesPerPixel"),
        bits_allocated=number("BitsAllocated"),
        window=_window(values),
        spacing_yx_mm=spacing,
        spacing_from=spacing_from,
        has_pixels=values.outline.has_pixels,
        pixel_bytes=values.outline.pixel_bytes,
        meta_sop_uid=values.outline.meta_sop_uid,
        malformed=values.malformed(),
    )
