"""Which PACS and which RIS folder this reading room is linked to, from the configuration.

Without a PACS in the configuration the sandbox of this home is used. Its state is a file, so
that client and sandbox share no code.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readingroom.domain.errors import ConfigError
from readingroom.tools.pacs.peer import PacsPeer

if TYPE_CHECKING:
    from readingroom.agent.config import Settings

_STATE = Path("sandbox") / "sandbox.json"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class NotLinked(ConfigError):
    """Nothing is set up yet: no PACS in the configuration, and no sandbox."""


@dataclass(frozen=True)
class Link:
    """Where studies come from and where signed reports go.

    Attributes:
        is_sandbox: the PACS is an Orthanc that this home started, on this machine.
        oru_folder: reports that exist only as HL7 files; None when there are none.
    """

    peer: PacsPeer
    is_sandbox: bool
    oru_folder: Path | None

    @property
    def destination(self) -> str:
        """The destination in words, as it is approved."""
        kind = "sandbox " if self.is_sandbox else ""
        return f"{kind}{self.peer.called_ae}@{self.peer.host}:{self.peer.port}"


def resolve_link(settings: Settings) -> Link:
    """The link that the configuration names, else the sandbox.

    Raises:
        NotLinked: neither is there.
        ConfigError: the sandbox's state cannot be used.
    """
    folder = settings.ris.oru_folder
    if settings.pacs.configured:
        return Link(_peer(settings), is_sandbox=False, oru_folder=folder)
    path = Path(settings.home) / _STATE
    state = _sandbox_state(path)
    try:
        return _sandbox_link(state, folder)
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(path, error) from None


def _sandbox_link(state: dict[str, Any], folder: Path | None) -> Link:
    peer = PacsPeer(
        host=str(state["dicom_host"]),
        port=int(state["dicom_port"]),
        called_ae=str(state["aet"]),
        calling_ae=str(state["agent_aet"]),
        listen_port=int(state["agent_port"]),
    )
    return Link(
        peer,
        # One that somebody else started may be anybody's archive behind a tunnel.
        is_sandbox=state.get("pid") is not None and peer.host in _LOOPBACK,
        oru_folder=folder or Path(str(state["oru_dir"])),
    )


def _peer(settings: Settings) -> PacsPeer:
    """The configured PACS; settings and peer share their field names."""
    given = settings.pacs.model_dump(exclude_none=True)
    return PacsPeer(**given)


def _sandbox_state(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotLinked(
            "no PACS is configured, and no sandbox is known here",
            hint="`readingroom sandbox up --load`, or set pacs.host in the configuration",
        ) from None
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from None
    if not isinstance(state, dict):
        raise _unusable(path, TypeError())
    return state


def _unusable(path: Path, error: Exception) -> ConfigError:
    return ConfigError(
        f"the sandbox state {path} cannot be used: {type(error).__name__}",
        hint="`readingroom sandbox down`, then `readingroom sandbox up --load`",
    )
