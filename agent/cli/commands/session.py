"""A session for a short command: opened, used, closed, in this thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from readingroom.agent.cli.context import Shared
from readingroom.domain.events import Event, EventSink

if TYPE_CHECKING:
    from readingroom.agent.cli.ports import SessionPort


@contextmanager
def short_session(state: Shared, on_event: EventSink | None = None) -> Iterator[SessionPort]:
    """Open the session for one command; Ctrl-C ends the command."""
    from readingroom.agent.cli import ports

    session = ports.open_session(state["settings"], str(state["core"]), on_event or _ignore)
    try:
        yield session
    finally:
        session.close()


def _ignore(_: Event) -> None:
    return None
