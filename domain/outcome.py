"""Three outcomes everywhere: found, none, failed. A failure is never an empty list."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from readingroom.domain.ids import SeriesUID, SOPClassUID, SOPInstanceUID, StudyUID

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """At least one match. `cut_short` when the peer stopped before the end (0xFE00 unasked)."""

    items: tuple[T, ...]
    cut_short: bool = False
    kind: Literal["found"] = "found"


@dataclass(frozen=True)
class Nothing:
    """The peer answered, and there is no match."""

    kind: Literal["none"] = "none"


@dataclass(frozen=True)
class Failed:
    """The peer did not answer, or answered with a failure: nothing is known.

    Attributes:
        reason: one line for a person, without patient data.
        retryable: whether asking again can help.
    """

    reason: str
    retryable: bool = True
    kind: Literal["failed"] = "failed"


Outcome = Found[T] | Nothing | Failed


class Completeness(StrEnum):
    """What is known of a retrieval."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ArtifactRef:
    """Handle to bytes in the content-addressed artifact store.

    Attributes:
        sha256: hex digest of the bytes, also their name in the store.
        kind: what it is: "dicom", "png", "sr", "page", "json".
        size_bytes: length.
    """

    sha256: str
    kind: str
    size_bytes: int


@dataclass(frozen=True)
class ReceivedInstance:
    """One instance on disk here."""

    sop_uid: SOPInstanceUID
    sop_class_uid: SOPClassUID
    series_uid: SeriesUID
    study_uid: StudyUID
    modality: str
    artifact: ArtifactRef


@dataclass(frozen=True)
class Retrieval:
    """Result of fetching one study, reconciled against the peer's instance list."""

    study_uid: StudyUID
    completeness: Completeness
    received: tuple[ReceivedInstance, ...]
    missing: tuple[SOPInstanceUID, ...] = ()
    reason: str = ""
    transferred: int = 0
    """How many instances came over the wire this time; the rest were on disk already."""
