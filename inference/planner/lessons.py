"""What requests like this one were answered with in training: the nearest lessons vote.

The net knows 0.97 of its lessons and 0.82 of new requests. What it takes two sentences to be apart
for, the sentence encoder still finds alike: half of the say is given to the neighbours there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from readingroom.inference.planner.layout import INTENTS
from readingroom.inference.planner.meaning import Meaning

Array = NDArray[np.float32]

FILM = -1
"""In place of an intent: the film decides, and the neighbours have no say."""

_NEAREST, _SPREAD = 30, 0.05
_OTHER_CASE, _OTHER_TURN = 0.3, 0.15
"""How much further a lesson is where only one of the two has an open case, or earlier turns."""

_SHARE, _FLOOR = 0.5, 0.02
"""The neighbours' share in the (geometric) mean, and what an intent without neighbours counts.

Chosen on `training/dev`; neighbours from 10 to 30 and spreads from 0.03 to 0.08 did alike.
"""


class Lessons:
    """The requests of training as vectors, with what each asked for."""

    def __init__(self, weights: Path, meaning: Meaning) -> None:
        with np.load(weights / "lessons.npz") as stored:
            self._vectors = stored["vectors"].astype(np.float32) * float(stored["scale"])
            self._intents = stored["intents"]
            self._is_open = stored["is_open"]
            self._follows = stored["follows"]
        self._meaning = meaning

    def heard(self, intents: Array, request: str, *, is_open: bool, follows: bool) -> Array:
        """Probabilities of intents, the neighbours' votes counted in.

        Args:
            intents: the net's probabilities, (number of intents,).
            request: what was said.
            is_open: a case is open.
            follows: it is not the first turn.
        """
        near = self._vectors @ self._meaning.vectors([request])[0]
        near = near - _OTHER_CASE * (self._is_open != is_open)
        near = near - _OTHER_TURN * (self._follows != follows)
        nearest = np.argsort(-near)[:_NEAREST]
        weights = np.exp((near[nearest] - near[nearest[0]]) / _SPREAD)
        votes = np.zeros(len(INTENTS) + 1, np.float32)
        np.add.at(votes, self._intents[nearest], weights)
        votes /= votes.sum()
        share = _SHARE * float(1 - votes[FILM])
        told = votes[:FILM] / max(float(votes[:FILM].sum()), 1e-6)
        mixed = (intents + 1e-3) ** (1 - share) * (told + _FLOOR) ** share
        return np.asarray(mixed / mixed.sum(), np.float32)
