"""A child process that outlives the command that started it, and is never mistaken for another."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from readingroom.domain.errors import ConfigError

_POLL_S = 0.02


@dataclass(frozen=True)
class Server:
    """A process, and its start time as the system tells it: a pid alone can be recycled."""

    pid: int
    started: str


@contextlib.contextmanager
def command_lock(path: Path) -> Iterator[None]:
    """Let one `up` or `down` work on a directory at a time; the others wait."""
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def take_server_lock(path: Path) -> int:
    """Open and lock the file that the server inherits, and return its descriptor.

    A flock belongs to the open file, not to the process: the child keeps it for as long as it
    lives, whatever becomes of the command that started it, and it ends with kill -9 too.

    Raises:
        ConfigError: a server already runs on this directory.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ConfigError(
            f"another Orthanc already runs on {path.parent}",
            hint="two on one directory corrupt it: `readingroom sandbox down` first",
        ) from None
    os.set_inheritable(handle, True)
    return handle


def is_locked(path: Path) -> bool:
    """Whether some server holds the lock right now."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def note_server(lock: int, server: Server) -> None:
    """Write into the locked file who has it, for the day that everything else is lost."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps(asdict(server)).encode(), 0)


def find_server(lock: Path, config: Path) -> Server | None:
    """The server that has the lock file open and was started with that configuration.

    Who the lock file names is looked at first; if that is not it, every process that the system
    shows. Both must be true of it, so that no other process is ever taken for it.

    Args:
        lock: the file that it inherited, see `take_server_lock`.
        config: its last argument; compared by name, since its folder may have been moved.
    """
    for pid in (*_noted_pid(lock), *_all_pids()):
        # The start first: were the pid recycled during the look, the mark would be another's.
        started = start_mark(pid)
        if started and _is_server(pid, lock, config) and start_mark(pid) == started:
            return Server(pid, started)
    return None


def _noted_pid(lock: Path) -> tuple[int, ...]:
    try:
        pid = json.loads(lock.read_text(encoding="utf-8"))["pid"]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return (pid,) if type(pid) is int and pid > 0 else ()


def _all_pids() -> Iterator[int]:
    with contextlib.suppress(OSError):
        yield from (int(name) for name in os.listdir("/proc") if name.isdecimal())


def _is_server(pid: int, lock: Path, config: Path) -> bool:
    proc = Path(f"/proc/{pid}")
    if not Path("/proc/self/stat").exists():
        return is_locked(lock) and _command_by_ps(pid).endswith(f"{os.sep}{config.name}")
    try:
        last = (proc / "cmdline").read_bytes().rstrip(b"\0").rpartition(b"\0")[2]
        if Path(os.fsdecode(last)).name != config.name:
            return False
        held = lock.stat()
        return any(_same(each, held) for each in (proc / "fd").iterdir())
    except OSError:  # gone meanwhile, or of another user
        return False


def _same(descriptor: Path, held: os.stat_result) -> bool:
    try:
        return os.path.samestat(descriptor.stat(), held)
    except OSError:  # closed meanwhile
        return False


def _command_by_ps(pid: int) -> str:
    answer = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()


def spawn(arguments: list[str], log: Path) -> int:
    """Start a program in a session of its own, its output in a file; return its pid.

    The environment is a fresh one: nothing of the user's reaches the server. TCP_NODELAY is
    read by DCMTK; without it each round trip costs 44 ms (Nagle against delayed ACK).
    """
    environment = {"TCP_NODELAY": "1", "PATH": os.defpath, "LANG": "C.UTF-8"}
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.posix_spawn(
        arguments[0],
        arguments,
        environment,
        setsid=True,
        setsigmask=[],
        setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGHUP],
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def start_mark(pid: int) -> str:
    """The start time of a living process as the system tells it; empty when it is gone.

    A zombie counts as gone once its other threads are: until then its ports are taken. The
    text is only ever compared with itself.
    """
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            words = stat.read_text(encoding="latin-1").rpartition(")")[2].split()
            threads = len(os.listdir(stat.with_name("task")))
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return "" if words[0] in "ZX" and threads <= 1 else words[19]
    return _start_mark_by_ps(pid)


def _start_mark_by_ps(pid: int) -> str:
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    status, _, started = answer.stdout.strip().partition(" ")
    return "" if status.startswith("Z") else started.strip()


def wait_gone(pid: int, mark: str, timeout_s: float) -> bool:
    """Wait until that process is gone; False when it still runs at the end."""
    until = time.monotonic() + timeout_s
    while start_mark(pid) == mark:
        if time.monotonic() > until:
            return False
        time.sleep(_POLL_S)
    return True


def stop(pid: int, mark: str, patience_s: float = 15.0) -> None:
    """End a process: SIGTERM first (Orthanc takes 3.5 s), SIGKILL when that is not heard.

    A paused process is woken, since it would not hear SIGTERM.
    """
    if start_mark(pid) != mark or not mark:
        return
    for number in (signal.SIGTERM, signal.SIGCONT):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    if not wait_gone(pid, mark, patience_s):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        wait_gone(pid, mark, 5.0)


def is_port_free(port: int) -> bool:
    """Whether a server could listen on a TCP port on every interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Distinct free TCP ports; another program may take one before we do, so be ready to retry."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("0.0.0.0", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
