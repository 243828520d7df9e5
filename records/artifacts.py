"""Bytes by their hash: written once, whole or not at all, verified when they are read."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readingroom.domain.errors import Conflict, NotFound
from readingroom.domain.outcome import ArtifactRef
from readingroom.records.database import DiskFull, disk_errors

__all__ = ["ArtifactStore", "DiskFull"]

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_STALE_S = 3600.0


class ArtifactStore:
    """`artifacts/ab/cdef…`, named by the sha256 of the content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # One folder for unfinished files, on the same disk: rename stays atomic, and what a
        # kill left behind is found without walking the store.
        self._unfinished = folder / ".part"
        with disk_errors(folder):
            for each in (folder, self._unfinished):
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()

    def put_bytes(self, data: bytes, kind: str, *, durable: bool = True) -> ArtifactRef:
        """Store bytes; the same bytes again cost nothing.

        Args:
            data: the content.
            kind: what it is: "dicom", "png", "sr", "page", "json".
            durable: False leaves the flush to the system, for what can be fetched again.

        Raises:
            DiskFull: nothing was written.
        """
        ref = ArtifactRef(hashlib.sha256(data).hexdigest(), kind, len(data))
        if not self._has(ref):
            with self._part() as part:
                with part.open("xb") as file:
                    file.write(data)
                self._place(part, ref, durable)
        return ref

    def put_file(self, path: Path, kind: str, *, durable: bool = True) -> ArtifactRef:
        """Take a file over: it is renamed into place, and copied only across disks.

        Raises:
            NotFound: there is no such file.
            DiskFull: the file was left where it is.
        """
        try:
            ref = ArtifactRef(file_sha256(path), kind, path.stat().st_size)
        except FileNotFoundError as error:
            raise NotFound(f"no file {path.name} to store") from error
        if self._has(ref):
            path.unlink()
            return ref
        with disk_errors(self._folder):
            self._take(path, ref, durable)
        return ref

    def path(self, ref: ArtifactRef | str) -> Path:
        """Where it lies. Its content is not verified: use `read` for what matters.

        Raises:
            NotFound: it is not in the store.
        """
        sha256 = ref.sha256 if isinstance(ref, ArtifactRef) else ref
        path = self._path_of(sha256)
        if not path.is_file():
            raise NotFound(
                f"artifact {sha256[:12]} is not in the store", hint="retrieve the study again"
            )
        return path

    def read(self, ref: ArtifactRef | str) -> bytes:
        """The bytes, verified.

        Raises:
            NotFound: it is not in the store.
            Conflict: the file was changed or damaged on disk.
        """
        path = self.path(ref)
        data = path.read_bytes()
        sha256 = ref.sha256 if isinstance(ref, ArtifactRef) else ref
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Conflict(
                f"artifact {sha256[:12]} does not match its hash: it was changed on disk",
                hint="remove the file and retrieve the study again",
            )
        return data

    def has(self, ref: ArtifactRef) -> bool:
        """Whether a file of this name and length is there (content unverified, one stat)."""
        try:
            return self._path_of(ref.sha256).stat().st_size == ref.size_bytes
        except FileNotFoundError:
            return False

    def _path_of(self, sha256: str) -> Path:
        # The name comes from callers: a hash and nothing else becomes part of a path.
        if _SHA256.match(sha256) is None:
            raise NotFound("that is not a sha256 of an artifact")
        return self._folder / sha256[:2] / sha256[2:]

    def _has(self, ref: ArtifactRef) -> bool:
        # Verified in full before a write is spared: a damaged file would stay damaged for good.
        return self.has(ref) and file_sha256(self._path_of(ref.sha256)) == ref.sha256

    def _take(self, path: Path, ref: ArtifactRef, durable: bool) -> None:
        try:
            self._place(path, ref, durable)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            with self._part() as part:
                shutil.copyfile(path, part)
                self._place(part, ref, durable)
            path.unlink()

    @contextmanager
    def _part(self) -> Iterator[Path]:
        part = self._unfinished / secrets.token_hex(12)
        try:
            with disk_errors(self._folder):
                yield part
        finally:
            part.unlink(missing_ok=True)

    def _place(self, part: Path, ref: ArtifactRef, durable: bool) -> None:
        final = self._path_of(ref.sha256)
        part.chmod(0o600)
        if durable:
            _flush(part)
        final.parent.mkdir(mode=0o700, exist_ok=True)
        part.replace(final)
        if durable:
            _flush(final.parent)

    def _sweep(self) -> None:
        # Only old ones: another process may be writing now.
        for part in self._unfinished.iterdir():
            try:
                if time.time() - part.stat().st_mtime > _STALE_S:
                    part.unlink()
            except FileNotFoundError:
                continue


def file_sha256(path: Path) -> str:
    """Hash of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
