"""The tree of the pulmonary vessels and the fissures, as point clouds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.organs import diaphragm_z
from readingroom.sandbox_pacs.patients.chest.points import Cloud, segments, sheet
from readingroom.sandbox_pacs.patients.chest.tissue import BLOOD

# Where the trunks leave the hila (mm), which way, and their radius; arteries, then veins.
# The lower lobes get most of the blood in an upright person (West, Respiratory Physiology).
_TRUNKS = (
    ((-44, 4, -28), (-0.45, -0.15, 0.85), 4.9),
    ((-46, 2, -34), (-0.75, -0.55, -0.15), 4.5),
    ((-44, 6, -34), (-0.40, 0.30, -0.85), 7.6),
    ((-42, 10, -30), (-0.55, 0.70, 0.25), 4.1),
    ((54, 18, -20), (0.45, -0.35, 0.85), 4.7),
    ((55, 14, -26), (0.70, -0.65, -0.25), 4.3),
    ((53, 20, -26), (0.32, 0.25, -0.90), 7.3),
    ((52, 22, -20), (0.55, 0.75, 0.20), 4.1),
    ((-26, 4, -44), (-0.65, -0.45, 0.55), 4.7),
    ((-26, 8, -56), (-0.80, 0.25, -0.55), 5.3),
    ((36, 10, -42), (0.65, -0.45, 0.55), 4.5),
    ((36, 14, -56), (0.75, 0.35, -0.60), 5.2),
)
_GENERATIONS = 9
_FIRST_MM, _SHORTER = 21.0, 0.88


def pulmonary_vessels(body: Body, step_mm: float, depth_mm: float = 1.6) -> Cloud:
    """Arteries and veins from the hila to where they are too thin to be seen.

    Args:
        body: whose.
        step_mm: distance of points; branches much thinner than it are left out.
        depth_mm: see `points.tube`.
    """
    start, end, r0, r1 = vessel_tree(body)
    thick = r0 > 0.22 * step_mm
    return segments(start[thick], end[thick], r0[thick], r1[thick], BLOOD, step_mm, depth_mm)


def vessel_tree(body: Body) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """All branches: start and end (n, 3), radius at each (n,), mm.

    Each branch splits in two; radii follow Murray's law (the cubes add up), one child a little
    thicker than the other. Branches steer away from the hilum and from the pleura.
    """
    rng = np.random.default_rng([body.seed, 19])
    scale = np.array([body.width, body.depth, body.height], np.float32)
    place = np.array([trunk[0] for trunk in _TRUNKS], np.float32) * scale
    way = np.array([trunk[1] for trunk in _TRUNKS], np.float32)
    way = _unit(way + rng.normal(0, 0.10, way.shape).astype(np.float32))
    radius = 0.93 * np.array([trunk[2] for trunk in _TRUNKS], np.float32) * body.vessel_size
    root = place.copy()
    parts: list[tuple[FloatArray, FloatArray, FloatArray, FloatArray]] = []
    size = _FIRST_MM * body.height
    for generation in range(_GENERATIONS):
        length = size * _SHORTER**generation * rng.uniform(0.7, 1.3, len(place))
        end = place + way * length[:, None].astype(np.float32)
        room = pleura_distance(body, end)
        end = np.where((room > 2)[:, None], end, place + way * (0.45 * length[:, None]))
        alive = pleura_distance(body, end) > 2
        place, way, radius, root, end = (v[alive] for v in (place, way, radius, root, end))
        end = end.astype(np.float32)
        parts.append((place, end, radius, radius * 0.93))
        place, way, radius, root = _split(body, rng, end, way, radius, root)
    starts, ends, thick, thin = zip(*parts, strict=True)
    return np.concatenate(starts), np.concatenate(ends), np.concatenate(thick), np.concatenate(thin)


def _split(
    body: Body,
    rng: np.random.Generator,
    end: FloatArray,
    way: FloatArray,
    radius: FloatArray,
    root: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    count = len(end)
    spread = rng.normal(0, 1, (count, 3)).astype(np.float32)
    across = _unit(spread - way * np.sum(spread * way, 1, keepdims=True))
    share = rng.uniform(0.5, 0.72, count).astype(np.float32)
    outward = _unit(end - root)
    pull = 0.22
    children: list[tuple[FloatArray, FloatArray, FloatArray, FloatArray]] = []
    for side, part in ((1.0, share), (-1.0, 1 - share)):
        # The thinner child turns further aside (Murray 1926).
        bend = (side * (0.75 - 0.55 * part))[:, None]
        aim = _unit(way + across * bend * 1.25 + outward * pull)
        children.append((end, aim, 0.93 * radius * part ** (1 / 3), root))
    place, aim, thick, origin = (
        np.concatenate(pair).astype(np.float32) for pair in zip(*children, strict=True)
    )
    # Near the pleura turn along it.
    probe = pleura_distance(body, place + aim * 12)
    inward = _unit(origin + np.array([0, 0, -10], np.float32) - place)
    aim = _unit(aim + inward * np.clip((8 - probe) / 14, 0, 0.9)[:, None])
    return place, aim, thick, origin


def _unit(vectors: NDArray[Any]) -> FloatArray:
    norm = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return np.asarray(vectors / np.maximum(norm, 1e-6)[:, None], np.float32)


def pleura_distance(body: Body, points: FloatArray) -> FloatArray:
    """About how far each point (n, 3) lies from rib cage and diaphragm, mm; negative outside."""
    x, y, z = points[:, 0], points[:, 1], points[:, 2]
    a, b, c = body.cage(z)
    q = (np.abs(x) / a) ** 2.3 + (np.abs(y - c) / b) ** 2.3
    wall = (1 - q) * (a + b) / 4.6
    floor = z - diaphragm_z(body, x, y)
    return np.asarray(np.minimum(np.minimum(wall, floor), body.apex_z - z), np.float32)


def fissure_corners(body: Body) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Corners (4, 3) of the minor fissure, and of the right and the left major one."""
    w, d, h = body.width, body.depth, body.height
    tilt = float(np.random.default_rng([body.seed, 73]).uniform(-5, 5))
    minor = np.array(
        [(-44 * w, -4, -32 * h), (-128 * w, 0, (-40 + tilt) * h),
         (-112 * w, -70 * d, (-44 + tilt) * h), (-44 * w, -78 * d, -38 * h)], np.float32,
    )  # fmt: skip
    right, left = (
        np.array(
            [(side * 40 * w, 74 * d, 42 * h), (side * 112 * w, 66 * d, 30 * h),
             (side * 120 * w, -58 * d, -132 * h), (side * 40 * w, -72 * d, -122 * h)], np.float32,
        )
        for side in (-1.0, 1.0)
    )  # fmt: skip
    return minor, right, left


def fissures(body: Body, step_mm: float) -> list[Cloud]:
    """The fissures between the lobes, half a millimetre thick: seen where a ray runs along them."""
    minor, right, left = fissure_corners(body)
    # The stream's first number is the minor fissure's tilt.
    is_seen = np.random.default_rng([body.seed, 73]).random(2)[1] < 0.6
    sheets = [minor] if is_seen else []
    sheets += [right, left]
    made = []
    for corners in sheets:
        cloud = sheet(corners, 0.6, 10.0, max(step_mm, 0.7), in_lung=True)
        keep = pleura_distance(body, cloud.xyz) > 0
        made.append(Cloud(cloud.xyz[keep], cloud.volume[keep], cloud.hu[keep], in_lung=True))
    return made
