"""Tubes, lines and a pacemaker: where they run, where they end, and their points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.chest.airway import bronchi, trachea_path
from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.heart import subclavian_vein
from readingroom.sandbox_pacs.patients.chest.points import Cloud, smooth_path, tube
from readingroom.sandbox_pacs.patients.disease import Disease, Lesion

_PLASTIC, _STRIPE, _METAL = 250.0, 2600.0, 9000.0
_CASE = 9000.0


def device_path(body: Body, lesion: Lesion) -> FloatArray:
    """The line that a device follows, (n, 3); its last point is the tip."""
    return _PATHS[lesion.disease](body, lesion, np.random.default_rng([lesion.place, 67]))


def _tracheal_path(body: Body, lesion: Lesion, rng: np.random.Generator) -> FloatArray:
    """Right: 30 to 60 mm above the carina. Wrong: in the right main bronchus or too high.

    Source: Goodman et al., AJR 1976 (tip 5 ± 2 cm above the carina).
    """
    airway = trachea_path(body)
    if lesion.well_placed:
        tip_z = float(rng.uniform(32, 58))
    elif rng.random() < 0.7:
        right = bronchi(body)[0][0]
        return np.concatenate([airway[:-1], right[:1], right[:1] * 0.4 + right[1:2] * 0.6])
    else:
        tip_z = float(rng.uniform(78, 95))
    way = smooth_path(airway, 2.0)
    return way[way[:, 2] >= tip_z]


def _central_path(body: Body, lesion: Lesion, rng: np.random.Generator) -> FloatArray:
    """From a jugular or subclavian vein; right: the tip where cava and atrium meet."""
    w, h = body.width, body.height
    left = lesion.laterality is Laterality.LEFT
    way: list[tuple[float, float, float]]
    if left:
        way = [(36, -24, 130), (25, -18, 84), (20, -17, 66), (-4, -24, 52), (-20, -17, 42)]
    elif rng.random() < 0.6:
        way = [(-42, -24, 140), (-28, -18, 104), (-21, -14, 70), (-22, -15, 42)]
    else:
        vein = subclavian_vein(body, -1)[::-1] / np.array([w, 1, h])
        way = [(-150, -10, 82), *(tuple(place) for place in vein), (-23, -15, 36)]
    if lesion.well_placed:
        way += [(-24, -16, 12), (-25, -18, float(rng.uniform(-42, -18)))]
    else:
        wrong = int(rng.integers(3))
        if wrong == 0:  # too deep, in the ventricle
            way += [(-24, -17, 0), (-24, -22, -60), (4, -46, -98)]
        elif wrong == 1:  # turned up into the other vein
            way += [(-6, -22, 50), (22, -20, 64), (34, -18, 96)] if not left else [
                (-24, -16, 64), (-34, -18, 104)
            ]  # fmt: skip
        else:  # too short
            way = way[:-2] + [((way[-2][0] + way[-1][0]) / 2, -18, (way[-2][2] + way[-1][2]) / 2)]
    scale = np.array([w, 1, h])
    return np.asarray(np.array(way) * scale, np.float32)


def _chest_tube_path(body: Body, lesion: Lesion, rng: np.random.Generator) -> FloatArray:
    """From the side between two ribs; right: it ends within the pleural space."""
    side = 1 if lesion.laterality is Laterality.LEFT else -1
    entry_z = float(rng.uniform(-75, -30)) * body.height
    a = float(body.cage(np.array([entry_z], np.float32))[0][0])
    outside = a + 20 + body.fat_mm + body.muscle_mm
    start = [(side * (outside + 40), 5, entry_z - 40), (side * (a + 4), 10, entry_z)]
    if not lesion.well_placed:
        # In the soft tissue of the chest wall.
        wall = [(side * (a + 14), 8, entry_z), (side * (a + 9), 0, entry_z + 52)]
        return np.array([*start[:1], *wall], np.float32)
    upper = float(body.cage(np.array([70 * body.height], np.float32))[0][0])
    tip = (side * 0.55 * upper, 18, float(rng.uniform(52, 74)) * body.height)
    middle = (side * 0.88 * a, 22, entry_z + 42)
    return np.array([*start, middle, tip], np.float32)


def _pacemaker_path(body: Body, lesion: Lesion, rng: np.random.Generator) -> FloatArray:
    """Generator under a clavicle, lead by the caval vein; right: tip in the ventricle's apex."""
    side = 1 if lesion.laterality is Laterality.LEFT else -1
    w, h = body.width, body.height
    vein = subclavian_vein(body, side)
    way = [
        (side * 92 * w, -70, 44 * h),
        (side * 88 * w, float(vein[2, 1]) - 8, 66 * h),
        *(tuple(place) for place in vein[2::-1]),
        *([(0, -24, 52 * h), (-20 * w, -17, 44 * h)] if side > 0 else []),
        (-24 * w, -17, 5),
        (-25 * w, -26, -62 * h),
    ]
    if lesion.well_placed:
        way += [(-4 * w, -44, -104 * h), (46 * w * body.heart_width, -58, -118 * h)]
    elif rng.random() < 0.5:
        way += [(-20 * w, -32, -84 * h)]
    else:
        way += [(0, -46, -92 * h), (20 * w, -46, -52 * h)]
    return np.array(way, np.float32)


