"""Trachea and bronchi."""

from __future__ import annotations

import numpy as np

from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.grid import Painting, paint_tube
from readingroom.sandbox_pacs.patients.chest.tissue import AIR


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


def paint_airway_wall(body: Body, painting: Painting) -> None:
    """Walls of trachea and main bronchi, before the heart covers them."""
    paint_tube(painting, trachea_path(body), 11.5, 30.0)
    for path, radius in bronchi(body)[:2]:
        paint_tube(painting, path, radius + 2.2, 35.0)


def paint_airway(body: Body, painting: Painting) -> None:
    """The air in them, last of all."""
    scale = 0.86 if body.sex == "F" else 1.0
    paint_tube(painting, trachea_path(body), 9.6 * scale, AIR, "trachea")
    for path, radius in bronchi(body)[:2]:
        paint_tube(painting, path, radius * scale, AIR)
