"""Cases, what is known of them, and the steps that were taken."""

from __future__ import annotations

import secrets
import sqlite3
import time
from typing import Any, TypeVar, overload

from readingroom.domain.errors import Conflict, NotFound
from readingroom.domain.ids import AccessionNumber, CaseID, StudyUID
from readingroom.records.codec import decode, encode
from readingroom.records.database import Database
from readingroom.records.rows import CASE_STATUSES, STEP_OUTCOMES, CaseRow, CaseStatus, StepRecord

T = TypeVar("T")

_UNFINISHED = "('open', 'reading', 'approval', 'failed')"


class Cases:
    """One row per case; facts by key; steps append-only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, accession: str, study_uid: str, patient_key: str, core: str) -> CaseID:
        """Open a case, or return the unfinished one of this study.

        A case is finished when it was delivered, declined or refused; a failed one is taken up
        again.
        """
        with self._database.transaction() as connection:
            query = f"SELECT case_id FROM cases WHERE study_uid = ? AND status IN {_UNFINISHED}"
            row = connection.execute(query, (study_uid,)).fetchone()
            if row is not None:
                return CaseID(row["case_id"])
            # Random: a case id goes into file names and thread ids, so it says nothing.
            case_id = CaseID(f"case-{secrets.token_hex(6)}")
            now = time.time()
            connection.execute(
                "INSERT INTO cases VALUES (?, ?, ?, ?, ?, 'open', ?, ?)",
                (case_id, accession, study_uid, patient_key, core, now, now),
            )
        return case_id

    def get(self, case_id: str) -> CaseRow:
        """One case.

        Raises:
            NotFound: there is none of this id.
        """
        row = self._database.connection.execute(
            "SELECT * FROM cases WHERE case_id = ?", (case_id,)
        ).fetchone()
        if row is None:
            raise NotFound(f"no case {case_id}")
        return _case(row)

    def by_accession(self, accession: str) -> tuple[CaseRow, ...]:
        """Its cases, newest first."""
        rows = self._database.connection.execute(
            "SELECT * FROM cases WHERE accession = ? ORDER BY opened_at DESC, rowid DESC",
            (accession,),
        )
        return tuple(_case(row) for row in rows)

    def of_study(self, reference: str) -> tuple[CaseRow, ...]:
        """The cases of a study, named by accession number or Study Instance UID, newest first."""
        rows = self._database.connection.execute(
            "SELECT * FROM cases WHERE accession = ?1 OR study_uid = ?1 "
            "ORDER BY opened_at DESC, rowid DESC",
            (reference,),
        )
        return tuple(_case(row) for row in rows)

    def recent(self, limit: int = 20) -> tuple[CaseRow, ...]:
        """The cases touched last, newest first."""
        rows = self._database.connection.execute(
            "SELECT * FROM cases ORDER BY updated_at DESC, rowid DESC LIMIT ?", (limit,)
        )
        return tuple(_case(row) for row in rows)

    def set_status(self, case_id: str, status: CaseStatus) -> None:
        """Change where a case stands.

        Raises:
            Conflict: another case of the same study is unfinished.
        """
        if status not in CASE_STATUSES:
            raise ValueError(f"{status!r} is no status of a case")
        self.get(case_id)
        try:
            with self._database.transaction() as connection:
                connection.execute(
                    "UPDATE cases SET status = ?, updated_at = ? WHERE case_id = ?",
                    (status, time.time(), case_id),
                )
        except sqlite3.IntegrityError as error:
            raise Conflict(
                f"case {case_id} cannot become {status!r}: its study has a newer open case"
            ) from error

    def put_fact(self, case_id: str, key: str, value: Any) -> None:
        """Keep a domain dataclass or a JSON value under a key, in place of what was there."""
        text = encode(value)
        self.get(case_id)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)",
                (case_id, key, text, time.time()),
            )

    @overload
    def fact(self, case_id: str, key: str, kind: type[T]) -> T | None: ...
    @overload
    def fact(self, case_id: str, key: str, kind: Any) -> Any: ...
    def fact(self, case_id: str, key: str, kind: Any) -> Any:
        """Read a fact back as the type it was written with; None when there is none.

        Raises:
            Conflict: it is of another type.
        """
        row = self._database.connection.execute(
            "SELECT value FROM facts WHERE case_id = ? AND key = ?", (case_id, key)
        ).fetchone()
        return None if row is None else decode(row["value"], kind)

    def drop_facts(self, case_id: str) -> None:
        """Forget all facts of a case, before it is read anew."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM facts WHERE case_id = ?", (case_id,))

    def add_step(self, case_id: str, step: StepRecord) -> None:
        """Append to the trace."""
        if step.outcome not in STEP_OUTCOMES:
            raise ValueError(f"{step.outcome!r} is no outcome of a step")
        self.get(case_id)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO steps (case_id, value) VALUES (?, ?)", (case_id, encode(step))
            )

    def steps(self, case_id: str) -> tuple[StepRecord, ...]:
        """The trace, oldest first."""
        rows = self._database.connection.execute(
            "SELECT value FROM steps WHERE case_id = ? ORDER BY number", (case_id,)
        )
        return tuple(decode(row["value"], StepRecord) for row in rows)


def _case(row: sqlite3.Row) -> CaseRow:
    values = dict(row)
    values["case_id"] = CaseID(values["case_id"])
    values["accession"] = AccessionNumber(values["accession"])
    values["study_uid"] = StudyUID(values["study_uid"])
    return CaseRow(**values)
