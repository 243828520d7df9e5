"""One JSON line per event, for programs."""

from __future__ import annotations

import json
from typing import TextIO

from readingroom.domain.events import Event, Failure


class JsonLines:
    """Writes each event as it comes. Nothing is held back, nothing is left out."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.failure: Failure | None = None

    def draw(self, event: Event) -> None:
        """Write one event."""
        if isinstance(event, Failure):
            self.failure = event
        # ASCII: escape sequences and bidi characters of a tag stay \\u escapes on a screen.
        self._out.write(json.dumps(event.as_json(), ensure_ascii=True) + "\n")
        self._out.flush()

    def tick(self) -> None:
        """Nothing moves."""

    def finish(self) -> None:
        """Nothing is held back."""

    def start_turn(self) -> None:
        """A new turn begins."""
        self.failure = None


class Collected(JsonLines):
    """Keeps the events for one document at the end (`-p --json`)."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failure = None

    def draw(self, event: Event) -> None:
        """Keep one event."""
        if isinstance(event, Failure):
            self.failure = event
        self.events.append(event)
