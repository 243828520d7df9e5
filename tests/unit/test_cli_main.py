"""What a user meets before anything is read: help at once, one line for what went wrong."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import cli_fake
import click
import pytest

from readingroom.agent.cli import ports
from readingroom.agent.cli.main import COMMANDS, cli, run
from readingroom.domain.errors import BadInput, Transient

HEAVY = ("numpy", "torch", "langgraph", "langchain_core", "pydantic", "pydicom", "rich", "PIL")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose session is the fake one."""
    tmp_path.chmod(0o700)
    monkeypatch.setattr(
        ports, "open_session", lambda _s, _c, on_event: cli_fake.FakeSession(on_event, tmp_path)
    )
    return tmp_path


def _run(home: Path, *arguments: str) -> int:
    return run(["--home", str(home), *arguments])


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom readingroom.agent.cli.main import run\n"
        f"code = run(['--help'])\nheavy = [m for m in {HEAVY!r} if m in sys.modules]\n"
        "print('HEAVY', code, heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY 0 []"
    assert all(name in done.stdout for name in COMMANDS)


def test_every_command_of_the_help_exists() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None and command.name == name


def test_version_is_the_installed_one(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    assert run(["--version"]) == 0
    assert version("readingroom") in capsys.readouterr().out


def test_read_keeps_steps_off_stdout(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(home, "read", "CR-20931") == 4
    out, err = capsys.readouterr()
    assert "Find priors" in err and "Find priors" not in out
    assert cli_fake.SHA in out and "approvals resolve ap-1 --as NAME --hash" in out


def test_read_json_is_one_document(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(home, "read", "CR-20931", "--json") == 4
    assert json.loads(capsys.readouterr().out)["schema_version"] == 1


def test_read_jsonl_is_the_event_stream(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from readingroom.domain.events import from_json

    assert _run(home, "read", "CR-20931", "--jsonl") == 4
    events = [from_json(json.loads(line)) for line in capsys.readouterr().out.splitlines()]
    assert {"planned", "step_finished", "draft_shown", "approval_needed"} <= {
        event.type for event in events
    }


def test_refused_study_ends_with_8_and_no_draft(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(home, "read", "CT-1") == 8
    out, err = capsys.readouterr()
    assert "draft" not in out and err.count("CT of the knee") == 1


def _broken(error: Exception) -> Any:
    def read(*_: Any, **__: Any) -> None:
        raise error

    return read


def test_an_error_is_a_message_a_hint_and_its_code(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = Transient("the PACS did not answer\x1b[2J", hint="Is it running?")
    monkeypatch.setattr(cli_fake.FakeSession, "read", _broken(error))
    assert _run(home, "read", "CR-20931") == 5
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "readingroom: the PACS did not answer\n  Is it running?\n"


def test_json_of_a_failure_does_not_look_like_a_result(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_fake.FakeSession, "read", _broken(BadInput("no PatientID")))
    assert _run(home, "read", "CR-20931", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["failure"]["message"] == "no PatientID" and "claims" not in document


def test_a_defect_is_one_line_and_a_private_log_without_the_words_of_a_tag(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(home, "-p", "boom") == 1
    err = capsys.readouterr().err
    log = home / "readingroom.log"
    assert err.count("\n") == 1 and str(log) in err and "Traceback" not in err
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text()
    assert "RuntimeError" in text and "cli_fake.py" in text
    assert cli_fake.PLANTED not in text + err


def test_unknown_setting_is_a_usage_error(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = home / "other.toml"
    config.write_text("[pacs]\nhots = 'x'\n")
    assert _run(home, "--config", str(config), "worklist") == 2
    assert "hots" in capsys.readouterr().err


def test_config_show_names_origins(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(home, "--images", "none", "config", "show", "--json") == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    assert settings["render.images"]["value"] == "none"
    assert "flag" in settings["render.images"]["origin"]


def test_resolve_without_a_terminal_needs_name_and_hash(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(home, "approvals", "resolve", "ap-1", "--as", "Dr A") == 2
    assert "--hash" in capsys.readouterr().err
    assert not (home / "signed").exists()


def test_resolve_without_a_terminal_is_a_command_not_a_typed_word(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("approvals", "resolve", "ap-1", "--as", "Dr A", "--hash", cli_fake.SHA)
    assert _run(home, *arguments) == 0
    assert (home / "signed").read_text() == f"ap-1 Dr A {cli_fake.SHA} command\n"
    assert "found by C-FIND" in capsys.readouterr().out


def test_resolve_says_when_it_signed_but_did_not_deliver(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = {"delivered": False, "exit_code": 5, "error": {"message": "PACS down", "hint": ""}}
    monkeypatch.setattr(cli_fake.FakeSession, "resolve", lambda *_, **__: result)
    arguments = ("approvals", "resolve", "ap-1", "--as", "Dr A", "--hash", cli_fake.SHA)
    assert _run(home, *arguments) == 5
    out, err = capsys.readouterr()
    assert "delivered" not in out and "PACS down" in err


def test_a_refused_destination_ends_with_8(home: Path) -> None:
    arguments = ("approvals", "resolve", "ap-1", "--as", "Dr Elsewhere", "--hash", cli_fake.SHA)
    assert _run(home, *arguments) == 8


def test_show_refuses_text_that_hides_words(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_fake, "TEXT", "Normal.\x1b[8m Nodule.\x1b[0m\n")
    assert _run(home, "approvals", "show", "ap-1") == 8
    assert "\x1b" not in capsys.readouterr().out


def test_a_pipe_of_turns_ends_with_its_first_failure(home: Path) -> None:
    turns = "/worklist\n/open 1\n/open 7\nhello\n"
    script = str(Path(cli_fake.__file__))
    done = subprocess.run(
        [sys.executable, script, str(home)], input=turns, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "row 7" in done.stderr and "you said: hello" in done.stdout


def test_a_pipe_cannot_sign(home: Path) -> None:
    script = str(Path(cli_fake.__file__))
    done = subprocess.run(
        [sys.executable, script, str(home)],
        input="/read CR-20931\n/sign\nDr A\nsign\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 8
    assert "approvals resolve" in done.stderr
    assert not (home / "signed").exists()


def test_a_reader_that_left_gets_no_traceback(home: Path) -> None:
    script = str(Path(cli_fake.__file__))
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, script, str(home), "read", "CR-20931"],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write_end)
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


def test_study_import_takes_a_date_and_only_a_date(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("study", "import", "film.png", "--to", "sandbox", "--json", "--date")
    assert _run(home, *command, "2024-03-02") == 0
    assert json.loads(capsys.readouterr().out)["imported"][0]["date"] == "2024-03-02"
    for wrong in ("2024-02-30", "02.03.2024", "20240302"):
        assert _run(home, *command, wrong) == 2
        assert wrong in capsys.readouterr().err


def test_study_import_and_page_and_decline(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(home, "study", "import", "film.png", "--to", "sandbox", "--view", "PA") == 0
    assert "film.png" in capsys.readouterr().out
    page = home / "case.html"
    assert _run(home, "case", "html", "CR-20931", str(page)) == 0
    assert page.exists()
    assert _run(home, "approvals", "decline", "ap-1", "--as", "Dr A", "--reason", "wrong side") == 0
