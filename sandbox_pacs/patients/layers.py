"""Layers of a synthetic film: grids, soft masks and the anatomy without findings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from readingroom.sandbox_pacs.patients.anatomy import Anatomy, FilmRecipe, Lung

Plane = NDArray[np.float32]


@dataclass(eq=False)
class Canvas:
    """Layers while a film is drawn; planes are float32 (work, work).

    Attributes:
        x, y: film units of each column (1, work) and each row (work, 1).
        lungs: soft masks of the aerated right and left lung, heart and mediastinum taken out.
        cavities: the same before anything was taken out: where air or fluid can collect.
        solid: density without lungs; vessels: density of lung markings; extra: of findings.
    """

    size: int
    x: Plane
    y: Plane
    lungs: list[Plane]
    cavities: list[Plane]
    solid: Plane
    bones: Plane
    vessels: Plane
    extra: Plane = field(init=False)

    def __post_init__(self) -> None:
        self.extra = np.zeros_like(self.solid)

    def density(self) -> Plane:
        """Sum of all layers, about 0 to 1."""
        air = self.lungs[0] + self.lungs[1]
        total: Plane = self.solid - 0.40 * air + self.vessels * air + self.bones + self.extra
        return total


def ramp(value: Plane, softness: float) -> Plane:
    """Soft step: 0 below -softness, 1 above +softness, linear between (no exp)."""
    result: Plane = np.clip(0.5 + value * np.float32(0.5 / softness), 0.0, 1.0)
    return result


def disc(canvas: Canvas, x: float, y: float, rx: float, ry: float, soft: float) -> Plane:
    """Soft ellipse, 1 inside; `soft` is the share of the radius that the edge takes."""
    u = (canvas.x - np.float32(x)) / np.float32(rx)
    v = (canvas.y - np.float32(y)) / np.float32(ry)
    return ramp(1 - (u * u + v * v), soft)


def dome_height(canvas: Canvas, lung: Lung) -> Plane:
    """Height of the diaphragm at each column, (1, work)."""
    u = (canvas.x - np.float32(lung.axis_x(lung.dome_y))) / np.float32(lung.half_width)
    lateral = np.clip(u * lung.side, 0.0, 1.2)
    medial = np.clip(-u * lung.side, 0.0, 1.2)
    drop = lung.dome_drop * (lateral**2 + 0.35 * medial**2)
    result: Plane = (lung.dome_y + drop).astype(np.float32)
    return result


def lung_shape(canvas: Canvas, lung: Lung, shrink: float = 1.0) -> Plane:
    """1 - r of the lung's ellipse: positive inside; `shrink` scales it toward its axis."""
    rows = canvas.y
    axis = lung.midline + lung.side * (lung.offset + lung.lean * (rows - 0.5))
    u = (canvas.x - axis) / np.float32(lung.half_width * shrink)
    v = np.abs((rows - lung.centre_y) / (lung.half_height * (0.5 + 0.5 * shrink))) ** 2.2
    result: Plane = (1 - u * u - v).astype(np.float32)
    return result


def base_layers(anatomy: Anatomy, recipe: FilmRecipe, size: int) -> Canvas:
    """The chest without findings."""
    grid = ((np.arange(size) + 0.5) / size).astype(np.float32)
    empty = np.zeros((size, size), np.float32)
    canvas = Canvas(size, grid[None, :], grid[:, None], [], [], empty, empty.copy(), empty.copy())
    body = _body(canvas, anatomy)
    heart = _heart(canvas, anatomy)
    middle = _mediastinum(canvas, anatomy)
    blocked = 1 - np.maximum(heart, middle)
    for lung in anatomy.lungs:
        cavity = ramp(lung_shape(canvas, lung), 0.10)
        cavity *= ramp(dome_height(canvas, lung) - canvas.y, 0.006)
        canvas.cavities.append(cavity)
        canvas.lungs.append(cavity * blocked)
    canvas.solid = body * np.float32(0.62) + 0.10 * heart * body + 0.07 * middle * body
    canvas.solid -= 0.10 * _trachea(canvas, anatomy)
    canvas.solid += 0.10 * anatomy.rotation * (canvas.x - 0.5) * body
    _abdomen(canvas, anatomy, body)
    canvas.bones = _bones(canvas, anatomy) * body
    canvas.vessels = _vessels(canvas, anatomy, recipe.seed)
    return canvas


