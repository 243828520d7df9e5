"""Ask the terminal once what it can draw, before anything else reads the keyboard.

All questions go out in one write, with the primary device attributes last: every terminal
answers those, so their reply marks the end. A terminal that stays silent costs the cap.

Source: ECMA-48; xterm control sequences (DA1, XTVERSION, DECRQSS, XTWINOPS 16); kitty graphics
protocol, section "Querying support".
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from readingroom.agent.cli.terminal import Terminal

_XTVERSION = b"\x1b[>q"
_CELL_SIZE = b"\x1b[16t"
_KITTY = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_TRUECOLOUR = b"\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[0m"
_DEVICE = b"\x1b[c"
_DEVICE_REPLY = re.compile(rb"\x1b\[\?([\d;]+)c")
DEFAULT_CELL_PX = (9, 18)


@dataclass(frozen=True)
class Abilities:
    """What a terminal can draw.

    Attributes:
        answered: it answered at all; if not, the rest are defaults.
        cell_px: width and height of a character cell in pixels.
    """

    answered: bool = False
    kitty: bool = False
    sixel: bool = False
    truecolour: bool = False
    cell_px: tuple[int, int] = DEFAULT_CELL_PX
    name: str = ""

    @property
    def best(self) -> str:
        """The best way to draw: kitty, sixel or blocks."""
        if self.kitty:
            return "kitty"
        return "sixel" if self.sixel else "blocks"


def parse_replies(data: bytes) -> Abilities:
    """Read what came back. Unknown replies are skipped."""
    device = _DEVICE_REPLY.search(data)
    cell = re.search(rb"\x1b\[6;(\d{1,4});(\d{1,4})t", data)
    name = re.search(rb"\x1bP>\|([^\x1b]{0,80})\x1b", data)
    size = (int(cell[2]), int(cell[1])) if cell else (0, 0)
    return Abilities(
        answered=device is not None,
        kitty=b"\x1b_Gi=31;OK" in data,
        sixel=device is not None and b"4" in device[1].split(b";"),
        truecolour=re.search(rb"\x1bP1\$r[^\x1b]*(1;2;3|1:2:3)", data) is not None,
        cell_px=size if min(size) >= 4 else DEFAULT_CELL_PX,
        name=name[1].decode("ascii", "replace") if name else "",
    )


def probe(terminal: Terminal, cap_s: float = 1.0) -> Abilities:
    """Ask the terminal, unless there is nobody to ask.

    Args:
        terminal: a dumb one and the Linux console print the questions; they are not asked.
        cap_s: how long to wait for a terminal that does not answer.
    """
    if not terminal.interactive or terminal.name in ("", "dumb", "linux"):
        return Abilities()
    try:
        import termios
        import tty
    except ImportError:  # no POSIX terminal
        return Abilities()
    import os

    try:
        handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return Abilities()
    try:
        before = termios.tcgetattr(handle)
        tty.setcbreak(handle)
        try:
            return parse_replies(_ask(handle, _questions(terminal), cap_s))
        finally:
            # TCSAFLUSH drops a late reply: it must not be typed into the prompt.
            termios.tcsetattr(handle, termios.TCSAFLUSH, before)
    except termios.error:
        return Abilities()
    finally:
        os.close(handle)


def _questions(terminal: Terminal) -> bytes:
    # A multiplexer swallows kitty's question or prints it; it has no graphics to offer anyway.
    kitty = b"" if terminal.multiplexed else _KITTY
    return _XTVERSION + _CELL_SIZE + kitty + _TRUECOLOUR + _DEVICE + b"\r\x1b[K"


def _ask(handle: int, questions: bytes, cap_s: float) -> bytes:
    import os
    import select

    os.write(handle, questions)
    end = time.monotonic() + cap_s
    data = b""
    while not _DEVICE_REPLY.search(data) and (left := end - time.monotonic()) > 0:
        if select.select([handle], [], [], left)[0]:
            data += os.read(handle, 4096)
    return data
