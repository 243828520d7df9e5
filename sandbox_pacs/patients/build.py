"""All that belongs to one study: DICOM objects, ORU message, work list entry, truth."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from pydicom.dataset import Dataset

from readingroom.sandbox_pacs.patients.common import image_uid, to_bytes
from readingroom.sandbox_pacs.patients.identity import uid
from readingroom.sandbox_pacs.patients.orders import order_orm
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Planted, Report, Study
from readingroom.sandbox_pacs.patients.pictures import drawing_of, image_count
from readingroom.sandbox_pacs.patients.planting import with_planted
from readingroom.sandbox_pacs.patients.prior_reports import changes
from readingroom.sandbox_pacs.patients.reports import report_oru, report_sr
from readingroom.sandbox_pacs.patients.table import by_scenario, set_version
from readingroom.sandbox_pacs.patients.truth_export import (
    Instance,
    TruthKind,
    truth_instances,
)
from readingroom.sandbox_pacs.patients.worklist import worklist_file


@dataclass(frozen=True)
class Papers:
    """What goes with a study beside its objects.

    Attributes:
        oru: the report as an HL7 message where it only exists there; else None.
        worklist, orm: the order as work list entry and as HL7 message; None for a prior.
        truth: JSON-ready.
    """

    oru: bytes | None
    worklist: bytes | None
    orm: bytes | None
    truth: dict[str, Any]


@dataclass(frozen=True)
class StudyObjects(Papers):
    """What a study is made of, ready to be stored.

    Attributes:
        instances: images first, then the report where it is an SR.
    """

    study_uid: str
    accession: str
    instances: tuple[Instance, ...]


def instance_uids(patient: Patient, study: Study) -> tuple[str, ...]:
    """SOP Instance UIDs of a study's objects in order, without drawing it."""
    images = image_count(patient, study)
    uids = [image_uid(study, number) for number in range(1, images + 1)]
    if study.report is not None and study.report.source == "SR":
        uids.append(uid(study.study_uid, "report"))
    return tuple(uids)


def build_study(patient: Patient, study: Study) -> StudyObjects:
    """Draw a study and write its objects; the same bytes on every run.

    A CT in full has 120 MB: `StudyStream` has one slice at a time.
    """
    stream = StudyStream(patient, study)
    instances = tuple(stream.instances())
    papers = stream.papers()
    return StudyObjects(
        oru=papers.oru,
        worklist=papers.worklist,
        orm=papers.orm,
        truth=papers.truth,
        study_uid=study.study_uid,
        accession=study.accession,
        instances=instances,
    )


class StudyStream:
    """A study whose objects are made one by one. In this order: objects, papers, truth objects.

    Objects hold on to nothing but the headers of the images.
    """

    def __init__(self, patient: Patient, study: Study) -> None:
        self._patient, self._study = patient, study
        self._drawing = drawing_of(patient, study)
        self._headers: list[Dataset] = []

    def instances(self) -> Iterator[Instance]:
        """Images, then the report where it is an SR; once."""
        for number, image in enumerate(self._drawing.images(), 1):
            for planted in self._study.planted:
                setattr(image, planted.where, planted.text)
            name = f"{self._study.modality}{number:04d}.dcm"
            yield Instance(str(image.SOPInstanceUID), name, to_bytes(image))
            del image.PixelData
            self._headers.append(image)
        report, _ = self._report()
        if report is not None and report.source == "SR":
            data = report_sr(self._patient, self._study, report, self._headers)
            yield Instance(uid(self._study.study_uid, "report"), "SR0001.dcm", data)

    def papers(self) -> Papers:
        """Messages, work list entry and truth."""
        patient, study = self._patient, self._study
        report, in_text = self._report()
        is_ris = report is not None and report.source == "ORU"
        is_current = study is patient.current
        planted = {"planted": [asdict(each) for each in (*study.planted, *in_text)]}
        truth = _truth(patient, study, self._headers)
        return Papers(
            report_oru(patient, study, report) if is_ris and report is not None else None,
            worklist_file(patient, study) if is_current else None,
            order_orm(patient, study) if is_current else None,
            truth | self._drawing.truth() | planted,
        )

    def truth_objects(self, kinds: Collection[TruthKind]) -> Iterator[Instance]:
        """The truth as DICOM: "sr" one report, "seg" one segmentation a film or a series.

        None of what is no chest.
        """
        if self._study.picture is Picture.KNEE_FILM:
            return
        things = self._drawing.things()
        patient_key = f"{self._patient.issuer}/{self._patient.patient_id}"
        yield from truth_instances(patient_key, self._study, self._headers, things, kinds)

    def _report(self) -> tuple[Report | None, tuple[Planted, ...]]:
        """The report as it is kept, and the errors that were put into it."""
        report = self._study.report
        if report is None:
            return None, ()
        if not report.written:
            return _filled(report, self._drawing.facts()), ()
        return with_planted(report, self._study.lesions, self._drawing.drawn_mm())


def film_without_patient_id() -> bytes:
    """A chest film whose PatientID is missing, for tests of bad input; never loaded."""
    patient = by_scenario("normal")
    study = replace(patient.current, accession="CR-29999")
    ds = next(drawing_of(patient, study).images())
    del ds.PatientID
    return to_bytes(ds)


def _filled(report: Report, facts: dict[str, float | str]) -> Report:
    return replace(
        report,
        findings=tuple(line.format(**facts) for line in report.findings),
        impression=tuple(line.format(**facts) for line in report.impression),
    )


def _truth(patient: Patient, study: Study, headers: list[Dataset]) -> dict[str, Any]:
    return {
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
        "sop_uids": [str(header.SOPInstanceUID) for header in headers],
        "rows": int(headers[0].Rows),
        "columns": int(headers[0].Columns),
        "changes": {
            older.accession: dict(changes(study.lesions, older.lesions))
            for older in patient.studies
            if older.when < study.when and older.picture is not Picture.KNEE_FILM
        },
        "priors": [prior.accession for prior in patient.priors if study is patient.current],
    }
