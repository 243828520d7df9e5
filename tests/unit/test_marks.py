"""What is written on a film is where the truth says, on its side, and readable."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from readingroom.domain.region import Box
from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.exposure import FilmHeader
from readingroom.sandbox_pacs.patients.mark_layout import (
    MarkerHabits,
    identity_stamps,
    marker_stamps,
)
from readingroom.sandbox_pacs.patients.marks import Mark, Stamp, plain_letters, put_stamps
from readingroom.sandbox_pacs.patients.table import by_scenario

SHAPE = (900, 800)


def film() -> np.ndarray:
    return np.full(SHAPE, 0.3, np.float32)


def drawn(*stamps: Stamp, field: Box | None = None) -> tuple[np.ndarray, tuple[Mark, ...]]:
    picture = film()
    return picture, put_stamps(picture, stamps, field)


def changed(picture: np.ndarray, least: float = 0.3) -> Box:
    ys, xs = np.nonzero(np.abs(picture - 0.3) > least)
    return Box(xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)


@pytest.mark.parametrize(
    "stamp",
    [
        Stamp("L", "side", 400, 300, 40, lead=True),
        Stamp("R", "side", 400, 300, 40, lead=True, circled=True, angle_deg=11),
        Stamp("PORTABLE", "posture", 400, 300, 30),
        Stamp("MULLER, JURGEN", "name", 400, 300, 21, bitmap=True),
    ],
)
def test_the_box_holds_the_letters_and_nothing_else_changes(stamp: Stamp) -> None:
    picture, (mark,) = drawn(stamp)
    assert mark.text == stamp.text and mark.visible == 1.0
    assert changed(picture).iou(mark.box) > 0.9
    box = mark.box
    picture[int(box.y0) - 4 : int(box.y1) + 4, int(box.x0) - 4 : int(box.x1) + 4] = 0.3
    assert np.all(picture == np.float32(0.3))


@pytest.mark.parametrize("bitmap", [False, True])
def test_capitals_are_as_high_as_asked(bitmap: bool) -> None:
    _, (mark,) = drawn(Stamp("H", "side", 400, 300, 42, bitmap=bitmap))
    assert abs((mark.box.y1 - mark.box.y0) - 42) <= 3


def test_anchors_stay_at_their_place_whatever_the_text() -> None:
    for text in ("A", "ABCDEFG 12345"):
        _, (left,) = drawn(Stamp(text, "name", 100, 300, 20, anchor="left"))
        _, (right,) = drawn(Stamp(text, "name", 700, 300, 20, anchor="right"))
        assert abs(left.box.x0 - 100) <= 4
        assert abs(right.box.x1 - 700) <= 4


def test_lead_is_not_seen_beyond_the_collimator_but_typed_text_is() -> None:
    field = Box(100, 0, 700, 900)
    lead = Stamp("R", "side", 100, 300, 60, lead=True)
    picture, (mark,) = drawn(lead, field=field)
    assert mark.box.x0 >= 100 and 0.2 < mark.visible < 0.8
    assert np.all(picture[:, :100] == np.float32(0.3))
    typed, (whole,) = drawn(replace(lead, lead=False), field=field)
    assert whole.visible == 1.0 and whole.box.x0 < 100
    assert not np.all(typed[:, :100] == np.float32(0.3))
    assert drawn(replace(lead, x=40), field=field)[1] == ()


def test_a_marker_lying_on_its_face_is_mirrored() -> None:
    glyphs = []
    for mirrored in (False, True):
        picture, (mark,) = drawn(Stamp("L", "side", 400, 300, 60, mirrored=mirrored))
        box = mark.box
        glyphs.append(picture[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)])
    assert np.array_equal(glyphs[0], glyphs[1][:, ::-1])
    assert not np.array_equal(glyphs[0], glyphs[1])


def test_letters_are_told_apart() -> None:
    """L and R of one size must not look alike: a net or a person reads the side from them."""
    pictures = [drawn(Stamp(text, "side", 400, 300, 40))[0] for text in "LRDIG"]
    for index, one in enumerate(pictures):
        for other in pictures[:index]:
            assert np.abs(one - other).sum() > 60


def test_the_marker_stands_on_the_side_that_it_names() -> None:
    middle = SHAPE[1] / 2
    seen = set()
    for seed in range(200):
        spec = FilmHeader(view="AP" if seed % 2 else "PA", setting="portable")
        side, *_ = marker_stamps(Dice("side", seed), spec, SHAPE)
        assert (side.text == "L") == (side.x > middle), seed
        wrong, *_ = marker_stamps(
            Dice("side", seed), spec, SHAPE, habits=MarkerHabits(wrong_side=True)
        )
        assert wrong.text == side.text and (wrong.x > middle) != (side.x > middle)
        seen.add(side.text)
    assert seen == {"L", "R"}


def test_a_lateral_film_names_the_side_at_the_detector() -> None:
    for seed in range(30):
        left, *_ = marker_stamps(Dice(seed), FilmHeader(view="LL"), SHAPE)
        right, *_ = marker_stamps(Dice(seed), FilmHeader(view="RL"), SHAPE)
        assert (left.text, right.text) == ("L", "R")


def test_sites_have_their_own_letters_and_bedside_films_their_own_words() -> None:
    words: set[str] = set()
    whats: set[str] = set()
    habits = MarkerHabits(letters=("D", "I"), initials="Jø")
    when = by_scenario("normal").current.when
    for seed in range(120):
        spec = FilmHeader(view="AP", setting="portable")
        stamps = marker_stamps(Dice(seed), spec, SHAPE, None, habits, when)
        words |= {stamp.text for stamp in stamps}
        whats |= {stamp.what for stamp in stamps}
        _, marks = drawn(*stamps)
        assert [mark.text for mark in marks] == [stamp.text for stamp in stamps]
        assert not any(mark.is_identifying for mark in marks)
    assert {"D", "I", "Jo", "PORTABLE"} <= words
    assert whats == {"side", "initials", "posture", "projection", "time"}
    assert not {"L", "R"} & words


def test_some_markers_are_partly_beyond_the_field_and_most_are_not() -> None:
    field = Box(40, 30, 760, 870)
    visible = []
    for seed in range(200):
        stamps = marker_stamps(Dice("cut", seed), FilmHeader(), SHAPE, field)
        visible += [m.visible for m in drawn(*stamps, field=field)[1] if m.what == "side"]
    cut = sum(share < 0.95 for share in visible)
    assert 4 <= cut <= 40


def test_the_burned_in_block_is_the_patients_and_lies_on_the_film() -> None:
    patient = by_scenario("normal")
    family = plain_letters(patient.name.split("^")[0]).upper()
    for seed in range(40):
        for shape in (SHAPE, (256, 256), (2048, 1700)):
            picture = np.full(shape, 0.3, np.float32)
            stamps = identity_stamps(Dice(seed), patient, patient.current, shape)
            marks = put_stamps(picture, stamps)
            assert all(mark.visible == 1.0 and mark.is_identifying for mark in marks)
            said = {mark.what: mark.text for mark in marks}
            assert said["name"].startswith(family)
            assert patient.patient_id in said["patient_id"]
            assert str(patient.current.when.year) in said["date"]
            for index, mark in enumerate(marks):
                assert all(mark.box.iou(other.box) == 0 for other in marks[:index]), seed


def test_the_block_keeps_off_the_marker() -> None:
    """Text over text is read by nobody, and its boxes would be no truth."""
    patient = by_scenario("normal")
    for seed in range(60):
        _, marks = drawn(*marker_stamps(Dice(seed), FilmHeader(view="AP"), SHAPE))
        stamps = identity_stamps(Dice(seed), patient, patient.current, SHAPE, marks)
        _, block = drawn(*stamps)
        assert all(line.box.iou(mark.box) == 0 for line in block for mark in marks), seed


def test_a_name_is_written_whole_in_latin_or_not_at_all() -> None:
    patient = by_scenario("normal")
    said = []
    for name in ("Müller^Jürgen", "山田^太郎=Yamada^Tarou", "Ж^Ж", "Łoś^Ądam", "O'Brien^Siobhán"):
        other = replace(patient, name=name, birth_date=date(1950, 3, 12))
        stamps = identity_stamps(Dice(1), other, other.current, SHAPE)
        names = [stamp.text for stamp in stamps if stamp.what == "name"]
        said.append("".join(names).replace("^", " ").replace(", ", " "))
    assert said == ["MULLER JURGEN", "YAMADA TAROU", "", "LOS ADAM", "O'BRIEN SIOBHAN"]


def test_the_same_dice_give_the_same_pixels() -> None:
    patient = by_scenario("normal")

    def once() -> bytes:
        picture = film()
        put_stamps(picture, marker_stamps(Dice(3), FilmHeader(), SHAPE))
        put_stamps(picture, identity_stamps(Dice(3), patient, patient.current, SHAPE))
        return picture.tobytes()

    assert once() == once()
