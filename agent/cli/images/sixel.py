"""Sixel: a hundred greys and the overlay colours, nothing dithered.

Every colour register is defined before the first band: xterm repaints earlier bands when a
register changes later.

Source: DEC STD 070, chapter 9, sixel; facts/terminal (grey posterised by adaptive palettes).
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from readingroom.agent.cli.images.compose import PALETTE, RgbImage

GREYS = 100
_UNUSED = 255
_RUN = re.compile(rb"(.)\1{3,}", re.DOTALL)


def encode_sixel(rgb_yx: RgbImage) -> str:
    """Encode a picture.

    Args:
        rgb_yx: uint8 (rows, columns, 3); colours other than greys snap to the overlay palette.
    """
    rows, columns = rgb_yx.shape[:2]
    index = _palette_index(rgb_yx)
    index = np.pad(index, ((0, -rows % 6), (0, 0)), constant_values=_UNUSED)
    out = [b'\x1bP0;1;0q"1;1;%d;%d' % (columns, rows), *_registers(index)]
    for top in range(0, index.shape[0], 6):
        out += _band(index[top : top + 6])
    out.append(b"\x1b\\")
    return b"".join(out).decode("ascii")


def _palette_index(rgb_yx: RgbImage) -> NDArray[np.uint8]:
    top = rgb_yx.max(axis=2)
    is_grey = (top - rgb_yx.min(axis=2)) < 10
    index: NDArray[np.uint8] = ((top.astype(np.uint16) * (GREYS - 1) + 127) // 255).astype(np.uint8)
    ys, xs = np.nonzero(~is_grey)
    if len(ys):
        palette = np.array(((0, 0, 0), *PALETTE), np.int16)
        far = np.abs(rgb_yx[ys, xs].astype(np.int16)[:, None] - palette[None]).sum(axis=2)
        nearest = far.argmin(axis=1)
        # Black is grey level 0: the dark rim of a letter.
        index[ys, xs] = np.where(nearest == 0, 0, nearest - 1 + GREYS)
    return index


def _registers(index: NDArray[np.uint8]) -> list[bytes]:
    greys = [(round(level * 100 / (GREYS - 1)),) * 3 for level in range(GREYS)]
    colours = [tuple(round(value * 100 / 255) for value in colour) for colour in PALETTE]
    percent = [*greys, *colours]
    used = [int(i) for i in np.unique(index) if i < len(percent)]
    return [b"#%d;2;%d;%d;%d" % (i, *percent[i]) for i in used]


def _band(band: NDArray[np.uint8]) -> list[bytes]:
    """Six rows: for each colour the bits of its pixels, run-length coded."""
    colours = np.unique(band)
    colours = colours[colours != _UNUSED]
    weights = (1 << np.arange(6, dtype=np.uint8))[:, None]
    bits = ((band[None] == colours[:, None, None]) * weights[None]).sum(axis=1, dtype=np.uint8) + 63
    out: list[bytes] = []
    for colour, row in zip(colours, bits, strict=True):
        places = np.flatnonzero(row != 63)
        start, end = int(places[0]), int(places[-1]) + 1
        lead = b"!%d?" % start if start > 3 else b"?" * start
        body = _RUN.sub(_run, row[start:end].tobytes())
        out.append(b"#%d" % colour + lead + body + b"$")
    out.append(b"-")
    return out


def _run(match: re.Match[bytes]) -> bytes:
    return b"!%d%s" % (len(match.group(0)), match.group(1))
