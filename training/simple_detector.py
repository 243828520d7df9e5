"""A simple detector: logistic regression on the main components of a small film.

It sees 56² pixels as a plane, knows no shapes, and learns from the phantoms of the tower's cache
in a minute. What it finds is told by grey alone: a yardstick for how easy the films are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.film_data import FilmSet

Rows = NDArray[np.float32]

_POOL, _COMPONENTS, _RIDGE = 4, 200, 3.0


@dataclass(frozen=True, eq=False)
class SimpleDetector:
    """Fitted weights.

    Attributes:
        mean: (P,) of the small films; `basis` (P, C); `scale` (C,).
        weights: (C + 1, K), the last row is the bias.
    """

    mean: Rows
    basis: Rows
    scale: Rows
    weights: Rows

    def logits(self, grey: Rows) -> Rows:
        """(N, 224, 224), 0 to 1, to (N, K)."""
        return np.asarray(_with_bias(self._parts(_small(grey))) @ self.weights, np.float32)

    def _parts(self, small: Rows) -> Rows:
        return np.asarray((small - self.mean) @ self.basis / self.scale, np.float32)


def fit_simple(films: FilmSet) -> SimpleDetector:
    """Learn every phantom finding, each for itself; unknown labels are left out."""
    drawn = films.only((0,))
    small = _small(np.asarray(drawn.grey, np.float32) / np.float32(255))
    mean = small.mean(0)
    basis = _main_components(small - mean)
    parts = (small - mean) @ basis
    scale = parts.std(0) + 1e-6
    columns = []
    for column in range(drawn.phantom.shape[1]):
        known = ~np.isnan(drawn.phantom[:, column])
        columns.append(_logistic(parts[known] / scale, drawn.phantom[known, column]))
    return SimpleDetector(mean, basis, scale, np.stack(columns, 1).astype(np.float32))


def _small(grey: Rows) -> Rows:
    count, side = len(grey), grey.shape[1] // _POOL
    pooled = grey.reshape(count, side, _POOL, side, _POOL).mean((2, 4))
    return np.asarray(pooled.reshape(count, -1), np.float32)


def _main_components(rows: Rows) -> Rows:
    """The first principal directions, (P, C)."""
    values, vectors = np.linalg.eigh(rows.T @ rows)
    return np.asarray(vectors[:, np.argsort(-values)[:_COMPONENTS]], np.float32)


def _with_bias(parts: Rows) -> Rows:
    return np.concatenate([parts, np.ones((len(parts), 1), np.float32)], 1)


def _logistic(parts: Rows, labels: NDArray[Any]) -> NDArray[np.float64]:
    """Ridge logistic regression, (C + 1,)."""
    from scipy.optimize import minimize

    x = _with_bias(parts).astype(np.float64)
    y = np.where(labels > 0.5, 1.0, -1.0)

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = y * (x @ w)
        pull = -y / (1 + np.exp(np.clip(margin, -50, 50)))
        gradient = x.T @ pull + _RIDGE * w
        return float(np.logaddexp(0, -margin).sum() + 0.5 * _RIDGE * w @ w), gradient

    found = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x, np.float64)