def _hose(path: FloatArray, outer: float, step_mm: float) -> list[Cloud]:
    """A plastic tube with its radio-opaque stripe."""
    way = smooth_path(path, step_mm)
    wall = tube(way, (outer, outer), (-1000.0, _PLASTIC), step_mm, rim=0.76)
    is_wall = wall.hu > -999
    shell = Cloud(wall.xyz[is_wall], wall.volume[is_wall], wall.hu[is_wall])
    offset = np.array([0.75 * outer, 0, 0], np.float32)
    stripe = tube(way + offset, (0.55, 0.55), (_STRIPE, _STRIPE), step_mm)
    return [shell, stripe]


def _tracheal(body: Body, lesion: Lesion, step_mm: float) -> list[Cloud]:
    return _hose(device_path(body, lesion), 5.2, step_mm)


def _chest_tube(body: Body, lesion: Lesion, step_mm: float) -> list[Cloud]:
    return _hose(device_path(body, lesion), 4.6, step_mm)


def _central(body: Body, lesion: Lesion, step_mm: float) -> list[Cloud]:
    way = smooth_path(device_path(body, lesion), step_mm)
    return [tube(way, (1.25, 1.25), (1500.0, 1500.0), step_mm)]


def _pacemaker(body: Body, lesion: Lesion, step_mm: float) -> list[Cloud]:
    path = device_path(body, lesion)
    way = smooth_path(path, step_mm)
    lead = tube(way, (0.9, 0.9), (_METAL, _METAL), step_mm)
    tip = tube(way[-max(3, int(9 / step_mm)) :], (1.6, 1.6), (_METAL, _METAL), step_mm)
    front = path[0]
    a, b, c = (float(v[0]) for v in body.cage(front[2:3]))
    depth = c - b * (1 - (abs(float(front[0])) / (a * 1.1)) ** 2.3) ** (1 / 2.3) - 16
    box = np.array([front[0], depth, front[2] - 6], np.float32)
    close = 0.25 * step_mm  # metal shows the grain of its points more than bone does
    case = smooth_path(np.array([box + [0, 0, -21], box + [0, 0, 21]], np.float32), close)
    share = np.linspace(-1, 1, len(case))
    half = 24 * (1 - np.abs(share) ** 3) ** (1 / 3)
    # `half` of the height runs across the tube's way: the case lies flat in the coronal plane.
    shell = tube(
        case, (np.maximum(half, 1).astype(np.float32), 3.4), (_CASE, _CASE),
        close, up=np.array([0, 1, 0], np.float32),
    )  # fmt: skip
    return [lead, tip, shell]


_PATHS: dict[Disease, Callable[[Body, Lesion, np.random.Generator], FloatArray]] = {
    Disease.TRACHEAL_TUBE: _tracheal_path,
    Disease.CENTRAL_LINE: _central_path,
    Disease.CHEST_TUBE: _chest_tube_path,
    Disease.PACEMAKER: _pacemaker_path,
}

DEVICE_CLOUDS: dict[Disease, Callable[[Body, Lesion, float], list[Cloud]]] = {
    Disease.TRACHEAL_TUBE: _tracheal,
    Disease.CENTRAL_LINE: _central,
    Disease.CHEST_TUBE: _chest_tube,
    Disease.PACEMAKER: _pacemaker,
}
