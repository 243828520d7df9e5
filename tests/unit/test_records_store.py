"""The home survives kills, crowds and a full disk, and is nobody else's to read."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from readingroom.domain.errors import ConfigError, Conflict, NotFound
from readingroom.domain.outcome import ArtifactRef, ReceivedInstance
from readingroom.records import Records
from readingroom.records.database import FILE_NAME


@pytest.fixture
def records(tmp_path: Path) -> Any:
    with Records.open(tmp_path / "home") as opened:
        yield opened


def run(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def modes(home: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mode & 0o777 for p in (home, *home.rglob("*"))}


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        with Records.open(tmp_path / "home") as records:
            records.artifacts.put_bytes(b"x", "png")
            source = tmp_path / "loose.dcm"
            source.write_bytes(b"y")
            records.artifacts.put_file(source, "dicom")
            found = modes(tmp_path / "home")
    finally:
        os.umask(before)
    assert found.pop("home") == 0o700 and FILE_NAME in found
    assert {mode & 0o077 for mode in found.values()} == {0}, found


def test_a_strangers_folder_keeps_its_mode_and_our_files_are_closed(tmp_path: Path) -> None:
    (tmp_path / "their.txt").write_text("x")
    tmp_path.chmod(0o755)
    with Records.open(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o755
        assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "artifacts").stat().st_mode & 0o777 == 0o700


def test_a_home_that_the_sandbox_made_first_is_closed(tmp_path: Path) -> None:
    (tmp_path / "sandbox").mkdir()
    tmp_path.chmod(0o755)
    with Records.open(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="cannot use the folder"):
        Records.open(tmp_path / "file")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / FILE_NAME).write_text("this is no database, whatever its name says" * 50)
    with pytest.raises(ConfigError, match="cannot open"):
        Records.open(tmp_path / "bad")


def test_a_newer_home_is_left_alone(tmp_path: Path) -> None:
    Records.open(tmp_path).close()
    raw = sqlite3.connect(tmp_path / FILE_NAME)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(ConfigError, match="version 99"):
        Records.open(tmp_path)


def test_the_settings_that_survive_a_power_cut(records: Records) -> None:
    raw = records.database.connection
    assert raw.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert raw.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert raw.execute("PRAGMA foreign_keys").fetchone()[0] == 1


# -- artifacts ---------------------------------------------------------------------------------
def test_bytes_come_back_by_their_hash(records: Records) -> None:
    store = records.artifacts
    ref = store.put_bytes(b"film", "dicom")
    assert store.put_bytes(b"film", "dicom") == ref
    assert store.read(ref) == store.read(ref.sha256) == b"film"
    assert store.path(ref).parent.name == ref.sha256[:2]


def test_a_changed_artifact_is_noticed_and_put_right_by_storing_it_again(records: Records) -> None:
    store = records.artifacts
    ref = store.put_bytes(b"film", "dicom")
    store.path(ref).write_bytes(b"fil!")
    with pytest.raises(Conflict, match="does not match its hash"):
        store.read(ref)
    store.put_bytes(b"film", "dicom")
    assert store.read(ref) == b"film"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", "ab", "A" * 64, "a" * 63 + "/", "\0" * 64]
)
def test_nothing_but_a_hash_becomes_a_path(records: Records, name: str) -> None:
    with pytest.raises(NotFound):
        records.artifacts.path(name)


def test_a_file_is_taken_over_by_renaming(records: Records, tmp_path: Path) -> None:
    source = tmp_path / "in.part"
    source.write_bytes(b"pixels" * 1000)
    inode = source.stat().st_ino
    ref = records.artifacts.put_file(source, "dicom")
    assert not source.exists()
    assert records.artifacts.path(ref).stat().st_ino == inode
    with pytest.raises(NotFound):
        records.artifacts.put_file(source, "dicom")


FULL_DISK = """
import resource, sys
from pathlib import Path
from readingroom.records import Records, DiskFull
home, loose = Path(sys.argv[1]), Path(sys.argv[2])
records = Records.open(home)
case = records.cases.open("A1", "1.2", "p", "embedded")
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
for attempt in (
    lambda: records.artifacts.put_bytes(bytes(400_000), "dicom"),
    lambda: records.cases.put_fact(case, "big", "x" * 2_000_000),
):
    try:
        attempt()
    except DiskFull as error:
        print(error)
