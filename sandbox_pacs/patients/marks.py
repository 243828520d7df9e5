"""Letters on a film: lead markers in the beam and text burned into the pixels.

The glyphs are those of the font that ships with Pillow (ASCII only); one release of Pillow gives
the same pixels everywhere, another may move an edge by a grey level.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from readingroom.domain.region import Box

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

What = Literal[
    "side",
    "initials",
    "posture",
    "projection",
    "time",
    "name",
    "patient_id",
    "birth_date",
    "date",
    "accession",
    "institution",
]
IDENTIFYING: frozenset[What] = frozenset(
    {"name", "patient_id", "birth_date", "date", "accession", "institution"}
)
"""What de-identification must take out of the pixels; a time of day alone is not."""

_FONT_PER_CAP = 1 / 0.70
"""Font size over the height of a capital, of Pillow's font."""
_BITMAP_CAP_PX = 6
_SEEN = 0.3
"""Share of its full ink from which a pixel counts as part of a letter."""

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE",
     "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ı": "i", "ħ": "h", "ŋ": "n"}
)  # fmt: skip


@dataclass(frozen=True)
class Stamp:
    """One piece of text to be put onto a film.

    Attributes:
        x, y: in pixels, where `anchor` of the text lies; vertically its middle.
        cap_px: height of a capital.
        grey: brightness of the letters, 0 to 1.
        lead: in the beam: blurred, slightly transparent, only seen within the field.
        bitmap: coarse letters of an old console instead of smooth ones.
        angle_deg: counter-clockwise.
        circled, mirrored: a ring around; lying with its back to the tube.
        plate: brightness of a label behind the text; None for none.
    """

    text: str
    what: What
    x: float
    y: float
    cap_px: float
    grey: float = 0.97
    lead: bool = False
    bitmap: bool = False
    angle_deg: float = 0.0
    circled: bool = False
    mirrored: bool = False
    plate: float | None = None
    anchor: Literal["left", "centre", "right"] = "centre"

    @property
    def opacity(self) -> float:
        """Share of what lies behind that the letters hide."""
        return 0.94 if self.lead else 1.0


@dataclass(frozen=True)
class Mark:
    """What is written on a film, and where: the truth for OCR and de-identification.

    Attributes:
        box: around the visible letters (and their ring).
        visible: share of the ink that the field and the picture left, 0 to 1.
    """

    text: str
    what: What
    box: Box
    visible: float = 1.0

    @property
    def is_identifying(self) -> bool:
        """Whether it tells who the patient is, or when or where the film was taken."""
        return self.what in IDENTIFYING


def put_stamps(
    grey_yx: NDArray[np.float32], stamps: Iterable[Stamp], field: Box | None = None
) -> tuple[Mark, ...]:
    """Draw stamps into a film, in order.

    Args:
        grey_yx: float32 (rows, columns), 0 to 1, bright is dense; changed in place.
        stamps: what to draw.
        field: what the collimator left open; lead is not seen beyond. None for all.

    Returns:
        What can be seen of them; a stamp that is wholly outside is left out.
    """
    rows, columns = grey_yx.shape
    whole = Box(0, 0, columns, rows)
    marks = []
    for stamp in stamps:
        mark = _put(grey_yx, stamp, field if stamp.lead and field is not None else whole)
        if mark is not None:
            marks.append(mark)
    return tuple(marks)


def text_width(text: str, cap_px: float, bitmap: bool = False) -> float:
    """Width in pixels of a text at a height of its capitals."""
    if bitmap:
        return float(_bitmap_font().getbbox(text)[2]) * _bitmap_scale(cap_px)
    return float(_font(_font_size(cap_px)).getlength(text))


def drawn_cap(cap_px: float, bitmap: bool = False) -> float:
    """Height that capitals get: coarse letters only grow in steps."""
    return float(_bitmap_scale(cap_px) * _BITMAP_CAP_PX) if bitmap else cap_px


def plain_letters(text: str) -> str:
    """What a console makes of a text: ASCII without accents; empty where nothing is left.

    A text of which some letters have no ASCII form gives an empty one: half a name is none.
    """
    folded = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = "".join(char for char in folded if not unicodedata.combining(char))
    return kept if kept.isascii() else ""


