"""Driving the graph of one study: start, go on, wait, end; and what is reported of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.document import ReadResult, build_document, refused_document
from readingroom.agent.graph.nodes.open_case import check_study
from readingroom.agent.graph.show import show_heading
from readingroom.domain.errors import ExitCode, NotFound, ReadingRoomError, SafetyStop
from readingroom.domain.events import ApprovalNeeded, Failure, Said
from readingroom.domain.ids import CaseID
from readingroom.domain.study import StudyRef
from readingroom.records import Approval, CaseRow, OutboxItem
from readingroom.tools.case import OpenCase

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from readingroom.agent.graph.build import ReadGraph

GOAL = "read the study with its priors"
"""The request of `read` when the user gave no words of their own."""

_UNFINISHED = frozenset({"open", "reading", "failed", "approval"})
_STARTED_OVER = frozenset({"reading", "failed"})


class Reading:
    """Reads studies through the graph; one read per case, one thread per read."""

    def __init__(self, context: ReadContext, graph: ReadGraph) -> None:
        self._context = context
        self._records = context.records
        self._graph = graph

    def open(self, study: StudyRef, *, fresh: bool = False) -> OpenCase:
        """The case of a study: the unfinished one, or a new one.

        Args:
            study: as the PACS tells it.
            fresh: put an interrupted read of it aside and start over.

        Raises:
            SafetyStop: another modality than this product reads.
        """
        check_study(study)
        if fresh:
            self._abandon(study)
        patient = f"{study.patient.issuer}\0{study.patient.patient_id}"
        key = hashlib.sha256(patient.encode()).hexdigest()
        case_id = self._records.cases.open(
            study.accession, study.study_uid, key, self._context.core_name
        )
        self._records.cases.put_fact(case_id, "study", study)
        return self.take_up(case_id)

    def take_up(self, case_id: CaseID) -> OpenCase:
        """A case that is known here, with its heading shown."""
        case = self._context.case(case_id)
        show_heading(self._context, case)
        return case

    def read(
        self,
        accession: str,
        find: Callable[[str], StudyRef],
        *,
        resume: bool,
        request: str,
        opened: Callable[[OpenCase], None],
    ) -> ReadResult:
        """Read a study up to the approval.

        Args:
            accession: of the study.
            find: asks the PACS for it.
            resume: go on where an earlier read stopped.
            request: the goal in words.
            opened: told of the case as soon as there is one.

        Raises:
            NotFound: no such study, or nothing to resume.
        """
        known = self._unfinished(accession)
        if known is not None and (resume or known.status == "approval"):
            case = self.take_up(known.case_id)
        else:
            done = self._delivered(accession)
            if done is not None:
                opened(done)
                return self._result(done, ExitCode.OK)
            if resume:
                raise NotFound(
                    f"no read of {accession} was left unfinished",
                    hint=f"`readingroom read {accession}` starts one",
                )
            try:
                case = self.open(find(accession), fresh=True)
            except SafetyStop as stop:
                return self._refused_unopened(accession, stop)
        opened(case)
        return self.drive(case, request or GOAL)

    def drive(self, case: OpenCase, request: str = GOAL) -> ReadResult:
        """Run the graph until it waits for a person, ends or fails."""
        from langgraph.errors import GraphRecursionError
        from langgraph.types import Command

        from readingroom.agent.graph.build import recursion_limit

        config = _config(case.case_id)
        config["recursion_limit"] = recursion_limit(self._context.limits)
        snapshot = self._graph.get_state(config)
        given: Any = None
        if not snapshot.created_at:
            given = {"case_id": case.case_id, "request": request}
        elif snapshot.interrupts:
            approval = self.approval_of(case.case_id)
            if approval and approval.status == "pending":
                if approval.destination == self._context.destination:
                    return self._waiting(case)
                # Nobody can sign it any more: the node asks anew, for where it would go now.
                self._records.approvals.void(case.case_id, "the destination changed")
            given = Command(resume={snapshot.interrupts[0].id: "awake"})
        try:
            if self._records.cases.get(case.case_id).status in ("open", "failed"):
                self._records.cases.set_status(case.case_id, "reading")
            self._graph.invoke(given, config, context=self._context, durability="sync")
        except ReadingRoomError as error:
            # What was cancelled breaks off with an error of its own.
            self._context.check()
            return self._stopped(case, error)
        except GraphRecursionError:
            return self._stopped(case, _too_long(case))
        return self._waiting(case)

    def approval_of(self, case_id: CaseID) -> Approval | None:
        """The approval of a case that counts, None when none was asked for."""
        rows = (a for a in self._records.approvals.list() if a.case_id == case_id)
        return next((a for a in rows if a.status != "void"), None)

    # -- how a read ends --------------------------------------------------------------------
    def _waiting(self, case: OpenCase) -> ReadResult:
        approval = self.approval_of(case.case_id)
        if approval is None:
            return self._result(case, ExitCode.ERROR)
        if approval.status != "pending":
            return self._result(case, ExitCode.OK)
        draft = self._records.drafts.get(approval.case_id, approval.version)
        self._context.emit(
            ApprovalNeeded(
                case_id=case.case_id,
                approval_id=approval.approval_id,
                content_sha256=approval.content_sha256,
                text=draft.text(),
                destination=approval.destination,
                critical=case.words("critical"),
            )
        )
        return self._result(case, ExitCode.APPROVAL_PENDING)

    def _stopped(self, case: OpenCase, error: ReadingRoomError) -> ReadResult:
        approval = self.approval_of(case.case_id)
        abandoned = self._records.cases.get(case.case_id).status == "abandoned"
        if not abandoned and (approval is None or approval.status != "signed"):
            refused = isinstance(error, SafetyStop)
            self._records.cases.set_status(case.case_id, "refused" if refused else "failed")
        self._fail(error, case.case_id)
        return self._result(case, error.exit_code, error)

    def _refused_unopened(self, accession: str, stop: SafetyStop) -> ReadResult:
        self._fail(stop, "")
        self._records.audit.write("policy", "refused", "", {"accession": accession})
        return ReadResult(int(stop.exit_code), refused_document(accession, stop))

    def _fail(self, error: ReadingRoomError, case_id: str) -> None:
        self._context.emit(
            Failure(
                case_id=case_id,
                message=error.message,
                hint=error.hint,
                exit_code=int(error.exit_code),
            )
        )

    def _result(
        self, case: OpenCase, exit_code: ExitCode, error: ReadingRoomError | None = None
    ) -> ReadResult:
        document = build_document(
            self._context,
            case,
            exit_code=exit_code,
            approval=self.approval_of(case.case_id),
            error=error,
        )
        return ReadResult(int(exit_code), document)

    # -- what is known of a study already ---------------------------------------------------
    def _unfinished(self, accession: str) -> CaseRow | None:
        owed = {item.case_id for item in self._records.outbox.pending()}
        rows = self._records.cases.of_study(accession)
        delivered = {row.study_uid for row in rows if row.status == "delivered"}
        for row in rows:
            # Delivered, and then only looked at again in a chat: no read was left unfinished.
            only_opened = row.status == "open" and row.study_uid in delivered
            if row.case_id in owed or (row.status in _UNFINISHED and not only_opened):
                return row
        return None

    def _delivered(self, accession: str) -> OpenCase | None:
        rows = self._records.cases.of_study(accession)
        row = next((each for each in rows if each.status == "delivered"), None)
        if row is None:
            return None
        how = "".join(map(_when_and_where, self._records.outbox.of_case(row.case_id)))
        self._context.emit(
            Said(text=f"{accession} was signed and delivered{how}; nothing is left to do.")
        )
        return self._context.case(row.case_id)

    def _abandon(self, study: StudyRef) -> None:
        for row in self._records.cases.of_study(study.study_uid):
            if row.status in _STARTED_OVER:
                self._records.approvals.void(row.case_id, "the read was started over")
                self._records.cases.set_status(row.case_id, "abandoned")


def _when_and_where(item: OutboxItem) -> str:
    if item.sent_at is None:
        return ""
    when = datetime.fromtimestamp(item.sent_at, UTC)
    return f" to {item.destination} on {when:%Y-%m-%d at %H:%M} UTC"


def _too_long(case: OpenCase) -> ReadingRoomError:
    accession = case.study.accession
    return ReadingRoomError(
        f"the read of {accession} took more steps than it can need",
        hint=f"what it did is kept; `readingroom read {accession} --resume` goes on from there",
    )


def _config(case_id: CaseID) -> RunnableConfig:
    # The thread id stays clear in the checkpoint file: a hash says nothing of the case.
    thread = hashlib.sha256(f"read:{case_id}".encode()).hexdigest()[:32]
    return {"configurable": {"thread_id": thread}}
