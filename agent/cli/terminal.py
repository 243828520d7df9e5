"""What the terminal said of itself before anything was asked of it.

The one place besides the configuration that looks at the environment: NO_COLOR, TERM,
COLORTERM and TMUX describe the screen, and no setting of ours.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass

WIDEST_COLUMNS = 100
"""Prose and pictures wider than this are harder to read, and slow over ssh."""


@dataclass(frozen=True)
class Terminal:
    """Facts about the screen.

    Attributes:
        interactive: a person can read stdout and type on stdin.
        stdout_tty: stdout is a terminal; pictures make sense.
        colour: colours are wanted (no NO_COLOR, not dumb).
        truecolour: COLORTERM promises 24 bits; ssh does not forward it.
        multiplexed: inside tmux or screen.
        name: TERM.
    """

    interactive: bool
    stdout_tty: bool
    colour: bool
    truecolour: bool
    multiplexed: bool
    name: str
    columns: int
    rows: int

    @property
    def width(self) -> int:
        """Columns to use."""
        return max(20, min(self.columns, WIDEST_COLUMNS))


def look_at_terminal(*, plain: bool = False) -> Terminal:
    """Describe the terminal. Asks it nothing."""
    name = os.environ.get("TERM", "")
    size = shutil.get_terminal_size((80, 24))
    stdout_tty = _is_tty(sys.stdout)
    # no-color.org: present and not empty, whatever its value.
    unwanted = plain or bool(os.environ.get("NO_COLOR")) or name in ("", "dumb")
    return Terminal(
        interactive=stdout_tty and _is_tty(sys.stdin),
        stdout_tty=stdout_tty,
        colour=stdout_tty and not unwanted,
        truecolour=os.environ.get("COLORTERM", "") in ("truecolor", "24bit"),
        multiplexed=bool(os.environ.get("TMUX")) or name.startswith(("tmux", "screen")),
        name=name,
        columns=size.columns,
        rows=size.lines,
    )


def _is_tty(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):  # closed, or replaced by a test
        return False
