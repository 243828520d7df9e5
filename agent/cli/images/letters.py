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
        x = min(max(0, spot.x), image.width - width)
        above = spot.y - height - 1
        y = above if above >= 0 else min(spot.y + 3, image.height - height)
        draw.rectangle((x, y, x + width, y + height), fill=(0, 0, 0))
        draw.text((x + 3 - left, y + 3 - top), spot.letter, font=font, fill=spot.colour)
    return np.asarray(image)
