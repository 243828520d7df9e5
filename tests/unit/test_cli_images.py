"""Pictures: what is marked is where it should be, and nothing asks the terminal to answer."""

from __future__ import annotations

import io
import re
from pathlib import Path

import cli_fake
import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from readingroom.agent.cli.images.blocks import encode_blocks
from readingroom.agent.cli.images.compose import PALETTE, compose, zoom_on
from readingroom.agent.cli.images.kitty import encode_kitty
from readingroom.agent.cli.images.letters import place, with_letters
from readingroom.agent.cli.images.probe import Abilities, parse_replies, probe
from readingroom.agent.cli.images.show import NOT_FOR_DIAGNOSIS, Pictures, choose_mode
from readingroom.agent.cli.images.sixel import encode_sixel
from readingroom.agent.cli.terminal import Terminal
from readingroom.domain.events import ImageShown, Overlay

SCREEN = Terminal(
    interactive=True,
    stdout_tty=True,
    colour=True,
    truecolour=True,
    multiplexed=False,
    name="xterm-256color",
    columns=80,
    rows=40,
)


@pytest.fixture
def film(tmp_path: Path) -> tuple[Path, ImageShown]:
    sha = cli_fake.write_film(tmp_path)
    event = ImageShown(
        role="current",
        caption="2025-06-01 PA · W 2600 L 1900",
        png_sha256=sha,
        rows=1150,
        columns=1000,
        overlays=cli_fake.OVERLAYS,
    )
    return tmp_path / f"{sha}.png", event


def _unsixel(data: str) -> np.ndarray:
    """Decode what we encode: a reader of its own, after DEC STD 070."""
    body = re.fullmatch(r'\x1bP0;1;0q"1;1;(\d+);(\d+)(.*)\x1b\\', data, re.DOTALL)
    assert body is not None
    width, height = int(body[1]), int(body[2])
    rgb = np.zeros((height + 6, width, 3))
    registers: dict[int, tuple[float, ...]] = {}
    x = y = colour = 0
    for token in re.finditer(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)(.)|([?-~])|([$-])", body[3]):
        define, run, one, control = token[1], token[5], token[7], token[8]
        if define is not None:
            colour = int(define)
            if token[2] is not None:
                registers[colour] = tuple(int(token[i]) * 2.55 for i in (2, 3, 4))
        elif control is not None:
            x, y = 0, y + (6 if control == "-" else 0)
        else:
            count, char = (int(run), token[6]) if run is not None else (1, one)
            for bit in range(6):
                if (ord(char) - 63) >> bit & 1:
                    rgb[y + bit, x : x + count] = registers[colour]
            x += count
    return rgb[:height]


def test_sixel_shows_the_same_greys_and_the_same_marks(film: tuple[Path, ImageShown]) -> None:
    picture = compose([film], 300, 300, 2)
    decoded = _unsixel(encode_sixel(picture.rgb_yx))
    # A hundred greys: at most half a step of 2.55 plus rounding of percent.
    assert np.abs(decoded - picture.rgb_yx).max() <= 4


def test_kitty_asks_for_no_reply(film: tuple[Path, ImageShown]) -> None:
    picture = compose([film], 300, 300, 2)
    chunks = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", encode_kitty(picture.rgb_yx, 30))
    assert all("q=2" in control for control, _ in chunks)
    assert all(len(payload) <= 4096 for _, payload in chunks)
    import base64

    png = base64.b64decode("".join(payload for _, payload in chunks))
    assert (np.asarray(Image.open(io.BytesIO(png))) == picture.rgb_yx).all()


def test_a_box_surrounds_what_it_marks_at_any_size(film: tuple[Path, ImageShown]) -> None:
    path, event = film
    for width in (40, 100, 700):
        picture = compose([(path, event)], width, 2000, 1)
        scale = picture.scales[0]
        colour = np.array(PALETTE[0])
        ys, xs = np.nonzero((picture.rgb_yx == colour).all(axis=2))
        x0, y0, x1, y1 = event.overlays[0].box
        assert xs.min() * scale <= x0 and (xs.max() + 1) * scale >= x1 - scale
        assert ys.min() * scale <= y0 and (ys.max() + 1) * scale >= y1 - scale
        # And the mark is not wider than two display pixels more on each side.
        assert xs.min() * scale >= x0 - 3 * scale and xs.max() * scale <= x1 + 3 * scale


def test_boxes_are_in_stored_pixels_not_in_pixels_of_the_preview(tmp_path: Path) -> None:
    path = tmp_path / "small.png"
    Image.fromarray(np.zeros((100, 100), np.uint8)).save(path)
    overlay = Overlay(letter="A", box=(500.0, 500.0, 600.0, 600.0), legend="")
    event = ImageShown(
        role="current", caption="", png_sha256="", rows=1000, columns=1000, overlays=(overlay,)
    )
    picture = compose([(path, event)], 100, 100, 1)
    ys, xs = np.nonzero(picture.rgb_yx.any(axis=2))
    assert 48 <= xs.min() <= 50 and 59 <= xs.max() <= 61 and 48 <= ys.min() <= 50


