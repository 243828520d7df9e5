"""The large organs, painted into voxels: everything that has no fine structure of its own.

Painter's order: what is painted later covers what was there. Sizes are an average man's,
after Gray's Anatomy (42nd ed., ch. 52-58) and measured films; `Body` varies them.
"""

from __future__ import annotations

import numpy as np

from readingroom.sandbox_pacs.patients.chest.airway import paint_airway, paint_airway_wall
from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.grid import (
    Block,
    Grid,
    Painting,
    ellipsoid,
    keep_room,
    paint_tube,
    soft,
)
from readingroom.sandbox_pacs.patients.chest.heart import great_vessels, paint_heart
from readingroom.sandbox_pacs.patients.chest.spine import paint_spine
from readingroom.sandbox_pacs.patients.chest.tissue import AIR, BLOOD, FAT, LIVER, MUSCLE

_RIB_WALL_MM = 9.0


def paint_organs(body: Body, grid: Grid) -> Painting:
    """A healthy chest without its fine structure (see vessels.py, skeleton.py)."""
    painting = Painting.empty(grid)
    everything = (slice(0, len(grid.z)), slice(0, len(grid.y)), slice(0, len(grid.x)))
    _outline(body, painting, everything)
    cavity = _cavity(body, painting, everything)
    _mediastinum(body, painting, everything, cavity)
    _abdomen(body, painting, everything, cavity)
    paint_spine(body, painting)
    _sternum(body, painting)
    _shoulders(body, painting)
    paint_airway_wall(body, painting)
    paint_heart(body, painting)
    for name, path, radius in great_vessels(body):
        paint_tube(painting, path, radius, BLOOD, name)
    paint_airway(body, painting)
    return painting


def _outline(body: Body, painting: Painting, block: Block) -> None:
    grid = painting.grid
    a, b, c = body.cage(np.clip(grid.z, -400, 60 * body.height))
    wall = np.full_like(a, _RIB_WALL_MM + body.muscle_mm * 0.55)
    level = grid.z / body.height
    # Shoulders: from the armpit up to the slope of the trapezius.
    rise = np.clip((level - 5) / 60, 0, 1) ** 1.3
    slope = np.clip((level - 88) / 66, 0, 1)
    slope = slope * slope * (3 - 2 * slope)
    reach = 128.0 if body.arms_raised else 205.0
    shoulder = (a + wall) * (1 - rise) + reach * body.width * rise
    shoulder = shoulder * (1 - slope**0.7) + 60 * body.width * slope**0.7
    inner_a = np.where(level > 0, shoulder, a + wall)
    inner_b = (b + wall + 3) * (1 - 0.32 * slope)
    # The muscles of the back are thicker than those of the front.
    c = c + 0.4 * body.muscle_mm
    fat = body.fat_mm * (1 + 0.35 * np.clip((-level - 60) / 120, 0, 1))
    x, y, _ = grid.axes(block)
    _breasts(body, painting)
    for half_a, half_b, hu in (
        (inner_a + fat, inner_b + fat, FAT),
        (inner_a, inner_b, MUSCLE - 10),
    ):
        q = (np.abs(x) / half_a[:, None, None]) ** 2.5 + (
            np.abs(y - c[:, None, None]) / half_b[:, None, None]
        ) ** 2.5
        distance = (1 - q) * ((half_a + half_b) / 5)[:, None, None]
        painting.paint(block, soft(distance, 2 * min(grid.step)).astype(np.float32), hu)
    _back(body, painting)
    # The fat between the layers of muscle.
    layer = np.exp(-(((distance - 0.5 * wall[:, None, None]) / 1.8) ** 2)) * 0.75
    painting.paint(block, layer.astype(np.float32), FAT)


