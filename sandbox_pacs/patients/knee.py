"""A knee that nobody mistakes for a chest: two long bones and the joint between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def render_knee(seed: int, size: int = 1024) -> NDArray[np.float32]:
    """A frontal knee, float32 (rows, columns) 0 to 1, bright is dense."""
    rng = np.random.default_rng([seed, 7])
    axis = np.linspace(-1.0, 1.0, size, dtype=np.float32)
    x, y = axis[None, :] - np.float32(rng.uniform(-0.04, 0.04)), axis[:, None]
    flesh = _inside(np.abs(x) - (0.46 + 0.05 * np.cos(2.2 * y)), 0.03)
    grey = 0.28 * flesh
    widening = np.exp(-((y / 0.28) ** 2))
    joint = np.abs(y - 0.03 * np.cos(8 * x))
    for upper, half in ((True, 0.17), (False, 0.16)):
        shaft = np.abs(x) - (half + 0.17 * widening)
        side = -y if upper else y
        bone = _inside(shaft, 0.012) * _inside(0.035 - side, 0.012) * _inside(0.03 - joint, 0.01)
        cortex = np.exp(-((shaft / 0.025) ** 2))
        grey += bone * (0.38 + 0.22 * cortex)
    fibula = _inside(np.abs(x - 0.31) - 0.045, 0.012) * _inside(0.16 - y, 0.03)
    grey += 0.22 * fibula
    patella = _inside((x / 0.15) ** 2 + ((y + 0.2) / 0.17) ** 2 - 1, 0.06)
    grey += 0.12 * patella
    grey += rng.standard_normal((size, size), dtype=np.float32) * 0.012
    result: NDArray[np.float32] = np.clip(grey, 0, 1).astype(np.float32)
    return result


def _inside(distance: NDArray[np.float32], soft: float) -> NDArray[np.float32]:
    """1 where the signed distance is negative, with an edge of that width."""
    result: NDArray[np.float32] = np.clip(0.5 - distance / (2 * soft), 0, 1).astype(np.float32)
    return result
