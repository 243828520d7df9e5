"""Kitty graphics: one PNG, in chunks, and no reply asked for.

Source: kitty terminal graphics protocol, "The transmission medium" and "Suppressing responses".
"""

from __future__ import annotations

import base64
import io

from PIL import Image

from readingroom.agent.cli.images.compose import RgbImage

_CHUNK = 4096


def encode_kitty(rgb_yx: RgbImage, columns: int) -> str:
    """Encode a picture to be shown at the cursor, `columns` cells wide.

    q=2 suppresses every reply: one that came late would be typed into the prompt.
    """
    buffer = io.BytesIO()
    Image.fromarray(rgb_yx).save(buffer, "PNG")
    data = base64.standard_b64encode(buffer.getvalue()).decode("ascii")
    chunks = [data[i : i + _CHUNK] for i in range(0, len(data), _CHUNK)]
    out: list[str] = []
    for number, chunk in enumerate(chunks):
        more = int(number < len(chunks) - 1)
        control = f"a=T,f=100,q=2,c={columns},m={more}" if number == 0 else f"m={more},q=2"
        out.append(f"\x1b_G{control};{chunk}\x1b\\")
    return "".join(out)
