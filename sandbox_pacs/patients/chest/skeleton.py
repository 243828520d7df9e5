"""Ribs, clavicles, scapulae, shoulder and the hind parts of the vertebrae, as point clouds."""

from __future__ import annotations

import numpy as np

from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.points import Cloud, join, sheet, smooth_path, tube
from readingroom.sandbox_pacs.patients.chest.spine import VERTEBRA_MM, vertebra_levels

# Per rib: how far its front end lies below its head (mm), and how far round the chest its bony
# part reaches (share of the half circle from back to front).
_RIB_FALL = (38, 58, 68, 76, 84, 92, 98, 100, 98, 88, 50, 30)
_RIB_REACH = (0.80, 0.80, 0.80, 0.80, 0.80, 0.79, 0.78, 0.75, 0.70, 0.62, 0.42, 0.28)
_CORE_HU, _RIM_HU = 210.0, 950.0


Break = tuple[int, int, float]
"""A broken rib: its number, its side (-1 right, 1 left), the share of its length."""


def skeleton(
    body: Body, step_mm: float, broken: tuple[Break, ...] = (), depth_mm: float = 1.6
) -> Cloud:
    """All bones that are not painted as voxels.

    Args:
        body: whose.
        step_mm: distance of neighbouring points, about a detector cell.
        broken: ribs that are broken.
        depth_mm: see `points.tube`.
    """
    breaks = {(number, side): share for number, side, share in broken}
    clouds = []
    for side in (-1, 1):
        for number in range(1, 13):
            clouds.append(rib(body, number, side, step_mm, breaks.get((number, side)), depth_mm))
        clouds.append(_clavicle(body, side, step_mm, depth_mm))
        clouds += _scapula(body, side, step_mm, depth_mm)
    clouds.append(_arches(body, step_mm, depth_mm))
    return join(clouds)


def rib_path(body: Body, number: int, side: int, step_mm: float) -> FloatArray:
    """Middle line of a rib from its head to the end of its bony part, (n, 3).

    Args:
        body: whose.
        number: 1 to 12.
        side: -1 the patient's right, 1 the left.
        step_mm: distance of points.
    """
    level = dict(vertebra_levels(body))[number] + 9 * body.height
    fall = _RIB_FALL[number - 1] * body.rib_slope * body.height
    reach = _RIB_REACH[number - 1]
    angles = np.linspace(0.17, reach, 15) * np.pi
    shape = (1 - np.cos(angles)) / 2
    z = level - fall * (shape ** (1.05 if number > 2 else 1.4)) + 3
    a, b, c = body.cage(np.clip(z, -320, 96 * body.height).astype(np.float32))
    power = 2 / 2.3
    x = (a + 5) * np.sin(angles) ** power
    y = c + (b + 5) * np.sign(np.cos(angles)) * np.abs(np.cos(angles)) ** power
    spine_x, spine_y = (float(v[0]) for v in body.spine(np.array([level], np.float32)))
    head = [(17, spine_y + 6, level - 2), (30, spine_y + 24, level + 2)]
    wall = np.stack([x, y, z], 1)
    corners = np.concatenate([head, wall[(x > 38) | (angles > 0.5)]])
    corners[:, 0] *= side
    corners[:2, 0] += spine_x
    return smooth_path(corners.astype(np.float32), step_mm)


def rib(
    body: Body,
    number: int,
    side: int,
    step_mm: float,
    broken_at: float | None = None,
    depth_mm: float = 1.6,
) -> Cloud:
    """One rib: thick rim of compact bone, soft core; its front part has slipped if broken."""
    path = rib_path(body, number, side, step_mm)
    share = np.linspace(0, 1, len(path), dtype=np.float32)
    slim = {1: 0.9, 11: 0.8, 12: 0.65}.get(number, 1.0) * body.rib_size
    height = (6.0 + 1.7 * share) * slim
    front = np.clip((1 - share) / 0.02, 0.1, 1)
    height, thick = height * front, (4.2 - 0.8 * share) * slim * front
    density = body.bone * (1.0 - 0.25 * float(number > 10))
    hu = (_CORE_HU * density, _RIM_HU * density)

    def bar(way: FloatArray, part: slice) -> Cloud:
        return tube(way, (thick[part], height[part]), hu, step_mm, rim=0.72, depth_mm=depth_mm)

    if broken_at is None:
        return bar(path, slice(None))
    cut = int(broken_at * len(path))
    gap = max(1, round(1.0 / step_mm))
    slipped = path[cut + gap :] + np.array([side * 2.0, 0, -5.5], np.float32)
    return join([bar(path[: cut - gap], slice(cut - gap)), bar(slipped, slice(cut + gap, None))])


def _rounded(share: FloatArray, end: float) -> FloatArray:
    """Factor on the thickness of a bone whose ends are round, over its length's share (n,)."""
    near = np.clip(np.minimum(share, 1 - share) / end, 0, 1)
    return np.asarray(np.sqrt(1 - (1 - near) ** 2) * 0.9 + 0.1, np.float32)


