"""How hard a finding is to see on a film: what it is drawn over, and its contrast to the noise."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from readingroom.sandbox_pacs.patients.chest.exposure import Technique
from readingroom.sandbox_pacs.patients.chest.film import ChestFilm, FilmSpec, technique_of
from readingroom.sandbox_pacs.patients.chest.grid import Grid
from readingroom.sandbox_pacs.patients.chest.organs import paint_organs
from readingroom.sandbox_pacs.patients.chest.project import splat
from readingroom.sandbox_pacs.patients.chest.skeleton import skeleton
from readingroom.sandbox_pacs.patients.chest.truth import Shadow
from readingroom.sandbox_pacs.patients.disease import DEVICES, Disease, Lesion

Mask = NDArray[np.bool_]

_COARSE_MM = 6.0
_EXTENT = (-130.0, 130.0, -110.0, 110.0, -200.0, 130.0)
_BONE_CELLS, _BONE_POINTS_MM, _BONE_MM = 128, 3.0, 5.0
"""Where a ray meets this much bone, in cells that are finer than a rib is wide."""

_TRANSMITTED = 0.05
"""Share of the open beam that reaches the detector behind aerated lung, of the engine's films."""


def regions(film: ChestFilm) -> dict[str, Mask]:
    """What lies over the lung on a film, by name: masks of the size of the film's lung masks."""
    size = film.lung_masks[0].shape[0]
    grid = Grid.over(_EXTENT, (_COARSE_MM,) * 3)
    shadow = Shadow(film.body, paint_organs(film.body, grid), film.beam, size)
    great = shadow.room("mediastinum") | shadow.room("aorta") | shadow.room("cava")
    heart = shadow.room("heart")
    return {
        "heart": heart,
        "mediastinum": great & ~heart,
        "diaphragm": _below(film.lung_masks[0] | film.lung_masks[1]),
        "bone": _bone(film, size),
    }


def _below(lungs: Mask) -> Mask:
    """Everything lower than the lungs' lower edge, in columns that have any lung."""
    rows = np.arange(lungs.shape[0])[:, None]
    lowest = np.where(lungs, rows, -1).max(0)
    return np.asarray((rows > lowest) & (lowest >= 0))


def _bone(film: ChestFilm, size: int) -> Mask:
    cloud = skeleton(film.body, _BONE_POINTS_MM)
    along = cloud.xyz[:, 0] if film.beam.is_lateral else cloud.xyz[:, 1]
    cell_mm = film.beam.field_mm / _BONE_CELLS
    weight = cloud.volume * (film.beam.magnification(along) / cell_mm) ** 2
    depth_mm = splat(film.beam.in_pixels(cloud.xyz, _BONE_CELLS), weight, _BONE_CELLS)
    place = (np.arange(size) + 0.5) * _BONE_CELLS / size
    index = place.astype(int)
    return np.asarray(depth_mm[np.ix_(index, index)] > _BONE_MM)


def overlap(mask: Mask, over: dict[str, Mask]) -> dict[str, float]:
    """Which share of a finding lies over each region, 0 to 1."""
    area = int(mask.sum())
    return {name: round(int((mask & region).sum()) / area, 3) for name, region in over.items()}


def grade(
    lesion: Lesion, contrast: float | None, hidden: dict[str, float]
) -> Literal["easy", "medium", "hard"]:
    """How hard a finding is to see; frozen, so that numbers by grade can be compared.

    By the change of the log signal against the lung's own structure, which varies by about 0.1
    on these films (a vessel of 5 mm is 0.09, a rib 0.1 to 0.2), and by what hides it. A change
    of form has no contrast of its own: its severity counts.

    Args:
        lesion: as it is on the day.
        contrast: mean change of the log signal; None for a change of form.
        hidden: from `overlap`.
    """
    if contrast is None:
        steps = (1 / 3, 2 / 3)
        strength = lesion.severity
    else:
        steps = (0.06, 0.12) if lesion.disease in DEVICES else (0.12, 0.25)
        strength = contrast
    covered = max(hidden["heart"], hidden["mediastinum"], hidden["diaphragm"])
    is_lung = lesion.disease in (Disease.NODULE, Disease.MASS, Disease.CONSOLIDATION)
    if strength < steps[0] or (is_lung and covered > 0.6):
        return "hard"
    return "easy" if strength >= steps[1] and not (is_lung and covered > 0.25) else "medium"


def contrast_to_noise(contrast: float, spec: FilmSpec, seed: int) -> float:
    """A finding's contrast over the quantum noise of one mm² of film behind lung.

    Scatter adds to the signal behind which the finding is seen: it thins the contrast and its
    quanta are noise as well. The lung's own structure is not part of it.

    Args:
        contrast: mean change of the log primary signal.
        spec: of the film.
        seed: of the body.
    """
    technique = film_technique(spec, seed)
    signal = _TRANSMITTED * (1 + technique.scatter)
    seen = contrast * _TRANSMITTED / signal
    return round(float(seen * np.sqrt(technique.quanta * signal)), 2)


def film_technique(spec: FilmSpec, seed: int) -> Technique:
    """What `render_film` takes for this film: the first draw of its own stream."""
    return technique_of(spec, np.random.default_rng([seed, spec.shot, 71]))
