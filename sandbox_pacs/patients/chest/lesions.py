"""Disease and devices in a chest: what they change of the body, of its voxels and its points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.chest.body import Body
from readingroom.sandbox_pacs.patients.chest.devices import DEVICE_CLOUDS
from readingroom.sandbox_pacs.patients.chest.grid import Painting
from readingroom.sandbox_pacs.patients.chest.opacities import (
    atelectasis,
    consolidation,
    emphysema,
    hilum,
    lump,
    oedema,
)
from readingroom.sandbox_pacs.patients.chest.pleura import effusion, pneumothorax
from readingroom.sandbox_pacs.patients.chest.points import Cloud
from readingroom.sandbox_pacs.patients.disease import Disease, Lesion


def reshaped(body: Body, lesions: tuple[Lesion, ...]) -> Body:
    """The body as disease has changed its form: heart, aorta, lungs, diaphragm."""
    for lesion in lesions:
        grade = lesion.severity
        if lesion.disease is Disease.CARDIOMEGALY:
            body = replace(body, heart_width=body.heart_width * (1.16 + 0.36 * grade))
        elif lesion.disease is Disease.WIDE_MEDIASTINUM:
            body = replace(
                body,
                aorta=body.aorta * (1.04 + 0.46 * grade),
                aorta_unfolding_mm=body.aorta_unfolding_mm + 1 + 15 * grade,
                mediastinum_mm=body.mediastinum_mm + 2.5 + 15 * grade,
            )
        elif lesion.disease is Disease.EMPHYSEMA:
            body = replace(
                body,
                lung_hu=body.lung_hu - 35 - 45 * grade,
                depth=body.depth * (1.04 + 0.12 * grade),
                dome_mm=body.dome_mm * (0.85 - 0.45 * grade),
                vessel_size=body.vessel_size * (0.95 - 0.3 * grade),
                dome_right_mm=body.dome_right_mm - 10 - 22 * grade,
                dome_left_mm=body.dome_left_mm - 8 - 18 * grade,
                heart_width=body.heart_width * (1 - 0.14 * grade),
                heart_axis_deg=body.heart_axis_deg - 6 * grade,
            )
        elif lesion.disease is Disease.INTERSTITIAL_OEDEMA:
            body = replace(body, lung_hu=body.lung_hu + 12 + 40 * grade)
        elif lesion.disease is Disease.ATELECTASIS:
            lift = 6 + 18 * grade
            if lesion.laterality is Laterality.LEFT:
                body = replace(body, dome_left_mm=body.dome_left_mm + lift)
            else:
                body = replace(body, dome_right_mm=body.dome_right_mm + lift)
    return body


def apply_lesion(body: Body, painting: Painting, lesion: Lesion, step_mm: float) -> list[Cloud]:
    """Paint a lesion, and give what is too fine for voxels as clouds of points.

    Args:
        body: as `reshaped` and posed.
        painting: of this body; changed.
        lesion: one that the body may have been reshaped for.
        step_mm: distance of neighbouring points.
    """
    if lesion.disease in DEVICE_CLOUDS:
        return DEVICE_CLOUDS[lesion.disease](body, lesion, step_mm)
    draw = _DRAWERS.get(lesion.disease)
    return draw(body, painting, lesion, step_mm) if draw is not None else []


_DRAWERS: dict[Disease, Callable[[Body, Painting, Lesion, float], list[Cloud]]] = {
    Disease.NODULE: lump,
    Disease.MASS: lump,
    Disease.CONSOLIDATION: consolidation,
    Disease.PLEURAL_EFFUSION: effusion,
    Disease.PNEUMOTHORAX: pneumothorax,
    Disease.ATELECTASIS: atelectasis,
    Disease.HILAR_ENLARGEMENT: hilum,
    Disease.INTERSTITIAL_OEDEMA: oedema,
    Disease.EMPHYSEMA: emphysema,
}
