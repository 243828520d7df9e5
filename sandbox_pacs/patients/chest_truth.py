"""What was drawn into a chest, JSON-ready: the second schema of truth files.

docs/design/patients-truth.md has the fields.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from readingroom.domain.finding import Observation
from readingroom.domain.region import Zone
from readingroom.sandbox_pacs.patients.chest.body import Body
from readingroom.sandbox_pacs.patients.chest.vessels import fissure_corners
from readingroom.sandbox_pacs.patients.disease import DEVICES, Disease, Lesion

SCHEMA = 2

FIXED_ZONES = {
    Disease.PLEURAL_EFFUSION: Zone.BASE,
    Disease.PNEUMOTHORAX: Zone.APEX,
    Disease.ATELECTASIS: Zone.BASE,
    Disease.CARDIOMEGALY: Zone.HEART,
    Disease.PACEMAKER: Zone.HEART,
    Disease.WIDE_MEDIASTINUM: Zone.MEDIASTINUM,
    Disease.TRACHEAL_TUBE: Zone.MEDIASTINUM,
    Disease.CENTRAL_LINE: Zone.MEDIASTINUM,
    Disease.HILAR_ENLARGEMENT: Zone.MID,
    Disease.INTERSTITIAL_OEDEMA: Zone.WHOLE,
    Disease.EMPHYSEMA: Zone.WHOLE,
}
_IN_A_LOBE = frozenset({Disease.NODULE, Disease.MASS, Disease.CONSOLIDATION})
MEASURED = frozenset(
    {
        Disease.NODULE,
        Disease.MASS,
        Disease.CONSOLIDATION,
        Disease.HILAR_ENLARGEMENT,
        Disease.ATELECTASIS,
    }
)
"""What a mask outlines as one lump, so that its diameters mean something."""

Millimetres = tuple[float, float, float]


def lesion_truth(lesion: Lesion, zone: Zone, lobe: str | None) -> dict[str, Any]:
    """What is true of a lesion on that day whatever image shows it."""
    known = {str(observation) for observation in Observation}
    truth: dict[str, Any] = {
        "key": lesion.key,
        "class": str(lesion.disease),
        "observation": str(lesion.disease) if str(lesion.disease) in known else None,
        "laterality": str(lesion.laterality),
        "zone": str(zone),
        "lobe": lobe,
        "severity": round(lesion.severity, 4),
        "size_mm": None if lesion.size_mm is None else round(lesion.size_mm, 1),
    }
    if lesion.disease in DEVICES:
        truth["well_placed"] = lesion.well_placed
    return truth


def zone_of(lesion: Lesion, third: Zone) -> Zone:
    """The zone that a reader names: the disease's own, the lesion's, else the third it lies in."""
    fixed = FIXED_ZONES.get(lesion.disease)
    if fixed is not None:
        return fixed
    return lesion.zone if lesion.zone is not Zone.NONE else third


def third_of(height: float, top: float, bottom: float) -> Zone:
    """Which third of a lung a height lies in; all on one scale, whichever way it runs."""
    third = int(3 * (height - top) / (bottom - top))
    return (Zone.UPPER, Zone.MID, Zone.LOWER)[min(max(third, 0), 2)]


def lobe_of(body: Body, lesion: Lesion, centre: Millimetres) -> str | None:
    """The lobe that a lump or consolidation lies in, by the fissures; None for anything else.

    Args:
        body: as it was posed for the image.
        lesion: with its side.
        centre: x, y, z in the body, mm.
    """
    if lesion.disease not in _IN_A_LOBE:
        return None
    is_left = centre[0] > 0
    minor, right, left = fissure_corners(body)
    if centre[2] < _height(left if is_left else right, centre):
        return "lower"
    if is_left:
        return "upper"
    return "upper" if centre[2] > float(minor[:, 2].mean()) else "middle"


def _height(corners: np.ndarray, at: Millimetres) -> float:
    """Height of a fissure below or above a place; on the plane that fits its corners best."""
    flat = np.column_stack([corners[:, :2], np.ones(len(corners))])
    fit = np.linalg.lstsq(flat, corners[:, 2], rcond=None)[0]
    return float(fit @ np.array([at[0], at[1], 1.0]))


def rounded(values: tuple[float, ...], digits: int = 1) -> list[float]:
    """Numbers as truth files have them."""
    return [round(float(value), digits) for value in values]
