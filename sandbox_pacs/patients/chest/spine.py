"""The bodies of the vertebrae, painted into voxels."""

from __future__ import annotations

import numpy as np

from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.grid import Painting, soft
from readingroom.sandbox_pacs.patients.chest.tissue import MUSCLE

_TRABECULAR, _ENDPLATE, _DISC = 190.0, 560.0, 75.0


VERTEBRA_MM = 24.5
"""Height of a thoracic vertebra with its disc."""


def vertebra_levels(body: Body) -> list[tuple[int, float]]:
    """Number and height of the middle of each vertebra that a chest film may show.

    T1 is 1, C7 is 0, L1 is 13. The carina lies at the lower half of T5.
    """
    pitch = VERTEBRA_MM * body.height
    return [(n, (5 - n) * pitch * (1 + 0.012 * (n - 5)) + 5) for n in range(-1, 15)]


def paint_spine(body: Body, painting: Painting) -> None:
    """Bodies, discs and canal in the soft tissue around them; arches: skeleton.py."""
    grid = painting.grid
    x0, y0 = body.spine(grid.z)
    block = grid.block((-70, 70, float(y0.min()) - 40, float(y0.max()) + 45, -900, 900))
    if block is None:
        return
    x, y, z = grid.axes(block)
    dx, dy = x - x0[:, None, None], y - y0[:, None, None]
    width = 1.5 * min(grid.step)
    round_it = np.sqrt((dx / 20) ** 2 + ((dy - 13) / 27) ** 2)
    painting.paint(block, soft((1 - round_it) * 22, width).astype(np.float32), MUSCLE - 15)
    growth = (1 - 0.0016 * (z / body.height))[..., 0, 0]
    rx, ry = 15.5 * body.width * growth, 12.5 * body.width * growth
    # The waist of each body, between its endplates.
    phase = _phase(body, grid.z)
    waist = 1 - 0.10 * np.cos(np.pi * np.clip(phase, -1, 1)) ** 2
    rx, ry = (rx * waist)[:, None, None], (ry * waist)[:, None, None]
    root = np.sqrt((dx / rx) ** 2 + (dy / ry) ** 2)
    inside = soft((1 - root) * 14, width).astype(np.float32)
    rim = np.exp(-(((root - 0.94) / 0.08) ** 2))
    core = _TRABECULAR + (_ENDPLATE - _TRABECULAR) * (
        np.exp(-(((np.abs(phase) - 0.95) / 0.10) ** 2))[:, None, None] + 0.3 * rim
    )
    is_disc = (np.abs(phase) > 1.03)[:, None, None]
    hu = np.where(is_disc, _DISC, np.minimum(core, 1000) * body.bone)
    painting.paint(block, inside, hu.astype(np.float32))
    canal = np.sqrt((dx / 9) ** 2 + ((dy - 22) / 8) ** 2)
    painting.paint(block, soft((1 - canal) * 8, width).astype(np.float32), 15.0)


def _phase(body: Body, z: FloatArray) -> FloatArray:
    """Place within a vertebra: 0 its middle, ±1 its endplates, beyond them the disc."""
    pitch = VERTEBRA_MM * body.height
    best = np.full(z.shape, 9.0, np.float32)
    for _, middle in vertebra_levels(body):
        place = (z - middle) / (0.42 * pitch)
        best = np.where(np.abs(place) < np.abs(best), place, best)
    return best
