"""What is signed is what was shown; what is stored is found; nothing is signed by accident."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reading_helpers import readingroom, session

from readingroom.domain.errors import Conflict, ExitCode, ReadingRoomError, SafetyStop
from readingroom.sandbox_pacs.dcmtk import dcmtk_program
from readingroom.sandbox_pacs.load import load
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.table import by_scenario


@pytest.fixture
def pending(empty_sandbox: Sandbox) -> tuple[Path, dict[str, Any]]:
    """A home whose case waits for a signature, and the document of its read."""
    patient = by_scenario("effusion_larger")
    load(empty_sandbox, (patient,))
    home = empty_sandbox.directory.parent
    done = readingroom(home, "read", patient.current.accession, "--json")
    assert done.returncode == ExitCode.APPROVAL_PENDING, done.stderr
    document = json.loads(done.stdout)
    with session(home) as (room, _):
        room.show_approval(document["approval"]["approval_id"])
    return home, document


def test_signing_from_the_command_line_stores_a_conformant_report(
    pending: tuple[Path, dict[str, Any]], empty_sandbox: Sandbox, tmp_path: Path
) -> None:
    home, document = pending
    approval = document["approval"]
    shown = readingroom(home, "approvals", "show", approval["approval_id"], "--json")
    assert json.loads(shown.stdout)["text"] == document["draft"]["text"]
    signed = readingroom(
        home,
        *("approvals", "resolve", approval["approval_id"]),
        *("--as", "Test^Reader", "--hash", approval["content_sha256"], "--json"),
    )
    assert signed.returncode == ExitCode.OK, signed.stderr
    assert json.loads(signed.stdout)["delivered"] is True

    state = empty_sandbox.state()
    assert state is not None
    found = subprocess.run(
        [
            *(dcmtk_program("findscu"), "-S", "-aet", state.agent_aet, "-aec", state.aet),
            *(state.dicom_host, str(state.dicom_port)),
            *("-k", "QueryRetrieveLevel=SERIES", "-k", "Modality=SR", "-k", "SeriesInstanceUID"),
            *("-k", f"StudyInstanceUID={document['study_uid']}"),
        ],
        capture_output=True,
        text=True,
    )
    # Without -v DCMTK prints the answers alone, not the keys that were asked.
    printed = found.stdout + found.stderr
    assert "Find Response: 1" in printed and "(0008,0060) CS [SR]" in printed, printed

    stored = _the_report(empty_sandbox, document["study_uid"])
    path = tmp_path / "report.dcm"
    path.write_bytes(stored)
    checked = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True)
    errors = [line for line in checked.stderr.splitlines() if line.startswith("Error")]
    assert not errors, errors


def _the_report(sandbox: Sandbox, study_uid: str) -> bytes:
    query = {"Level": "Instance", "Query": {"Modality": "SR", "StudyInstanceUID": study_uid}}
    with sandbox.rest() as rest:
        (instance,) = rest.call("POST", "/tools/find", json.dumps(query))
        return rest.content("GET", f"/instances/{instance}/file")


def test_what_nobody_was_shown_is_not_signed(empty_sandbox: Sandbox) -> None:
    """A script that reads and signs at once skips the person: the text was never displayed."""
    patient = by_scenario("normal")
    load(empty_sandbox, (patient,))
    with session(empty_sandbox.directory.parent) as (room, _):
        approval = room.read(patient.current.accession).document["approval"]
        with pytest.raises(ReadingRoomError, match="shown"):
            room.resolve(
                approval["approval_id"],
                signer="X^Y",
                sha256=approval["content_sha256"],
                method="command",
            )


def test_another_hash_signs_nothing(pending: tuple[Path, dict[str, Any]]) -> None:
    home, document = pending
    approval = document["approval"]["approval_id"]
    done = readingroom(home, "approvals", "resolve", approval, "--as", "X^Y", "--hash", "0" * 64)
    assert done.returncode == ExitCode.OBJECTED
    assert "Traceback" not in done.stderr
    with session(home) as (room, _):
        assert room.approvals()[0]["state"] == "pending"


def test_without_a_terminal_only_the_sandbox_is_signed_for(
    pending: tuple[Path, dict[str, Any]],
) -> None:
    home, document = pending
    approval = document["approval"]
    with session(home) as (room, _):
        room.link = replace(room.link, is_sandbox=False)  # type: ignore[misc]
        with pytest.raises(SafetyStop, match="without a terminal"):
            room.resolve(
                approval["approval_id"],
                signer="X^Y",
                sha256=approval["content_sha256"],
                method="command",
            )
        assert room.approvals()[0]["state"] == "pending"


def test_an_approval_for_one_destination_does_not_serve_another(
    pending: tuple[Path, dict[str, Any]],
) -> None:
    home, document = pending
    approval = document["approval"]
    with session(home) as (room, _):
        room.link = replace(room.link, peer=replace(room.link.peer, called_ae="ELSEWHERE"))  # type: ignore[misc]
        with pytest.raises(Conflict, match="ELSEWHERE"):
            room.resolve(
                approval["approval_id"],
                signer="X^Y",
                sha256=approval["content_sha256"],
                method="command",
            )


def test_a_forged_resume_of_the_graph_signs_nothing(
    pending: tuple[Path, dict[str, Any]],
) -> None:
    """Whoever can reach the checkpoint still cannot sign: the signature is read from records."""
    from langgraph.types import Command

    home, document = pending
    with session(home) as (room, _):
        from readingroom.agent.graph.reading import _config

        config = _config(document["case_id"])
        snapshot = room._graph.get_state(config)
        forged = {snapshot.interrupts[0].id: {"action": "sign", "signed_by": "Dr^X"}}
        room._graph.invoke(Command(resume=forged), config, context=room.context)
        assert room.approvals()[0]["state"] == "pending"
        assert room.records.outbox.pending() == ()
        assert room._graph.get_state(config).next == ("approve",)


def test_signed_while_the_pacs_is_down_is_kept_and_sent_later(
    pending: tuple[Path, dict[str, Any]], empty_sandbox: Sandbox
) -> None:
    home, document = pending
    approval = document["approval"]
    arguments = ("--as", "Test^Reader", "--hash", approval["content_sha256"])
    empty_sandbox.pause()
    try:
        done = readingroom(home, "approvals", "resolve", approval["approval_id"], *arguments)
    finally:
        empty_sandbox.resume()
    assert done.returncode == ExitCode.NETWORK, done.stderr
    assert "--resume" in done.stderr
    again = readingroom(home, "read", document["accession"], "--resume", "--json")
    assert again.returncode == ExitCode.OK, again.stderr
    assert json.loads(again.stdout)["status"] == "delivered"
    assert _the_report(empty_sandbox, document["study_uid"])


def test_signed_for_a_destination_that_moved_says_what_sends_it(
    pending: tuple[Path, dict[str, Any]], empty_sandbox: Sandbox
) -> None:
    """Reading again does not help: what was signed is sent where it was signed for, or not."""
    home, document = pending
    accession, approval = document["accession"], document["approval"]
    arguments = ("--as", "Test^Reader", "--hash", approval["content_sha256"])
    empty_sandbox.pause()
    try:
        readingroom(home, "approvals", "resolve", approval["approval_id"], *arguments)
    finally:
        empty_sandbox.resume()
    with session(home) as (room, _):
        peer = replace(room.link.peer, called_ae="ELSEWHERE")
        room.link = replace(room.link, peer=peer)  # type: ignore[misc]
        error = room.read(accession).document["error"]
        with pytest.raises(Conflict) as raised:
            room.resolve(
                approval["approval_id"],
                signer="Test^Reader",
                sha256=approval["content_sha256"],
                method="command",
            )
    assert (error["message"], error["hint"]) == (raised.value.message, raised.value.hint)
    assert approval["destination"] in error["hint"] and f"{accession} --resume" in error["hint"]
    assert "ELSEWHERE" in error["message"] and "sign again" not in error["hint"]
    # Restored, as the hint says:
    with session(home) as (room, _):
        assert room.read(accession, resume=True).document["status"] == "delivered"


def test_declined_sends_nothing(pending: tuple[Path, dict[str, Any]]) -> None:
    home, document = pending
    with session(home) as (room, _):
        room.decline(document["approval"]["approval_id"], "Test^Reader", "wrong patient")
        assert room.records.outbox.pending() == ()
        with pytest.raises(ReadingRoomError):
            room.resolve(
                document["approval"]["approval_id"],
                signer="X^Y",
                sha256=document["approval"]["content_sha256"],
                method="command",
            )


def test_a_delivered_report_is_not_read_again_because_its_study_was_opened(
    pending: tuple[Path, dict[str, Any]],
) -> None:
    home, document = pending
    accession, approval = document["accession"], document["approval"]
    with session(home) as (room, seen):
        room.resolve(
            approval["approval_id"],
            signer="Test^Reader",
            sha256=approval["content_sha256"],
            method="command",
        )
        room.open_case(accession)
        before = len(seen.events)
        result = room.read(accession, resume=True)
    assert (result.exit_code, result.document["status"]) == (ExitCode.OK, "delivered")
    assert result.document["case_id"] == document["case_id"]
    (said,) = seen.events[before:]
    assert f"delivered to {approval['destination']} on 2" in said.text
