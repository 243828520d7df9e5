"""Ctrl-C in a chat turn ends the whole turn, wherever the turn is, and is told once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reading_helpers import script, session

from readingroom.agent.graph.context import Cancelled
from readingroom.domain.errors import ModelUnavailable
from readingroom.domain.events import ApprovalNeeded, Event, Planned, Said, StepStarted
from readingroom.sandbox_pacs.load import load
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.table import by_scenario

ACCESSION = by_scenario("normal").current.accession
READ = {"tool": "read_study", "args": {"accession": ACCESSION}}
STEPS = [{"tool": name} for name in ("find_priors", "look_at_film", "draft_report")]


@pytest.fixture
def home(empty_sandbox: Sandbox) -> Path:
    load(empty_sandbox, (by_scenario("normal"),))
    return empty_sandbox.directory.parent


def _read_was_chosen(event: Event) -> bool:
    return isinstance(event, Planned) and event.tool == "read_study"


def _priors_are_asked_for(event: Event) -> bool:
    return isinstance(event, StepStarted) and event.step == "find_priors"


@pytest.mark.parametrize("when", [_read_was_chosen, _priors_are_asked_for])
def test_a_stop_ends_the_turn_and_is_told_once(home: Path, when: Callable[[Event], bool]) -> None:
    with session(home, script(home / "core.json", [READ, *STEPS])) as (room, seen):
        seen.listener = lambda event: room.cancel() if when(event) else None
        with pytest.raises(Cancelled):
            room.say(f"read {ACCESSION}")
        assert not seen.of(ApprovalNeeded)
        assert [each.text.startswith("Stopped") for each in seen.of(Said)] == [True]
        seen.listener = None
        # The stop was for that turn; the next one starts without it.
        assert room.read(ACCESSION, resume=True).document["error"] is None


def test_a_stop_is_not_told_to_the_core_as_a_failed_step(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [{"tool": "look_at_film"}, {"text": "the core was asked again"}]
    with session(home, script(home / "core.json", lines)) as (room, seen):
        room.open_case(ACCESSION)

        def interrupted(_: object) -> None:
            room.cancel()
            raise ModelUnavailable("the model's process was stopped")

        monkeypatch.setattr(room.context.cores, "read_film", interrupted)
        with pytest.raises(Cancelled):
            room.say("what do you see?")
        assert [each.text.startswith("Stopped") for each in seen.of(Said)] == [True]
