"""Prior reports: DICOM Basic Text SR in the PACS, or HL7 ORU^R01 text from the RIS."""

from __future__ import annotations

from datetime import timedelta

from pydicom.dataset import Dataset
from pydicom.uid import BasicTextSRStorage

from readingroom.sandbox_pacs.patients.common import (
    add_series,
    code,
    sequence,
    study_dataset,
    to_bytes,
)
from readingroom.sandbox_pacs.patients.identity import uid
from readingroom.sandbox_pacs.patients.people import ISSUER, Patient, Report, Study

SR_SERIES = 90
RADIOLOGIST = "Okonkwo^Adaeze"
_REPORTED_AFTER = timedelta(minutes=55)


def report_sr(patient: Patient, study: Study, report: Report, images: list[Dataset]) -> bytes:
    """A verified Basic Text SR about these images, in a series of its own.

    Source: PS3.3 A.35.1, PS3.16 TID 2000.
    """
    sop_uid = uid(study.study_uid, "report")
    ds = study_dataset(patient, study, BasicTextSRStorage, sop_uid)
    add_series(ds, study, "SR", SR_SERIES, "Radiology report")
    written = study.when + _REPORTED_AFTER
    ds.InstanceNumber = 1
    ds.ContentDate = written.strftime("%Y%m%d")
    ds.ContentTime = written.strftime("%H%M%S")
    ds.ReferencedPerformedProcedureStepSequence = sequence()
    ds.PerformedProcedureCodeSequence = sequence()
    ds.CompletionFlag = "COMPLETE"
    ds.VerificationFlag = "VERIFIED"
    ds.PreliminaryFlag = "FINAL"
    ds.VerifyingObserverSequence = sequence(_verifier(written.strftime("%Y%m%d%H%M%S")))
    ds.CurrentRequestedProcedureEvidenceSequence = sequence(_evidence(images))
    ds.ValueType = "CONTAINER"
    ds.ConceptNameCodeSequence = sequence(code("18748-4", "LN", "Diagnostic imaging report"))
    ds.ContinuityOfContent = "SEPARATE"
    template = Dataset()
    template.MappingResource = "DCMR"
    template.TemplateIdentifier = "2000"
    ds.ContentTemplateSequence = sequence(template)
    ds.ContentSequence = sequence(*_context(), *_sections(report))
    return to_bytes(ds)


def _verifier(moment: str) -> Dataset:
    item = Dataset()
    item.VerifyingObserverName = RADIOLOGIST
    item.VerifyingOrganization = "Sandbox hospital"
    item.VerificationDateTime = moment
    item.VerifyingObserverIdentificationCodeSequence = sequence()
    return item


def _evidence(images: list[Dataset]) -> Dataset:
    by_series: dict[str, list[Dataset]] = {}
    for image in images:
        reference = Dataset()
        reference.ReferencedSOPClassUID = image.SOPClassUID
        reference.ReferencedSOPInstanceUID = image.SOPInstanceUID
        by_series.setdefault(str(image.SeriesInstanceUID), []).append(reference)
    series = []
    for series_uid, references in by_series.items():
        entry = Dataset()
        entry.SeriesInstanceUID = series_uid
        entry.ReferencedSOPSequence = sequence(*references)
        series.append(entry)
    study = Dataset()
    study.StudyInstanceUID = images[0].StudyInstanceUID
    study.ReferencedSeriesSequence = sequence(*series)
    return study


def _item(value_type: str, relation: str, concept: Dataset) -> Dataset:
    item = Dataset()
    item.RelationshipType = relation
    item.ValueType = value_type
    item.ConceptNameCodeSequence = sequence(concept)
    return item


