"""The whole on a real chest radiograph: a draft that says what the core knows and cannot judge."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from reading_helpers import readingroom

from readingroom.domain.errors import ExitCode
from readingroom.sandbox_pacs.orthanc import Sandbox


def adult_film(shared_data: Path) -> Path:
    with (shared_data / "nih" / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name = row.get("file") or row.get("image") or next(iter(row.values()))
            path = shared_data / "nih" / "images" / Path(name).name
            if path.is_file():
                return path
    raise AssertionError("labels.csv names no image that is here")


def test_a_real_film_is_imported_and_read(empty_sandbox: Sandbox, shared_data: Path) -> None:
    home = empty_sandbox.directory.parent
    film = adult_film(shared_data)
    imported = readingroom(
        home,
        *("study", "import", str(film), "--to", "sandbox"),
        *("--patient-id", "REAL-1", "--accession", "REAL-1", "--view", "PA"),
    )
    assert imported.returncode == ExitCode.OK, imported.stderr
    done = readingroom(home, "read", "REAL-1", "--json")
    assert done.returncode == ExitCode.APPROVAL_PENDING, done.stderr
    document = json.loads(done.stdout)
    text = document["draft"]["text"]
    assert "trained on" in text.lower()
    assert "not assessed" in text.lower()
    # What the core has too few real films to have learned must not be judged on one.
    judged = {each["observation"] for each in document["reading"]["detections"]}
    assert not judged & {"nodule", "pneumothorax"}
    assert " mm" not in text, "the file has no pixel pitch, so no size can be known"


def test_a_real_dicom_film_is_imported_as_it_is(empty_sandbox: Sandbox, shared_data: Path) -> None:
    home = empty_sandbox.directory.parent
    films = sorted((shared_data / "dicom" / "xrv_cxr_dicom").rglob("*.dcm"))
    assert films, "the real film is not where the manifest says"
    done = readingroom(home, "study", "import", str(films[0]), "--to", "sandbox", "--json")
    assert done.returncode in (ExitCode.OK, ExitCode.ERROR), done.stderr
    assert "Traceback" not in done.stderr
