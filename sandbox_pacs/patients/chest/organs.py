"""The large organs, painted into voxels: everything that has no fine structure of its own.

Painter's order: what is painted later covers what was there. Sizes are an average man's,
after Gray's Anatomy (42nd ed., ch. 52-58) and measured films; `Body` varies them.
"""

from __future__ import annotations

import numpy as np

from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.grid import Block, Grid, Painting, ellipsoid, soft

FAT, MUSCLE, BLOOD, LIVER, AIR = -95.0, 42.0, 45.0, 58.0, -1000.0
_TRABECULAR, _ENDPLATE, _DISC = 190.0, 560.0, 75.0
_RIB_WALL_MM = 9.0

VERTEBRA_MM = 24.5
"""Height of a thoracic vertebra with its disc."""


def paint_organs(body: Body, grid: Grid) -> Painting:
    """A healthy chest without its fine structure (see vessels.py, skeleton.py)."""
    painting = Painting.empty(grid)
    everything = (slice(0, len(grid.z)), slice(0, len(grid.y)), slice(0, len(grid.x)))
    _outline(body, painting, everything)
    cavity = _cavity(body, painting, everything)
    _mediastinum(body, painting, everything, cavity)
    _abdomen(body, painting, everything, cavity)
    _spine(body, painting)
    _sternum(body, painting)
    _shoulders(body, painting)
    _airway_wall(body, painting)
    _heart(body, painting)
    for name, path, radius in great_vessels(body):
        paint_tube(painting, path, radius, BLOOD, name)
    _airway(body, painting)
    return painting


def paint_tube(
    painting: Painting, path: FloatArray, radius: float | FloatArray, hu: float, room: str = ""
) -> None:
    """A tube along a path (n, 3) of x, y, z; `radius` one or one per point."""
    grid = painting.grid
    radii = np.broadcast_to(np.asarray(radius, np.float32), (len(path),))
    width = float(np.prod(grid.step) ** (1 / 3))
    for start, end, r0, r1 in zip(path[:-1], path[1:], radii[:-1], radii[1:], strict=True):
        reach = max(r0, r1) + width
        low, high = np.minimum(start, end) - reach, np.maximum(start, end) + reach
        block = grid.block((low[0], high[0], low[1], high[1], low[2], high[2]))
        if block is None:
            continue
        x, y, z = grid.axes(block)
        along = (end - start).astype(np.float32)
        length2 = max(float(along @ along), 1e-6)
        dx, dy, dz = x - start[0], y - start[1], z - start[2]
        t = np.clip((dx * along[0] + dy * along[1] + dz * along[2]) / length2, 0, 1)
        away = np.sqrt(
            (dx - t * along[0]) ** 2 + (dy - t * along[1]) ** 2 + (dz - t * along[2]) ** 2
        )
        alpha = soft(r0 + (r1 - r0) * t - away, width).astype(np.float32)
        painting.paint(block, alpha, hu)
        if room:
            keep_room(painting, room, block, alpha)


def keep_room(painting: Painting, name: str, block: Block, alpha: FloatArray) -> None:
    """Remember where an organ lies, for its box and mask."""
    shadow = Painting(painting.grid, painting.hu, painting.lung, painting.room)
    before = painting.room.get(name)
    shadow.keep(name, block, alpha)
    if before is not None:
        np.minimum(painting.room[name].delta, 1, out=painting.room[name].delta)


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
        return np.asarray(-0.55 * np.maximum(level - (z - 22), 0) * outward)

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
    if body.mediastinum_mm > 0:
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


def vertebra_levels(body: Body) -> list[tuple[int, float]]:
    """Number and height of the middle of each vertebra that a chest film may show.

    T1 is 1, C7 is 0, L1 is 13. The carina lies at the lower half of T5.
    """
    pitch = VERTEBRA_MM * body.height
    return [(n, (5 - n) * pitch * (1 + 0.012 * (n - 5)) + 5) for n in range(-1, 15)]


def _spine(body: Body, painting: Painting) -> None:
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


def trachea_path(body: Body) -> FloatArray:
    """Middle of the trachea from above the film down to the carina, (n, 3)."""
    z = np.array([170, 110, 80, 50, 25, 0], np.float32)
    spine_x, spine_y = body.spine(z)
    lean = np.array([0, 0, -0.5, -2, -3, -2], np.float32) * (1 + body.aorta_unfolding_mm / 12)
    return np.stack([0.7 * spine_x + lean, spine_y - 32, z], 1).astype(np.float32)


