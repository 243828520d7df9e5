"""Frontal films of the parametric chest for training, with what a tower has to learn of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.finding import Observation
from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.chest.body import Body, Sex, Split, body_of
from readingroom.sandbox_pacs.patients.chest.film import FilmSpec, Quality, Setting, render_film
from readingroom.sandbox_pacs.patients.chest.project import View
from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.disease import DEVICES, WITHOUT_SIDE, Disease, Lesion

BoxPx = tuple[float, float, float, float]

_OFTEN = {
    Disease.NODULE: 2.0,
    Disease.CONSOLIDATION: 1.5,
    Disease.PLEURAL_EFFUSION: 1.3,
    Disease.PNEUMOTHORAX: 1.5,
    Disease.CARDIOMEGALY: 1.1,
    Disease.WIDE_MEDIASTINUM: 1.2,
    Disease.TRACHEAL_TUBE: 1.0,
    Disease.MASS: 1.0,
    Disease.ATELECTASIS: 1.3,
    Disease.INTERSTITIAL_OEDEMA: 1.1,
    Disease.EMPHYSEMA: 0.8,
    Disease.RIB_FRACTURE: 0.8,
    Disease.HILAR_ENLARGEMENT: 0.8,
    Disease.CENTRAL_LINE: 1.0,
    Disease.CHEST_TUBE: 0.8,
    Disease.PACEMAKER: 0.6,
}
"""What the tower learns by name, and how often one is drawn beside the others."""

_BETWEEN_MM = 5.0
"""This near to 30 mm a lump may be called a nodule or a mass."""


@dataclass(frozen=True)
class Item:
    """A taught finding. `box` and `point` in pixels; `point` is a tube's tip.

    Attributes:
        mask: bool, square, of the film's own size at most.
    """

    observation: Observation
    box: BoxPx
    point: tuple[float, float]
    mask: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TrainingFilm:
    """A film and what is known of it.

    Attributes:
        grey_yx: float32 (size, size), 0 to 1.
        unknown: taught findings of which nothing may be said here.
        masks: of the heart, the right and the left lung.
    """

    grey_yx: NDArray[np.float32]
    truth: tuple[Item, ...]
    unknown: frozenset[Observation]
    heart: BoxPx
    thorax: BoxPx
    lungs: tuple[BoxPx, BoxPx]
    masks: tuple[NDArray[np.bool_], ...]
    quality: Quality


def training_case(
    seed: int, split: Split, size: int, rng: np.random.Generator
) -> tuple[Body, tuple[Lesion, ...], FilmSpec]:
    """Whom and what a seed stands for: any findings, any quality, any framing."""
    sex: Sex = "F" if rng.random() < 0.5 else "M"
    body = body_of(seed, sex, int(rng.integers(19, 92)), split)
    lesions = _lesions(rng)
    return body, lesions, _spec(rng, size)


def training_film(seed: int, split: Split, size: int) -> TrainingFilm:
    """Draw the film that a seed stands for."""
    rng = np.random.default_rng([seed, 5])
    body, lesions, spec = training_case(seed, split, size, rng)
    film = render_film(body, lesions, spec)
    truth = tuple(
        Item(Observation(found.lesion.disease.value), found.box, found.point, found.mask)
        for found in film.findings
    )
    drawn = {item.observation for item in truth}
    hidden = {Observation(lesion.disease.value) for lesion in lesions} - drawn
    grey = _marked(film.grey_yx, rng, spec)
    return TrainingFilm(
        grey_yx=grey,
        truth=truth,
        unknown=frozenset(hidden | _either(lesions)) - drawn,
        heart=film.heart,
        thorax=film.thorax,
        lungs=film.lungs,
        masks=(film.heart_mask, *film.lung_masks),
        quality=spec.quality,
    )


def _lesions(rng: np.random.Generator) -> tuple[Lesion, ...]:
    count = int(rng.choice(5, p=[0.2, 0.3, 0.27, 0.15, 0.08]))
    weights = np.array(list(_OFTEN.values()))
    chosen = rng.choice(len(weights), count, replace=False, p=weights / weights.sum())
    kinds = [list(_OFTEN)[index] for index in chosen]
    return tuple(_lesion(rng, kind, number) for number, kind in enumerate(kinds))


def _either(lesions: tuple[Lesion, ...]) -> set[Observation]:
    """Nodule and mass, where a lump is of a size that has either name."""
    lumps = (Disease.NODULE, Disease.MASS)
    sizes = [lesion.size_mm or 0.0 for lesion in lesions if lesion.disease in lumps]
    if any(abs(size - 30.0) < _BETWEEN_MM for size in sizes):
        return {Observation.NODULE, Observation.MASS}
    return set()


def _lesion(rng: np.random.Generator, kind: Disease, number: int) -> Lesion:
    side = Laterality.RIGHT if rng.random() < 0.5 else Laterality.LEFT
    if kind in WITHOUT_SIDE:
        side = Laterality.MIDLINE
    zones = (Zone.UPPER, Zone.MID, Zone.LOWER)
    severity = float(rng.uniform(0, 1))
    if kind is Disease.PLEURAL_EFFUSION:
        severity **= 1.7  # most that are met are small
    return Lesion(
        key=f"{kind.value}-{number}",
        disease=kind,
        laterality=side,
        zone=zones[int(rng.integers(3))],
        severity=severity,
        place=int(rng.integers(1_000_000)),
        well_placed=kind not in DEVICES or rng.random() < 0.75,
    )


def _spec(rng: np.random.Generator, size: int) -> FilmSpec:
    view: View = "PA" if rng.random() < 0.62 else "AP"
    setting: Setting = "erect"
    if view == "AP":
        setting = ("erect", "portable", "supine")[int(rng.choice(3, p=[0.2, 0.5, 0.3]))]
    quality: Quality = "adequate"
    if rng.random() < 0.15:
        quality = ("underexposed", "noisy", "rotated")[int(rng.integers(3))]
    return FilmSpec(
        view, setting, size, quality, int(rng.integers(0, 1000)), float(rng.uniform(335, 430))
    )


def _marked(
    grey: NDArray[np.float32], rng: np.random.Generator, spec: FilmSpec
) -> NDArray[np.float32]:
    """Lead markers and a collimator's edge, as films have them."""
    from readingroom.sandbox_pacs.patients.exposure import FilmHeader
    from readingroom.sandbox_pacs.patients.mark_layout import MarkerHabits, marker_stamps
    from readingroom.sandbox_pacs.patients.marks import put_stamps

    size = grey.shape[0]
    if rng.random() < 0.8:
        dice = Dice("training", int(rng.integers(1 << 30)))
        habits = MarkerHabits(initials="" if rng.random() < 0.6 else "AB")
        taken = FilmHeader(view="AP" if spec.view == "AP" else "PA", setting=spec.setting)
        put_stamps(grey, marker_stamps(dice, taken, (size, size), None, habits))
    if rng.random() < 0.3:
        for edge in rng.integers(0, max(2, size // 22), 4).nonzero()[0]:
            depth = int(rng.integers(1, max(2, size // 22)))
            side = np.rot90(grey, int(edge))
            side[:depth] = float(rng.choice([0.0, 0.02, 0.9]))
    return grey


__all__ = ["Item", "TrainingFilm", "training_case", "training_film"]
