"""Zones tell where an absence claim looked: wrong ones would point at the wrong lung."""

from __future__ import annotations

import numpy as np

from readingroom.domain.finding import VOCABULARY, Observation
from readingroom.domain.region import Box, Laterality, Zone
from readingroom.inference.tower.preprocess import crop_input, film_input, resample
from readingroom.inference.tower.zones import place, plausible, usual_lungs, zone_boxes

RIGHT, LEFT = usual_lungs(1000, 800)


def test_every_zone_is_at_most_a_quarter_of_the_film() -> None:
    for item in zone_boxes(RIGHT, LEFT, (100.0, 300.0, 790.0, 990.0), 1000, 800):
        if item.zone is not Zone.WHOLE:
            assert item.box.area <= 0.25 * 800 * 1000
        assert 0 <= item.box.x0 < item.box.x1 <= 800
        assert 0 <= item.box.y0 < item.box.y1 <= 1000


def test_all_zones_of_the_vocabulary_are_there() -> None:
    found = {item.zone for item in zone_boxes(RIGHT, LEFT, None, 1000, 800)}
    for entry in VOCABULARY.values():
        assert set(entry.zones) <= found


def test_right_zones_are_on_the_viewers_left() -> None:
    for item in zone_boxes(RIGHT, LEFT, None, 1000, 800):
        if item.laterality is Laterality.RIGHT:
            assert item.box.x1 < 400
        if item.laterality is Laterality.LEFT:
            assert item.box.x0 > 400


def test_a_box_gets_side_and_zone() -> None:
    box = Box(120, 700, 200, 780)
    assert place(Observation.NODULE, box, RIGHT, LEFT) == (Laterality.RIGHT, Zone.LOWER)
    assert place(Observation.TRACHEAL_TUBE, box, RIGHT, LEFT)[0] is Laterality.MIDLINE


def test_swapped_lungs_are_not_believed() -> None:
    assert plausible(RIGHT, LEFT, 1000, 800)
    assert not plausible(LEFT, RIGHT, 1000, 800)


def test_a_film_looks_the_same_at_any_resolution() -> None:
    small = np.kron(np.random.default_rng(0).random((56, 56)), np.ones((4, 4))).astype(np.float32)
    large = np.kron(small, np.ones((3, 5))).astype(np.float32)
    assert np.abs(film_input(small) - film_input(large)).max() < 0.02


def test_a_crop_is_the_part_that_was_named() -> None:
    grey = np.zeros((400, 600), np.float32)
    grey[100:200, 300:450] = 1
    assert crop_input(grey, (300, 100, 450, 200), (0.0, 1.0)).min() > 0.99
    assert resample(grey, 32, (0, 200, 600, 400)).max() == 0
