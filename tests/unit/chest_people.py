"""Patients for tests of drawn chest studies: small, and with one disease each."""

from __future__ import annotations

from datetime import date, datetime

from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.disease import Disease, Lesion
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Report, Study

ROWS, CT_ROWS = 256, 128


def nodule(severity: float) -> Lesion:
    """In the right lung; 20 mm at 14/24."""
    return Lesion("nodule-right", Disease.NODULE, Laterality.RIGHT, Zone.UPPER, severity, 7)


def film(accession: str, day: str, lesions: tuple[Lesion, ...] = (), **others: object) -> Study:
    """A small chest film."""
    when = datetime.fromisoformat(f"{day}T09:00:00")
    fields = {"description": "XR CHEST", "film_rows": ROWS, "lesions": lesions} | others
    return Study(accession, when, **fields)  # type: ignore[arg-type]


def scan(accession: str, day: str, lesions: tuple[Lesion, ...] = ()) -> Study:
    """A small chest CT."""
    return film(
        accession,
        day,
        lesions,
        description="CT CHEST",
        picture=Picture.CHEST_CT,
        modality="CT",
        view="",
        setting="supine",
        ct_rows=CT_ROWS,
    )


def person(name: str, current: Study, *priors: Study, seed: int = 10_000_123) -> Patient:
    """A patient of the dev split."""
    born = date(1960, 1, 1)
    return Patient(name, f"T-{name}", "Doe^Jo", born, "M", seed, current, priors, "dev")


_SR = Report("SR", ("A nodule of {nodule_mm:.0f} mm.",), ("Nodule.",))

GROWING = person(
    "growing",
    film("A-3", "2026-10-05", (nodule(14 / 24),), films=("PA", "LL"), report=_SR),
    scan("A-2", "2026-06-05", (nodule(10 / 24),)),
    film("A-1", "2026-05-05", (nodule(9.9 / 24),), modality="CR", inverted=True, burned_in=True),
    film("A-0", "2025-05-05"),
)
