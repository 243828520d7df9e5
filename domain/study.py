"""Patients, studies, series, orders and priors as the PACS and the RIS name them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from readingroom.domain.ids import (
    AccessionNumber,
    PatientID,
    SeriesUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyUID,
)


@dataclass(frozen=True)
class PatientRef:
    """Who a study belongs to. `name` in DICOM PN form; `sex` is M, F, O or empty."""

    patient_id: PatientID
    issuer: str = ""
    name: str = ""
    birth_date: date | None = None
    sex: str = ""


@dataclass(frozen=True)
class StudyRef:
    """A study as C-FIND at STUDY level tells it."""

    study_uid: StudyUID
    patient: PatientRef
    accession: AccessionNumber
    study_date: date | None
    study_time: str = ""
    description: str = ""
    modalities: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    """BodyPartExamined of its series, upper case, empty values dropped."""
    referring_physician: str = ""
    instance_count: int | None = None


@dataclass(frozen=True)
class SeriesRef:
    """A series as C-FIND at SERIES level tells it."""

    series_uid: SeriesUID
    study_uid: StudyUID
    modality: str
    description: str = ""
    body_part: str = ""
    series_number: int | None = None


@dataclass(frozen=True)
class InstanceRef:
    """An instance as C-FIND at IMAGE level tells it."""

    sop_uid: SOPInstanceUID
    sop_class_uid: SOPClassUID
    series_uid: SeriesUID
    study_uid: StudyUID
    instance_number: int | None = None


@dataclass(frozen=True)
class Order:
    """What was asked for, from the work list or the study's own header."""

    accession: AccessionNumber
    procedure: str = ""
    indication: str = ""
    laterality: str = ""
    priority: str = ""


class ReportSource(StrEnum):
    """Where the text of a prior report came from."""

    SR = "SR"
    ORU = "ORU"


@dataclass(frozen=True)
class PriorReport:
    """Text of a prior's report; no authority over tools (DESIGN, what must be true, 4)."""

    text: str
    source: ReportSource
    sop_uid: SOPInstanceUID | None = None
    message_control_id: str = ""
    """MSH-10 where the source is ORU."""


@dataclass(frozen=True)
class Prior:
    """A prior study that was picked, and why.

    Attributes:
        label: what people and the planner call it. P1 was the newest when priors were first
            asked for; a study keeps its label for as long as the case lives.
        reason: the reason in words, shown to the reader.
    """

    label: str
    study: StudyRef
    reason: str
    kind: str
    """Modality family: "XR", "CT", "MR", "OT"."""
    report: PriorReport | None = None
