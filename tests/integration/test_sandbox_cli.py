"""`readingroom sandbox` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from drawn_tour import DrawnTour

from readingroom.agent.cli.sandbox import sandbox as command
from readingroom.domain.errors import ConfigError
from readingroom.sandbox_pacs.orthanc import Sandbox


def _run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), obj={"home": home}, catch_exceptions=True)


def _json(result: Result) -> dict[str, object]:
    assert result.exit_code == 0, result.output
    document: dict[str, object] = json.loads(result.stdout)
    assert document["schema_version"] == 1
    return document


@pytest.mark.orthanc
def test_up_status_load_down(empty_sandbox: Sandbox) -> None:
    home = empty_sandbox.directory.parent
    state = empty_sandbox.state()
    assert state is not None
    said = _run(home, "up").stdout
    assert f"SANDBOX on port {state.dicom_port}, all interfaces" in said
    assert f"{state.url} on all interfaces" in said
    assert state.password not in said
    told = _run(home, "status", "--json")
    assert _json(told)["running"] is True
    assert state.password not in told.stdout
    document = _json(_run(home, "up", "--load", "--json"))
    assert document["load"]["uploaded"] > 70  # type: ignore[index]
    assert "0 objects loaded" in _run(home, "load").stdout
    assert _json(_run(home, "down", "--json"))["was_running"] is True
    assert "No sandbox was running" in _run(home, "down").stdout
    assert _json(_run(home, "status", "--json"))["running"] is False


@pytest.mark.orthanc
def test_another_agent_port_needs_a_restart(empty_sandbox: Sandbox) -> None:
    state = empty_sandbox.state()
    assert state is not None
    result = _run(empty_sandbox.directory.parent, "up", "--agent-port", str(state.agent_port + 1))
    assert isinstance(result.exception, ConfigError)
    assert "sends to port" in result.exception.message


@pytest.mark.orthanc
def test_an_orthanc_elsewhere_and_its_password(empty_sandbox: Sandbox, tmp_path: Path) -> None:
    there = empty_sandbox.state()
    assert there is not None
    url = there.url.replace("://", f"://{there.user}@")
    home = tmp_path / "other"
    result = CliRunner().invoke(
        command, ["up", "--orthanc-url", url], obj={"home": home}, input=there.password + "\n"
    )
    assert result.exit_code == 0, result.output
    assert f"{there.aet} at 127.0.0.1:{there.dicom_port}" in result.output
    assert "must know us as READINGROOM" in result.output
    assert there.password not in result.output


def test_load_without_a_sandbox_says_what_to_do(tmp_path: Path) -> None:
    result = _run(tmp_path, "load")
    assert isinstance(result.exception, ConfigError)
    assert "sandbox up" in result.exception.hint


def test_remote_options_need_a_url(tmp_path: Path) -> None:
    assert _run(tmp_path, "up", "--aet", "X").exit_code == 2


def test_export_needs_no_orthanc(tmp_path: Path, drawn_tour: DrawnTour) -> None:
    out = tmp_path / "set"
    document = _json(_run(tmp_path, "export", str(out), "--truth", "sr,seg", "--json"))
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) == document["files"]
    assert {path.name for path in out.iterdir()} == {"dicom", "oru", "orm", "worklist", "truth"}
    assert (out / "truth" / "CR-20941-2.json").is_file(), "the second study of that accession"
    told = {path.name for path in (out / "truth" / "CR-20932").iterdir()}
    assert told == {"truth-SR.dcm", "truth-SEG1.dcm"}
    knee = out / "truth" / "CR-20939"
    assert not knee.is_dir() or not list(knee.iterdir()), "a knee has no truth as DICOM"
    assert not [path for path in files if path.name.endswith(".part")]


def test_export_into_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    result = _run(tmp_path, "export", str(tmp_path / "file" / "below"))
    assert isinstance(result.exception, ConfigError)
