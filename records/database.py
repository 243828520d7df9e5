"""One SQLite file: opening, migrating, and transactions for many threads and processes."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from readingroom.domain.errors import ConfigError, ReadingRoomError, Transient

FILE_NAME = "records.sqlite"
BUSY_TIMEOUT_S = 15.0
# Any of these in a folder says that it is a home of ours, whichever part made it first.
_OUR_NAMES = frozenset(
    {
        *(FILE_NAME, "readingroom.toml", "readingroom.log", "artifacts", "checkpoints.sqlite"),
        *("sandbox", "incoming"),
    }
)


class DiskFull(ReadingRoomError):
    """Nothing was written; what was there before is untouched."""


_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FULL_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn "no space left" of files and of SQLite into `DiskFull`, and "locked" into Transient."""
    hint = f"free some space under {folder} and run the same command again"
    try:
        yield
    except OSError as error:
        if error.errno in _FULL_ERRNOS:
            raise DiskFull("the disk is full: nothing was written", hint=hint) from error
        raise
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _FULL_CODES:
            raise DiskFull("the disk is full: nothing was written", hint=hint) from error
        if code & 0xFF == sqlite3.SQLITE_BUSY:
            raise Transient(
                f"the records were locked by another process for {BUSY_TIMEOUT_S:.0f} s",
                hint="try again",
            ) from error
        raise


def make_private_folder(home: Path) -> None:
    """Create the home, mode 0700; close an existing one only if it is plainly ours.

    A stranger's folder (`--home /tmp`) keeps its mode: our files in it are closed one by one.
    """
    try:
        if not home.exists():
            home.parent.mkdir(parents=True, exist_ok=True)
            home.mkdir(mode=0o700, exist_ok=True)
        names = {entry.name for entry in home.iterdir()}
        if not names or names & _OUR_NAMES:
            home.chmod(0o700)
    except OSError as error:
        raise ConfigError(
            f"cannot use the folder {home}: {error.strerror}", hint="choose another with --home"
        ) from error


class Database:
    """A connection for each thread, opened on first use and closed together."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / FILE_NAME
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        make_private_folder(home)
        with disk_errors(home):
            # Created by hand: sqlite3 would make it with the umask's mode. WAL and SHM inherit.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            self.path.chmod(0o600)
        self._migrate()

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        # A forked child must not touch its parent's connection: keep the pid beside it.
        held = getattr(self._local, "held", None)
        if held is None or held[0] != os.getpid():
            held = (os.getpid(), self._connect())
            self._local.held = held
        connection: sqlite3.Connection = held[1]
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        with self._lock:
            self._opened.append(connection)
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. A transaction inside another joins it."""
        connection = self.connection
        if connection.in_transaction:
            yield connection
            return
        with disk_errors(self.home):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite may have rolled back by itself (disk full).
                with suppress(sqlite3.OperationalError):
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            opened, self._opened = self._opened, []
        for connection in opened:
            connection.close()
        self._local = threading.local()

    def _migrate(self) -> None:
        self._set_wal()
        migrations = load_migrations()
        newest = max(migrations)
        if self._version() < newest:
            with self.transaction() as connection:
                # Another process may have been quicker while we waited for the lock.
                for number in sorted(migrations):
                    if number > self._version():
                        for statement in statements(migrations[number]):
                            connection.execute(statement)
                        connection.execute(f"PRAGMA user_version = {number}")
        if self._version() > newest:
            raise ConfigError(
                f"the records in {self.home} are of version {self._version()}, "
                f"this program knows {newest}",
                hint="upgrade readingroom, or choose another folder with --home",
            )

    def _version(self) -> int:
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    def _set_wal(self) -> None:
        # Changing the journal mode does not wait for the busy timeout: two first starts at once
        # would give "database is locked" to one of them.
        deadline = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                self.connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.DatabaseError as error:
                busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > deadline:
                    raise ConfigError(
                        f"cannot open {self.path}: {error}",
                        hint="restore it from a backup, or choose another folder with --home",
                    ) from error
                time.sleep(0.02)


def load_migrations() -> dict[int, str]:
    """The numbered files of `records/migrations`, by number."""
    folder = Path(__file__).parent / "migrations"
    found: dict[int, str] = {}
    for path in sorted(folder.glob("*.sql")):
        match = re.match(r"(\d{4})_", path.name)
        if match is None or int(match[1]) in found:
            raise ConfigError(f"migration {path.name} needs a number of its own")
        found[int(match[1])] = path.read_text(encoding="utf-8")
    return found


def statements(script: str) -> Iterator[str]:
    """Split a script; `executescript` would commit the transaction we are in."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
