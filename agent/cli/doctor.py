"""The checks of `doctor`. Each looks at the real thing: a file written, a query sent."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from readingroom.agent.cli.context import Shared
from readingroom.domain.errors import ExitCode, ReadingRoomError

if TYPE_CHECKING:
    from readingroom.agent.graph.links import Link

State = Literal["ok", "warn", "fail"]
_LEAST_FREE_MB = 500
_PACKAGES = (
    # What is imported in every run, with the floors that the security notes ask for.
    ("pydicom", (3, 0, 2)),
    ("pynetdicom", (3, 0, 4)),
    ("langgraph", (1, 0, 10)),
    ("langgraph-checkpoint-sqlite", (3, 0, 1)),
    ("highdicom", (0, 27)),
    ("hl7apy", (1, 3, 5)),
    ("onnxruntime", (1, 20)),
    ("pillow", (11, 0)),
)


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, how it is, what to do."""

    name: str
    state: State
    detail: str
    advice: str = ""

    def as_json(self) -> dict[str, str]:
        """JSON-ready."""
        return asdict(self)


def run_checks(state: Shared, say: Callable[[Check], None]) -> list[Check]:
    """Run all checks, telling each as it is known."""
    done: list[Check] = []
    for check in _checks(state):
        say(check)
        done.append(check)
    return done


def exit_code(checks: list[Check]) -> int:
    """5 or 6 when only the network or the core failed, 1 for anything else, 0 for nothing."""
    failed = {check.name for check in checks if check.state == "fail"}
    if not failed:
        return int(ExitCode.OK)
    if failed <= {"pacs", "listener"}:
        return int(ExitCode.NETWORK)
    return int(ExitCode.MODEL_UNAVAILABLE if failed <= {"core"} else ExitCode.ERROR)


def _checks(state: Shared) -> Iterator[Check]:
    yield check_python(sys.version_info[:3])
    yield check_packages()
    yield check_orthanc()
    home: Path = state["home"]
    yield check_home(home)
    yield check_disk(home)
    yield from _check_links(state)
    yield check_core(state)
    yield check_terminal(state)


def check_python(version: tuple[int, ...]) -> Check:
    """3.11 to 3.13."""
    shown = ".".join(map(str, version))
    good = (3, 11) <= version[:2] <= (3, 13)
    return Check("python", "ok" if good else "warn", shown, "Tested with Python 3.11 to 3.13.")


def check_packages() -> Check:
    """Installed, and not older than what is known to be safe."""
    from importlib.metadata import PackageNotFoundError, version

    wrong: list[str] = []
    for name, floor in _PACKAGES:
        try:
            found = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        if _numbers(found) < floor:
            wrong.append(f"{name} {found} is older than {'.'.join(map(str, floor))}")
    if wrong:
        return Check("packages", "fail", "; ".join(wrong), "Install readingroom again.")
    return Check("packages", "ok", f"{len(_PACKAGES)} looked at")


def _numbers(version: str) -> tuple[int, ...]:
    import re

    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def check_orthanc() -> Check:
    """Needed by the sandbox only."""
    import shutil

    # Debian puts the server where an ordinary user's PATH does not look.
    places = ("Orthanc", "/usr/sbin/Orthanc", "/usr/local/sbin/Orthanc")
    found = next((path for name in places if (path := shutil.which(name))), None)
    if found:
        return Check("orthanc", "ok", found)
    advice = "For the sandbox: apt-get install orthanc orthanc-dicomweb orthanc-gdcm dcmtk."
    return Check("orthanc", "warn", "not found", advice)


def check_home(home: Path) -> Check:
    """Writable, and closed to others."""
    import os
    import tempfile

    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=home):
            pass
    except OSError as error:
        return Check(
            "home", "fail", f"{home}: {error.strerror}", "Choose another with --home, or mend it."
        )
    open_to_others = [path for path in (home, *_private_files(home)) if _mode(path) & 0o077]
    if open_to_others:
        names = ", ".join(path.name for path in open_to_others)
        advice = "chmod 700 the folder and 600 its files: they hold patients' reports."
        return Check("home", "fail", f"{home}: others can read {names}", advice)
    if home.stat().st_uid != os.getuid():
        return Check("home", "fail", f"{home} belongs to another user", "Use --home.")
    return Check("home", "ok", str(home))


def _private_files(home: Path) -> Iterator[Path]:
    for name in ("records.sqlite", "checkpoints.sqlite", "artifacts", "chat_history"):
        if (home / name).exists():
            yield home / name


