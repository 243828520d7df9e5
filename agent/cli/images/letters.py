"""Letters on a pixel picture, kept inside it."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from readingroom.agent.cli.images.compose import Picture, RgbImage


def with_letters(picture: Picture, size_px: int) -> RgbImage:
    """Draw each letter beside its box's upper left corner, on black, never over the edge.

    Only a letter: a word would cover the film and be cut at the border; the legend says the rest.
    """
    image = Image.fromarray(picture.rgb_yx)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size_px)
    for spot in picture.letters:
        left, top, right, bottom = draw.textbbox((0, 0), spot.letter, font=font)
        width, height = int(right - left) + 6, int(bottom - top) + 6
        x, y = place(spot.x, spot.y, (width, height), image.size)
        draw.rectangle((x, y, x + width - 1, y + height - 1), fill=(0, 0, 0))
        draw.text((x + 3 - left, y + 3 - top), spot.letter, font=font, fill=spot.colour)
    return np.asarray(image)


def place(x: int, y: int, size: tuple[int, int], picture: tuple[int, int]) -> tuple[int, int]:
    """Where a letter of a size goes: above the corner of its box, else just inside it.

    Args:
        x: left edge of the box.
        y: upper edge of the box.
        size: width and height of the letter.
        picture: width and height of the picture, which the letter never leaves.
    """
    above = y - size[1] - 1
    wanted = above if above >= 0 else y + 3
    return (
        max(0, min(x, picture[0] - size[0])),
        max(0, min(wanted, picture[1] - size[1])),
    )
