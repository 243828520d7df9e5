"""Synthetic chest radiographs with their exact truth; numpy only.

Simple on purpose: additive layers in film units, no projection of a volume. What a reader
needs is there (lungs, ribs, spine, heart, diaphragm, vessels, clavicles, marker), varies
with the seed, and the truth of every finding is known in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.finding import Observation
from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.anatomy import (
    FIELD_MM,
    Anatomy,
    FilmRecipe,
    FindingSpec,
    Lung,
    Quality,
    View,
    anatomy_of,
)
from readingroom.sandbox_pacs.patients.layers import Canvas, base_layers, blur, glyph, upsample
from readingroom.sandbox_pacs.patients.lesions import TruthUnit, draw_finding

__all__ = [
    "FIELD_MM",
    "FilmRecipe",
    "FindingSpec",
    "RenderedFilm",
    "TruthItem",
    "random_recipe",
    "render_film",
]

BoxPx = tuple[float, float, float, float]

_WORK = 512
"""Layers are drawn at most this fine, then enlarged: 1024 would cost four times as much."""


@dataclass(frozen=True)
class TruthItem:
    """What was drawn, and where.

    Attributes:
        laterality: the patient's side.
        box: x0, y0, x1, y1 in pixels of the film.
        mm: its size: diameter (nodule), longest extent (consolidation), depth of fluid,
            width of the air gap, heart or mediastinum width; for a tracheal tube the
            distance of its tip above the carina.
        point: x, y in pixels of its one point (tip of a tube, centre of a lesion).
    """

    observation: Observation
    laterality: Laterality
    box: BoxPx
    mm: float
    point: tuple[float, float]


@dataclass(frozen=True, eq=False)
class RenderedFilm:
    """A film and its truth.

    Attributes:
        grey_yx: float32 (rows, columns), 0 to 1, bright is dense.
        lungs: boxes of the patient's right and left lung (pixels).
    """

    grey_yx: NDArray[np.float32]
    truth: tuple[TruthItem, ...]
    thorax: BoxPx
    heart: BoxPx
    lungs: tuple[BoxPx, BoxPx]
    spacing_mm: float
    anatomy: Anatomy

    @property
    def cardiothoracic_ratio(self) -> float:
        """Heart width over thorax width, as drawn."""
        return self.anatomy.cardiothoracic_ratio


def render_film(recipe: FilmRecipe, size: int = 1024) -> RenderedFilm:
    """Draw one film.

    Args:
        recipe: the person, the findings, the quality.
        size: rows and columns of the square film, 64 to 4096.

    Returns:
        The picture with truth in its pixels; the same recipe and size give the same bytes.
    """
    anatomy = anatomy_of(recipe)
    work = min(size, _WORK)
    canvas = base_layers(anatomy, recipe, work)
    truth: list[TruthUnit] = []
    for spec in recipe.findings:
        drawn = draw_finding(canvas, anatomy, recipe, spec)
        if drawn is not None:
            truth.append(drawn)
    grey = _expose(canvas, recipe, size)
    _stamp_marker(grey, anatomy)
    return RenderedFilm(
        grey_yx=grey,
        truth=tuple(_in_pixels(item, size) for item in truth),
        thorax=_scaled(anatomy.thorax, size),
        heart=_scaled(anatomy.heart, size),
        lungs=(_scaled(anatomy.lungs[0].box(), size), _scaled(anatomy.lungs[1].box(), size)),
        spacing_mm=FIELD_MM / size,
        anatomy=anatomy,
    )


def random_recipe(rng: np.random.Generator, *, seed: int | None = None) -> FilmRecipe:
    """A recipe for training: any number of findings, any quality, seed below a million."""
    kinds = [
        Observation.NODULE,
        Observation.CONSOLIDATION,
        Observation.PLEURAL_EFFUSION,
        Observation.PNEUMOTHORAX,
        Observation.CARDIOMEGALY,
        Observation.WIDE_MEDIASTINUM,
        Observation.TRACHEAL_TUBE,
    ]
    count = int(rng.choice([0, 1, 2, 3, 4], p=[0.2, 0.35, 0.25, 0.13, 0.07]))
    findings = []
    for index in rng.permutation(len(kinds))[:count]:
        side = Laterality.RIGHT if rng.random() < 0.5 else Laterality.LEFT
        if kinds[index] in _WITHOUT_SIDE:
            side = Laterality.MIDLINE
        findings.append(FindingSpec(kinds[index], side, float(rng.uniform(0.0, 1.0))))
    quality: Quality = "adequate"
    if rng.random() < 0.15:
        quality = ("underexposed", "noisy", "rotated")[int(rng.integers(3))]
    view: View = "PA" if rng.random() < 0.6 else "AP"
    return FilmRecipe(
        seed=int(rng.integers(0, 1_000_000)) if seed is None else seed,
        sex="F" if rng.random() < 0.5 else "M",
        view=view,
        findings=tuple(findings),
        quality=quality,
        shot=int(rng.integers(0, 1000)),
    )


_WITHOUT_SIDE = (
    Observation.CARDIOMEGALY,
    Observation.WIDE_MEDIASTINUM,
    Observation.TRACHEAL_TUBE,
)


def _expose(canvas: Canvas, recipe: FilmRecipe, size: int) -> NDArray[np.float32]:
    rng = np.random.default_rng([recipe.seed, recipe.shot, 37])
    density = canvas.density()
    work = density.shape[0]
    if recipe.quality == "underexposed":
        # Too few photons: dense parts merge, and what is left drowns in noise.
        density = 0.60 + 0.42 * np.tanh(1.5 * (density - 0.42)).astype(np.float32)
    for _ in range(int(rng.integers(0, 2))):
        density = blur(density, max(1, work // 400))
    if size != work:
        density = upsample(density, size)
    # A finer pixel catches fewer photons: seen at the same size, films are equally noisy.
    sigma = {"adequate": 0.010, "underexposed": 0.060, "noisy": 0.085, "rotated": 0.012}
    noise = rng.standard_normal((size, size), dtype=np.float32)
    noise *= sigma[recipe.quality] * float(rng.uniform(0.8, 1.3)) * min(size, 1024) / 512
    density += noise
    gain, offset = float(rng.uniform(0.92, 1.06)), float(rng.uniform(-0.02, 0.03))
    density *= gain
    density += offset
    grey: NDArray[np.float32] = np.clip(density, 0.0, 1.0, out=density)
    return grey


def _stamp_marker(grey: NDArray[np.float32], anatomy: Anatomy) -> None:
    size = grey.shape[0]
    stamp = glyph(anatomy.marker, max(1, size // 110))
    x = int(size * (0.045 if anatomy.marker == "R" else 0.915))
    y = int(size * 0.04)
    window = grey[y : y + stamp.shape[0], x : x + stamp.shape[1]]
    np.maximum(window, 0.97 * stamp[: window.shape[0], : window.shape[1]], out=window)


def _scaled(box: BoxPx, size: int) -> BoxPx:
    x0, y0, x1, y1 = (min(max(value, 0.0), 1.0) * size for value in box)
    return (x0, y0, x1, y1)


def _in_pixels(item: TruthUnit, size: int) -> TruthItem:
    return TruthItem(
        item.observation,
        item.laterality,
        _scaled(item.box, size),
        item.length * FIELD_MM,
        (item.point[0] * size, item.point[1] * size),
    )


def lung_of(anatomy: Anatomy, laterality: Laterality) -> Lung:
    """The lung on a side; the patient's right is on the viewer's left."""
    return anatomy.lungs[0 if laterality is Laterality.RIGHT else 1]
