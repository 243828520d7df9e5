"""The Storage SCP's process: stock pynetdicom with every knob that was measured to help.

Run as `python -m readingroom.tools.pacs.receiver_child`; settings come as one JSON line on
standard input, events go as JSON lines to standard output, and end of input ends it, so that it
never outlives the process that started it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from pynetdicom import AE, _config, evt
from pynetdicom.sop_class import Verification
from pynetdicom.transport import ThreadedAssociationServer

from readingroom.domain.ids import is_uid
from readingroom.tools.pacs.association import quiet_libraries
from readingroom.tools.pacs.receiver import ReceiverSettings, stored_name

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000
TOO_LARGE = "an object is larger than the limit"
_RETRY_S = 0.1
# Ten idle connections blocked stock pynetdicom: more of them, and a short patience.
_ASSOCIATIONS = 64
_ACSE_TIMEOUT_S = 5
_PROGRESS_BYTES = 4 << 20
# Address space, not memory: each thread reserves its stack and up to 64 MB of arena.
_ADDRESS_BYTES = 4 << 30
_STACK_BYTES = 1 << 20
_say_lock = threading.Lock()


class PortBusy(Exception):
    """Somebody else keeps the lock or the port."""


def say(**event: object) -> None:
    """Write one event; the parent may be gone, and then nobody listens."""
    with _say_lock:
        try:
            sys.stdout.write(json.dumps(event) + "\n")
            sys.stdout.flush()
        except (BrokenPipeError, ValueError):
            pass


class KnownCallersServer(ThreadedAssociationServer):  # type: ignore[misc]
    """Closes connections from unknown addresses before anything is read from them."""

    allowed: frozenset[str] = frozenset()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether an address may connect."""
        address = str(client_address[0])
        if address in self.allowed:
            return True
        say(event="refused", why="a connection from an address that is not the PACS's")
        return False


class StoreService:
    """Writes what arrives. Event handlers of pynetdicom, called from its threads."""

    def __init__(self, settings: ReceiverSettings) -> None:
        self._settings = settings
        self._folder = Path(settings.folder)
        self._left = settings.max_instances
        self._lock = threading.Lock()
        self._pending: dict[int, int] = {}

    def handlers(self) -> list[Any]:
        """For `AE.make_server`."""
        return [
            (evt.EVT_CONN_OPEN, self.on_open),
            (evt.EVT_DATA_RECV, self.on_data),
            (evt.EVT_CONN_CLOSE, self.on_close),
            (evt.EVT_REJECTED, self.on_rejected),
            (evt.EVT_C_STORE, self.on_store),
        ]

    def on_open(self, event: evt.Event) -> None:
        """Switch Nagle's algorithm off."""
        wire = event.assoc.dul.socket.socket
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _quick_ack(wire)

    def on_data(self, event: evt.Event) -> None:
        """Count what came for one object; acknowledge at once.

        Without TCP_QUICKACK, armed anew after each read, a PACS that leaves Nagle's algorithm on
        waits 40 ms for each object (500 slices: 22.6 s against 0.66 s; facts, PACS link).
        """
        key = id(event.assoc)
        before = self._pending.get(key, 0)
        total = self._pending[key] = before + len(event.data)
        wire = event.assoc.dul.socket.socket
        if wire is None:
            return
        _quick_ack(wire)
        if total > self._settings.max_instance_bytes:
            say(event="refused", why=TOO_LARGE)
            wire.shutdown(socket.SHUT_RDWR)
        elif before // _PROGRESS_BYTES != total // _PROGRESS_BYTES:
            say(event="progress")

    def on_close(self, event: evt.Event) -> None:
        """Forget the connection."""
        self._pending.pop(id(event.assoc), None)

    def on_rejected(self, event: evt.Event) -> None:
        """Tell why nothing arrives."""
        say(event="refused", why="an association for another AE title, or from an unknown one")

    def on_store(self, event: evt.Event) -> int:
        """Write one object as it came, without decoding it."""
        self._pending[id(event.assoc)] = 0
        uid = str(event.request.AffectedSOPInstanceUID or "")
        if not is_uid(uid):
            say(event="refused", why="an object whose SOP Instance UID is not a UID")
            return CANNOT_UNDERSTAND
        with self._lock:
            self._left -= 1
            if self._left < 0:
                say(event="refused", why="more objects than were asked for")
                return OUT_OF_RESOURCES
        data = event.request.DataSet.getbuffer()
        if len(data) > self._settings.max_instance_bytes:
            say(event="refused", why=TOO_LARGE)
            return OUT_OF_RESOURCES
        if shutil.disk_usage(self._folder).free < self._settings.min_free_bytes + len(data):
            say(event="refused", why="too little space left on the disk")
            return OUT_OF_RESOURCES
        return self._write(event, uid, data)

    def _write(self, event: evt.Event, uid: str, data: memoryview) -> int:
        final = self._folder / stored_name(uid)
        part = final.with_suffix(f".{threading.get_ident():x}.part")
        try:
            with part.open("wb") as file:
                file.write(_file_meta(event))
                file.write(data)
            part.replace(final)
        except OSError as error:
            part.unlink(missing_ok=True)
            say(event="refused", why=f"an object could not be written: {error.strerror}")
            return OUT_OF_RESOURCES
        say(event="stored", name=final.name, size=len(data))
        return SUCCESS


