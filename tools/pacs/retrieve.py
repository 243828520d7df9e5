"""Fetch a study: list it, fetch what is missing, believe the disk and not the PACS's counts."""

from __future__ import annotations

import shutil
import socket
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from readingroom.domain.errors import Transient
from readingroom.domain.ids import SOPInstanceUID, StudyUID
from readingroom.domain.outcome import Completeness, Failed, Found, Outcome, Retrieval
from readingroom.domain.study import InstanceRef
from readingroom.tools.pacs.incoming import Incoming
from readingroom.tools.pacs.move import DESTINATION_UNKNOWN, UNABLE_TO_PROCESS, Mover
from readingroom.tools.pacs.peer import PacsPeer
from readingroom.tools.pacs.query import move_identifier
from readingroom.tools.pacs.receiver import Receiver, ReceiverFactory, ReceiverSettings

if TYPE_CHECKING:
    from readingroom.records import Records

Progress = Callable[[int, int], None]

# Instances named in one request; a list in one identifier has a length limit at some peers.
_NAMED_AT_ONCE = 64
# Single instances that the PACS failed to send before we stop asking for more of them.
_GIVE_UP_AFTER = 20
_GIVE_UP_WITH_NOTHING = 2
_SLACK = 64
_UNKNOWN_COUNT = 100_000


@dataclass(frozen=True)
class MoveRequest:
    """One C-MOVE: a study, a series, or instances of a series, and what it should bring."""

    study_uid: str
    series_uid: str
    named: bool
    wants: tuple[InstanceRef, ...]

    def split(self, left: Sequence[InstanceRef]) -> list[MoveRequest]:
        """What to ask next when `left` did not come."""
        parts: list[Sequence[InstanceRef]] = [left]
        if len(left) == len(self.wants) and self.named:
            # No progress: one of them breaks the move. Halve until it is alone.
            middle = len(left) // 2
            parts = [left[:middle], left[middle:]]
        return [request for part in parts for request in by_name(self.study_uid, part)]


def by_name(study_uid: str, instances: Sequence[InstanceRef]) -> list[MoveRequest]:
    """Requests that name each instance, series by series."""
    return [
        MoveRequest(study_uid, series_uid, True, tuple(members[start : start + _NAMED_AT_ONCE]))
        for series_uid, members in _by_series(instances).items()
        for start in range(0, len(members), _NAMED_AT_ONCE)
    ]


def plan_moves(
    study_uid: str,
    listed: Sequence[InstanceRef],
    missing: Sequence[InstanceRef],
    whole_study: bool,
) -> list[MoveRequest]:
    """The fewest requests that bring what is missing and nothing that is here."""
    if whole_study and len(missing) == len(listed):
        return [MoveRequest(study_uid, "", False, tuple(missing))]
    requests: list[MoveRequest] = []
    of_series = _by_series(listed)
    for series_uid, members in _by_series(missing).items():
        if len(members) == len(of_series[series_uid]):
            requests.append(MoveRequest(study_uid, series_uid, False, tuple(members)))
        else:
            requests += by_name(study_uid, members)
    return requests


def _by_series(instances: Iterable[InstanceRef]) -> dict[str, list[InstanceRef]]:
    groups: dict[str, list[InstanceRef]] = {}
    for each in instances:
        groups.setdefault(each.series_uid, []).append(each)
    return groups


