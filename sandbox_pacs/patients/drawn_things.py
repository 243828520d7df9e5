"""One lesion as it was drawn into a study: for truth as SR and SEG."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.region import Box, Zone
from readingroom.sandbox_pacs.patients.disease import Lesion


@dataclass(frozen=True, eq=False)
class SeenMask:
    """A lesion on one image.

    Attributes:
        image: which image of the study, from 0.
        mask: bool (rows, columns), of the image or coarser by a whole factor.
        box: in pixels of the image.
    """

    image: int
    mask: NDArray[np.bool_]
    box: Box


@dataclass(frozen=True, eq=False)
class DrawnThing:
    """A lesion, and where it is seen.

    Attributes:
        masks: by image, in order.
        best: which of `masks` shows it best; the widest slice of a CT. None for all: films.
    """

    lesion: Lesion
    zone: Zone
    size_mm: float | None
    masks: tuple[SeenMask, ...] = field(default=())
    best: int | None = None
