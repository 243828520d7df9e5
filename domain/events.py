"""The typed, versioned stream that every front end draws from.

A front end never asks how a step works; it draws events. Adding a field is a minor change,
changing or removing one raises SCHEMA_VERSION.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base. `at` is seconds since the epoch; `case_id` is empty outside a case."""

    type: str = "event"
    case_id: str = ""
    at: float = field(default_factory=time.time)

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict with the schema version."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A case is open. `heading` is one line; `priors` one line each when already known."""

    type: str = "case_opened"
    accession: str
    heading: str
    indication: str = ""


@dataclass(frozen=True, kw_only=True)
class StepStarted(Event):
    """A step begins. `step` is its name in the trace, `label` what a person reads."""

    type: str = "step_started"
    step: str
    label: str


@dataclass(frozen=True, kw_only=True)
class StepProgress(Event):
    """Progress in a step; `total` 0 when unknown."""

    type: str = "step_progress"
    step: str
    done: int
    total: int
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class StepFinished(Event):
    """A step ended. A failed step is a failure, whatever the run does next."""

    type: str = "step_finished"
    step: str
    outcome: Literal["ok", "none", "partial", "failed", "refused"]
    summary: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Planned(Event):
    """The core chose a next step."""

    type: str = "planned"
    tool: str
    arguments: dict[str, str]
    confidence: float | None = None


@dataclass(frozen=True, kw_only=True)
class Overlay(Event):
    """A letter on a picture. Box in pixels of the stored image: x0, y0, x1, y1."""

    type: str = "overlay"
    letter: str
    box: tuple[float, float, float, float]
    legend: str
    certain: bool = True


@dataclass(frozen=True, kw_only=True)
class ImageShown(Event):
    """A picture to look at.

    Attributes:
        png_sha256: an 8-bit grey PNG of the whole film in the artifact store, no overlay.
        rows, columns: of the stored image, so that boxes can be scaled to the PNG.
        crop: x0, y0, x1, y1 to zoom to, in stored pixels; None for the whole.
    """

    type: str = "image_shown"
    role: Literal["current", "prior"]
    caption: str
    png_sha256: str
    rows: int
    columns: int
    overlays: tuple[Overlay, ...] = ()
    crop: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class DraftShown(Event):
    """A draft, exactly as it would be signed, and what each sentence rests on."""

    type: str = "draft_shown"
    version: int
    text: str
    content_sha256: str
    evidence: tuple[tuple[str, str, str], ...]
    """(claim id, sentence, one line of evidence) per claim, in order."""


@dataclass(frozen=True, kw_only=True)
class CritiqueShown(Event):
    """One round of the critique: objections in words and a diff ("- ", "+ ")."""

    type: str = "critique_shown"
    round: int
    objections: tuple[str, ...]
    diff: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ApprovalNeeded(Event):
    """A person must sign exactly this text."""

    type: str = "approval_needed"
    approval_id: str
    content_sha256: str
    text: str
    destination: str
    critical: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Delivered(Event):
    """Signed content that arrived, and how it was seen to have arrived."""

    type: str = "delivered"
    destination: str
    sop_uid: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Said(Event):
    """Words for the user: an answer, a question back (with choices), or "I cannot"."""

    type: str = "said"
    text: str
    kind: Literal["answer", "question", "cannot"] = "answer"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableShown(Event):
    """Rows to print."""

    type: str = "table_shown"
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Failure(Event):
    """The run stopped. `hint` says what to do next."""

    type: str = "failure"
    message: str
    hint: str
    exit_code: int


EventSink = Callable[[Event], None]

EVENT_TYPES: dict[str, type[Event]] = {
    kind.__dataclass_fields__["type"].default: kind  # type: ignore[misc]
    for kind in Event.__subclasses__()
}


def from_json(document: dict[str, Any]) -> Event:
    """Rebuild an event from `as_json`.

    Raises:
        ValueError: an unknown type or another schema version.
    """
    if document.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"event schema version {document.get('schema_version')!r} is not known")
    kind = EVENT_TYPES.get(str(document.get("type")))
    if kind is None:
        raise ValueError(f"event type {document.get('type')!r} is not known")
    names = {item.name for item in fields(kind)}
    values = {key: value for key, value in document.items() if key in names}
    if kind is ImageShown:
        values["overlays"] = tuple(
            Overlay(**{k: v for k, v in each.items() if k != "schema_version"})
            for each in values.get("overlays", ())
        )
    return kind(**values)
