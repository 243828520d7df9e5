"""A failure is written as one, and what happens beside a read changes nothing that is signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reading_helpers import Seen, script, session

from readingroom.agent.graph.session import Session
from readingroom.domain.errors import Transient
from readingroom.domain.events import Event, StepFinished
from readingroom.domain.outcome import Completeness, Failed, Retrieval
from readingroom.records import StepRecord
from readingroom.sandbox_pacs.load import load
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.table import by_scenario

ACCESSION = by_scenario("nodule_new").current.accession
SHORT = ("find_priors", "look_at_film", "draft_report")


@pytest.fixture
def home(empty_sandbox: Sandbox) -> Path:
    load(empty_sandbox, (by_scenario("nodule_new"),))
    return empty_sandbox.directory.parent


def core(home: Path, *tools: str) -> str:
    """A core that calls these tools, each "name" or "name P1"."""
    lines = [
        {"tool": name, "args": {"prior": prior} if prior else {}}
        for name, _, prior in (tool.partition(" ") for tool in tools)
    ]
    return script(home / "core.json", lines)


@pytest.fixture
def room(home: Path) -> Iterator[tuple[Session, Seen]]:
    with session(home, core(home, *SHORT)) as opened:
        yield opened


def sign(room: Session, approval: dict[str, Any]) -> dict[str, Any]:
    room.show_approval(approval["approval_id"])
    return room.resolve(
        approval["approval_id"],
        signer="Test^Reader",
        sha256=approval["content_sha256"],
        method="command",
    )


def test_a_work_list_that_fails_is_not_no_indication(
    room: tuple[Session, Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room[0]._pacs, "worklist", lambda **_: Failed("no answer"))
    text = room[0].read(ACCESSION).document["draft"]["text"]
    assert "The order could not be queried: no answer." in text
    assert "No indication was given" not in text


def test_a_prior_whose_film_is_broken_does_not_end_the_read(home: Path) -> None:
    tools = ("find_priors", "retrieve_prior P1", "look_at_film", "compare_prior P1", "draft_report")
    page = home / "case.html"
    with session(home, core(home, *tools)) as (room, seen):

        def damage(event: Event) -> None:
            if isinstance(event, StepFinished) and event.step == "retrieve_prior":
                assert room.case is not None
                (film,) = room.case.film_instances("P1")
                path = room.records.artifacts.path(film.artifact)
                path.write_bytes(path.read_bytes()[:5000])

        seen.listener = damage
        document = room.read(ACCESSION).document
        room.page(ACCESSION, page)
    assert "This film could not be read: " in page.read_text(encoding="utf-8")
    assert document["status"] == "approval", document["error"]
    assert "(P1), retrieved, but its film was not compared" in document["draft"]["text"]


def test_a_prior_that_was_only_fetched_is_not_written_as_compared(home: Path) -> None:
    tools = ("find_priors", "retrieve_prior P1", "look_at_film", "draft_report")
    with session(home, core(home, *tools)) as (room, _):
        text = room.read(ACCESSION).document["draft"]["text"]
    assert "(P1), retrieved, but its film was not compared" in text


def test_a_failed_fetch_after_the_draft_does_not_change_what_is_sent(
    room: tuple[Session, Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = room[0].read(ACCESSION).document["approval"]
    with monkeypatch.context() as patch:
        lost = Retrieval(by_uid(room[0]), Completeness.UNKNOWN, (), (), "the line is down")
        patch.setattr(room[0]._pacs, "retrieve", lambda *_, **__: lost)
        with pytest.raises(Transient):
            room[0].open_case(ACCESSION)
    assert sign(room[0], approval)["delivered"] is True


def by_uid(room: Session) -> Any:
    assert room.case is not None
    return room.case.study.study_uid


def test_a_kill_between_the_draft_and_its_step_makes_no_second_version(
    home: Path, room: tuple[Session, Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = room[0].records.cases.add_step

    def killed(case_id: str, step: StepRecord) -> None:
        if step.step == "draft_report":
            raise SystemExit
        keep(case_id, step)

    monkeypatch.setattr(room[0].records.cases, "add_step", killed)
    with pytest.raises(SystemExit):
        room[0].read(ACCESSION)
    with session(home, core(home, "draft_report")) as (again, _):
        document = again.read(ACCESSION, resume=True).document
    assert document["draft"]["version"] == 1 + len(document["critique_rounds"])


def test_a_changed_destination_is_asked_for_anew(home: Path, room: tuple[Session, Seen]) -> None:
    """The sandbox comes up on another port: the report must still find a way to a signature."""
    old = room[0].read(ACCESSION).document["approval"]
    with session(home, core(home, *SHORT)) as (moved, _):
        link = moved.link
        moved.__dict__["link"] = replace(link, peer=replace(link.peer, port=link.peer.port + 1))
        new = moved.read(ACCESSION).document["approval"]
        assert new["destination"] == moved.link.destination != old["destination"]
        assert moved.records.approvals.get(old["approval_id"]).status == "void"


def test_a_read_that_was_started_over_elsewhere_asks_for_no_signature(
    home: Path, room: tuple[Session, Seen]
) -> None:
    first, seen = room
    with session(home, core(home, *SHORT)) as (second, _):

        def start_over(event: Event) -> None:
            if isinstance(event, StepFinished) and event.step == "draft_report":
                seen.listener = None
                second.read(ACCESSION)

        seen.listener = start_over
        error = first.read(ACCESSION).document["error"]
    assert error["kind"] == "Conflict" and "started over" in error["message"]
    assert len(first.approvals(pending_only=True)) == 1
