"""The parametric chest: numbers drawn from a seed, in units of the film's width.

The same seed is the same person: a prior and a current film agree, and a finding that is
placed by the seed can grow by its severity alone. x runs to the viewer's right (the
patient's left), y runs down, both 0 to 1; `FIELD_MM` makes millimetres of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from readingroom.domain.finding import Observation
from readingroom.domain.region import Laterality

FIELD_MM = 350.0
"""Edge of the square film in mm (a 35 x 35 cm plate)."""

FIRST_SANDBOX_SEED = 1_000_000
"""Sandbox patients have seeds from here on; training uses seeds below."""

View = Literal["PA", "AP"]
Quality = Literal["adequate", "underexposed", "noisy", "rotated"]


@dataclass(frozen=True)
class FindingSpec:
    """One finding to draw.

    Attributes:
        laterality: the patient's side; NONE or MIDLINE where a side makes no sense.
        severity: 0 (just visible) to 1 (gross).
    """

    observation: Observation
    laterality: Laterality = Laterality.NONE
    severity: float = 0.5


@dataclass(frozen=True)
class FilmRecipe:
    """All that a synthetic film is made of.

    Attributes:
        seed: the person; anatomy and places of findings follow from it.
        shot: the exposure: noise, gain and centring follow from (seed, shot).
    """

    seed: int
    sex: str = "F"
    view: View = "PA"
    findings: tuple[FindingSpec, ...] = ()
    quality: Quality = "adequate"
    shot: int = 0

    def severity(self, observation: Observation) -> float | None:
        """Severity of the first finding of a kind; None when it is not in the recipe."""
        for spec in self.findings:
            if spec.observation is observation:
                return spec.severity
        return None


@dataclass(frozen=True)
class Lung:
    """One lung as a leaning ellipse, cut below by the dome of the diaphragm.

    Attributes:
        side: -1 for the patient's right (viewer's left), +1 for the left.
        offset, lean: distance of its axis from the midline at y = 0.5, and change per y.
        half_width, half_height, centre_y: of the ellipse.
        dome_y, dome_drop: height of the dome and how far the lateral angle hangs below it.
    """

    side: int
    midline: float
    offset: float
    lean: float
    half_width: float
    half_height: float
    centre_y: float
    dome_y: float
    dome_drop: float

    @property
    def top(self) -> float:
        """Height of the apex."""
        return self.centre_y - self.half_height

    @property
    def bottom(self) -> float:
        """Height of the costophrenic angle."""
        return self.dome_y + 0.8 * self.dome_drop

    def axis_x(self, y: float) -> float:
        """Column of the lung's axis at a height."""
        return self.midline + self.side * (self.offset + self.lean * (y - 0.5))

    def box(self) -> tuple[float, float, float, float]:
        """Box of the aerated lung: x0, y0, x1, y1 in film units."""
        heights = np.linspace(self.top, self.bottom, 48)
        axis = self.midline + self.side * (self.offset + self.lean * (heights - 0.5))
        inside = np.maximum(0.0, 1 - np.abs((heights - self.centre_y) / self.half_height) ** 2.2)
        width = self.half_width * np.sqrt(inside)
        return (
            float((axis - width).min()),
            self.top,
            float((axis + width).max()),
            self.bottom,
        )


@dataclass(frozen=True)
class Anatomy:
    """The numbers of one person on one film; lengths in film units."""

    midline: float
    lungs: tuple[Lung, Lung]
    heart_right: float
    heart_left: float
    heart_y: float
    heart_half_height: float
    mediastinum: float
    widening: float
    knob: float
    carina_y: float
    trachea_shift: float
    rib_start: float
    rib_pitch: float
    rib_slope: float
    rib_contrast: float
    body_half_width: float
    shoulder_y: float
    clavicle_y: float
    breasts: float
    rotation: float
    marker: str

    @property
    def thorax(self) -> tuple[float, float, float, float]:
        """Box of the inner thorax."""
        right, left = self.lungs[0].box(), self.lungs[1].box()
        return (right[0], min(right[1], left[1]), left[2], max(right[3], left[3]))

    @property
    def heart(self) -> tuple[float, float, float, float]:
        """Box of the heart's shadow."""
        return (
            self.midline - self.heart_right,
            self.heart_y - self.heart_half_height,
            self.midline + self.heart_left,
            self.heart_y + self.heart_half_height,
        )

    @property
    def cardiothoracic_ratio(self) -> float:
        """Width of the heart over the inner width of the thorax."""
        thorax, heart = self.thorax, self.heart
        return (heart[2] - heart[0]) / (thorax[2] - thorax[0])


