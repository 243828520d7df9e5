"""What differs between two films, told from their grey alone: this file imports no projector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Box = tuple[float, float, float, float]


def difference(with_it: Image, without: Image) -> NDArray[np.float64]:
    """Size of the change at each pixel, along the film's curve, its tone taken out.

    A film's processing sets its tone by the whole picture, so that a lesion shifts the grey far
    from it too. That shift is a straight line once the grey is taken back through the
    film's curve (Gompertz: the logarithm of its logarithm); it is fitted to the six
    tenths of the pixels that follow it best, wherever they are.
    """
    after, before = _straight(with_it), _straight(without)
    # Where either film is black nothing can be seen to differ.
    black = np.minimum(with_it, without) < 0.01
    keep = ~black
    for _ in range(6):
        line = np.polyfit(before[keep], after[keep], 1)
        rest = np.where(black, 0, np.abs(after - np.polyval(line, before)))
        keep = ~black & (rest <= np.percentile(rest[~black], 60))
    return _blurred(rest)


def changed(change: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Where it is above a share of its own maximum (all but the topmost thousandth)."""
    return change > max(share * float(np.percentile(change, 99.9)), 0.01)


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union of two masks."""
    return float((one & other).sum() / max(int((one | other).sum()), 1))


def box_of(mask: NDArray[np.bool_]) -> Box:
    """The box that holds all but the outermost hundredth of a mask on each side."""
    rows, columns = np.nonzero(mask)
    x0, x1 = np.percentile(columns, (1, 99))
    y0, y1 = np.percentile(rows, (1, 99))
    return (float(x0), float(y0), float(x1) + 1, float(y1) + 1)


def box_overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (one, other))
    return width * height / max(areas - width * height, 1e-9)


def _straight(grey: Image) -> NDArray[np.float64]:
    inside = np.clip(grey.astype(np.float64), 2e-3, 1 - 2e-3)
    return np.asarray(-np.log(-np.log(inside)))


def _blurred(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """A little: the quanta of two films differ where their grey does."""
    padded = np.pad(image, 1, mode="edge")
    rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return np.asarray((rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4)
