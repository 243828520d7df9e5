"""How a run that failed looks: one or two lines and an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from readingroom.domain.errors import ExitCode, ReadingRoomError

LOG_NAME = "readingroom.log"


def say_error(message: str, hint: str = "") -> None:
    """Print a failure to stderr: what failed, then what to do."""
    from readingroom.domain.text import clean_text

    click.echo(f"readingroom: {clean_text(message)}", err=True)
    if hint:
        click.echo(f"  {clean_text(hint)}", err=True)


def report(error: BaseException, log: Log) -> int:
    """Say what went wrong and return the exit code.

    Args:
        error: whatever reached the command line.
        log: where a traceback goes.
    """
    if isinstance(error, ReadingRoomError):
        say_error(error.message, error.hint)
        return int(error.exit_code)
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        click.echo("interrupted", err=True)
        return int(ExitCode.INTERRUPTED)
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone. Python flushes stdout again at exit: give it a place.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.ERROR)
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    path = log.traceback(error)
    say_error(f"unexpected error ({type(error).__name__}); details in {path}")
    return int(ExitCode.ERROR)


@dataclass(frozen=True)
class Log:
    """The program's log, readable by its owner only.

    Attributes:
        path: None when the home is not known yet; the system's temporary folder then.
        with_messages: also what libraries' exceptions say. They quote tags, so only at the level
            "debug"; without, the log has types and places, and can be passed on.
    """

    path: Path | None = None
    with_messages: bool = False

    def traceback(self, error: BaseException) -> Path:
        """Append a traceback and return where."""
        text = "".join(traceback.format_exception(error)) if self.with_messages else places(error)
        entry = f"--- {datetime.now(UTC).isoformat(timespec='seconds')}\n{text}\n"
        spare = Path(tempfile.gettempdir()) / f"readingroom-{os.getuid()}" / LOG_NAME
        for path in (self.path, spare):
            if path is not None and _append(path, entry):
                return path
        return Path(os.devnull)


def places(error: BaseException) -> str:
    """A traceback of types and places, without the words of any exception but ours."""
    parts: list[str] = []
    shown: BaseException | None = error
    while shown is not None and len(parts) < 20:
        frames = "".join(traceback.format_tb(shown.__traceback__))
        said = f": {shown.message}" if isinstance(shown, ReadingRoomError) else ""
        parts.append(f"{frames}{type(shown).__module__}.{type(shown).__name__}{said}\n")
        shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)
    return "caused by:\n".join(parts)


def _append(path: Path, entry: str) -> bool:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return False
    with os.fdopen(handle, "a", encoding="utf-8") as log:
        log.write(entry)
    return True


def quiet_libraries() -> None:
    """Keep warnings and log lines of libraries off the screen: they quote tags, names included."""
    import logging
    import warnings

    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
