"""The modules of patient, study, series and equipment that every object here shares."""

from __future__ import annotations

import io
import unicodedata
from datetime import timedelta

from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from readingroom.sandbox_pacs.patients.identity import uid
from readingroom.sandbox_pacs.patients.people import Patient, Study

IMPLEMENTATION_UID = uid("implementation")


def set_implementation(meta: FileMetaDataset) -> None:
    """Name the writer; a library would name its own release, and the bytes change with it."""
    meta.ImplementationClassUID = IMPLEMENTATION_UID
    meta.ImplementationVersionName = "READINGROOM"


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """One item of a code sequence."""
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def sequence(*items: Dataset) -> Sequence:
    """A sequence of these items."""
    return Sequence(list(items))


def long_string(words: str) -> str:
    """Words of the site as an LO: at most 64 characters, and a backslash would part values."""
    return words.replace("\\", "/")[:64]


def code_string(words: str) -> str:
    """What a device makes of the site's body part: the characters that a CS may have.

    Source: PS3.5 6.2: upper case, digits, space, underscore; at most 16.
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().upper()
    kept = "".join(char if char.isalnum() or char == "_" else " " for char in plain)
    return " ".join(kept.split())[:16].strip()


def add_body_part(ds: Dataset, body_part: str) -> None:
    """BodyPartExamined in the site's words, and Laterality, which hangs on it.

    Laterality is absent for an unpaired part; where the part is not told in a standard's word,
    devices write it empty; DX has ImageLaterality instead (PS3.3 C.7.3.1).
    """
    ds.BodyPartExamined = code_string(body_part)
    if ds.BodyPartExamined != "CHEST" and ds.Modality != "DX":
        ds.Laterality = "L" if ds.BodyPartExamined == "KNEE" else ""


def study_dataset(patient: Patient, study: Study, sop_class: str, sop_uid: str) -> Dataset:
    """A dataset with the patient and study modules and its file meta information."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = sop_class
    ds.file_meta.MediaStorageSOPInstanceUID = sop_uid
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    set_implementation(ds.file_meta)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = sop_class
    ds.SOPInstanceUID = sop_uid
    ds.PatientName = patient.name
    ds.PatientID = patient.patient_id
    ds.IssuerOfPatientID = patient.issuer
    if patient.other_ids:
        ds.OtherPatientIDsSequence = sequence(*map(_other_id, patient.other_ids))
    ds.PatientBirthDate = patient.birth_date.strftime("%Y%m%d")
    ds.PatientSex = patient.sex
    ds.PatientAge = f"{patient.age_at(study.when.date()):03d}Y"
    ds.StudyInstanceUID = study.study_uid
    ds.StudyDate = study.when.strftime("%Y%m%d")
    ds.StudyTime = study.when.strftime("%H%M%S")
    ds.AccessionNumber = study.accession
    ds.StudyID = study.accession.rpartition("-")[2]
    ds.StudyDescription = study.description
    ds.ReferringPhysicianName = study.referrer
    return ds


def _other_id(identifier: tuple[str, str]) -> Dataset:
    item = Dataset()
    item.PatientID, item.IssuerOfPatientID = identifier
    item.TypeOfPatientID = "TEXT"
    return item


def add_series(ds: Dataset, study: Study, modality: str, number: int, description: str) -> None:
    """Add series and equipment; each series of a study has its own number."""
    ds.Modality = modality
    ds.SeriesInstanceUID = uid(study.study_uid, "series", number)
    ds.SeriesNumber = number
    ds.SeriesDescription = description
    ds.SeriesDate = ds.StudyDate
    ds.SeriesTime = ds.StudyTime
    ds.Manufacturer = study.device.manufacturer
    ds.ManufacturerModelName = study.device.model
    ds.SoftwareVersions = study.device.software
    ds.DeviceSerialNumber = study.device.serial
    ds.InstitutionName = study.device.institution
    ds.StationName = study.device.station


def image_uid(study: Study, number: int, series: int = 1) -> str:
    """SOP Instance UID of an image, known without drawing it.

    Args:
        study: that it belongs to.
        number: of the image: within the study for films, within the series for CT.
        series: SeriesNumber of a CT; all films count as 1.
    """
    if series == 1:
        return uid(study.study_uid, "image", number)
    return uid(study.study_uid, "series", series, "image", number)


def add_acquisition_times(ds: Dataset, study: Study, minutes: int = 2) -> None:
    """Content and acquisition: the picture is taken some minutes after the study began."""
    taken = study.when + timedelta(minutes=minutes)
    for name in ("Acquisition", "Content"):
        setattr(ds, f"{name}Date", taken.strftime("%Y%m%d"))
        setattr(ds, f"{name}Time", taken.strftime("%H%M%S"))


def to_bytes(ds: Dataset) -> bytes:
    """The dataset as a DICOM file, the same bytes each time."""
    buffer = io.BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()
