"""Draw studies in other processes, a few ahead of whoever stores them.

This module is light: a worker imports it before anything is drawn.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from readingroom.sandbox_pacs.patients.build import Papers
    from readingroom.sandbox_pacs.patients.people import Patient, Study
    from readingroom.sandbox_pacs.patients.truth_export import TruthKind

WORKERS = 2
WORTH_A_POOL = 8
"""Patients from which on a pool is worth the two seconds in which it starts."""

_AHEAD = 4
"""Studies drawn or being drawn that nobody has stored yet: a CT in full has 120 MB of disk."""


@dataclass(frozen=True)
class Job:
    """A study to be drawn.

    Attributes:
        number: which of the patient's studies: a worker has a copy of the patient.
        folder: for its objects.
        truth_folder, truth_kinds: for the truth as DICOM, where wanted.
    """

    patient: Patient
    number: int
    folder: Path
    truth_folder: Path | None = None
    truth_kinds: tuple[TruthKind, ...] = ()

    @property
    def study(self) -> Study:
        """The study."""
        return self.patient.studies[self.number]


@dataclass(frozen=True)
class Drawn:
    """A study whose objects lie in the job's folder.

    Attributes:
        files: objects in order, images first.
        truth_files: how many lie in the truth folder.
    """

    files: tuple[Path, ...]
    papers: Papers
    truth_files: int = 0


class Step(Protocol):
    """What is to be done, in order; a step without a job waits for its turn all the same."""

    @property
    def job(self) -> Job | None:
        """What to draw for it."""
        ...


_S = TypeVar("_S", bound=Step)


def draw(job: Job) -> Drawn:
    """Draw a study into its folder, one object in memory at a time."""
    from readingroom.sandbox_pacs.patients.build import StudyStream

    stream = StudyStream(job.patient, job.study)
    job.folder.mkdir(parents=True, exist_ok=True)
    files = []
    for instance in stream.instances():
        files.append(job.folder / instance.name)
        files[-1].write_bytes(instance.data)
    papers = stream.papers()
    made = 0
    if job.truth_folder is not None and job.truth_kinds:
        job.truth_folder.mkdir(parents=True, exist_ok=True)
        for instance in stream.truth_objects(job.truth_kinds):
            (job.truth_folder / instance.name).write_bytes(instance.data)
            made += 1
    return Drawn(tuple(files), papers, made)


def drawn_ahead(steps: Iterable[_S], workers: int) -> Iterator[tuple[_S, Drawn | None]]:
    """Each step in order with what was drawn for it.

    Args:
        steps: asked for a few ahead.
        workers: processes; 0 draws here, when the step's turn comes.
    """
    if workers == 0:
        for step in steps:
            yield step, None if step.job is None else draw(step.job)
        return
    waiting: deque[tuple[_S, Future[Drawn] | None]] = deque()
    with _pool(workers) as pool:
        for step in steps:
            waiting.append((step, None if step.job is None else pool.submit(draw, step.job)))
            while sum(future is not None for _, future in waiting) > _AHEAD or (
                waiting and waiting[0][1] is None
            ):
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())


def _result(entry: tuple[_S, Future[Drawn] | None]) -> tuple[_S, Drawn | None]:
    step, future = entry
    return step, None if future is None else future.result()


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes on every system: a fork would copy threads and sockets in any state."""
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start)
    try:
        yield pool
    finally:
        # What has begun is finished: its folder is the caller's to remove after this.
        pool.shutdown(wait=True, cancel_futures=True)


def _start() -> None:
    # Ctrl-C reaches the whole group; the parent alone decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
