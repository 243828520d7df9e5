"""Nothing leaves without a person's signature under exactly the text they were shown."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from readingroom.domain.claim import Claim, Draft, SectionName
from readingroom.domain.errors import BadInput, Conflict, NotFound
from readingroom.records import Approval, Records

SANDBOX = "AE SANDBOX"


@pytest.fixture
def records(tmp_path: Path) -> Any:
    with Records.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def draft(records: Records) -> Draft:
    case = records.cases.open("A1", "1.2", "p", "embedded")
    made = Draft(case, 1, "XR CHEST", (Claim("c1", SectionName.FINDINGS, "Clear."),))
    records.drafts.save(made, "embedded")
    return made


def signed(records: Records, draft: Draft, destination: str = SANDBOX) -> Approval:
    approval = records.approvals.request(draft, destination)
    records.approvals.shown(approval.approval_id, draft.sha256())
    return records.approvals.sign(approval.approval_id, "Dr Ada", draft.sha256(), "chat")


def test_the_way_to_a_signature(records: Records, draft: Draft) -> None:
    approval = records.approvals.request(draft, SANDBOX)
    assert approval.status == "pending" and approval.shown_at is None
    assert records.approvals.request(draft, SANDBOX) == approval
    assert records.approvals.list(pending_only=True) == (approval,)
    done = signed(records, draft)
    assert done.approval_id == approval.approval_id
    assert (done.status, done.decided_by, done.method) == ("signed", "Dr Ada", "chat")
    assert records.approvals.list(pending_only=True) == ()
    actions = [row.action for row in records.audit.rows(draft.case_id)]
    assert actions == ["approval.requested", "approval.shown", "approval.signed"]


def test_what_was_never_shown_cannot_be_signed(records: Records, draft: Draft) -> None:
    approval = records.approvals.request(draft, SANDBOX)
    with pytest.raises(Conflict, match="never shown"):
        records.approvals.sign(approval.approval_id, "Dr Ada", draft.sha256(), "chat")
    assert records.approvals.get(approval.approval_id).status == "pending"


@pytest.mark.parametrize("change", [lambda s: s[:12], lambda s: "0" * 64, lambda s: s.upper()])
def test_another_hash_neither_shows_nor_signs(records: Records, draft: Draft, change: Any) -> None:
    approval = records.approvals.request(draft, SANDBOX)
    wrong = change(draft.sha256())
    with pytest.raises(Conflict, match="hash"):
        records.approvals.shown(approval.approval_id, wrong)
    records.approvals.shown(approval.approval_id, draft.sha256())
    with pytest.raises(Conflict, match="hash"):
        records.approvals.sign(approval.approval_id, "Dr Ada", wrong, "chat")


@pytest.mark.parametrize("signer", ["", "   ", "\n", "a\x1b[31m", "a\\b", "x" * 65, "a\u202eb"])
def test_a_signature_needs_a_name_that_a_report_can_hold(
    records: Records, draft: Draft, signer: str
) -> None:
    approval = records.approvals.request(draft, SANDBOX)
    records.approvals.shown(approval.approval_id, draft.sha256())
    with pytest.raises(BadInput):
        records.approvals.sign(approval.approval_id, signer, draft.sha256(), "chat")


def test_nobody_signs_twice_or_after_declining(records: Records, draft: Draft) -> None:
    done = signed(records, draft)
    with pytest.raises(Conflict, match="is signed"):
        records.approvals.sign(done.approval_id, "Dr Eve", draft.sha256(), "chat")
    with pytest.raises(Conflict, match="is signed"):
        records.approvals.decline(done.approval_id, "Dr Eve", "no")
    other = records.approvals.request(draft, "AE OTHER")
    records.approvals.shown(other.approval_id, draft.sha256())
    assert records.approvals.decline(other.approval_id, "Dr Ada", "wrong side").status == "declined"
    with pytest.raises(Conflict, match="declined, not pending: wrong side"):
        records.approvals.sign(other.approval_id, "Dr Ada", draft.sha256(), "chat")
    assert records.approvals.request(draft, "AE OTHER").status == "declined"


def test_a_newer_draft_voids_what_is_pending(records: Records, draft: Draft) -> None:
    approval = records.approvals.request(draft, SANDBOX)
    records.approvals.shown(approval.approval_id, draft.sha256())
    records.drafts.save(replace(draft, version=2), "person")
    assert records.approvals.get(approval.approval_id).status == "void"
    with pytest.raises(Conflict, match="draft 2 replaced it"):
        records.approvals.sign(approval.approval_id, "Dr Ada", draft.sha256(), "chat")
    with pytest.raises(Conflict, match="not the latest"):
        records.approvals.request(draft, SANDBOX)


def test_a_draft_that_was_not_saved_cannot_be_put_up(records: Records, draft: Draft) -> None:
    other = replace(draft, title="Swapped")
    with pytest.raises(Conflict, match="not the latest saved"):
        records.approvals.request(other, SANDBOX)


def test_a_text_edited_in_the_file_cannot_be_signed(records: Records, draft: Draft) -> None:
    approval = records.approvals.request(draft, SANDBOX)
    records.approvals.shown(approval.approval_id, draft.sha256())
    raw = records.database.connection
    raw.execute("DROP TRIGGER drafts_are_kept")
    raw.execute("UPDATE drafts SET value = replace(value, 'Clear.', 'Mass.')")
    with pytest.raises(Conflict):
        records.approvals.sign(approval.approval_id, "Dr Ada", draft.sha256(), "chat")


def test_void_on_request_lets_the_same_draft_be_put_up_again(
    records: Records, draft: Draft
) -> None:
    first = records.approvals.request(draft, SANDBOX)
    (voided,) = records.approvals.void(draft.case_id, "read again")
    assert (voided.status, voided.reason) == ("void", "read again")
    assert records.approvals.request(draft, SANDBOX).approval_id != first.approval_id


FORGERIES = [
    "UPDATE approvals SET status = 'signed', decided_by = 'x', method = 'x', decided_at = 1",
    "UPDATE approvals SET content_sha256 = 'x'",
    "UPDATE approvals SET destination = 'AE EVIL'",
    "INSERT INTO approvals SELECT 'ap-x', case_id, version, content_sha256, 'AE EVIL', 'signed',"
    " 1, 1, content_sha256, 1, 'x', 'x', '' FROM approvals",
    "DELETE FROM approvals",
    "UPDATE drafts SET value = '{}'",
    "DELETE FROM drafts",
    "INSERT INTO outbox SELECT 'k', case_id, 'sr', 'AE EVIL', 'x', 'sr', 1, approval_id,"
    " 'pending', 0, 1, NULL, '' FROM approvals",
    "UPDATE audit SET actor = 'x'",
    "DELETE FROM audit",
]


@pytest.mark.parametrize("sql", FORGERIES)
def test_the_file_itself_refuses_a_forgery(records: Records, draft: Draft, sql: str) -> None:
    records.approvals.request(draft, SANDBOX)
    with pytest.raises(sqlite3.IntegrityError):
        records.database.connection.execute(sql)


def test_a_signed_row_cannot_be_reopened(records: Records, draft: Draft) -> None:
    signed(records, draft)
    for sql in ("UPDATE approvals SET status = 'pending'", "UPDATE approvals SET decided_by = 'x'"):
        with pytest.raises(sqlite3.IntegrityError, match="decided once"):
            records.database.connection.execute(sql)


def test_the_outbox_takes_signed_content_only(records: Records, draft: Draft) -> None:
    ref = records.artifacts.put_bytes(b"SR", "sr")
    case = draft.case_id
    pending = records.approvals.request(draft, SANDBOX)
    with pytest.raises(Conflict, match="not signed"):
        records.outbox.put("sr:1", case, "sr", SANDBOX, ref, pending.approval_id)
    with pytest.raises(NotFound):
        records.outbox.put("sr:1", case, "sr", SANDBOX, ref, "ap-none")
    done = signed(records, draft)
    with pytest.raises(Conflict, match="another case or destination"):
        records.outbox.put("sr:1", case, "sr", "AE EVIL", ref, done.approval_id)
    other = records.cases.open("A2", "1.3", "q", "embedded")
    with pytest.raises(Conflict, match="another case or destination"):
        records.outbox.put("sr:1", other, "sr", SANDBOX, ref, done.approval_id)
    assert records.outbox.pending() == ()


def test_an_effect_key_stands_for_one_content(records: Records, draft: Draft) -> None:
    done = signed(records, draft)
    ref = records.artifacts.put_bytes(b"SR", "sr")
    put = (draft.case_id, "sr", SANDBOX)
    first = records.outbox.put("sr:1", *put, ref, done.approval_id)
    assert records.outbox.put("sr:1", *put, ref, done.approval_id) == first
    changed = records.artifacts.put_bytes(b"SR changed", "sr")
    with pytest.raises(Conflict, match="other content"):
        records.outbox.put("sr:1", *put, changed, done.approval_id)
    failed = records.outbox.mark_failed("sr:1", "PACS down")
    assert (failed.status, failed.attempts, failed.detail) == ("failed", 1, "PACS down")
    assert records.outbox.pending() == (failed,)
    sent = records.outbox.mark_sent("sr:1", "found by C-FIND")
    assert (sent.status, sent.attempts) == ("sent", 2)
    assert records.outbox.mark_sent("sr:1", "again") == sent
    assert records.outbox.pending() == ()
    assert records.outbox.put("sr:1", *put, ref, done.approval_id).status == "sent"
    with pytest.raises(Conflict, match="has arrived"):
        records.outbox.mark_failed("sr:1", "late answer")


def test_one_signature_may_cover_several_named_destinations(records: Records, draft: Draft) -> None:
    done = signed(records, draft, "AE SANDBOX; folder ris-out")
    ref = records.artifacts.put_bytes(b"ORU", "oru")
    item = records.outbox.put(
        "oru:1", draft.case_id, "oru", "folder ris-out", ref, done.approval_id
    )
    assert item.status == "pending"


def test_the_audit_shows_a_changed_or_missing_row(records: Records, draft: Draft) -> None:
    signed(records, draft)
    assert records.audit.verify()
    raw = records.database.connection
    raw.execute("DROP TRIGGER audit_is_kept")
    raw.execute("DROP TRIGGER audit_stays")
    raw.execute("UPDATE audit SET actor = 'Dr Eve' WHERE actor = 'Dr Ada'")
    assert not records.audit.verify()
    raw.execute("UPDATE audit SET actor = 'Dr Ada' WHERE actor = 'Dr Eve'")
    assert records.audit.verify()
    raw.execute("DELETE FROM audit WHERE number = 2")
    assert not records.audit.verify()
