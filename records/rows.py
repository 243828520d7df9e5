"""What the records hand out. Times are seconds since the epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from readingroom.domain.ids import AccessionNumber, ApprovalID, CaseID, Sha256, StudyUID
from readingroom.domain.outcome import ArtifactRef

CaseStatus = Literal[
    "open", "reading", "approval", "delivered", "refused", "failed", "declined", "abandoned"
]
CASE_STATUSES = frozenset(CaseStatus.__args__)  # type: ignore[attr-defined]

StepOutcome = Literal["ok", "none", "partial", "failed", "refused"]
STEP_OUTCOMES = frozenset(StepOutcome.__args__)  # type: ignore[attr-defined]

ApprovalStatus = Literal["pending", "signed", "declined", "void"]
OutboxStatus = Literal["pending", "sent", "failed"]

DESTINATION_SEPARATOR = "; "
"""Joins destinations where one signature covers several ("AE SANDBOX; folder ris-out")."""


@dataclass(frozen=True)
class CaseRow:
    """One case. `patient_key` is whatever the caller groups patients by, never shown."""

    case_id: CaseID
    accession: AccessionNumber
    study_uid: StudyUID
    patient_key: str
    core: str
    status: CaseStatus
    opened_at: float
    updated_at: float


@dataclass(frozen=True)
class StepRecord:
    """One step of a case, append-only; together they are the trace of `read --json`.

    Attributes:
        result: the one line that the planner was given.
        seconds: wall time.
        chosen_by: the core's name, "person" or "policy".
    """

    step: str
    arguments: dict[str, str]
    outcome: StepOutcome
    result: str
    started: float
    seconds: float
    chosen_by: str


@dataclass(frozen=True)
class Approval:
    """A request to sign exactly one draft for exactly one destination.

    Attributes:
        content_sha256: `Draft.sha256()` of the version; what was shown and what is signed.
        shown_at: None while nobody has seen the text; such an approval cannot be signed.
        decided_by: the signer, or who declined.
        method: how the signature was given, e.g. "chat" or "command".
        reason: why it was declined or voided.
    """

    approval_id: ApprovalID
    case_id: CaseID
    version: int
    content_sha256: Sha256
    destination: str
    status: ApprovalStatus
    requested_at: float
    shown_at: float | None = None
    decided_at: float | None = None
    decided_by: str = ""
    method: str = ""
    reason: str = ""

    @property
    def destinations(self) -> tuple[str, ...]:
        """The destinations one by one."""
        return tuple(self.destination.split(DESTINATION_SEPARATOR))


@dataclass(frozen=True)
class OutboxItem:
    """One effect on the outside. Every attempt sends the same artifact's bytes.

    Attributes:
        status: "failed" means that the last attempt failed; it is still to be sent.
        detail: how the arrival was seen, or the last error.
    """

    effect_key: str
    case_id: CaseID
    kind: str
    destination: str
    artifact: ArtifactRef
    approval_id: ApprovalID
    status: OutboxStatus
    attempts: int
    created_at: float
    sent_at: float | None = None
    detail: str = ""


@dataclass(frozen=True)
class AuditRow:
    """One link of the audit chain."""

    number: int
    at: float
    actor: str
    action: str
    case_id: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    previous_sha256: str = ""
    sha256: str = ""
