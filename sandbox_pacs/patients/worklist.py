"""Modality work list entries: the order behind each current study."""

from __future__ import annotations

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from readingroom.sandbox_pacs.patients.common import IMPLEMENTATION_UID, sequence, to_bytes
from readingroom.sandbox_pacs.patients.identity import uid
from readingroom.sandbox_pacs.patients.people import Patient, Study

MODALITY_WORKLIST = "1.2.840.10008.5.1.4.31"


def worklist_file(patient: Patient, study: Study) -> bytes:
    """One `.wl` file as Orthanc's plugin reads it.

    The scheduled station is ANY: which room takes the film is nothing a reader asks for.
    """
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = MODALITY_WORKLIST
    ds.file_meta.MediaStorageSOPInstanceUID = uid(study.study_uid, "worklist")
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationClassUID = IMPLEMENTATION_UID
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.AccessionNumber = study.accession
    ds.ReferringPhysicianName = study.referrer
    ds.PatientName = patient.name
    ds.PatientID = patient.patient_id
    ds.IssuerOfPatientID = patient.issuer
    ds.PatientBirthDate = patient.birth_date.strftime("%Y%m%d")
    ds.PatientSex = patient.sex
    ds.StudyInstanceUID = study.study_uid
    ds.RequestingPhysician = study.referrer
    ds.RequestedProcedureDescription = study.description
    ds.RequestedProcedureID = study.accession
    ds.ReasonForTheRequestedProcedure = study.indication
    ds.RequestedProcedurePriority = study.priority
    ds.ScheduledProcedureStepSequence = sequence(_step(study))
    return to_bytes(ds)


def _step(study: Study) -> Dataset:
    step = Dataset()
    step.Modality = study.modality
    step.ScheduledStationAETitle = "ANY"
    step.ScheduledProcedureStepStartDate = study.when.strftime("%Y%m%d")
    step.ScheduledProcedureStepStartTime = study.when.strftime("%H%M%S")
    step.ScheduledPerformingPhysicianName = ""
    step.ScheduledProcedureStepDescription = study.description
    step.ScheduledProcedureStepID = study.accession
    return step
