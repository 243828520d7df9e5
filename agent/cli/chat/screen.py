"""Put the pieces of a chat together: terminal, pictures, renderer, worker."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from readingroom.agent.cli.chat.signing import ToSign
from readingroom.agent.cli.chat.slash import Seen
from readingroom.agent.cli.chat.worker import Opener, SessionWorker
from readingroom.agent.cli.context import Shared
from readingroom.agent.cli.images.probe import Abilities, probe
from readingroom.agent.cli.render.base import TurnRenderer
from readingroom.agent.cli.terminal import Terminal
from readingroom.domain.errors import NotFound
from readingroom.domain.events import Event, EventSink, Failure
from readingroom.domain.text import clean_text

if TYPE_CHECKING:
    from readingroom.agent.cli.images.show import Pictures
    from readingroom.agent.cli.ports import SessionPort


def opener(state: Shared) -> Opener:
    """How the worker opens the session: settings first, then the graph."""

    def open_it(on_event: EventSink) -> SessionPort:
        from readingroom.agent.cli import ports

        return ports.open_session(state["settings"], str(state["core"]), on_event)

    return open_it


def make_pictures(
    state: Shared, abilities: Abilities, find: Callable[[str], Path]
) -> Pictures | None:
    """How to draw pictures here; None when none are wanted."""
    from readingroom.agent.cli.images.show import Pictures, choose_mode

    terminal: Terminal = state["terminal"]
    wanted = "text" if state["plain"] else str(state["settings"].render.images)
    mode = choose_mode(wanted, abilities, terminal)
    return Pictures(mode, abilities, terminal, find)


def needs_probe(state: Shared) -> bool:
    """Whether to ask the terminal: not when pictures are off or chosen by name."""
    wanted = state["settings"].render.images
    return not state["plain"] and wanted in ("auto", "kitty", "sixel")


def abilities_of(state: Shared) -> Abilities:
    """Ask the terminal, where that is of use. Before anything reads the keyboard."""
    return probe(state["terminal"]) if needs_probe(state) else Abilities()


class Screen:
    """The renderer of a terminal, made when the first event comes: rich is not needed before.

    Args:
        state: shared by the commands.
        abilities: what the terminal said.
        signs_here: a chat, where `/sign` works.
        steps_to_stderr: a command whose stdout is a result.
    """

    def __init__(
        self, state: Shared, abilities: Abilities, *, signs_here: bool, steps_to_stderr: bool
    ) -> None:
        self._state = state
        self._abilities = abilities
        self._signs_here = signs_here
        self._steps_to_stderr = steps_to_stderr
        self._made: TurnRenderer | None = None
        self._pictures: Pictures | None = None
        self.worker: SessionWorker | None = None

    @property
    def failure(self) -> Failure | None:
        """The failure drawn in this turn."""
        return self._renderer().failure

    @failure.setter
    def failure(self, value: Failure | None) -> None:
        self._renderer().failure = value

    def draw(self, event: Event) -> None:
        """Draw an event."""
        self._renderer().draw(event)

    def tick(self) -> None:
        """A moment passed."""
        if self._made is not None:
            self._made.tick()

    def finish(self) -> None:
        """The turn is over."""
        if self._made is not None:
            self._made.finish()

    def start_turn(self) -> None:
        """A turn begins."""
        if self._made is not None:
            self._made.start_turn()

    def find_artifact(self, sha256: str) -> Path:
        """Path of a picture in the artifact store."""
        session = self.worker.session if self.worker is not None else None
        if session is None:
            raise NotFound("no session is open")
        return session.artifact_path(sha256)

    def _renderer(self) -> TurnRenderer:
        if self._made is None:
            self._made = self._make()
        return self._made

    def _make(self) -> TurnRenderer:
        terminal: Terminal = self._state["terminal"]
        if self._state["plain"] or not terminal.stdout_tty:
            from readingroom.agent.cli.render.plain import PlainRenderer

            err = sys.stderr if self._steps_to_stderr else sys.stdout
            return PlainRenderer(sys.stdout, err, signs_here=self._signs_here)
        from readingroom.agent.cli.render.rich import RichRenderer, console_on

        out = console_on(sys.stdout, terminal)
        err_console = console_on(sys.stderr, terminal) if self._steps_to_stderr else out
        self._pictures = make_pictures(self._state, self._abilities, self.find_artifact)
        return RichRenderer(out, err_console, self._pictures, signs_here=self._signs_here)

    def show_to_sign(self, to_sign: ToSign, seen: Seen) -> None:
        """The crops, the exact text, where it goes: what a signature is given for."""
        self._renderer().finish()
        self._show_crops(seen)
        from readingroom.agent.cli.render.approval import print_to_sign

        print_to_sign(to_sign, self._state["terminal"])

    def _show_crops(self, seen: Seen) -> None:
        film = seen.film
        if self._pictures is None or film is None or not film.overlays:
            return
        if self._pictures.mode in ("text", "none"):
            return
        from readingroom.agent.cli.images.compose import zoom_on
        from readingroom.agent.cli.render.rich import console_on

        crops = [zoom_on(film, overlay) for overlay in film.overlays]
        self._pictures.draw_crops(console_on(sys.stdout, self._state["terminal"]), crops)


def say_line(text: str) -> None:
    """A line of ours, between turns."""
    sys.stdout.write(clean_text(text) + "\n")
    sys.stdout.flush()
