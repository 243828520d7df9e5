"""Deliver: store the signed report, once, and see that it arrived.

The object's bytes are built once and kept; every attempt sends those bytes. Its UID derives
from the case, the version and the content, so a receiver can tell a repeat from a new report.
"""

from __future__ import annotations

import time

from langgraph.runtime import Runtime

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.state import ReadState
from readingroom.domain.claim import Draft
from readingroom.domain.errors import Conflict, Transient
from readingroom.domain.events import Delivered
from readingroom.records import Approval, OutboxItem
from readingroom.tools.case import OpenCase
from readingroom.tools.reporting import build_sr, sr_uid

STEP = "deliver"


def deliver(state: ReadState, runtime: Runtime[ReadContext]) -> ReadState:
    """Send what was signed.

    Raises:
        Conflict: what was signed is not what would be sent, or the destination changed.
        Transient: the PACS did not take it; the outbox keeps it.
    """
    context = runtime.context
    case = context.case(state["case_id"])
    approval = context.records.approvals.get(state["approval_id"])
    draft = context.records.drafts.latest(case.case_id)
    if draft is None or draft.sha256() != approval.content_sha256:
        raise Conflict("the draft changed after it was signed", hint="sign the new version")
    if approval.destination != context.destination:
        raise Conflict(
            f"signed for {approval.destination}, but the configuration now says "
            f"{context.destination}",
            hint="restore the destination, or read and sign again",
        )
    started = time.time()
    with context.step(case, STEP, f"storing the report at {context.destination}") as note:
        item = _outbox_item(context, case, draft, approval)
        detail = _send(
            context, case, item, str(sr_uid(case.case_id, draft.version, draft.sha256()))
        )
        note.outcome, note.summary = "ok", detail
    context.record(case, STEP, note, started)
    context.records.cases.set_status(case.case_id, "delivered")
    return {"status": "delivered"}


def _outbox_item(
    context: ReadContext, case: OpenCase, draft: Draft, approval: Approval
) -> OutboxItem:
    """The outbox row of this report; its bytes are built when there is none yet."""
    effect_key = f"sr:{case.case_id}:{draft.version}:{draft.sha256()}"
    for known in context.records.outbox.of_case(case.case_id):
        if known.effect_key == effect_key:
            return known
    data = build_sr(draft, approval, case.facts(), case.sources())
    artifact = context.records.artifacts.put_bytes(data, "sr")
    return context.records.outbox.put(
        effect_key=effect_key,
        case_id=case.case_id,
        kind="sr",
        destination=context.destination,
        artifact=artifact,
        approval_id=approval.approval_id,
    )


def _send(context: ReadContext, case: OpenCase, item: OutboxItem, sop_uid: str) -> str:
    link = context.pacs()
    study_uid = case.study.study_uid
    if item.status != "sent" and not link.is_stored(sop_uid, study_uid):
        result = link.store(context.records.artifacts.path(item.artifact))
        if not result.ok:
            context.records.outbox.mark_failed(item.effect_key, result.reason)
            raise Transient(
                f"the report was signed but not stored: {result.reason}",
                hint=f"it is kept; `readingroom read {case.study.accession} --resume` sends it",
            )
        if not link.is_stored(sop_uid, study_uid):
            context.records.outbox.mark_failed(item.effect_key, "not found by C-FIND afterwards")
            raise Transient(
                "the PACS accepted the report but C-FIND does not find it",
                hint=f"`readingroom read {case.study.accession} --resume` tries again",
            )
    detail = "stored, and found again by C-FIND"
    context.records.outbox.mark_sent(item.effect_key, detail)
    context.records.audit.write("readingroom", "delivered", case.case_id, {"sop_uid": sop_uid})
    context.emit(
        Delivered(
            case_id=case.case_id, destination=context.destination, sop_uid=sop_uid, detail=detail
        )
    )
    return detail