def test_an_uncertain_finding_is_dashed(film: tuple[Path, ImageShown]) -> None:
    path, event = film
    sure = compose([(path, event)], 400, 400, 1).rgb_yx
    dashed = (sure == np.array(PALETTE[2])).all(axis=2).sum()
    whole = (sure == np.array(PALETTE[1])).all(axis=2).sum()
    assert 0 < dashed < whole / 2


@pytest.mark.parametrize("corner", [(0, 0), (299, 0), (0, 299), (299, 299), (150, 4), (-3, 150)])
def test_letters_stay_inside_the_picture(corner: tuple[int, int]) -> None:
    x, y = place(*corner, (14, 20), (300, 300))
    assert 0 <= x <= 300 - 14 and 0 <= y <= 300 - 20


def test_letters_are_drawn_on_the_picture_in_the_colour_of_their_box(
    film: tuple[Path, ImageShown],
) -> None:
    picture = compose([film], 300, 300, 2)
    lettered = with_letters(picture, 16)
    assert lettered.shape == picture.rgb_yx.shape
    spot = picture.letters[0]
    around = lettered[max(0, spot.y - 24) : spot.y, spot.x : spot.x + 20]
    assert (around == np.array(PALETTE[0])).all(axis=2).any()
    assert (around == 0).all(axis=2).any()


def test_half_blocks_fit_the_width_and_carry_the_letters(film: tuple[Path, ImageShown]) -> None:
    picture = compose([film, film], 80, 80, 1)
    text = re.sub(r"\x1b\[[0-9;]*m", "", encode_blocks(picture, truecolour=True))
    assert all(len(line) <= 80 for line in text.splitlines())
    assert text.count("A") == 2 and text.count("B") == 2


def test_without_24_bits_only_the_256_colours_are_used(film: tuple[Path, ImageShown]) -> None:
    picture = compose([film], 40, 40, 1)
    text = encode_blocks(picture, truecolour=False)
    codes = [int(n) for pair in re.findall(r"38;5;(\d+);48;5;(\d+)", text) for n in pair]
    assert "38;2" not in text and codes and all(16 <= code <= 255 for code in codes)


def test_zoom_keeps_the_finding_and_some_context(film: tuple[Path, ImageShown]) -> None:
    event = film[1]
    for overlay in event.overlays:
        zoomed = zoom_on(event, overlay)
        assert zoomed.crop is not None
        x0, y0, x1, y1 = zoomed.crop
        assert x0 <= overlay.box[0] and x1 >= overlay.box[2]
        assert y0 <= overlay.box[1] and y1 >= overlay.box[3]
        assert 0 <= x0 < x1 <= event.columns and 0 <= y0 < y1 <= event.rows


def _drawn(mode: str, film: tuple[Path, ImageShown]) -> str:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, highlight=False)
    Pictures(mode, Abilities(), SCREEN, lambda _: film[0]).draw(console, [film[1]])
    return out.getvalue()


@pytest.mark.parametrize("mode", ["kitty", "sixel", "blocks", "text"])
def test_every_picture_says_what_it_is_not_for(mode: str, film: tuple[Path, ImageShown]) -> None:
    # A narrow screen wraps the caption; the words are all there.
    text = re.sub(r"\x1b\[[0-9;]*m|\n", "", _drawn(mode, film))
    assert NOT_FOR_DIAGNOSIS in text and "W 2600 L 1900" in text
    assert "nodule right 0.87" in text


def test_a_picture_that_is_gone_does_not_end_the_turn(film: tuple[Path, ImageShown]) -> None:
    text = _drawn("blocks", (Path("/nonexistent.png"), film[1]))
    assert "picture not drawn" in text and "nodule right 0.87" in text


def test_replies_of_terminals() -> None:
    # xterm with sixel; kitty; tmux without graphics.
    xterm = parse_replies(
        b"\x1bP>|XTerm(379)\x1b\\\x1b[6;18;9t\x1bP1$r0;48;2;1;2;3m\x1b\\\x1b[?64;1;2;4;22c"
    )
    assert xterm.best == "sixel" and xterm.cell_px == (9, 18) and xterm.truecolour
    kitty = parse_replies(b"\x1bP>|kitty(0.35)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[?62;c\x1b[?62;52;c")
    assert kitty.kitty and kitty.best == "kitty"
    tmux = parse_replies(b"\x1bP>|tmux 3.5a\x1b\\\x1b[?1;2c")
    assert tmux.answered and tmux.best == "blocks"
    assert not parse_replies(b"\x1b_Gi=31;EINVAL\x1b\\").answered


def test_nobody_is_asked_where_nobody_answers() -> None:
    from dataclasses import replace

    for quiet in (replace(SCREEN, interactive=False), replace(SCREEN, name="dumb")):
        assert probe(quiet) == Abilities()


def test_mode_is_what_was_asked_for_or_the_best_there_is() -> None:
    from dataclasses import replace

    assert choose_mode("auto", Abilities(sixel=True), SCREEN) == "sixel"
    assert choose_mode("auto", Abilities(), SCREEN) == "blocks"
    assert choose_mode("auto", Abilities(kitty=True), replace(SCREEN, colour=False)) == "text"
    assert choose_mode("sixel", Abilities(), SCREEN) == "sixel"