def bronchi(body: Body) -> list[tuple[FloatArray, float]]:
    """Main and lobar bronchi: path (n, 3) and radius."""
    carina = trachea_path(body)[-1]

    def way(*offsets: tuple[float, float, float]) -> FloatArray:
        return np.array([carina, *(carina + np.array(o) for o in offsets)], np.float32)

    return [
        (way((-14, 2, -14), (-27, 4, -26)), 6.6),
        (way((18, 3, -16), (40, 6, -30)), 5.6),
        (way((-27, 4, -26), (-42, 4, -18))[1:], 4.4),
        (way((-27, 4, -26), (-34, 8, -50), (-40, 14, -72))[1:], 4.4),
        (way((40, 6, -30), (54, 2, -24))[1:], 4.0),
        (way((40, 6, -30), (46, 14, -54), (50, 22, -76))[1:], 4.2),
    ]


def _airway_wall(body: Body, painting: Painting) -> None:
    paint_tube(painting, trachea_path(body), 11.5, 30.0)
    for path, radius in bronchi(body)[:2]:
        paint_tube(painting, path, radius + 2.2, 35.0)


def _airway(body: Body, painting: Painting) -> None:
    scale = 0.86 if body.sex == "F" else 1.0
    paint_tube(painting, trachea_path(body), 9.6 * scale, AIR, "trachea")
    for path, radius in bronchi(body)[:2]:
        paint_tube(painting, path, radius * scale, AIR)


_CHAMBERS = (
    # x, y, z, radii along its own axes, lean about y in degrees (+ lifts the left)
    ((36, -34, -102), (54, 47, 40), -26),  # left ventricle
    ((6, -50, -98), (48, 33, 40), -18),  # right ventricle
    ((-21, -30, -80), (25, 30, 43), 6),  # right atrium
    ((6, -2, -50), (33, 21, 25), 0),  # left atrium
    ((30, -30, -64), (22, 18, 27), -24),  # its appendage and the infundibulum
    ((4, -26, -84), (42, 32, 46), 0),  # what joins them
)


_CREASE_MM = 7.0
"""How wide the smooth passage from one chamber's surface to the next is."""

Chamber = tuple[tuple[float, float, float], tuple[float, ...], FloatArray]
"""Middle, radii, and rotation whose rows are its own axes."""


def heart_chambers(body: Body) -> list[Chamber]:
    """The ellipsoids that make up the heart, as breath and build have it."""
    lift = (1 - body.inspiration) * 34
    wide = body.heart_width * (1 + 0.25 * (1 - body.inspiration))
    a = float(body.cage(np.array([-100.0], np.float32))[0][0]) / 137.0
    size = (0.4 + 0.6 * a) * wide
    chambers: list[Chamber] = []
    for centre, radii, lean in _CHAMBERS:
        x, y, z = centre
        angle = np.deg2rad(lean + body.heart_axis_deg)
        flat = np.deg2rad(body.heart_axis_deg)
        turned_x = x * np.cos(flat) - (z + 60) * np.sin(flat) * 0.8
        turned_z = -60 + x * np.sin(flat) * 0.8 + (z + 60) * np.cos(flat)
        place = (
            turned_x * size,
            y * body.depth,
            (turned_z * body.height) + lift,
        )
        turn = np.array(
            [
                [np.cos(angle), 0, np.sin(angle)],
                [0, 1, 0],
                [-np.sin(angle), 0, np.cos(angle)],
            ],
            np.float32,
        )
        scale = (size, body.depth * (0.6 + 0.4 * wide), body.height * (0.7 + 0.3 * wide))
        radii_here = tuple(r * s for r, s in zip(radii, scale, strict=True))
        chambers.append((place, radii_here, turn))
    return chambers


def heart_distance(body: Body, point: FloatArray) -> float:
    """About how far (mm) a place (3,) lies from the heart; negative inside."""
    away = []
    for place, radii, turn in heart_chambers(body):
        root = float(np.linalg.norm((turn @ (point - np.array(place))) / np.array(radii)))
        away.append((root - 1) * min(radii))
    return min(away)


def _heart(body: Body, painting: Painting) -> None:
    """One muscle: where chambers meet there is no crease deeper than the fat that fills it."""
    grid, chambers = painting.grid, heart_chambers(body)
    places = np.array([place for place, _, _ in chambers])
    reach = np.array([max(radii) + 8 for _, radii, _ in chambers])[:, None]
    low, high = (places - reach).min(0), (places + reach).max(0)
    block = grid.block((low[0], high[0], low[1], high[1], low[2], high[2]))
    if block is None:
        return
    x, y, z = grid.axes(block)
    blend = np.zeros(np.broadcast_shapes(x.shape, y.shape, z.shape), np.float32)
    for place, radii, turn in chambers:
        dx, dy, dz = x - place[0], y - place[1], z - place[2]
        q = sum(
            ((row[0] * dx + row[1] * dy + row[2] * dz) / radius) ** 2
            for row, radius in zip(turn, radii, strict=True)
        )
        inside = (1 - np.sqrt(q)) * np.prod(radii) ** (1 / 3)
        blend += np.exp(np.clip(inside / _CREASE_MM, -30, 30)).astype(np.float32)
    depth = _CREASE_MM * np.log(np.maximum(blend, 1e-12))
    width = float(np.prod(grid.step) ** (1 / 3))
    coat = soft(depth + 3.0, width).astype(np.float32)
    painting.paint(block, coat, -60.0)
    keep_room(painting, "heart", block, coat)
    painting.paint(block, soft(depth, width).astype(np.float32), BLOOD)


