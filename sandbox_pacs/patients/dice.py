"""Chance that falls the same way on every machine and every Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


class Dice:
    """A stream of choices, named by its parts: the same parts give the same stream.

    All is derived from `Random.random()`, the only method whose stream Python promises to keep
    between versions.

    Source: Python library reference, random, "Notes on Reproducibility".
    """

    def __init__(self, *parts: str | int) -> None:
        self._random = random.Random("/".join(map(str, parts)))

    def between(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int((high - low + 1) * self._random.random())

    def chance(self, share: float) -> bool:
        """True in this share of cases, 0 to 1."""
        return self._random.random() < share

    def pick(self, items: Sequence[_T]) -> _T:
        """One of the items, each as likely."""
        return items[int(len(items) * self._random.random())]

    def weighted(self, items: Sequence[tuple[_T, float]]) -> _T:
        """One of (item, weight), weights > 0."""
        left = sum(weight for _, weight in items) * self._random.random()
        for item, weight in items:
            left -= weight
            if left < 0:
                return item
        return items[-1][0]