def _breasts(body: Body, painting: Painting) -> None:
    if body.breast_mm <= 0:
        return
    z = -92 * body.height
    a, b, c = (float(v[0]) for v in body.cage(np.array([z], np.float32)))
    front = c - b - _RIB_WALL_MM - body.muscle_mm * 0.5 - body.fat_mm

    def hang(x: FloatArray, y: FloatArray, level: FloatArray) -> FloatArray:
        """Full below, running out above, as gravity has it."""
        outward = (0.2 - (y - front) / 60).clip(0)
        return np.asarray(-0.75 * np.maximum(level - (z - 42), 0) * outward)

    for side in (-1, 1):
        out, thick = (0.72, 0.35) if body.supine else (0.58, 1.0)
        # On the back they spread to the side, and lie against the curve of the ribs.
        behind = 8 if not body.supine else 0.42 * b
        centre = (side * out * a, front + behind, z)
        radii = (0.46 * a, thick * body.breast_mm + behind, 0.52 * a)
        found = ellipsoid(painting.grid, centre, radii, None, hang)
        if found is not None:
            painting.paint(*found, -62.0)


def _back(body: Body, painting: Painting) -> None:
    """The long muscles beside the spine, with a furrow between them."""
    grid = painting.grid
    _, b, c = body.cage(np.clip(grid.z, -400, 60 * body.height))
    behind = (c + b + _RIB_WALL_MM + 0.5 * body.muscle_mm)[:, None, None]
    block = grid.block((-80, 80, 0, 260, -900, 120 * body.height))
    if block is None:
        return
    x, y, z = grid.axes(block)
    thick = (0.9 * body.muscle_mm + 6) * np.clip((110 - z / body.height) / 80, 0.05, 1)
    away = ((np.abs(x) - 34) / 30) ** 2 + ((y - behind[block[0]]) / thick) ** 2
    alpha = soft((1 - np.sqrt(away)) * 16, 1.5 * min(grid.step)).astype(np.float32)
    painting.paint(block, alpha, MUSCLE)


def _cavity(body: Body, painting: Painting, block: Block) -> FloatArray:
    grid = painting.grid
    a, b, c = body.cage(grid.z)
    x, y, z = grid.axes(block)
    q = (np.abs(x) / a[:, None, None]) ** 2.3 + (
        np.abs(y - c[:, None, None]) / b[:, None, None]
    ) ** 2.3
    distance = (1 - q) * ((a + b) / 4.6)[:, None, None]
    # Nothing above the apex.
    distance = np.minimum(distance, body.apex_z - z)
    alpha = soft(distance, 1.5 * min(grid.step)).astype(np.float32)
    # Blood gathers below and behind: the base is denser than the apex.
    hu = body.lung_hu - 0.09 * (z - -40) + 0.12 * y
    painting.hu += alpha * (hu - painting.hu)
    painting.lung = alpha.copy()
    return alpha


def _mediastinum(body: Body, painting: Painting, block: Block, cavity: FloatArray) -> None:
    """What lies between the lungs: fat and what is too small to be painted."""
    grid = painting.grid
    _, b, c = body.cage(grid.z)
    x, y, z = grid.axes(block)
    depth = (y - c[:, None, None]) / b[:, None, None]  # -1 front, 1 back
    level = (z / body.height).astype(np.float32)
    top = np.clip((level - 10) / 60, 0, 1)
    waist = 2 + 10 * np.exp(-(((depth - 0.1) / 0.6) ** 2))
    waist = waist + 12 * top**1.4 * np.exp(-(((depth - 0.1) / 0.7) ** 2))
    waist = waist + body.mediastinum_mm * np.clip((level + 35) / 30, 0, 1) * (np.abs(depth) < 0.7)
    # The lower front is where the heart's fat lies.
    waist = waist + 10 * np.clip((-level - 70) / 40, 0, 1) * (depth < 0.2)
    waist = waist + 5 * np.clip((-level - 20) / 30, 0, 1) * (depth > 0.1)
    spine_x, _ = body.spine(grid.z)
    distance = waist * body.width - np.abs(x - 0.6 * spine_x[:, None, None])
    alpha = (cavity * soft(distance, 1.5 * grid.step[2])).astype(np.float32)
    painting.paint(block, alpha, -5.0)
    keep_room(painting, "mediastinum", block, alpha)
    above = soft(z - (body.apex_z - 14), 12.0)
    painting.paint(block, (cavity * above * soft(46 - np.abs(x), 10)).astype(np.float32), 20.0)


