"""What makes the lung denser, or emptier: lumps, pneumonia, collapse, oedema, emphysema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.grid import Painting, ellipsoid, soft
from readingroom.sandbox_pacs.patients.chest.places import place_of, side_of
from readingroom.sandbox_pacs.patients.chest.points import Cloud, segments
from readingroom.sandbox_pacs.patients.chest.tissue import AIR, BLOOD, SOFT
from readingroom.sandbox_pacs.patients.chest.vessels import pleura_distance
from readingroom.sandbox_pacs.patients.disease import Lesion


def _waves(seed: int, wavelength: tuple[float, float], count: int = 9) -> Callable[..., FloatArray]:
    """A smooth random field of mean 0 and deviation 1 over x, y, z (mm)."""
    rng = np.random.default_rng([seed, 31])
    way = rng.normal(0, 1, (count, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    way *= (2 * np.pi / rng.uniform(*wavelength, count))[:, None]
    phase = rng.uniform(0, 2 * np.pi, count)

    def field(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
        total = np.zeros(np.broadcast_shapes(x.shape, y.shape, z.shape), np.float32)
        for (kx, ky, kz), shift in zip(way, phase, strict=True):
            total += np.sin(kx * x + ky * y + kz * z + shift).astype(np.float32)
        return total * np.float32(np.sqrt(2 / count))

    return field


def lump(body: Body, painting: Painting, lesion: Lesion, step_mm: float) -> list[Cloud]:
    """A nodule or a mass: a knobbly ball, with spikes when it is large."""
    size = lesion.size_mm or 10.0
    rng = np.random.default_rng([lesion.place, 37])
    centre = place_of(body, lesion)
    form = rng.uniform(0.9, 1.08, 3)
    # A ball of the size that the truth states has this one's volume.
    form *= size / 2 / np.prod(form) ** (1 / 3)
    count = int(np.clip(4 / 3 * np.pi * np.prod(form) / (step_mm**3 * 0.8), 60, 400_000))
    inside = _ball(count)
    knobs = _waves(lesion.place, (0.9, 2.2))(inside[:, 0], inside[:, 1], inside[:, 2])
    swell = 1 + 0.07 * knobs
    points = (centre + inside * form * swell[:, None]).astype(np.float32)
    volume = 4 / 3 * np.pi * np.prod(form) * swell**3 / count
    body_cloud = Cloud(
        points, volume.astype(np.float32), np.full(count, SOFT, np.float32), in_lung=True
    )
    spikes = int(rng.integers(0, 3) if size < 14 else rng.integers(5, 14))
    if spikes == 0:
        return [body_cloud]
    way = rng.normal(0, 1, (spikes, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    start = centre + way * form * 0.85
    end = centre + way * form * rng.uniform(1.1, 1.35, (spikes, 1))
    thick = rng.uniform(0.4, 0.9, spikes).astype(np.float32)
    thin = segments(
        start.astype(np.float32), end.astype(np.float32), thick, 0.3 * thick, SOFT, step_mm
    )
    return [body_cloud, thin]


def _ball(count: int) -> FloatArray:
    """Points spread evenly in the unit ball, (n, 3)."""
    order = np.arange(count) + 0.5
    height = 1 - 2 * ((order * 0.6180339887) % 1)
    turn = 2 * np.pi * ((order * 0.7548776662) % 1)
    radius = ((order * 0.5698402910 + 0.13) % 1) ** (1 / 3)
    flat = np.sqrt(1 - height**2)
    around = np.stack([flat * np.cos(turn), flat * np.sin(turn), height], 1)
    return np.asarray(around * radius[:, None], np.float32)


def consolidation(body: Body, painting: Painting, lesion: Lesion, step_mm: float) -> list[Cloud]:
    """A part of a lobe without air, dense in its middle, with bronchi that still hold some."""
    size = lesion.size_mm or 40.0
    rng = np.random.default_rng([lesion.place, 41])
    centre = place_of(body, lesion)
    radii = size / 2 * np.array([1.0, rng.uniform(0.7, 1.1), rng.uniform(0.65, 0.95)])
    rough = _waves(lesion.place, (0.3 * size, 1.1 * size), 16)
    fine = _waves(lesion.place + 1, (6, 26), 24)

    def bend(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
        return 0.12 * size * rough(x, y, z)

    found = ellipsoid(painting.grid, centre, tuple(1.12 * radii), None, bend)
    if found is None:
        return []
    block, alpha = found
    x, y, z = painting.grid.axes(block)
    root = np.sqrt(
        sum(((p - c) / r) ** 2 for p, c, r in zip((x, y, z), centre, radii, strict=True))
    )
    # Dense in the middle, patchy towards the rim.
    fade = np.clip(1.25 - 0.75 * root + 0.16 * fine(x, y, z), 0, 1)
    density = (0.75 + 0.25 * lesion.severity) * fade
    painting.fill_lung(block, (alpha * density).astype(np.float32), SOFT, lesion.key)
    return _air_bronchograms(body, centre, float(radii.min()), rng, step_mm)


def _air_bronchograms(
    body: Body, centre: FloatArray, reach: float, rng: np.random.Generator, step_mm: float
) -> list[Cloud]:
    count = int(rng.integers(2, 6))
    root = np.array([np.sign(centre[0]) * 46 * body.width, 8, -28 * body.height])
    aim = centre - root
    aim = aim / max(float(np.linalg.norm(aim)), 1e-3)
    way = aim + rng.normal(0, 0.35, (count, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    start = centre - aim * 0.6 * reach + rng.normal(0, 2.0, (count, 3))
    end = start + way * rng.uniform(0.7, 1.3, (count, 1)) * reach
    radius = rng.uniform(0.9, 1.8, count).astype(np.float32)
    air = segments(
        start.astype(np.float32), end.astype(np.float32), radius, 0.6 * radius, AIR, step_mm
    )
    return (
        [replace(air, in_lung=False)]
        if pleura_distance(body, end.astype(np.float32)).min() > 4
        else []
    )


def atelectasis(body: Body, painting: Painting, lesion: Lesion, step_mm: float) -> list[Cloud]:
    """A plate of airless lung over the diaphragm; when it is gross, a collapsed lower lobe."""
    side, rng = side_of(lesion), np.random.default_rng([lesion.place, 43])
    floor = body.dome_z(side > 0)
    if lesion.severity < 0.55:
        x = side * rng.uniform(62, 88) * body.width
        centre = np.array([x, rng.uniform(-20, 25), floor + rng.uniform(10, 34)])
        tilt = np.deg2rad(rng.uniform(-22, 22))
        turn = np.array(
            [[np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]],
            np.float32,
        )
        radii = (26 + 30 * lesion.severity, 24.0, 2.6 + 4.5 * lesion.severity)
        plate = ellipsoid(painting.grid, centre, radii, turn)
        if plate is not None:
            painting.fill_lung(plate[0], plate[1] * 0.95, SOFT, lesion.key)
        return []
    _collapse(body, painting, lesion, side, floor)
    return []


def _collapse(body: Body, painting: Painting, lesion: Lesion, side: int, floor: float) -> None:
    """The lower lobe folded behind the heart: a wedge from the hilum to the diaphragm.

    On the film a triangle whose lateral edge is straight and sharp, narrower the more it has
    collapsed. Source: Proto and Tocino, Semin Roentgenol 1980.
    """
    top, foot = -22.0 * body.height, floor - 46
    grid = painting.grid
    block = grid.block((0, 130, -140, 160, foot, top + 6) if side > 0 else
                       (-130, 0, -140, 160, foot, top + 6))  # fmt: skip
    if block is None:
        return
    x, y, z = grid.axes(block)
    fall = np.clip((top - z) / (top - floor), 0, 1.4)
    edge = 20 + (74 - 34 * lesion.severity) * body.width * fall
    _, spine_y = body.spine(grid.z[block[0]])
    front = spine_y[:, None, None] - 36 + 22 * fall + 0.25 * np.abs(x)
    wedge = np.minimum(edge - np.abs(x), y - front)
    alpha = 0.95 * soft(wedge, 2 * min(grid.step))
    painting.fill_lung(block, alpha.astype(np.float32), SOFT, lesion.key)


def hilum(body: Body, painting: Painting, lesion: Lesion, step_mm: float) -> list[Cloud]:
    """Lymph nodes around the root of a lung: a few knots that run together."""
    side, rng = side_of(lesion), np.random.default_rng([lesion.place, 47])
    size = lesion.size_mm or 25.0
    middle = np.array([side * (44 if side < 0 else 52) * body.width, 8, (-28 if side < 0 else -20)])
    for _ in range(int(rng.integers(3, 6))):
        centre = middle + rng.normal(0, 1, 3) * np.array([0.30, 0.25, 0.42]) * size
        radii = size * rng.uniform(0.28, 0.52, 3)
        knot = ellipsoid(painting.grid, centre, tuple(radii))
        if knot is not None:
            painting.fill_lung(knot[0], knot[1], BLOOD, lesion.key)
    return []


def oedema(body: Body, painting: Painting, lesion: Lesion, step_mm: float) -> list[Cloud]:
    """Hazy hila, thick septa: Kerley B lines at the bases, A lines and a fine net around."""
    for side in (-1, 1):
        centre = (side * 56 * body.width, 5, -36 * body.height)
        haze = ellipsoid(painting.grid, centre, (62.0, 70.0, 84.0))
        if haze is not None:
            x, y, z = painting.grid.axes(haze[0])
            away = np.sqrt(
                ((x - centre[0]) / 62) ** 2 + ((y - 5) / 70) ** 2 + ((z - centre[2]) / 84) ** 2
            )
            share = (0.14 + 0.46 * lesion.severity) * np.clip(1.15 - away, 0, 1)
            painting.fill_lung(haze[0], (haze[1] * share).astype(np.float32), SOFT, lesion.key)
    rng = np.random.default_rng([lesion.place, 53])
    return [_septa(body, rng, int(350 + 1100 * lesion.severity), step_mm)]


def _septa(body: Body, rng: np.random.Generator, count: int, step_mm: float) -> Cloud:
    side = rng.choice([-1.0, 1.0], count)
    z = rng.uniform(-135, 40, count) * body.height
    a, b, c = body.cage(z.astype(np.float32))
    at_wall = rng.random(count) < 0.45
    turn = rng.uniform(0.1, 0.9, count) * np.pi
    depth = np.where(at_wall, rng.uniform(0.90, 0.98, count), rng.uniform(0.4, 0.9, count))
    start = np.stack([side * a * depth * np.sin(turn), c + b * depth * np.cos(turn), z], 1)
    inward = -start * np.array([1, 1, 0]) / np.linalg.norm(start[:, :2], axis=1)[:, None]
    way = np.where(at_wall[:, None], inward, rng.normal(0, 1, (count, 3)))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    end = start + way * rng.uniform(8, 20, count)[:, None]
    radius = rng.uniform(0.35, 0.75, count).astype(np.float32)
    keep = pleura_distance(body, start.astype(np.float32)) > 0
    return segments(
        start[keep].astype(np.float32), end[keep].astype(np.float32),
        radius[keep], radius[keep], SOFT, step_mm,
    )  # fmt: skip


def emphysema(body: Body, painting: Painting, lesion: Lesion, step_mm: float) -> list[Cloud]:
    """Bullae in the upper lungs; what it does to the form is `lesions.reshaped`."""
    rng = np.random.default_rng([lesion.place, 59])
    for _ in range(int(2 + 12 * lesion.severity)):
        side = 1 if rng.random() < 0.5 else -1
        z = rng.uniform(-20, 90) * body.height
        a, b, c = (float(v[0]) for v in body.cage(np.array([z], np.float32)))
        turn = rng.uniform(0.1, 0.9) * np.pi
        centre = (side * 0.75 * a * np.sin(turn), c + 0.75 * b * np.cos(turn), z)
        bulla = ellipsoid(
            painting.grid, centre, tuple(rng.uniform(6, 10 + 22 * lesion.severity, 3))
        )
        if bulla is not None:
            painting.fill_lung(bulla[0], 0.9 * bulla[1], -985.0, lesion.key)
    return []
