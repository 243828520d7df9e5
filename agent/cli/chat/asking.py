"""Questions at the terminal, answered by a line that was typed after the question was shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.output import Output


class TerminalAsks:
    """Asks with prompt_toolkit, without history: a typed word must not come back by arrow-up."""

    def ask(self, question: str) -> str | None:
        """One line; None for the end of input or Ctrl-C."""
        from prompt_toolkit import PromptSession
        from prompt_toolkit.input.typeahead import clear_typeahead

        session: PromptSession[str] = PromptSession(output=quiet_output())
        clear_typeahead(session.app.input)
        drop_typed_ahead()
        try:
            return session.prompt(question)
        except (EOFError, KeyboardInterrupt):
            return None


def quiet_output() -> Output:
    """An output that asks the terminal nothing."""
    from prompt_toolkit.output.vt100 import Vt100_Output

    output = Vt100_Output.from_pty(sys.stdout)
    output.enable_cpr = False
    return output


def drop_typed_ahead() -> None:
    """Throw away keys pressed before now, so that they answer nothing."""
    try:
        import termios

        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    except (ImportError, OSError, ValueError, termios.error):
        return