def _file_meta(event: evt.Event) -> bytes:
    """Preamble of zeros, prefix and file meta group."""
    from pynetdicom.dsutils import encode_file_meta

    return b"\0" * 128 + b"DICM" + bytes(encode_file_meta(event.file_meta))


def _quick_ack(wire: socket.socket) -> None:
    option = getattr(socket, "TCP_QUICKACK", None)
    if option is not None:
        wire.setsockopt(socket.IPPROTO_TCP, option, 1)


def limit_memory(settings: ReceiverSettings) -> None:
    """Cap the address space: a length that lies ends this process, not the machine."""
    try:
        import resource
    except ImportError:
        return
    cap = _ADDRESS_BYTES + 3 * settings.max_instance_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > cap:
        resource.setrlimit(resource.RLIMIT_AS, (cap, hard))


def take_lock(path: Path, deadline: float) -> int:
    """Hold the lock file of the port until this process ends.

    Raises:
        PortBusy: another reading room holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > deadline:
                holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "?"
                raise PortBusy(f"another reading room (process {holder}) is receiving") from None
            time.sleep(_RETRY_S)
        else:
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getppid()).encode(), 0)
            return handle


def start_server(settings: ReceiverSettings, deadline: float) -> KnownCallersServer:
    """Listen; waits for the port when somebody else has it.

    Raises:
        PortBusy: the port is still taken at the deadline.
        OSError: the address cannot be used.
    """
    entity = AE(ae_title=settings.ae_title)
    entity.add_supported_context(Verification)
    entity.maximum_pdu_size = 0
    entity.maximum_associations = _ASSOCIATIONS
    entity.acse_timeout = _ACSE_TIMEOUT_S
    entity.dimse_timeout = settings.idle_s
    entity.network_timeout = settings.idle_s
    entity.require_called_aet = True
    entity.require_calling_aet = list(settings.caller_aes)
    KnownCallersServer.allowed = frozenset(settings.caller_addresses)
    handlers = StoreService(settings).handlers()
    while True:
        try:
            server: KnownCallersServer = entity.make_server(
                (settings.host, settings.port),
                evt_handlers=handlers,
                server_class=KnownCallersServer,
            )
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            if time.monotonic() > deadline:
                raise PortBusy("another program listens") from None
            time.sleep(_RETRY_S)
        else:
            entity._servers.append(server)
            return server


def serve(settings: ReceiverSettings) -> None:
    """Receive until standard input ends.

    Raises:
        PortBusy: the lock or the port is taken.
        OSError: the address cannot be used.
    """
    deadline = time.monotonic() + settings.wait_s
    take_lock(Path(settings.lock_path), deadline)
    server = start_server(settings, deadline)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    say(event="ready", port=settings.port)
    sys.stdin.read()


def main() -> int:
    """Run; the exit status is read by nobody, the events are."""
    settings = ReceiverSettings.from_json(sys.stdin.readline())
    quiet_libraries()
    _config.UNRESTRICTED_STORAGE_SERVICE = True
    threading.stack_size(_STACK_BYTES)
    limit_memory(settings)
    port = f"port {settings.port}"
    try:
        serve(settings)
    except PortBusy as busy:
        say(
            event="failed", kind="transient", why=f"{busy} on {port} (waited {settings.wait_s:g} s)"
        )
    except OSError as error:
        why = f"cannot listen on {settings.host} {port}: {error.strerror}"
        say(event="failed", kind="config", why=why)
    return 0


if __name__ == "__main__":
    main()
    # Threads of open associations would keep the process: unfinished files do not count.
    os._exit(0)
