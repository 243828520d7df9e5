"""Stub while the sentences are being written."""

from __future__ import annotations

from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.people import Patient


def plant_in_priors(dice: Dice, patient: Patient, share: float) -> Patient:
    """The patient as is."""
    return patient
