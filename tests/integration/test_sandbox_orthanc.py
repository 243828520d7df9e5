"""The life of a sandbox: it outlives its command, is never doubled, and faults are real."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from readingroom.domain.errors import ConfigError, Transient
from readingroom.sandbox_pacs import configuration, process
from readingroom.sandbox_pacs.dcmtk import dcmtk_program
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.rest import OrthancRest
from readingroom.sandbox_pacs.state import STATE_NAME, SandboxState, write_state

pytestmark = pytest.mark.orthanc


def _state(box: Sandbox) -> SandboxState:
    state = box.state()
    assert state is not None
    return state


def _find(state: SandboxState, calling: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [dcmtk_program("findscu"), "-S", "-aet", calling, "-aec", state.aet]
        + ["127.0.0.1", str(state.dicom_port), "-k", "QueryRetrieveLevel=STUDY"]
        + ["-k", "PatientID", "-k", "StudyInstanceUID"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_outlives_the_command_that_started_it(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; import sys\n"
        "from readingroom.sandbox_pacs.orthanc import Sandbox\n"
        "print(Sandbox(Path(sys.argv[1])).up().pid)"
    )
    box = Sandbox(tmp_path)
    try:
        started = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        )
        running = box.status()
        assert running is not None
        assert running.pid == int(started.stdout)
        assert box.up() == running, "a second up is the same sandbox"
        assert os.getsid(running.pid) != os.getsid(0), "Ctrl-C in our terminal must not reach it"
    finally:
        box.kill()


def test_paused_it_does_not_answer_and_can_still_be_stopped(empty_sandbox: Sandbox) -> None:
    before = _state(empty_sandbox)
    empty_sandbox.pause()
    with pytest.raises(Transient, match="does not answer"):
        OrthancRest(before.url, "", "", timeout_s=0.3).system()
    empty_sandbox.resume()
    assert empty_sandbox.status() == before
    empty_sandbox.pause()
    assert empty_sandbox.down(), "it is woken to be stopped"
    assert empty_sandbox.status() is None
    assert process.is_port_free(before.dicom_port)
    assert not empty_sandbox.down()
    assert empty_sandbox.up().dicom_port == before.dicom_port


def test_a_second_orthanc_on_the_directory_is_refused(empty_sandbox: Sandbox) -> None:
    """Two on one directory both start and then corrupt it."""
    state_file = empty_sandbox.directory / STATE_NAME
    kept = state_file.read_bytes()
    state_file.unlink()
    with pytest.raises(ConfigError, match="already runs"):
        empty_sandbox.up()
    state_file.write_bytes(kept)
    assert empty_sandbox.status() is not None


@pytest.mark.parametrize("content", [None, "{broken", "[]", "other ports", "stale pid"])
@pytest.mark.parametrize("note", [True, False])
def test_what_became_of_the_state_file_keeps_nothing_running(
    empty_sandbox: Sandbox, content: str | None, note: bool
) -> None:
    """An Orthanc that nobody can stop keeps its ports and its directory for good."""
    before = _state(empty_sandbox)
    state_file = empty_sandbox.directory / STATE_NAME
    if content is None:
        state_file.unlink()
    elif content == "other ports":
        state_file.write_text(json.dumps(asdict(before) | {"dicom_port": "x"}))
    elif content == "stale pid":
        write_state(state_file, replace(before, pid_started="1"))
    else:
        state_file.write_text(content)
    if not note:
        (empty_sandbox.directory / "orthanc.lock").write_text("")
    for command in (empty_sandbox.status, empty_sandbox.up):
        with pytest.raises(ConfigError, match=f"process {before.pid}") as refused:
            command()
        assert "sandbox down" in refused.value.hint
    assert empty_sandbox.down()
    assert process.start_mark(before.pid or 0) == ""
    assert empty_sandbox.status() is None and not empty_sandbox.down()


def test_a_broken_state_file_with_nothing_running_is_put_away(tmp_path: Path) -> None:
    (tmp_path / STATE_NAME).write_text("{broken")
    box = Sandbox(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read") as refused:
        box.status()
    assert "sandbox down" in refused.value.hint
    assert not box.down()
    assert box.status() is None


@pytest.mark.parametrize("opens", ["lock", "config"])
def test_a_process_that_is_not_our_orthanc_is_never_signalled(tmp_path: Path, opens: str) -> None:
    """The lock file names somebody who only looks like it: the lock, or the name, is missing."""
    lock = tmp_path / "orthanc.lock"
    lock.touch()
    program = "import sys; file = open(sys.argv[1]); print('up', flush=True); input()"
    last = str(tmp_path / "orthanc.json") if opens == "config" else "x"
    opened = str(lock) if opens == "lock" else os.devnull
    with subprocess.Popen(
        [sys.executable, "-c", program, opened, last],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"up\n"
        lock.write_text(json.dumps({"pid": other.pid, "started": process.start_mark(other.pid)}))
        box = Sandbox(tmp_path)
        assert box.status() is None and not box.down()
        assert other.poll() is None
        other.communicate(b"\n")


def test_killed_it_comes_back_with_the_same_ports(empty_sandbox: Sandbox) -> None:
    """A client that holds the address goes on after a power cut of the PACS."""
    before = _state(empty_sandbox)
    empty_sandbox.kill()
    assert empty_sandbox.status() is None
    after = empty_sandbox.up()
    assert after.pid != before.pid
    assert replace(after, pid=before.pid, pid_started=before.pid_started) == before


def test_a_recycled_pid_is_neither_running_nor_killed(tmp_path: Path) -> None:
    """After a reboot the pid in the file can be anybody's."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        box = Sandbox(tmp_path)
        state = SandboxState(
            pid=other.pid,
            pid_started="1",
            dicom_host="127.0.0.1",
            dicom_port=1,
            aet="SANDBOX",
            http_port=1,
            user="u",
            password="p",
            agent_aet="READINGROOM",
            agent_port=1,
            worklist_dir="",
            oru_dir="",
            truth_dir="",
            orthanc_version="",
            directory=str(tmp_path),
            url="http://127.0.0.1:1",
        )
        write_state(tmp_path / STATE_NAME, state)
        assert box.status() is None
        with pytest.raises(ConfigError, match="no sandbox"):
            box.kill()
        assert not box.down()
        assert other.poll() is None
        other.communicate(b"\n")


