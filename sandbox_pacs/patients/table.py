"""The first set of patients: who they are, and what each is there for."""

from __future__ import annotations

import functools
import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.disease import Disease, Lesion
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Report, Study

_RIGHT, _LEFT = Laterality.RIGHT, Laterality.LEFT
_SEED = 1_000_000

_CLEAR = (
    "The lungs are clear.",
    "No pleural effusion or pneumothorax.",
    "The heart is not enlarged.",
)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _normal(source: Literal["SR", "ORU"]) -> Report:
    return Report(source, _CLEAR, ("No acute abnormality.",))


def _film(accession: str, when: str, report: Report | None = None) -> Study:
    """An ordinary prior chest film without a finding."""
    return Study(accession, _at(when), "XR CHEST PA", report=report)


def _knee(accession: str, when: str, description: str, body_part: str = "KNEE") -> Study:
    return Study(accession, _at(when), description, Picture.KNEE_FILM, "CR", body_part, "AP")


def _lesion(
    disease: Disease, side: Laterality, severity: float, place: int, zone: Zone = Zone.NONE
) -> Lesion:
    """A lesion whose key is its name: none of these patients has two of a kind."""
    return Lesion(disease.value, disease, side, zone, severity, place)


def _effusion(severity: float) -> Lesion:
    return _lesion(Disease.PLEURAL_EFFUSION, _LEFT, severity, 31)


_EFFUSION_LARGER = Patient(
    "effusion_larger",
    "SBX-0031",
    "Müller^Jürgen",
    date(1963, 4, 12),
    "M",
    _SEED + 31,
    Study(
        "CR-20931",
        _at("2026-11-16T09:12:00"),
        "XR CHEST PA",
        # A small opacity in the other lung, which a reader who has found the effusion may miss.
        lesions=(_effusion(0.7), _lesion(Disease.CONSOLIDATION, _RIGHT, 0.1, 31, Zone.MID)),
        indication="Cough and weight loss. Effusion on the last film, larger?",
    ),
    (
        Study(
            "CR-20544",
            _at("2026-08-24T10:40:00"),
            "XR CHEST PA",
            lesions=(_effusion(0.2),),
            report=Report(
                "SR",
                (
                    "Small left pleural effusion, about {pleural_effusion_mm:.0f} mm deep.",
                    "The lungs are otherwise clear. No pneumothorax.",
                    "The heart is not enlarged.",
                ),
                ("Small left pleural effusion. Follow-up advised.",),
            ),
        ),
        Study(
            "CR-20102",
            _at("2026-02-03T14:05:00"),
            "CHEST PA",
            modality="CR",
            body_part="",
            report=_normal("ORU"),
        ),
        _knee("CR-19310", "2025-06-18T08:30:00", "XR KNEE LEFT 2 VIEWS"),
        Study("CR-17755", _at("2023-01-10T11:20:00"), "CXR", modality="CR"),
    ),
)

_NODULE_NEW = Patient(
    "nodule_new",
    "SBX-0032",
    "Yamada^Tarou=山田^太郎=やまだ^たろう",
    date(1957, 9, 3),
    "M",
    _SEED + 132,
    Study(
        "CR-20932",
        _at("2026-11-16T10:02:00"),
        "XR CHEST PA",
        lesions=(_lesion(Disease.NODULE, _RIGHT, 0.45, 32, Zone.UPPER),),
        indication="Haemoptysis. Smoker, 40 pack years.",
        priority="HIGH",
    ),
    (
        _film("CR-19877", "2025-10-21T09:00:00", _normal("SR")),
        Study(
            "CR-18420",
            _at("2024-03-02T16:45:00"),
            "CHEST XRAY PA",
            modality="CR",
            body_part="THORAX",
            report=_normal("ORU"),
        ),
    ),
)

_NORMAL = Patient(
    "normal",
    "SBX-0033",
    "Kim^Min-jun=金^民俊=김^민준",
    date(1988, 1, 30),
    "M",
    _SEED + 33,
    Study(
        "CR-20933",
        _at("2026-11-17T08:15:00"),
        "XR CHEST PA",
        indication="Before surgery of the hand.",
    ),
    (_film("CR-19012", "2025-02-11T12:00:00", _normal("SR")),),
)

