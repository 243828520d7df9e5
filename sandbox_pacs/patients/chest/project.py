"""From voxels and points to what a detector sees: line integrals of attenuation.

A cone beam from a point source. Voxels are summed slab by slab along the beam, each slab
enlarged as its distance asks (a shear-warp sum); points fall where their ray meets the
detector. Both are exact up to their own grid; magnification is that of the real geometry.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

import numpy as np

from readingroom.sandbox_pacs.patients.chest.body import FloatArray
from readingroom.sandbox_pacs.patients.chest.grid import Grid

MU_WATER_PER_MM = 0.0203
"""At 62 keV, about the mean of a chest film's filtered 120 kVp beam. Source: NIST XCOM."""

_BONE_EXCESS = 0.16
"""How much more of its Hounsfield units bone counts there than at a CT's 70 keV.

Source: NIST XCOM, cortical bone over water, (2.94 - 1) / (2.67 - 1)."""


def attenuation(hu: FloatArray) -> FloatArray:
    """Hounsfield units to attenuation per mm in a chest film's beam; same shape."""
    ratio = 1 + hu * np.float32(1e-3) + np.maximum(hu - 100, 0) * np.float32(1e-3 * _BONE_EXCESS)
    return np.asarray(np.maximum(ratio, 0) * np.float32(MU_WATER_PER_MM), np.float32)


View = Literal["PA", "AP", "LL"]


@dataclass(frozen=True)
class Beam:
    """Where source and detector are.

    Attributes:
        view: PA (source behind), AP (source in front), LL (left side at the detector).
        source_mm: source to detector.
        gap_mm: from the middle of the body (x = y = 0) to the detector.
        centre_z: height at which the central ray runs.
        field_mm: width and height of the detector's field.
        turn_deg: the body's turn about its long axis, + to its left; drawn as a shear, which
            is a turn for the few degrees that a patient stands askew.
    """

    view: View
    source_mm: float
    gap_mm: float
    centre_z: float
    field_mm: float
    turn_deg: float = 0.0

    @property
    def is_lateral(self) -> bool:
        """Whether the beam runs along x."""
        return self.view == "LL"

    def shift(self, along: FloatArray) -> FloatArray:
        """How far (mm) a place along the beam is moved across by the body's turn."""
        return np.asarray(along * np.float32(np.tan(np.deg2rad(self.turn_deg))), np.float32)

    def away(self, along: FloatArray) -> FloatArray:
        """Distance (mm) from the detector of a place along the beam (y, or x for LL)."""
        if self.view == "PA":
            return self.gap_mm + along
        if self.view == "AP":
            return self.gap_mm - along
        return self.gap_mm - along

    def magnification(self, along: FloatArray) -> FloatArray:
        """How much larger than life a thing there is on the detector."""
        return self.source_mm / (self.source_mm - self.away(along))

    def on_detector(self, points: FloatArray) -> FloatArray:
        """Points (n, 3) in the body to (n, 2): u to the viewer's right, v down, mm."""
        along = points[:, 0] if self.is_lateral else points[:, 1]
        across = points[:, 1] if self.is_lateral else points[:, 0]
        enlarged = self.magnification(along)
        u = (across + self.shift(along)) * enlarged
        v = (self.centre_z - points[:, 2]) * enlarged
        return np.stack([u, v], 1).astype(np.float32)

    def in_pixels(self, points: FloatArray, size: int) -> FloatArray:
        """Points (n, 3) to (n, 2): column and row of a square film of `size` pixels."""
        return (self.on_detector(points) / self.field_mm + 0.5) * size


