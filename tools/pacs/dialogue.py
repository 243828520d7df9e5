"""Queries on one association that is reused, and what each ending of a query means."""

from __future__ import annotations

import logging
import threading
import time
import warnings
from dataclasses import dataclass, field
from typing import TypeVar

from pydicom.dataset import Dataset
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import (
    ModalityWorklistInformationFind,
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)

from readingroom.domain.outcome import Failed, Found, Nothing, Outcome
from readingroom.tools.pacs.association import Open, open_association, unknown_to_pacs
from readingroom.tools.pacs.peer import PacsPeer
from readingroom.tools.pacs.rows import RowParser, parse_row

T = TypeVar("T")

SUCCESS = 0x0000
PENDING = frozenset({0xFF00, 0xFF01})
# The code of a cancel. Orthanc sends it unasked when LimitFindResults is reached.
CUT_SHORT = 0xFE00
# Source: DICOM PS3.4 table C.4-1.
_REFUSED = {
    0xA700: "is out of resources",
    0xA900: "does not understand the query",
    0x0122: "does not offer this query",
}
PATIENT_ROOT = PatientRootQueryRetrieveInformationModelFind
STUDY_ROOT = StudyRootQueryRetrieveInformationModelFind
WORKLIST = ModalityWorklistInformationFind
_LOG = logging.getLogger(__name__)


@dataclass
class _Answer:
    """All responses to one query; `final` is None when there was no end."""

    rows: list[Dataset | None] = field(default_factory=list)
    final: int | None = None
    waited_s: float = 0.0
    """How long the last response let us wait."""


class Dialogue:
    """Queries to one PACS; safe from several threads, one query at a time."""

    def __init__(self, peer: PacsPeer) -> None:
        self.peer = peer
        self.dropped_rows = 0
        self._open: Open | None = None
        self._last_used = 0.0
        self._trusted = False
        self._lock = threading.RLock()

    def close(self) -> None:
        """Release the association."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def echo(self) -> Failed | None:
        """C-ECHO. An unknown AE title passes it: follow with a query.

        Returns:
            None when the PACS answered.

        Raises:
            ConfigError: an AE title is rejected.
        """
        with self._lock:
            current, _ = self._association()
            if isinstance(current, Failed):
                return current
            status = current.assoc.send_c_echo()
            if status.get("Status") == SUCCESS:
                return None
            self._drop()
            return Failed(f"{self.peer.where} does not answer a C-ECHO")

    def find(self, identifier: Dataset, model: str, parse: RowParser[T]) -> Outcome[T]:
        """Ask one query.

        Raises:
            ConfigError: the PACS does not know our AE title, or has another one itself.
        """
        with self._lock:
            current, fresh = self._association()
            if isinstance(current, Failed):
                return current
            answer = self._ask(current, identifier, model)
            if answer is not None and not fresh and self._was_dropped(current, answer):
                # The peer may have dropped an idle association just now: once more on a new one.
                self._drop()
                current, fresh = self._association()
                if isinstance(current, Failed):
                    return current
                answer = self._ask(current, identifier, model)
            if answer is None:
                return Failed(f"{self.peer.where} does not offer this query", retryable=False)
            if answer.final is None:
                return self._broken(current, answer)
            self._trusted = True
            return self._outcome(answer, parse)

    def offers(self, model: str) -> bool | Failed:
        """Whether the PACS accepted a context for a query model.

        Raises:
            ConfigError: an AE title is rejected.
        """
        with self._lock:
            current, _ = self._association()
            return current if isinstance(current, Failed) else current.accepts(model)

    def _association(self) -> tuple[Open | Failed, bool]:
        """The association and whether it was opened just now."""
        idle = time.monotonic() - self._last_used > self.peer.idle_s
        if self._open is not None and self._open.alive and not idle:
            self._last_used = time.monotonic()
            return self._open, False
        self.close()
        models = (Verification, STUDY_ROOT, PATIENT_ROOT, WORKLIST)
        opened = open_association(
            self.peer,
            [build_context(model) for model in models],
            dimse_timeout_s=self.peer.dimse_timeout_s,
            network_timeout_s=self.peer.idle_s + 2,
        )
        if isinstance(opened, Open):
            self._open = opened
            self._last_used = time.monotonic()
        return opened, True

    def _drop(self) -> None:
        if self._open is not None:
            self._open.drop()
            self._open = None

    def _ask(self, current: Open, identifier: Dataset, model: str) -> _Answer | None:
        """Send one query and collect all responses; None when the service is not offered."""
        answer = _Answer()
        if not current.alive:
            return answer
        if not current.accepts(model):
            return None
        with warnings.catch_warnings():
            # pydicom repeats values that break the standard in its warnings.
            warnings.simplefilter("ignore")
            asked = time.monotonic()
            for status, row in current.assoc.send_c_find(identifier, model):
                answer.waited_s, asked = time.monotonic() - asked, time.monotonic()
                code = status.get("Status")
                if code in PENDING:
                    answer.rows.append(row)
                    if len(answer.rows) == self.peer.max_rows:
                        current.assoc.send_c_cancel(1, None, model)
                else:
                    answer.final = code
        self._last_used = time.monotonic()
        return answer

    def _timed_out(self, answer: _Answer) -> bool:
        return answer.waited_s > 0.9 * self.peer.dimse_timeout_s

    def _was_dropped(self, current: Open, answer: _Answer) -> bool:
        return answer.final is None and not current.alive and not self._timed_out(answer)

    def _broken(self, current: Open, answer: _Answer) -> Failed:
        """Words for a query without an end. Nothing is known then, whatever rows came before.

        Raises:
            ConfigError: the PACS answers a C-ECHO but aborts our first query.
        """
        aborted = current.watch.aborted_by_peer
        self._drop()
        if aborted and not self._trusted and self.echo() is None:
            # Orthanc answers an unknown caller's C-ECHO and aborts its C-FIND.
            raise unknown_to_pacs(self.peer)
        if aborted:
            return Failed(f"{self.peer.where} aborted the query")
        if self._timed_out(answer):
            seconds = f"{self.peer.dimse_timeout_s:g} s"
            return Failed(f"{self.peer.where} did not answer the query within {seconds}")
        return Failed(f"{self.peer.where} closed the connection during the query")

    def _outcome(self, answer: _Answer, parse: RowParser[T]) -> Outcome[T]:
        cut_short = answer.final == CUT_SHORT
        if answer.final != SUCCESS and not cut_short:
            code = answer.final or 0
            what = _REFUSED.get(code, "could not process the query")
            return Failed(f"{self.peer.where} {what} (0x{code:04X})", retryable=code == 0xA700)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = [None if row is None else parse_row(parse, row) for row in answer.rows]
        rows = tuple(row for row in parsed if row is not None)
        dropped = len(parsed) - len(rows)
        if dropped:
            self.dropped_rows += dropped
            _LOG.warning("%d of %d rows from the PACS were not valid", dropped, len(parsed))
        if rows:
            return Found(rows, cut_short=cut_short)
        if dropped:
            return Failed(f"{self.peer.where} answered with invalid identifiers", retryable=False)
        if cut_short:
            return Failed(f"{self.peer.where} ended the query before the first match")
        return Nothing()
