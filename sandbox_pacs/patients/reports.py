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
from readingroom.sandbox_pacs.patients.people import Patient, Report, Study

SR_SERIES = 90
_REPORTED_AFTER = timedelta(minutes=55)
_LANGUAGES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "pt": "Portuguese",
}


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
    ds.VerifyingObserverSequence = sequence(_verifier(study, report))
    ds.CurrentRequestedProcedureEvidenceSequence = sequence(_evidence(images))
    ds.ValueType = "CONTAINER"
    ds.ConceptNameCodeSequence = sequence(code("18748-4", "LN", "Diagnostic imaging report"))
    ds.ContinuityOfContent = "SEPARATE"
    template = Dataset()
    template.MappingResource = "DCMR"
    template.TemplateIdentifier = "2000"
    ds.ContentTemplateSequence = sequence(template)
    ds.ContentSequence = sequence(*_context(report), *_sections(report))
    return to_bytes(ds)


def _verifier(study: Study, report: Report) -> Dataset:
    item = Dataset()
    item.VerifyingObserverName = report.author
    item.VerifyingOrganization = study.device.institution
    item.VerificationDateTime = (study.when + _REPORTED_AFTER).strftime("%Y%m%d%H%M%S")
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


def _context(report: Report) -> list[Dataset]:
    language = _item(
        "CODE",
        "HAS CONCEPT MOD",
        code("121049", "DCM", "Language of Content Item and Descendants"),
    )
    language.ConceptCodeSequence = sequence(
        code(report.language, "RFC5646", _LANGUAGES[report.language])
    )
    kind = _item("CODE", "HAS OBS CONTEXT", code("121005", "DCM", "Observer Type"))
    kind.ConceptCodeSequence = sequence(code("121006", "DCM", "Person"))
    name = _item("PNAME", "HAS OBS CONTEXT", code("121008", "DCM", "Person Observer Name"))
    name.PersonName = report.author
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
    accession = hl7_escaped(study.accession)
    procedure = f"{hl7_escaped(study.procedure_code)}^{hl7_escaped(study.description)}^L"
    person = hl7_escaped(report.author.split("=")[0], keep="^")
    obr = {1: "1", 2: accession, 3: accession, 4: procedure, 7: taken}
    obr |= {16: hl7_escaped(study.referrer.split("=")[0], keep="^"), 22: written, 24: "RAD"}
    obr |= {25: "F", 32: person}
    born = patient.birth_date.strftime("%Y%m%d")
    segments = [
        f"MSH|^~\\&|SANDBOXRIS|SANDBOX|READINGROOM|READINGROOM|{written}||ORU^R01^ORU_R01"
        f"|{control_id}|P|2.5.1||||||UNICODE UTF-8",
        f"PID|1||{hl7_escaped(patient.patient_id)}^^^{hl7_escaped(patient.issuer)}^MR||"
        f"{hl7_names(patient.name)}||{born}|{patient.sex}",
        "OBR|" + "|".join(obr.get(index, "") for index in range(1, 33)),
    ]
    lines = ["FINDINGS", *report.findings, "IMPRESSION", *report.impression]
    for number, line in enumerate(lines, 1):
        segments.append(
            f"OBX|{number}|TX|18748-4^Diagnostic imaging report^LN||{hl7_escaped(line)}||||||F"
        )
    segments.append(f"ZDS|{study.study_uid}^SANDBOX^Application^DICOM")
    return "".join(f"{segment}\r" for segment in segments).encode()


def hl7_names(dicom_name: str) -> str:
    """A DICOM name as PID-5: its groups as repetitions with their representation code."""
    groups = dicom_name.split("=")
    if len(groups) == 1:
        return "^".join(_xpn(dicom_name)).rstrip("^")
    named = zip(groups, "AIP", strict=False)
    return "~".join(
        "^".join([*_xpn(group), "", "L", representation])
        for group, representation in named
        if group
    )


def hl7_person(dicom_name: str) -> str:
    """The first group of a DICOM name as XCN: no identifier, then the parts of the name."""
    return "^".join(["", *_xpn(dicom_name.split("=")[0])]).rstrip("^")


def _xpn(group: str) -> list[str]:
    """Family, given, middle, suffix, prefix: DICOM has the prefix before the suffix.

    Source: HL7 v2.5.1 2.A.88 (XPN); PS3.5 6.2.1 (PN).
    """
    parts = [hl7_escaped(part) for part in group.split("^")]
    family, given, middle, prefix, suffix = [*parts, "", "", "", ""][:5]
    return [family, given, middle, suffix, prefix]


def hl7_escaped(text: str, keep: str = "") -> str:
    """Text with HL7's escapes; control characters go, since CR would start a segment of its own."""
    codes = {"\\": "E", "|": "F", "~": "R", "^": "S", "&": "T"}
    clean = "".join(char for char in text if char >= " ")
    return "".join(
        f"\\{codes[char]}\\" if char in codes and char not in keep else char for char in clean
    )
