"""What stands on the screen when a person is asked to sign: the text itself, to the letter."""

from __future__ import annotations

import shutil
import sys

from readingroom.agent.cli.chat.signing import ToSign
from readingroom.agent.cli.terminal import Terminal
from readingroom.domain.text import clean_text


def print_to_sign(to_sign: ToSign, terminal: Terminal) -> None:
    """Print the exact text between two rules, then where it would go.

    The text goes out as it is: no wrapping of ours, no tags, no marks of a renderer. Only text
    that a screen can show comes here (`is_showable`).
    """
    width = min(terminal.width, shutil.get_terminal_size((80, 24)).columns)
    accession = clean_text(to_sign.accession)
    write = sys.stdout.write
    write("\n" + _bar(f"TO SIGN {accession}".strip(), width, terminal) + "\n")
    write(to_sign.text if to_sign.text.endswith("\n") else to_sign.text + "\n")
    write(_bar("end of text", width, terminal) + "\n")
    for critical in to_sign.critical:
        write(f"  CRITICAL     {clean_text(critical)}\n")
    write(f"  destination  {clean_text(to_sign.destination)}\n")
    write(f"  approval     {clean_text(to_sign.approval_id)}\n")
    write(f"  sha256       {clean_text(to_sign.sha256)}\n")
    sys.stdout.flush()


def _bar(title: str, width: int, terminal: Terminal) -> str:
    line = f"── {title} ".ljust(width, "─")
    if terminal.name in ("", "dumb"):
        line = f"-- {title} ".ljust(width, "-")
    return f"\x1b[33m{line}\x1b[0m" if terminal.colour else line
