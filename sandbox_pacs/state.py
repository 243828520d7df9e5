"""What a sandbox is and where it listens: one small file, readable by its owner only."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import NoneType

from readingroom.domain.errors import ConfigError

SCHEMA = 1
STATE_NAME = "sandbox.json"
LAST_NAME = "sandbox.last.json"
BROKEN_NAME = "sandbox.broken.json"

_HINT = "`readingroom sandbox down`, then `readingroom sandbox up`"
_KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "int | None": (int, NoneType),
    "str": (str,),
}


@dataclass(frozen=True)
class SandboxState:
    """Where a sandbox listens, and how to reach it.

    Attributes:
        pid: process of the Orthanc that we started; None for one that runs elsewhere.
        pid_started: its start time as the kernel tells it, so that a recycled pid is noticed.
        aet: application entity title of the PACS.
        agent_aet: title that the PACS expects of us; `agent_port` is where it sends to.
        user, password: for REST and DICOMweb.
        url: base of REST, without credentials and without a trailing slash.
    """

    pid: int | None
    pid_started: str
    dicom_host: str
    dicom_port: int
    aet: str
    http_port: int
    user: str
    password: str
    agent_aet: str
    agent_port: int
    worklist_dir: str
    oru_dir: str
    truth_dir: str
    orthanc_version: str
    directory: str
    url: str
    schema: int = SCHEMA

    @property
    def is_remote(self) -> bool:
        """Whether this Orthanc was started by somebody else."""
        return self.pid is None

    def public(self) -> dict[str, object]:
        """All but the password, for printing."""
        return {key: value for key, value in asdict(self).items() if key != "password"}


def write_state(path: Path, state: SandboxState) -> None:
    """Write the file in one step, mode 0600."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(state), file, indent=2)
    part.replace(path)


def read_state(path: Path) -> SandboxState | None:
    """The state in a file; None when there is no file.

    Raises:
        ConfigError: the file cannot be read or is of another version.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the sandbox state {path} cannot be read: {type(error).__name__}", hint=_HINT
        ) from error
    names = {field.name for field in fields(SandboxState)}
    if not isinstance(content, dict) or content.get("schema") != SCHEMA or names != set(content):
        raise ConfigError(f"the sandbox state {path} was written by another version", hint=_HINT)
    for field in fields(SandboxState):
        if type(content[field.name]) not in _KINDS[str(field.type)]:
            raise ConfigError(
                f"the sandbox state {path} has a {field.name} that is none", hint=_HINT
            )
    return SandboxState(**content)
