"""What the front ends ask of a session. The real one is loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from readingroom.domain.events import EventSink

if TYPE_CHECKING:
    from readingroom.agent.config import Settings

SignMethod = Literal["typed-word", "command"]


class ReadOutcome(Protocol):
    """How a `read` ended. `document` is what `read --json` prints."""

    @property
    def exit_code(self) -> int:
        """0, or why the run is not simply done (4: an approval is pending)."""
        ...

    @property
    def document(self) -> Mapping[str, Any]:
        """JSON-ready, with its schema version."""
        ...


class SessionPort(Protocol):
    """The one way in, as the front ends use it. Every method but `cancel` runs in one thread.

    All errors are ReadingRoomError; results come as events.
    """

    @property
    def case_accession(self) -> str:
        """Accession of the open case, empty when none is open."""
        ...

    @property
    def pending_approval_id(self) -> str:
        """Approval that waits for a person in the open case, empty when none does."""
        ...

    def worklist(self) -> Any:
        """Emit the work list as a table."""
        ...

    def open_case(self, accession: str) -> Any:
        """Open a case and show its film."""
        ...

    def read(self, accession: str, *, resume: bool = False, request: str = "") -> ReadOutcome:
        """Do the main job up to the approval."""
        ...

    def say(self, text: str) -> None:
        """Take one chat turn."""
        ...

    def show_image(self, view: str) -> None:
        """Show "current", "prior", "P1" or the letter of a finding."""
        ...

    def show_evidence(self, n: int) -> None:
        """Show what sentence n of the draft rests on."""
        ...

    def show_draft(self) -> None:
        """Show the latest draft."""
        ...

    def priors(self) -> Any:
        """Show the priors and why each was picked."""
        ...

    def approvals(self, pending_only: bool = False) -> Sequence[Mapping[str, Any]]:
        """List approvals."""
        ...

    def show_approval(self, approval_id: str) -> Mapping[str, Any]:
        """Return what is to be signed, and record that it was shown."""
        ...

    def resolve(
        self, approval_id: str, *, signer: str, sha256: str, method: SignMethod
    ) -> Mapping[str, Any]:
        """Sign exactly the content with this hash, and deliver it."""
        ...

    def decline(self, approval_id: str, by: str, reason: str) -> Any:
        """Refuse to sign; nothing is sent."""
        ...

    def page(self, accession: str, path: Path) -> Path:
        """Write the case as one HTML file."""
        ...

    def import_files(
        self,
        paths: Sequence[Path],
        *,
        patient_id: str,
        accession: str,
        view: str,
        study_date: date | None,
    ) -> Sequence[Mapping[str, Any]]:
        """Import files into the sandbox's PACS."""
        ...

    def artifact_path(self, sha256: str) -> Path:
        """Where the bytes with this hash lie."""
        ...

    def cancel(self) -> None:
        """Stop the running step and keep the case. May be called from another thread."""
        ...

    def close(self) -> None:
        """Let go of files, sockets and the model."""
        ...


def open_session(settings: Settings, core: str, on_event: EventSink) -> SessionPort:
    """Open the real session. Imports LangGraph, about a second of CPU."""
    from readingroom.agent.config import assert_no_tracing

    assert_no_tracing(allow=settings.privacy.allow_tracing)
    from readingroom.agent.graph.session import Session

    return cast(SessionPort, Session.open(settings, core=core, on_event=on_event))
