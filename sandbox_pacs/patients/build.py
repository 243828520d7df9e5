"""All that belongs to one study: DICOM objects, ORU message, work list entry, truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from pydicom.dataset import Dataset

from readingroom.sandbox_pacs.patients.common import to_bytes
from readingroom.sandbox_pacs.patients.ct_object import ct_datasets
from readingroom.sandbox_pacs.patients.film_object import film_dataset
from readingroom.sandbox_pacs.patients.identity import uid
from readingroom.sandbox_pacs.patients.orders import order_orm
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Planted, Report, Study
from readingroom.sandbox_pacs.patients.pictures import CT_SLICES, StudyPicture, picture_of
from readingroom.sandbox_pacs.patients.planting import with_planted
from readingroom.sandbox_pacs.patients.prior_reports import changes
from readingroom.sandbox_pacs.patients.reports import report_oru, report_sr
from readingroom.sandbox_pacs.patients.table import by_scenario, set_version
from readingroom.sandbox_pacs.patients.worklist import worklist_file


@dataclass(frozen=True)
class Instance:
    """One DICOM object. `name` is a file name, unique within its study."""

    sop_uid: str
    name: str
    data: bytes


@dataclass(frozen=True)
class StudyObjects:
    """What a study is made of, ready to be stored.

    Attributes:
        instances: images first, then the report where it is an SR.
        oru: the report as an HL7 message where it only exists there; else None.
        worklist, orm: the order as work list entry and as HL7 message; None for a prior.
        truth: JSON-ready.
    """

    study_uid: str
    accession: str
    instances: tuple[Instance, ...]
    oru: bytes | None
    worklist: bytes | None
    truth: dict[str, Any]
    orm: bytes | None = None


def instance_uids(study: Study) -> tuple[str, ...]:
    """SOP Instance UIDs of a study's objects in order, without drawing it."""
    images = CT_SLICES if study.picture is Picture.CHEST_CT else 1
    uids = [uid(study.study_uid, "image", number) for number in range(1, images + 1)]
    if study.report is not None and study.report.source == "SR":
        uids.append(uid(study.study_uid, "report"))
    return tuple(uids)


def build_study(patient: Patient, study: Study) -> StudyObjects:
    """Draw a study and write its objects; the same bytes on every run."""
    picture = picture_of(patient, study)
    images = _images(patient, study, picture)
    for planted_tag in study.planted:
        for image in images:
            setattr(image, planted_tag.where, planted_tag.text)
    instances = [
        Instance(str(ds.SOPInstanceUID), f"{study.modality}{number:04d}.dcm", to_bytes(ds))
        for number, ds in enumerate(images, 1)
    ]
    oru = None
    planted: tuple[Planted, ...] = study.planted
    if study.report is not None:
        report, in_text = _reported(study, study.report, picture)
        planted += in_text
        if report.source == "SR":
            data = report_sr(patient, study, report, images)
            instances.append(Instance(uid(study.study_uid, "report"), "SR0001.dcm", data))
        else:
            oru = report_oru(patient, study, report)
    is_current = study is patient.current
    return StudyObjects(
        study.study_uid,
        study.accession,
        tuple(instances),
        oru,
        worklist_file(patient, study) if is_current else None,
        _truth(patient, study, picture, images) | {"planted": [asdict(each) for each in planted]},
        order_orm(patient, study) if is_current else None,
    )


def film_without_patient_id() -> bytes:
    """A chest film whose PatientID is missing, for tests of bad input; never loaded."""
    patient = by_scenario("normal")
    study = replace(patient.current, accession="CR-29999")
    ds = _images(patient, study, picture_of(patient, study))[0]
    del ds.PatientID
    return to_bytes(ds)


def _images(patient: Patient, study: Study, picture: StudyPicture) -> list[Dataset]:
    if picture.volume_zyx is not None:
        return ct_datasets(patient, study, picture.volume_zyx, picture.spacing_zyx_mm)
    if picture.grey_yx is None:
        raise AssertionError("a picture is a film or a volume")
    return [film_dataset(patient, study, picture.grey_yx, picture.spacing_zyx_mm[1])]


def _reported(
    study: Study, report: Report, picture: StudyPicture
) -> tuple[Report, tuple[Planted, ...]]:
    """The report as it is kept, and the errors that were put into it."""
    if not report.written:
        return _filled(report, picture), ()
    drawn_mm = {
        finding["key"]: float(finding["mm"])
        for finding in picture.truth["findings"]
        if finding.get("mm") is not None and "key" in finding
    }
    return with_planted(report, study.lesions, drawn_mm)


def _filled(report: Report, picture: StudyPicture) -> Report:
    facts = picture.facts()
    return replace(
        report,
        findings=tuple(line.format(**facts) for line in report.findings),
        impression=tuple(line.format(**facts) for line in report.impression),
    )


def _truth(
    patient: Patient, study: Study, picture: StudyPicture, images: list[Dataset]
) -> dict[str, Any]:
    return {
        "schema": 1,
        "set_version": set_version(),
        "scenario": patient.scenario,
        "patient_id": patient.patient_id,
        "accession": study.accession,
        "study_uid": study.study_uid,
        "current": study is patient.current,
        "picture": str(study.picture),
        "view": study.view,
        "quality": study.quality,
        "split": patient.split,
        "setting": study.setting,
        "date": study.when.date().isoformat(),
        "sop_uids": [str(ds.SOPInstanceUID) for ds in images],
        "rows": int(images[0].Rows),
        "columns": int(images[0].Columns),
        "spacing_zyx_mm": list(picture.spacing_zyx_mm),
        "changes": {
            older.accession: dict(changes(study.lesions, older.lesions))
            for older in patient.studies
            if older.when < study.when and older.picture is not Picture.KNEE_FILM
        },
        "priors": [prior.accession for prior in patient.priors if study is patient.current],
        **picture.truth,
    }
