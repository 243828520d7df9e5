"""From what the receiver wrote to what is kept: verified, filed and noted.

In an order that a kill at any point survives without a second transfer.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from readingroom.domain.errors import BadInput, NotFound
from readingroom.domain.outcome import ReceivedInstance
from readingroom.tools.pacs.receiver import leftovers
from readingroom.tools.pacs.verify import Verified, verify_file

if TYPE_CHECKING:
    from readingroom.records import Records


@dataclass
class Incoming:
    """The folder of one study between the wire and the artifact store."""

    records: Records
    root: Path
    study_uid: str
    rejected: int = 0

    @property
    def folder(self) -> Path:
        """Where the receiver writes; named by a hash, for the UID came from outside."""
        return self.root / hashlib.sha256(self.study_uid.encode()).hexdigest()[:32]

    def prepare(self) -> Path:
        """Make the folder, and clear what a kill left half written.

        Call with the receiver's lock held: nobody else writes here then.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("*.part", "*.claim"):
            for path in self.folder.glob(name):
                path.unlink(missing_ok=True)
        return self.folder

    def adopt(self) -> int:
        """Keep every whole instance that lies here; how many were kept."""
        kept = 0
        for path in leftovers(self.folder):
            try:
                verified = verify_file(path)
                if verified.study_uid != self.study_uid:
                    raise BadInput("a received object belongs to another study")
                self._keep(path, verified)
                kept += 1
            except BadInput:
                self.rejected += 1
                path.unlink(missing_ok=True)
            except (FileNotFoundError, NotFound):
                # Another reading room with the same home has just taken it.
                continue
        return kept

    def remove_if_empty(self) -> None:
        """Leave no empty folder behind."""
        try:
            self.folder.rmdir()
        except OSError:
            pass

    def _keep(self, path: Path, verified: Verified) -> None:
        """File and note one instance.

        `put_file` renames. A second name keeps the instance in sight until it is noted, so that
        a kill between the two does not cost another transfer.
        """
        claim = path.with_suffix(f".{os.getpid()}.claim")
        claim.unlink(missing_ok=True)
        os.link(path, claim)
        artifact = self.records.artifacts.put_file(claim, "dicom", durable=False)
        self.records.received.add(
            ReceivedInstance(
                verified.sop_uid,
                verified.sop_class_uid,
                verified.series_uid,
                verified.study_uid,
                verified.modality,
                artifact,
            )
        )
        path.unlink(missing_ok=True)
