"""The exam of the core: large enough, of many kinds, and nothing of it in what the core learned."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAM, LESSONS = ROOT / "benchmarks" / "core", ROOT / "training"

Line = dict[str, Any]


def _lines(*paths: Path) -> list[Line]:
    return [
        json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line
    ]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


@pytest.fixture(scope="module")
def exam() -> list[Line]:
    return _lines(EXAM / "requests.jsonl")


@pytest.fixture(scope="module")
def lessons() -> list[Line]:
    return _lines(*sorted((LESSONS / "requests").glob("*.jsonl")))


def test_the_exam_has_what_the_issue_asks_for(exam: list[Line]) -> None:
    kinds = Counter(line["kind"] for line in exam)
    assert len(exam) >= 300
    assert kinds["turns"] >= 60 and kinds["steps"] >= 60 and kinds["picture"] >= 40
    assert len({line["id"] for line in exam}) == len(exam)
    assert sum(line["language"] != "en" for line in exam) >= 40


def test_whoever_learned_the_lessons_has_not_seen_the_exam(
    exam: list[Line], lessons: list[Line]
) -> None:
    """Word for word nothing but what anybody says: "what next?" """
    asked = {_plain(turn["say"]) for line in exam for turn in line["turns"]}
    taught = {_plain(line["say"]) for line in lessons}
    assert {say for say in asked & taught if len(say.split()) > 3} == set()


def test_nor_have_they_seen_what_is_chosen_by(lessons: list[Line]) -> None:
    """The development set, `make bench-core DATA=training/dev`, is apart from both."""
    asked = {
        _plain(line["turns"][-1]["say"]) for line in _lines(LESSONS / "dev" / "requests.jsonl")
    }
    taught = {_plain(line["say"]) for line in lessons}
    assert {say for say in asked & taught if len(say.split()) > 3} == set()


def test_new_tools_of_the_exam_are_not_among_those_of_the_lessons() -> None:
    taught = _lines(*sorted((LESSONS / "new_tools").glob("*.jsonl")))
    asked = _lines(EXAM / "new_tools.jsonl")
    names = {line["tool"]["name"] for line in asked if "tool" in line}
    said = {_plain(say) for line in asked for say in line.get("requests", ())}
    assert len(names) >= 12 and sum("distractor" in line for line in asked) >= 40
    assert not names & {tool["name"] for tool in taught}
    both = said & {_plain(say) for tool in taught for say in tool["requests"]}
    assert {say for say in both if len(say.split()) > 3} == set()


def test_every_step_of_exam_and_lessons_is_a_tool_or_a_reply(
    exam: list[Line], lessons: list[Line]
) -> None:
    from readingroom.inference.planner.layout import ANSWER, ASK, CANNOT, TOOLS

    steps = [step for line in exam for turn in line["turns"] for step in turn["steps"]]
    steps += [step for line in lessons for step in line["steps"]]
    for step in steps:
        allowed = TOOLS.get(step["tool"], ())
        assert step["tool"] in (*TOOLS, ANSWER, ASK, CANNOT)
        assert set(step["arguments"]) - {"text"} <= set(allowed), step
