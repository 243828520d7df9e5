"""Masks in truth files: run lengths as COCO has them, which pycocotools reads as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def rle(mask: Mask) -> dict[str, Any]:
    """A mask as {"size": [rows, columns], "counts": text}.

    Args:
        mask: bool (rows, columns).

    Source: pycocotools, rleEncode and rleToString of maskApi.c: columns one after the other,
        runs of 0 and 1 in turn; from the fourth on each as its difference to the last but one;
        five bits a character from "0" on, the sixth says that more follow.
    """
    flat = mask.ravel(order="F")
    ends = np.flatnonzero(np.diff(flat.view(np.int8), prepend=0, append=0))
    if flat.size and flat[-1]:
        ends = ends[:-1]
    counts = np.diff(ends, prepend=0, append=flat.size).tolist()
    differences = counts[:3] + [now - old for now, old in zip(counts[3:], counts[1:], strict=False)]
    return {"size": list(mask.shape), "counts": "".join(map(_characters, differences))}


def _characters(value: int) -> str:
    text, more = "", True
    while more:
        bits = value & 0x1F
        value >>= 5
        more = value != (-1 if bits & 0x10 else 0)
        text += chr((bits | 0x20 if more else bits) + 48)
    return text


def mask_of(code: dict[str, Any]) -> Mask:
    """The mask that `rle` wrote, bool (rows, columns)."""
    counts: list[int] = []
    value = shift = 0
    for character in code["counts"]:
        bits = ord(character) - 48
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:
            if bits & 0x10:
                value -= 1 << shift
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value = shift = 0
    rows, columns = code["size"]
    flat = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return np.asarray(flat.reshape((rows, columns), order="F"))


def diameters(mask: Mask) -> tuple[float, float]:
    """Longest width of a mask over all directions, and the width across it; in pixels.

    A width is that between two parallels that touch the outer edges of the pixels.
    """
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return 0.0, 0.0
    first, last = _ends(rows, columns)
    y = np.concatenate([rows[first], rows[last]]) + 0.5
    x = np.concatenate([columns[first], columns[last]]) + 0.5
    angles = np.deg2rad(np.arange(0, 180, 5))
    across = np.outer(np.cos(angles), x) + np.outer(np.sin(angles), y)
    # A disk reaches as far beyond the middle of its outer pixels in every direction.
    widths = np.ptp(across, axis=1) + 1.0
    longest = int(np.argmax(widths))
    return float(widths[longest]), float(widths[(longest + 18) % 36])


def _ends(
    rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each row of pixels that `nonzero` gave begins and ends: no other reaches further."""
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    return first, np.append(first[1:], len(rows)) - 1
