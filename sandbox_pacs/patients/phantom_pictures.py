"""Studies that the flat phantom draws, with their truth: of patients told by signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from readingroom.domain.finding import Observation
from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.anatomy import FilmRecipe, FindingSpec
from readingroom.sandbox_pacs.patients.ct_object import ct_datasets
from readingroom.sandbox_pacs.patients.ct_phantom import ct_spacing_mm, render_ct
from readingroom.sandbox_pacs.patients.drawn_things import DrawnThing
from readingroom.sandbox_pacs.patients.film_object import film_dataset
from readingroom.sandbox_pacs.patients.knee_films import FIELD_MM, knee_grey
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Study
from readingroom.sandbox_pacs.patients.phantom import RenderedFilm, TruthItem, render_film

CT_SLICES, CT_SIZE = 20, 256

_FIXED_ZONES = {
    Observation.PLEURAL_EFFUSION: Zone.BASE,
    Observation.PNEUMOTHORAX: Zone.APEX,
    Observation.CARDIOMEGALY: Zone.HEART,
    Observation.WIDE_MEDIASTINUM: Zone.MEDIASTINUM,
    Observation.TRACHEAL_TUBE: Zone.MEDIASTINUM,
}


@dataclass(frozen=True, eq=False)
class StudyPicture:
    """The pixels of one study, and what is on them.

    Attributes:
        grey_yx: float32 (rows, columns), 0 to 1, bright is dense; None for CT.
        volume_zyx: int16 Hounsfield units, highest slice first; None for a film.
        spacing_zyx_mm: voxel pitch; z is 0 for a film.
        truth: JSON-ready: findings with box and point in pixels, sizes in mm.
    """

    grey_yx: NDArray[np.float32] | None
    volume_zyx: NDArray[np.int16] | None
    spacing_zyx_mm: tuple[float, float, float]
    truth: dict[str, Any]

    def facts(self) -> dict[str, float | str]:
        """What the placeholders of a report stand for."""
        facts: dict[str, float | str] = {}
        for finding in self.truth["findings"]:
            if "mm" not in finding:
                continue
            facts[f"{finding['observation']}_mm"] = finding["mm"]
            facts[f"{finding['observation']}_zone"] = finding["zone"]
        return facts


class PhantomPictures:
    """A study of the flat phantom as `pictures.Drawing`."""

    def __init__(self, patient: Patient, study: Study) -> None:
        self._patient, self._study = patient, study
        self._picture = picture_of(patient, study)

    def images(self) -> Iterator[Dataset]:
        """The film, or the slices."""
        picture = self._picture
        if picture.volume_zyx is not None:
            yield from ct_datasets(
                self._patient, self._study, picture.volume_zyx, picture.spacing_zyx_mm
            )
        if picture.grey_yx is not None:
            pitch = picture.spacing_zyx_mm[1]
            yield film_dataset(self._patient, self._study, picture.grey_yx, pitch)

    def truth(self) -> dict[str, Any]:
        """What was drawn."""
        spacing = list(self._picture.spacing_zyx_mm)
        return {"schema": 1, "spacing_zyx_mm": spacing, **self._picture.truth}

    def drawn_mm(self) -> dict[str, float]:
        """Signs have no key."""
        return {}

    def facts(self) -> dict[str, float | str]:
        """Sizes and zones of what was drawn."""
        return self._picture.facts()

    def things(self) -> tuple[DrawnThing, ...]:
        """None: the phantom's boxes have no masks."""
        return ()


def picture_of(patient: Patient, study: Study) -> StudyPicture:
    """Draw a study; the same study gives the same pixels on every run."""
    if study.picture is Picture.CHEST_CT:
        volume = render_ct(_recipe(patient, study), CT_SLICES, CT_SIZE)
        spacing = ct_spacing_mm(CT_SLICES, CT_SIZE)
        return StudyPicture(None, volume, spacing, {"findings": _signs_only(study)})
    if study.picture is Picture.KNEE_FILM:
        pitch = FIELD_MM / study.film_rows
        return StudyPicture(knee_grey(patient, study), None, (0.0, pitch, pitch), {"findings": []})
    film = render_film(_recipe(patient, study), study.film_rows)
    pitch = film.spacing_mm
    return StudyPicture(film.grey_yx, None, (0.0, pitch, pitch), _film_truth(film))


def _recipe(patient: Patient, study: Study) -> FilmRecipe:
    return FilmRecipe(
        seed=patient.seed,
        sex=patient.sex,
        view="AP" if study.view == "AP" else "PA",
        findings=tuple(
            FindingSpec(sign.observation, sign.laterality, sign.severity) for sign in study.signs
        ),
        quality=study.quality,
        shot=study.shot,
    )


def _film_truth(film: RenderedFilm) -> dict[str, Any]:
    return {
        "findings": [
            {
                "observation": str(item.observation),
                "laterality": str(item.laterality),
                "zone": str(_zone(film, item)),
                "box": [round(value, 1) for value in item.box],
                "point": [round(value, 1) for value in item.point],
                "mm": round(item.mm, 1),
            }
            for item in film.truth
        ],
        "thorax": [round(value, 1) for value in film.thorax],
        "heart": [round(value, 1) for value in film.heart],
        "lung_right": [round(value, 1) for value in film.lungs[0]],
        "lung_left": [round(value, 1) for value in film.lungs[1]],
        "cardiothoracic_ratio": round(film.cardiothoracic_ratio, 3),
    }


def _signs_only(study: Study) -> list[dict[str, Any]]:
    """A CT's truth: what is there; the coarse volume has no box of its own."""
    return [
        {"observation": str(sign.observation), "laterality": str(sign.laterality)}
        for sign in study.signs
    ]


def _zone(film: RenderedFilm, item: TruthItem) -> Zone:
    """Thirds of the lung's height, where the kind of finding does not fix it."""
    fixed = _FIXED_ZONES.get(item.observation)
    if fixed is not None:
        return fixed
    _, top, _, bottom = film.lungs[0 if item.laterality is Laterality.RIGHT else 1]
    third = int(3 * (item.point[1] - top) / (bottom - top))
    return (Zone.UPPER, Zone.MID, Zone.LOWER)[min(max(third, 0), 2)]
