"""Stored values of a film, and the windows and tables that show them as they were drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from readingroom.sandbox_pacs.patients.common import sequence
from readingroom.sandbox_pacs.patients.exposure import Tone

_BITS = 12
_TOP = 2**_BITS - 1
_BLACK, _WHITE = 150, 3750
"""Stored values of 0 and 1: a margin on both sides, as detectors leave."""

_SPAN = _WHITE - _BLACK
_CENTRE = (_WHITE + _BLACK) / 2
_SIGMOID_WIDTH = 1100.0
_LUT_TOP = 2**16 - 1


def add_pixels(ds: Dataset, grey_yx: NDArray[np.float32], tone: Tone, inverted: bool) -> None:
    """Write the pixels so that the first VOI transformation shows `grey_yx`.

    Within half a stored step, and for SIGMOID, whose ends are never reached, within 0.002 at
    black and white.

    Args:
        ds: gets pixel description, data and VOI.
        grey_yx: float (rows, columns), 0 to 1, bright is dense.
        tone: kind of VOI transformation.
        inverted: MONOCHROME1.
    """
    stored = _stored(grey_yx, tone)
    if inverted:
        np.subtract(_TOP, stored, out=stored)
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    ds.Rows, ds.Columns = grey_yx.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, _BITS, _BITS - 1
    ds.PixelRepresentation = 0
    if tone is Tone.LUT:
        ds.VOILUTSequence = sequence(_table(inverted))
    else:
        _add_windows(ds, tone, inverted)
    ds.PixelData = stored.tobytes()
    ds["PixelData"].VR = "OW"


def _stored(grey_yx: NDArray[np.float32], tone: Tone) -> NDArray[np.uint16]:
    grey = np.clip(grey_yx, 0.0, 1.0)
    if tone is Tone.SIGMOID:
        grey = _CENTRE + _SIGMOID_WIDTH / 4 * _logit(grey, _end())
    elif tone is Tone.LUT:
        # The table runs from exactly 0 at _BLACK to exactly 1 at _WHITE.
        end = _end()
        grey = _CENTRE + _SIGMOID_WIDTH / 4 * _logit(end + (1 - 2 * end) * grey, end)
    else:
        grey = _BLACK + _SPAN * grey
    stored: NDArray[np.uint16] = np.rint(grey).astype("<u2")
    return stored


def _end() -> float:
    """What the sigmoid gives at _BLACK; 1 minus it at _WHITE."""
    return float(1 / (1 + np.exp(2 * _SPAN / _SIGMOID_WIDTH)))


def _logit(grey: NDArray[np.float32], end: float) -> NDArray[np.float32]:
    clipped = np.clip(grey, end, 1 - end)
    inverse: NDArray[np.float32] = np.log(clipped / (1 - clipped))
    return inverse


def _add_windows(ds: Dataset, tone: Tone, inverted: bool) -> None:
    low = _TOP - _WHITE if inverted else _BLACK
    if tone is Tone.SIGMOID:
        # PS3.3 C.11.2.1.3.1: 1 / (1 + exp(-4 (x - center) / width)).
        ds.WindowCenter, ds.WindowWidth = f"{low + _SPAN / 2:g}", f"{_SIGMOID_WIDTH:g}"
        ds.VOILUTFunction = "SIGMOID"
        return
    # PS3.3 C.11.2.1.2: LINEAR spans center - 0.5 ± (width - 1) / 2, here exactly 0 to 1.
    width = _SPAN + 1
    center = low + _SPAN / 2 + 0.5
    if tone is Tone.WINDOW:
        ds.WindowCenter, ds.WindowWidth = f"{center:g}", str(width)
        return
    ds.WindowCenter = [f"{center:g}", f"{center + 100:g}", f"{center:g}"]
    ds.WindowWidth = [str(width), "2200", "4600"]
    ds.WindowCenterWidthExplanation = ["NORMAL", "HARDER", "SOFTER"]


def _table(inverted: bool) -> Dataset:
    """An item of the VOI LUT Sequence, 4096 entries of 16 bits. Source: PS3.3 C.11.2."""
    end = _end()
    values = np.arange(_TOP + 1, dtype=np.float64)
    shown = 1 / (1 + np.exp(-4 * (values - _CENTRE) / _SIGMOID_WIDTH))
    shown = np.clip((shown - end) / (1 - 2 * end), 0, 1)
    if inverted:
        shown = 1 - shown[::-1]
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [_TOP + 1, 0, 16])
    item.LUTExplanation = "NORMAL"
    item.add_new("LUTData", "OW", np.rint(shown * _LUT_TOP).astype("<u2").tobytes())
    return item