def _mode(path: Path) -> int:
    return path.stat().st_mode


def check_disk(home: Path) -> Check:
    """Room for studies."""
    import shutil

    place = next(path for path in (home, *home.parents) if path.exists())
    free_mb = shutil.disk_usage(place).free // 2**20
    detail = f"{free_mb / 1024:.1f} GB free"
    if free_mb < _LEAST_FREE_MB:
        return Check("disk", "fail", detail, "Make room: studies are kept in the home folder.")
    return Check("disk", "ok", detail)


def _check_links(state: Shared) -> Iterator[Check]:
    from readingroom.agent.graph.links import NotLinked, resolve_link

    try:
        link = resolve_link(state["settings"])
    except NotLinked as error:
        # A new installation is no failure; a link that is set up and cannot be used is one.
        yield Check("pacs", "warn", error.message, error.hint)
        return
    except ReadingRoomError as error:
        yield Check("pacs", "fail", error.message, error.hint)
        return
    yield check_listener(link)
    yield check_pacs(link, state)


def check_listener(link: Link) -> Check:
    """The port that images come back to is free."""
    import socket

    peer = link.peer
    where = f"{peer.listen_host}:{peer.listen_port}"
    family = socket.AF_INET6 if ":" in peer.listen_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((peer.listen_host, peer.listen_port))
        except OSError as error:
            advice = "Another read may be running; else choose pacs.listen_port."
            return Check("listener", "fail", f"{where}: {error.strerror}", advice)
    return Check("listener", "ok", f"{where} is free")


def check_pacs(link: Link, state: Shared) -> Check:
    """The PACS answers a query: an unknown AE title passes C-ECHO and fails here."""
    from readingroom.domain.outcome import Failed
    from readingroom.records import Records
    from readingroom.tools.pacs import PacsLink

    where = link.destination
    advice = "Is it running, and does it know our AE title? For the sandbox: sandbox status."
    try:
        with Records.open(state["home"]) as records, PacsLink(link.peer, records) as pacs:
            outcome = pacs.test()
    except ReadingRoomError as error:
        return Check("pacs", "fail", f"{where}: {error.message}", error.hint or advice)
    if isinstance(outcome, Failed):
        return Check("pacs", "fail", f"{where}: {outcome.reason}", advice)
    return Check("pacs", "ok", f"{where} answers C-ECHO and C-FIND")


def check_core(state: Shared) -> Check:
    """The configured core is there; the embedded one starts and answers."""
    name = str(state["settings"].core.name)
    provider = name.partition(":")[0]
    if provider != "embedded":
        return Check("core", "warn", f"{name}: not tried here", "A read says if it cannot start.")
    from readingroom.domain.ports import PlanRequest, ToolBrief

    try:
        from readingroom.agent.models.factory import embedded_folder
        from readingroom.inference import CoreWorker

        with CoreWorker(state["home"], embedded_folder(name)) as worker:
            info: Any = worker.info()
            brief = ToolBrief("worklist", "show the work list")
            worker.plan(PlanRequest("show the work list", "", (), (brief,)))
    except ReadingRoomError as error:
        advice = error.hint or "Install readingroom again: the weights come with it."
        return Check("core", "fail", f"{name}: {error.message}", advice)
    except ImportError as error:
        advice = "Install readingroom again."
        return Check("core", "fail", f"{name}: a package is missing ({error.name})", advice)
    weights = ", ".join(f"{file} {revision}" for file, revision in info["revisions"].items())
    return Check("core", "ok", f"{name} starts and answers ({weights})")


def check_terminal(state: Shared) -> Check:
    """What pictures will look like."""
    from readingroom.agent.cli.images.probe import probe
    from readingroom.agent.cli.images.show import choose_mode

    terminal = state["terminal"]
    if not terminal.stdout_tty:
        return Check("terminal", "ok", "not a terminal: plain text, no pictures")
    abilities = probe(terminal)
    mode = choose_mode(str(state["settings"].render.images), abilities, terminal)
    colours = "24-bit colour" if abilities.truecolour or terminal.truecolour else "256 colours"
    detail = f"{abilities.name or terminal.name}, {terminal.columns} columns, {colours}: {mode}"
    if not abilities.answered:
        return Check("terminal", "warn", f"{detail} (it did not answer)", "Override: --images.")
    return Check("terminal", "ok", detail)
