"""A person's decision on a draft, carried to records and then to the graph.

The only caller is a person's command in a front end. No tool, workflow or model reaches this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.links import Link
from readingroom.agent.graph.nodes.deliver import signed_for_another
from readingroom.agent.graph.reading import Reading
from readingroom.domain.errors import Conflict, SafetyStop
from readingroom.records import Approval

SignMethod = Literal["typed-word", "command"]


class Signing:
    """Lists, shows, signs and declines approvals."""

    def __init__(self, context: ReadContext, link: Link, reading: Reading) -> None:
        self._context = context
        self._records = context.records
        self._link = link
        self._reading = reading

    def list(self, pending_only: bool) -> Sequence[dict[str, Any]]:
        """Approvals, newest first, without their texts."""
        return [self._row(each) for each in self._records.approvals.list(pending_only)]

    def show(self, approval_id: str) -> dict[str, Any]:
        """What is to be signed, with its text; records that it was shown."""
        approval = self._records.approvals.get(approval_id)
        draft = self._records.drafts.get(approval.case_id, approval.version)
        if approval.status == "pending":
            self._records.approvals.shown(approval_id, approval.content_sha256)
        return {**self._row(approval), "text": draft.text()}

    def sign(
        self, approval_id: str, *, signer: str, sha256: str, method: SignMethod
    ) -> dict[str, Any]:
        """Sign exactly the content with this hash, and deliver it.

        Raises:
            SafetyStop: without a terminal, for another destination than the sandbox.
            Conflict: another hash, another destination, or decided already.
        """
        approval = self._records.approvals.get(approval_id)
        if method == "command" and not self._link.is_sandbox:
            raise SafetyStop(
                "without a terminal only reports for the sandbox are signed",
                hint=f"run `readingroom approvals resolve {approval_id}` in a terminal",
            )
        if approval.destination != self._link.destination:
            raise self._for_another(approval)
        if approval.status != "signed":
            self._records.approvals.sign(approval_id, signer, sha256, method)
        elif approval.content_sha256 != sha256:
            raise Conflict(f"{approval_id} was signed for another text")
        return self._carry_out(approval)

    def decline(self, approval_id: str, by: str, reason: str) -> dict[str, Any]:
        """Refuse to sign; nothing is sent."""
        return self._carry_out(self._records.approvals.decline(approval_id, by, reason))

    def _for_another(self, approval: Approval) -> Conflict:
        accession = self._records.cases.get(approval.case_id).accession
        now = self._link.destination
        if approval.status == "signed":
            return signed_for_another(approval, now, accession)
        return Conflict(
            f"{approval.approval_id} is for {approval.destination}, but reports now go to {now}",
            hint=f"`readingroom read {accession}` asks for a signature for {now}",
        )

    def _carry_out(self, approval: Approval) -> dict[str, Any]:
        """Wake the graph with the decision, and say what came of it."""
        result = self._reading.drive(self._context.case(approval.case_id))
        sent = self._records.outbox.of_case(approval.case_id)
        return {
            **self._row(self._records.approvals.get(approval.approval_id)),
            "delivered": bool(sent) and all(item.status == "sent" for item in sent),
            "detail": sent[-1].detail if sent else "",
            "exit_code": result.exit_code,
            "error": result.document["error"],
        }

    def _row(self, approval: Approval) -> dict[str, Any]:
        critical = self._records.cases.fact(approval.case_id, "critical", tuple[str, ...])
        return {
            "id": approval.approval_id,
            "case": approval.case_id,
            "accession": self._records.cases.get(approval.case_id).accession,
            "version": approval.version,
            "sha256": approval.content_sha256,
            "destination": approval.destination,
            "state": approval.status,
            "critical": list(critical or ()),
            "decided_by": approval.decided_by,
        }
