"""How a run that failed looks: one or two lines and an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
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


def report(error: BaseException, home: Path | None) -> int:
    """Say what went wrong and return the exit code.

    Args:
        error: whatever reached the command line.
        home: where the log goes; the system's temporary folder when it is not known.
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
    log = log_traceback(error, home)
    say_error(f"unexpected error ({type(error).__name__}); details in {log}")
    return int(ExitCode.ERROR)


def log_traceback(error: BaseException, home: Path | None) -> Path:
    """Append a traceback to the log, readable by its owner only, and return its path.

    The log may quote what the error quoted. It lies beside the records, under the same modes.
    """
    text = "".join(traceback.format_exception(error))
    entry = f"--- {datetime.now(UTC).isoformat(timespec='seconds')}\n{text}\n"
    for folder in (home, Path(tempfile.gettempdir()) / f"readingroom-{os.getuid()}"):
        if folder is None:
            continue
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = folder / LOG_NAME
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError:
            continue
        with os.fdopen(handle, "a", encoding="utf-8") as log:
            log.write(entry)
        return path
    return Path(os.devnull)


def quiet_libraries() -> None:
    """Keep warnings and log lines of libraries off the screen: they quote tags, names included."""
    import logging
    import warnings

    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
