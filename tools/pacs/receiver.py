"""Our Storage SCP as the retrieval sees it: started for a retrieval, closed after it.

What listens runs in a child process, so that a hostile object cannot take the case down with it.
`Receiver` is all that the retrieval knows of it: another one (a plain socket loop) takes its
place by being handed to `PacsLink`.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Protocol, Self

from readingroom.domain.errors import ConfigError, Transient

_STOP_S = 3.0
# Over the wait for the port: the interpreter and pynetdicom have to load first.
_START_S = 20.0


@dataclass(frozen=True)
class ReceiverSettings:
    """What the Storage SCP is told.

    Attributes:
        host, port: where it listens.
        ae_title: ours; associations for another title are rejected.
        caller_aes: titles that may send.
        caller_addresses: addresses that may connect.
        folder: where instances are written, on the disk of the artifact store.
        lock_path: lock file of the port, shared by all reading rooms of this home.
        wait_s: how long to wait for the lock and for the port.
        max_instances: refuse more than these.
        max_instance_bytes: drop the connection when one object is larger.
        min_free_bytes: refuse an object (0xA700) that would leave less free on the disk.
        idle_s: close a connection on which nothing comes for so long.
    """

    host: str
    port: int
    ae_title: str
    caller_aes: tuple[str, ...]
    caller_addresses: tuple[str, ...]
    folder: str
    lock_path: str
    wait_s: float
    max_instances: int
    max_instance_bytes: int
    min_free_bytes: int
    idle_s: float = 30.0

    def as_json(self) -> str:
        """One line for the child process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild from `as_json`."""
        values = json.loads(text)
        for name in ("caller_aes", "caller_addresses"):
            values[name] = tuple(values[name])
        return cls(**values)


class Receiver(Protocol):
    """A Storage SCP that listens between `__enter__` and `__exit__`.

    Each instance is written whole: a file `<sha256 of the SOP Instance UID>.dcm` appears by a
    rename, never half written, and stays when this process dies.
    """

    def __enter__(self) -> Self:
        """Start to listen.

        Raises:
            ConfigError: the port cannot be used at all.
            Transient: another reading room, or another program, keeps the port.
        """
        ...

    def __exit__(self, *error: object) -> None:
        """Stop to listen; afterwards no file changes any more."""
        ...

    @property
    def stored(self) -> int:
        """Instances written so far."""
        ...

    @property
    def activity(self) -> int:
        """Grows with each sign of life: an instance, a part of a large one."""
        ...

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why something was not taken, one line each, without patient data."""
        ...


ReceiverFactory = Callable[[ReceiverSettings], Receiver]


class ChildReceiver:
    """The Storage SCP of `receiver_child` (stock pynetdicom) in a process of its own."""

    def __init__(self, settings: ReceiverSettings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._events: Queue[dict[str, Any]] = Queue()
        self._stored = 0
        self._activity = 0
        self._refusals: list[str] = []

    def __enter__(self) -> Self:
        """Start the child and wait until it listens."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "readingroom.tools.pacs.receiver_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()
        try:
            self._tell(self._settings.as_json())
            self._wait_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the child; what it has not renamed by then does not count."""
        self._stop()

    @property
    def stored(self) -> int:
        """Instances written so far."""
        return self._stored

    @property
    def activity(self) -> int:
        """Grows with each instance and each part of a large one."""
        return self._activity

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why something was not taken."""
        return tuple(self._refusals)

    def _tell(self, line: str) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _listen(self) -> None:
        """Read the child's events until it ends."""
        assert self._process is not None and self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            self._activity += 1
            if event["event"] == "stored":
                self._stored += 1
            elif event["event"] == "refused" and len(self._refusals) < 100:
                self._refusals.append(event["why"])
            elif event["event"] in {"ready", "failed"}:
                self._events.put(event)
        self._events.put({"event": "failed", "kind": "transient", "why": "the receiver ended"})

    def _wait_ready(self) -> None:
        settings = self._settings
        try:
            event = self._events.get(timeout=settings.wait_s + _START_S)
        except Empty:
            raise Transient(
                f"the Storage SCP on port {settings.port} did not start", hint="try again"
            ) from None
        if event["event"] == "ready":
            return
        if event["kind"] == "config":
            raise ConfigError(event["why"], hint="set pacs.listen_host and pacs.listen_port")
        raise Transient(
            event["why"],
            hint="wait until it is done, or give this reading room a port of its own "
            "(pacs.listen_port, known to the PACS)",
        )

    def _stop(self) -> None:
        """End of input tells the child to stop; a kill follows when it does not."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._reader is not None:
            # What the child said last counts as well: wait for the end of its output.
            self._reader.join()
        process.stdout.close()
        self._process = None


def stored_name(sop_uid: str) -> str:
    """File name of an instance: a UID from outside never becomes a path."""
    return f"{hashlib.sha256(sop_uid.encode()).hexdigest()}.dcm"


def leftovers(folder: Path) -> list[Path]:
    """Whole instances in a folder, in a stable order."""
    return sorted(folder.glob("*.dcm")) if folder.is_dir() else []
