"""Answers of a PACS as our own types. What comes from outside is cut, cleaned or dropped here."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from readingroom.domain.errors import BadInput
from readingroom.domain.ids import (
    AccessionNumber,
    PatientID,
    SeriesUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyUID,
    check_uid,
)
from readingroom.domain.study import InstanceRef, PatientRef, SeriesRef, StudyRef
from readingroom.domain.text import clean_text

T = TypeVar("T")
RowParser = Callable[[Dataset], T]

# Longest texts that we keep. The standard allows LO 64, PN 3 x 64, LT 10240; peers send more.
_LINE = 256
_TEXT = 4096
_DATE = re.compile(r"\d{8}\Z")
_TIME = re.compile(r"\d{2,6}(\.\d{1,6})?\Z")


def _raw(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    if value is None:
        return ""
    if isinstance(value, (MultiValue, list, tuple)):
        return "\\".join(str(each) for each in value)
    return str(value)


def line(dataset: Dataset, keyword: str, limit: int = _LINE) -> str:
    """One line of text for a person: cleaned and cut."""
    return clean_text(_raw(dataset, keyword))[:limit]


def paragraph(dataset: Dataset, keyword: str) -> str:
    """Text of several lines for a person: cleaned and cut."""
    return clean_text(_raw(dataset, keyword), keep_lines=True)[:_TEXT].strip()


def identifier(dataset: Dataset, keyword: str) -> str:
    """An identifier. It is never mended: a mended one could name somebody else.

    Raises:
        BadInput: longer than 64 characters, or with characters that do not print.
    """
    value = _raw(dataset, keyword).strip(" \0")
    if len(value) > 64 or clean_text(value) != value:
        raise BadInput(f"{keyword} is not a valid identifier ({len(value)} characters)")
    return value


def code(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """The values of a code string, upper case, without empty ones."""
    values = (clean_text(each).strip().upper()[:16] for each in _raw(dataset, keyword).split("\\"))
    return tuple(value for value in values if value)


def uid(dataset: Dataset, keyword: str) -> str:
    """A UID.

    Raises:
        BadInput: missing or not a UID.
    """
    return check_uid(_raw(dataset, keyword).strip(" \0"), keyword)


def day(dataset: Dataset, keyword: str) -> date | None:
    """A date; None when it is missing or is none."""
    text = _raw(dataset, keyword).strip()
    if not _DATE.match(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def clock(dataset: Dataset, keyword: str) -> str:
    """A time as DICOM writes it (HHMMSS); empty when it is missing or is none."""
    text = _raw(dataset, keyword).strip()
    return text if _TIME.match(text) else ""


def number(dataset: Dataset, keyword: str) -> int | None:
    """A whole number; None when it is missing or is none."""
    text = _raw(dataset, keyword).strip()
    return int(text) if re.match(r"-?\d{1,9}\Z", text) else None


def patient(dataset: Dataset) -> PatientRef:
    """A patient.

    Raises:
        BadInput: PatientID is not a valid identifier.
    """
    sex = line(dataset, "PatientSex", 1).upper()
    return PatientRef(
        patient_id=PatientID(identifier(dataset, "PatientID")),
        issuer=identifier(dataset, "IssuerOfPatientID"),
        name=line(dataset, "PatientName"),
        birth_date=day(dataset, "PatientBirthDate"),
        sex=sex if sex in {"M", "F", "O"} else "",
    )


def study(dataset: Dataset) -> StudyRef:
    """A row at study level.

    Raises:
        BadInput: an identifier is not valid.
    """
    return StudyRef(
        study_uid=StudyUID(uid(dataset, "StudyInstanceUID")),
        patient=patient(dataset),
        accession=AccessionNumber(identifier(dataset, "AccessionNumber")),
        study_date=day(dataset, "StudyDate"),
        study_time=clock(dataset, "StudyTime"),
        description=line(dataset, "StudyDescription"),
        modalities=code(dataset, "ModalitiesInStudy"),
        referring_physician=line(dataset, "ReferringPhysicianName"),
        instance_count=number(dataset, "NumberOfStudyRelatedInstances"),
    )


def series(dataset: Dataset) -> SeriesRef:
    """A row at series level.

    Raises:
        BadInput: an identifier is not valid.
    """
    return SeriesRef(
        series_uid=SeriesUID(uid(dataset, "SeriesInstanceUID")),
        study_uid=StudyUID(uid(dataset, "StudyInstanceUID")),
        modality=" ".join(code(dataset, "Modality")[:1]),
        description=line(dataset, "SeriesDescription"),
        body_part=" ".join(code(dataset, "BodyPartExamined")),
        series_number=number(dataset, "SeriesNumber"),
    )


def instance(dataset: Dataset) -> InstanceRef:
    """A row at image level. The SOP class may be missing: it is an optional key.

    Raises:
        BadInput: an identifier is not valid.
    """
    sop_class = _raw(dataset, "SOPClassUID").strip(" \0")
    return InstanceRef(
        sop_uid=SOPInstanceUID(uid(dataset, "SOPInstanceUID")),
        sop_class_uid=SOPClassUID(check_uid(sop_class, "SOPClassUID") if sop_class else ""),
        series_uid=SeriesUID(uid(dataset, "SeriesInstanceUID")),
        study_uid=StudyUID(uid(dataset, "StudyInstanceUID")),
        instance_number=number(dataset, "InstanceNumber"),
    )


def parse_row(parse: RowParser[T], dataset: Dataset) -> T | None:
    """A row, or None when it cannot be used; the caller counts those.

    pydicom converts values when they are first read, and hostile ones raise almost anything
    there, so that the exceptions of a conversion cannot be listed.
    """
    try:
        return parse(dataset)
    except Exception:
        return None


def first_of(dataset: Dataset, keyword: str) -> Dataset:
    """First item of a sequence, or an empty dataset."""
    value: Any = dataset.get(keyword)
    return value[0] if value else Dataset()
