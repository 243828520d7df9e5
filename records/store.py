"""The one way into the records."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from readingroom.records.approvals import Approvals
from readingroom.records.artifacts import ArtifactStore
from readingroom.records.audit import Audit
from readingroom.records.cases import Cases
from readingroom.records.database import Database
from readingroom.records.drafts import Drafts
from readingroom.records.outbox import Outbox
from readingroom.records.received import ReceivedIndex


class Records:
    """All that survives, in one folder.

    Safe to use from several threads and to open from several processes at once.

    Attributes:
        home: the folder, mode 0700.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = Database(home)
        self.artifacts = ArtifactStore(home / "artifacts")
        self.audit = Audit(self.database)
        self.received = ReceivedIndex(self.database, self.artifacts)
        self.cases = Cases(self.database)
        self.drafts = Drafts(self.database, self.audit)
        self.approvals = Approvals(self.database, self.audit)
        self.outbox = Outbox(self.database, self.approvals, self.audit)

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open the folder, creating and migrating what is needed.

        Raises:
            ConfigError: the folder cannot be used, or is of a newer version.
            DiskFull: no space to create it.
        """
        return cls(home)

    def close(self) -> None:
        """Close the database; the object can be used again and reopens by itself."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
