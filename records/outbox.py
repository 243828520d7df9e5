"""What is to leave, each with an effect key: at most one content per key, ever."""

from __future__ import annotations

import sqlite3
import time

from readingroom.domain.errors import Conflict, NotFound
from readingroom.domain.ids import ApprovalID, CaseID
from readingroom.domain.outcome import ArtifactRef
from readingroom.records.approvals import Approvals
from readingroom.records.audit import Audit
from readingroom.records.database import Database
from readingroom.records.rows import OutboxItem


class Outbox:
    """Effects that were signed for, and whether they arrived."""

    def __init__(self, database: Database, approvals: Approvals, audit: Audit) -> None:
        self._database = database
        self._approvals = approvals
        self._audit = audit

    def put(
        self,
        effect_key: str,
        case_id: str,
        kind: str,
        destination: str,
        artifact: ArtifactRef,
        approval_id: str,
    ) -> OutboxItem:
        """Queue signed content; the same key with the same content is the same item.

        Args:
            effect_key: names the effect, e.g. "sr:case-1a2b:3"; never reused for other content.
            case_id: the case of the approval.
            kind: "sr", "seg", "oru".
            destination: one of the approval's destinations.
            artifact: the bytes that every attempt sends.
            approval_id: a signed approval.

        Raises:
            Conflict: not signed, signed for another case or destination, or the key stands for
                other content.
        """
        with self._database.transaction() as connection:
            self._check_approval(approval_id, case_id, destination)
            known = self._find(effect_key)
            if known is not None:
                same = (known.artifact.sha256, known.destination, known.approval_id)
                if same != (artifact.sha256, destination, approval_id):
                    raise Conflict(f"effect {effect_key} exists with other content")
                return known
            connection.execute(
                "INSERT INTO outbox (effect_key, case_id, kind, destination, sha256, file_kind, "
                "size_bytes, approval_id, status, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?)",
                (
                    *(effect_key, case_id, kind, destination, artifact.sha256, artifact.kind),
                    *(artifact.size_bytes, approval_id, time.time()),
                ),
            )
            detail = {"effect": effect_key, "sha256": artifact.sha256, "destination": destination}
            self._audit.write("system", "outbox.queued", case_id, detail)
            return self.get(effect_key)

    def pending(self) -> tuple[OutboxItem, ...]:
        """What has not arrived yet, the last attempt failed or none was made, oldest first."""
        rows = self._database.connection.execute(
            "SELECT * FROM outbox WHERE status <> 'sent' ORDER BY created_at, rowid"
        )
        return tuple(_item(row) for row in rows)

    def of_case(self, case_id: str) -> tuple[OutboxItem, ...]:
        """All effects of a case, oldest first."""
        rows = self._database.connection.execute(
            "SELECT * FROM outbox WHERE case_id = ? ORDER BY created_at, rowid", (case_id,)
        )
        return tuple(_item(row) for row in rows)

    def get(self, effect_key: str) -> OutboxItem:
        """One effect.

        Raises:
            NotFound: there is none of this key.
        """
        item = self._find(effect_key)
        if item is None:
            raise NotFound(f"no effect {effect_key} in the outbox")
        return item

    def mark_sent(self, effect_key: str, detail: str) -> OutboxItem:
        """Note that it arrived, and how that was seen. Once sent it stays sent."""
        with self._database.transaction() as connection:
            item = self.get(effect_key)
            if item.status != "sent":
                now = time.time()
                connection.execute(
                    "UPDATE outbox SET status = 'sent', attempts = attempts + 1, sent_at = ?, "
                    "detail = ? WHERE effect_key = ?",
                    (now, detail, effect_key),
                )
                self._audit.write(
                    "system", "outbox.sent", item.case_id, {"effect": effect_key, "detail": detail}
                )
            return self.get(effect_key)

    def mark_failed(self, effect_key: str, error: str) -> OutboxItem:
        """Note a failed attempt; the item stays pending for the next one.

        Raises:
            Conflict: it arrived already.
        """
        with self._database.transaction() as connection:
            item = self.get(effect_key)
            if item.status == "sent":
                raise Conflict(f"effect {effect_key} has arrived: it cannot fail any more")
            connection.execute(
                "UPDATE outbox SET status = 'failed', attempts = attempts + 1, detail = ? "
                "WHERE effect_key = ?",
                (error, effect_key),
            )
            self._audit.write(
                "system", "outbox.failed", item.case_id, {"effect": effect_key, "error": error}
            )
            return self.get(effect_key)

    def _check_approval(self, approval_id: str, case_id: str, destination: str) -> None:
        approval = self._approvals.get(approval_id)
        if approval.status != "signed":
            raise Conflict(
                f"{approval_id} is {approval.status}, not signed: nothing leaves unsigned",
                hint=f"readingroom approvals show {approval_id}",
            )
        if approval.case_id != case_id or destination not in (
            approval.destination,
            *approval.destinations,
        ):
            raise Conflict(f"{approval_id} was signed for another case or destination")

    def _find(self, effect_key: str) -> OutboxItem | None:
        row = self._database.connection.execute(
            "SELECT * FROM outbox WHERE effect_key = ?", (effect_key,)
        ).fetchone()
        return None if row is None else _item(row)


def _item(row: sqlite3.Row) -> OutboxItem:
    return OutboxItem(
        row["effect_key"],
        CaseID(row["case_id"]),
        row["kind"],
        row["destination"],
        ArtifactRef(row["sha256"], row["file_kind"], row["size_bytes"]),
        ApprovalID(row["approval_id"]),
        row["status"],
        row["attempts"],
        row["created_at"],
        row["sent_at"],
        row["detail"],
    )
