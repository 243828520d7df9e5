"""One association with the PACS: opened with every timeout, or a reason in words why not."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydicom import config as pydicom_config
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.pdu import A_ABORT_RQ
from pynetdicom.presentation import PresentationContext

from readingroom.domain.errors import ConfigError
from readingroom.domain.outcome import Failed
from readingroom.tools.pacs.peer import PacsPeer

REJECTED_PERMANENT = 1
SERVICE_USER = 1
CALLING_NOT_RECOGNISED = 3
CALLED_NOT_RECOGNISED = 7
_THREAD_ENDS_S = 1.0


@dataclass
class Watch:
    """What happened on the wire, as pynetdicom's own flags do not tell it apart."""

    connected: bool = False
    aborted_by_peer: bool = False


@dataclass
class Open:
    """An established association."""

    assoc: Association
    watch: Watch
    wire: socket.socket | None

    @property
    def alive(self) -> bool:
        """Whether it can still be used, as far as we know."""
        return bool(self.assoc.is_established)

    def accepts(self, abstract_syntax: str) -> bool:
        """Whether the peer accepted a context for a service."""
        return any(cx.abstract_syntax == abstract_syntax for cx in self.assoc.accepted_contexts)

    def close(self) -> None:
        """Release it, or abort where it is broken already."""
        if self.alive:
            self.assoc.release()
        self.drop()

    def drop(self) -> None:
        """Abort it; safe on one that is closed."""
        if not (self.assoc.is_released or self.assoc.is_aborted):
            self.assoc.abort()
        _close_wire(self.assoc, self.wire)


def quiet_libraries() -> None:
    """Keep identifiers out of logs and warnings; send files as they are on disk.

    pynetdicom formats every identifier for its log, which costs time and writes patients' names;
    pydicom repeats values that break the standard in its warnings. Both settings are global to
    the process, so this is called where a link is opened and not at import.
    """
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False
    _config.LOG_HANDLER_LEVEL = "none"
    _config.STORE_SEND_CHUNKED_DATASET = True
    pydicom_config.settings.reading_validation_mode = pydicom_config.IGNORE


def no_delay(event: evt.Event) -> None:
    """Switch Nagle's algorithm off: 13 times as many queries a second (facts, PACS link)."""
    wire = event.assoc.dul.socket.socket
    if wire is not None:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Entity(AE):  # type: ignore[misc]
    """Remembers the socket: pynetdicom drops it unclosed when a connection fails."""

    wire: socket.socket | None = None

    def _create_socket(self, *arguments: Any, **named: Any) -> Any:
        made = super()._create_socket(*arguments, **named)
        self.wire = made.socket
        return made


def open_association(
    peer: PacsPeer,
    contexts: Sequence[PresentationContext],
    *,
    dimse_timeout_s: float | None,
    network_timeout_s: float | None,
) -> Open | Failed:
    """Open an association.

    Returns:
        The association, or why there is none.

    Raises:
        ConfigError: the PACS rejects the called or the calling AE title.
    """
    quiet_libraries()
    entity = _Entity(ae_title=peer.calling_ae)
    entity.connection_timeout = peer.connect_timeout_s
    entity.acse_timeout = peer.acse_timeout_s
    entity.dimse_timeout = dimse_timeout_s
    entity.network_timeout = network_timeout_s
    watch = Watch()
    try:
        assoc = entity.associate(
            peer.host,
            peer.port,
            contexts=list(contexts),
            ae_title=peer.called_ae,
            max_pdu=0,
            evt_handlers=_handlers(watch),
        )
    except OSError as error:
        return Failed(f"{peer.where} cannot be reached: {error.strerror or 'unknown host'}")
    if assoc.is_established:
        _keep_answers(assoc)
        return Open(assoc, watch, entity.wire)
    _close_wire(assoc, entity.wire)
    return _why_not(peer, assoc, watch)


def _keep_answers(assoc: Association) -> None:
    """Stop pynetdicom's reactor thread from taking answers that a query waits for.

    `send_c_find` pauses the reactor by clearing an event and waiting for `_is_paused`; the
    reactor sets that flag before it waits on the event, so it can pass once more after a query
    was sent, and throws the first answer away: a row is lost and nobody is told, or the end is
    lost and the query times out. Seen with pynetdicom 3.0.4 on a busy machine, not in 4,000
    queries on a quiet one; with 0.5 ms of delay put after the wait, 3 of 100 listings were
    short, and none with this. Only the reactor asks without blocking, and as a requestor it
    serves nothing.
    """
    take = assoc.dimse.get_msg

    def only_who_waits(block: bool = False) -> Any:
        return take(block=True) if block else (None, None)

    assoc.dimse.get_msg = only_who_waits


def _close_wire(assoc: Association, wire: socket.socket | None) -> None:
    """Close the socket once pynetdicom's thread has let go of it."""
    if assoc.dul.is_alive():
        assoc.dul.join(_THREAD_ENDS_S)
    if wire is not None:
        wire.close()


def _handlers(watch: Watch) -> list[Any]:
    def connected(event: evt.Event) -> None:
        watch.connected = True
        no_delay(event)

    def received(event: evt.Event) -> None:
        if isinstance(event.pdu, A_ABORT_RQ):
            watch.aborted_by_peer = True

    return [(evt.EVT_CONN_OPEN, connected), (evt.EVT_PDU_RECV, received)]


def _why_not(peer: PacsPeer, assoc: Association, watch: Watch) -> Failed:
    if assoc.is_rejected:
        return _rejection(peer, assoc.acceptor.primitive)
    if not watch.connected:
        return Failed(
            f"nothing answers at {peer.host}:{peer.port} within {peer.connect_timeout_s:g} s; "
            "is the PACS running, and are the host and port right?"
        )
    if watch.aborted_by_peer:
        return Failed(f"{peer.where} aborted the association")
    return Failed(
        f"{peer.host}:{peer.port} accepts connections but does not answer as a PACS within "
        f"{peer.acse_timeout_s:g} s; it hangs, or something else listens there"
    )


def _rejection(peer: PacsPeer, answer: Any) -> Failed:
    """Words for an A-ASSOCIATE-RJ.

    Raises:
        ConfigError: one of the AE titles is not known there.

    Source: DICOM PS3.8 table 9-21.
    """
    kind = (answer.result, answer.result_source, answer.diagnostic)
    if kind == (REJECTED_PERMANENT, SERVICE_USER, CALLED_NOT_RECOGNISED):
        raise ConfigError(
            f"the PACS at {peer.host}:{peer.port} is not called {peer.called_ae}",
            hint="set pacs.called_ae to the AE title that the PACS has",
        )
    if kind == (REJECTED_PERMANENT, SERVICE_USER, CALLING_NOT_RECOGNISED):
        raise unknown_to_pacs(peer)
    code = "/".join(str(part) for part in kind)
    if kind[0] == REJECTED_PERMANENT:
        return Failed(f"{peer.where} rejects the association ({code})", retryable=False)
    return Failed(f"{peer.where} rejects the association for now ({code}); try again")


def unknown_to_pacs(peer: PacsPeer) -> ConfigError:
    """The error for a PACS that does not know us."""
    return ConfigError(
        f"{peer.where} refuses queries from {peer.calling_ae}",
        hint=f"register AE title {peer.calling_ae} with this machine's address and port "
        f"{peer.listen_port} at the PACS, or set pacs.calling_ae to the title it knows",
    )
