"""Who the PACS is, who we are to it, and how long we wait."""

from __future__ import annotations

from dataclasses import dataclass

from readingroom.domain.errors import ConfigError

# What one AE title may hold. Source: DICOM PS3.5 table 6.2-1, VR AE.
_AE_LENGTH = 16


@dataclass(frozen=True)
class PacsPeer:
    """One PACS, and our side of the link to it. All of it comes from the configuration.

    Attributes:
        host, port: where the PACS listens for DICOM.
        called_ae: its AE title.
        calling_ae: ours; the PACS must know it, with our address and `listen_port`.
        listen_host: interface of our Storage SCP; loopback unless the PACS is elsewhere.
        listen_port: port that the PACS sends to when it is asked to move a study to us.
        move_sources: further addresses that the PACS may send from, beside `host`.
        move_source_aes: further AE titles that the PACS may send as, beside `called_ae`.
        connect_timeout_s: TCP connection.
        acse_timeout_s: negotiation.
        dimse_timeout_s: each answer to a query or a store.
        move_stall_s: a move with no answer and no file for so long counts as hung.
        idle_s: an association unused for so long is closed and opened anew on use; below the
            30 s after which Orthanc drops it.
        receiver_wait_s: how long to wait for another reading room that listens on our port.
        max_rows: a query is cancelled after so many rows, and the result is cut short.
        max_instance_bytes: a larger object is not received.
        min_free_bytes: nothing is received when less would stay free on the disk.
    """

    host: str
    port: int
    called_ae: str
    calling_ae: str
    listen_host: str = "127.0.0.1"
    listen_port: int = 11112
    move_sources: tuple[str, ...] = ()
    move_source_aes: tuple[str, ...] = ()
    connect_timeout_s: float = 3.0
    acse_timeout_s: float = 5.0
    dimse_timeout_s: float = 5.0
    move_stall_s: float = 20.0
    idle_s: float = 25.0
    receiver_wait_s: float = 20.0
    max_rows: int = 20_000
    max_instance_bytes: int = 2 << 30
    min_free_bytes: int = 512 << 20

    def __post_init__(self) -> None:
        for name, title in (("called", self.called_ae), ("calling", self.calling_ae)):
            if not title.strip() or len(title) > _AE_LENGTH or not title.isascii():
                raise ConfigError(
                    f"the {name} AE title {title!r} is not valid",
                    hint="1 to 16 ASCII characters; see `readingroom config show`",
                )
        for name, port in (("PACS", self.port), ("listen", self.listen_port)):
            if not 0 < port < 65536:
                raise ConfigError(f"the {name} port {port} is not valid", hint="1 to 65535")

    @property
    def where(self) -> str:
        """How messages name the PACS: AE title and address."""
        return f"{self.called_ae} at {self.host}:{self.port}"
