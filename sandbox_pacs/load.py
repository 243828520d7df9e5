"""Bring patients into a sandbox: objects over REST, orders, messages and truth as files."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from readingroom.domain.errors import BadInput
from readingroom.sandbox_pacs.drawing_pool import (
    WORKERS,
    WORTH_A_POOL,
    Drawn,
    Job,
    drawn_ahead,
)
from readingroom.sandbox_pacs.journal import CohortJournal
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.build import Papers, instance_uids
from readingroom.sandbox_pacs.patients.cohort import CohortKey, patient_at
from readingroom.sandbox_pacs.patients.people import Patient, Study
from readingroom.sandbox_pacs.patients.table import PATIENTS, set_version
from readingroom.sandbox_pacs.patients.truth_export import TruthKind
from readingroom.sandbox_pacs.rest import OrthancRest, RestError
from readingroom.sandbox_pacs.state import SandboxState

Progress = Callable[[int, int, str], None]
"""Called with how many are done, how many in all, and the accession number at work. Counts
studies of the tour, patients of a cohort."""

_VERSION_NAME = "loaded-version"


@dataclass(frozen=True)
class LoadReport:
    """What a load did.

    Attributes:
        uploaded: objects that are new in the PACS.
        skipped: objects that were there already.
        replaced: studies of another version of the patients or the drawing that were removed
            first, with whatever had been stored into them.
        worklist_served: False for an Orthanc elsewhere: it does not read our work list folder.
    """

    patients: int
    studies: int
    uploaded: int
    skipped: int
    replaced: int
    worklist_served: bool
    seconds: float


@dataclass(frozen=True)
class Folders:
    """Where the files beside the PACS lie."""

    oru: Path
    orm: Path
    worklist: Path
    truth: Path

    @classmethod
    def of(cls, state: SandboxState) -> Folders:
        """The folders of a sandbox."""
        orm = Path(state.directory) / "orm"
        return cls(Path(state.oru_dir), orm, Path(state.worklist_dir), Path(state.truth_dir))

    @classmethod
    def below(cls, directory: Path) -> Folders:
        """The folders of an export."""
        names = ("oru", "orm", "worklist", "truth")
        return cls(*(directory / name for name in names))

    def all(self) -> tuple[Path, ...]:
        """Each of them."""
        return (self.oru, self.orm, self.worklist, self.truth)

    def expected(self, patient: Patient, study: Study, stem: str) -> list[Path]:
        """The files of one study."""
        files = [self.truth / f"{stem}.json"]
        if study is patient.current:
            files += [self.worklist / f"{stem}.wl", self.orm / f"{stem}.hl7"]
        if study.report is not None and study.report.source == "ORU":
            files.append(self.oru / f"{stem}.hl7")
        return files

    def write(self, papers: Papers, stem: str) -> int:
        """Write the files of a study and return how many.

        The work list entry comes last: what it names is complete then.
        """
        text = json.dumps(papers.truth, indent=2, ensure_ascii=False).encode()
        files: list[tuple[Path, bytes | None]] = [
            (self.truth / f"{stem}.json", text),
            (self.oru / f"{stem}.hl7", papers.oru),
            (self.orm / f"{stem}.hl7", papers.orm),
            (self.worklist / f"{stem}.wl", papers.worklist),
        ]
        written = 0
        for path, data in files:
            if data is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(path, data)
                written += 1
        return written


def numbered_studies(
    patients: Iterable[Patient] = PATIENTS,
) -> Iterator[tuple[Patient, Study, str]]:
    """Every study with the stem of its files: the accession, with "-2" when it is a second one."""
    seen: dict[str, int] = {}
    for patient in patients:
        for study in patient.studies:
            count = seen[study.accession] = seen.get(study.accession, 0) + 1
            yield patient, study, file_name(study.accession) + (f"-{count}" if count > 1 else "")


def file_name(identifier: str) -> str:
    """An identifier as the name of a file or folder: some have a slash or spaces."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", identifier)


def load(
    sandbox: Sandbox,
    patients: tuple[Patient, ...] = PATIENTS,
    progress: Progress | None = None,
) -> LoadReport:
    """Load patients of the tour; what is there already is neither drawn nor sent again.

    Raises:
        ConfigError: no sandbox is up.
        Transient: it stopped answering; loading again goes on where this ended.
    """
    total = sum(len(patient.studies) for patient in patients)
    with sandbox.rest() as rest, _spool() as spool:
        work = _Loading(rest, _known(sandbox), spool)
        work.replaced = _clear_other_version(rest, work.state)
        for step, drawn in drawn_ahead(work.due(_of_tour(patients)), _workers(len(patients))):
            if progress is not None:
                progress(step.index, total, step.accession)
            if step.job is not None and drawn is not None:
                work.store(step.job, drawn, step.stem)
    if progress is not None:
        progress(total, total, "")
    return work.report(len(patients))


