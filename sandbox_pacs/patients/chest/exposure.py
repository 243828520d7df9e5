"""From line integrals to the grey of a film: scatter, quanta, detector, presentation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from readingroom.sandbox_pacs.patients.chest.body import FloatArray
from readingroom.sandbox_pacs.patients.chest.project import spline_up

_IN_THE_LUNG, _SCATTERING = 2.0, 6.0
"""Line integral of attenuation behind the lung, where `Technique.scatter` is stated; and the
depth from which scattered quanta no longer get out."""


_THINNEST = 0.5
"""Log signal below which a pixel shows open air, which the tone of a film is not set by."""

_MIDDLE = 0.4
"""Where between lung and abdomen a change of contrast leaves the grey as it is."""


@dataclass(frozen=True)
class Technique:
    """How a film is taken and shown.

    Attributes:
        scatter: scattered over primary radiation behind the middle of the chest.
            Source: Niklason 1981 (about 0.3 with a grid in the lung to 2 without).
        quanta: photons per mm² of detector in open air.
        blur_mm: of focal spot and detector together, standard deviation.
        contrast: steepness of the curve.
        equalise: share of the slow grey changes that the processing takes out, 0 to 1.
        sharpen: how much of the fine detail it adds.
    """

    scatter: float = 0.5
    quanta: float = 9e5
    blur_mm: float = 0.16
    contrast: float = 1.0
    equalise: float = 0.35
    sharpen: float = 0.3


def expose(
    integrals: FloatArray,
    technique: Technique,
    pixel_mm: float,
    rng: np.random.Generator,
    inside: FloatArray | None = None,
) -> FloatArray:
    """Turn line integrals of attenuation into grey.

    Args:
        integrals: (n, n), dimensionless.
        technique: how the film is taken and shown.
        pixel_mm: pitch at the detector.
        rng: draws the quanta.
        inside: (n, n) of bool, what the collimator lets through; None for all.

    Returns:
        float32 (n, n), 0 to 1, bright is dense.
    """
    primary = np.exp(-integrals)
    if inside is not None:
        primary = primary * inside
    # Only what meets tissue scatters: open air sends no haze into the body's edge.
    scattered = primary * np.minimum(integrals, _SCATTERING) / _IN_THE_LUNG
    haze = _slow(np.asarray(scattered, np.float32), 34.0, pixel_mm)
    signal = primary + technique.scatter * haze
    count = technique.quanta * pixel_mm**2
    noise = rng.standard_normal(signal.shape, dtype=np.float32)
    noise = _smeared(noise)
    log = -np.log(
        np.maximum(signal, 1e-5)
        * (1 + noise / np.sqrt(count * np.maximum(signal, 2e-4))).clip(0.05)
    )
    return _presented(log.astype(np.float32), technique, pixel_mm)


def _smeared(noise: FloatArray) -> FloatArray:
    """White noise as a detector's crosstalk leaves it: neighbours share, variance kept."""
    from scipy.ndimage import convolve1d

    kernel = np.array([0.16, 0.68, 0.16], np.float32)
    for axis in (0, 1):
        noise = convolve1d(noise, kernel, axis=axis, mode="nearest")
    return np.asarray(noise / float((kernel**2).sum()), np.float32)


def _slow(image: FloatArray, sigma_mm: float, pixel_mm: float) -> FloatArray:
    """Gaussian blur by many pixels, done on a small copy."""
    from scipy.ndimage import gaussian_filter

    count = image.shape[0]
    factor = max(1, int(sigma_mm / pixel_mm / 4))
    while count % factor:
        factor -= 1
    small = image.reshape(count // factor, factor, count // factor, factor).mean((1, 3))
    blurred = gaussian_filter(small, sigma_mm / pixel_mm / factor, mode="nearest")
    return spline_up(blurred.astype(np.float32), count)


def _presented(log: FloatArray, technique: Technique, pixel_mm: float) -> FloatArray:
    """What a chest film's processing does: slow changes damped, detail lifted, a film's curve.

    The curve has a short toe and a long shoulder (Gompertz 1825), so that lungs lie near 0.33
    and the mediastinum near 0.75, as they do on the development films of NIH ChestX-ray14.
    """
    slow = _slow(log, 20.0, pixel_mm)
    fine = _slow(log, 2.6, pixel_mm)
    middle = float(np.median(slow))
    shown = log - technique.equalise * (slow - middle) + technique.sharpen * (log - fine)
    count = shown.shape[0]
    field = shown[count // 5 : 4 * count // 5, count // 6 : 5 * count // 6]
    tissue = field[::4, ::4]
    tissue = tissue[tissue > _THINNEST] if np.any(tissue > _THINNEST) else tissue
    low, high = np.percentile(tissue, (8, 93))
    share = (shown - low) / max(high - low, 0.8)
    share = _MIDDLE + technique.contrast * (share - _MIDDLE)
    return np.asarray(np.exp(-1.2 * np.exp(-1.8 * np.maximum(share, -2))), np.float32)
