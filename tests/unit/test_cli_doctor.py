"""Doctor says what is wrong and what to do, and its exit code says which kind."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from readingroom.agent.cli.doctor import (
    Check,
    _check_links,
    check_disk,
    check_home,
    check_listener,
    check_orthanc,
    check_packages,
    check_python,
    exit_code,
)
from readingroom.agent.config import Settings


def _failed(*names: str) -> list[Check]:
    return [Check("home", "ok", ""), *(Check(name, "fail", "") for name in names)]


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ((), 0),
        (("pacs",), 5),
        (("listener", "pacs"), 5),
        (("core",), 6),
        (("home",), 1),
        (("home", "core"), 1),
        (("pacs", "core"), 1),
    ],
)
def test_exit_code_says_which_kind(names: tuple[str, ...], code: int) -> None:
    assert exit_code(_failed(*names)) == code


def test_a_warning_is_no_failure() -> None:
    assert exit_code([Check("orthanc", "warn", "not found")]) == 0


@pytest.mark.parametrize(
    ("content", "state", "code"), [(None, "warn", 0), ("{bad", "fail", 5), ("{}", "fail", 5)]
)
def test_a_link_that_cannot_be_used_fails_and_one_that_is_not_set_up_warns(
    tmp_path: Path, content: str | None, state: str, code: int
) -> None:
    """A script that asks doctor must not go on to a read that cannot work."""
    if content is not None:
        (tmp_path / "sandbox").mkdir()
        (tmp_path / "sandbox" / "sandbox.json").write_text(content, encoding="utf-8")
    shared: Any = {"settings": Settings(home=tmp_path), "home": tmp_path}
    (found,) = _check_links(shared)
    assert (found.name, found.state) == ("pacs", state)
    assert "sandbox up" in found.advice
    assert exit_code([found]) == code


def test_a_home_that_others_can_read_fails(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert check_home(tmp_path).state == "ok"
    records = tmp_path / "records.sqlite"
    records.touch(mode=0o644)
    records.chmod(0o644)
    found = check_home(tmp_path)
    assert found.state == "fail" and "records.sqlite" in found.detail and "chmod" in found.advice


def test_a_home_that_cannot_be_made_fails_with_what_to_do(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    found = check_home(in_the_way / "home")
    assert found.state == "fail" and "--home" in found.advice


def test_a_home_is_made_private(tmp_path: Path) -> None:
    assert check_home(tmp_path / "new").state == "ok"
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_listener_port_in_use_fails() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        link: Any = SimpleNamespace(peer=SimpleNamespace(listen_host="127.0.0.1", listen_port=port))
        found = check_listener(link)
    assert found.state == "fail" and str(port) in found.detail and found.advice
    assert check_listener(link).state == "ok"


def test_an_old_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    real = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "3.0.1" if name == "pydicom" else real(name)
    )
    found = check_packages()
    assert found.state == "fail" and "pydicom 3.0.1 is older than 3.0.2" in found.detail


def test_packages_here_are_new_enough() -> None:
    assert check_packages().state == "ok"


def test_python_and_disk(tmp_path: Path) -> None:
    assert check_python((3, 12, 1)).state == "ok"
    assert check_python((3, 14, 0)).state == "warn"
    assert check_disk(tmp_path / "not" / "yet").state in ("ok", "fail")


def test_without_orthanc_the_sandbox_is_missed_not_the_product(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import shutil

    monkeypatch.setattr(shutil, "which", lambda name: None)
    found = check_orthanc()
    assert found.state == "warn" and "apt-get install orthanc" in found.advice
