"""The PACS link: queries, retrieval to our own Storage SCP, storing, priors.

Names are loaded when they are first used: pydicom and pynetdicom are heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readingroom.tools.pacs.link import PacsLink
    from readingroom.tools.pacs.peer import PacsPeer
    from readingroom.tools.pacs.priors import find_priors
    from readingroom.tools.pacs.query import StudyQuery
    from readingroom.tools.pacs.receiver import Receiver, ReceiverSettings
    from readingroom.tools.pacs.store import StoreOutcome, StoreResult
    from readingroom.tools.pacs.worklist import WorklistItem

_WHERE = {
    "PacsLink": "link",
    "PacsPeer": "peer",
    "Receiver": "receiver",
    "ReceiverSettings": "receiver",
    "StoreOutcome": "store",
    "StoreResult": "store",
    "StudyQuery": "query",
    "WorklistItem": "worklist",
    "find_priors": "priors",
}

__all__ = [
    "PacsLink",
    "PacsPeer",
    "Receiver",
    "ReceiverSettings",
    "StoreOutcome",
    "StoreResult",
    "StudyQuery",
    "WorklistItem",
    "find_priors",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
