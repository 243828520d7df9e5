"""Identity of a signed report: whose it is, its UIDs, its clock. Read from the film's header."""

from __future__ import annotations

import re
import uuid
import warnings
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from readingroom.domain.errors import BadInput
from readingroom.domain.ids import CaseID, SeriesUID, Sha256, SOPInstanceUID, check_uid
from readingroom.domain.text import clean_text

if TYPE_CHECKING:
    from pydicom import Dataset

# Every UID of ours is a name-based UUID under this one, so that it can be derived again.
_NAMESPACE = uuid.UUID("6f1d1c0e-5b0b-5c4e-9a55-4d5e0f2b8a10")

_COPIED_TEXT = (
    "PatientID",
    "IssuerOfPatientID",
    "AccessionNumber",
    "StudyID",
    "StudyDescription",
)
_COPIED_NAMES = ("PatientName", "ReferringPhysicianName")
_DATE = re.compile(r"\d{8}\Z")
_TIME = re.compile(r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\.\d{1,6})?)?)?\Z")
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})\Z")
# Patient and study only, and what points at the image: nothing private, no comments, no history.
_TAGS = (
    *_COPIED_TEXT,
    *_COPIED_NAMES,
    "SpecificCharacterSet",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "SOPClassUID",
    "StudyDate",
    "StudyTime",
    "TimezoneOffsetFromUTC",
)


def derived_uid(*parts: str) -> str:
    """A UID under 2.25 that the same parts always give.

    Source: DICOM PS3.5 annex B.2 (UUID derived UID); RFC 9562 version 5.
    """
    return f"2.25.{uuid.uuid5(_NAMESPACE, chr(0).join(parts)).int}"


def sr_uid(case_id: CaseID, version: int, sha256: Sha256) -> SOPInstanceUID:
    """SOP Instance UID of the report: from the case, the version and the signed content."""
    return SOPInstanceUID(derived_uid("report", case_id, str(version), sha256))


def series_uid(case_id: CaseID) -> SeriesUID:
    """Series Instance UID of the reports of a case: one series for all versions."""
    return SeriesUID(derived_uid("series", case_id))


def read_source(path: Path) -> Dataset:
    """Identity and reference of one stored image, cleaned for copying into a report.

    Text is decoded to Unicode, so that it can be written in UTF-8 whatever the source used.

    Raises:
        BadInput: not DICOM, or a UID in it is not one.
    """
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        with warnings.catch_warnings():
            # Values that break the standard are the film's; each that is copied is checked.
            warnings.simplefilter("ignore")
            header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(_TAGS))
            header.decode()
    except (InvalidDicomError, OSError) as error:
        raise BadInput("the film's file cannot be read as DICOM") from error
    source = pydicom.Dataset()
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID"):
        setattr(source, keyword, check_uid(str(header.get(keyword, "")), keyword))
    for keyword in _COPIED_TEXT:
        setattr(source, keyword, clean_text(str(header.get(keyword) or "")))
    for keyword in _COPIED_NAMES:
        setattr(source, keyword, clean_text(str(header.get(keyword) or "")))
    if not source.IssuerOfPatientID:
        del source.IssuerOfPatientID
    source.PatientSex = str(header.get("PatientSex") or "")
    if source.PatientSex not in ("M", "F", "O"):
        source.PatientSex = ""
    for keyword, pattern in (
        ("PatientBirthDate", _DATE),
        ("StudyDate", _DATE),
        ("StudyTime", _TIME),
    ):
        value = str(header.get(keyword) or "")
        setattr(source, keyword, value if pattern.match(value) else "")
    offset = str(header.get("TimezoneOffsetFromUTC") or "")
    if _OFFSET.match(offset):
        source.TimezoneOffsetFromUTC = offset
    return source


def local_time(when_epoch: float, source: Dataset) -> datetime:
    """The moment of signing on the source's clock; UTC when the header names no zone.

    This machine's time zone plays no part: the same signature gives the same bytes anywhere.
    """
    offset = _OFFSET.match(str(source.get("TimezoneOffsetFromUTC") or ""))
    zone: timezone = UTC
    if offset:
        minutes = int(offset.group(2)) * 60 + int(offset.group(3))
        zone = timezone(timedelta(minutes=minutes if offset.group(1) == "+" else -minutes))
    return datetime.fromtimestamp(int(when_epoch), zone)


def person_name(name: str) -> str:
    """A signer's name in PN form; plain "Ada Lovelace" becomes one component."""
    cleaned = re.sub(r"[\\=]", " ", clean_text(name))[:64].strip() or "unknown"
    return cleaned if "^" in cleaned else f"{cleaned}^"
