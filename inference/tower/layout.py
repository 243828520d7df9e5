"""What the tower's outputs mean: the order of its classes, boxes and kinds of film."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.finding import Observation

Values = NDArray[np.float32]

PHANTOM_OBSERVATIONS = (
    Observation.NODULE,
    Observation.CONSOLIDATION,
    Observation.PLEURAL_EFFUSION,
    Observation.PNEUMOTHORAX,
    Observation.CARDIOMEGALY,
    Observation.WIDE_MEDIASTINUM,
    Observation.TRACHEAL_TUBE,
    Observation.MASS,
    Observation.ATELECTASIS,
    Observation.INTERSTITIAL_OEDEMA,
    Observation.EMPHYSEMA,
    Observation.HILAR_ENLARGEMENT,
    Observation.RIB_FRACTURE,
    Observation.CENTRAL_LINE,
    Observation.CHEST_TUBE,
    Observation.PACEMAKER,
)
ADULT_OBSERVATIONS = (
    Observation.CONSOLIDATION,
    Observation.PLEURAL_EFFUSION,
    Observation.CARDIOMEGALY,
)
CHILD_OBSERVATIONS = (Observation.CONSOLIDATION,)

KINDS = ("phantom", "adult", "child", "not_chest")
"""Kinds of picture that the tower tells apart."""

QUALITIES = ("underexposed", "noisy", "rotated")
PARTS = ("heart", "thorax", "right_lung", "left_lung")
GRID = 56
"""Rows and columns of the tower's heat maps."""

BOXES = tuple(item.value for item in PHANTOM_OBSERVATIONS) + PARTS
HEART, THORAX, RIGHT_LUNG, LEFT_LUNG = (BOXES.index(part) for part in PARTS)
FEATURES = 64
"""Length of the pooled feature vector that the planner sees, beside the probabilities."""

OUTPUTS = ("phantom", "adult", "child", "kind", "quality", "boxes", "heat", "features")


def logit(observation: Observation, base: str, adult: Values, phantom: Values) -> float:
    """An observation's logit in one of the tower's outputs, "adult" or "phantom"."""
    order, values = {
        "adult": (ADULT_OBSERVATIONS, adult),
        "phantom": (PHANTOM_OBSERVATIONS, phantom),
    }[base]
    return float(values[order.index(observation)])