print([p.name for p in (home / "artifacts" / ".part").iterdir()])
print(records.cases.get(case).status, records.cases.fact(case, "big", str))
print(records.artifacts.put_bytes(b"small", "png").size_bytes)
"""


def test_a_full_disk_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = run(FULL_DISK, tmp_path / "home", tmp_path / "loose")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0] for line in lines[:2]] == ["the disk is full"] * 2
    assert "free some space" in lines[0]
    assert lines[2:] == ["[]", "open None", "5"]


def test_what_a_kill_left_unfinished_is_swept_later(tmp_path: Path) -> None:
    with Records.open(tmp_path / "home"):
        pass
    parts = tmp_path / "home" / "artifacts" / ".part"
    old, young = parts / "old", parts / "young"
    for each in (old, young):
        each.write_bytes(b"x")
    os.utime(old, (1, 1))
    Records.open(tmp_path / "home").close()
    assert not old.exists() and young.exists()


def test_received_instances_count_only_while_their_bytes_are_there(records: Records) -> None:
    ref = records.artifacts.put_bytes(b"film", "dicom")
    one = ReceivedInstance("1.1", "1.2.840", "1.3", "1.4", "CR", ref)
    gone = ReceivedInstance("1.2", "1.2.840", "1.3", "1.4", "CR", ArtifactRef("0" * 64, "dicom", 3))
    for each in (one, gone, one):
        records.received.add(each)
    assert records.received.of_study("1.4") == (one,)
    assert records.received.of_study("1.5") == ()
    records.received.forget("1.1")
    assert records.received.of_study("1.4") == ()


# -- kills and crowds --------------------------------------------------------------------------
WRITER = """
import os, signal, sys
from pathlib import Path
from readingroom.records import Records
records = Records.open(Path(sys.argv[1]))
case = records.cases.open("A1", "1.2", "p", "embedded")
for number in range(int(sys.argv[2])):
    records.artifacts.put_bytes(b"%d" % number * 1000, "dicom")
    records.audit.write("system", "wrote", case, {"n": number})
with records.database.transaction() as connection:
    records.audit.write("system", "half", case)
    records.cases.put_fact(case, "half", True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("writes", [0, 3])
def test_a_kill_between_writes_loses_the_unfinished_one_only(tmp_path: Path, writes: int) -> None:
    done = run(WRITER, tmp_path / "home", writes)
    assert done.returncode == -signal.SIGKILL
    with Records.open(tmp_path / "home") as records:
        (case,) = records.cases.by_accession("A1")
        assert len(records.audit.rows()) == writes
        assert records.audit.verify()
        assert records.cases.fact(case.case_id, "half", bool) is None
        for number in range(writes):
            ref = records.artifacts.put_bytes(b"%d" % number * 1000, "dicom")
            assert records.artifacts.read(ref) == b"%d" % number * 1000


CROWD = """
import sys
from pathlib import Path
from readingroom.records import Records
with Records.open(Path(sys.argv[1])) as records:
    case = records.cases.open("A1", "1.2", "p", "embedded")
    for number in range(10):
        records.audit.write("system", "wrote", case, {"by": sys.argv[2]})
        records.artifacts.put_bytes(b"%d" % number, "png")
    print(case)
"""


def test_several_processes_open_a_new_home_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CROWD, str(tmp_path / "home")]
    children = [
        subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for n in range(4)
    ]
    ends = [child.communicate(timeout=60) for child in children]
    assert [child.returncode for child in children] == [0] * 4, ends
    assert len({out for out, _ in ends}) == 1, "one study, one open case"
    with Records.open(tmp_path / "home") as records:
        assert len(records.audit.rows()) == 40
        assert records.audit.verify()


def test_several_threads_share_one_records(records: Records) -> None:
    case = records.cases.open("A1", "1.2", "p", "embedded")
    problems: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(20):
                records.audit.write("system", "wrote", case, {"n": number})
                records.cases.put_fact(case, "last", number)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(records.audit.rows()) == 80 and records.audit.verify()


def test_importing_the_records_costs_nothing() -> None:
    heavy = ("sqlite3", "pydantic", "numpy")
    done = run(f"import sys, readingroom.records; print([m for m in {heavy} if m in sys.modules])")
    assert done.stdout.strip() == "[]"


def test_a_file_from_another_disk_is_copied_and_then_removed(tmp_path: Path) -> None:
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second disk here")
    source = shm / f"readingroom-test-{os.getpid()}"
    source.write_bytes(b"pixels")
    try:
        with Records.open(tmp_path / "home") as records:
            ref = records.artifacts.put_file(source, "dicom")
            assert records.artifacts.read(ref) == b"pixels"
        assert not source.exists()
    finally:
        source.unlink(missing_ok=True)
