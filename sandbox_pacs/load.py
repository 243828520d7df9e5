"""Bring the patients into a sandbox: objects over REST, orders, messages and truth as files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from readingroom.domain.errors import BadInput
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.build import StudyObjects, build_study, instance_uids
from readingroom.sandbox_pacs.patients.people import Patient, Study
from readingroom.sandbox_pacs.patients.table import PATIENTS, set_version
from readingroom.sandbox_pacs.rest import OrthancRest, RestError
from readingroom.sandbox_pacs.state import SandboxState

Progress = Callable[[int, int, str], None]
"""Called with studies done, studies in all, and the accession number at work."""

_VERSION_NAME = "loaded-version"


@dataclass(frozen=True)
class LoadReport:
    """What a load did.

    Attributes:
        uploaded: objects that are new in the PACS.
        skipped: objects that were there already.
        replaced: studies of another version of the table or the phantom that were removed
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


def numbered_studies(
    patients: tuple[Patient, ...] = PATIENTS,
) -> Iterator[tuple[Patient, Study, str]]:
    """Every study with the stem of its files: the accession, with "-2" when it is a second one."""
    seen: dict[str, int] = {}
    for patient in patients:
        for study in patient.studies:
            count = seen[study.accession] = seen.get(study.accession, 0) + 1
            yield patient, study, study.accession + (f"-{count}" if count > 1 else "")


def load(
    sandbox: Sandbox,
    patients: tuple[Patient, ...] = PATIENTS,
    progress: Progress | None = None,
) -> LoadReport:
    """Load patients; what is there already is neither drawn nor sent again.

    Raises:
        ConfigError: no sandbox is up.
        Transient: it stopped answering; loading again goes on where this ended.
    """
    began = time.monotonic()
    studies = list(numbered_studies(patients))
    uploaded = skipped = 0
    with sandbox.rest() as rest:
        state = _known(sandbox)
        replaced = _clear_other_version(rest, state)
        for index, (patient, study, stem) in enumerate(studies):
            if progress is not None:
                progress(index, len(studies), study.accession)
            uids = instance_uids(study)
            if _is_loaded(rest, state, patient, study, stem, uids):
                skipped += len(uids)
                continue
            new = _load_study(rest, state, build_study(patient, study), stem)
            uploaded += new
            skipped += len(uids) - new
    if progress is not None:
        progress(len(studies), len(studies), "")
    seconds = time.monotonic() - began
    served = not state.is_remote
    return LoadReport(len(patients), len(studies), uploaded, skipped, replaced, served, seconds)


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
) -> int:
    """Write all objects into a folder: dicom/, oru/, worklist/, truth/; no Orthanc is needed.

    Returns:
        Number of files written.
    """
    studies = list(numbered_studies(patients))
    written = 0
    for index, (patient, study, stem) in enumerate(studies):
        if progress is not None:
            progress(index, len(studies), study.accession)
        objects = build_study(patient, study)
        folder = directory / "dicom" / patient.patient_id / stem
        folder.mkdir(parents=True, exist_ok=True)
        for instance in objects.instances:
            _write(folder / instance.name, instance.data)
        written += len(objects.instances) + _write_beside(
            objects, stem, directory / "oru", directory / "worklist", directory / "truth"
        )
    if progress is not None:
        progress(len(studies), len(studies), "")
    return written


def _known(sandbox: Sandbox) -> SandboxState:
    state = sandbox.state()
    if state is None:
        raise AssertionError("a REST connection was just made from this state")
    return state


def _clear_other_version(rest: OrthancRest, state: SandboxState) -> int:
    """Remove the studies of another version: a PACS keeps the first content of a UID."""
    path = Path(state.directory) / _VERSION_NAME
    version = set_version()
    if path.is_file() and path.read_text(encoding="utf-8") == version:
        return 0
    removed = sum(remove_study(rest, study.study_uid) for _, study, _ in numbered_studies())
    for folder in (state.oru_dir, state.worklist_dir, state.truth_dir):
        for old in Path(folder).glob("C[RT]-*"):
            old.unlink()
    path.write_text(version, encoding="utf-8")
    return removed


def _is_loaded(
    rest: OrthancRest,
    state: SandboxState,
    patient: Patient,
    study: Study,
    stem: str,
    uids: tuple[str, ...],
) -> bool:
    beside = [Path(state.truth_dir, f"{stem}.json")]
    if study is patient.current:
        beside.append(Path(state.worklist_dir, f"{stem}.wl"))
    if study.report is not None and study.report.source == "ORU":
        beside.append(Path(state.oru_dir, f"{stem}.hl7"))
    return all(path.is_file() for path in beside) and all(
        rest.call("POST", "/tools/lookup", uid) for uid in uids
    )


def _load_study(rest: OrthancRest, state: SandboxState, objects: StudyObjects, stem: str) -> int:
    new = sum(store_instance(rest, instance.data) for instance in objects.instances)
    _write_beside(
        objects, stem, Path(state.oru_dir), Path(state.worklist_dir), Path(state.truth_dir)
    )
    return new


def _write_beside(objects: StudyObjects, stem: str, oru: Path, worklist: Path, truth: Path) -> int:
    text = json.dumps(objects.truth, indent=2, ensure_ascii=False).encode()
    files = {truth / f"{stem}.json": text}
    if objects.oru is not None:
        files[oru / f"{stem}.hl7"] = objects.oru
    if objects.worklist is not None:
        files[worklist / f"{stem}.wl"] = objects.worklist
    for path, data in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, data)
    return len(files)


def _write(path: Path, data: bytes) -> None:
    """In one step: Orthanc reads the work list folder at each query."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
