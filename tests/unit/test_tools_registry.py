"""The policy: what a planner may call, with which values, and what a plug-in may not be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel, Field

from readingroom.domain.errors import ConfigError, ToolFailed
from readingroom.domain.ids import AccessionNumber, PatientID, StudyUID
from readingroom.domain.outcome import Completeness, Failed, Found, Nothing, Retrieval
from readingroom.domain.study import PatientRef, Prior, StudyRef
from readingroom.records import Records
from readingroom.tools import registry as registry_module
from readingroom.tools.case import OpenCase
from readingroom.tools.registry import Registry, openai_schema
from readingroom.tools.sdk import Effect, NoArguments, Stage, Tool, ToolResult

STUDY = StudyRef(
    StudyUID("2.25.1"), PatientRef(PatientID("P")), AccessionNumber("A-1"), date(2026, 1, 2)
)


def prior(label: str, kind: str = "XR") -> Prior:
    return Prior(label, replace(STUDY, study_uid=StudyUID(f"2.25.{label[1:]}0")), "why", kind)


@pytest.fixture
def case(tmp_path: Path) -> Iterator[OpenCase]:
    """A case in real records; no PACS and no model is touched by the policy."""

    def untouched(*_: Any) -> Any:
        raise AssertionError("the policy asks nobody")

    with Records.open(tmp_path / "home") as records:
        case_id = records.cases.open("A-1", "2.25.1", "key", "test")
        yield OpenCase(
            case_id, STUDY, records, untouched, untouched, untouched, untouched, untouched
        )


@pytest.fixture
def registry() -> Registry:
    return Registry.load()


def offered(registry: Registry, case: OpenCase) -> dict[str, Any]:
    return {
        each["function"]["name"]: each["function"]["parameters"]
        for each in openai_schema(registry.offered_in_read(case))
    }


def test_nothing_is_drafted_before_a_look_and_a_search(registry: Registry, case: OpenCase) -> None:
    assert set(offered(registry, case)) == {"find_priors"}
    assert "looked at" in registry.refusal("draft_report", {}, case)
    case.put("priors", Nothing())
    assert "draft_report" not in offered(registry, case)


def test_the_schema_lists_only_priors_that_are_left(registry: Registry, case: OpenCase) -> None:
    case.put("priors", Found((prior("P1"), prior("P2", "CT"))))
    assert offered(registry, case)["retrieve_prior"]["properties"]["prior"]["enum"] == ["P1", "P2"]
    case.put("retrieval:P1", Retrieval(StudyUID("2.25.10"), Completeness.COMPLETE, ()))
    assert offered(registry, case)["retrieve_prior"]["properties"]["prior"]["enum"] == ["P2"]
    assert "one of P2" in registry.refusal("retrieve_prior", {"prior": "P1"}, case)


@pytest.mark.parametrize("asked", ["P9", "2.25.99", "P1; P2", "../../etc/passwd", ""])
def test_what_is_not_of_this_case_is_refused(
    registry: Registry, case: OpenCase, asked: str
) -> None:
    """Identifiers come from the open case, never from the model."""
    case.put("priors", Found((prior("P1"),)))
    assert registry.refusal("retrieve_prior", {"prior": asked}, case)


def test_a_failed_search_offers_no_prior(registry: Registry, case: OpenCase) -> None:
    case.put("priors", Failed("the PACS did not answer"))
    assert "retrieve_prior" not in offered(registry, case)


def fake(name: str, **changes: Any) -> Tool:
    def run(arguments: Any, case: OpenCase) -> ToolResult:
        raise ToolFailed("it broke")

    base = Tool(name, "testing", "A test.", NoArguments, Effect.COMPUTE, Stage.LOOK, run)
    return replace(base, **changes)


def plugged(monkeypatch: pytest.MonkeyPatch, offer: Any) -> None:
    point = SimpleNamespace(name="plug", load=lambda: offer)
    monkeypatch.setattr(registry_module, "entry_points", lambda group: [point])


def test_a_plug_in_is_offered_and_its_failure_is_a_step(
    monkeypatch: pytest.MonkeyPatch, case: OpenCase
) -> None:
    plugged(monkeypatch, lambda: [fake("count_ribs")])
    registry = Registry.load()
    assert "count_ribs" in offered(registry, case)
    step = registry.run("count_ribs", {}, case, by="test")
    assert (step.outcome, step.result) == ("failed", "failed: it broke")
    assert case.records.cases.steps(case.case_id) == (step,)
    assert "count_ribs" not in offered(registry, case), "it would tell nothing new"


@pytest.mark.parametrize(
    "offer,word",
    [
        (fake("find_priors"), "two tools"),
        (fake("send", effect=Effect.WRITE), "write"),
        (["not a tool"], "not a Tool"),
    ],
)
def test_a_plug_in_cannot_shadow_write_or_be_something_else(
    monkeypatch: pytest.MonkeyPatch, offer: Any, word: str
) -> None:
    plugged(monkeypatch, offer)
    with pytest.raises(ConfigError, match=word):
        Registry.load()


class Count(BaseModel):
    n: int = Field(ge=1)


def test_arguments_that_do_not_fit_are_told_to_the_model(
    monkeypatch: pytest.MonkeyPatch, case: OpenCase
) -> None:
    plugged(monkeypatch, fake("count", arguments=Count))
    step = Registry.load().run("count", {"n": "many"}, case, by="test")
    assert step.outcome == "failed" and "n" in step.result
