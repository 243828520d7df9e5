"""A person's decision on exactly one text: pending → signed, declined or void.

Only `sign` makes a signature. It takes the hash that the person was shown, so that nothing can
change between the showing and the signing; triggers in the schema hold the same rules.
"""

from __future__ import annotations

import secrets
import sqlite3
import time

from readingroom.domain.claim import Draft
from readingroom.domain.errors import BadInput, Conflict, NotFound
from readingroom.domain.ids import ApprovalID, CaseID, Sha256
from readingroom.records.audit import Audit
from readingroom.records.codec import decode
from readingroom.records.database import Database
from readingroom.records.rows import Approval

_SIGNER_LENGTH = 64
"""As DICOM's PN component group, where the name goes next (PS3.5 table 6.2-1)."""


class Approvals:
    """Requests to sign, and how they ended."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def request(self, draft: Draft, destination: str) -> Approval:
        """Ask for a signature under the latest draft; the same request gives the same approval.

        A declined request stays declined: a new draft version asks anew.

        Args:
            draft: saved before, and the latest.
            destination: where it goes; several joined by "; ".

        Raises:
            Conflict: the draft is not the latest saved version.
            BadInput: no destination.
        """
        if not destination.strip():
            raise BadInput("an approval needs a destination")
        with self._database.transaction() as connection:
            self._check_latest(connection, draft.case_id, draft.version, draft.sha256())
            row = connection.execute(
                "SELECT approval_id FROM approvals WHERE case_id = ? AND content_sha256 = ? "
                "AND destination = ? AND status <> 'void'",
                (draft.case_id, draft.sha256(), destination),
            ).fetchone()
            if row is not None:
                return self.get(row["approval_id"])
            approval_id = ApprovalID(f"ap-{secrets.token_hex(4)}")
            connection.execute(
                "INSERT INTO approvals (approval_id, case_id, version, content_sha256, destination,"
                " status, requested_at) VALUES (?, ?, ?, ?, ?, 'pending', ?)",
                (
                    *(approval_id, draft.case_id, draft.version, draft.sha256()),
                    *(destination, time.time()),
                ),
            )
            self._note("system", "approval.requested", self.get(approval_id))
            return self.get(approval_id)

    def get(self, approval_id: str) -> Approval:
        """One approval.

        Raises:
            NotFound: there is none of this id.
        """
        row = self._database.connection.execute(
            "SELECT * FROM approvals WHERE approval_id = ?", (approval_id,)
        ).fetchone()
        if row is None:
            raise NotFound(
                f"no approval {approval_id}", hint="readingroom approvals list shows them"
            )
        return _approval(row)

    def list(self, pending_only: bool = False) -> tuple[Approval, ...]:
        """All approvals, or those that wait, newest first."""
        where = " WHERE status = 'pending'" if pending_only else ""
        rows = self._database.connection.execute(
            f"SELECT * FROM approvals{where} ORDER BY requested_at DESC, rowid DESC"
        )
        return tuple(_approval(row) for row in rows)

    def shown(self, approval_id: str, sha256: str) -> Approval:
        """Note that a person was shown the whole text of this hash.

        Raises:
            Conflict: it is another text, or the approval is decided.
        """
        with self._database.transaction() as connection:
            approval = self._pending(approval_id)
            _check_hash(approval, sha256)
            connection.execute(
                "UPDATE approvals SET shown_at = ?, shown_sha256 = ? WHERE approval_id = ?",
                (time.time(), sha256, approval_id),
            )
            self._note("system", "approval.shown", approval)
            return self.get(approval_id)

    def sign(self, approval_id: str, signer: str, sha256: str, method: str) -> Approval:
        """Sign. For a person's command only; nothing that a model can call leads here.

        Args:
            approval_id: a pending approval that was shown.
            signer: the person's name as it goes into the report.
            sha256: the hash they were shown, in full.
            method: how they signed, e.g. "chat" or "command".

        Raises:
            BadInput: no signer's name, or one that cannot be written into a report.
            Conflict: another text, not pending, never shown, or not the latest draft.
        """
        signer = check_name(signer, "the signer's name")
        if not method.strip():
            raise BadInput("a signature needs its method")
        with self._database.transaction() as connection:
            approval = self._pending(approval_id)
            _check_hash(approval, sha256)
            if approval.shown_at is None:
                raise Conflict(
                    f"{approval_id} was never shown: it cannot be signed unseen",
                    hint=f"readingroom approvals show {approval_id}",
                )
            self._check_latest(connection, approval.case_id, approval.version, sha256)
            self._decide(connection, approval_id, "signed", by=signer, method=method)
            self._note(signer, "approval.signed", approval, method=method)
            return self.get(approval_id)

    def decline(self, approval_id: str, by: str, reason: str) -> Approval:
        """Refuse to sign.

        Raises:
            BadInput: nobody's name.
            Conflict: it is decided already.
        """
        by = check_name(by, "the name")
        with self._database.transaction() as connection:
            approval = self._pending(approval_id)
            self._decide(connection, approval_id, "declined", by=by, reason=reason)
            self._note(by, "approval.declined", approval, reason=reason)
            return self.get(approval_id)

    def void(self, case_id: str, reason: str) -> tuple[Approval, ...]:
        """Void what is pending of a case, and return it."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT approval_id FROM approvals WHERE case_id = ? AND status = 'pending'",
                (case_id,),
            ).fetchall()
            for row in rows:
                self._decide(connection, row["approval_id"], "void", by="system", reason=reason)
                self._note("system", "approval.void", self.get(row["approval_id"]), reason=reason)
            return tuple(self.get(row["approval_id"]) for row in rows)

    def _pending(self, approval_id: str) -> Approval:
        approval = self.get(approval_id)
        if approval.status != "pending":
            detail = f": {approval.reason}" if approval.reason else ""
            raise Conflict(f"{approval_id} is {approval.status}, not pending{detail}")
        return approval

    def _check_latest(
        self, connection: sqlite3.Connection, case_id: str, version: int, sha256: str
    ) -> None:
        row = connection.execute(
            "SELECT version, value FROM drafts WHERE case_id = ? ORDER BY version DESC LIMIT 1",
            (case_id,),
        ).fetchone()
        # The text itself is hashed again: the column beside it could have been edited.
        if (
            row is None
            or row["version"] != version
            or decode(row["value"], Draft).sha256() != sha256
        ):
            raise Conflict(
                f"draft {version} of {case_id} is not the latest saved text",
                hint="show the latest draft and decide on that",
            )

    def _decide(
        self,
        connection: sqlite3.Connection,
        approval_id: str,
        status: str,
        *,
        by: str,
        method: str = "",
        reason: str = "",
    ) -> None:
        connection.execute(
            "UPDATE approvals SET status = ?, decided_at = ?, decided_by = ?, method = ?, "
            "reason = ? WHERE approval_id = ?",
            (status, time.time(), by, method, reason, approval_id),
        )

    def _note(self, actor: str, action: str, approval: Approval, **detail: str) -> None:
        self._audit.write(
            actor,
            action,
            approval.case_id,
            {
                "approval": approval.approval_id,
                "version": approval.version,
                "content_sha256": approval.content_sha256,
                "destination": approval.destination,
                **detail,
            },
        )