def line_integrals(
    grid: Grid, values: FloatArray, beam: Beam, count: int, block: tuple[slice, ...] | None = None
) -> FloatArray:
    """Sum voxels along the rays.

    Args:
        grid: where the voxels are.
        values: (Z, Y, X) on `block` of the grid (all of it when None), per mm.
        beam: source and detector.
        count: rows and columns of the square result.
        block: the part of the grid that `values` covers.

    Returns:
        (count, count), row 0 at the head's end: value times mm.
    """
    z, y, x = (
        axis[part]
        for axis, part in zip((grid.z, grid.y, grid.x), block or (slice(None),) * 3, strict=True)
    )
    if beam.is_lateral:
        slabs, along, pitch, across = np.moveaxis(values, 2, 0), x, grid.step[2], y
        across_pitch = grid.step[1]
    else:
        slabs, along, pitch, across = np.moveaxis(values, 1, 0), y, grid.step[1], x
        across_pitch = grid.step[2]
    place = ((np.arange(count, dtype=np.float32) + 0.5) / count - 0.5) * beam.field_mm
    total = np.zeros((count, count), np.float32)
    enlarged = beam.magnification(along)
    for slab, factor, moved in zip(slabs, enlarged, beam.shift(along), strict=True):
        rows = _hats(beam.centre_z - place / factor, z, grid.step[0])
        columns = _hats(place / factor - moved, across, across_pitch)
        total += rows @ np.ascontiguousarray(slab) @ columns.T
    # A ray off the middle runs a little longer through each slab.
    slant = np.sqrt(1 + (place[:, None] ** 2 + place[None, :] ** 2) / beam.source_mm**2)
    return (total * (pitch * slant)).astype(np.float32)


def _hats(wanted: FloatArray, axis: FloatArray, pitch: float) -> FloatArray:
    """Linear interpolation as a matrix (len(wanted), len(axis))."""
    away = np.abs(wanted[:, None] - axis[None, :]) * (1 / pitch)
    return np.asarray(np.maximum(0, 1 - away), np.float32)


def spline_up(image: FloatArray, count: int) -> FloatArray:
    """Enlarge (n, n) to (count, count) by cubic interpolation, as two matrix products."""
    if image.shape[0] == count:
        return image
    matrix = _cubic(count, image.shape[0])
    return np.asarray(matrix @ image @ matrix.T, np.float32)


@functools.lru_cache(maxsize=32)
def _cubic(count: int, source: int) -> FloatArray:
    """Catmull-Rom weights (count, source); the rim is repeated."""
    place = (np.arange(count) + 0.5) * source / count - 0.5
    base = np.floor(place).astype(int)
    t = place - base
    weights = np.stack(
        [
            -0.5 * t**3 + t**2 - 0.5 * t,
            1.5 * t**3 - 2.5 * t**2 + 1,
            -1.5 * t**3 + 2 * t**2 + 0.5 * t,
            0.5 * t**3 - 0.5 * t**2,
        ],
        1,
    )
    matrix = np.zeros((count, source), np.float32)
    rows = np.arange(count)
    for offset in range(4):
        np.add.at(matrix, (rows, np.clip(base + offset - 1, 0, source - 1)), weights[:, offset])
    return matrix


def splat(uv: FloatArray, weight: FloatArray, count: int) -> FloatArray:
    """Drop weights onto a square grid, shared among the four nearest cells.

    Args:
        uv: (n, 2), column and row, in cells; 0.5 is the middle of the first.
        weight: (n,).
        count: rows and columns of the grid.

    Returns:
        (count, count) sums.
    """
    # One cell of rim on each side takes what falls outside.
    wide = count + 2
    place = np.clip(uv + 0.5, 0, count + 0.999)
    base = place.astype(np.int32)
    part = place - base
    cell = base[:, 1] * wide + base[:, 0]
    total = np.zeros(wide * (wide + 1) + 2, np.float64)
    for dx in (0, 1):
        wx = part[:, 0] if dx else 1 - part[:, 0]
        for dy in (0, 1):
            wy = part[:, 1] if dy else 1 - part[:, 1]
            total += np.bincount(
                cell + (dy * wide + dx), weights=weight * wx * wy, minlength=len(total)
            )
    return total[: wide * wide].reshape(wide, wide)[1:-1, 1:-1].astype(np.float32)