_CRITICAL = Patient(
    "critical",
    "SBX-0034",
    "O'Brien^Siobhán",
    date(1999, 7, 19),
    "F",
    _SEED + 34,
    Study(
        "CR-20934",
        _at("2026-11-17T22:48:00"),
        "XR CHEST PA ERECT",
        lesions=(_lesion(Disease.PNEUMOTHORAX, _RIGHT, 0.7, 34),),
        indication="Sudden chest pain on the right, short of breath.",
        priority="STAT",
    ),
    (_film("CR-19555", "2025-07-08T13:30:00", _normal("ORU")),),
)

_DEVICE = Patient(
    "device",
    "SBX-0035",
    "Wójcik^Łukasz",
    date(1949, 12, 5),
    "M",
    _SEED + 35,
    Study(
        "CR-20935",
        _at("2026-11-18T05:55:00"),
        "CXR ptbl",
        modality="CR",
        body_part="",
        view="AP",
        lesions=(
            _lesion(Disease.TRACHEAL_TUBE, Laterality.MIDLINE, 0.5, 35),
            _lesion(Disease.CONSOLIDATION, _RIGHT, 0.6, 35),
        ),
        indication="Intubated overnight. Position of the tube?",
        priority="STAT",
    ),
    (
        Study(
            "CR-20911",
            _at("2026-11-17T18:20:00"),
            "CXR ptbl",
            modality="CR",
            body_part="",
            view="AP",
            lesions=(_lesion(Disease.CONSOLIDATION, _RIGHT, 0.4, 35),),
            report=Report(
                "SR",
                (
                    "Consolidation in the right {consolidation_zone}.",
                    "No pleural effusion or pneumothorax.",
                    "No tube or line.",
                ),
                ("Right-sided pneumonia.",),
            ),
        ),
    ),
)

_CT_PRIOR = Patient(
    "ct_prior",
    "SBX-0036",
    "الحسن^ليلى",
    date(1971, 3, 8),
    "F",
    _SEED + 36,
    Study(
        "CR-20936",
        _at("2026-11-18T11:10:00"),
        "XR CHEST PA",
        lesions=(_lesion(Disease.WIDE_MEDIASTINUM, Laterality.MIDLINE, 0.8, 36),),
        indication="Chest pain radiating to the back.",
        priority="HIGH",
    ),
    (
        Study(
            "CT-20230",
            _at("2026-04-09T15:25:00"),
            "CT CHEST W CONTRAST",
            Picture.CHEST_CT,
            "CT",
            view="",
            report=Report(
                "SR",
                (
                    "No mediastinal mass or enlarged lymph nodes. The aorta is of normal width.",
                    "The lungs are clear. No pleural effusion.",
                ),
                ("Normal CT of the chest.",),
            ),
        ),
        _film("CR-19701", "2025-09-02T10:00:00", _normal("ORU")),
    ),
)

_NO_PRIORS = Patient(
    "no_priors",
    "SBX-0037",
    "Nguyễn^Thị Hoa",
    date(1994, 11, 2),
    "F",
    _SEED + 37,
    Study(
        "CR-20937",
        _at("2026-11-18T14:35:00"),
        "XR CHEST PA",
        lesions=(_lesion(Disease.CONSOLIDATION, _LEFT, 0.7, 37),),
        indication="Fever and cough for three days.",
    ),
)

_QUERY_FAILED = Patient(
    "query_failed",
    "SBX-0038",
    "Παπαδόπουλος^Γιώργος",
    date(1966, 6, 24),
    "M",
    _SEED + 38,
    Study(
        "CR-20938",
        _at("2026-11-19T09:40:00"),
        "XR CHEST PA",
        lesions=(_lesion(Disease.CONSOLIDATION, _RIGHT, 0.7, 37),),
        indication="Cough. Pneumonia?",
    ),
    (_film("CR-19430", "2025-05-27T09:10:00", _normal("SR")),),
)

_WRONG_MODALITY = Patient(
    "wrong_modality",
    "SBX-0039",
    "Иванова^Анна",
    date(1980, 2, 14),
    "F",
    _SEED + 39,
    Study(
        "CR-20939",
        _at("2026-11-19T10:25:00"),
        "XR KNEE RIGHT AP",
        Picture.KNEE_FILM,
        "DX",
        "KNEE",
        "AP",
        indication="Fall on the knee.",
    ),
    (_film("CR-19120", "2025-03-04T15:15:00", _normal("SR")),),
)

