"""A phantom must be the same person every time, and its truth must lie where it was drawn."""

from __future__ import annotations

import numpy as np
import pytest

from readingroom.domain.finding import Observation
from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.ct_phantom import ct_spacing_mm, render_ct
from readingroom.sandbox_pacs.patients.not_chest import KINDS, render_not_chest
from readingroom.sandbox_pacs.patients.phantom import (
    FilmRecipe,
    FindingSpec,
    random_recipe,
    render_film,
)

SIDED = (
    Observation.NODULE,
    Observation.CONSOLIDATION,
    Observation.PLEURAL_EFFUSION,
    Observation.PNEUMOTHORAX,
)


def test_same_recipe_gives_the_same_bytes() -> None:
    recipe = random_recipe(np.random.default_rng(3))
    assert render_film(recipe, 128).grey_yx.tobytes() == render_film(recipe, 128).grey_yx.tobytes()


@pytest.mark.parametrize("observation", SIDED)
@pytest.mark.parametrize("side", [Laterality.RIGHT, Laterality.LEFT])
def test_truth_lies_on_the_patients_side(observation: Observation, side: Laterality) -> None:
    for seed in range(12):
        film = render_film(FilmRecipe(seed, findings=(FindingSpec(observation, side, 0.5),)), 192)
        (item,) = film.truth
        middle = (item.box[0] + item.box[2]) / 2
        # The patient's right is on the viewer's left.
        assert (middle < 96) == (side is Laterality.RIGHT)
        assert 0 <= item.box[0] < item.box[2] <= 192 and 0 <= item.box[1] < item.box[3] <= 192


def test_a_finding_grows_where_it_was() -> None:
    def nodule(severity: float) -> tuple[float, tuple[float, float]]:
        spec = FindingSpec(Observation.NODULE, Laterality.LEFT, severity)
        (item,) = render_film(FilmRecipe(77, findings=(spec,)), 256).truth
        return item.mm, item.point

    (small, at), (large, still_at) = nodule(0.2), nodule(0.8)
    assert large > small + 8
    assert at == still_at


def test_a_finding_changes_the_picture_inside_its_box() -> None:
    plain = render_film(FilmRecipe(5), 256)
    spec = FindingSpec(Observation.CONSOLIDATION, Laterality.RIGHT, 0.8)
    film = render_film(FilmRecipe(5, findings=(spec,)), 256)
    x0, y0, x1, y1 = (int(v) for v in film.truth[0].box)
    change = film.grey_yx - plain.grey_yx
    assert change[y0:y1, x0:x1].mean() > 0.08
    change[y0 - 8 : y1 + 8, x0 - 8 : x1 + 8] = 0
    assert np.abs(change).mean() < 0.005


def test_cardiomegaly_widens_the_heart() -> None:
    plain = render_film(FilmRecipe(9), 128)
    spec = FindingSpec(Observation.CARDIOMEGALY, Laterality.MIDLINE, 0.3)
    large = render_film(FilmRecipe(9, findings=(spec,)), 128)
    assert plain.cardiothoracic_ratio < 0.51 < large.cardiothoracic_ratio


def test_ct_shows_the_nodule_of_the_film() -> None:
    spec = FindingSpec(Observation.NODULE, Laterality.LEFT, 1.0)
    (item,) = render_film(FilmRecipe(21, findings=(spec,)), 256).truth
    with_it = render_ct(FilmRecipe(21, findings=(spec,)), 40, 128).astype(int)
    without = render_ct(FilmRecipe(21), 40, 128).astype(int)
    assert with_it.dtype == int and with_it.shape == (40, 128, 128)
    column = np.flatnonzero((with_it - without > 500).any((0, 1)))
    assert abs(column.mean() / 128 - item.point[0] / 256) < 0.03
    assert ct_spacing_mm(40, 128)[1] == pytest.approx(350 / 128)


def test_pictures_of_no_chest_are_pictures() -> None:
    for kind in KINDS:
        plane = render_not_chest(kind, 1, 64)
        assert plane.shape == (64, 64) and plane.dtype == np.float32
        assert 0 <= plane.min() <= plane.max() <= 1
