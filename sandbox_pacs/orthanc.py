"""A real Orthanc as a child process that outlives the command."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from readingroom.domain.errors import ConfigError, ReadingRoomError, Transient
from readingroom.sandbox_pacs import configuration, process
from readingroom.sandbox_pacs.rest import OrthancRest, split_credentials
from readingroom.sandbox_pacs.state import (
    BROKEN_NAME,
    LAST_NAME,
    STATE_NAME,
    SandboxState,
    read_state,
    write_state,
)

AET = "SANDBOX"
AGENT_AET = "READINGROOM"
_READY_S = 20.0
_PORT_TRIES = 5


class _PortTaken(Exception):
    """Another program was faster; other ports will do."""


class Sandbox:
    """One sandbox in one directory.

    Args:
        directory: holds Orthanc's storage, its configuration and log, the work list and the
            ORU messages. Made when missing, mode 0700.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()

    def up(self, agent_port: int | None = None) -> SandboxState:
        """Start Orthanc, or say where the one that already runs listens.

        Args:
            agent_port: where our own Storage SCP will listen; a free one when None. Ports and
                password of the last run are used again when they are still free.

        Raises:
            ConfigError: Orthanc or a plugin is not installed, the state file is broken, or an
                Orthanc runs on this directory that it does not tell of.
            Transient: it died or did not answer; the message quotes its log.
        """
        binary, plugins = configuration.find_orthanc(), configuration.find_plugins()
        self._make_directories()
        with process.command_lock(self.directory / "command.lock"):
            running = self.status()
            if running is not None and not running.is_remote:
                return self._same_port(running, agent_port)
            last = self._last()
            for attempt in range(_PORT_TRIES):
                wanted = self._wanted(last if attempt == 0 else None, agent_port)
                try:
                    return self._start(binary, plugins, wanted)
                except _PortTaken:
                    continue
        raise Transient(
            f"Orthanc found its ports taken {_PORT_TRIES} times", hint="try `sandbox up` again"
        )

    def down(self) -> bool:
        """Stop Orthanc; its patients stay on disk. False when none was running.

        For an Orthanc that runs elsewhere only our note of it is dropped. A state file that is
        gone, broken or out of date is no obstacle: the process is then found by its lock.

        Raises:
            ReadingRoomError: something has the lock, and cannot be found or does not end.
        """
        if not self.directory.is_dir():
            return False
        with process.command_lock(self.directory / "command.lock"):
            state = self._readable_state()
            server = self._server(state)
            if server is not None:
                process.stop(server.pid, server.started)
            self._end_lock()
            self._put_away(state)
            return server is not None or (state is not None and state.is_remote)

    def state(self) -> SandboxState | None:
        """What was written at `up`, without a look at whether it still runs."""
        return read_state(self._state_path)

    def status(self) -> SandboxState | None:
        """The state of a sandbox that runs and answers; None when there is none.

        Raises:
            Transient: it runs but does not answer.
            ConfigError: the state file is broken, or one of ours runs and it does not tell of it.
        """
        state = self._readable_state()
        if state is None or not (state.is_remote or self._alive(state)):
            self._refuse_stray(state)
            self.state()
            return None
        with self.rest(state, timeout_s=5.0) as rest:
            rest.system()
        return state

    def rest(self, state: SandboxState | None = None, timeout_s: float = 30.0) -> OrthancRest:
        """A REST connection; close it, or use it in a `with`.

        Raises:
            ConfigError: there is no sandbox.
        """
        known = state or self.state()
        if known is None:
            raise ConfigError("no sandbox is running", hint="`readingroom sandbox up` starts one")
        return OrthancRest(known.url, known.user, known.password, timeout_s)

    def use_remote(
        self,
        url: str,
        *,
        dicom_host: str = "",
        dicom_port: int | None = None,
        aet: str = "",
        agent_port: int | None = None,
    ) -> SandboxState:
        """Use an Orthanc that runs elsewhere: it is only loaded over REST and asked what it is.

        Its own configuration must name READINGROOM at our host and `agent_port`.

        Args:
            url: REST base, with credentials: http://user:password@host:8042.
            dicom_host: where it speaks DICOM; the host of the URL when empty.
            dicom_port: asked of its /system when None.
            aet: its title; asked of its /system when empty.
            agent_port: where our Storage SCP will listen; a free one when None.

        Raises:
            Transient: it does not answer.
            ConfigError: the URL or the credentials are wrong, or a sandbox of ours is up here.
        """
        bare, user, password = split_credentials(url)
        with OrthancRest(bare, user, password, timeout_s=10.0) as rest:
            about = rest.system()
        self._make_directories()
        with process.command_lock(self.directory / "command.lock"):
            if self._server(self._readable_state()) is not None:
                raise ConfigError(
                    "a sandbox of this home is running", hint="`readingroom sandbox down` first"
                )
            parts = urlsplit(bare)
            default = 443 if parts.scheme == "https" else 80
            state = replace(
                self._wanted(None, agent_port),
                dicom_host=dicom_host or parts.hostname or "",
                dicom_port=dicom_port or int(about.get("DicomPort", 0)),
                aet=aet or str(about.get("DicomAet", "")),
                http_port=parts.port or default,
                url=bare,
                user=user,
                password=password,
                orthanc_version=str(about.get("Version", "")),
            )
            write_state(self._state_path, state)
            return state

    def pause(self) -> None:
        """Stop the process without ending it: it accepts connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused sandbox go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut would. `up` starts it again with the same ports."""
        state = self._signal(signal.SIGKILL)
        process.wait_gone(state.pid or 0, state.pid_started, 5.0)

    @property
    def _state_path(self) -> Path:
        return self.directory / STATE_NAME

    @property
    def _lock_path(self) -> Path:
        return self.directory / "orthanc.lock"

    @property
    def _config_path(self) -> Path:
        return self.directory / "orthanc.json"

    def _make_directories(self) -> None:
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in ("storage", "worklist", "oru", "truth", "tmp"):
                (self.directory / name).mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigError(
                f"the sandbox directory {self.directory} cannot be made: {error.strerror}"
            ) from error

    def _readable_state(self) -> SandboxState | None:
        """The state, None also when the file is broken: for what must work in any case."""
        with contextlib.suppress(ConfigError):
            return self.state()
        return None

    def _server(self, state: SandboxState | None) -> process.Server | None:
        """Our Orthanc on this directory, by the state or else by the lock that it holds."""
        if state is not None and state.pid is not None and self._alive(state):
            return process.Server(state.pid, state.pid_started)
        return process.find_server(self._lock_path, self._config_path)

    def _refuse_stray(self, state: SandboxState | None) -> None:
        server = self._server(state)
        if server is None:
            return
        what = "does not tell of it" if self._state_path.exists() else "is gone"
        raise ConfigError(
            f"an Orthanc already runs on {self.directory} (process {server.pid}), and its state "
            f"file {STATE_NAME} {what}",
            hint="`readingroom sandbox down` stops it, then `readingroom sandbox up`",
        )

    def _end_lock(self) -> None:
        if process.is_locked(self._lock_path):
            raise ReadingRoomError(
                f"an Orthanc still holds {self._lock_path}, and could not be stopped",
                hint=f"`fuser -v {self._lock_path}` names its process; end it by hand",
            )

    def _put_away(self, state: SandboxState | None) -> None:
        """No state file is left; what tells ports that may be used again is kept."""
        if state is not None and state.is_remote:
            self._state_path.unlink()
        elif self._state_path.exists():
            name = BROKEN_NAME if state is None else LAST_NAME
            self._state_path.replace(self.directory / name)

    def _alive(self, state: SandboxState) -> bool:
        return state.pid is not None and (
            bool(state.pid_started) and process.start_mark(state.pid) == state.pid_started
        )

    def _signal(self, number: signal.Signals) -> SandboxState:
        state = self.state()
        if state is None or state.pid is None or not self._alive(state):
            raise ConfigError("no sandbox of ours is running", hint="`readingroom sandbox up`")
        os.kill(state.pid, number)
        return state

    def _same_port(self, running: SandboxState, agent_port: int | None) -> SandboxState:
        if agent_port is not None and agent_port != running.agent_port:
            raise ConfigError(
                f"the sandbox is up and sends to port {running.agent_port}, not {agent_port}",
                hint="`readingroom sandbox down`, then up with the other port",
            )
        return running

    def _last(self) -> SandboxState | None:
        """The last run's state, for its ports. A broken note of the past is no obstacle."""
        for name in (STATE_NAME, LAST_NAME):
            with contextlib.suppress(ReadingRoomError):
                state = read_state(self.directory / name)
                if state is not None and not state.is_remote:
                    return state
        return None

    def _wanted(self, last: SandboxState | None, agent_port: int | None) -> SandboxState:
        if last is not None and all(map(process.is_port_free, (last.dicom_port, last.http_port))):
            return replace(last, agent_port=agent_port or last.agent_port)
        dicom, http, agent = process.free_ports(3)
        return SandboxState(
            pid=None,
            pid_started="",
            dicom_host="127.0.0.1",
            dicom_port=dicom,
            aet=AET,
            http_port=http,
            user="sandbox",
            password=secrets.token_urlsafe(18),
            agent_aet=AGENT_AET,
            agent_port=agent_port or (last.agent_port if last else agent),
            worklist_dir=str(self.directory / "worklist"),
            oru_dir=str(self.directory / "oru"),
            truth_dir=str(self.directory / "truth"),
            orthanc_version="",
            directory=str(self.directory),
            url=f"http://127.0.0.1:{http}",
        )

    def _start(self, binary: str, plugins: list[str], wanted: SandboxState) -> SandboxState:
        config, log = self._config_path, self.directory / "orthanc.log"
        config.touch(mode=0o600)
        config.write_text(configuration.orthanc_json(wanted, plugins), encoding="utf-8")
        lock = process.take_server_lock(self._lock_path)
        try:
            pid = process.spawn([binary, str(config)], log)
            server = process.Server(pid, process.start_mark(pid))
            process.note_server(lock, server)
        finally:
            os.close(lock)
        state = replace(wanted, pid=pid, pid_started=server.started)
        # Written before it answers: an `up` that is interrupted leaves something to take down.
        write_state(self._state_path, state)
        version = self._wait_ready(state, log)
        state = replace(state, orthanc_version=version)
        write_state(self._state_path, state)
        return state

    def _wait_ready(self, state: SandboxState, log: Path) -> str:
        until = time.monotonic() + _READY_S
        while time.monotonic() < until:
            if not self._alive(state):
                self._state_path.unlink()
                raise _died(log)
            with contextlib.suppress(Transient), self.rest(state, timeout_s=5.0) as rest:
                return str(rest.system().get("Version", ""))
            time.sleep(0.02)
        process.stop(state.pid or 0, state.pid_started, patience_s=1.0)
        self._state_path.unlink()
        raise Transient(f"Orthanc did not answer within {_READY_S:.0f} s: {_last_error(log)}")


def _died(log: Path) -> Exception:
    reason = _last_error(log)
    if "already in use" in log.read_text(encoding="utf-8", errors="replace"):
        return _PortTaken()
    return Transient(f"Orthanc died at its start: {reason}", hint=f"the whole log is {log}")


def _last_error(log: Path) -> str:
    """The last line that Orthanc marked as an error, else its last line, without the prefix."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line for line in lines if line.startswith("E")] or lines or ["its log is empty"]
    return errors[-1].rpartition("] ")[2].strip()
