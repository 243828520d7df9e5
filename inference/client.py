"""`CoreWorker`: the shipped core, behind one child process that may die without harm."""

from __future__ import annotations

import json
import threading
import weakref
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from readingroom.domain.errors import ModelUnavailable
from readingroom.domain.film import Film
from readingroom.domain.finding import FilmReading, Observation, RegionAnswer
from readingroom.domain.ports import PlanDecision, PlanRequest
from readingroom.domain.region import Box

if TYPE_CHECKING:
    from readingroom.inference.child import Child

WEIGHTS = Path(__file__).parent / "weights"

_AGAIN = "run `readingroom doctor`; the study stays as it is, and `--resume` goes on from here"


class CoreWorker:
    """Plans, reads films and answers about regions with the weights that ship.

    The child starts at the first question, is started once more when it died, and ends with
    this object or this process. Safe from several threads: questions wait for each other.

    Args:
        home: where the child's log goes (`core-worker.log`); no log without it.
        weights: folder of the weights; the shipped ones by default.
        timeout_s: for one question, the child's start included.
        memory_mb: address space of the child.
    """

    def __init__(
        self,
        home: Path | None = None,
        weights: Path | None = None,
        *,
        timeout_s: float = 60.0,
        memory_mb: int = 3072,
    ) -> None:
        self._weights = weights or WEIGHTS
        self._log = home / "core-worker.log" if home is not None else None
        self._timeout_s, self._memory_mb = timeout_s, memory_mb
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._cancelled = False
        self._finalizer: weakref.finalize[..., CoreWorker] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the child without waiting for it, so that it loads while others work.

        Raises:
            ModelUnavailable: there are no weights, or the process cannot be started.
        """
        with self._lock:
            self._running()

    def plan(self, request: PlanRequest) -> PlanDecision:
        """The next step for a request.

        Raises:
            ModelUnavailable: the worker did not start, died twice or timed out.
        """
        from readingroom.inference import wire

        head = {"op": "plan", "request": wire.request_out(request)}
        return wire.decision_in(self._ask(wire.pack(head, request.images[:1])))

    def read_film(self, film: Film) -> FilmReading:
        """All that the core says of one film.

        Raises:
            ModelUnavailable: the worker did not start, died twice or timed out.
        """
        from readingroom.inference import wire

        head, grey = wire.film_out(film)
        return wire.reading_in(self._ask(wire.pack({"op": "read_film", "film": head}, [grey])))

    def ask_region(self, film: Film, box: Box, observation: Observation) -> RegionAnswer:
        """Whether an observation is present in a box (pixels of the stored image).

        Raises:
            ModelUnavailable: the worker did not start, died twice or timed out.
        """
        from readingroom.inference import wire

        head, grey = wire.film_out(film)
        corners = {"x0": box.x0, "y0": box.y0, "x1": box.x1, "y1": box.y1}
        asked = {"op": "ask_region", "film": head, "box": corners, "observation": observation}
        return wire.answer_in(self._ask(wire.pack(asked, [grey])))

    def info(self) -> dict[str, Any]:
        """The model card: names, revisions, what it was trained on, what it cannot do.

        Reads one file; the child is not started.

        Raises:
            ModelUnavailable: the weights are not there.
        """
        try:
            card: dict[str, Any] = json.loads((self._weights / "card.json").read_text())
        except (OSError, ValueError) as error:
            raise ModelUnavailable(
                f"the embedded core has no weights ({type(error).__name__})",
                hint="install the package again, or name another core with --core",
            ) from error
        return card

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while none runs."""
        child = self._child
        return child.pid if child is not None and child.alive else None

    def cancel(self) -> None:
        """Stop what is being asked right now, from another thread: the asker gets an error."""
        child = self._child
        if child is not None:
            self._cancelled = True
            child.kill()

    def close(self) -> None:
        """End the child. The next question would start a new one."""
        with self._lock:
            self._drop()

    def _ask(self, frame: bytes) -> dict[str, Any]:
        from readingroom.inference.child import ChildGone, ChildLate

        with self._lock:
            for attempt in (1, 2):
                self._cancelled = False
                try:
                    answer = self._running().ask(frame, self._timeout_s)
                except ChildLate as error:
                    self._drop(kill=True)
                    raise ModelUnavailable(
                        f"the embedded core did not answer within {self._timeout_s:.0f} s",
                        hint=_AGAIN,
                    ) from error
                except ChildGone as error:
                    self._drop(kill=True)
                    if self._cancelled:
                        raise ModelUnavailable("the question was cancelled") from error
                    if attempt == 2:
                        raise ModelUnavailable(
                            "the embedded core's worker died twice on one question", hint=_AGAIN
                        ) from error
                    continue
                return _value(answer)
        raise AssertionError("unreachable")

    def _running(self) -> Child:
        from readingroom.inference.child import Child

        if self._child is not None and not self._child.alive:
            self._drop(kill=True)
        if self._child is None:
            self.info()
            try:
                self._child = Child(self._weights, self._memory_mb, self._log)
            except OSError as error:
                raise ModelUnavailable(
                    f"the embedded core's worker did not start ({error.strerror})", hint=_AGAIN
                ) from error
            self._finalizer = weakref.finalize(self, Child.close, self._child)
        return self._child

    def _drop(self, *, kill: bool = False) -> None:
        child, self._child = self._child, None
        if self._finalizer is not None:
            self._finalizer.detach()
            self._finalizer = None
        if child is not None:
            if kill:
                child.kill()
            child.close()


def _value(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("ok"):
        value: dict[str, Any] = answer["value"]
        return value
    raise ModelUnavailable(
        f"the embedded core failed on this question ({answer.get('error')})", hint=_AGAIN
    )
