"""Every loaded model, in one worker process. `CoreWorker` is the one way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readingroom.inference.client import CoreWorker

__all__ = ["CoreWorker"]


def __getattr__(name: str) -> object:
    """Import the client when it is asked for, so that this package stays light."""
    if name == "CoreWorker":
        from readingroom.inference.client import CoreWorker

        return CoreWorker
    raise AttributeError(name)