_POOR_FILM = Patient(
    "poor_film",
    "SBX-0040",
    "Şahin^Ayşe",
    date(1952, 8, 17),
    "F",
    _SEED + 40,
    Study(
        "CR-20940",
        _at("2026-11-19T23:05:00"),
        "CXR PORTABLE AP",
        modality="CR",
        view="AP",
        quality="underexposed",
        has_spacing=False,
        indication="Reduced general condition, bedridden.",
    ),
    (
        Study(
            "CR-19960",
            _at("2025-12-12T07:50:00"),
            "CXR PORTABLE AP",
            view="AP",
            report=_normal("ORU"),
        ),
    ),
)

_TWO_MATCHING = (
    Patient(
        "two_matching",
        "SBX-0041",
        "García Márquez^José",
        date(1975, 10, 1),
        "M",
        _SEED + 41,
        Study(
            "CR-20941",
            _at("2026-11-20T08:05:00"),
            "TORAX 2 PROY",
            body_part="",
            indication="Tos. Control.",
        ),
        (Study("CR-19233", _at("2025-04-15T10:30:00"), "TORAX PA", body_part="TORAX"),),
    ),
    Patient(
        "two_matching",
        "SBX-0042",
        "Smith^Mary^Ann",
        date(1969, 5, 23),
        "F",
        _SEED + 42,
        Study("CR-20941", _at("2026-11-20T08:50:00"), "XR CHEST PA", indication="Cough."),
        (_film("CR-19240", "2025-04-16T09:30:00", _normal("SR")),),
    ),
)

_CARDIOMEGALY = Patient(
    "cardiomegaly",
    "SBX-0043",
    "Åström^Eva",
    date(1944, 4, 4),
    "F",
    _SEED + 43,
    Study(
        "CR-20943",
        _at("2026-11-20T13:20:00"),
        "XR CHEST PA",
        lesions=(_lesion(Disease.CARDIOMEGALY, Laterality.MIDLINE, 0.9, 43),),
        inverted=True,
        indication="Swollen legs. Heart failure?",
    ),
    (
        Study(
            "CR-19602",
            _at("2025-07-30T11:45:00"),
            "XR CHEST PA",
            lesions=(_lesion(Disease.CARDIOMEGALY, Laterality.MIDLINE, 0.6, 43),),
            inverted=True,
            report=Report(
                "SR",
                ("The heart is enlarged.", "The lungs are clear. No pleural effusion."),
                ("Cardiomegaly.",),
            ),
        ),
        Study(
            "CT-18801",
            _at("2024-09-17T09:35:00"),
            "CT THORAX NATIV",
            Picture.CHEST_CT,
            "CT",
            view="",
            lesions=(_lesion(Disease.CARDIOMEGALY, Laterality.MIDLINE, 0.6, 43),),
            report=Report(
                "ORU",
                ("Enlarged heart.", "The lungs are clear. No pleural effusion."),
                ("Enlarged heart; the rest is normal.",),
            ),
        ),
        _knee("CR-18013", "2023-11-06T10:15:00", "XR KNEE BOTH STANDING", body_part=""),
    ),
)

PATIENTS: tuple[Patient, ...] = (
    _EFFUSION_LARGER,
    _NODULE_NEW,
    _NORMAL,
    _CRITICAL,
    _DEVICE,
    _CT_PRIOR,
    _NO_PRIORS,
    _QUERY_FAILED,
    _WRONG_MODALITY,
    _POOR_FILM,
    *_TWO_MATCHING,
    _CARDIOMEGALY,
)
"""All patients, in the order of the work list."""


def by_scenario(scenario: str) -> Patient:
    """The patient that is there for a purpose; the first where two are.

    Raises:
        KeyError: no patient is there for that.
    """
    for patient in PATIENTS:
        if patient.scenario == scenario:
            return patient
    raise KeyError(scenario)


@functools.cache
def set_version() -> str:
    """What tells versions of pictures, reports and orders apart: a hash of code and texts."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(each for each in here.rglob("*") if each.suffix in (".py", ".md")):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
