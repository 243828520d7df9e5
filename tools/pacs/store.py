"""Write-back by C-STORE: found first, then sent as it is on disk, and never success by default."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydicom.filereader import read_file_meta_info
from pynetdicom.presentation import build_context

from readingroom.domain.ids import SeriesUID, SOPInstanceUID, StudyUID
from readingroom.domain.outcome import Failed, Found, Outcome
from readingroom.domain.study import InstanceRef
from readingroom.tools.pacs.association import open_association
from readingroom.tools.pacs.peer import PacsPeer
from readingroom.tools.pacs.verify import Verified, verify_file

SUCCESS = 0x0000
# Stored, but changed or not understood in part. Source: DICOM PS3.4 table B.2-1.
WARNINGS = frozenset({0xB000, 0xB006, 0xB007})
_RETRYABLE = range(0xA700, 0xA800)

IsStored = Callable[[SOPInstanceUID, StudyUID, SeriesUID], Outcome[InstanceRef]]


class StoreOutcome(StrEnum):
    """What became of one object."""

    STORED = "stored"
    ALREADY_THERE = "already there"
    """An object with this UID was found, so nothing was sent. Its content was not compared."""
    WARNED = "stored with a warning"
    FAILED = "failed"


@dataclass(frozen=True)
class StoreResult:
    """Result for one object.

    Attributes:
        status: DIMSE status; None when none came, or when nothing was sent.
        reason: words for everything but STORED.
        retryable: whether sending again can help.
    """

    sop_uid: SOPInstanceUID
    outcome: StoreOutcome
    status: int | None = None
    reason: str = ""
    retryable: bool = False

    @property
    def ok(self) -> bool:
        """The object is at the PACS, without a warning."""
        return self.outcome in (StoreOutcome.STORED, StoreOutcome.ALREADY_THERE)


def store_object(peer: PacsPeer, item: Path | bytes, folder: Path, found: IsStored) -> StoreResult:
    """Store one object in the transfer syntax that it has.

    Args:
        peer: where to.
        item: a DICOM file, or the bytes of one; sent unchanged.
        folder: for the file that bytes are written to on their way.
        found: asks whether the PACS has the object already.

    Raises:
        BadInput: it is not a usable DICOM object.
        ConfigError: the PACS rejects an AE title.
    """
    with _on_disk(item, folder) as path:
        verified = verify_file(path)
        there = found(verified.sop_uid, verified.study_uid, verified.series_uid)
        if isinstance(there, Found):
            reason = "an object with this UID is at the PACS already; nothing was sent"
            return StoreResult(verified.sop_uid, StoreOutcome.ALREADY_THERE, reason=reason)
        if isinstance(there, Failed):
            return _failed(verified, there.reason, retryable=there.retryable)
        return _send(peer, path, verified)


@contextmanager
def _on_disk(item: Path | bytes, folder: Path) -> Iterator[Path]:
    if isinstance(item, Path):
        yield item
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=".out", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(item)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _send(peer: PacsPeer, path: Path, verified: Verified) -> StoreResult:
    syntax = str(read_file_meta_info(path).TransferSyntaxUID)
    opened = open_association(
        peer,
        [build_context(verified.sop_class_uid, syntax)],
        dimse_timeout_s=max(peer.dimse_timeout_s, peer.move_stall_s),
        network_timeout_s=None,
    )
    if isinstance(opened, Failed):
        return _failed(verified, opened.reason, retryable=opened.retryable)
    if not opened.accepts(verified.sop_class_uid):
        opened.close()
        return _failed(verified, f"{peer.where} does not take objects of this kind and syntax")
    try:
        status = opened.assoc.send_c_store(path).get("Status")
    except RuntimeError:
        # The association ended between its opening and the request.
        status = None
    finally:
        opened.close()
    return _judge(peer, verified, status)


def _judge(peer: PacsPeer, verified: Verified, status: int | None) -> StoreResult:
    if status == SUCCESS:
        return StoreResult(verified.sop_uid, StoreOutcome.STORED, status)
    if status is None:
        reason = f"{peer.where} did not confirm the object; look whether it is there, send again"
        return _failed(verified, reason, retryable=True)
    if status in WARNINGS:
        reason = f"{peer.where} stored the object with a warning (0x{status:04X})"
        return StoreResult(verified.sop_uid, StoreOutcome.WARNED, status, reason)
    reason = f"{peer.where} refused the object (0x{status:04X})"
    return _failed(verified, reason, status, retryable=status in _RETRYABLE)


def _failed(
    verified: Verified, reason: str, status: int | None = None, *, retryable: bool = False
) -> StoreResult:
    return StoreResult(verified.sop_uid, StoreOutcome.FAILED, status, reason, retryable)
