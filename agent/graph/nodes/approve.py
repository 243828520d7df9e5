"""Approve: halt until a person has signed exactly this content in records.

The resume value only wakes the node. What was signed, by whom and when is read from records,
where nothing but a person's command can write it, so that a forged resume signs nothing.
"""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.state import ReadState
from readingroom.domain.errors import Conflict, ReadingRoomError


def approve(
    state: ReadState, runtime: Runtime[ReadContext]
) -> Command[Literal["approve", "deliver", "__end__"]]:
    """Ask for an approval of the latest draft and wait.

    Everything before the interrupt runs again on each resume, so it only asks for what is there
    already: the same draft and destination give the same approval.
    """
    context = runtime.context
    case = context.case(state["case_id"])
    draft = context.records.drafts.latest(case.case_id)
    if draft is None:
        raise ReadingRoomError("there is no draft to approve")
    if context.records.cases.get(case.case_id).status == "abandoned":
        raise Conflict(
            f"the read of {case.study.accession} was started over elsewhere",
            hint="sign the newer read",
        )
    approval = context.records.approvals.request(draft, context.destination)
    context.records.cases.set_status(case.case_id, "approval")
    # Decided already when a run was killed between the request and the wait.
    if approval.status == "pending":
        interrupt({"approval_id": approval.approval_id, "sha256": draft.sha256()})
    decided = context.records.approvals.get(approval.approval_id)
    if decided.status == "signed" and decided.content_sha256 == draft.sha256():
        return Command(update={"approval_id": approval.approval_id}, goto="deliver")
    if decided.status == "declined":
        context.records.cases.set_status(case.case_id, "declined")
        return Command(update={"status": "declined"}, goto="__end__")
    return Command(goto="approve")