def anatomy_of(recipe: FilmRecipe) -> Anatomy:
    """Draw a person from the seed, changed by the findings that change anatomy."""
    rng = np.random.default_rng([recipe.seed, 11])
    shot = np.random.default_rng([recipe.seed, recipe.shot, 23])
    rotation = 0.0
    if recipe.quality == "rotated":
        rotation = float(shot.uniform(0.6, 1.0)) * (1 if shot.random() < 0.5 else -1)
    midline = 0.5 + float(shot.uniform(-0.025, 0.025))
    body = float(rng.uniform(0.92, 1.06)) * (0.95 if recipe.sex == "F" else 1.0)
    inspiration = float(rng.uniform(-0.025, 0.025)) - (0.02 if recipe.view == "AP" else 0.0)
    lungs = tuple(_lung(rng, side, midline, body, inspiration) for side in (-1, 1))
    right, left = lungs
    thorax_width = left.box()[2] - right.box()[0]
    ratio = float(rng.uniform(0.40, 0.48)) + (0.015 if recipe.view == "AP" else 0.0)
    cardiomegaly = recipe.severity(Observation.CARDIOMEGALY)
    if cardiomegaly is not None:
        ratio = 0.555 + 0.13 * cardiomegaly + float(rng.uniform(-0.008, 0.008))
    width = ratio * thorax_width
    share = float(rng.uniform(0.30, 0.36)) - 0.05 * rotation
    widening = recipe.severity(Observation.WIDE_MEDIASTINUM)
    half_height = float(rng.uniform(0.115, 0.135)) * (0.55 + 0.45 * ratio / 0.44)
    return Anatomy(
        midline=midline,
        lungs=(right, left),
        heart_right=share * width,
        heart_left=(1 - share) * width,
        heart_y=left.dome_y - 0.62 * half_height,
        heart_half_height=half_height,
        mediastinum=float(rng.uniform(0.040, 0.052)),
        widening=0.0 if widening is None else 0.040 + 0.045 * widening,
        knob=float(rng.uniform(0.022, 0.034)),
        carina_y=float(rng.uniform(0.325, 0.355)),
        trachea_shift=float(rng.uniform(-0.006, 0.010)) + 0.018 * rotation,
        rib_start=float(rng.uniform(0.02, 0.05)),
        rib_pitch=float(rng.uniform(0.066, 0.078)),
        rib_slope=float(rng.uniform(0.28, 0.52)),
        rib_contrast=float(rng.uniform(0.06, 0.11)),
        body_half_width=0.445 * body + 0.02,
        shoulder_y=float(rng.uniform(0.06, 0.10)),
        clavicle_y=float(rng.uniform(0.15, 0.175)),
        breasts=float(rng.uniform(0.03, 0.09)) if recipe.sex == "F" else 0.0,
        rotation=rotation,
        marker="R" if rng.random() < 0.5 else "L",
    )


def _lung(
    rng: np.random.Generator, side: int, midline: float, body: float, inspiration: float
) -> Lung:
    # The right dome stands higher, over the liver; the left lung is the narrower one.
    dome = 0.735 if side < 0 else 0.755
    return Lung(
        side=side,
        midline=midline,
        offset=float(rng.uniform(0.190, 0.205)) * body,
        lean=float(rng.uniform(0.08, 0.13)),
        half_width=(0.168 if side < 0 else 0.160) * body * float(rng.uniform(0.97, 1.03)),
        half_height=float(rng.uniform(0.385, 0.40)),
        centre_y=0.50,
        dome_y=dome + inspiration + float(rng.uniform(-0.01, 0.01)),
        dome_drop=float(rng.uniform(0.05, 0.075)),
    )