def subclavian_vein(body: Body, side: int) -> FloatArray:
    """From beside the sternum over the first rib to the armpit, (4, 3); it is outside the lung.

    Args:
        body: whose.
        side: -1 the patient's right, 1 the left.
    """
    w, h = body.width, body.height
    inner = np.array([(side * 22 * w, -16, (46 if side < 0 else 66) * h)], np.float32)
    x = np.array([44, 74, 112], np.float32) * w
    z = np.array([68, 76, 78], np.float32) * h
    a, b, c = body.cage(z)
    front = c - b * np.maximum(1 - (x / a) ** 2.3, 0.08) ** (1 / 2.3) - 7
    return np.concatenate([inner, np.stack([side * x, front, z], 1)]).astype(np.float32)


def great_vessels(body: Body) -> list[tuple[str, FloatArray, float | FloatArray]]:
    """Name, path (n, 3) and radius of aorta, caval veins and central pulmonary arteries."""
    lift = (1 - body.inspiration) * 20
    swing = body.aorta_unfolding_mm

    def spine_y(z: float) -> float:
        return float(body.spine(np.array([z], np.float32))[1][0])

    h, w = body.height, body.width
    aorta = np.array(
        [
            (8 * w, -26, -52 + lift),
            (-12 * w - 0.4 * swing, -30, -22 + lift),
            (-12 * w - 0.4 * swing, -24, 8),
            (2, -10, 24 + 0.3 * swing),
            (20 * w + 0.4 * swing, 8, 25 + 0.3 * swing),
            (28 * w + 0.7 * swing, 24, 10),
            (28 * w + 0.8 * swing, spine_y(-20) - 4, -20),
            (25 * w + 0.8 * swing, spine_y(-70) - 6, -70),
            (20 * w + 0.5 * swing, spine_y(-130) - 10, -130),
            (9, spine_y(-220) - 22, -220),
        ],
        np.float32,
    )
    aorta[:, 2] *= h
    radii = np.array([15, 15.5, 15, 14, 13, 12.5, 12, 11.5, 11, 10.5], np.float32) * body.aorta
    cava = np.array([(-20 * w, -14, 78), (-24 * w, -16, 30), (-25 * w, -18, -42)], np.float32)
    lower = np.array([(-24 * w, 6, -84), (-22 * w, 10, -175)], np.float32)
    brachiocephalic = np.array([(30 * w, -16, 72), (0, -24, 52), (-22 * w, -16, 44)], np.float32)
    subclavian = np.array(
        [(22 * w, 4, 26), (25 * w, 8, 58), (36 * w, 6, 88), (62 * w, 0, 108)], np.float32
    )
    innominate = np.array(
        [(4 * w, -10, 30), (-16 * w, -10, 58), (-32 * w, -2, 86), (-60 * w, -2, 108)], np.float32
    )
    trunk = np.array(
        [(12 * w, -46, -54 + lift), (20 * w, -36, -26 + 0.5 * lift), (27 * w, -16, -12)],
        np.float32,
    )
    left = np.array([(27 * w, -16, -12), (42 * w, 4, -9), (54 * w, 18, -22)], np.float32)
    right = np.array([(22 * w, -14, -22), (-14, -6, -25), (-44 * w, 4, -30)], np.float32)
    return [
        ("aorta", aorta, radii),
        ("cava", cava, 8.5),
        ("cava", lower, 11.0),
        ("veins", brachiocephalic, 6.0),
        ("veins", subclavian_vein(body, -1), 5.5),
        ("veins", subclavian_vein(body, 1), 5.5),
        ("arteries", subclavian, 6.0),
        ("arteries", innominate, np.array([7, 6.5, 6, 5], np.float32)),
        ("pulmonary trunk", trunk, np.array([14, 13, 12], np.float32)),
        ("pulmonary trunk", left, np.array([12, 11, 8], np.float32)),
        ("pulmonary trunk", right, np.array([11, 10.5, 8], np.float32)),
    ]
