"""The one way in: every front end, the chat and the scripts drive the graph through this.

A session is light to open: records at once, the PACS link, the model's process and LangGraph's
checkpoints when they are first needed.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from readingroom.agent.graph.context import Cancelled, Limits, ReadContext
from readingroom.agent.graph.document import ReadResult
from readingroom.agent.graph.links import Link, resolve_link
from readingroom.agent.graph.reading import Reading
from readingroom.agent.graph.show import show_draft
from readingroom.agent.graph.signing import Signing, SignMethod
from readingroom.agent.graph.views import show_evidence, show_priors, show_view
from readingroom.domain.errors import (
    NotFound,
    SafetyStop,
    ToolFailed,
)
from readingroom.domain.events import (
    Event,
    EventSink,
    Said,
    TableShown,
)
from readingroom.domain.ids import is_uid
from readingroom.domain.ports import TurnBrief
from readingroom.domain.study import PriorReport, StudyRef
from readingroom.records import Records
from readingroom.tools.case import OpenCase

if TYPE_CHECKING:
    from readingroom.agent.config import Settings
    from readingroom.agent.graph.build import ReadGraph
    from readingroom.inference import CoreWorker
    from readingroom.tools.imaging import DecodeLimits
    from readingroom.tools.pacs import PacsLink


class Session:
    """A reading room that is open for one user.

    Every method but `cancel` is to be called from one thread.
    """

    def __init__(self, settings: Settings, core_name: str, on_event: EventSink) -> None:
        self._settings = settings
        self._core_name = core_name
        self._on_event = on_event
        self._stack = ExitStack()
        self._cancel = threading.Event()
        self._is_running = False
        self.records = self._stack.enter_context(Records.open(Path(settings.home)))
        self.case: OpenCase | None = None
        self.turns: tuple[TurnBrief, ...] = ()

    @classmethod
    def open(cls, settings: Settings, *, core: str = "", on_event: EventSink) -> Self:
        """Open the reading room of a home folder.

        Args:
            settings: the configuration.
            core: a reasoning core by name; the configured one when empty.
            on_event: gets every event, in order.
        """
        return cls(settings, core or settings.core.name, on_event)

    # -- parts, each made when first needed -----------------------------------------------------
    @cached_property
    def link(self) -> Link:
        """Where studies come from and signed reports go."""
        return resolve_link(self._settings)

    @cached_property
    def _worker(self) -> CoreWorker:
        from readingroom.agent.models.factory import embedded_folder
        from readingroom.inference import CoreWorker

        weights = embedded_folder(self._core_name)
        return self._stack.enter_context(CoreWorker(self.records.home, weights))

    @cached_property
    def _pacs(self) -> PacsLink:
        from readingroom.tools.pacs import PacsLink

        return self._stack.enter_context(PacsLink(self.link.peer, self.records))

    @cached_property
    def context(self) -> ReadContext:
        """Dependencies of the graph."""
        from readingroom.agent.models.factory import load_core
        from readingroom.tools.registry import Registry

        limits = self._settings.limits
        return ReadContext(
            records=self.records,
            pacs=lambda: self._pacs,
            cores=self._worker,
            core=load_core(self._core_name, self._worker),
            core_name=self._core_name,
            registry=Registry.load(),
            report_lookup=self._report_of,
            emit=self.emit,
            cancelled=self._cancel.is_set,
            destination=self.link.destination,
            weights=self._worker.info()["revisions"],
            decode_limits=self._decode_limits,
            limits=Limits(critique_rounds=limits.critique_rounds, turns=limits.max_steps),
        )

    def _decode_limits(self) -> DecodeLimits:
        from readingroom.tools.imaging import DecodeLimits

        limits = self._settings.limits
        return DecodeLimits(
            pixels=limits.decode_megapixels * 1_000_000,
            memory_bytes=limits.decode_memory_mb << 20,
            timeout_s=limits.decode_timeout_s,
        )

    @cached_property
    def _graph(self) -> ReadGraph:
        from langgraph.checkpoint.sqlite import SqliteSaver

        from readingroom.agent.graph.build import build

        path = self.records.home / "checkpoints.sqlite"
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, check_same_thread=False)
        self._stack.callback(connection.close)
        return build(SqliteSaver(connection))

    @cached_property
    def _reading(self) -> Reading:
        return Reading(self.context, self._graph)

    @cached_property
    def _signing(self) -> Signing:
        return Signing(self.context, self.link, self._reading)

    @cached_property
    def _oru_reports(self) -> Any:
        from readingroom.tools.ris import OruFolder

        return OruFolder(self.link.oru_folder) if self.link.oru_folder else None

    def _report_of(self, study: StudyRef) -> PriorReport | None:
        return self._oru_reports.report_of(study) if self._oru_reports else None

    # -- state that front ends show -------------------------------------------------------------
    @property
    def case_accession(self) -> str:
        """Accession of the open case, empty when none is open."""
        return self.case.study.accession if self.case else ""

    @property
    def pending_approval_id(self) -> str:
        """Approval that waits for a person in the open case, empty when none does."""
        if self.case is None:
            return ""
        waiting = self._reading.approval_of(self.case.case_id)
        return waiting.approval_id if waiting and waiting.status == "pending" else ""

    def emit(self, event: Event) -> None:
        """Hand an event to the front end."""
        self._on_event(event)

    def artifact_path(self, sha256: str) -> Path:
        """Where the bytes with this hash lie."""
        return self.records.artifacts.path(sha256)

    def cancel(self) -> None:
        """Stop the running step and keep the case. May be called from any thread."""
        self._cancel.set()
        worker = self.__dict__.get("_worker")
        if worker is not None:
            worker.cancel()

    # -- work list, cases and the main job ------------------------------------------------------
    def worklist(self) -> int:
        """Show the work list; how many studies it holds.

        Raises:
            Transient: the PACS did not answer.
        """
        from readingroom.agent.graph.worklist import worklist_rows

        rows = worklist_rows(self._pacs, self.records)
        columns = ("#", "PRI", "ACC", "EXAM", "PATIENT", "DATE", "STATUS")
        self.emit(TableShown(title="Work list", columns=columns, rows=rows))
        return len(rows)

    def open_case(self, accession: str) -> None:
        """Fetch a study, refuse what cannot be read, and show its film.

        Raises:
            NotFound: no study, or more than one, with this accession number.
            SafetyStop: another modality or body part.
        """
        from readingroom.agent.graph.nodes.open_case import fetch_study

        with self._running():
            self._worker.start()
            # A study that is refused or did not come is not open: nothing may look at it.
            self.case = None
            case = self._reading.open(self._find(accession))
            try:
                fetch_study(self.context, case)
            except SafetyStop:
                self.records.cases.set_status(case.case_id, "refused")
                raise
            self.case = case

    def read(self, accession: str, *, resume: bool = False, request: str = "") -> ReadResult:
        """Read a study up to the approval.

        Once the study is found, the read does not raise: what went wrong is in the document and
        the exit code, so that a script has one thing to look at.

        Args:
            accession: of the study.
            resume: go on where an earlier read stopped, without fetching again.
            request: the goal in the user's words.

        Raises:
            NotFound: no such study, or nothing to resume.
            Transient: the PACS did not answer the first question.
        """
        with self._running():
            self._worker.start()
            result = self._reading.read(
                accession,
                self._find,
                resume=resume,
                request=request,
                opened=self._opened,
            )
            if result.document["status"] == "refused":
                self.case = None
            return result

    def _find(self, reference: str) -> StudyRef:
        """A study by its accession number, or by its UID where two share a number."""
        if "." in reference and is_uid(reference):
            return self._pacs.find_by_uid(reference)
        return self._pacs.find_by_number(reference)

    def _opened(self, case: OpenCase) -> None:
        self.case = case

    # -- chat -----------------------------------------------------------------------------------
    def say(self, text: str) -> None:
        """Take one chat turn: the core plans, tools run, the results come as events."""
        from readingroom.agent.graph.chat import take_turn

        with self._running():
            take_turn(self, text)

    def show_image(self, view: str = "") -> None:
        """Show `current`, `prior`, `P1`, or zoom to a finding's letter.

        Raises:
            ToolFailed: no case is open, or there is no such view.
        """
        show_view(self.context, self._open(), view)

    def show_evidence(self, n: int) -> None:
        """Show what sentence `n` of the draft (from 1) rests on.

        Raises:
            ToolFailed: no case is open, no draft, or no such sentence.
        """
        show_evidence(self.context, self._open(), n)

    def show_draft(self) -> None:
        """Show the latest draft with its evidence."""
        show_draft(self.context, self._open())

    def priors(self) -> None:
        """Show the priors and why each was picked; asks the PACS if nobody has yet.

        Raises:
            ToolFailed: no case is open, or the search failed.
        """
        with self._running():
            show_priors(self.context, self._open())

    def _open(self) -> OpenCase:
        if self.case is None:
            raise ToolFailed("no study is open", hint="/open ACCESSION")
        return self.case

    # -- approvals ------------------------------------------------------------------------------
    def approvals(self, pending_only: bool = False) -> Sequence[dict[str, Any]]:
        """Approvals, newest first, without their texts."""
        return self._signing.list(pending_only)

    def show_approval(self, approval_id: str) -> dict[str, Any]:
        """What is to be signed, with its text; records that it was shown."""
        return self._signing.show(approval_id)

    def resolve(
        self, approval_id: str, *, signer: str, sha256: str, method: SignMethod
    ) -> dict[str, Any]:
        """Sign exactly the content with this hash, as a person's command, and deliver it.

        Args:
            approval_id: which.
            signer: the person's name, as it goes into the report.
            sha256: of the content that the person was shown.
            method: "typed-word" at a terminal after the text was shown; "command" without one,
                which only the sandbox takes.

        Raises:
            SafetyStop: without a terminal, for another destination than the sandbox.
            Conflict: another hash, another destination, or decided already.
        """
        with self._running():
            return self._signing.sign(approval_id, signer=signer, sha256=sha256, method=method)

    def decline(self, approval_id: str, by: str, reason: str) -> dict[str, Any]:
        """Refuse to sign; nothing is sent."""
        with self._running():
            return self._signing.decline(approval_id, by, reason)

    # -- pages and imports ----------------------------------------------------------------------
    def page(self, accession: str, path: Path) -> Path:
        """Write the newest case of an accession number as one HTML file."""
        from readingroom.agent.graph.case_page import write_page

        rows = self.records.cases.by_accession(accession)
        if not rows:
            raise NotFound(
                f"no case of {accession} here", hint=f"`readingroom read {accession}` makes one"
            )
        return write_page(self.context, self.context.case(rows[0].case_id), path)

    def import_files(
        self,
        paths: Sequence[Path],
        *,
        patient_id: str = "",
        accession: str = "",
        view: str = "",
        study_date: date | None = None,
    ) -> Sequence[dict[str, Any]]:
        """Check files and store them in the sandbox's PACS.

        Raises:
            SafetyStop: the PACS is not the sandbox.
            BadInput: a file cannot be used; nothing is stored then.
        """
        from readingroom.agent.graph.importing import import_into

        if not self.link.is_sandbox:
            raise SafetyStop(
                "files are imported into the sandbox only",
                hint="unset pacs.host, or use your PACS's own import",
            )
        return import_into(
            self._pacs,
            paths,
            patient_id=patient_id,
            accession=accession,
            view=view,
            study_date=study_date,
        )

    # -- life -----------------------------------------------------------------------------------
    @contextmanager
    def _running(self) -> Iterator[None]:
        """One call at a time; a cancel before it does not count.

        A chat turn that reads or opens is one call: a cancel counts until the turn ends.
        """
        if self._is_running:
            yield
            return
        self._cancel.clear()
        self._is_running = True
        try:
            yield
        except Cancelled:
            where = self.case_accession
            self.emit(Said(text=f"Stopped; {where or 'nothing'} is kept as it was.", kind="cannot"))
            raise
        finally:
            self._is_running = False

    def close(self) -> None:
        """Let go of files, sockets and the model."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