def load_cohort(
    sandbox: Sandbox, key: CohortKey, count: int, progress: Progress | None = None
) -> LoadReport:
    """Load the first patients of a cohort one by one; nothing of it is kept in memory.

    A patient's priors come before the study to read. What is there already is skipped, so a
    load that was interrupted goes on when it is asked for again.

    Raises:
        ConfigError: no sandbox is up.
        Transient: it stopped answering; loading again goes on where this ended.
    """
    with sandbox.rest() as rest, _spool() as spool:
        work = _Loading(rest, _known(sandbox), spool)
        journal = CohortJournal(Path(work.state.directory) / "cohorts" / f"{key.name}.txt")
        for study_uid, stem in journal.of_other_version(set_version()):
            work.replaced += remove_study(rest, study_uid)
            _remove_files(work.folders, stem)
        with journal.opened(set_version()) as note:
            for step, drawn in drawn_ahead(work.due(_of_cohort(key, count)), _workers(count)):
                if progress is not None and step.is_first:
                    progress(step.index, count, step.accession)
                if step.job is not None and drawn is not None:
                    note(step.job.study.study_uid, step.stem)
                    work.store(step.job, drawn, step.stem)
    if progress is not None:
        progress(count, count, "")
    return work.report(count)


def store_instance(rest: OrthancRest, data: bytes) -> bool:
    """Store one DICOM file over REST; False when the PACS had it already.

    Raises:
        BadInput: Orthanc does not take it as DICOM.
    """
    try:
        answer = rest.call("POST", "/instances", data)
    except RestError as error:
        if error.status == 400:
            raise BadInput("Orthanc does not take this file as DICOM") from error
        raise
    return isinstance(answer, dict) and answer.get("Status") == "Success"


def remove_study(rest: OrthancRest, study_uid: str) -> bool:
    """Remove a study with all that is in it; False when it was not there."""
    found = [row for row in rest.call("POST", "/tools/lookup", study_uid) if row["Type"] == "Study"]
    for row in found:
        rest.call("DELETE", f"/studies/{row['ID']}")
    return bool(found)


def export(
    directory: Path,
    patients: tuple[Patient, ...] = PATIENTS,
    progress: Progress | None = None,
    truth_kinds: tuple[TruthKind, ...] = (),
) -> int:
    """Write all objects into a folder: dicom/, oru/, orm/, worklist/, truth/; needs no Orthanc.

    Args:
        directory: made where it is not there.
        patients: of the tour.
        progress: told before each study is written.
        truth_kinds: the truth of chests as DICOM too, below truth/.

    Returns:
        Number of files written.
    """
    total = sum(len(patient.studies) for patient in patients)
    steps = _exported(directory, _of_tour(patients), truth_kinds)
    return _export(directory, steps, _workers(len(patients)), total, progress)


def export_cohort(
    directory: Path,
    key: CohortKey,
    count: int,
    progress: Progress | None = None,
    truth_kinds: tuple[TruthKind, ...] = (),
) -> int:
    """Write the first patients of a cohort into a folder, one by one.

    Args:
        directory: made where it is not there.
        key: which cohort.
        count: patients.
        progress: told before each patient is written.
        truth_kinds: the truth of chests as DICOM too, below truth/.

    Returns:
        Number of files written.
    """
    steps = _exported(directory, _of_cohort(key, count), truth_kinds)
    return _export(directory, steps, _workers(count), count, progress)


@dataclass(frozen=True)
class _Step:
    """One study on its way.

    Attributes:
        index: of the study in the tour, of the patient in a cohort.
        is_first: of those with this index.
        accession: to tell while it is at work; of a cohort that of the patient's study to read.
        job: None where the study is there already.
    """

    index: int
    is_first: bool
    accession: str
    stem: str
    patient: Patient
    study: Study
    job: Job | None = None


def _of_tour(patients: tuple[Patient, ...]) -> Iterator[_Step]:
    for index, (patient, study, stem) in enumerate(numbered_studies(patients)):
        yield _Step(index, True, study.accession, stem, patient, study)


