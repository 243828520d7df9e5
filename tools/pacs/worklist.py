"""The work list: what the PACS's modality worklist says, or else the studies of some days."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as DicomSequence

from readingroom.domain.errors import NotFound
from readingroom.domain.ids import AccessionNumber, StudyUID, is_uid
from readingroom.domain.study import Order, PatientRef, StudyRef
from readingroom.tools.pacs.query import date_range, exact_key
from readingroom.tools.pacs.rows import clock, code, day, first_of, identifier, line, paragraph
from readingroom.tools.pacs.rows import patient as patient_of

_LAST_DIGITS = re.compile(r"\d{3,}")
_CHARACTER_SET = "ISO_IR 192"
_KEYS = (
    "AccessionNumber",
    "PatientID",
    "IssuerOfPatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "RequestedProcedureDescription",
    "RequestedProcedureID",
    "RequestedProcedurePriority",
    "ReasonForTheRequestedProcedure",
    "ReasonForTheImagingServiceRequest",
    "AdditionalPatientHistory",
    "ReferringPhysicianName",
)
_STEP_KEYS = (
    "ScheduledStationAETitle",
    "ScheduledProcedureStepStartDate",
    "ScheduledProcedureStepStartTime",
    "ScheduledProcedureStepDescription",
    "Modality",
)


@dataclass(frozen=True)
class WorklistItem:
    """One line of the work list.

    Attributes:
        scheduled_time: HHMMSS as DICOM writes it, or empty.
        study_uid: None where the work list names none.
        source: the modality worklist, or a study that is at the PACS.
        study: the study itself where the row came from one.
    """

    order: Order
    patient: PatientRef
    scheduled_date: date | None
    scheduled_time: str
    modality: str
    study_uid: StudyUID | None
    source: Literal["worklist", "studies"]
    study: StudyRef | None = None


def worklist_identifier(
    accession: str, modality: str, since: date | None, until: date | None
) -> Dataset:
    """Identifier of a modality worklist query.

    Raises:
        BadInput: a key holds characters that are not allowed.
    """
    dataset, step = Dataset(), Dataset()
    dataset.SpecificCharacterSet = _CHARACTER_SET
    for keyword in _KEYS:
        setattr(dataset, keyword, "")
    for keyword in _STEP_KEYS:
        setattr(step, keyword, "")
    dataset.AccessionNumber = exact_key(accession, "AccessionNumber")
    step.Modality = exact_key(modality, "Modality")
    step.ScheduledProcedureStepStartDate = date_range(since, until)
    dataset.ScheduledProcedureStepSequence = DicomSequence([step])
    return dataset


def worklist_row(dataset: Dataset) -> WorklistItem:
    """One answer of a modality worklist query.

    Raises:
        BadInput: an identifier is not valid.
    """
    step = first_of(dataset, "ScheduledProcedureStepSequence")
    study_uid = line(dataset, "StudyInstanceUID")
    reason = (
        paragraph(dataset, "ReasonForTheRequestedProcedure")
        or paragraph(dataset, "ReasonForTheImagingServiceRequest")
        or paragraph(dataset, "AdditionalPatientHistory")
    )
    return WorklistItem(
        order=Order(
            accession=AccessionNumber(identifier(dataset, "AccessionNumber")),
            procedure=line(dataset, "RequestedProcedureDescription")
            or line(step, "ScheduledProcedureStepDescription"),
            indication=reason,
            priority=line(dataset, "RequestedProcedurePriority", 16),
        ),
        patient=patient_of(dataset),
        scheduled_date=day(step, "ScheduledProcedureStepStartDate"),
        scheduled_time=clock(step, "ScheduledProcedureStepStartTime"),
        modality=" ".join(code(step, "Modality")[:1]),
        study_uid=StudyUID(study_uid) if is_uid(study_uid) else None,
        source="worklist",
    )


def completed(number: str, accessions: Iterable[str]) -> str:
    """The accession number that people mean by its last digits: "20934" is CR-20934.

    Args:
        number: what was said; only of three digits or more, and nothing else, one is meant.
        accessions: those of the work list.

    Returns:
        The one that ends so after a sign that is no digit; empty where none does.

    Raises:
        NotFound: several do.
    """
    if not _LAST_DIGITS.fullmatch(number):
        return ""
    ends = re.compile(rf"\D{number}")
    found = sorted({each for each in accessions if ends.search(each[-len(number) - 1 :])})
    if len(found) > 1:
        raise NotFound(
            f"{len(found)} accession numbers on the work list end in {number}",
            hint="say which: " + " or ".join(found[:5]),
        )
    return found[0] if found else ""


def study_row(study: StudyRef) -> WorklistItem:
    """A study at the PACS as a row of the work list."""
    return WorklistItem(
        order=Order(accession=study.accession, procedure=study.description),
        patient=study.patient,
        scheduled_date=study.study_date,
        scheduled_time=study.study_time,
        modality="/".join(study.modalities),
        study_uid=study.study_uid,
        source="studies",
        study=study,
    )
