"""The outline of a finding is that of the hottest part of its heat map, on the film's own grid."""

from __future__ import annotations

import numpy as np

from readingroom.inference.tower.outline import outline


def _heat(*cells: tuple[int, int], hottest: tuple[int, int]) -> np.ndarray:
    heat = np.full((8, 8), -3.0, np.float32)
    for cell in cells:
        heat[cell] = 1.0
    heat[hottest] = 2.0
    return heat


def test_one_cell_is_a_square_of_the_film() -> None:
    assert outline(_heat(hottest=(2, 3)), 80, 160) == ((60, 20), (60, 30), (80, 30), (80, 20))


def test_what_hangs_together_with_the_hottest_is_in_and_the_rest_is_not() -> None:
    around = outline(_heat((2, 3), (3, 4), (7, 0), hottest=(3, 3)), 8, 8)
    assert around == ((3, 2), (3, 3), (3, 4), (5, 4), (5, 3), (4, 3), (4, 2))


def test_nothing_hot_has_no_outline() -> None:
    assert outline(np.full((8, 8), -1.0, np.float32), 80, 80) == ()