def diaphragm_z(body: Body, x: FloatArray, y: FloatArray) -> FloatArray:
    """Height of the diaphragm over x and y; the two halves meet under the heart."""
    a, b, c = (float(v[0]) for v in body.cage(np.array([-120.0], np.float32)))
    heights = []
    for is_left in (False, True):
        middle = (0.50 if is_left else -0.50) * a
        across = (x - middle) / (0.52 * a)
        # Towards the heart it falls little: the central tendon.
        across = np.where(np.abs(x) < abs(middle), 0.55 * across, across)
        deep = (y - c + 12) / b
        behind = np.maximum(deep, 0)
        rho = across**2 + deep**2
        heights.append(body.dome_z(is_left) - body.dome_mm * rho**1.15 - 34 * behind**2)
    right, left = heights
    return np.asarray(np.where(x < 0, right, left), np.float32)


def _abdomen(body: Body, painting: Painting, block: Block, cavity: FloatArray) -> None:
    grid = painting.grid
    x, y, z = grid.axes(block)
    floor = diaphragm_z(body, x[0], y[0])
    alpha = np.minimum(1, 5 * cavity) * soft(floor[None] - z, 1.2 * grid.step[0])
    alpha = alpha.astype(np.float32)
    hu = np.where(x < 14, LIVER, 28.0).astype(np.float32)
    painting.paint(block, alpha, hu)
    a, _, c = (float(v[0]) for v in body.cage(np.array([-120.0], np.float32)))
    if body.stomach_mm > 14:
        size = body.stomach_mm
        centre = (0.5 * a, c - 14, body.dome_z(True) - 9 - 0.62 * size)
        bubble = ellipsoid(grid, centre, (1.1 * size, 0.9 * size, 0.62 * size))
        if bubble is not None:
            part, alpha = bubble
            if not body.supine:  # what was drunk stands below it
                alpha = alpha * soft(grid.axes(part)[2] - (centre[2] - 0.15 * size), grid.step[0])
            painting.paint(part, alpha.astype(np.float32), AIR)
    gas = np.random.default_rng([body.seed, 17])
    for _ in range(int(gas.integers(1, 5))):
        centre = (float(gas.uniform(0.2, 0.8) * a), c - 40, float(gas.uniform(-235, -190)))
        loop = ellipsoid(grid, centre, tuple(gas.uniform(9, 24, 3)))
        if loop is not None:
            painting.paint(loop[0], loop[1] * 0.85, AIR)


def _sternum(body: Body, painting: Painting) -> None:
    grid = painting.grid
    block = grid.block((-30, 30, -200, 20, -105 * body.height, 55 * body.height))
    if block is None:
        return
    x, y, z = grid.axes(block)
    _, b, c = body.cage(grid.z[block[0]])
    front = (c - b)[:, None, None] - 5
    level = z / body.height
    half = np.where(level > 22, 26.0, 15.0 + 3 * np.sin(level / 9))
    slab = np.minimum(half - np.abs(x), 6.0 - np.abs(y - front))
    painting.paint(block, soft(slab, 1.5 * min(grid.step)).astype(np.float32), 170.0 * body.bone)


def _shoulders(body: Body, painting: Painting) -> None:
    """The upper arms, held off the body."""
    if body.arms_raised:
        return
    for side in (-1, 1):
        path = arm_path(body, side)
        flesh = 30 + 0.6 * body.muscle_mm
        layers = ((flesh + 0.6 * body.fat_mm, FAT), (flesh, MUSCLE - 10), (11.0, 900 * body.bone))
        for radius, hu in (*layers, (7.0, 20.0)):
            paint_tube(painting, path, radius, hu)
        centre = (float(path[0, 0]) - side * 4, 6, 46 * body.height)
        for radius, hu in ((23.0, 780.0), (20.5, 240.0)):
            ball = ellipsoid(painting.grid, centre, (radius, radius, radius * 1.1))
            if ball is not None:
                painting.paint(*ball, hu * body.bone)


def arm_path(body: Body, side: int) -> FloatArray:
    """Middle of an upper arm from its head down, (3, 3); `side` -1 is the patient's right."""
    out = 178 * body.width + 0.3 * body.scapula_out_mm
    corners = np.array([(out + 4, 6, 34), (out + 28, 4, -30), (out + 56, 0, -120)], np.float32)
    return np.asarray(corners * np.array([side, 1, body.height], np.float32), np.float32)
