"""A synthetic chest CT of the same person as a film: coarse, and consistent in place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.finding import Observation
from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.anatomy import FIELD_MM, Anatomy, FilmRecipe, anatomy_of
from readingroom.sandbox_pacs.patients.lesions import nodule_place

DEPTH_MM = 230.0
"""Antero-posterior extent of the body; an axial slice spans `FIELD_MM` in both axes."""

_TOP, _BOTTOM = 0.06, 0.86
Plane = NDArray[np.float32]


def ct_spacing_mm(slices: int = 20, size: int = 256) -> tuple[float, float, float]:
    """Voxel pitch (z, y, x) in mm of `render_ct` with the same numbers."""
    return ((_BOTTOM - _TOP) * FIELD_MM / slices, FIELD_MM / size, FIELD_MM / size)


def render_ct(recipe: FilmRecipe, slices: int = 20, size: int = 256) -> NDArray[np.int16]:
    """Axial CT slices of the person of a recipe.

    Returns:
        int16 Hounsfield units (Z, Y, X): slice 0 is the highest (cranial), y runs from front
        to back, x to the viewer's right (the patient's left), as an axial slice is shown.
    """
    anatomy = anatomy_of(recipe)
    rng = np.random.default_rng([recipe.seed, recipe.shot, 61])
    grid = ((np.arange(size) + 0.5) / size).astype(np.float32)
    x, y = grid[None, :], grid[:, None]
    heights = _TOP + (_BOTTOM - _TOP) * (np.arange(slices) + 0.5) / slices
    volume = np.empty((slices, size, size), np.int16)
    for index, height in enumerate(heights):
        plane = _slice(anatomy, recipe, x, y, float(height), (_BOTTOM - _TOP) / slices)
        plane += rng.standard_normal((size, size), dtype=np.float32) * 14
        volume[index] = np.clip(np.rint(plane), -1024, 3071).astype(np.int16)
    return volume


def _ellipse(x: Plane, y: Plane, at: tuple[float, float], rx: float, ry: float) -> Plane:
    distance = ((x - at[0]) / rx) ** 2 + ((y - at[1]) / ry) ** 2
    result: Plane = np.clip((1 - distance) * 6 + 0.5, 0, 1).astype(np.float32)
    return result


def _slice(
    anatomy: Anatomy, recipe: FilmRecipe, x: Plane, y: Plane, z: float, thick: float
) -> Plane:
    deep = DEPTH_MM / FIELD_MM / 2
    half = anatomy.body_half_width * min(1.0, 0.45 + 3.5 * max(0.0, z - anatomy.shoulder_y))
    body = _ellipse(x, y, (anatomy.midline, 0.5), half, deep)
    plane: Plane = -1000 + 1030 * body
    for index in (0, 1):
        _paint_lung(plane, anatomy, recipe, index, x, y, z)
    _paint(plane, _ellipse(x, y, (anatomy.midline, 0.5 + 0.62 * deep), 0.05, 0.05), 350)
    wide = anatomy.mediastinum + anatomy.widening * float(np.exp(-(((z - 0.29) / 0.085) ** 2)))
    _paint(plane, _ellipse(x, y, (anatomy.midline, 0.48), wide, 0.62 * deep), 40)
    if z < anatomy.carina_y:
        at = (anatomy.midline + anatomy.trachea_shift, 0.52)
        _paint(plane, _ellipse(x, y, at, 0.022, 0.024), -990)
    _paint_heart(plane, anatomy, x, y, z)
    for spec in recipe.findings:
        if spec.observation is Observation.NODULE:
            nx, nz, radius = nodule_place(anatomy, recipe, spec)
            ball = radius**2 - (z - nz) ** 2
            if ball > 0 or abs(z - nz) < thick / 2:
                here = max(radius * 0.5, float(np.sqrt(max(ball, 0.0))))
                _paint(plane, _ellipse(x, y, (nx, 0.52), here, here), 45)
    return plane


def _paint(plane: Plane, mask: Plane, value: float) -> None:
    plane += mask * (value - plane)


def _paint_heart(plane: Plane, anatomy: Anatomy, x: Plane, y: Plane, z: float) -> None:
    inside = 1 - ((z - anatomy.heart_y) / anatomy.heart_half_height) ** 2
    if inside <= 0:
        return
    x0, _, x1, _ = anatomy.heart
    width = (x1 - x0) / 2 * float(np.sqrt(inside))
    _paint(plane, _ellipse(x, y, ((x0 + x1) / 2, 0.42), width, 0.75 * width), 45)


def _paint_lung(
    plane: Plane,
    anatomy: Anatomy,
    recipe: FilmRecipe,
    index: int,
    x: Plane,
    y: Plane,
    z: float,
) -> None:
    lung = anatomy.lungs[index]
    inside = 1 - abs((z - lung.centre_y) / lung.half_height) ** 2.2
    if inside <= 0 or z > lung.bottom:
        return
    half = lung.half_width * float(np.sqrt(inside))
    mask = _ellipse(x, y, (lung.axis_x(z), 0.5), half, 0.26 * float(np.sqrt(inside)))
    if z > lung.dome_y:
        mask = mask * (y > 0.5 + 0.22 * (lung.bottom - z) / (lung.bottom - lung.dome_y))
    _paint(plane, mask, -860)
    side = Laterality.RIGHT if index == 0 else Laterality.LEFT
    for spec in recipe.findings:
        if spec.laterality is not side:
            continue
        if spec.observation is Observation.PLEURAL_EFFUSION:
            reach = lung.bottom - (0.05 + 0.24 * spec.severity)
            if z > reach:
                level = 0.74 - 0.5 * (z - reach)
                _paint(plane, mask * (y > level), 12)
        elif spec.observation is Observation.PNEUMOTHORAX and z < 0.55:
            _paint(plane, mask * (y < 0.36 + 0.10 * spec.severity), -1000)
        elif spec.observation is Observation.CONSOLIDATION and 0.5 < z < 0.68:
            _paint(plane, mask * (y > 0.55), -40)
