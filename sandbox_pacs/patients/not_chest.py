"""Synthetic pictures that are no frontal chest film: what a core must refuse to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Kind = Literal["limb", "hand", "brain_mr", "noise", "scene", "page", "lateral", "abdomen", "blank"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Plane = NDArray[np.float32]


def render_not_chest(kind: Kind, seed: int, size: int = 1024) -> Plane:
    """Draw one picture.

    Returns:
        float32 (size, size), 0 to 1; the same arguments give the same bytes.
    """
    rng = np.random.default_rng([seed, KINDS.index(kind), 71])
    work = min(size, 256)
    grid = ((np.arange(work) + 0.5) / work).astype(np.float32)
    plane = _DRAWERS[kind](grid[None, :], grid[:, None], rng)
    plane = _blur(plane.astype(np.float32), int(rng.integers(1, 3)))
    if size != work:
        plane = _upsample(plane, size)
    plane = plane + rng.standard_normal((size, size), dtype=np.float32) * float(
        rng.uniform(0.002, 0.03)
    )
    result: Plane = np.clip(plane * float(rng.uniform(0.7, 1.1)), 0, 1).astype(np.float32)
    return result


def _oval(x: Plane, y: Plane, at: tuple[float, float], rx: float, ry: float) -> Plane:
    distance = ((x - at[0]) / rx) ** 2 + ((y - at[1]) / ry) ** 2
    return np.asarray(np.clip((1 - distance) * 5 + 0.5, 0, 1), np.float32)


def _bone(
    x: Plane, y: Plane, start: NDArray[np.float64], end: NDArray[np.float64], r: float
) -> Plane:
    delta = end - start
    along = np.clip(
        ((x - start[0]) * delta[0] + (y - start[1]) * delta[1]) / float(delta @ delta), 0, 1
    )
    flare = r * (1 + 0.6 * (2 * along - 1) ** 4)
    distance = np.hypot(x - start[0] - along * delta[0], y - start[1] - along * delta[1])
    shell = np.clip((flare - distance) * 80, 0, 1)
    marrow = np.clip((0.6 * flare - distance) * 80, 0, 1)
    return np.asarray(0.45 * shell - 0.12 * marrow, np.float32)


def _limb(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    tilt, middle = rng.uniform(-0.2, 0.2), rng.uniform(0.42, 0.58)
    axis = middle + tilt * (y - 0.5)
    soft = np.clip((rng.uniform(0.16, 0.28) - np.abs(x - axis)) * 30, 0, 1)
    joint = rng.uniform(0.4, 0.6)
    plane = 0.35 * soft
    radius = rng.uniform(0.05, 0.1)
    top, low = np.array([middle - tilt / 2, -0.1]), np.array([middle + tilt / 2, 1.1])
    knee = top + (low - top) * joint
    plane = plane + _bone(x, y, top, knee - [0, 0.03], radius)
    shift = np.array([rng.uniform(-0.06, 0.06), 0.0])
    plane = plane + _bone(x, y, knee + [0, 0.03] + shift, low + shift, radius * 0.9)
    return np.asarray(
        plane + _bone(x, y, knee + [0.11, 0.06], low + [0.09, 0.0], radius * 0.35), np.float32
    )


def _hand(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    plane = 0.3 * _oval(x, y, (0.5, 0.68), 0.24, 0.28)
    for finger, angle in enumerate(np.linspace(-0.55, 0.5, 5) + rng.uniform(-0.1, 0.1, 5)):
        point = np.array([0.5 + 0.3 * np.sin(angle), 0.85 - 0.2 * np.cos(angle)])
        for length in (0.2, 0.13, 0.09):
            end = point + np.array([np.sin(angle), -np.cos(angle)]) * length
            plane = np.maximum(plane, 0.28 * _bone(x, y, point, end, 0.045) / 0.45)
            plane = plane + _bone(x, y, point, end, 0.022 - 0.002 * finger)
            point = end + np.array([np.sin(angle), -np.cos(angle)]) * 0.012
    return plane


def _brain(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    rx, ry = rng.uniform(0.26, 0.36), rng.uniform(0.34, 0.43)
    plane = 0.8 * (_oval(x, y, (0.5, 0.5), rx, ry) - _oval(x, y, (0.5, 0.5), rx - 0.03, ry - 0.03))
    inner = _oval(x, y, (0.5, 0.5), rx - 0.05, ry - 0.05)
    folds = _upsample(rng.standard_normal((24, 24)).astype(np.float32), x.shape[1])
    plane = plane + inner * (0.45 + 0.12 * folds)
    for side in (-1, 1):
        plane = plane - 0.35 * _oval(x, y, (0.5 + 0.06 * side, 0.5), 0.035, rng.uniform(0.08, 0.14))
    return plane


def _noise(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    size = x.shape[1]
    cells = int(rng.choice([4, 16, 64, size]))
    field = rng.random((cells, cells)).astype(np.float32)
    return np.asarray(field if cells == size else _upsample(field, size), np.float32)


def _scene(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    plane = 0.3 + rng.uniform(-0.4, 0.4) * x + rng.uniform(-0.4, 0.4) * y
    for _ in range(int(rng.integers(3, 10))):
        value = rng.uniform(-0.5, 0.5)
        if rng.random() < 0.5:
            at = (float(rng.random()), float(rng.random()))
            plane = plane + value * _oval(x, y, at, *map(float, rng.uniform(0.03, 0.3, 2)))
        else:
            x0, y0, w, h = rng.uniform(0, 0.7), rng.uniform(0, 0.7), *rng.uniform(0.05, 0.5, 2)
            plane = plane + value * ((x > x0) & (x < x0 + w) & (y > y0) & (y < y0 + h))
    return np.asarray(plane, np.float32)


def _page(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    size = x.shape[1]
    plane = np.full((size, size), 0.95, np.float32)
    line = int(rng.integers(7, 14))
    for row in range(line, size - line, line):
        column = int(0.08 * size)
        while column < rng.uniform(0.5, 0.92) * size:
            word = int(rng.integers(6, 28))
            ink = rng.random((max(2, line // 2), word)) < 0.5
            window = plane[row : row + ink.shape[0], column : column + word]
            window[ink[: window.shape[0], : window.shape[1]]] = 0.1
            column += word + 5
    return 1 - plane if rng.random() < 0.3 else plane


def _lateral(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    side = 1.0 if rng.random() < 0.5 else -1.0
    plane = 0.62 * _oval(x, y, (0.5, 0.55), rng.uniform(0.34, 0.44), 0.75)
    plane = plane - 0.35 * _oval(x, y, (0.5, 0.42), rng.uniform(0.24, 0.3), rng.uniform(0.3, 0.36))
    plane = plane + 0.28 * _oval(x, y, (0.5 - 0.12 * side, 0.56), 0.15, 0.13)
    spine = np.abs(x - (0.5 + side * (0.22 - 0.2 * (y - 0.4) ** 2)))
    plane = plane + 0.2 * np.clip((0.04 - spine) * 60, 0, 1) * (0.8 + 0.2 * np.cos(y * 100))
    return np.asarray(
        plane + 0.2 * np.clip((y - 0.75 - 0.1 * side * (x - 0.5)) * 20, 0, 1), np.float32
    )


def _abdomen(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    plane = 0.6 * np.clip((rng.uniform(0.38, 0.47) - np.abs(x - 0.5)) * 20, 0, 1) * np.ones_like(y)
    for _ in range(int(rng.integers(6, 14))):
        at = (float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.15, 0.8)))
        plane = plane - 0.18 * _oval(x, y, at, *map(float, rng.uniform(0.02, 0.09, 2)))
    spine = np.clip((0.05 - np.abs(x - 0.5)) * 60, 0, 1)
    plane = plane + 0.2 * spine * (0.75 + 0.25 * np.cos(y * 90)) * (y < 0.75)
    for side in (-1, 1):
        plane = plane + 0.2 * _oval(x, y, (0.5 + 0.2 * side, 0.85), 0.15, 0.12)
    return np.asarray(plane, np.float32)


def _blank(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    edge = float(rng.uniform(0, 0.3))
    inside = (x > edge) & (x < 1 - edge) & (y > edge) & (y < 1 - edge)
    return np.asarray(rng.uniform(0, 1) * inside + 0.05 * x, np.float32)


_DRAWERS: dict[Kind, Callable[[Plane, Plane, np.random.Generator], Plane]] = {
    "limb": _limb,
    "hand": _hand,
    "brain_mr": _brain,
    "noise": _noise,
    "scene": _scene,
    "page": _page,
    "lateral": _lateral,
    "abdomen": _abdomen,
    "blank": _blank,
}


def _blur(plane: Plane, radius: int) -> Plane:
    """Box blur with edges held, twice the radius plus one wide in both axes."""
    for axis in (0, 1):
        padded = np.pad(plane, [(radius, radius) if a == axis else (0, 0) for a in (0, 1)], "edge")
        length = plane.shape[axis]
        parts = [padded.take(range(i, i + length), axis) for i in range(2 * radius + 1)]
        plane = (sum(parts[1:], parts[0]) / len(parts)).astype(np.float32)
    return plane


def _upsample(plane: Plane, size: int) -> Plane:
    """Bilinear enlargement of a square plane to (size, size)."""
    old = plane.shape[0]
    place = np.clip((np.arange(size) + 0.5) * old / size - 0.5, 0, old - 1)
    low = np.minimum(place.astype(int), old - 2)
    share = (place - low).astype(np.float32)
    rows = plane[low] * (1 - share)[:, None] + plane[low + 1] * share[:, None]
    result: Plane = rows[:, low] * (1 - share) + rows[:, low + 1] * share
    return result
