"""Draft versions and the critique rounds between them. A version never changes."""

from __future__ import annotations

import sqlite3
import time

from readingroom.domain.claim import Draft
from readingroom.domain.critique import CritiqueRound
from readingroom.domain.errors import Conflict, NotFound
from readingroom.records.approvals import void_older
from readingroom.records.audit import Audit
from readingroom.records.codec import decode, encode
from readingroom.records.database import Database


class Drafts:
    """Versions count up within a case."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def save(self, draft: Draft, made_by: str) -> None:
        """Keep a version, and void the pending approvals of older ones.

        The same content again is no change, so that a step which runs twice does no harm.

        Raises:
            NotFound: there is no such case.
            Conflict: the version exists with other content, or is older than the latest, or
                the draft would come back changed.
        """
        text, sha256 = encode(draft), draft.sha256()
        if decode(text, Draft).sha256() != sha256:
            raise Conflict(f"draft {draft.version} would come back from the records changed")
        with self._database.transaction() as connection:
            known = connection.execute(
                "SELECT content_sha256 FROM drafts WHERE case_id = ? AND version = ?",
                (draft.case_id, draft.version),
            ).fetchone()
            if known is not None and known["content_sha256"] == sha256:
                return
            newest = self._newest_version(draft.case_id)
            if known is not None or draft.version <= newest:
                raise Conflict(
                    f"draft {draft.version} of {draft.case_id} exists or is older than the "
                    f"latest ({newest})",
                    hint="give the next version a new number",
                )
            self._insert(connection, draft, sha256, text, made_by)
            void_older(self._audit, connection, draft)

    def latest(self, case_id: str) -> Draft | None:
        """The newest version, or None."""
        newest = self._newest_version(case_id)
        return self.get(case_id, newest) if newest else None

    def get(self, case_id: str, version: int) -> Draft:
        """One version.

        Raises:
            NotFound: there is none.
            Conflict: what is stored does not match its hash.
        """
        row = self._database.connection.execute(
            "SELECT value, content_sha256 FROM drafts WHERE case_id = ? AND version = ?",
            (case_id, version),
        ).fetchone()
        if row is None:
            raise NotFound(f"case {case_id} has no draft {version}")
        draft = decode(row["value"], Draft)
        if draft.sha256() != row["content_sha256"]:
            raise Conflict(f"draft {version} of {case_id} does not match its hash")
        return draft

    def add_round(self, case_id: str, version: int, critique: CritiqueRound) -> None:
        """Keep a round of the critique with the draft version it looked at."""
        try:
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO rounds VALUES (?, ?, ?, ?)",
                    (case_id, version, critique.number, encode(critique)),
                )
        except sqlite3.IntegrityError as error:
            raise NotFound(f"case {case_id} has no draft {version}") from error

    def rounds(self, case_id: str) -> tuple[CritiqueRound, ...]:
        """All rounds of a case, in order."""
        rows = self._database.connection.execute(
            "SELECT value FROM rounds WHERE case_id = ? ORDER BY version, number", (case_id,)
        )
        return tuple(decode(row["value"], CritiqueRound) for row in rows)

    def _newest_version(self, case_id: str) -> int:
        row = self._database.connection.execute(
            "SELECT max(version) AS newest FROM drafts WHERE case_id = ?", (case_id,)
        ).fetchone()
        return int(row["newest"] or 0)

    def _insert(
        self, connection: sqlite3.Connection, draft: Draft, sha256: str, text: str, made_by: str
    ) -> None:
        try:
            connection.execute(
                "INSERT INTO drafts VALUES (?, ?, ?, ?, ?, ?)",
                (draft.case_id, draft.version, sha256, text, made_by, time.time()),
            )
        except sqlite3.IntegrityError as error:
            raise NotFound(f"no case {draft.case_id}") from error
