"""Queries as DICOM identifiers: what is asked, and what may be in a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydicom.dataset import Dataset

from readingroom.domain.errors import BadInput
from readingroom.domain.ids import check_uid
from readingroom.domain.text import clean_text

Level = Literal["PATIENT", "STUDY", "SERIES", "IMAGE"]

# Without this, a query with characters beyond ASCII silently finds nothing.
_CHARACTER_SET = "ISO_IR 192"

# Return keys per level. BodyPartExamined is a key of the series: at study level Orthanc answers
# such a query with nothing, and says nothing. SOPClassUID is not asked for at image level: Orthanc
# 1.10.1 does not index it, opens every file for it, and fails the whole query on a broken one.
_RETURN_KEYS: dict[Level, tuple[str, ...]] = {
    "PATIENT": (
        "PatientID",
        "IssuerOfPatientID",
        "PatientName",
        "PatientBirthDate",
        "PatientSex",
    ),
    "STUDY": (
        "PatientID",
        "IssuerOfPatientID",
        "PatientName",
        "PatientBirthDate",
        "PatientSex",
        "StudyInstanceUID",
        "AccessionNumber",
        "StudyDate",
        "StudyTime",
        "StudyDescription",
        "ModalitiesInStudy",
        "ReferringPhysicianName",
        "NumberOfStudyRelatedInstances",
    ),
    "SERIES": (
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "Modality",
        "SeriesDescription",
        "BodyPartExamined",
        "SeriesNumber",
    ),
    "IMAGE": (
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "SOPInstanceUID",
        "InstanceNumber",
    ),
}


@dataclass(frozen=True)
class StudyQuery:
    """A study query. Identifiers match exactly; only the name may hold `*` and `?`.

    Attributes:
        patient_id: exact and case-sensitive.
        accession: exact.
        study_uid: exact.
        date_from, date_to: both inclusive; either may be open.
        modality: one of the modalities in the study, such as "CR".
        patient_name: pattern, such as "Müller*"; PACS fold neither accents nor components.
    """

    patient_id: str = ""
    accession: str = ""
    study_uid: str = ""
    date_from: date | None = None
    date_to: date | None = None
    modality: str = ""
    patient_name: str = ""

    def __post_init__(self) -> None:
        if not any(
            (
                self.patient_id,
                self.accession,
                self.study_uid,
                self.date_from,
                self.date_to,
                self.patient_name,
            )
        ):
            raise BadInput(
                "a study query without a key would list the whole PACS",
                hint="name a patient, an accession, a study or a date",
            )
        exact_key(self.patient_id, "PatientID")
        exact_key(self.accession, "AccessionNumber")
        exact_key(self.modality, "Modality")
        name_pattern(self.patient_name)
        if self.study_uid:
            check_uid(self.study_uid, "StudyInstanceUID")


def exact_key(value: str, keyword: str) -> str:
    r"""Return an identifier that may be sent as a key.

    Raises:
        BadInput: it holds a wildcard (`*`, `?`), a list separator (`\`) or characters that do
            not print, each of which would ask for more than the one thing that is meant.
    """
    if any(mark in value for mark in "*?\\") or clean_text(value) != value or len(value) > 64:
        raise BadInput(
            f"{keyword} holds characters that are not allowed in an identifier",
            hint="wildcards * and ?, backslashes and control characters are refused; "
            "give the exact value",
        )
    return value


def name_pattern(value: str) -> str:
    r"""Return a name pattern; `*` and `?` are allowed, `\` and control characters are not.

    Raises:
        BadInput: it holds one of those.
    """
    if "\\" in value or clean_text(value) != value or len(value) > 194:
        raise BadInput(
            "the patient name pattern holds characters that are not allowed",
            hint="letters, ^, * and ? only",
        )
    return value


def date_range(first: date | None, last: date | None) -> str:
    """A DICOM date range; empty when both ends are open. `2010*` and `2010-01-01` do not work."""
    if first is None and last is None:
        return ""
    if first == last and first is not None:
        return f"{first:%Y%m%d}"
    return f"{f'{first:%Y%m%d}' if first else ''}-{f'{last:%Y%m%d}' if last else ''}"


def empty_identifier(level: Level) -> Dataset:
    """An identifier with the return keys of a level."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = _CHARACTER_SET
    dataset.QueryRetrieveLevel = level
    for keyword in _RETURN_KEYS[level]:
        setattr(dataset, keyword, "" if keyword not in _NUMBERS else None)
    return dataset


_NUMBERS = frozenset({"NumberOfStudyRelatedInstances", "SeriesNumber", "InstanceNumber"})


def patient_identifier(patient_id: str, patient_name: str) -> Dataset:
    """Identifier of a query at patient level.

    Raises:
        BadInput: no key, or one with characters that are not allowed.
    """
    if not patient_id and not patient_name:
        raise BadInput("a patient query needs a patient ID or a name pattern")
    dataset = empty_identifier("PATIENT")
    dataset.PatientID = exact_key(patient_id, "PatientID")
    dataset.PatientName = name_pattern(patient_name)
    return dataset


def study_identifier(query: StudyQuery) -> Dataset:
    """Identifier of a study query."""
    dataset = empty_identifier("STUDY")
    dataset.PatientID = query.patient_id
    dataset.AccessionNumber = query.accession
    dataset.StudyInstanceUID = query.study_uid
    dataset.StudyDate = date_range(query.date_from, query.date_to)
    dataset.ModalitiesInStudy = query.modality
    dataset.PatientName = query.patient_name
    return dataset


def series_identifier(study_uid: str) -> Dataset:
    """Identifier for all series of a study.

    Raises:
        BadInput: not a UID.
    """
    dataset = empty_identifier("SERIES")
    dataset.StudyInstanceUID = check_uid(study_uid, "StudyInstanceUID")
    return dataset


def image_identifier(study_uid: str, series_uid: str, sop_uid: str = "") -> Dataset:
    """Identifier for all instances of a series, or for one of them.

    Raises:
        BadInput: not a UID.
    """
    dataset = empty_identifier("IMAGE")
    dataset.StudyInstanceUID = check_uid(study_uid, "StudyInstanceUID")
    dataset.SeriesInstanceUID = check_uid(series_uid, "SeriesInstanceUID")
    dataset.SOPInstanceUID = check_uid(sop_uid, "SOPInstanceUID") if sop_uid else ""
    return dataset


def move_identifier(study_uid: str, series_uid: str = "", sop_uids: Sequence[str] = ()) -> Dataset:
    """Identifier of a C-MOVE: a study, a series, or instances of a series.

    Raises:
        BadInput: not a UID.
    """
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "IMAGE" if sop_uids else "SERIES" if series_uid else "STUDY"
    dataset.StudyInstanceUID = check_uid(study_uid, "StudyInstanceUID")
    if series_uid:
        dataset.SeriesInstanceUID = check_uid(series_uid, "SeriesInstanceUID")
    if sop_uids:
        dataset.SOPInstanceUID = [check_uid(uid, "SOPInstanceUID") for uid in sop_uids]
    return dataset
