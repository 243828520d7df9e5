"""Fluid and air between lung and chest wall."""

from __future__ import annotations

import numpy as np

from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.grid import Painting, soft
from readingroom.sandbox_pacs.patients.chest.organs import diaphragm_z
from readingroom.sandbox_pacs.patients.chest.places import side_of
from readingroom.sandbox_pacs.patients.chest.points import Cloud
from readingroom.sandbox_pacs.patients.chest.tissue import AIR, FLUID, SOFT
from readingroom.sandbox_pacs.patients.disease import Lesion

_PLEURA_MM = 0.8


def effusion(body: Body, painting: Painting, lesion: Lesion, step_mm: float) -> list[Cloud]:
    """Fluid in the pleural space: a level with a meniscus when erect, a layer when supine.

    The lung floats on it. `size_mm` is the height of the level over the lateral recess.
    """
    grid, side = painting.grid, side_of(lesion)
    block = grid.block(
        (0, 260, -260, 260, -400, 200) if side > 0 else (-260, 0, -260, 260, -400, 200)
    )
    if block is None:
        return []
    x, y, z = grid.axes(block)
    a, b, c = (v[:, None, None] for v in body.cage(grid.z[block[0]]))
    q = (np.abs(x) / a) ** 2.3 + (np.abs(y - c) / b) ** 2.3
    wall = np.maximum((1 - q) * (a + b) / 4.6, 0)
    size = lesion.size_mm or 30.0
    if body.supine:
        depth = c + b - y
        layer = 0.30 * size * np.clip((body.apex_z - z) / 120, 0.15, 1)
        alpha = soft(layer - depth, grid.step[1])
    else:
        level = lateral_recess_z(body, side) + size
        climb = (0.5 * size + 14) * np.exp(-wall / 18.0)
        alpha = soft(level + climb - z, 1.5 * grid.step[0])
    painting.fill_lung(block, alpha.astype(np.float32), FLUID, lesion.key)
    return []


def lateral_recess_z(body: Body, side: int) -> float:
    """Height of the lateral costophrenic angle: where diaphragm meets the side wall."""
    a, _, c = body.cage(np.array([-150.0], np.float32))
    x = np.array([side * float(a[0]) * 0.97], np.float32)
    return float(diaphragm_z(body, x, np.array([float(c[0])], np.float32))[0])


def pneumothorax(body: Body, painting: Painting, lesion: Lesion, step_mm: float) -> list[Cloud]:
    """Air between rib cage and lung: the lung's edge is a thin line, beyond it no vessels."""
    grid, side = painting.grid, side_of(lesion)
    block = grid.block(
        (4, 260, -260, 260, -400, 200) if side > 0 else (-260, -4, -260, 260, -400, 200)
    )
    if block is None:
        return []
    x, y, z = grid.axes(block)
    a, b, c = (v[:, None, None] for v in body.cage(grid.z[block[0]]))
    q = (np.abs(x) / a) ** 2.3 + (np.abs(y - c) / b) ** 2.3
    wall = (1 - q) * (a + b) / 4.6
    # Towards the middle the lung stays at its root.
    lateral = np.clip((np.abs(x) / a - 0.12) / 0.3, 0, 1)
    gap = _gap(body, lesion, z)
    alpha = np.maximum(
        soft(gap * lateral - wall, 1.5 * min(grid.step)),
        soft(z - (body.apex_z - 0.9 * (lesion.size_mm or 20.0)), 1.5 * grid.step[0]),
    )
    painting.fill_lung(block, alpha.astype(np.float32), AIR, lesion.key)
    return [_pleural_line(body, lesion, side, step_mm)]


def _gap(body: Body, lesion: Lesion, z: FloatArray) -> FloatArray:
    """Width of the air at each height: widest at the apex."""
    bottom = body.dome_z(side_of(lesion) > 0) - 40
    share = np.clip((z - bottom) / (body.apex_z - bottom), 0, 1)
    reach = 0.62 - 0.62 * lesion.severity
    taper = np.clip((share - reach) / max(1 - reach, 0.1), 0, 1)
    size = lesion.size_mm or 20.0
    return np.asarray(
        size * (0.25 * lesion.severity * (share > 0.02) + 0.75) * taper**0.4, np.float32
    )


def _pleural_line(body: Body, lesion: Lesion, side: int, step_mm: float) -> Cloud:
    size = lesion.size_mm or 20.0
    top = body.apex_z - 0.9 * size
    heights = np.arange(top, body.dome_z(side > 0) - 40, -0.8 * step_mm, dtype=np.float32)
    heights = heights[_gap(body, lesion, heights) > 2.0]
    turn = np.arange(0.12, 0.88, 0.8 * step_mm / 110, dtype=np.float32) * np.pi
    a, b, c = body.cage(heights)
    lateral = np.clip((np.sin(turn) - 0.12) / 0.3, 0, 1)[None]
    gap = _gap(body, lesion, heights)[:, None] * lateral
    inner = np.clip(1 - 4.6 * gap / (a + b)[:, None], 0.02, 1) ** (1 / 2.3)
    power = 2 / 2.3
    x = side * a[:, None] * inner * np.sin(turn) ** power
    y = c[:, None] + b[:, None] * inner * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** power
    z = np.broadcast_to(heights[:, None], x.shape)
    points = np.stack([x, y, z], 2).reshape(-1, 3).astype(np.float32)
    area = 0.8 * step_mm * (np.pi * 0.76 * (a + b)[:, None] / 2 / len(turn))
    volume = np.broadcast_to(area * _PLEURA_MM, x.shape).reshape(-1).astype(np.float32)
    keep = np.broadcast_to(gap > 1.5, x.shape).reshape(-1)
    hu = np.full(int(keep.sum()), SOFT, np.float32)
    return Cloud(points[keep], volume[keep], hu)
