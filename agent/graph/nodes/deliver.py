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
from readingroom.domain.outcome import Failed, Found
from readingroom.records import Approval, OutboxItem
from readingroom.tools.case import OpenCase
from readingroom.tools.imaging import read_header
from readingroom.tools.reporting.sr import build_sr

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
        raise signed_for_another(approval, context.destination, case.study.accession)
    started = time.time()
    with context.step(case, STEP, f"storing the report at {context.destination}") as note:
        item = _outbox_item(context, case, draft, approval)
        delivered = _send(context, case, item)
        note.outcome, note.summary = "ok", delivered.detail
    context.record(case, STEP, note, started)
    context.emit(delivered)
    context.records.cases.set_status(case.case_id, "delivered")
    return {"status": "delivered"}


def signed_for_another(approval: Approval, destination: str, accession: str) -> Conflict:
    """A signature is for one destination, and this is not where reports go now."""
    wanted = approval.destination
    restore = f"set pacs.host, pacs.port and pacs.called_ae to {wanted} again"
    if wanted.startswith("sandbox "):
        restore = f"bring up the {wanted} again (`readingroom sandbox up`, pacs.host unset)"
    return Conflict(
        f"signed for {wanted}, but reports now go to {destination}: nothing was sent",
        hint=f"the signature is kept: {restore}, and `readingroom read {accession} --resume` "
        "sends the report",
    )


def _outbox_item(
    context: ReadContext, case: OpenCase, draft: Draft, approval: Approval
) -> OutboxItem:
    """The outbox row of this report; its bytes are built when there is none yet."""
    effect_key = f"sr:{case.case_id}:{draft.version}:{draft.sha256()}"
    for known in context.records.outbox.of_case(case.case_id):
        if known.effect_key == effect_key:
            return known
    data = build_sr(
        draft, approval, case.facts(), case.sources(), prior_sources=case.prior_sources()
    )
    artifact = context.records.artifacts.put_bytes(data, "sr")
    return context.records.outbox.put(
        effect_key=effect_key,
        case_id=case.case_id,
        kind="sr",
        destination=context.destination,
        artifact=artifact,
        approval_id=approval.approval_id,
    )


def _send(context: ReadContext, case: OpenCase, item: OutboxItem) -> Delivered:
    """Store the item's bytes and see by C-FIND that they are there.

    Raises:
        Transient: not stored, or not found afterwards; the outbox keeps the item.
    """
    link = context.pacs()
    path = context.records.artifacts.path(item.artifact)
    header = read_header(path)
    if item.status != "sent":
        (result,) = link.store(path)
        if not result.ok:
            raise _not_delivered(context, case, item, f"not stored: {result.reason}")
        found = link.is_stored(header.sop_uid, header.study_uid, header.series_uid)
        if not isinstance(found, Found):
            reason = found.reason if isinstance(found, Failed) else "C-FIND does not find it"
            raise _not_delivered(context, case, item, f"sent, but not confirmed: {reason}")
        context.records.outbox.mark_sent(item.effect_key, "stored, and found again by C-FIND")
        context.records.audit.write(
            "readingroom", "delivered", case.case_id, {"sop_uid": header.sop_uid}
        )
    return Delivered(
        case_id=case.case_id,
        destination=context.destination,
        sop_uid=header.sop_uid,
        detail="stored, and found again by C-FIND",
    )


def _not_delivered(
    context: ReadContext, case: OpenCase, item: OutboxItem, reason: str
) -> Transient:
    context.records.outbox.mark_failed(item.effect_key, reason)
    return Transient(
        f"the report was signed but {reason}",
        hint=f"it is kept; `readingroom read {case.study.accession} --resume` sends it",
    )
