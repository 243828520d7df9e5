"""The RIS: reports and orders that exist only as HL7 v2 messages.

Names are loaded when they are first used: hl7apy is not needed for every command.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readingroom.tools.ris.hl7_text import read_messages
    from readingroom.tools.ris.oru import BrokenMessage, OruCounts, OruFolder

_WHERE = {
    "BrokenMessage": "oru",
    "OruCounts": "oru",
    "OruFolder": "oru",
    "read_messages": "hl7_text",
}

__all__ = ["BrokenMessage", "OruCounts", "OruFolder", "read_messages"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