def _context() -> list[Dataset]:
    language = _item(
        "CODE",
        "HAS CONCEPT MOD",
        code("121049", "DCM", "Language of Content Item and Descendants"),
    )
    language.ConceptCodeSequence = sequence(code("en", "RFC5646", "English"))
    kind = _item("CODE", "HAS OBS CONTEXT", code("121005", "DCM", "Observer Type"))
    kind.ConceptCodeSequence = sequence(code("121006", "DCM", "Person"))
    name = _item("PNAME", "HAS OBS CONTEXT", code("121008", "DCM", "Person Observer Name"))
    name.PersonName = RADIOLOGIST
    return [language, kind, name]


def _sections(report: Report) -> list[Dataset]:
    concepts = {
        "Findings": (("121070", "Findings"), ("121071", "Finding")),
        "Impression": (("121072", "Impressions"), ("121073", "Impression")),
    }
    sections = []
    for heading, sentences in (
        ("Findings", report.findings),
        ("Impression", report.impression),
    ):
        (section, section_name), (line, line_name) = concepts[heading]
        container = _item("CONTAINER", "CONTAINS", code(section, "DCM", section_name))
        container.ContinuityOfContent = "SEPARATE"
        texts = []
        for sentence in sentences:
            text = _item("TEXT", "CONTAINS", code(line, "DCM", line_name))
            text.TextValue = sentence
            texts.append(text)
        container.ContentSequence = sequence(*texts)
        sections.append(container)
    return sections


def report_oru(patient: Patient, study: Study, report: Report) -> bytes:
    """An ORU^R01 with the report as text, one OBX a line, segments ended by CR.

    OBR-3 has the accession number, ZDS the Study Instance UID.

    Source: HL7 v2.5.1 chapter 7; IHE RAD TF-2 for ZDS.
    """
    written = (study.when + _REPORTED_AFTER).strftime("%Y%m%d%H%M%S")
    taken = study.when.strftime("%Y%m%d%H%M%S")
    control_id = f"SBX{uid(study.study_uid, 'oru')[-12:]}"
    procedure = f"{study.procedure_code}^{_escaped(study.description)}^L"
    person = _escaped(RADIOLOGIST, keep="^")
    obr = {1: "1", 2: study.accession, 3: study.accession, 4: procedure, 7: taken}
    obr |= {16: _escaped(study.referrer, keep="^"), 22: written, 24: "RAD", 25: "F", 32: person}
    born = patient.birth_date.strftime("%Y%m%d")
    segments = [
        f"MSH|^~\\&|SANDBOXRIS|SANDBOX|READINGROOM|READINGROOM|{written}||ORU^R01^ORU_R01"
        f"|{control_id}|P|2.5.1||||||UNICODE UTF-8",
        f"PID|1||{patient.patient_id}^^^{ISSUER}^MR||{_names(patient.name)}||{born}|{patient.sex}",
        "OBR|" + "|".join(obr.get(index, "") for index in range(1, 33)),
    ]
    lines = ["FINDINGS", *report.findings, "IMPRESSION", *report.impression]
    for number, line in enumerate(lines, 1):
        segments.append(
            f"OBX|{number}|TX|18748-4^Diagnostic imaging report^LN||{_escaped(line)}||||||F"
        )
    segments.append(f"ZDS|{study.study_uid}^SANDBOX^Application^DICOM")
    return "".join(f"{segment}\r" for segment in segments).encode()


def _names(dicom_name: str) -> str:
    """A DICOM name as PID-5: its groups as repetitions with their representation code."""
    groups = dicom_name.split("=")
    if len(groups) == 1:
        return _escaped(dicom_name, keep="^")
    named = zip(groups, "AIP", strict=False)
    return "~".join(
        "^".join([*(f"{_escaped(group, keep='^')}^^^^".split("^")[:6]), "L", representation])
        for group, representation in named
        if group
    )


def _escaped(text: str, keep: str = "") -> str:
    """HL7 escapes; control characters go, since CR would start a segment of its own."""
    codes = {"\\": "E", "|": "F", "~": "R", "^": "S", "&": "T"}
    clean = "".join(char for char in text if char >= " ")
    return "".join(
        f"\\{codes[char]}\\" if char in codes and char not in keep else char for char in clean
    )
