"""What must survive: cases, draft versions, approvals, outbox, audit and the artifact store.

Records are the truth; LangGraph's checkpoints hold only the case id and references. Names are
resolved on first use, so that importing this package costs neither sqlite3 nor pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readingroom.records.artifacts import ArtifactStore, DiskFull
    from readingroom.records.codec import decode, encode
    from readingroom.records.rows import Approval, AuditRow, CaseRow, OutboxItem, StepRecord
    from readingroom.records.store import Records

__all__ = [
    "Approval",
    "ArtifactStore",
    "AuditRow",
    "CaseRow",
    "DiskFull",
    "OutboxItem",
    "Records",
    "StepRecord",
    "decode",
    "encode",
]

_HOME = {
    "Records": "store",
    "ArtifactStore": "artifacts",
    "DiskFull": "artifacts",
    "decode": "codec",
    "encode": "codec",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'rows')}"), name)
