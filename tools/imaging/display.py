"""From stored values to what is displayed. Runs in the decoding child only.

Source: DICOM PS3.3 C.11.1 (modality LUT), C.11.2 (VOI LUT), PS3.14; PS3.4 N.2 for the order.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pydicom import Dataset

Values = NDArray[np.float32]
_PERCENTILES = (0.5, 99.5)
"""Where no window is stored: all but the darkest and brightest half percent."""


def display(
    stored: NDArray[Any], dataset: Dataset, window: tuple[float, float] | None
) -> tuple[Values, tuple[float, float]]:
    """Grey values 0 to 1 and the window they show.

    Args:
        stored: (rows, columns) as decoded, signed or unsigned.
        dataset: of the same object.
        window: (center, width) in place of the object's own.

    Returns:
        float32 (rows, columns), bright is dense in a radiograph: MONOCHROME1 is inverted; and
        (center, width) in units after the modality LUT.
    """
    padding = _padding(stored, dataset)
    values = _modality(stored, dataset)
    grey, shown = _voi(values, dataset, window, ~padding if padding is not None else None)
    if str(dataset.get("PhotometricInterpretation", "")).strip() == "MONOCHROME1":
        grey = 1 - grey
    if padding is not None:
        grey[padding] = 0
    return np.ascontiguousarray(grey, dtype=np.float32), shown


def apply_window(values: Values, center: float, width: float, function: str = "LINEAR") -> Values:
    """Window values to 0…1.

    Args:
        values: after the modality LUT.
        center: as stored.
        width: as stored, > 0; a LINEAR one of at most 1 is taken as LINEAR_EXACT.
        function: VOILUTFunction: LINEAR, LINEAR_EXACT or SIGMOID.

    Source: PS3.3 C.11.2.1.2.1 (LINEAR: c - 0.5, w - 1), C.11.2.1.3.1 (SIGMOID),
        C.11.2.1.3.2 (LINEAR_EXACT).
    """
    if function == "SIGMOID":
        # Beyond ±60 a float32 sigmoid is 0 or 1 already, and exp would overflow.
        slope = np.clip(-4 * (values - center) / width, -60, 60)
        return np.asarray(1 / (1 + np.exp(slope)), dtype=np.float32)
    if function != "LINEAR_EXACT" and width > 1:
        center, width = center - 0.5, width - 1
    return np.asarray(np.clip((values - center) / width + 0.5, 0, 1), dtype=np.float32)


def stored_window(dataset: Dataset) -> tuple[float, float] | None:
    """The first usable (center, width); None when there is none.

    Several windows are a MultiValue, which is no `list`: each is taken as a sequence.
    """
    for center, width in zip(
        _numbers(dataset.get("WindowCenter")), _numbers(dataset.get("WindowWidth")), strict=False
    ):
        if np.isfinite(center) and np.isfinite(width) and width > 0:
            return center, width
    return None


def _numbers(value: Any) -> list[float]:
    if value is None or value == "":
        return []
    many = value if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
    try:
        return [float(each) for each in many]
    except (TypeError, ValueError):
        return []


def _modality(stored: NDArray[Any], dataset: Dataset) -> Values:
    if "ModalityLUTSequence" in dataset:
        from pydicom.pixels import apply_modality_lut

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(apply_modality_lut(stored, dataset), dtype=np.float32)
    slope = (_numbers(dataset.get("RescaleSlope")) or [1.0])[0]
    intercept = (_numbers(dataset.get("RescaleIntercept")) or [0.0])[0]
    if not (np.isfinite(slope) and np.isfinite(intercept)) or slope == 0:
        slope, intercept = 1.0, 0.0
    values = stored.astype(np.float32)
    return values if (slope, intercept) == (1, 0) else values * np.float32(slope) + intercept


def _voi(
    values: Values,
    dataset: Dataset,
    window: tuple[float, float] | None,
    mask: NDArray[np.bool_] | None,
) -> tuple[Values, tuple[float, float]]:
    function = str(dataset.get("VOILUTFunction", "") or "LINEAR").strip().upper()
    if window is not None:
        return apply_window(values, *window, function), window
    if "VOILUTSequence" in dataset:
        table = _voi_table(values, dataset)
        if table is not None:
            return table
    window = stored_window(dataset)
    if window is None:
        low, high = _robust_range(values, mask)
        window = ((low + high) / 2, max(high - low, 1e-6))
        function = "LINEAR_EXACT"
    return apply_window(values, *window, function), window


def _voi_table(values: Values, dataset: Dataset) -> tuple[Values, tuple[float, float]] | None:
    """Apply the first VOI LUT; None when it is malformed, so that the window is used."""
    from pydicom.pixels import apply_voi

    try:
        item = dataset.VOILUTSequence[0]
        entries, first, bits = (int(each) for each in item.LUTDescriptor)
        entries = entries or 65536
        if first >= 0x8000 and float(values.min()) < 0:
            first -= 0x10000  # the descriptor's sign follows the pixels': PS3.3 C.11.2.1.1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = np.asarray(apply_voi(values.astype(np.int32), dataset), dtype=np.float32)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, NotImplementedError):
        return None
    # Not 2**bits - 1: many tables declare 16 bits and use 12 of them.
    top = float(2**bits - 1)
    peak = float(table.max())
    if peak > 0 and peak <= top / 4:
        top = peak
    return np.clip(table / top, 0, 1), (first + entries / 2, float(entries))


def _robust_range(values: Values, mask: NDArray[np.bool_] | None) -> tuple[float, float]:
    sample = values if mask is None or not mask.any() else values[mask]
    finite = sample[np.isfinite(sample)]
    if finite.size == 0:
        return 0.0, 1.0
    low, high = np.percentile(finite, _PERCENTILES)
    return float(low), float(high)


def _padding(stored: NDArray[Any], dataset: Dataset) -> NDArray[np.bool_] | None:
    """Pixels that were added to fill the frame, by PixelPaddingValue and its range limit.

    Source: PS3.3 C.7.5.1.1.2: not part of the image, and shown as background.
    """
    first = _numbers(_raw_number(dataset, "PixelPaddingValue"))
    if not first:
        return None
    last = _numbers(_raw_number(dataset, "PixelPaddingRangeLimit")) or first
    low, high = sorted((first[0], last[0]))
    found: NDArray[np.bool_] = (stored >= low) & (stored <= high)
    # A value that fills the film, or nearly, was not padding: believing it would black it out.
    return found if 0 < found.mean() < 0.95 else None


def _raw_number(dataset: Dataset, keyword: str) -> Any:
    value = dataset.get(keyword)
    # US or SS by the pixels' sign, but often written with the other one.
    if dataset.get("PixelRepresentation") == 1 and isinstance(value, int) and value >= 0x8000:
        return value - 0x10000
    return value
