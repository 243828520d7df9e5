"""Bad input: one line that says what and what to do, the right exit code, no traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reading_helpers import readingroom

from readingroom.domain.errors import ExitCode
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.table import by_scenario


def check(done: Any, code: ExitCode, *words: str) -> None:
    assert done.returncode == code, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 6, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_an_accession_that_matches_none(sandbox_home: Path) -> None:
    check(readingroom(sandbox_home, "read", "CR-00000"), ExitCode.ERROR, "CR-00000", "worklist")


def test_an_accession_that_matches_two(sandbox_home: Path) -> None:
    accession = by_scenario("two_matching").current.accession
    done = readingroom(sandbox_home, "read", accession)
    check(done, ExitCode.ERROR, accession, "study UID")


def test_another_modality_is_refused(sandbox_home: Path) -> None:
    accession = by_scenario("wrong_modality").current.accession
    done = readingroom(sandbox_home, "read", accession, "--json")
    check(done, ExitCode.REFUSED, accession)
    document = json.loads(done.stdout)
    assert document["status"] == "refused" and document["draft"] is None


def test_a_wildcard_is_not_an_accession(sandbox_home: Path) -> None:
    check(readingroom(sandbox_home, "read", "CR-*"), ExitCode.ERROR)


def test_no_pacs_and_no_sandbox(tmp_path: Path) -> None:
    check(readingroom(tmp_path, "read", "CR-1"), ExitCode.USAGE, "sandbox up")


def test_a_pacs_that_is_down(empty_sandbox: Sandbox) -> None:
    empty_sandbox.kill()
    home = empty_sandbox.directory.parent
    check(readingroom(home, "read", "CR-1"), ExitCode.NETWORK)


def test_a_pacs_that_hangs(empty_sandbox: Sandbox) -> None:
    home = empty_sandbox.directory.parent
    empty_sandbox.pause()
    try:
        check(readingroom(home, "read", "CR-1"), ExitCode.NETWORK)
    finally:
        empty_sandbox.resume()


@pytest.mark.parametrize("field", ["called_ae", "calling_ae"])
def test_a_wrong_ae_title(sandbox: Sandbox, tmp_path: Path, field: str) -> None:
    state = sandbox.state()
    assert state is not None
    titles = {"called_ae": state.aet, "calling_ae": state.agent_aet, field: "NOBODY"}
    (tmp_path / "readingroom.toml").write_text(
        f'[pacs]\nhost = "{state.dicom_host}"\nport = {state.dicom_port}\n'
        f'called_ae = "{titles["called_ae"]}"\ncalling_ae = "{titles["calling_ae"]}"\n'
        f"listen_port = {state.agent_port}\n",
        encoding="utf-8",
    )
    done = readingroom(tmp_path, "read", "CR-20931")
    assert done.returncode in (ExitCode.USAGE, ExitCode.NETWORK), done.stderr
    check(done, done.returncode, "AE")


def test_a_file_that_is_no_dicom(sandbox_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("not an image")
    done = readingroom(sandbox_home, "study", "import", str(file), "--to", "sandbox")
    check(done, ExitCode.ERROR, "letter.txt")


def test_a_missing_patient_id_names_the_flag(sandbox_home: Path, tmp_path: Path) -> None:
    from PIL import Image

    film = tmp_path / "film.png"
    Image.new("L", (512, 512), 90).save(film)
    done = readingroom(
        sandbox_home, "study", "import", str(film), "--to", "sandbox", "--accession", "X-1"
    )
    check(done, ExitCode.ERROR, "--patient-id")


def test_nothing_to_resume(sandbox_home: Path) -> None:
    check(readingroom(sandbox_home, "read", "CR-404", "--resume"), ExitCode.ERROR, "unfinished")


@pytest.mark.parametrize("core", ["openai:gpt", "transformers:x/y"])
def test_a_core_that_is_not_there_yet_says_so(sandbox_home: Path, core: str) -> None:
    accession = by_scenario("normal").current.accession
    done = readingroom(sandbox_home, "--core", core, "read", accession)
    check(done, ExitCode.USAGE, "not there yet")