@dataclass
class Retriever:
    """Fetches one study into the records."""

    peer: PacsPeer
    records: Records
    receiver: ReceiverFactory
    study_uid: StudyUID
    series_uids: tuple[str, ...] | None
    progress: Progress | None
    incoming: Incoming = field(init=False)
    transferred: int = 0
    _before: int = 0
    _listed: tuple[InstanceRef, ...] = ()
    _cut_short: bool = False

    def __post_init__(self) -> None:
        self.incoming = Incoming(self.records, self.root, self.study_uid)

    @property
    def root(self) -> Path:
        """Folder of everything on its way in, on the disk of the artifact store."""
        return self.records.home / "incoming"

    def run(self, listing: Outcome[InstanceRef]) -> Retrieval:
        """Fetch what `listing` (all instances of the study, or of the series) names.

        Raises:
            ConfigError: our port cannot be used, or the PACS rejects an AE title.
        """
        self.incoming.adopt()
        if isinstance(listing, Failed):
            return self._result(Completeness.UNKNOWN, listing.reason)
        if not isinstance(listing, Found):
            reason = f"{self.peer.where} lists no such images"
            return self._result(Completeness.UNKNOWN, reason)
        self._listed, self._cut_short = listing.items, listing.cut_short
        missing = self.missing()
        self._before = len(self._listed) - len(missing)
        self._report(0)
        reason = self._fetch() if missing else ""
        self.incoming.remove_if_empty()
        return self._judge(reason)

    def missing(self) -> tuple[InstanceRef, ...]:
        """What is listed and not on disk."""
        here = {each.sop_uid for each in self.records.received.of_study(self.study_uid)}
        return tuple(each for each in self._listed if each.sop_uid not in here)

    # -- the transfer --------------------------------------------------------------------------
    def _fetch(self) -> str:
        """Fetch what is missing; words for what went wrong, empty when all went well."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self.root).free
        if free < self.peer.min_free_bytes:
            return f"too little space on the disk: {free >> 20} MB are free"
        mover = Mover(self.peer)
        try:
            receiver = self.receiver(self._settings())
            try:
                with receiver:
                    self.incoming.prepare()
                    self.incoming.adopt()
                    reason = self._move_all(mover, receiver)
            finally:
                self.transferred = receiver.stored
        except Transient as error:
            return str(error)
        finally:
            mover.close()
            self.incoming.adopt()
        return self._explain(reason, receiver)

    def _move_all(self, mover: Mover, receiver: Receiver) -> str:
        """Move until all is here, or until asking again is no use."""
        whole = self.series_uids is None
        missing = self.missing()
        queue = deque(plan_moves(self.study_uid, self._listed, missing, whole))
        if self._cut_short:
            # The listing is not all there is: ask for whatever the PACS has.
            queue = deque(self._everything())
        given_up, reason = 0, ""
        while queue:
            request = queue.popleft()
            end = mover.run(
                move_identifier(
                    request.study_uid,
                    request.series_uid,
                    [each.sop_uid for each in request.wants] if request.named else (),
                ),
                lambda: receiver.activity,
                lambda: self._report(receiver.stored),
            )
            self.incoming.adopt()
            still = {each.sop_uid for each in self.missing()}
            left = [each for each in request.wants if each.sop_uid in still]
            if not left:
                continue
            reason = end.reason or f"{self.peer.where} says that it sent all"
            if end.status is None:
                return reason
            if len(left) > 1 or not request.named:
                queue.extendleft(reversed(request.split(left)))
                continue
            given_up += 1
            nothing = len(still) == len(missing)
            if given_up >= (_GIVE_UP_WITH_NOTHING if nothing else _GIVE_UP_AFTER):
                return reason + (self._destination_hint(end.status) if nothing else "")
        nothing = given_up > 0 and len(self.missing()) == len(missing)
        return reason + (self._destination_hint(UNABLE_TO_PROCESS) if nothing else "")

    def _everything(self) -> list[MoveRequest]:
        if self.series_uids is None:
            return [MoveRequest(self.study_uid, "", False, self._listed)]
        groups = _by_series(self._listed)
        return [
            MoveRequest(self.study_uid, uid, False, tuple(groups.get(uid, ())))
            for uid in self.series_uids
        ]

    def _destination_hint(self, status: int) -> str:
        if status not in (DESTINATION_UNKNOWN, UNABLE_TO_PROCESS):
            return ""
        return (
            f" and sent nothing: the PACS must know AE title {self.peer.calling_ae} as a move "
            f"destination at this machine's address and port {self.peer.listen_port}"
        )

    def _explain(self, reason: str, receiver: Receiver) -> str:
        parts = [reason, *dict.fromkeys(receiver.refusals)]
        if self.incoming.rejected:
            parts.append(f"{self.incoming.rejected} objects were not usable and were discarded")
        return "; ".join(part for part in parts if part)

    def _settings(self) -> ReceiverSettings:
        peer = self.peer
        count = _UNKNOWN_COUNT if self._cut_short else 2 * len(self._listed) + _SLACK
        folder = self.incoming.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return ReceiverSettings(
            host=peer.listen_host,
            port=peer.listen_port,
            ae_title=peer.calling_ae,
            caller_aes=(peer.called_ae, *peer.move_source_aes),
            caller_addresses=addresses_of((peer.host, *peer.move_sources)),
            folder=str(folder),
            lock_path=str(self.root / f"port-{peer.listen_port}.lock"),
            wait_s=peer.receiver_wait_s,
            max_instances=count,
            max_instance_bytes=peer.max_instance_bytes,
            min_free_bytes=peer.min_free_bytes,
        )

    # -- the result ----------------------------------------------------------------------------
    def _report(self, arrived: int) -> None:
        if self.progress is not None:
            total = len(self._listed)
            self.progress(min(self._before + arrived, total), total)

    def _judge(self, reason: str) -> Retrieval:
        missing = self.missing()
        if missing:
            some = len(missing) < len(self._listed)
            kind = Completeness.PARTIAL if some else Completeness.UNKNOWN
            return self._result(kind, reason or "the PACS did not send all", missing)
        if self._cut_short:
            listed = len(self._listed)
            reason = f"{self.peer.where} cut its list of images short after {listed}"
            return self._result(Completeness.UNKNOWN, reason)
        return self._result(Completeness.COMPLETE)

    def _result(
        self, kind: Completeness, reason: str = "", missing: tuple[InstanceRef, ...] = ()
    ) -> Retrieval:
        received = tuple(
            each
            for each in self.records.received.of_study(self.study_uid)
            if self.series_uids is None or each.series_uid in self.series_uids
        )
        absent = tuple(SOPInstanceUID(each.sop_uid) for each in missing)
        return Retrieval(self.study_uid, kind, received, absent, reason, self.transferred)


def addresses_of(hosts: Iterable[str]) -> tuple[str, ...]:
    """All addresses of some hosts; a host that does not resolve has none."""
    found: dict[str, None] = {}
    for host in hosts:
        try:
            for entry in socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP):
                found[str(entry[4][0])] = None
        except OSError:
            continue
    return tuple(found)
