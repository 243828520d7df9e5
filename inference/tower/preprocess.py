"""A film as the tower wants it: small, square, contrast between its own percentiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

FILM_SIZE = 224
CROP_SIZE = 96


def area_weights(old: int, new: int, start: float = 0.0, stop: float | None = None) -> Plane:
    """Weights (new, old) that average source pixels over each target pixel.

    `start` to `stop` is the part of the source axis to take, in source pixels; it may reach
    beyond the source, where the edge is repeated.
    """
    stop = float(old) if stop is None else stop
    edges = np.linspace(start, stop, new + 1)
    # At least one source pixel wide, so that enlarging interpolates instead of repeating.
    middle, half = (edges[1:] + edges[:-1]) / 2, max((stop - start) / new, 1.0) / 2
    place = np.arange(old)[None, :]
    low = np.clip(middle - half, None, old - 1.0)[:, None]
    high = np.clip(middle + half, 1.0, None)[:, None]
    weights = np.clip(np.minimum(high, place + 1) - np.maximum(low, place), 0, None)
    result: Plane = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return result


def resample(
    grey_yx: Plane, size: int, box: tuple[float, float, float, float] | None = None
) -> Plane:
    """Area-averaged (size, size) picture of a film or of a box (x0, y0, x1, y1) of it.

    The aspect is not kept: boxes scale with the axes.
    """
    rows, columns = grey_yx.shape
    x0, y0, x1, y1 = box or (0.0, 0.0, float(columns), float(rows))
    down = area_weights(rows, size, y0, y1)
    across = area_weights(columns, size, x0, x1)
    # Only the rows and columns that count: a crop of a large film stays cheap.
    r, c = np.flatnonzero(down.any(0)), np.flatnonzero(across.any(0))
    part = grey_yx[r[0] : r[-1] + 1, c[0] : c[-1] + 1]
    small = down[:, r[0] : r[-1] + 1] @ part @ across[:, c[0] : c[-1] + 1].T
    return np.asarray(small, np.float32)


def contrast_limits(small_yx: Plane) -> tuple[float, float]:
    """The grey values that become 0 and 1: the 0.5th and 99.5th percentile."""
    low, high = (float(value) for value in np.percentile(small_yx, [0.5, 99.5]))
    return low, max(high, low + 1e-3)


def film_input(grey_yx: Plane) -> Plane:
    """A film as float32 (FILM_SIZE, FILM_SIZE), 0 to 1."""
    small = resample(grey_yx, FILM_SIZE)
    low, high = contrast_limits(small)
    result: Plane = np.clip((small - low) / (high - low), 0, 1).astype(np.float32)
    return result


def crop_input(
    grey_yx: Plane, box: tuple[float, float, float, float], limits: tuple[float, float]
) -> Plane:
    """A box of a film as float32 (CROP_SIZE, CROP_SIZE), with the whole film's contrast."""
    small = resample(grey_yx, CROP_SIZE, box)
    low, high = limits
    result: Plane = np.clip((small - low) / (high - low), 0, 1).astype(np.float32)
    return result


def grain(small_yx: Plane) -> Plane:
    """Numbers that tell noise and flat contrast: of a `film_input`, float32 (10,).

    The median of what a 3 x 3 mean leaves over is noise and hardly anatomy: edges are few.
    """
    rows = small_yx[:-2] + small_yx[1:-1] + small_yx[2:]
    mean = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9
    rest = np.abs(small_yx[1:-1, 1:-1] - mean)
    middle = mean > np.median(mean)
    parts = (rest, rest[middle], rest[~middle])
    noise = [np.log(np.median(part) + 1e-4) for part in parts]
    noise.append(np.log(np.percentile(rest, 90) + 1e-4))
    levels = np.percentile(mean, [5, 15, 30, 50, 70, 90])
    return np.array([*noise, *levels], np.float32)
