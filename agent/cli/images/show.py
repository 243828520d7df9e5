"""Draw the pictures of a turn in the way this terminal can, and say what they are in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from readingroom.agent.cli.images.probe import Abilities
from readingroom.agent.cli.terminal import Terminal
from readingroom.domain.errors import ReadingRoomError
from readingroom.domain.events import ImageShown
from readingroom.domain.text import clean_text

if TYPE_CHECKING:
    from rich.console import Console

    from readingroom.agent.cli.images.compose import Picture

NOT_FOR_DIAGNOSIS = "preview, not for diagnosis"
_MOST_ZOOMS = 4
_MOST_OF_A_FILM = 0.5
# xterm refuses sixel pictures above 1000 × 1000 pixels (resource maxGraphicSize).
_MOST_PX = 1000
_LINES_LEFT = 4
_CROP_LINES = 14
_FEWEST_LINES = 20


class Pictures:
    """Draws films, the current beside the prior, then each finding enlarged.

    Args:
        mode: kitty, sixel, blocks, text or none.
        abilities: what the terminal said.
        terminal: its size.
        find: path of an artifact by sha256.
    """

    def __init__(
        self,
        mode: str,
        abilities: Abilities,
        terminal: Terminal,
        find: Callable[[str], Path],
    ) -> None:
        self.mode = mode
        self._abilities = abilities
        self._terminal = terminal
        self._find = find

    def draw(self, console: Console, events: list[ImageShown], *, zoom: bool = True) -> None:
        """Draw pictures, captions and legends.

        A picture that cannot be drawn says so and leaves its caption: the turn goes on.
        """
        if self.mode == "none":
            return
        note = "" if self.mode != "text" else " · picture not drawn"
        if self.mode != "text":
            try:
                note = self._scale_note(self._row(console, events))
                if zoom:
                    self._zooms(console, events)
            except (OSError, ReadingRoomError, ValueError, MemoryError) as error:
                # A broken or vanished preview is no reason to lose the case.
                note = f" · picture not drawn ({type(error).__name__})"
        self._captions(console, events, note)

    def draw_crops(self, console: Console, events: list[ImageShown]) -> None:
        """Draw crops only, in one row, as beside the question whether to sign."""
        if events:
            self.draw(console, events[:_MOST_ZOOMS], zoom=False)

    def _zooms(self, console: Console, events: list[ImageShown]) -> None:
        from readingroom.agent.cli.images.compose import zoom_on

        crops = [
            zoom_on(event, overlay)
            for event in events
            if event.crop is None and event.role == "current"
            for overlay in event.overlays
            if not _fills_the_film(zoom_on(event, overlay))
        ]
        if crops:
            console.file.write("\n")
        for start in range(0, len(crops), _MOST_ZOOMS):
            self._row(console, crops[start : start + _MOST_ZOOMS], lines=_CROP_LINES)

    def _row(self, console: Console, events: list[ImageShown], lines: int = 0) -> Picture:
        from readingroom.agent.cli.images.compose import compose

        panels = [(self._find(event.png_sha256), event) for event in events]
        tall = lines or self._tall(events)
        # A single crop needs no more width than half of a row has.
        wide = self._terminal.width if len(events) > 1 or not lines else self._terminal.width // 2
        if self.mode == "blocks":
            picture = compose(panels, wide, tall * 2, 1)
            console.file.write(self._as_blocks(picture))
        else:
            cell_x, cell_y = self._abilities.cell_px
            picture = compose(panels, min(wide * cell_x, _MOST_PX), min(tall * cell_y, _MOST_PX), 2)
            console.file.write(self._as_pixels(picture))
        console.file.write("\n")
        console.file.flush()
        return picture

    def _tall(self, events: list[ImageShown]) -> int:
        # A film and its crops should stand on one screen, where the screen is tall enough.
        crops = any(event.overlays and event.crop is None for event in events)
        left = _LINES_LEFT + (_CROP_LINES if crops else 0)
        return max(_FEWEST_LINES, self._terminal.rows - left)

    def _as_blocks(self, picture: Picture) -> str:
        from readingroom.agent.cli.images.blocks import encode_blocks

        truecolour = self._abilities.truecolour or self._terminal.truecolour
        return encode_blocks(picture, truecolour=truecolour)

    def _as_pixels(self, picture: Picture) -> str:
        from readingroom.agent.cli.images.letters import with_letters

        cell_x, cell_y = self._abilities.cell_px
        rgb = with_letters(picture, size_px=max(14, cell_y))
        if self.mode == "kitty":
            from readingroom.agent.cli.images.kitty import encode_kitty

            return encode_kitty(rgb, columns=max(1, -(-rgb.shape[1] // cell_x)))
        from readingroom.agent.cli.images.sixel import encode_sixel

        return encode_sixel(rgb)

    def _scale_note(self, picture: Picture) -> str:
        scale = picture.scales[0]
        return f" · 1:{scale:.1f}" if scale >= 1 else f" · {1 / scale:.1f}:1"

    def _captions(self, console: Console, events: list[ImageShown], note: str) -> None:
        from rich.text import Text

        said_of = ""
        for event in events:
            line = caption_line(event, note)
            if line != said_of:  # crops of one film share its caption
                console.print(Text(line, style="dim"), width=self._terminal.width)
            said_of = line
            for overlay in event.overlays:
                console.print(self._legend(overlay.letter, overlay.legend, overlay.certain))

    def _legend(self, letter: str, legend: str, certain: bool) -> object:
        from rich.text import Text

        place = (ord(letter[:1].upper() or "A") - ord("A")) % len(_LEGEND_STYLES)
        text = Text.assemble((f"  {clean_text(letter)}", _LEGEND_STYLES[place]), "  ")
        text.append(clean_text(legend))
        return text if certain else text.append(" (uncertain)", style="dim")


# The overlay palette again, for text: rich must not pull in numpy for a legend.
_LEGEND_STYLES = (
    "bold #ffc800",
    "bold #00dcff",
    "bold #ff5050",
    "bold #50ff78",
    "bold #ff00ff",
    "bold #ff8000",
)


def _fills_the_film(event: ImageShown) -> bool:
    """Whether a crop would show little but the film again."""
    if event.crop is None:
        return True
    width, height = event.crop[2] - event.crop[0], event.crop[3] - event.crop[1]
    return width * height > _MOST_OF_A_FILM * event.rows * event.columns


def caption_line(event: ImageShown, note: str = "") -> str:
    """The words under a picture: which film, its window, and what it is not for."""
    caption = clean_text(event.caption)
    names_itself = event.role in caption.lower() or re.match(r"P\d", caption) is not None
    which = "" if names_itself else f"{event.role}: "
    warning = "" if NOT_FOR_DIAGNOSIS in caption else f" · {NOT_FOR_DIAGNOSIS}"
    return f"{which}{caption}{note}{warning}"


def choose_mode(wanted: str, abilities: Abilities, terminal: Terminal) -> str:
    """How to draw, from what was asked for and what the terminal can.

    What a person asks for by name is taken at its word: ssh and multiplexers hide abilities.
    """
    if wanted != "auto":
        return wanted
    if not terminal.stdout_tty or not terminal.colour or terminal.name == "linux":
        return "text"
    return abilities.best
