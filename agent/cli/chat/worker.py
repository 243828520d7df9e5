"""One thread that owns the session, so that Ctrl-C stays alive in the thread that draws.

The session, its SQLite handles and its graph live in the worker; events cross a queue and are
drawn by the caller. `cancel` is the one call that goes straight across.
"""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from readingroom.agent.cli.ports import SessionPort
from readingroom.domain.errors import ExitCode, ReadingRoomError
from readingroom.domain.events import Event, EventSink, Failure

T = TypeVar("T")
Opener = Callable[[EventSink], SessionPort]

_TICK_S = 0.1
_CLOSE_S = 10.0


class Draws(Protocol):
    """What a renderer is to the worker."""

    failure: Failure | None

    def draw(self, event: Event) -> None:
        """Draw an event."""
        ...

    def tick(self) -> None:
        """A moment passed."""
        ...

    def finish(self) -> None:
        """The turn is over."""
        ...

    def start_turn(self) -> None:
        """A turn begins."""
        ...


class Stopped(ReadingRoomError):
    """A person stopped the step; the case is kept."""

    exit_code = ExitCode.INTERRUPTED


class Abandoned(KeyboardInterrupt):
    """A person did not wait for the step to stop."""


@dataclass(frozen=True)
class _Done:
    value: Any = None
    error: BaseException | None = None


@dataclass(frozen=True)
class _Job:
    work: Callable[[], Any]
    number: int


@contextmanager
def counted_interrupts() -> Iterator[Callable[[], bool]]:
    """Count Ctrl-C instead of raising: an exception that arrives amid drawing can get lost.

    Yields:
        Whether there was one more since it was last asked.
    """
    waiting = 0

    def count(signal_number: int, frame: object) -> None:
        nonlocal waiting
        waiting += 1

    def pressed() -> bool:
        nonlocal waiting
        if not waiting:
            return False
        waiting -= 1
        return True

    if threading.current_thread() is not threading.main_thread():
        yield pressed  # signals reach the main thread alone
        return
    before = signal.signal(signal.SIGINT, count)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


class SessionWorker:
    """Runs one job at a time on a session that is opened by the first job.

    Args:
        open_session: makes the session in the worker's thread; its sink puts events on the queue.
        on_stop: called once when a step was asked to stop, to say so.
    """

    def __init__(self, open_session: Opener, on_stop: Callable[[], None] | None = None) -> None:
        self._open_session = open_session
        self._on_stop = on_stop or (lambda: None)
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._items: queue.Queue[tuple[int, Event | _Done]] = queue.Queue()
        self._session: SessionPort | None = None
        self._number = 0
        self._thread = threading.Thread(target=self._serve, name="session", daemon=True)
        self._thread.start()

    @property
    def session(self) -> SessionPort | None:
        """The session once it is open; only for what is safe from any thread."""
        return self._session

    def prepare(self) -> None:
        """Load and open in the background; a failure is told by the first real turn."""

        def quietly() -> None:
            try:
                self._opened()
            except Exception:  # opened again, and reported, by the first turn
                pass

        self._jobs.put(_Job(quietly, -1))

    def run(self, work: Callable[[SessionPort], T], renderer: Draws) -> T:
        """Run one job and draw its events until it ends.

        Raises:
            Stopped: Ctrl-C; the step ended and the case is kept.
            Abandoned: Ctrl-C twice; the step may still be running.
            Exception: whatever the job raised.
        """
        self._number += 1
        number = self._number
        renderer.start_turn()
        self._jobs.put(_Job(lambda: work(self._opened()), number))
        stopping = False
        done: _Done | None = None
        with counted_interrupts() as pressed:
            while done is None:
                done = self._step(number, renderer)
                if done is not None or not pressed():
                    continue
                if stopping:
                    raise Abandoned
                stopping = True
                self._on_stop()
                if self._session is not None:
                    self._session.cancel()
        renderer.finish()
        if stopping:
            raise Stopped("stopped; the case is kept")
        if done.error is not None:
            raise done.error
        value: T = done.value
        return value

    def _step(self, number: int, renderer: Draws) -> _Done | None:
        try:
            of, item = self._items.get(timeout=_TICK_S)
        except queue.Empty:
            renderer.tick()
            return None
        if of != number:  # left over from a job that was abandoned
            return None
        if isinstance(item, _Done):
            return item
        renderer.draw(item)
        return None

    def close(self) -> None:
        """Close the session and end the thread; a step that hangs is left to the process's end."""
        self._jobs.put(None)
        self._thread.join(_CLOSE_S)

    def _opened(self) -> SessionPort:
        if self._session is None:
            self._session = self._open_session(self._emit)
        return self._session

    def _emit(self, event: Event) -> None:
        self._items.put((self._current, event))

    _current = -1

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._current = job.number
            try:
                done = _Done(job.work())
            except BaseException as error:  # the edge of the thread: `run` raises it again
                done = _Done(error=error)
            self._items.put((job.number, done))
        if self._session is not None:
            self._session.close()