def test_other_ports_are_taken_when_the_old_ones_are_gone(empty_sandbox: Sandbox) -> None:
    old = _state(empty_sandbox)
    empty_sandbox.kill()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("0.0.0.0", old.http_port))
        squatter.listen(1)
        new = empty_sandbox.up()
        assert new.http_port != old.http_port
        assert new.agent_port == old.agent_port, "the agent's own port was not taken"


def test_a_port_taken_at_the_last_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = process.free_ports
    with socket.socket() as squatter:
        squatter.bind(("0.0.0.0", 0))
        squatter.listen(1)
        taken = squatter.getsockname()[1]
        calls: list[int] = []

        def first_time_unlucky(count: int) -> list[int]:
            calls.append(count)
            ports = really(count)
            return [taken, *ports[1:]] if len(calls) == 1 else ports

        monkeypatch.setattr(process, "free_ports", first_time_unlucky)
        box = Sandbox(tmp_path)
        state = box.up()
        try:
            assert len(calls) == 2
            assert state.dicom_port != taken
        finally:
            box.kill()


def test_an_orthanc_that_dies_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.so"
    broken.write_text("no plugin")
    monkeypatch.setattr(configuration, "find_plugins", lambda: [str(broken)])
    box = Sandbox(tmp_path / "box")
    with pytest.raises(Transient, match="Orthanc died at its start: .+"):
        box.up()
    assert box.status() is None
    monkeypatch.undo()
    box.up()
    box.kill()


def test_only_our_own_title_may_ask(empty_sandbox: Sandbox) -> None:
    state = _state(empty_sandbox)
    ours, stranger = _find(state, state.agent_aet), _find(state, "STRANGER")
    assert ours.returncode == 0, ours.stderr
    assert "aborted" in stranger.stderr, "C-ECHO it would have been answered"


def test_rest_asks_for_the_password(empty_sandbox: Sandbox) -> None:
    state = _state(empty_sandbox)
    with OrthancRest(state.url, state.user, "guess") as rest:
        with pytest.raises(ConfigError, match="refused the user name or the password"):
            rest.system()
    assert state.password not in json.dumps(state.public())
    for name in (STATE_NAME, "orthanc.json", "orthanc.log"):
        mode = (empty_sandbox.directory / name).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600, name
    assert stat.S_IMODE(empty_sandbox.directory.stat().st_mode) == 0o700


def test_an_idle_connection_that_was_dropped_is_no_failure(empty_sandbox: Sandbox) -> None:
    state = _state(empty_sandbox)
    with empty_sandbox.rest() as rest:
        rest.system()
        empty_sandbox.kill()
        assert empty_sandbox.up().url == state.url
        assert rest.system()["Version"] == state.orthanc_version


def test_an_orthanc_elsewhere_is_used_and_left_alone(
    empty_sandbox: Sandbox, tmp_path: Path
) -> None:
    there = _state(empty_sandbox)
    box = Sandbox(tmp_path / "remote")
    secret_url = there.url.replace("://", f"://{there.user}:{there.password}@")
    state = box.use_remote(secret_url)
    assert (state.pid, state.dicom_port, state.aet) == (None, there.dicom_port, there.aet)
    assert there.password not in state.url
    assert box.status() == state
    with pytest.raises(ConfigError, match="no sandbox of ours"):
        box.kill()
    assert box.down()
    assert box.status() is None
    assert empty_sandbox.status() is not None, "it is not ours to stop"


def test_an_orthanc_elsewhere_that_cannot_be_used(empty_sandbox: Sandbox, tmp_path: Path) -> None:
    there = _state(empty_sandbox)
    box = Sandbox(tmp_path / "remote")
    with pytest.raises(ConfigError, match="password"):
        box.use_remote(there.url.replace("://", "://nobody:wrong@"))
    with pytest.raises(Transient, match="does not answer"):
        box.use_remote(f"http://127.0.0.1:{process.free_ports(1)[0]}")
    with pytest.raises(ConfigError, match="no http"):
        box.use_remote("localhost:8042")
    assert box.state() is None


def test_a_command_waits_for_the_other_one(empty_sandbox: Sandbox) -> None:
    """Two `up` at once end as one sandbox."""
    empty_sandbox.kill()
    program = (
        "from pathlib import Path; import sys\n"
        "from readingroom.sandbox_pacs.orthanc import Sandbox\n"
        "print(Sandbox(Path(sys.argv[1])).up().pid)"
    )
    command = [sys.executable, "-c", program, str(empty_sandbox.directory)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    pids = {one.communicate()[0].strip() for one in both}
    assert pids == {str(_state(empty_sandbox).pid)}