def void_older(audit: Audit, connection: sqlite3.Connection, draft: Draft) -> None:
    """Void the pending approvals of older versions, inside the caller's transaction."""
    reason = f"draft {draft.version} replaced it"
    rows = connection.execute(
        "UPDATE approvals SET status = 'void', decided_at = ?, decided_by = 'system', reason = ? "
        "WHERE case_id = ? AND status = 'pending' AND version < ? RETURNING approval_id",
        (time.time(), reason, draft.case_id, draft.version),
    ).fetchall()
    for row in rows:
        detail = {"approval": row["approval_id"], "reason": reason}
        audit.write("system", "approval.void", draft.case_id, detail)


def check_name(name: str, what: str) -> str:
    """A person's name, stripped.

    Raises:
        BadInput: empty, too long, or with characters that a report cannot hold.
    """
    name = name.strip()
    if not name:
        raise BadInput(f"{what} is missing")
    # "\\", "^" and "=" are delimiters of DICOM's PN; control characters could fake a line.
    if len(name) > _SIGNER_LENGTH or not name.isprintable() or "\\" in name:
        raise BadInput(f"{what} needs at most {_SIGNER_LENGTH} printable characters, no backslash")
    return name


def _check_hash(approval: Approval, sha256: str) -> None:
    if sha256 != approval.content_sha256:
        raise Conflict(
            f"the hash is not that of the text of {approval.approval_id}",
            hint=f"readingroom approvals show {approval.approval_id} prints text and hash",
        )


def _approval(row: sqlite3.Row) -> Approval:
    values = dict(row)
    del values["shown_sha256"]
    values["approval_id"] = ApprovalID(values["approval_id"])
    values["case_id"] = CaseID(values["case_id"])
    values["content_sha256"] = Sha256(values["content_sha256"])
    return Approval(**values)
