"""Where something is on an image."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from readingroom.domain.ids import SOPInstanceUID


class Laterality(StrEnum):
    """The patient's side, not the viewer's."""

    RIGHT = "right"
    LEFT = "left"
    BILATERAL = "bilateral"
    MIDLINE = "midline"
    NONE = ""


class Zone(StrEnum):
    """Zones of a chest radiograph, as radiographs (not lobes) allow."""

    APEX = "apex"
    UPPER = "upper zone"
    MID = "mid zone"
    LOWER = "lower zone"
    BASE = "base"
    HEART = "heart"
    MEDIASTINUM = "mediastinum"
    WHOLE = "whole film"
    NONE = ""


@dataclass(frozen=True)
class Box:
    """Axis-aligned box in pixels of the stored image: x right, y down, end exclusive."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not (self.x0 < self.x1 and self.y0 < self.y1):
            raise ValueError("a box needs x0 < x1 and y0 < y1")

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)


Point = tuple[float, float]
"""x right, y down, in pixels of the stored image; (0, 0) is the outer corner of the first."""


@dataclass(frozen=True)
class Region:
    """A box on one frame of one image.

    Attributes:
        rows, columns: of the stored image.
        outline: corners of a closed polygon around what was seen; empty where there is only a box.
    """

    sop_uid: SOPInstanceUID
    box: Box
    rows: int
    columns: int
    frame: int = 1
    outline: tuple[Point, ...] = ()

    @property
    def fraction(self) -> float:
        """Share of the film that the box covers, 0 to 1."""
        return self.box.area / (self.rows * self.columns)
