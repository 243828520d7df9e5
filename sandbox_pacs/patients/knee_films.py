"""Knees among the studies: what is no chest and has no finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from readingroom.sandbox_pacs.patients.drawn_things import DrawnThing
from readingroom.sandbox_pacs.patients.film_object import film_dataset
from readingroom.sandbox_pacs.patients.knee import render_knee
from readingroom.sandbox_pacs.patients.people import Patient, Study

FIELD_MM = 240.0


def knee_grey(patient: Patient, study: Study) -> NDArray[np.float32]:
    """The film, float32 (rows, columns) 0 to 1, bright is dense."""
    return render_knee(patient.seed + study.shot, study.film_rows)


class KneeFilm:
    """A knee as `pictures.Drawing`."""

    def __init__(self, patient: Patient, study: Study) -> None:
        self._patient, self._study = patient, study

    def images(self) -> Iterator[Dataset]:
        """The one film."""
        grey = knee_grey(self._patient, self._study)
        yield film_dataset(self._patient, self._study, grey, self._pitch)

    def truth(self) -> dict[str, Any]:
        """Nothing was drawn."""
        return {"schema": 1, "spacing_zyx_mm": [0.0, self._pitch, self._pitch], "findings": []}

    def drawn_mm(self) -> dict[str, float]:
        """None."""
        return {}

    def facts(self) -> dict[str, float | str]:
        """None."""
        return {}

    def things(self) -> tuple[DrawnThing, ...]:
        """None."""
        return ()

    @property
    def _pitch(self) -> float:
        return FIELD_MM / self._study.film_rows
