"""The films of a chest study: drawn by the engine in `chest`, lettered, and with their truth."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from readingroom.domain.region import Box, Laterality
from readingroom.sandbox_pacs.patients.chest.body import Body, body_of
from readingroom.sandbox_pacs.patients.chest.film import ChestFilm, FilmSpec, render_film
from readingroom.sandbox_pacs.patients.chest.truth import FilmFinding
from readingroom.sandbox_pacs.patients.chest_grades import (
    contrast_to_noise,
    film_technique,
    grade,
    overlap,
    regions,
)
from readingroom.sandbox_pacs.patients.chest_truth import (
    MEASURED,
    SCHEMA,
    lesion_truth,
    lobe_of,
    rounded,
    third_of,
    zone_of,
)
from readingroom.sandbox_pacs.patients.common import image_uid
from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.drawn_things import DrawnThing, SeenMask
from readingroom.sandbox_pacs.patients.exposure import Exposure, FilmHeader, film_headers
from readingroom.sandbox_pacs.patients.film_object import film_dataset
from readingroom.sandbox_pacs.patients.mark_layout import (
    MarkerHabits,
    identity_stamps,
    marker_stamps,
)
from readingroom.sandbox_pacs.patients.marks import Mark, put_stamps
from readingroom.sandbox_pacs.patients.mask_codes import diameters, rle
from readingroom.sandbox_pacs.patients.one_thread import one_thread
from readingroom.sandbox_pacs.patients.people import Patient, Study
from readingroom.sandbox_pacs.patients.sites import SITES

_LETTERS = {"es": ("D", "I"), "fr": ("D", "G"), "pt": ("D", "E"), "it": ("D", "S")}
_INITIALS = ("JM", "AK", "TS", "RB", "ML", "CD", "PV", "EH")
_DRAWN_VIEWS: dict[str, Literal["PA", "AP", "LL"]] = {"PA": "PA", "AP": "AP", "LL": "LL"}


def patient_body(patient: Patient) -> Body:
    """The one body of a patient: as old as at the newest study, so that it is the same in all."""
    newest = max(study.when for study in patient.studies)
    sex: Literal["F", "M"] = "F" if patient.sex == "F" else "M"
    return body_of(patient.seed, sex, patient.age_at(newest.date()), patient.split)


_FIELDS_MM = (350.0, 370.0, 390.0, 410.0, 430.0)
"""How wide the collimator is opened; a detector of 17 inches is 430 mm."""


def shot_of(study: Study, number: int) -> int:
    """What tells one exposure from all others of the same body."""
    return zlib.crc32(image_uid(study, number).encode())


@dataclass(frozen=True, eq=False)
class _Taken:
    """One film of the study, once it is drawn; the picture itself is not kept."""

    spec: FilmSpec
    header: FilmHeader
    film: ChestFilm
    marks: tuple[Mark, ...]


class ChestFilms:
    """The films of one study as `pictures.Drawing`."""

    def __init__(self, patient: Patient, study: Study) -> None:
        self._patient, self._study = patient, study
        self._taken: list[_Taken] = []

    def images(self) -> Iterator[Dataset]:
        """Each film in the order of `study.films`.

        Raises:
            ValueError: a view that the engine does not take.
        """
        body = patient_body(self._patient)
        for header in film_headers(self._study):
            if header.view not in _DRAWN_VIEWS:
                raise ValueError(f"no film is drawn in view {header.view!r}: PA, AP or LL")
            shot = shot_of(self._study, header.number)
            spec = FilmSpec(
                view=_DRAWN_VIEWS[header.view],
                setting=header.setting,
                size=self._study.film_rows,
                quality=self._study.quality,
                shot=shot,
                field_mm=_FIELDS_MM[shot % len(_FIELDS_MM)],
            )
            with one_thread():
                film = render_film(body, self._study.lesions, spec)
            header = replace(header, exposure=_exposure(header, film))
            grey = film.grey_yx.copy()
            marks = self._letter(grey, header)
            without = replace(film, grey_yx=np.zeros((0, 0), np.float32))
            self._taken.append(_Taken(spec, header, without, marks))
            yield film_dataset(self._patient, self._study, grey, film.spacing_mm, header)

    def truth(self) -> dict[str, Any]:
        """Lesions, and by film geometry, anatomy, marks and findings."""
        films = [self._film_truth(taken) for taken in self._taken]
        pitch = self._taken[0].film.spacing_mm
        return {
            "schema": SCHEMA,
            "spacing_zyx_mm": [0.0, pitch, pitch],
            "lesions": [self._lesion(lesion.key, films) for lesion in self._study.lesions],
            "images": films,
        }

    def drawn_mm(self) -> dict[str, float]:
        """Sizes of what is seen on any of the films."""
        seen = [each for taken in self._taken for each in taken.film.findings]
        return {each.lesion.key: each.mm for each in seen if each.mm is not None}

    def facts(self) -> dict[str, float | str]:
        """Size and zone by disease, of what the first film shows."""
        told: dict[str, float | str] = {}
        taken = self._taken[0]
        for finding in taken.film.findings:
            told[f"{finding.lesion.disease}_zone"] = str(_zone(taken.film, finding))
            if finding.mm is not None:
                told[f"{finding.lesion.disease}_mm"] = finding.mm
        return told

    def things(self) -> tuple[DrawnThing, ...]:
        """Each lesion with its masks on the films; also where none shows it."""
        return tuple(self._thing(index) for index in range(len(self._study.lesions)))

    def _thing(self, index: int) -> DrawnThing:
        lesion = self._study.lesions[index]
        zone, masks, size_mm = zone_of(lesion, lesion.zone), [], lesion.size_mm
        for number, taken in enumerate(self._taken):
            for finding in taken.film.findings:
                if finding.lesion.key == lesion.key:
                    masks.append(SeenMask(number, finding.mask, Box(*finding.box)))
                    zone = _zone(taken.film, finding) if number == 0 else zone
        return DrawnThing(lesion, zone, size_mm, tuple(masks))

    def _letter(self, grey_yx: NDArray[np.float32], header: FilmHeader) -> tuple[Mark, ...]:
        """Put marker and, where it has any, burned-in text onto a film; changed in place."""
        rows, columns = grey_yx.shape
        dice = Dice("marks", image_uid(self._study, header.number))
        habits = _habits(dice, self._study)
        stamps = marker_stamps(dice, header, (rows, columns), habits=habits, when=self._study.when)
        marks = put_stamps(grey_yx, stamps)
        if not header.burned_in:
            return marks
        text = identity_stamps(dice, self._patient, self._study, (rows, columns), marks)
        return marks + put_stamps(grey_yx, text)

    def _lesion(self, key: str, films: list[dict[str, Any]]) -> dict[str, Any]:
        """A lesion of the study: as on the first film that shows it, and where it is seen."""
        lesion = next(each for each in self._study.lesions if each.key == key)
        seen = [
            (film, found) for film in films for found in film["findings"] if found["key"] == key
        ]
        told = lesion_truth(lesion, zone_of(lesion, lesion.zone), None)
        if seen:
            told = {name: seen[0][1][name] for name in told}
        return told | {"seen_on": [film["sop_uid"] for film, _ in seen]}

    def _film_truth(self, taken: _Taken) -> dict[str, Any]:
        film, header = taken.film, taken.header
        with one_thread():
            over = regions(film) if film.findings else {}
        return {
            "sop_uid": image_uid(self._study, header.number),
            "view": header.view,
            "setting": header.setting,
            "quality": taken.spec.quality,
            "inverted": header.inverted,
            **_geometry(taken),
            **_anatomy(film),
            "burned_in": header.burned_in,
            "marks": [_mark_truth(mark) for mark in taken.marks],
            "findings": [_finding(taken, each, over) for each in film.findings],
        }


def _exposure(header: FilmHeader, film: ChestFilm) -> Exposure:
    """What the department set, with the distances of the beam that drew the film."""
    beam = film.beam
    return replace(
        header.taken,
        source_to_detector_mm=beam.source_mm,
        source_to_object_mm=round(beam.source_mm - beam.gap_mm, 1),
    )


def _habits(dice: Dice, study: Study) -> MarkerHabits:
    languages = {site.institution: site.language for site in SITES}
    letters = _LETTERS.get(languages.get(study.device.institution, "en"), ("R", "L"))
    return MarkerHabits(letters, dice.pick(_INITIALS) if dice.chance(0.35) else "")


def _zone(film: ChestFilm, finding: FilmFinding) -> Any:
    lungs = film.lungs
    _, top, _, bottom = lungs[1 if finding.lesion.laterality is Laterality.LEFT else 0]
    return zone_of(finding.lesion, third_of(finding.point[1], top, bottom))


def _geometry(taken: _Taken) -> dict[str, Any]:
    film, exposure = taken.film, taken.header.taken
    technique = film_technique(taken.spec, film.body.seed)
    return {
        "rows": taken.spec.size,
        "columns": taken.spec.size,
        "detector_pitch_mm": round(film.spacing_mm, 6),
        "spacing": str(taken.header.spacing),
        "magnification": round(exposure.magnification, 6),
        "source_to_detector_mm": exposure.source_to_detector_mm,
        "source_to_object_mm": exposure.source_to_object_mm,
        "exposure": {
            "kvp": exposure.kvp,
            "charge_uas": exposure.charge_uas,
            "grid": exposure.grid,
            "exposure_index": exposure.exposure_index,
            "target_index": exposure.target_index,
            "quanta_per_mm2": round(technique.quanta),
            "scatter_to_primary": round(technique.scatter, 3),
        },
    }


def _anatomy(film: ChestFilm) -> dict[str, Any]:
    right, left = film.lungs
    return {
        "lung_right": rounded(right),
        "lung_left": rounded(left),
        "heart": rounded(film.heart),
        "thorax": rounded(film.thorax),
        "cardiothoracic_ratio": None
        if film.beam.is_lateral
        else round(film.cardiothoracic_ratio, 3),
        "lung_masks": {"right": rle(film.lung_masks[0]), "left": rle(film.lung_masks[1])},
    }


def _mark_truth(mark: Mark) -> dict[str, Any]:
    box = mark.box
    return {
        "text": mark.text,
        "what": mark.what,
        "box": rounded((box.x0, box.y0, box.x1, box.y1)),
        "visible": mark.visible,
        "identifying": mark.is_identifying,
    }


def _finding(
    taken: _Taken, finding: FilmFinding, over: dict[str, NDArray[np.bool_]]
) -> dict[str, Any]:
    film, lesion = taken.film, finding.lesion
    lobe = lobe_of(film.body, lesion, finding.centre_mm)
    seen = lesion_truth(lesion, _zone(film, finding), lobe)
    noise = contrast_to_noise(finding.contrast, taken.spec, film.body.seed)
    hidden = overlap(finding.mask, over)
    return seen | {
        "box": rounded(finding.box),
        "mask": rle(finding.mask),
        "point": rounded(finding.point),
        "centre_mm": rounded(finding.centre_mm),
        "diameters_mm": _diameters(film, finding),
        "contrast": round(finding.contrast, 4),
        "difficulty": {
            "grade": grade(lesion, finding.contrast or None, hidden),
            "contrast_to_noise": noise if finding.contrast else None,
            "size_mm": seen["size_mm"],
            "overlap": hidden,
        },
    }


def _diameters(film: ChestFilm, finding: FilmFinding) -> list[float] | None:
    """Longest width of the mask and the one across it, in the body where the finding lies."""
    if finding.lesion.disease not in MEASURED:
        return None
    along = finding.centre_mm[0 if film.beam.is_lateral else 1]
    enlarged = float(film.beam.magnification(np.array([along], np.float32))[0])
    pitch = film.beam.field_mm / finding.mask.shape[0] / enlarged
    return rounded(tuple(pitch * width for width in diameters(finding.mask)))
