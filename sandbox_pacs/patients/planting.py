"""Stub while the sentences are being written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.disease import Lesion
from readingroom.sandbox_pacs.patients.people import Patient, Planted, Report
from readingroom.sandbox_pacs.patients.prior_reports import filled


def plant_in_priors(dice: Dice, patient: Patient, share: float) -> Patient:
    """The patient as is."""
    return patient


def with_planted(
    report: Report, lesions: Sequence[Lesion], drawn_mm: Mapping[str, float]
) -> tuple[Report, tuple[Planted, ...]]:
    """The report filled."""
    return filled(report, lesions, drawn_mm), ()
