"""The prompt. It stands before anything heavy is loaded."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from readingroom.agent.cli.chat.asking import quiet_output
from readingroom.agent.cli.chat.slash import HELP, Seen, accession_column
from readingroom.agent.cli.chat.turns import Turns
from readingroom.agent.cli.chat.worker import SessionWorker
from readingroom.domain.errors import ExitCode

HISTORY_NAME = "chat_history"
PROMPT = "rr> "
_TWICE_WITHIN_S = 3.0


class Prompt:
    """Reads lines with history and completion.

    Ctrl-C clears the line; on an empty line it must come twice. Ctrl-D leaves on an empty line.
    """

    def __init__(
        self, history: History, seen: Seen, worker: SessionWorker, *, answers: bool
    ) -> None:
        """Make the prompt; `answers` is whether the terminal answered the probe."""
        self._session: PromptSession[str] = PromptSession(
            # One that does not answer is not asked where its cursor is: it costs two seconds and
            # a warning, and a late answer would be typed into the line.
            output=None if answers else quiet_output(),
            history=history,
            completer=_Completer(seen),
            complete_while_typing=False,
            key_bindings=_bindings(),
            enable_suspend=True,
        )
        self._worker: SessionWorker | None = worker
        self._session.app.after_render += self._after_first_render

    def _after_first_render(self, _: Any) -> None:
        # Loading LangGraph takes a second of CPU: not before the prompt can be seen and used.
        if self._worker is not None:
            self._worker.prepare()
            self._worker = None

    def line(self) -> str:
        """One line.

        Raises:
            EOFError: Ctrl-D on an empty line.
            KeyboardInterrupt: Ctrl-C on an empty line.
        """
        return self._session.prompt(PROMPT)


def converse(
    turns: Turns, prompt: Prompt, say: Callable[[str], None], report: Callable[[Exception], object]
) -> int:
    """Take turns until the person leaves.

    Args:
        turns: runs a line.
        prompt: reads a line.
        say: prints a line of ours.
        report: says that something unexpected happened; the chat and its case go on.
    """
    pressed = float("-inf")
    while True:
        try:
            line = prompt.line()
        except EOFError:
            return int(ExitCode.OK)
        except KeyboardInterrupt:
            now = time.monotonic()
            if now - pressed < _TWICE_WITHIN_S:
                return int(ExitCode.INTERRUPTED)
            pressed = now
            say("Ctrl-C again, or Ctrl-D, to leave")
            continue
        pressed = float("-inf")
        try:
            turns.take(line)
        except EOFError:
            return int(ExitCode.OK)
        except Exception as error:
            # The edge of a turn: a defect in one answer must not cost the person the case.
            report(error)


def open_history(home: Path) -> History:
    """History in the home folder, readable by its owner only; in memory if that cannot be."""
    path = home / HISTORY_NAME
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))
        path.chmod(0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(path)


def _bindings() -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("c-c")
    def _(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    return bindings


class _Completer(Completer):
    """Commands after `/`, accessions after `/open`, `/read` and `@`."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def get_completions(self, document: Document, _: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        word = document.get_word_before_cursor(WORD=True)
        if before.startswith("/") and " " not in before:
            for usage, does in HELP:
                name = usage.split()[0]
                if name.startswith(before):
                    yield Completion(name, -len(before), display=usage, display_meta=does)
            return
        if word.startswith("@") or before.startswith(("/open ", "/read ")):
            yield from self._accessions(word)

    def _accessions(self, word: str) -> Iterable[Completion]:
        table = self._seen.worklist
        column = accession_column(table) if table is not None else None
        if table is None or column is None:
            return
        typed = word.removeprefix("@").lower()
        for row in table.rows:
            if row[column].lower().startswith(typed):
                yield Completion(row[column], -len(word), display_meta=" ".join(row)[:60])
