"""Findings drawn onto a canvas, each with the truth of where it lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from readingroom.domain.finding import Observation
from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.anatomy import (
    FIELD_MM,
    Anatomy,
    FilmRecipe,
    FindingSpec,
    Lung,
)
from readingroom.sandbox_pacs.patients.layers import (
    Canvas,
    Plane,
    disc,
    lung_shape,
    ramp,
    segment,
)


@dataclass(frozen=True)
class TruthUnit:
    """Truth of one finding in film units; `length` as `TruthItem.mm` over the field."""

    observation: Observation
    laterality: Laterality
    box: tuple[float, float, float, float]
    length: float
    point: tuple[float, float]


Drawer = Callable[[Canvas, Anatomy, FindingSpec, np.random.Generator], TruthUnit | None]


def draw_finding(
    canvas: Canvas, anatomy: Anatomy, recipe: FilmRecipe, spec: FindingSpec
) -> TruthUnit | None:
    """Draw one finding; None for an observation that this phantom does not know.

    Its place follows from seed, kind and side, not from its severity: it can grow.
    """
    drawer = _DRAWERS.get(spec.observation)
    if drawer is None:
        return None
    order = list(Observation).index(spec.observation)
    side = list(Laterality).index(spec.laterality)
    return drawer(canvas, anatomy, spec, np.random.default_rng([recipe.seed, order, side, 53]))


def _lung(anatomy: Anatomy, spec: FindingSpec) -> tuple[int, Lung]:
    index = 0 if spec.laterality is Laterality.RIGHT else 1
    return index, anatomy.lungs[index]


def place_in_lung(anatomy: Anatomy, lung: Lung, rng: np.random.Generator) -> tuple[float, float]:
    """A point of the lung that heart and mediastinum leave free."""
    y = float(rng.uniform(lung.top + 0.09, lung.dome_y - 0.08))
    half = lung.half_width * np.sqrt(max(0.0, 1 - abs((y - 0.5) / lung.half_height) ** 2.2))
    x = lung.axis_x(y) + lung.side * float(rng.uniform(-0.05, 0.62)) * half
    edge = anatomy.heart[0] if lung.side < 0 else anatomy.heart[2]
    if y > anatomy.heart[1] + 0.03 and (x - edge) * lung.side < 0.03:
        y = float(rng.uniform(lung.top + 0.09, anatomy.heart[1]))
    return float(x), y


def nodule_place(
    anatomy: Anatomy, recipe: FilmRecipe, spec: FindingSpec
) -> tuple[float, float, float]:
    """Centre and radius of a nodule in film units; the CT uses the same."""
    order = list(Observation).index(spec.observation)
    side = list(Laterality).index(spec.laterality)
    rng = np.random.default_rng([recipe.seed, order, side, 53])
    _, lung = _lung(anatomy, spec)
    x, y = place_in_lung(anatomy, lung, rng)
    return x, y, (9.0 + 24.0 * spec.severity) / 2 / FIELD_MM


def _nodule(
    canvas: Canvas, anatomy: Anatomy, spec: FindingSpec, rng: np.random.Generator
) -> TruthUnit:
    _, lung = _lung(anatomy, spec)
    x, y = place_in_lung(anatomy, lung, rng)
    radius = (9.0 + 24.0 * spec.severity) / 2 / FIELD_MM
    canvas.extra += (0.17 + 0.05 * spec.severity) * disc(canvas, x, y, radius, radius, 0.35)
    pad = radius * 1.15
    box = (x - pad, y - pad, x + pad, y + pad)
    return TruthUnit(spec.observation, spec.laterality, box, 2 * radius, (x, y))


def _consolidation(
    canvas: Canvas, anatomy: Anatomy, spec: FindingSpec, rng: np.random.Generator
) -> TruthUnit:
    index, lung = _lung(anatomy, spec)
    low, high = ((0.22, 0.36), (0.42, 0.52), (0.56, 0.66))[int(rng.choice(3, p=[0.2, 0.3, 0.5]))]
    y = float(rng.uniform(low, high))
    x = lung.axis_x(y) + lung.side * float(rng.uniform(0.0, 0.4)) * lung.half_width
    edge = anatomy.heart[0] if lung.side < 0 else anatomy.heart[2]
    if y > anatomy.heart[1] and (x - edge) * lung.side < 0.04:
        x = edge + lung.side * 0.04
    radius = 0.045 + 0.055 * spec.severity
    cloud = np.zeros((canvas.size, canvas.size), np.float32)
    for _ in range(7):
        dx, dy = rng.normal(0, 0.45, 2) * radius
        size = radius * float(rng.uniform(0.45, 0.75))
        cloud += disc(canvas, x + dx, y + dy, size, size * float(rng.uniform(0.8, 1.2)), 0.9)
    mask = np.clip(cloud / 1.6, 0, 1) * canvas.lungs[index]
    canvas.extra += (0.20 + 0.08 * spec.severity) * mask
    box = box_of(mask, 0.35) or (x - radius, y - radius, x + radius, y + radius)
    length = max(box[2] - box[0], box[3] - box[1])
    return TruthUnit(spec.observation, spec.laterality, box, length, (x, y))


def _effusion(
    canvas: Canvas, anatomy: Anatomy, spec: FindingSpec, rng: np.random.Generator
) -> TruthUnit:
    index, lung = _lung(anatomy, spec)
    depth = 0.035 + 0.20 * spec.severity
    u = np.clip((canvas.x - lung.axis_x(lung.dome_y)) / lung.half_width * lung.side, -1, 1.1)
    meniscus = 0.055 * np.clip(u, 0, 2) ** 2 + 0.015 * np.clip(-u, 0, 2) ** 2
    level = lung.bottom - depth - meniscus
    below = ramp((canvas.y - level).astype(np.float32), 0.014)
    fluid = below * canvas.cavities[index]
    # Not `1 - fluid`: the soft edge of the cavity would leave a rim of air around the fluid.
    canvas.lungs[index] *= 1 - below
    canvas.extra += 0.03 * fluid
    box = box_of(fluid, 0.4) or (lung.axis_x(0.7), level.min(), lung.axis_x(0.7) + 0.1, 0.8)
    point = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    return TruthUnit(spec.observation, spec.laterality, box, depth, point)


def _pneumothorax(
    canvas: Canvas, anatomy: Anatomy, spec: FindingSpec, rng: np.random.Generator
) -> TruthUnit:
    index, lung = _lung(anatomy, spec)
    shrink = 0.90 - 0.25 * spec.severity
    tall = 0.055 + 0.10 * spec.severity
    moved = Lung(
        lung.side,
        lung.midline,
        lung.offset - (1 - shrink) * 0.5 * lung.half_width,
        lung.lean,
        lung.half_width * shrink,
        lung.half_height - tall / 2,
        lung.centre_y + tall / 2,
        lung.dome_y,
        lung.dome_drop,
    )
    inner = lung_shape(canvas, moved)
    fade = ramp((0.52 + 0.12 * spec.severity - canvas.y).astype(np.float32), 0.06)
    gap = ramp(-inner, 0.03) * canvas.cavities[index] * fade
    line = np.clip(1 - np.abs(inner) / 0.035, 0, 1) * canvas.lungs[index] * fade
    canvas.vessels *= 1 - gap
    canvas.extra += 0.085 * line - 0.075 * gap * canvas.lungs[index]
    canvas.extra += 0.02 * canvas.lungs[index] * (1 - gap)
    box = box_of(gap, 0.5) or lung.box()
    width = lung.half_width * (1 - shrink) * 2
    return TruthUnit(spec.observation, spec.laterality, box, width, _middle(box))


def _cardiomegaly(
    canvas: Canvas, anatomy: Anatomy, spec: FindingSpec, rng: np.random.Generator
) -> TruthUnit:
    box = anatomy.heart
    return TruthUnit(spec.observation, Laterality.MIDLINE, box, box[2] - box[0], _middle(box))


def _mediastinum(
    canvas: Canvas, anatomy: Anatomy, spec: FindingSpec, rng: np.random.Generator
) -> TruthUnit:
    half = anatomy.mediastinum + anatomy.widening
    box = (anatomy.midline - half, 0.18, anatomy.midline + half, 0.42)
    return TruthUnit(spec.observation, Laterality.MIDLINE, box, 2 * half, _middle(box))


def _tube(
    canvas: Canvas, anatomy: Anatomy, spec: FindingSpec, rng: np.random.Generator
) -> TruthUnit:
    x = anatomy.midline + anatomy.trachea_shift + float(rng.uniform(-0.004, 0.004))
    tip_y = anatomy.carina_y - float(rng.uniform(0.03, 0.12)) + 0.05 * (spec.severity - 0.5)
    bend = float(rng.uniform(-0.02, 0.02))
    for wall in (-0.0075, 0.0075):
        start = (x + bend + wall, 0.0)
        middle = (x + bend * 0.3 + wall, tip_y * 0.5)
        segment(canvas, canvas.extra, start, middle, 0.0022, 0.17)
        segment(canvas, canvas.extra, middle, (x + wall, tip_y), 0.0022, 0.17)
    segment(canvas, canvas.extra, (x - 0.0075, tip_y), (x + 0.0075, tip_y - 0.006), 0.0022, 0.15)
    box = (x - 0.022, 0.0, x + 0.022, tip_y + 0.006)
    return TruthUnit(
        spec.observation, Laterality.MIDLINE, box, anatomy.carina_y - tip_y, (x, tip_y)
    )


def box_of(mask: Plane, threshold: float) -> tuple[float, float, float, float] | None:
    """Bounding box of a mask in film units; None when nothing reaches the threshold."""
    inside = mask > threshold
    columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
    if not len(columns):
        return None
    size = mask.shape[0]
    return (
        float(columns[0] / size),
        float(rows[0] / size),
        float((columns[-1] + 1) / size),
        float((rows[-1] + 1) / size),
    )


def _middle(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


_DRAWERS: dict[Observation, Drawer] = {
    Observation.NODULE: _nodule,
    Observation.CONSOLIDATION: _consolidation,
    Observation.PLEURAL_EFFUSION: _effusion,
    Observation.PNEUMOTHORAX: _pneumothorax,
    Observation.CARDIOMEGALY: _cardiomegaly,
    Observation.WIDE_MEDIASTINUM: _mediastinum,
    Observation.TRACHEAL_TUBE: _tube,
}
