"""Half blocks: two pixels a character, for any terminal with colour."""

from __future__ import annotations

from readingroom.agent.cli.images.compose import Picture

_UPPER_HALF = "▀"
_RESET = "\x1b[0m"


def encode_blocks(picture: Picture, *, truecolour: bool) -> str:
    """Encode a picture, a line per two rows of pixels; letters become characters.

    Args:
        picture: at one pixel per column and two per line.
        truecolour: 24-bit colours; otherwise the 24 greys and the cube of 256 colours.
    """
    rgb = picture.rgb_yx
    rows, columns = rgb.shape[:2]
    letters = {
        (min(spot.y, rows - 1) // 2, min(spot.x, columns - 1)): spot for spot in picture.letters
    }
    lines: list[str] = []
    for y in range(0, rows, 2):
        cells: list[str] = []
        last = ""
        for x in range(columns):
            upper = _rgb(rgb[y, x])
            lower = _rgb(rgb[y + 1, x]) if y + 1 < rows else (0, 0, 0)
            spot = letters.get((y // 2, x))
            if spot is not None:
                upper, lower = (0, 0, 0), spot.colour
            style = _style(upper, lower, truecolour)
            cells.append((style if style != last else "") + (spot.letter if spot else _UPPER_HALF))
            last = style
        lines.append("".join(cells) + _RESET)
    return "\n".join(lines)


def _rgb(pixel: object) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in pixel)  # type: ignore[attr-defined]
    return red, green, blue


def _style(front: tuple[int, int, int], back: tuple[int, int, int], truecolour: bool) -> str:
    if truecolour:
        return "\x1b[38;2;{};{};{};48;2;{};{};{}m".format(*front, *back)
    return f"\x1b[38;5;{_in_256(front)};48;5;{_in_256(back)}m"


def _in_256(colour: tuple[int, int, int]) -> int:
    """Nearest of xterm's 256 colours: 16 black, 231 white, 232–255 greys 8, 18 … 238."""
    red, green, blue = colour
    if max(colour) - min(colour) >= 10:
        return 16 + 36 * round(red / 51) + 6 * round(green / 51) + round(blue / 51)
    if red < 4:
        return 16
    return 231 if red > 246 else 232 + min(23, max(0, round((red - 8) / 10)))