def _body(canvas: Canvas, anatomy: Anatomy) -> Plane:
    shoulder = np.clip((canvas.y - anatomy.shoulder_y) / 0.10, 0.0, 1.0)
    half = 0.13 + (anatomy.body_half_width - 0.13) * shoulder**0.6
    inside = half - np.abs(canvas.x - anatomy.midline)
    thick = np.clip(inside / 0.16, 0.0, 1.0)
    result: Plane = ramp(inside, 0.008) * (0.62 + 0.38 * np.sqrt(thick))
    return result.astype(np.float32)


def _heart(canvas: Canvas, anatomy: Anatomy) -> Plane:
    x, y = anatomy.midline, anatomy.heart_y
    tall = anatomy.heart_half_height
    soft = 0.10
    wide = anatomy.heart_left
    left = disc(canvas, x + 0.26 * wide, y + 0.10 * tall, 0.74 * wide, 0.9 * tall, soft)
    right = disc(canvas, x, y, anatomy.heart_right, tall, soft)
    top = disc(canvas, x + 0.02, y - 0.45 * tall, 0.55 * wide, 0.75 * tall, soft)
    return np.maximum(np.maximum(left, right), top)


def _mediastinum(canvas: Canvas, anatomy: Anatomy) -> Plane:
    rows = canvas.y
    half = anatomy.mediastinum + 0.010 * np.clip((rows - 0.3) / 0.3, 0, 1)
    bulge = np.exp(-(((rows - 0.29) / 0.085) ** 2))
    half = half + anatomy.widening * bulge
    middle = anatomy.midline + 0.02 * anatomy.rotation
    band = ramp((half - np.abs(canvas.x - middle)).astype(np.float32), 0.008)
    knob_x = middle + anatomy.mediastinum + 0.3 * anatomy.knob + 0.4 * anatomy.widening
    knob = disc(canvas, knob_x, 0.315, anatomy.knob, anatomy.knob * 1.2, 0.2)
    return np.maximum(band, knob)


def _trachea(canvas: Canvas, anatomy: Anatomy) -> Plane:
    centre = anatomy.midline + anatomy.trachea_shift
    tube = ramp((0.016 - np.abs(canvas.x - centre)).astype(np.float32), 0.006)
    down: Plane = tube * ramp((anatomy.carina_y - canvas.y).astype(np.float32), 0.008)
    for side, slope in ((-1, 0.9), (1, 1.35)):
        run = canvas.y - anatomy.carina_y
        line = centre + side * slope * run
        branch = ramp((0.011 - np.abs(canvas.x - line)).astype(np.float32), 0.006)
        down = np.maximum(down, 0.7 * branch * ((run > 0) & (run < 0.05)))
    return down


def _abdomen(canvas: Canvas, anatomy: Anatomy, body: Plane) -> None:
    left = anatomy.lungs[1]
    below = ramp((canvas.y - (left.dome_y + 0.01)).astype(np.float32), 0.05)
    canvas.solid += 0.06 * below * body
    bubble = disc(canvas, left.axis_x(0.8) - 0.03, left.dome_y + 0.065, 0.06, 0.028, 0.35)
    canvas.solid -= 0.10 * bubble
    if anatomy.breasts:
        for lung in anatomy.lungs:
            soft = disc(canvas, lung.axis_x(0.66), 0.66, 0.15, 0.13, 0.5)
            canvas.solid += anatomy.breasts * soft


def _bones(canvas: Canvas, anatomy: Anatomy) -> Plane:
    off = np.abs(canvas.x - anatomy.midline)
    cage = np.zeros((canvas.size, canvas.size), np.float32)
    for lung in anatomy.lungs:
        cage = np.maximum(cage, ramp(lung_shape(canvas, lung, 1.06), 0.08))
    bow = anatomy.rib_slope * (off - 0.9 * off * off) - 0.25 * np.clip(off - 0.3, 0, 1)
    back = _ridges((canvas.y - anatomy.rib_start - bow) / anatomy.rib_pitch, 0.17)
    front_y = canvas.y + 0.55 * off + 0.9 * off * off - anatomy.rib_start
    front = _ridges(front_y / (1.35 * anatomy.rib_pitch), 0.13)
    bones: Plane = anatomy.rib_contrast * cage * (back + 0.45 * front * (off > 0.09))
    spine = ramp((0.036 - off).astype(np.float32), 0.01)
    discs = 0.8 + 0.2 * np.cos(canvas.y * (2 * np.pi / 0.062))
    bones += 0.075 * spine * discs
    for side in (-1, 1):
        tilt = 0.02 * anatomy.rotation * side
        run = (canvas.x - anatomy.midline) * side
        line = anatomy.clavicle_y - 0.16 * run + 0.10 * np.sin(run * 9) * run + tilt
        bar = ramp((0.013 - np.abs(canvas.y - line)).astype(np.float32), 0.005)
        start = 0.035 + 0.03 * anatomy.rotation * side
        bones += 0.09 * bar * ((run > start) & (run < 0.36))
    return bones


