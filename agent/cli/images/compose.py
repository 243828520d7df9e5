"""Film to display pixels: resize in float, then draw at display size.

numpy and Pillow are imported by this module; import it only to draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from readingroom.domain.events import ImageShown, Overlay

GreyImage = NDArray[np.uint8]
RgbImage = NDArray[np.uint8]

PALETTE: tuple[tuple[int, int, int], ...] = (
    (255, 200, 0),
    (0, 220, 255),
    (255, 80, 80),
    (80, 255, 120),
    (255, 0, 255),
    (255, 128, 0),
)
"""Overlay colours, by letter. Sixel keeps registers for exactly these."""

_MOST_ENLARGED = 6.0
_GAP = 2
_LEAST_CONTEXT = 0.22
_CONTEXT = 2.2


@dataclass(frozen=True)
class Letter:
    """A letter of an overlay and where it goes, in pixels of the picture."""

    letter: str
    x: int
    y: int
    colour: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture at display size.

    Attributes:
        rgb_yx: uint8 (rows, columns, 3), boxes drawn, letters not.
        letters: to be drawn by whoever knows the size of a character.
        scales: stored pixels per display pixel, one per panel.
    """

    rgb_yx: RgbImage
    letters: tuple[Letter, ...]
    scales: tuple[float, ...]


def colour_of(letter: str) -> tuple[int, int, int]:
    """The colour of an overlay."""
    return PALETTE[(ord(letter[:1].upper() or "A") - ord("A")) % len(PALETTE)]


def zoom_on(event: ImageShown, overlay: Overlay) -> ImageShown:
    """The same film cut to one finding with some context around it."""
    x0, y0, x1, y1 = overlay.box
    side = max(
        (x1 - x0) * _CONTEXT, (y1 - y0) * _CONTEXT, _LEAST_CONTEXT * min(event.rows, event.columns)
    )
    width, height = min(side, event.columns), min(side, event.rows)
    left = min(max(0.0, (x0 + x1 - width) / 2), event.columns - width)
    top = min(max(0.0, (y0 + y1 - height) / 2), event.rows - height)
    return ImageShown(
        role=event.role,
        caption=event.caption,
        png_sha256=event.png_sha256,
        rows=event.rows,
        columns=event.columns,
        overlays=(overlay,),
        crop=(left, top, left + width, top + height),
    )


def compose(
    panels: Sequence[tuple[Path, ImageShown]], width_px: int, height_px: int, thickness: int
) -> Picture:
    """Lay panels side by side within a size.

    Args:
        panels: the PNG of each film and what to show of it.
        width_px: most columns of the whole picture.
        height_px: most rows.
        thickness: of a box's outline, in display pixels.

    Raises:
        OSError: a PNG is missing or broken.
    """
    gap = max(_GAP, thickness * 2)
    each = max(8, (width_px - gap * (len(panels) - 1)) // len(panels))
    parts: list[RgbImage] = []
    letters: list[Letter] = []
    scales: list[float] = []
    offset = 0
    for path, event in panels:
        grey, window, scale = _resized(path, event, each, height_px)
        rgb = np.repeat(grey[:, :, None], 3, axis=2)
        for overlay in event.overlays:
            spot = _outline(rgb, overlay, window, scale, thickness)
            if spot is not None:
                letters.append(Letter(overlay.letter[:1], spot[0] + offset, spot[1], spot[2]))
        parts.append(rgb)
        scales.append(scale)
        offset += rgb.shape[1] + gap
    return Picture(_beside(parts, gap), tuple(letters), tuple(scales))


def _resized(
    path: Path, event: ImageShown, width_px: int, height_px: int
) -> tuple[GreyImage, tuple[float, float, float, float], float]:
    """Cut and resize one film; return it, the window in stored pixels, and the scale."""
    with Image.open(path) as image:
        grey = np.asarray(image.convert("L"), dtype=np.float32)
    window = event.crop or (0.0, 0.0, float(event.columns), float(event.rows))
    # The PNG may be smaller than the stored image; boxes are in stored pixels.
    sx, sy = grey.shape[1] / event.columns, grey.shape[0] / event.rows
    x0, y0 = max(0, int(window[0] * sx)), max(0, int(window[1] * sy))
    x1 = min(grey.shape[1], max(x0 + 2, round(window[2] * sx)))
    y1 = min(grey.shape[0], max(y0 + 2, round(window[3] * sy)))
    part = Image.fromarray(grey[y0:y1, x0:x1])
    shown = (x0 / sx, y0 / sy, x1 / sx, y1 / sy)
    wide, high = shown[2] - shown[0], shown[3] - shown[1]
    scale = max(wide / width_px, high / height_px, 1 / _MOST_ENLARGED)
    size = (max(1, round(wide / scale)), max(1, round(high / scale)))
    resized = np.asarray(part.resize(size, Image.Resampling.LANCZOS))
    return np.clip(resized + 0.5, 0, 255).astype(np.uint8), shown, scale


def _outline(
    rgb: RgbImage,
    overlay: Overlay,
    window: tuple[float, float, float, float],
    scale: float,
    thickness: int,
) -> tuple[int, int, tuple[int, int, int]] | None:
    """Draw a box around, not over, what it marks; return the corner where the letter goes."""
    rows, columns = rgb.shape[:2]
    x0 = int((overlay.box[0] - window[0]) / scale) - thickness
    y0 = int((overlay.box[1] - window[1]) / scale) - thickness
    x1 = round((overlay.box[2] - window[0]) / scale) + thickness
    y1 = round((overlay.box[3] - window[1]) / scale) + thickness
    if x1 <= 0 or y1 <= 0 or x0 >= columns or y0 >= rows:
        return None
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(columns, x1), min(rows, y1)
    colour = colour_of(overlay.letter)
    along_x, along_y = _dashes(x1 - x0, overlay.certain), _dashes(y1 - y0, overlay.certain)
    for edge in (slice(y0, min(y0 + thickness, y1)), slice(max(y1 - thickness, y0), y1)):
        rgb[edge, x0:x1][:, along_x] = colour
    for edge in (slice(x0, min(x0 + thickness, x1)), slice(max(x1 - thickness, x0), x1)):
        rgb[y0:y1, edge][along_y] = colour
    return x0, y0, colour


def _dashes(length: int, certain: bool) -> NDArray[np.bool_]:
    """All of an edge, or every other stretch of it when the finding is uncertain."""
    places = np.arange(length)
    dash = max(2, length // 9)
    return np.ones(length, bool) if certain else (places // dash) % 2 == 0


def _beside(parts: list[RgbImage], gap: int) -> RgbImage:
    height = max(part.shape[0] for part in parts)
    columns: list[RgbImage] = []
    for index, part in enumerate(parts):
        below = height - part.shape[0]
        columns.append(np.pad(part, ((0, below), (0, 0), (0, 0))))
        if index < len(parts) - 1:
            columns.append(np.zeros((height, gap, 3), np.uint8))
    return np.concatenate(columns, axis=1)
