"""A child process spoken to in frames, with a deadline on every byte."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from readingroom.inference import wire


class ChildGone(Exception):
    """The child ended or was killed before it answered."""


class ChildLate(Exception):
    """The child did not answer in time."""


class Child:
    """One worker process. Not thread-safe but for `kill`."""

    def __init__(self, weights: Path, memory_mb: int, log: Path | None) -> None:
        stderr: int | IO[bytes] = subprocess.DEVNULL
        if log is not None:
            stderr = os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb")
        command = [sys.executable, "-m", "readingroom.inference.worker"]
        self._process = subprocess.Popen(
            [*command, str(weights), str(memory_mb)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            bufsize=0,
        )
        if not isinstance(stderr, int):
            stderr.close()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        for pipe in (self._to, self._from):
            os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def ask(self, frame: bytes, timeout_s: float) -> dict[str, Any]:
        """Send a frame and wait for the answer's head.

        Raises:
            ChildGone: it ended.
            ChildLate: no answer in time; the child is in an unknown state and must be killed.
        """
        deadline = time.monotonic() + timeout_s
        try:
            self._send(memoryview(frame), deadline)
            lengths = self._receive(wire.LENGTHS.size, deadline)
            head_length, body_length = wire.LENGTHS.unpack(lengths)
            if head_length > wire.LARGEST_HEAD or body_length:
                raise ChildGone("the answer has an impossible length")
            head, _ = wire.unpack(self._receive(head_length, deadline), b"")
        except (BrokenPipeError, ConnectionResetError, ValueError) as error:
            raise ChildGone(str(error)) from error
        return head

    def _wait(self, pipe: IO[bytes], event: int, deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, event)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise ChildLate

    def _send(self, rest: memoryview, deadline: float) -> None:
        while rest:
            self._wait(self._to, selectors.EVENT_WRITE, deadline)
            rest = rest[os.write(self._to.fileno(), rest[: 1 << 20]) :]

    def _receive(self, count: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            self._wait(self._from, selectors.EVENT_READ, deadline)
            part = os.read(self._from.fileno(), count - len(parts))
            if not part:
                raise ChildGone("the worker ended")
            parts += part
        return bytes(parts)

    def kill(self) -> None:
        """End it at once and reap it."""
        self._process.kill()
        self._process.wait()

    def close(self, grace_s: float = 2.0) -> None:
        """Let it end by itself (its stdin ends), kill it if it does not."""
        for pipe in (self._to, self._from):
            pipe.close()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.kill()