def _ridges(phase: Plane, half: float) -> Plane:
    distance = np.abs(phase - np.floor(phase) - 0.5)
    inside = np.clip((half - distance) * 12, 0.0, 1.0)
    edge = np.clip(1 - np.abs(distance - half) * 18, 0.0, 1.0)
    result: Plane = (0.7 * inside + 0.6 * edge).astype(np.float32)
    return result


def _vessels(canvas: Canvas, anatomy: Anatomy, seed: int) -> Plane:
    rng = np.random.default_rng([seed, 41])
    plane = 0.02 * upsample(rng.standard_normal((20, 20)).astype(np.float32), canvas.size)
    for lung in anatomy.lungs:
        hilum = (lung.midline + lung.side * 0.075, 0.42 + 0.01 * lung.side)
        plane += 0.16 * disc(canvas, hilum[0], hilum[1] + 0.015, 0.034, 0.055, 0.9)
        for angle in np.linspace(-1.3, 1.45, 12) + rng.uniform(-0.15, 0.15, 12):
            _branch(canvas, plane, rng, hilum, lung.side, float(angle))
    return plane


def _branch(
    canvas: Canvas,
    plane: Plane,
    rng: np.random.Generator,
    start: tuple[float, float],
    side: int,
    angle: float,
) -> None:
    first = float(rng.uniform(0.005, 0.035))
    x, y = start[0] + side * np.cos(angle) * first, start[1] + np.sin(angle) * first
    width, density = float(rng.uniform(0.004, 0.007)), float(rng.uniform(0.05, 0.10))
    for _ in range(4):
        step = float(rng.uniform(0.045, 0.07))
        to_x, to_y = x + side * np.cos(angle) * step, y + np.sin(angle) * step
        segment(canvas, plane, (x, y), (to_x, to_y), width, density)
        x, y, width, density = to_x, to_y, width * 0.75, density * 0.8
        angle += float(rng.uniform(-0.35, 0.35))


def segment(
    canvas: Canvas,
    plane: Plane,
    start: tuple[float, float],
    end: tuple[float, float],
    half_width: float,
    density: float,
) -> None:
    """Add a soft line to a plane, touching only the window around it."""
    pad, size = half_width * 2 + 1 / canvas.size, canvas.size
    x0, x1 = sorted((start[0], end[0]))
    y0, y1 = sorted((start[1], end[1]))
    columns = slice(max(0, int((x0 - pad) * size)), max(0, int((x1 + pad) * size) + 1))
    rows = slice(max(0, int((y0 - pad) * size)), max(0, int((y1 + pad) * size) + 1))
    x, y = canvas.x[:, columns], canvas.y[rows]
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy), 0, 1)
    distance = np.hypot(x - start[0] - along * dx, y - start[1] - along * dy)
    plane[rows, columns] += density * np.clip(1.5 - distance / half_width, 0, 1)


def blur(plane: Plane, radius: int) -> Plane:
    """Box blur with edges held, twice the radius plus one wide in both axes."""
    for axis in (0, 1):
        padded = np.pad(plane, [(radius, radius) if a == axis else (0, 0) for a in (0, 1)], "edge")
        length = plane.shape[axis]
        parts = [padded.take(range(i, i + length), axis) for i in range(2 * radius + 1)]
        plane = (sum(parts[1:], parts[0]) / len(parts)).astype(np.float32)
    return plane


def upsample(plane: Plane, size: int) -> Plane:
    """Bilinear enlargement of a square plane to (size, size)."""
    old = plane.shape[0]
    place = np.clip((np.arange(size) + 0.5) * old / size - 0.5, 0, old - 1)
    low = np.minimum(place.astype(int), old - 2)
    share = (place - low).astype(np.float32)
    rows = plane[low] * (1 - share)[:, None] + plane[low + 1] * share[:, None]
    result: Plane = rows[:, low] * (1 - share) + rows[:, low + 1] * share
    return result


_GLYPHS = {
    "R": ("11110", "10001", "10001", "11110", "10100", "10010", "10001"),
    "L": ("10000", "10000", "10000", "10000", "10000", "10000", "11111"),
}


def glyph(letter: str, scale: int) -> Plane:
    """The side marker's letter as a bitmap, 7 x 5 cells of `scale` pixels."""
    bits = np.array([[int(bit) for bit in row] for row in _GLYPHS[letter]], np.float32)
    return np.kron(bits, np.ones((scale, scale), np.float32))
