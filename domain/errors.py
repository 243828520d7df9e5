"""Errors that say what happens next.

Messages say what, which, what to do; never a patient's name. Every error carries the exit
code that the command line ends with, so that no front end keeps a table of its own.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line, as documented in docs/commands.md."""

    OK = 0
    ERROR = 1
    USAGE = 2
    PARTIAL = 3
    APPROVAL_PENDING = 4
    NETWORK = 5
    MODEL_UNAVAILABLE = 6
    OBJECTED = 7
    REFUSED = 8
    INTERRUPTED = 130


class ReadingRoomError(Exception):
    """Base of all our errors.

    Args:
        message: one line: what failed, and which.
        hint: one line: what to do next; may be empty.
    """

    exit_code: ExitCode = ExitCode.ERROR

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ConfigError(ReadingRoomError):
    """Mend the configuration or the command and start again."""

    exit_code = ExitCode.USAGE


class NotFound(ReadingRoomError):
    """What was named does not exist, or names more than one thing."""

    exit_code = ExitCode.ERROR


class BadInput(ReadingRoomError):
    """A file or a message from outside that cannot be used as it is."""

    exit_code = ExitCode.ERROR


class Transient(ReadingRoomError):
    """Try again: a network or a server that did not answer."""

    exit_code = ExitCode.NETWORK


class ModelUnavailable(ReadingRoomError):
    """A model that did not start, timed out, or answered nothing usable."""

    exit_code = ExitCode.MODEL_UNAVAILABLE


class ToolFailed(ReadingRoomError):
    """The model is told, and the run goes on."""


class SafetyStop(ReadingRoomError):
    """Halt and ask a person: policy, wrong modality, out of distribution."""

    exit_code = ExitCode.REFUSED


class Conflict(ReadingRoomError):
    """The effect happened otherwise, or the content changed under an approval."""

    exit_code = ExitCode.OBJECTED
