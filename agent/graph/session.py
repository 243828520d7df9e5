"""The one way in: every front end, the chat and the scripts drive the graph through this.

A session is light to open: records at once, the PACS link, the model's process and LangGraph's
checkpoints when they are first needed.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from readingroom.agent.graph.context import Cancelled, Limits, ReadContext
from readingroom.agent.graph.document import ReadResult, build_document
from readingroom.agent.graph.links import Link, resolve_link
from readingroom.agent.graph.nodes.open_case import check_study
from readingroom.agent.graph.show import evidence_line, show_draft, show_film, show_heading
from readingroom.domain.errors import (
    Conflict,
    ExitCode,
    NotFound,
    ReadingRoomError,
    SafetyStop,
    ToolFailed,
)
from readingroom.domain.events import (
    ApprovalNeeded,
    Event,
    EventSink,
    Failure,
    Said,
    TableShown,
)
from readingroom.domain.evidence import RegionEvidence
from readingroom.domain.ids import CaseID
from readingroom.domain.outcome import Failed, Found
from readingroom.domain.study import PriorReport, StudyRef
from readingroom.records import Approval, CaseRow, Records
from readingroom.tools.case import CURRENT, OpenCase

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from readingroom.agent.config import Settings
    from readingroom.agent.graph.build import ReadGraph
    from readingroom.inference import CoreWorker
    from readingroom.tools.pacs import PacsLink

GOAL = "read the study with its priors"
"""The request of `read` when the user gave no words of their own."""

_UNFINISHED = frozenset({"open", "reading", "failed", "approval"})

SignMethod = Literal["typed-word", "command"]


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
        self.records = self._stack.enter_context(Records.open(Path(settings.home)))
        self.case: OpenCase | None = None

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
        from readingroom.inference import CoreWorker

        return self._stack.enter_context(CoreWorker(home=self.records.home))

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
            limits=Limits(critique_rounds=limits.critique_rounds, turns=limits.max_steps),
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
        waiting = self._approval_of(self.case.case_id)
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

    # -- work list and cases --------------------------------------------------------------------
    def worklist(self) -> int:
        """Show the work list; how many studies it holds.

        Raises:
            Transient: the PACS did not answer.
        """
        from readingroom.agent.graph.worklist import worklist_rows

        rows = worklist_rows(self._pacs, self.records)
        self.emit(
            TableShown(
                title="Work list",
                columns=("#", "PRI", "ACC", "EXAM", "PATIENT", "DATE", "STATUS"),
                rows=rows,
            )
        )
        return len(rows)

    def open_case(self, accession: str) -> None:
        """Fetch a study, refuse what cannot be read, and show its film.

        Raises:
            NotFound: no study, or more than one, with this accession number.
            SafetyStop: another modality or body part.
        """
        from readingroom.agent.graph.nodes.open_case import fetch_study

        with self._running():
            case = self._case_of(self._find(accession))
            fetch_study(self.context, case)

    def _find(self, accession: str) -> StudyRef:
        return self._pacs.find_by_accession(accession)

    def _case_of(self, study: StudyRef, *, fresh: bool = False) -> OpenCase:
        check_study(study)
        cases = self.records.cases
        if fresh:
            self._abandon(study)
        key = hashlib.sha256(
            f"{study.patient.issuer}\0{study.patient.patient_id}".encode()
        ).hexdigest()
        case_id = cases.open(study.accession, study.study_uid, key, self._core_name)
        cases.put_fact(case_id, "study", study)
        self.case = self.context.case(case_id)
        show_heading(self.context, self.case)
        return self.case

    def _abandon(self, study: StudyRef) -> None:
        """Put aside an unfinished case of a study that is started over."""
        for row in self.records.cases.by_accession(study.accession):
            if row.study_uid == study.study_uid and row.status in ("reading", "failed"):
                self.records.approvals.void(row.case_id, "the read was started over")
                self.records.cases.set_status(row.case_id, "abandoned")

    # -- the main job ---------------------------------------------------------------------------
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
            known = self._unfinished(accession)
            if resume and known is None:
                return self._finished_before(accession)
            if known is not None and (resume or known.status == "approval"):
                self.case = self.context.case(known.case_id)
                show_heading(self.context, self.case)
            else:
                done = self._delivered(accession)
                if done is not None:
                    return done
                try:
                    self._case_of(self._find(accession), fresh=True)
                except SafetyStop as stop:
                    return self._refused(accession, stop)
            if self.case is None:
                raise ReadingRoomError("no case is open")
            return self._drive(self.case, request or GOAL)

    def _drive(self, case: OpenCase, request: str) -> ReadResult:
        """Run the graph until it waits, ends or fails."""
        from langgraph.types import Command

        config = self._config(case.case_id)
        snapshot = self._graph.get_state(config)
        given: Any = None
        if not snapshot.created_at:
            given = {"case_id": case.case_id, "request": request}
        elif snapshot.interrupts:
            approval = self._approval_of(case.case_id)
            if approval is None or approval.status == "pending":
                return self._waiting(case)
            given = Command(resume={snapshot.interrupts[0].id: approval.approval_id})
        try:
            if self.records.cases.get(case.case_id).status in ("open", "failed"):
                self.records.cases.set_status(case.case_id, "reading")
            self._graph.invoke(given, config, context=self.context, durability="sync")
        except ReadingRoomError as error:
            return self._stopped(case, error)
        return self._waiting(case)

    def _config(self, case_id: CaseID) -> RunnableConfig:
        from readingroom.agent.graph.build import RECURSION_LIMIT

        # The thread id stays clear in the checkpoint file: a hash says nothing of the case.
        thread = hashlib.sha256(f"read:{case_id}".encode()).hexdigest()[:32]
        return {"configurable": {"thread_id": thread}, "recursion_limit": RECURSION_LIMIT}

    def _waiting(self, case: OpenCase) -> ReadResult:
        """The result of a read that waits for a person, or has been decided."""
        approval = self._approval_of(case.case_id)
        if approval is None:
            return self._result(case, ExitCode.ERROR, None)
        if approval.status != "pending":
            return self._result(case, ExitCode.OK, approval)
        self._show_approval(case, approval)
        return self._result(case, ExitCode.APPROVAL_PENDING, approval)

    def _show_approval(self, case: OpenCase, approval: Approval) -> None:
        draft = self.records.drafts.get(approval.case_id, approval.version)
        self.emit(
            ApprovalNeeded(
                case_id=case.case_id,
                approval_id=approval.approval_id,
                content_sha256=approval.content_sha256,
                text=draft.text(),
                destination=approval.destination,
                critical=case.words("critical"),
            )
        )
        self.records.approvals.shown(approval.approval_id, approval.content_sha256)

    def _stopped(self, case: OpenCase, error: ReadingRoomError) -> ReadResult:
        refused = isinstance(error, SafetyStop)
        signed = self._approval_of(case.case_id)
        if not (signed and signed.status == "signed"):
            self.records.cases.set_status(case.case_id, "refused" if refused else "failed")
        self._fail(error, case.case_id)
        return self._result(case, error.exit_code, self._approval_of(case.case_id), error)

    def _refused(self, accession: str, stop: SafetyStop) -> ReadResult:
        """Refused before a case was opened: there is nothing to show but why."""
        self._fail(stop, "")
        self.records.audit.write("policy", "refused", "", {"accession": accession})
        document = {
            "schema_version": 1,
            "exit_code": int(stop.exit_code),
            "status": "refused",
            "accession": accession,
            "error": {"kind": "SafetyStop", "message": stop.message, "hint": stop.hint},
            "draft": None,
            "approval": None,
            "steps": [],
        }
        return ReadResult(int(stop.exit_code), document)

    def _fail(self, error: ReadingRoomError, case_id: str) -> None:
        self.emit(
            Failure(
                case_id=case_id,
                message=error.message,
                hint=error.hint,
                exit_code=int(error.exit_code),
            )
        )

    def _result(
        self,
        case: OpenCase,
        exit_code: ExitCode,
        approval: Approval | None,
        error: ReadingRoomError | None = None,
    ) -> ReadResult:
        document = build_document(
            self.context, case, exit_code=exit_code, approval=approval, error=error
        )
        return ReadResult(int(exit_code), document)

    def _unfinished(self, accession: str) -> CaseRow | None:
        rows = self.records.cases.by_accession(accession)
        return next((row for row in rows if row.status in _UNFINISHED or self._owes(row)), None)

    def _owes(self, row: CaseRow) -> bool:
        """Whether something signed of a case has not arrived yet."""
        return any(item.case_id == row.case_id for item in self.records.outbox.pending())

    def _delivered(self, accession: str) -> ReadResult | None:
        """The result of a study that was signed and delivered; nothing is done twice."""
        rows = self.records.cases.by_accession(accession)
        row = next((each for each in rows if each.status == "delivered"), None)
        if row is None:
            return None
        self.case = self.context.case(row.case_id)
        self.emit(Said(text=f"{accession} was signed and delivered; nothing is left to do."))
        return self._result(self.case, ExitCode.OK, self._approval_of(row.case_id))

    def _finished_before(self, accession: str) -> ReadResult:
        done = self._delivered(accession)
        if done is None:
            raise NotFound(
                f"no read of {accession} was left unfinished",
                hint=f"`readingroom read {accession}` starts one",
            )
        return done

    def _approval_of(self, case_id: CaseID) -> Approval | None:
        rows = (a for a in self.records.approvals.list() if a.case_id == case_id)
        return next((a for a in rows if a.status != "void"), None)

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
        case = self._open()
        wanted = view.strip() or CURRENT
        if wanted.casefold() == CURRENT:
            show_film(self.context, case)
        elif wanted.casefold() == "prior":
            films = [p.label for p in case.priors() if case.film_instances(p.label)]
            if not films:
                raise ToolFailed("no prior film was retrieved")
            show_film(self.context, case, films[0])
        elif len(wanted) == 1:
            show_film(self.context, case, letter=wanted)
        else:
            show_film(self.context, case, case.prior(wanted).label)

    def show_evidence(self, n: int) -> None:
        """Show what sentence `n` of the draft (from 1) rests on.

        Raises:
            ToolFailed: no draft, or no such sentence.
        """
        case = self._open()
        draft = self.records.drafts.latest(case.case_id)
        if draft is None:
            raise ToolFailed("there is no draft yet")
        if not 1 <= n <= len(draft.claims):
            raise ToolFailed(f"the draft has sentences 1 to {len(draft.claims)}")
        claim = draft.claims[n - 1]
        self.emit(
            TableShown(
                title=f"Sentence {n}: {claim.sentence}",
                columns=("standing", "rests on", "note"),
                rows=((claim.standing.value, evidence_line(claim), claim.note),),
            )
        )
        seen = [each for each in claim.evidence if isinstance(each, RegionEvidence)]
        if seen:
            from readingroom.agent.graph.show import show_region

            show_region(self.context, case, seen[0].region)

    def show_draft(self) -> None:
        """Show the latest draft with its evidence."""
        show_draft(self.context, self._open())

    def priors(self) -> None:
        """Show the priors and why each was picked; asks the PACS if nobody has yet."""
        from readingroom.agent.graph.nodes.act import run_step

        case = self._open()
        with self._running():
            if case.search() is None:
                run_step(self.context, case, "find_priors", {})
        search = case.search()
        if isinstance(search, Failed):
            raise ToolFailed(f"the search for priors failed: {search.reason}")
        items = search.items if isinstance(search, Found) else ()
        rows = tuple(
            (
                prior.label,
                prior.kind,
                prior.study.study_date.isoformat() if prior.study.study_date else "undated",
                prior.study.description,
                prior.reason,
                retrieved.completeness.value if (retrieved := case.retrieval(prior.label)) else "–",
            )
            for prior in items
        )
        columns = ("", "KIND", "DATE", "EXAM", "WHY", "RETRIEVED")
        self.emit(TableShown(title="Priors" if rows else "No priors", columns=columns, rows=rows))

    def _open(self) -> OpenCase:
        if self.case is None:
            raise ToolFailed("no study is open", hint="/open ACCESSION")
        return self.case

    # -- approvals ------------------------------------------------------------------------------
    def approvals(self, pending_only: bool = False) -> Sequence[dict[str, Any]]:
        """Approvals, newest first, without their texts."""
        rows = self.records.approvals.list(pending_only)
        return [self._approval_row(each) for each in rows]

    def show_approval(self, approval_id: str) -> dict[str, Any]:
        """What is to be signed, with its text; records that it was shown."""
        approval = self.records.approvals.get(approval_id)
        draft = self.records.drafts.get(approval.case_id, approval.version)
        if approval.status == "pending":
            self.records.approvals.shown(approval_id, approval.content_sha256)
        return {**self._approval_row(approval), "text": draft.text()}

    def _approval_row(self, approval: Approval) -> dict[str, Any]:
        critical = self.records.cases.fact(approval.case_id, "critical", tuple[str, ...])
        return {
            "id": approval.approval_id,
            "case": approval.case_id,
            "accession": self.records.cases.get(approval.case_id).accession,
            "version": approval.version,
            "sha256": approval.content_sha256,
            "destination": approval.destination,
            "state": approval.status,
            "critical": list(critical or ()),
            "decided_by": approval.decided_by,
        }

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
            Transient: signed, but the PACS did not take it; it is kept and sent on `--resume`.
        """
        approval = self.records.approvals.get(approval_id)
        if method == "command" and not self.link.is_sandbox:
            raise SafetyStop(
                "without a terminal only reports for the sandbox are signed",
                hint=f"run `readingroom approvals resolve {approval_id}` in a terminal",
            )
        if approval.destination != self.link.destination:
            raise Conflict(
                f"{approval_id} is for {approval.destination}, but the configuration says "
                f"{self.link.destination}",
                hint="restore the destination, or read the study again",
            )
        with self._running():
            if approval.status != "signed":
                self.records.approvals.sign(approval_id, signer, sha256, method)
            elif approval.content_sha256 != sha256:
                raise Conflict(f"{approval_id} was signed for another text")
            self.case = self.context.case(approval.case_id)
            result = self._drive(self.case, GOAL)
        return self._delivery(approval_id, result)

    def _delivery(self, approval_id: str, result: ReadResult) -> dict[str, Any]:
        error = result.document["error"]
        approval = self.records.approvals.get(approval_id)
        sent = self.records.outbox.of_case(approval.case_id)
        return {
            **self._approval_row(approval),
            "delivered": bool(sent) and all(item.status == "sent" for item in sent),
            "detail": sent[-1].detail if sent else "",
            "exit_code": result.exit_code,
            "error": error,
        }

    def decline(self, approval_id: str, by: str, reason: str) -> None:
        """Refuse to sign; nothing is sent."""
        approval = self.records.approvals.decline(approval_id, by, reason)
        with self._running():
            self._drive(self.context.case(approval.case_id), GOAL)

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
        self, paths: Sequence[Path], *, patient_id: str = "", accession: str = "", view: str = ""
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
        return import_into(self._pacs, paths, patient_id=patient_id, accession=accession, view=view)

    # -- life -----------------------------------------------------------------------------------
    @contextmanager
    def _running(self) -> Iterator[None]:
        """One call at a time; a cancel before it does not count."""
        self._cancel.clear()
        try:
            yield
        except Cancelled:
            where = self.case_accession
            self.emit(Said(text=f"Stopped; {where or 'nothing'} is kept as it was.", kind="cannot"))
            raise

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