def _clavicle(body: Body, side: int, step_mm: float, depth_mm: float) -> Cloud:
    w, h, rise = body.width, body.height, body.clavicle_rise_mm
    _, b, c = (float(v[0]) for v in body.cage(np.array([50 * h], np.float32)))
    front = c - b
    corners = np.array(
        [
            (15, front - 6, 50 * h),
            (42, front - 14, 56 * h + 0.2 * rise),
            (82, front + 2, 66 * h + 0.5 * rise),
            (122, front + 34, 70 * h + 0.85 * rise),
            (158, front + 46, 66 * h + rise),
        ],
        np.float32,
    )
    if body.arms_raised:
        corners[:, 2] += 26 * (corners[:, 0] / 158) ** 2
    corners[:, 0] *= side * w
    path = smooth_path(corners, step_mm)
    share = np.linspace(0, 1, len(path), dtype=np.float32)
    size = 6.6 + 3.2 * np.exp(-((share / 0.09) ** 2)) - 0.8 * share
    size = (size * _rounded(share, 0.03)).astype(np.float32)
    density = body.bone
    hu = (300 * density, 1300 * density)
    return tube(path, (0.9 * size, size), hu, step_mm, rim=0.74, depth_mm=depth_mm)


def _scapula(body: Body, side: int, step_mm: float, depth_mm: float) -> list[Cloud]:
    h, out = body.height, body.scapula_out_mm
    a, b, c = body.cage(np.array([66, 40, -58], np.float32) * h)

    def at(x: float, level: int, lift: float) -> FloatArray:
        """A place on the back of the rib cage, `lift` mm off it."""
        away = min(0.97, x / float(a[level]))
        y = c[level] + (b[level] + 12) * (1 - away**2.3) ** (1 / 2.3) + lift
        return np.array([side * (x + out), y, 0], np.float32)

    upper = at(0.82 * float(a[0]), 0, 14) + [0, 0, 72 * h]
    lower = at(0.74 * float(a[2]), 2, 12) + [0, 0, -62 * h]
    neck = np.array([side * (142 * body.width + 0.6 * out), 24, 42 * h], np.float32)
    middle = (upper + lower) / 2 + np.array([0, 5, 0], np.float32)
    acromion = np.array([side * (162 * body.width + 0.3 * out), -2, 76 * h], np.float32)
    density = body.bone
    hu = (250 * density, 1200 * density)
    edges = (
        ([neck, lower], (4.0, 4.6)),
        ([upper, middle, lower], (2.2, 2.4)),
        ([upper, neck], (2.4, 2.6)),
        ([0.5 * (upper + middle) + [0, 6, 0], acromion], (2.6, 5.0)),  # its spine
    )
    clouds = [sheet(np.array([upper, neck, lower, middle]), 2.6, 950 * density, step_mm)]
    for corners, (across, high) in edges:
        path = smooth_path(np.array(corners), step_mm)
        ends = _rounded(np.linspace(0, 1, len(path), dtype=np.float32), 0.06)
        clouds.append(tube(path, (across * ends, high * ends), hu, step_mm, depth_mm=depth_mm))
    return clouds


def _arches(body: Body, step_mm: float, depth_mm: float) -> Cloud:
    """Pedicles, transverse and spinous processes of all vertebrae: one, put at each level."""
    density = body.bone
    hu = (230 * density, 640 * density)
    drop = 0.5 * VERTEBRA_MM * body.height

    def bar(
        start: tuple[float, float, float],
        end: tuple[float, float, float],
        half: tuple[float, float],
    ) -> Cloud:
        way = smooth_path(np.array([start, end]), step_mm)
        return tube(way, half, hu, step_mm, depth_mm=depth_mm)

    parts = [bar((0, 30, -2), (0, 54, -drop), (2.2, 4.0))]
    for side in (-1, 1):
        parts.append(bar((side * 12, 9, 3), (side * 12, 24, 3), (3.0, 5.2)))
        parts.append(bar((side * 12, 26, 2), (side * 33, 36, 6), (3.6, 4.4)))
        parts.append(bar((side * 12, 26, 0), (0, 32, -4), (2.4, 6.0)))
    # The endplates: thin, so that voxels alone would wash them out.
    for end in (-0.41, 0.41):
        z = end * VERTEBRA_MM * body.height
        plate = np.array([(0, 0, z - 0.7), (0, 0, z + 0.7)])
        wide = (15.0 * body.width, 12.0 * body.width)
        parts.append(
            tube(plate, wide, (430 * density, 640 * density), step_mm, rim=0.85, depth_mm=depth_mm)
        )
    one = join(parts)
    levels = np.array([level for _, level in vertebra_levels(body)], np.float32)
    places = np.stack([*body.spine(levels), levels], 1)
    xyz = (one.xyz[None] + places[:, None]).reshape(-1, 3).astype(np.float32)
    return Cloud(xyz, np.tile(one.volume, len(levels)), np.tile(one.hu, len(levels)))
