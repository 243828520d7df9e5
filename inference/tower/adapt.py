"""Fit the core to a site's own labelled films: the last layer and its calibration.

The convolutions stay as they came. A site has hundreds of films, not tens of thousands: what they
can teach without forgetting the rest is one line through the tower's features for each finding,
and which probability is true here. Without torch, which a hospital's machine need not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.finding import Observation
from readingroom.inference.tower import layout
from readingroom.inference.tower.calibration import Head
from readingroom.inference.tower.fitting import auroc, calibration_error, logistic, thresholds
from readingroom.inference.tower.reader import Look

Array = NDArray[np.float32]
Labels = NDArray[np.float32]
"""1, 0, or NaN where nobody said."""

LEAST = 30
"""Films with and films without a finding, below which nothing is fitted or judged."""

JUDGED_FROM = 0.72
"""AUROC over folds from which a finding may be judged, as for the films that were shipped with."""

_FALSE_POSITIVE = 0.05
_FOLDS = 5
_PENALTIES = (3.0, 10.0, 30.0, 100.0, 1e6)
"""Weight of the features' squares; the last leaves them out: then it is calibration alone."""


@dataclass(frozen=True)
class SiteHead:
    """A finding on this site's films: a line through the features beside the shipped logit.

    Attributes:
        base: "adult" or "phantom": whose logit it starts from.
        weights: of the features less `middle` over `spread`.
        before, after: AUROC, Brier score and calibration error over folds of patients; before is
            the shipped logit as it came.
    """

    base: str
    middle: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[float, ...]
    scale: float
    shift: float
    absent_below: float
    present_from: float
    judged: bool
    films: int
    positive: int
    patients: int
    before: dict[str, float]
    after: dict[str, float]

    def plain(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def base_logit(observation: Observation, look: Look) -> tuple[str, float]:
    """The shipped logit that is nearest to a finding on an adult's film, and whose it is."""
    base = "adult" if observation in layout.ADULT_OBSERVATIONS else "phantom"
    return base, layout.logit(observation, base, look.adult, look.phantom)


def can_learn(observation: Observation) -> bool:
    """Whether the tower has anything to start from."""
    return observation in layout.PHANTOM_OBSERVATIONS


def fit_site_head(
    observation: Observation,
    looks: Sequence[Look],
    labels: Labels,
    patients: Sequence[str],
    shipped: Head | None = None,
) -> SiteHead | None:
    """Fit one finding; None where too few films have it or are without it.

    Args:
        observation: what is fitted.
        looks: of the films.
        labels: one a film.
        patients: one a film.
        shipped: the calibration that came with the weights, for the figures of before.

    Figures come from folds over patients; how strongly the features are held back is chosen
    within each fold, on its own patients.
    """
    known = [int(index) for index in np.flatnonzero(~np.isnan(labels))]
    y = labels[known]
    if min(int(y.sum()), int((1 - y).sum())) < LEAST:
        return None
    chosen = [looks[index] for index in known]
    base = np.array([base_logit(observation, look)[1] for look in chosen], np.float32)
    features = np.stack([look.features for look in chosen])
    people = np.array([patients[index] for index in known])
    fold = _folds(people)
    p_after = np.zeros(len(y), np.float32)
    for number in range(_FOLDS):
        own, other = fold == number, fold != number
        model = _fit(base[other], features[other], y[other], fold[other])
        p_after[own] = model.probabilities(base[own], features[own])
    final = _fit(base, features, y, fold)
    after = _figures(p_after, y)
    _, present = thresholds(p_after, y, _FALSE_POSITIVE)
    return SiteHead(
        base=base_logit(observation, chosen[0])[0],
        middle=_plain(final.middle),
        spread=_plain(final.spread),
        weights=_plain(final.weights[2:]),
        scale=float(final.weights[0]),
        shift=float(final.weights[1]),
        # As for the films that were shipped with: at this skill no threshold misses few enough.
        absent_below=0.0,
        present_from=present,
        judged=after["auroc"] >= JUDGED_FROM,
        films=len(y),
        positive=int(y.sum()),
        patients=len(set(people)),
        before=_figures(_as_shipped(base, shipped), y),
        after=after,
    )


def _as_shipped(base: Array, head: Head | None) -> Array:
    if head is None:
        return _sigmoid(base)
    return np.array([head.probability(float(logit)) for logit in base], np.float32)


@dataclass(frozen=True, eq=False)
class _Model:
    middle: Array
    spread: Array
    weights: NDArray[np.float64]

    def probabilities(self, base: Array, features: Array) -> Array:
        return _sigmoid(_design(base, (features - self.middle) / self.spread) @ self.weights)


def _fit(base: Array, features: Array, y: Array, fold: NDArray[np.int64]) -> _Model:
    middle, spread = features.mean(0), features.std(0) + 1e-3
    design = _design(base, (features - middle) / spread)
    loss = {penalty: _held_out_loss(design, y, fold, penalty) for penalty in _PENALTIES}
    best = min(loss, key=lambda penalty: loss[penalty])
    return _Model(middle, spread, _logistic(design, y, best))


def _held_out_loss(design: Array, y: Array, fold: NDArray[np.int64], penalty: float) -> float:
    total = 0.0
    for number in np.unique(fold):
        own = fold == number
        weights = _logistic(design[~own], y[~own], penalty)
        p = np.clip(_sigmoid(design[own] @ weights), 1e-6, 1 - 1e-6)
        total -= float((y[own] * np.log(p) + (1 - y[own]) * np.log(1 - p)).sum())
    return total


def _logistic(design: Array, y: Array, penalty: float) -> NDArray[np.float64]:
    """Scale and shift are nearly free, the features are held back."""
    held = np.full(design.shape[1], penalty)
    held[:2] = 0.01
    return logistic(design, y, held)


def _design(base: Array, z: Array) -> Array:
    return np.concatenate([base[:, None], np.ones_like(base)[:, None], z], 1)


def _folds(people: NDArray[np.str_]) -> NDArray[np.int64]:
    """A fold for each film, whole patients together; the same films give the same folds."""
    names = sorted(set(people))
    order = np.random.default_rng(0).permutation(len(names))
    place = {name: int(order[index]) % _FOLDS for index, name in enumerate(names)}
    return np.array([place[name] for name in people])


def _figures(p: Array, y: Array) -> dict[str, float]:
    return {
        "auroc": round(auroc(p, y), 4),
        "brier": round(float(((p - y) ** 2).mean()), 4),
        "calibration_error": round(calibration_error(p, y == 1), 4),
    }


def _sigmoid(x: NDArray[np.floating]) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))), np.float32)


def _plain(values: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)
