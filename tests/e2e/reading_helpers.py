"""How the end-to-end tests open a session and read what it left."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from readingroom.agent.config import load_settings
from readingroom.agent.graph.session import Session
from readingroom.domain.events import Event

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Seen:
    """Events of a session, in order."""

    events: list[Event] = field(default_factory=list)
    listener: Callable[[Event], None] | None = None

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self.listener is not None:
            self.listener(event)

    def of(self, kind: type[Event]) -> list[Any]:
        return [each for each in self.events if isinstance(each, kind)]


@contextmanager
def session(home: Path, core: str = "", **overrides: Any) -> Iterator[tuple[Session, Seen]]:
    """A session in a home of its own."""
    seen = Seen()
    settings = load_settings(None, overrides, home=home, environ={})
    with Session.open(settings, core=core, on_event=seen) as opened:
        yield opened, seen


def trace(document: dict[str, Any]) -> tuple[str, ...]:
    """Steps of a read as "step argument outcome"."""
    return tuple(
        " ".join((step["step"], *step["arguments"].values(), step["outcome"]))
        for step in document["steps"]
    )


def script(path: Path, lines: list[dict[str, Any]], *, repeat: bool = False) -> str:
    """The name of a scripted core that says these lines."""
    path.write_text(json.dumps({"script": lines, "repeat": repeat}), encoding="utf-8")
    return f"scripted:{path}"


def readingroom(home: Path, *arguments: str, timeout_s: float = 120) -> Any:
    """Run the command line as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "readingroom.agent.cli.main", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        stdin=subprocess.DEVNULL,
        cwd=home,
    )
