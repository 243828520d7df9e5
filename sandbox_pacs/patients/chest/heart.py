"""Heart and great vessels: where they lie, and how the heart is painted."""

from __future__ import annotations

import numpy as np

from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.grid import Painting, keep_room, soft
from readingroom.sandbox_pacs.patients.chest.tissue import BLOOD

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


def paint_heart(body: Body, painting: Painting) -> None:
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
    depth = np.asarray(_CREASE_MM * np.log(np.maximum(blend, 1e-12)), np.float32)
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
