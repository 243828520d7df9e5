"""From a study to its images and the truth of what was drawn, whatever it shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from pydicom.dataset import Dataset

from readingroom.sandbox_pacs.patients.chest_ct import ChestCt, slice_count
from readingroom.sandbox_pacs.patients.chest_films import ChestFilms
from readingroom.sandbox_pacs.patients.drawn_things import DrawnThing
from readingroom.sandbox_pacs.patients.knee_films import KneeFilm
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Study


class Drawing(Protocol):
    """A study being drawn. All but `images` is asked for once these are through."""

    def images(self) -> Iterator[Dataset]:
        """Each image in order, made when it is asked for; only once."""
        ...

    def truth(self) -> dict[str, Any]:
        """JSON-ready: what is where; joins what `build` knows of every study."""
        ...

    def drawn_mm(self) -> dict[str, float]:
        """Size by key of the lesion, where it is seen and has one."""
        ...

    def facts(self) -> dict[str, float | str]:
        """What the placeholders of a report of its own stand for, such as "nodule_mm"."""
        ...

    def things(self) -> tuple[DrawnThing, ...]:
        """What the truth as SR and SEG tells; empty where that is not made."""
        ...


def drawing_of(patient: Patient, study: Study) -> Drawing:
    """What draws a study; the same study gives the same bytes on every run."""
    if study.picture is Picture.KNEE_FILM:
        return KneeFilm(patient, study)
    if study.picture is Picture.CHEST_CT:
        return ChestCt(patient, study)
    return ChestFilms(patient, study)


def image_count(patient: Patient, study: Study) -> int:
    """How many images a study has, without drawing it."""
    if study.picture is Picture.CHEST_CT:
        return slice_count(patient, study)
    return len(study.films)
