"""Numbers that say how well probabilities fit, and what makes logits fit; no torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_HELD = 1.0
"""How strongly a calibration is held, in films."""


def auroc(scores: NDArray[np.floating], labels: NDArray[np.floating]) -> float:
    """Area under the ROC curve by ranks, ties count half; NaN when one class is missing."""
    from scipy.stats import rankdata

    positive = labels > 0.5
    count, rest = int(positive.sum()), int((~positive).sum())
    if not count or not rest:
        return float("nan")
    return float((rankdata(scores)[positive].sum() - count * (count + 1) / 2) / (count * rest))


def platt(logits: Array, labels: Array) -> tuple[float, float]:
    """Scale and shift that make logits calibrated: logistic regression, held near 1 and 0.

    Where a few hundred films are told apart without an error, the steepest line would fit them
    best and call the next one certain.
    """
    design = np.stack([logits, np.ones_like(logits)], 1)
    scale, shift = logistic(design, labels, np.array([_HELD, _HELD]))
    return float(scale), float(shift)


def logistic(design: Array, labels: Array, held: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logistic regression whose first weight is held near 1 and the others near 0.

    Args:
        design: (films, weights).
        labels: 0 or 1, one a film.
        held: how strongly, one a weight.
    """
    from scipy.optimize import minimize

    x = design.astype(np.float64)
    start = np.zeros(x.shape[1])
    start[0] = 1.0

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z, away = x @ w, w - start
        value = float((np.logaddexp(0, z) - labels * z).sum() + 0.5 * (held * away**2).sum())
        return value, x.T @ (1 / (1 + np.exp(-np.clip(z, -500, 500))) - labels) + held * away

    found: NDArray[np.float64] = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return found


def thresholds(p: Array, labels: Array, false_positive: float) -> tuple[float, float]:
    """(absent below, present from): few false alarms above, few misses below."""
    present = float(np.quantile(p[labels == 0], 1 - false_positive))
    # A calibrated 5% is no suspicion that anyone would write down, whatever the quantile says.
    absent = max(float(np.quantile(p[labels == 1], 0.06)), 0.05)
    present = min(max(present, 0.5), 0.97)
    return min(absent, present), present


def calibration_error(p: Array, there: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten bins of equal width (Guo 2017)."""
    bins = np.minimum((p * 10).astype(int), 9)
    error = 0.0
    for index in range(10):
        own = bins == index
        if own.any():
            error += float(own.mean()) * abs(float(p[own].mean()) - float(there[own].mean()))
    return error