def _put(grey_yx: NDArray[np.float32], stamp: Stamp, field: Box) -> Mark | None:
    ink, plate = _ink(stamp)
    rows, columns = grey_yx.shape
    height, width = ink.shape
    left, top = round(stamp.x - width / 2), round(stamp.y - height / 2)
    if stamp.anchor != "centre":
        half = text_width(stamp.text, stamp.cap_px, stamp.bitmap) / 2
        left += round(half if stamp.anchor == "left" else -half)
    x0, y0 = max(left, int(field.x0), 0), max(top, int(field.y0), 0)
    x1, y1 = min(left + width, int(field.x1), columns), min(top + height, int(field.y1), rows)
    if x0 >= x1 or y0 >= y1:
        return None
    inside = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    part = grey_yx[y0:y1, x0:x1]
    if stamp.plate is not None:
        _blend(part, plate[inside], stamp.plate)
    _blend(part, ink[inside] * np.float32(stamp.opacity), stamp.grey)
    seen = ink[inside] > _SEEN
    ys, xs = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not len(ys):
        return None
    box = Box(int(x0 + xs[0]), int(y0 + ys[0]), int(x0 + xs[-1] + 1), int(y0 + ys[-1] + 1))
    visible = float(ink[inside].sum(dtype=np.float64) / ink.sum(dtype=np.float64))
    return Mark(stamp.text, stamp.what, box, round(visible, 3))


def _blend(part: NDArray[np.float32], share: NDArray[np.float32], grey: float) -> None:
    part += share * (np.float32(grey) - part)


def _ink(stamp: Stamp) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Coverage of the letters and of the label behind them, 0 to 1, both of one shape."""
    letters = _bitmap_letters(stamp) if stamp.bitmap else _smooth_letters(stamp)
    pad = round(0.5 * stamp.cap_px) + 2
    rim = round(0.3 * stamp.cap_px)
    plate = ImageOps.expand(Image.new("L", letters.size, 255), rim, 255)
    images = [ImageOps.expand(letters, pad), ImageOps.expand(plate, pad - rim)]
    if stamp.circled:
        images[0] = _ringed(images[0], stamp.cap_px)
    if stamp.mirrored:
        images[0] = ImageOps.mirror(images[0])
    if stamp.angle_deg:
        images = [
            image.rotate(stamp.angle_deg, Image.Resampling.BICUBIC, expand=True) for image in images
        ]
    if stamp.lead:
        # The focal spot's penumbra and the thickness of the lead.
        images[0] = images[0].filter(ImageFilter.GaussianBlur(stamp.cap_px / 45))
    ink, behind = (np.asarray(image, np.float32) / np.float32(255) for image in images)
    return ink, behind


def _smooth_letters(stamp: Stamp) -> Any:
    font = _font(_font_size(stamp.cap_px))
    # Cast letters are thick; Pillow's font has one weight.
    stroke = round(stamp.cap_px / 16) if stamp.lead else 0
    x0, y0, x1, y1 = font.getbbox(stamp.text, stroke_width=stroke)
    image = Image.new("L", (max(1, int(x1 - x0)), max(1, int(y1 - y0))))
    draw = ImageDraw.Draw(image)
    draw.text((-x0, -y0), stamp.text, fill=255, font=font, stroke_width=stroke)
    return image


def _bitmap_letters(stamp: Stamp) -> Any:
    font = _bitmap_font()
    x0, y0, x1, y1 = (int(value) for value in font.getbbox(stamp.text))
    image = Image.new("L", (max(1, x1 - x0), max(1, y1 - y0)))
    ImageDraw.Draw(image).text((-x0, -y0), stamp.text, fill=255, font=font)
    scale = _bitmap_scale(stamp.cap_px)
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def _ringed(letters: Any, cap_px: float) -> Any:
    side = round(max(letters.size) + 0.3 * cap_px)
    image = Image.new("L", (side, side))
    image.paste(letters, ((side - letters.width) // 2, (side - letters.height) // 2))
    width = max(1, round(cap_px / 9))
    ImageDraw.Draw(image).ellipse((1, 1, side - 2, side - 2), outline=255, width=width)
    return image


def _font_size(cap_px: float) -> int:
    return max(6, round(cap_px * _FONT_PER_CAP))


def _bitmap_scale(cap_px: float) -> int:
    return max(1, round(cap_px / _BITMAP_CAP_PX))


@cache
def _font(size: int) -> FreeTypeFont:
    font = ImageFont.load_default(size=size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("this Pillow was built without FreeType: films cannot be lettered")
    return font


@cache
def _bitmap_font() -> ImageFont.ImageFont:
    return ImageFont.load_default_imagefont()
