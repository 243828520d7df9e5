"""What is stored with the weights: calibration, thresholds, and what may be judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.finding import Presence

_SUREST = 0.002
"""Some 800 films calibrate a head: a claim beyond 1 in 500 has nothing to rest on."""


@dataclass(frozen=True)
class Head:
    """One logit made a probability, and the probability a word."""

    scale: float
    shift: float
    absent_below: float
    present_from: float
    judged: bool

    def probability(self, logit: float) -> float:
        """Calibrated probability; never surer than the films it was calibrated on allow."""
        p = 1 / (1 + math.exp(-min(max(self.scale * logit + self.shift, -30.0), 30.0)))
        return min(max(p, _SUREST), 1 - _SUREST)

    def presence(self, probability: float) -> Presence:
        """The probability against this head's own thresholds."""
        if probability >= self.present_from:
            return Presence.PRESENT
        return Presence.ABSENT if probability < self.absent_below else Presence.UNCERTAIN


@dataclass(frozen=True, eq=False)
class SiteLine:
    """What `adapt` fitted for a finding: the shipped logit and a line through the features."""

    base: str
    middle: NDArray[np.float32]
    spread: NDArray[np.float32]
    weights: NDArray[np.float32]
    head: Head

    def probability(self, base: float, features: NDArray[np.float32]) -> float:
        """Calibrated probability on a film of the site."""
        line = float(self.weights @ ((features - self.middle) / self.spread))
        return replace(self.head, shift=self.head.shift + line).probability(base)


def site_lines(part: Mapping[str, Any]) -> dict[str, SiteLine]:
    """Lines by finding, from the part of the report that `adapt` wrote."""
    heads = heads_of(part)
    return {
        name: SiteLine(
            str(item["base"]),
            np.asarray(item["middle"], np.float32),
            np.asarray(item["spread"], np.float32),
            np.asarray(item["weights"], np.float32),
            heads[name],
        )
        for name, item in part.items()
    }


def heads_of(part: Mapping[str, Any]) -> dict[str, Head]:
    """Heads of one section of the report that training wrote."""
    return {
        name: Head(
            item["scale"],
            item["shift"],
            item["absent_below"],
            item["present_from"],
            item.get("judged", True),
        )
        for name, item in part.items()
    }


class Familiarity:
    """How far a film's features lie from those of the films that were trained on."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self._means = np.asarray(report["means"], np.float32)
        self._precision = np.asarray(report["precision"], np.float32)
        self._limit = float(report["limit"])

    def share(self, features: NDArray[np.float32]) -> float:
        """Squared Mahalanobis distance to the nearest kind over the limit; above 1 is unlike."""
        away = features[None] - self._means
        squares = np.einsum("ij,jk,ik->i", away, self._precision, away)
        return float(squares.min() / self._limit)


class Grain:
    """Logits of the film's faults from the plain numbers of `preprocess.grain`."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self._middle = np.asarray(report["middle"], np.float32)
        self._spread = np.asarray(report["spread"], np.float32)
        self._weights = np.asarray(report["weights"], np.float32)

    def logits(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """One logit for each of layout.QUALITIES."""
        z = (numbers - self._middle) / self._spread
        inputs = np.concatenate([z, z * z, z[:1] * z[4:], np.ones(1, np.float32)])
        return np.asarray(inputs @ self._weights, np.float32)
