"""Numbers that say how well probabilities fit, and what makes logits fit: numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def auroc(scores: Array, labels: Array) -> float:
    """Area under the ROC curve by ranks; NaN when one class is missing."""
    positive = labels == 1
    count, rest = int(positive.sum()), int((~positive).sum())
    if not count or not rest:
        return float("nan")
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * rest))


def platt(logits: Array, labels: Array) -> tuple[float, float]:
    """Scale and shift that make logits calibrated, by Newton steps on the log loss."""
    design = np.stack([logits, np.ones_like(logits)], 1).astype(np.float64)
    w = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ w, -30, 30)))
        gradient = design.T @ (p - labels) + 0.01 * (w - [1.0, 0.0])
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 0.01 * np.eye(2)
        w = w - np.linalg.solve(hessian, gradient)
    return float(w[0]), float(w[1])


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
