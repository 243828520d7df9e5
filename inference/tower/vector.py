"""The film as the planner gets it: a vector of what the tower saw and may judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readingroom.inference.tower.layout import (
    FEATURES,
    KINDS,
    PHANTOM_OBSERVATIONS,
    QUALITIES,
)

LENGTH = FEATURES + len(PHANTOM_OBSERVATIONS) + len(KINDS) + len(QUALITIES) + 1


@dataclass(frozen=True, eq=False)
class FilmVector:
    """Parts of the vector, all float.

    Attributes:
        seen: calibrated probability of each observation, 0 where the core may not judge.
        ratio: cardiothoracic ratio, 0 when unknown.
    """

    features: NDArray[np.float32]
    seen: NDArray[np.float32]
    kind: NDArray[np.float32]
    quality: NDArray[np.float32]
    ratio: float

    def array(self) -> NDArray[np.float32]:
        """float32 (LENGTH,); the features are scaled down to the size of the rest."""
        ratio = np.array([(self.ratio - 0.45) * 5 if self.ratio else 0.0])
        parts = (self.features * 0.2, self.seen * 2, self.kind, self.quality, ratio)
        return np.concatenate(parts).astype(np.float32)
