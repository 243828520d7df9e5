"""Fitting the core to a site's films: what it may claim, and that patients stay together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from readingroom.agent.models.adapt import read_labels
from readingroom.domain.errors import BadInput
from readingroom.domain.finding import Observation
from readingroom.inference.tower import layout
from readingroom.inference.tower.adapt import LEAST, _folds, fit_site_head
from readingroom.inference.tower.calibration import site_lines
from readingroom.inference.tower.reader import Look

EFFUSION = Observation.PLEURAL_EFFUSION
HEAT = np.zeros((len(layout.BOXES), 2, 2), np.float32)


def _looks(signal: float, base: float, count: int = 400) -> tuple[list[Look], np.ndarray]:
    """Looks whose third feature and whose shipped logit tell of an effusion, more or less."""
    rng = np.random.default_rng(3)
    labels = (rng.random(count) < 0.4).astype(np.float32)
    looks = []
    for label in labels:
        features = rng.normal(0, 1, layout.FEATURES).astype(np.float32)
        features[3] += signal * label
        adult = np.zeros(len(layout.ADULT_OBSERVATIONS), np.float32)
        adult[1] = base * label + rng.normal(1.5, 1.0)
        empty = np.zeros(1, np.float32)
        phantom = np.zeros(len(layout.PHANTOM_OBSERVATIONS), np.float32)
        boxes = np.zeros((len(layout.BOXES), 4), np.float32)
        looks.append(Look(phantom, adult, empty, np.ones(4), empty, boxes, HEAT, features, 0.5))
    return looks, labels


def _patients(count: int) -> list[str]:
    return [f"patient-{index // 2}" for index in range(count)]


def test_what_the_features_know_is_used() -> None:
    looks, labels = _looks(signal=2.0, base=0.3)
    head = fit_site_head(EFFUSION, looks, labels, _patients(len(looks)))
    assert head is not None and head.judged
    assert head.after["auroc"] > head.before["auroc"] + 0.15
    assert head.after["calibration_error"] < head.before["calibration_error"]
    assert abs(head.weights[3]) == max(map(abs, head.weights))


def test_what_says_nothing_is_not_judged() -> None:
    looks, labels = _looks(signal=0.0, base=0.0)
    head = fit_site_head(EFFUSION, looks, labels, _patients(len(looks)))
    assert head is not None and not head.judged


def test_absence_is_never_claimed_on_a_site_s_film() -> None:
    looks, labels = _looks(signal=2.0, base=0.3)
    head = fit_site_head(EFFUSION, looks, labels, _patients(len(looks)))
    assert head is not None and head.absent_below == 0.0


def test_too_few_films_fit_nothing() -> None:
    looks, labels = _looks(signal=2.0, base=1.0)
    labels[np.flatnonzero(labels == 1)[LEAST - 1 :]] = np.nan
    assert fit_site_head(EFFUSION, looks, labels, _patients(len(looks))) is None


def test_the_probability_of_the_product_is_the_fitted_one() -> None:
    looks, labels = _looks(signal=2.0, base=1.0)
    head = fit_site_head(EFFUSION, looks, labels, _patients(len(looks)))
    assert head is not None
    line = site_lines({EFFUSION.value: head.plain()})[EFFUSION.value]
    p = np.array([line.probability(float(look.adult[1]), look.features) for look in looks])
    assert p[labels == 1].mean() == pytest.approx(0.75, abs=0.15)
    assert p.mean() == pytest.approx(labels.mean(), abs=0.03)


def test_a_patient_is_in_one_fold() -> None:
    people = np.array(_patients(101))
    folds = _folds(people)
    assert all(len(set(folds[people == one])) == 1 for one in set(people))
    assert set(folds) == set(range(5))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,patient\na.png,1\n", "has not what is needed"),
        ("image,patient,pleural_effusion\na.png,1,maybe\n", "line 2: pleural_effusion is 'maybe'"),
        ("image,patient,pleural_effusion\na.png,,1\n", "line 2: no patient"),
        ("image,patient,pleural_effusion\nb.png,1,1\n", "b.png is not there"),
        ("patient,pleural_effusion,image\n1,1\n", "is not there"),
        ("", "has not what is needed"),
    ],
)
def test_a_table_that_means_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "labels.csv").write_text(text)
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(BadInput, match=message):
        read_labels(tmp_path)


def test_a_folder_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_labels(tmp_path)


def test_a_blank_is_not_a_no(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    rows = "image,patient,pleural_effusion,height\na.png,1,,180\na.png,1,0,180\n"
    (tmp_path / "labels.csv").write_text("\ufeff" + rows)
    films = read_labels(tmp_path)
    assert films.findings == (EFFUSION,)
    assert np.isnan(films.labels[0, 0]) and films.labels[1, 0] == 0
