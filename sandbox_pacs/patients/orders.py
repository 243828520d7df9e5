"""The order behind a current study, as the RIS sends it: HL7 v2 ORM^O01."""

from __future__ import annotations

from datetime import datetime, timedelta

from readingroom.sandbox_pacs.patients.identity import uid
from readingroom.sandbox_pacs.patients.people import Patient, Study
from readingroom.sandbox_pacs.patients.reports import hl7_escaped, hl7_names, hl7_person

_PRIORITY = {"STAT": "S", "HIGH": "A", "MEDIUM": "R", "ROUTINE": "R", "LOW": "R"}
"""Source: HL7 table 0027 (ORC-7.6 and OBR-5): S now, A as soon as possible, R routine."""

_WAITED = {"STAT": 12, "HIGH": 55}
"""Minutes from the order to the film; others wait hours."""


def ordered_at(study: Study) -> datetime:
    """When the film was asked for."""
    return study.when - timedelta(minutes=_WAITED.get(study.priority, 205))


def order_orm(patient: Patient, study: Study) -> bytes:
    """An ORM^O01 with a new order, segments ended by CR.

    ORC-2 and OBR-2 have the placer's number, OBR-3 and OBR-18 the accession number, ZDS the
    Study Instance UID.

    Source: HL7 v2.5.1 chapter 4; IHE RAD TF-2, 4.2 and 4.4 (ZDS).
    """
    asked = ordered_at(study).strftime("%Y%m%d%H%M%S")
    due = study.when.strftime("%Y%m%d%H%M%S")
    control = f"SBO{uid(study.study_uid, 'orm')[-12:]}"
    segments = [
        f"MSH|^~\\&|SANDBOXRIS|{hl7_escaped(patient.issuer)}|READINGROOM|READINGROOM|{asked}"
        f"||ORM^O01^ORM_O01|{control}|P|2.5.1||||||UNICODE UTF-8",
        _pid(patient),
        _pv1(study),
        _orc(study, asked, due),
        _obr(study, asked, due),
        f"ZDS|{study.study_uid}^SANDBOX^Application^DICOM",
    ]
    return "".join(f"{segment}\r" for segment in segments).encode()


def placer_number(study: Study) -> str:
    """The number that the ward's system gave the order; not the accession number."""
    return f"P{uid(study.study_uid, 'placer')[-9:]}"


def _pid(patient: Patient) -> str:
    ids = [(patient.patient_id, patient.issuer), *patient.other_ids]
    repeated = "~".join(
        f"{hl7_escaped(identifier)}^^^{hl7_escaped(issuer)}^MR" for identifier, issuer in ids
    )
    born = patient.birth_date.strftime("%Y%m%d")
    return f"PID|1||{repeated}||{hl7_names(patient.name)}||{born}|{patient.sex}"


def _pv1(study: Study) -> str:
    in_bed = study.setting != "erect"
    ward = {"portable": "ICU^4^2", "supine": "ED^RESUS^1"}.get(study.setting, "RAD^WAIT")
    referrer = hl7_person(study.referrer)
    fields = {1: "1", 2: "I" if in_bed else "O", 3: ward, 8: referrer}
    return _segment("PV1", fields, 8)


def _orc(study: Study, asked: str, due: str) -> str:
    timing = f"1^^^{due}^^{_PRIORITY.get(study.priority, 'R')}"
    referrer = hl7_person(study.referrer)
    placer = placer_number(study)
    fields = {1: "NW", 2: placer, 3: hl7_escaped(study.accession), 5: "SC", 7: timing}
    return _segment("ORC", fields | {9: asked, 12: referrer}, 12)


def _obr(study: Study, asked: str, due: str) -> str:
    procedure = f"{hl7_escaped(study.procedure_code)}^{hl7_escaped(study.description)}^L"
    accession = hl7_escaped(study.accession)
    priority = _PRIORITY.get(study.priority, "R")
    fields = {1: "1", 2: placer_number(study), 3: accession, 4: procedure, 5: priority, 6: asked}
    fields |= {16: hl7_person(study.referrer), 18: accession}
    fields |= {24: "CT" if study.modality == "CT" else "RAD", 27: f"1^^^{due}^^{priority}"}
    fields |= {31: f"^{hl7_escaped(study.indication)}"}
    return _segment("OBR", fields, 31)


def _segment(name: str, fields: dict[int, str], last: int) -> str:
    return f"{name}|" + "|".join(fields.get(index, "") for index in range(1, last + 1))
