"""Fixtures that every test may use: a real Orthanc with patients, and the real data if it is there.

`sandbox` is one Orthanc for the whole session: read from it, and store only under UIDs of
your own. A test that kills, pauses or changes a PACS takes `empty_sandbox` and loads what it
needs: `load(empty_sandbox, (by_scenario("normal"),))`. Each study of the tour is drawn once a
session (`drawn_tour`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from readingroom.domain.errors import ConfigError
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.people import Patient
from readingroom.sandbox_pacs.state import SandboxState

if TYPE_CHECKING:
    from drawn_tour import DrawnTour

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever takes a sandbox is marked, so that `-m "not orthanc"` runs without one."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if {"sandbox", "empty_sandbox", "sandbox_home", "sandbox_state"} & set(names):
            item.add_marker(pytest.mark.orthanc)


def _need_orthanc() -> None:
    from readingroom.sandbox_pacs.configuration import find_orthanc, find_plugins

    try:
        find_orthanc()
        find_plugins()
    except ConfigError as error:
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail(f"in CI the tests need a real Orthanc: {error}", pytrace=False)
        pytest.skip(str(error))


def _end(box: Sandbox) -> None:
    """SIGKILL: it is clean, and SIGTERM would take 3.5 s each time."""
    try:
        box.kill()
    except ConfigError:  # the test ended it itself
        pass


@pytest.fixture(scope="session")
def drawn_tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DrawnTour]:
    """What loads and exports of this session take a study of the tour from, drawn once."""
    from drawn_tour import DrawnTour

    from readingroom.sandbox_pacs import load as loading

    folder = tmp_path_factory.mktemp("drawn-tour")
    tour = DrawnTour(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "drawn_ahead", tour)
        yield tour
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sandbox(drawn_tour: DrawnTour) -> Iterator[Sandbox]:
    """One Orthanc with all patients, shared by the session. See `sandbox_home` for the CLI."""
    _need_orthanc()
    from readingroom.sandbox_pacs.load import load

    home = Path(tempfile.mkdtemp(prefix="readingroom-tests-"))
    box = Sandbox(home / "sandbox")
    try:
        box.up()
        load(box)
        yield box
    finally:
        _end(box)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def sandbox_state(sandbox: Sandbox) -> SandboxState:
    """Where the session's sandbox listens."""
    state = sandbox.state()
    assert state is not None
    return state


@pytest.fixture
def sandbox_home(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A home of the test's own (`--home`) whose sandbox is the session's.

    Records stay apart; only the sandbox's folder is shared.
    """
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "sandbox").symlink_to(sandbox.directory, target_is_directory=True)
    return home


@pytest.fixture
def empty_sandbox(tmp_path: Path, drawn_tour: DrawnTour) -> Iterator[Sandbox]:
    """A running Orthanc of the test's own, with no patients, at `tmp_path/home/sandbox`."""
    _need_orthanc()
    box = Sandbox(tmp_path / "home" / "sandbox")
    box.up()
    yield box
    _end(box)


@pytest.fixture(scope="session")
def patients() -> tuple[Patient, ...]:
    """The table of patients."""
    from readingroom.sandbox_pacs.patients.table import PATIENTS

    return PATIENTS


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real films, reports and messages beside the checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not (folder / "manifest.csv").is_file():
        pytest.skip(f"the real data is not here: {folder}")
    return folder
