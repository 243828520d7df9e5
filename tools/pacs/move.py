"""One C-MOVE after the other on one association, watched for signs of life."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelMove as STUDY_ROOT_MOVE

from readingroom.domain.outcome import Failed
from readingroom.tools.pacs.association import Open, open_association
from readingroom.tools.pacs.peer import PacsPeer

SUCCESS = 0x0000
PENDING = frozenset({0xFF00, 0xFF01})
# Orthanc answers 0xC000 for a destination that it does not know, others 0xA801.
DESTINATION_UNKNOWN = 0xA801
UNABLE_TO_PROCESS = 0xC000
_POLL_S = 0.05


@dataclass(frozen=True)
class MoveEnd:
    """How a move ended. Its counts are not kept: they are wrong where it matters.

    Attributes:
        status: final status; None when the PACS went away or fell silent.
        reason: words for everything but success.
    """

    status: int | None
    reason: str = ""


class Mover:
    """Asks the PACS to send to us."""

    def __init__(self, peer: PacsPeer) -> None:
        self._peer = peer
        self._open: Open | None = None

    def close(self) -> None:
        """Release the association."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def run(
        self, identifier: Dataset, activity: Callable[[], int], tick: Callable[[], None]
    ) -> MoveEnd:
        """Move, until the final answer or until nothing happened for `move_stall_s`.

        Args:
            identifier: what to move.
            activity: grows with what the receiver got; a PACS need not send pending answers.
            tick: called about twenty times a second on this thread; may raise to cancel.

        Raises:
            ConfigError: the PACS rejects an AE title.
        """
        current = self._association()
        if isinstance(current, Failed):
            return MoveEnd(None, current.reason)
        if not current.accepts(STUDY_ROOT_MOVE):
            return MoveEnd(DESTINATION_UNKNOWN, f"{self._peer.where} does not offer C-MOVE")
        statuses: list[int | None] = []
        worker = threading.Thread(
            target=_collect, args=(current, identifier, self._peer.calling_ae, statuses)
        )
        worker.daemon = True
        worker.start()
        try:
            stalled = self._watch(worker, lambda: len(statuses) + activity(), tick)
        except BaseException:
            self._drop()
            raise
        if stalled:
            self._drop()
            seconds = f"{self._peer.move_stall_s:g} s"
            return MoveEnd(None, f"{self._peer.where} sent nothing for {seconds} during a move")
        return self._end(statuses[-1] if statuses else None)

    def _association(self) -> Open | Failed:
        if self._open is not None and self._open.alive:
            return self._open
        opened = open_association(
            self._peer,
            [build_context(STUDY_ROOT_MOVE)],
            dimse_timeout_s=None,
            network_timeout_s=None,
        )
        if isinstance(opened, Open):
            self._open = opened
        return opened

    def _watch(
        self, worker: threading.Thread, beat: Callable[[], int], tick: Callable[[], None]
    ) -> bool:
        """Wait for the end; whether it stalled instead."""
        seen, last = beat(), time.monotonic()
        while worker.is_alive():
            worker.join(_POLL_S)
            tick()
            if beat() != seen:
                seen, last = beat(), time.monotonic()
            elif time.monotonic() - last > self._peer.move_stall_s:
                return True
        return False

    def _drop(self) -> None:
        if self._open is not None:
            self._open.drop()
            self._open = None

    def _end(self, status: int | None) -> MoveEnd:
        if status == SUCCESS:
            return MoveEnd(SUCCESS)
        if status is None:
            self._drop()
            return MoveEnd(None, f"{self._peer.where} closed the connection during a move")
        return MoveEnd(status, f"{self._peer.where} ended the move with 0x{status:04X}")


def _collect(
    current: Open, identifier: Dataset, destination: str, statuses: list[int | None]
) -> None:
    """Drain the answers; runs in a thread, and ends when the association does."""
    try:
        for status, _ in current.assoc.send_c_move(identifier, destination, STUDY_ROOT_MOVE):
            statuses.append(status.get("Status"))
    except (RuntimeError, ValueError):
        # pynetdicom says so when the association ended before the request went out.
        statuses.append(None)