def _of_cohort(key: CohortKey, count: int) -> Iterator[_Step]:
    """Each patient's priors before the study to read."""
    for index in range(count):
        patient = patient_at(key, index)
        for place, study in enumerate(reversed(patient.studies)):
            stem = file_name(study.accession)
            yield _Step(index, place == 0, patient.current.accession, stem, patient, study)


def _workers(patients: int) -> int:
    return WORKERS if patients >= WORTH_A_POOL else 0


def _exported(
    directory: Path, steps: Iterable[_Step], truth_kinds: tuple[TruthKind, ...]
) -> Iterator[_Step]:
    """The steps with what is to be drawn, and where to."""
    for step in steps:
        folder = directory / "dicom" / file_name(step.patient.patient_id) / step.stem
        truth = directory / "truth" / step.stem
        number = step.patient.studies.index(step.study)
        yield replace(step, job=Job(step.patient, number, folder, truth, truth_kinds))


def _export(
    directory: Path, steps: Iterable[_Step], workers: int, total: int, progress: Progress | None
) -> int:
    folders, written = Folders.below(directory), 0
    for step, drawn in drawn_ahead(steps, workers):
        if progress is not None and step.is_first:
            progress(step.index, total, step.accession)
        if drawn is not None:
            written += len(drawn.files) + drawn.truth_files
            written += folders.write(drawn.papers, step.stem)
    if progress is not None:
        progress(total, total, "")
    return written


@contextmanager
def _spool() -> Iterator[Path]:
    """A folder for objects between drawing and storing."""
    with tempfile.TemporaryDirectory(prefix="readingroom-") as folder:
        yield Path(folder)


def _known(sandbox: Sandbox) -> SandboxState:
    state = sandbox.state()
    if state is None:
        raise AssertionError("a REST connection was just made from this state")
    return state


def _clear_other_version(rest: OrthancRest, state: SandboxState) -> int:
    """Remove the tour's studies of another version: a PACS keeps the first content of a UID."""
    path = Path(state.directory) / _VERSION_NAME
    version = set_version()
    if path.is_file() and path.read_text(encoding="utf-8") == version:
        return 0
    removed = sum(remove_study(rest, study.study_uid) for _, study, _ in numbered_studies())
    for folder in Folders.of(state).all():
        for old in folder.glob("C[RT]-*"):
            old.unlink()
    path.write_text(version, encoding="utf-8")
    return removed


def _remove_files(folders: Folders, stem: str) -> None:
    for folder in folders.all():
        for ending in ("hl7", "wl", "json"):
            (folder / f"{stem}.{ending}").unlink(missing_ok=True)


@dataclass
class _Loading:
    """A load at work, and what it has done so far."""

    rest: OrthancRest
    state: SandboxState
    spool: Path
    began: float = field(default_factory=time.monotonic)
    studies: int = 0
    uploaded: int = 0
    skipped: int = 0
    replaced: int = 0

    @property
    def folders(self) -> Folders:
        """Where the files beside the PACS lie."""
        return Folders.of(self.state)

    def due(self, steps: Iterable[_Step]) -> Iterator[_Step]:
        """The steps with what is to be drawn; without a job where the study is there already."""
        for step in steps:
            self.studies += 1
            uids = instance_uids(step.patient, step.study)
            files = self.folders.expected(step.patient, step.study, step.stem)
            if self._is_there(files, uids):
                self.skipped += len(uids)
                yield step
                continue
            number = step.patient.studies.index(step.study)
            yield replace(step, job=Job(step.patient, number, self.spool / step.study.study_uid))

    def store(self, job: Job, drawn: Drawn, stem: str) -> None:
        """Bring a study into the PACS, and what goes with it into the folders."""
        new = 0
        for path in drawn.files:
            new += store_instance(self.rest, path.read_bytes())
            path.unlink()
        job.folder.rmdir()
        self.folders.write(drawn.papers, stem)
        self.uploaded += new
        self.skipped += len(drawn.files) - new

    def _is_there(self, files: list[Path], uids: tuple[str, ...]) -> bool:
        return all(path.is_file() for path in files) and all(
            self.rest.call("POST", "/tools/lookup", uid) for uid in uids
        )

    def report(self, patients: int) -> LoadReport:
        """What was done."""
        return LoadReport(
            patients,
            self.studies,
            self.uploaded,
            self.skipped,
            self.replaced,
            not self.state.is_remote,
            time.monotonic() - self.began,
        )


def _write(path: Path, data: bytes) -> None:
    """In one step: Orthanc reads the work list folder at each query."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
