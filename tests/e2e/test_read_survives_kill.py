"""kill -9 in the middle of a read, at each step: `--resume` finishes it, and nothing twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from reading_helpers import readingroom, session

from readingroom.domain.errors import ExitCode
from readingroom.sandbox_pacs.load import load
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.table import by_scenario

KILLER = """
import os, signal, sys
from pathlib import Path
from readingroom.agent.config import load_settings
from readingroom.agent.graph.session import Session

home, accession, kind, step = sys.argv[1:5]

def on_event(event):
    if event.type == kind and getattr(event, "step", "") == step:
        os.kill(os.getpid(), signal.SIGKILL)

with Session.open(load_settings(None, {}, home=Path(home), environ={}), on_event=on_event) as room:
    if len(sys.argv) > 5:
        room.resolve(sys.argv[5], signer="Test^Reader", sha256=sys.argv[6], method="command")
    else:
        room.read(accession)
"""

PLACES = [
    ("step_finished", "find_priors"),
    ("step_finished", "retrieve_prior"),
    ("step_started", "look_at_film"),
    ("step_finished", "draft_report"),
    ("step_finished", "critique"),
]


def kill_at(home: Path, accession: str, kind: str, step: str, *rest: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(home), accession, kind, step, *rest],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]


@pytest.fixture
def loaded(empty_sandbox: Sandbox) -> tuple[Path, str]:
    patient = by_scenario("effusion_larger")
    load(empty_sandbox, (patient,))
    return empty_sandbox.directory.parent, patient.current.accession


def received(home: Path) -> set[tuple[str, float]]:
    """Files of received objects and when they were written."""
    files = (home / "artifacts").rglob("*")
    return {(f.name, f.stat().st_mtime) for f in files if f.is_file() and _is_dicom(f)}


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def stored_reports(sandbox: Sandbox) -> list[Any]:
    query = {"Level": "Instance", "Query": {"Modality": "SR"}}
    with sandbox.rest() as rest:
        return list(rest.call("POST", "/tools/find", json.dumps(query)))


@pytest.mark.parametrize("kind,step", [pytest.param(*PLACES[1]), *PLACES[3:]])
def test_a_killed_read_is_resumed_without_fetching_again(
    loaded: tuple[Path, str], kind: str, step: str
) -> None:
    home, accession = loaded
    kill_at(home, accession, kind, step)
    before = received(home)
    done = readingroom(home, "read", accession, "--resume", "--json")
    assert done.returncode == ExitCode.APPROVAL_PENDING, done.stderr
    document = json.loads(done.stdout)
    assert before <= received(home), "an object was fetched and written again"
    named = [(s["step"], json.dumps(s["arguments"])) for s in document["steps"]]
    tools = [each for each in named if each[0] != "critique"]
    assert len(tools) == len(set(tools)), f"a step ran twice: {tools}"


@pytest.mark.long
@pytest.mark.parametrize("kind,step", [PLACES[0], PLACES[2]])
def test_a_killed_read_is_resumed_at_every_other_place(
    loaded: tuple[Path, str], kind: str, step: str
) -> None:
    test_a_killed_read_is_resumed_without_fetching_again(loaded, kind, step)


def test_a_kill_while_delivering_stores_one_report(
    loaded: tuple[Path, str], empty_sandbox: Sandbox
) -> None:
    home, accession = loaded
    before = len(stored_reports(empty_sandbox))
    with session(home) as (room, _):
        approval = room.read(accession).document["approval"]
        room.show_approval(approval["approval_id"])
    wanted = (approval["approval_id"], approval["content_sha256"])
    kill_at(home, accession, "step_finished", "deliver", *wanted)
    done = readingroom(home, "read", accession, "--resume", "--json")
    assert done.returncode == ExitCode.OK, done.stderr
    assert json.loads(done.stdout)["status"] == "delivered"
    assert len(stored_reports(empty_sandbox)) == before + 1
    again = readingroom(home, "read", accession, "--json")
    assert again.returncode == ExitCode.OK
    assert len(stored_reports(empty_sandbox)) == before + 1


def test_ctrl_c_leaves_things_whole(loaded: tuple[Path, str]) -> None:
    home, accession = loaded
    command = [sys.executable, "-m", "readingroom.agent.cli.main", "--home", str(home)]
    with subprocess.Popen(
        [*command, "--plain", "read", accession], stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reading:
        assert reading.stderr is not None
        for line in reading.stderr:
            if b"fetching a prior" in line:
                reading.send_signal(signal.SIGINT)
                break
        _, rest = reading.communicate(timeout=60)
    assert reading.returncode == ExitCode.INTERRUPTED, rest
    assert b"--resume" in rest and b"Traceback" not in rest
    done = readingroom(home, "read", accession, "--resume", "--json")
    assert done.returncode == ExitCode.APPROVAL_PENDING, done.stderr
