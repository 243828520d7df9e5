"""Who did what, as a chain of hashes: a changed, dropped or inserted row breaks it.

The chain shows damage and clumsy edits. Someone who can write the whole file can write the
whole chain anew; only a copy of the last hash kept elsewhere shows that.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from readingroom.records.database import Database
from readingroom.records.rows import AuditRow


class Audit:
    """Append-only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(
        self, actor: str, action: str, case_id: str = "", detail: Mapping[str, Any] | None = None
    ) -> AuditRow:
        """Append a row.

        Args:
            actor: a person's name as they signed, "system", or a core's name.
            action: a verb, e.g. "approval.signed".
            case_id: the case, empty outside one.
            detail: JSON values; identifiers and hashes, no report text and no patient's name.
        """
        with self._database.transaction() as connection:
            last = connection.execute(
                "SELECT number, sha256 FROM audit ORDER BY number DESC LIMIT 1"
            ).fetchone()
            number, previous = (last["number"] + 1, last["sha256"]) if last else (1, "")
            text = json.dumps(dict(detail or {}), sort_keys=True, ensure_ascii=False)
            at = time.time()
            sha256 = _link(number, at, actor, action, case_id, text, previous)
            connection.execute(
                "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (number, at, actor, action, case_id, text, previous, sha256),
            )
        return AuditRow(number, at, actor, action, case_id, json.loads(text), previous, sha256)

    def rows(self, case_id: str | None = None) -> tuple[AuditRow, ...]:
        """All rows, or those of one case, oldest first."""
        where, values = ("", ()) if case_id is None else (" WHERE case_id = ?", (case_id,))
        query = f"SELECT * FROM audit{where} ORDER BY number"
        return tuple(_row(each) for each in self._database.connection.execute(query, values))

    def verify(self) -> bool:
        """Whether every link holds, from the first row to the last."""
        previous, expected = "", 1
        for row in self._database.connection.execute("SELECT * FROM audit ORDER BY number"):
            values = (row["at"], row["actor"], row["action"], row["case_id"], row["detail"])
            link = _link(row["number"], *values, previous)
            if (row["number"], row["previous_sha256"], row["sha256"]) != (expected, previous, link):
                return False
            previous, expected = link, expected + 1
        return True


def _link(
    number: int, at: float, actor: str, action: str, case_id: str, detail: str, previous: str
) -> str:
    content = json.dumps([number, repr(at), actor, action, case_id, detail, previous])
    return hashlib.sha256(content.encode()).hexdigest()


def _row(row: sqlite3.Row) -> AuditRow:
    return AuditRow(**{**dict(row), "detail": json.loads(row["detail"])})
