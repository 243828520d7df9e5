"""Patients of the tour, drawn once a session however many sandboxes they are loaded into.

A film takes one to three seconds. What is drawn is what `load` and `export` draw, by their own
pool; only a second drawing of the same study is spared.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from readingroom.sandbox_pacs.drawing_pool import (
    WORKERS,
    WORTH_A_POOL,
    Drawn,
    Job,
    Step,
    drawn_ahead,
)
from readingroom.sandbox_pacs.patients.people import Patient
from readingroom.sandbox_pacs.patients.truth_export import TruthKind

_KINDS: tuple[TruthKind, ...] = ("sr", "seg")


@dataclass(frozen=True)
class _Todo:
    job: Job | None


class DrawnTour:
    """Stands in for `drawn_ahead`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drawn: dict[tuple[Patient, int], Drawn] = {}

    def __call__(self, steps: Iterable[Step], workers: int) -> Iterator[tuple[Step, Drawn | None]]:
        """As `drawn_ahead`; whatever is no patient of the tour, it draws."""
        steps = iter(steps)
        for step in steps:
            if step.job is not None and not _is_tour(step.job):
                yield from drawn_ahead(_again(step, steps), workers)
                return
            if step.job is None:
                yield step, None
                continue
            rest = [step, *steps]
            self._draw([each.job for each in rest if each.job is not None], workers)
            for each in rest:
                yield each, None if each.job is None else self._copied(each.job)

    def of(self, patients: Iterable[Patient]) -> dict[str, Drawn]:
        """Each study of some patients, by its UID."""
        jobs = [Job(p, n, self._folder) for p in patients for n in range(len(p.studies))]
        self._draw(jobs, WORKERS if len(jobs) >= WORTH_A_POOL else 0)
        return {job.study.study_uid: self._drawn[job.patient, job.number] for job in jobs}

    def _draw(self, jobs: list[Job], workers: int) -> None:
        missing = [job for job in jobs if (job.patient, job.number) not in self._drawn]
        names = [f"{len(self._drawn) + n}" for n in range(len(missing))]
        todo = [
            _Todo(replace(job, folder=here, truth_folder=here / "truth", truth_kinds=_KINDS))
            for job, here in zip(missing, map(self._folder.joinpath, names), strict=True)
        ]
        for each, drawn in drawn_ahead(todo, workers):
            if each.job is not None and drawn is not None:
                self._drawn[each.job.patient, each.job.number] = drawn

    def _copied(self, job: Job) -> Drawn:
        drawn = self._drawn[job.patient, job.number]
        told = drawn.files[0].parent / "truth"
        truth = [
            path for kind in job.truth_kinds for path in told.glob(f"truth-{kind.upper()}*.dcm")
        ]
        if job.truth_folder is not None and job.truth_kinds:
            _copy(truth, job.truth_folder)
        return replace(drawn, files=_copy(drawn.files, job.folder), truth_files=len(truth))


def _copy(files: Iterable[Path], folder: Path) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(Path(shutil.copy(path, folder)) for path in files)


def _is_tour(job: Job) -> bool:
    return job.patient.split == "tour"


def _again(first: Step, rest: Iterable[Step]) -> Iterator[Step]:
    yield first
    yield from rest
