"""The outline of a finding on a film, from the tower's heat map of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.region import Point

_LEAST = 0.0
"""Logit from which a cell belongs to a finding: more likely than not."""


def outline(heat: NDArray[np.float32], rows: int, columns: int) -> tuple[Point, ...]:
    """A polygon around the hottest part of a heat map, in pixels of the film.

    Args:
        heat: logits (G, G), y then x, over the whole film.
        rows: of the film.
        columns: of the film.

    Returns:
        The corners of the cells that hang together with the hottest one, left edge downwards and
        right edge upwards; a gap within a row is bridged. Empty where nothing is hot.
    """
    from scipy.ndimage import label

    parts, _ = label(heat > _LEAST)
    part = parts == parts.flat[int(heat.argmax())]
    if not parts.flat[int(heat.argmax())]:
        return ()
    tall, wide = rows / heat.shape[0], columns / heat.shape[1]
    left: list[Point] = []
    right: list[Point] = []
    for row in np.flatnonzero(part.any(1)):
        cells = np.flatnonzero(part[row])
        for edge in (row, row + 1):
            left.append((float(cells[0] * wide), float(edge * tall)))
            right.append((float((cells[-1] + 1) * wide), float(edge * tall)))
    return tuple(dict.fromkeys([*left, *reversed(right)]))
