"""A read of many steps ends in a draft or in words, whatever the limits are set to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from reading_helpers import Seen, script, session

from readingroom.agent.graph import build
from readingroom.agent.graph.context import Limits
from readingroom.agent.graph.session import Session
from readingroom.domain.errors import ExitCode
from readingroom.sandbox_pacs.load import load
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.table import by_scenario
from readingroom.tools.registry import Registry
from readingroom.tools.sdk import Effect, Stage, Tool, ToolResult

ACCESSION = by_scenario("normal").current.accession
NEEDED = ("find_priors", "look_at_film", "draft_report")


class Thought(BaseModel):
    """Which thought."""

    number: int


PONDER = Tool(
    name="ponder",
    label="pondering",
    description="Think.",
    arguments=Thought,
    effect=Effect.COMPUTE,
    stage=Stage.LOOK,
    run=lambda thought, _: ToolResult(f"thought {thought.number}"),
)
"""A plug-in's tool: it may be called as often as there are numbers."""


@pytest.fixture
def home(empty_sandbox: Sandbox) -> Path:
    load(empty_sandbox, (by_scenario("normal"),))
    return empty_sandbox.directory.parent


def thoughts(count: int) -> list[dict[str, Any]]:
    return [{"tool": "ponder", "args": {"number": number}} for number in range(count)]


@contextmanager
def room(home: Path, lines: list[dict[str, Any]], max_steps: int) -> Iterator[tuple[Session, Seen]]:
    core = script(home / "core.json", lines)
    with session(home, core, **{"limits.max_steps": max_steps}) as (opened, seen):
        opened.context.registry = Registry({**opened.context.registry.tools, "ponder": PONDER})
        yield opened, seen


def test_a_read_that_reaches_its_limit_can_be_resumed(home: Path) -> None:
    with room(home, thoughts(41), max_steps=40) as (stopped, _):
        result = stopped.read(ACCESSION)
    error = result.document["error"]
    assert result.exit_code == ExitCode.MODEL_UNAVAILABLE and result.document["status"] == "failed"
    assert "40 steps" in error["message"]
    assert "limits.max_steps" in error["hint"] and f"{ACCESSION} --resume" in error["hint"]
    with room(home, [{"tool": name} for name in NEEDED], max_steps=43) as (again, _):
        document = again.read(ACCESSION, resume=True).document
    assert document["status"] == "approval", document["error"]
    assert [each["step"] for each in document["steps"]].count("ponder") == 40


def test_the_last_step_that_is_allowed_may_be_the_draft(home: Path) -> None:
    lines = [*thoughts(97), *({"tool": name} for name in NEEDED)]
    with room(home, lines, max_steps=100) as (opened, _):
        assert opened.read(ACCESSION).document["status"] == "approval"


def test_a_graph_that_runs_too_long_is_told_in_words(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No configuration leads there; should a graph ever do, its case must not be lost."""
    with monkeypatch.context() as patch:
        patch.setattr(build, "recursion_limit", lambda _: 4)
        with room(home, [{"tool": name} for name in NEEDED], max_steps=9) as (stopped, _):
            error = stopped.read(ACCESSION).document["error"]
    assert "more steps" in error["message"] and "--resume" in error["hint"]
    with room(home, [{"tool": name} for name in NEEDED[1:]], max_steps=9) as (again, _):
        assert again.read(ACCESSION, resume=True).document["status"] == "approval"


@pytest.mark.parametrize("rounds", [0, 3])
def test_the_limit_is_what_the_nodes_of_a_read_add_up_to(rounds: int) -> None:
    limits = Limits(turns=5, critique_rounds=rounds)
    nodes = ["open", *["plan", "look"] * 4, "plan", "draft"]
    nodes += [*["critique", "revise"] * max(rounds, 1), "approve", "deliver"]
    assert len(nodes) <= build.recursion_limit(limits) <= len(nodes) + 2
