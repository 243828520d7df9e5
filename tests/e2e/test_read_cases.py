"""Eight cases leave eight traces, because of what tools answered and what the film shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reading_helpers import script, session, trace

from readingroom.domain.errors import ExitCode
from readingroom.domain.events import Event, StepFinished, StepStarted
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.people import Patient

SCENARIOS = (
    "no_priors",
    "query_failed",
    "wrong_modality",
    "poor_film",
    "device",
    "ct_prior",
    "normal",
    "critical",
)


def accession_of(patients: tuple[Patient, ...], scenario: str) -> str:
    (patient,) = (each for each in patients if each.scenario == scenario)
    return patient.current.accession


def read(home: Path, accession: str, core: str = "", *, hang: Sandbox | None = None) -> Any:
    """Read one study; with `hang` that PACS is stopped while it is asked for priors."""
    with session(home, core) as (room, seen):
        if hang is not None:
            seen.listener = _stop_during("find_priors", hang)
        return room.read(accession).document


def _stop_during(step: str, sandbox: Sandbox) -> Callable[[Event], None]:
    def listener(event: Event) -> None:
        if isinstance(event, StepStarted) and event.step == step:
            sandbox.pause()
        if isinstance(event, StepFinished) and event.step == step:
            sandbox.resume()

    return listener


@pytest.fixture(scope="module")
def documents(
    sandbox: Sandbox, patients: tuple[Patient, ...], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("cases") / "home"
    home.mkdir(mode=0o700)
    (home / "sandbox").symlink_to(sandbox.directory, target_is_directory=True)
    return {
        scenario: read(
            home,
            accession_of(patients, scenario),
            hang=sandbox if scenario == "query_failed" else None,
        )
        for scenario in SCENARIOS
    }


def steps(document: Any) -> list[str]:
    return [step["step"] for step in document["steps"]]


def text(document: Any) -> str:
    return str(document["draft"]["text"])


def test_no_two_traces_are_alike(documents: dict[str, Any]) -> None:
    traces = {scenario: trace(document) for scenario, document in documents.items()}
    assert len(set(traces.values())) == len(SCENARIOS), traces


def test_without_priors_the_report_says_so_and_compares_with_nothing(
    documents: dict[str, Any],
) -> None:
    document = documents["no_priors"]
    assert document["priors"]["outcome"] == "none"
    assert "None available" in text(document)
    assert "compare_prior" not in steps(document)


def test_a_failed_search_is_not_no_priors(documents: dict[str, Any]) -> None:
    document = documents["query_failed"]
    assert document["priors"]["outcome"] == "failed"
    assert "could not be queried" in text(document)
    assert "None available" not in text(document)


def test_another_modality_is_refused_before_a_draft(documents: dict[str, Any]) -> None:
    document = documents["wrong_modality"]
    assert document["exit_code"] == ExitCode.REFUSED
    assert document["draft"] is None and document["approval"] is None


def test_a_poor_film_is_said_to_be_poor(documents: dict[str, Any]) -> None:
    document = documents["poor_film"]
    assert not document["reading"]["quality"]["adequate"]
    assert "note_limitation" in steps(document)


def test_a_tube_asks_for_its_tip(documents: dict[str, Any]) -> None:
    asked = [s for s in documents["device"]["steps"] if s["step"] == "ask_region"]
    assert asked and "tube" in asked[0]["arguments"]["finding"].replace("_", " ")


def test_a_wide_mediastinum_fetches_the_prior_ct(documents: dict[str, Any]) -> None:
    document = documents["ct_prior"]
    ct = {each["label"] for each in document["priors"]["used"] if each["kind"] == "CT"}
    fetched = {
        step["arguments"]["prior"].upper()
        for step in document["steps"]
        if step["step"] == "retrieve_prior"
    }
    assert ct & fetched


def test_a_normal_film_leads_to_no_alarm(documents: dict[str, Any]) -> None:
    document = documents["normal"]
    assert "flag_critical" not in steps(document)
    assert document["critical"] == []


def test_a_pneumothorax_is_flagged(documents: dict[str, Any]) -> None:
    document = documents["critical"]
    assert "pneumothorax" in document["critical"]
    assert "pneumothorax" in text(document).split("IMPRESSION")[1].lower()


def test_each_sentence_stands_on_something_or_is_marked(documents: dict[str, Any]) -> None:
    for scenario, document in documents.items():
        for claim in (document["draft"] or {}).get("claims", ()):
            stands = claim["evidence"] or claim["rests_on"] or claim["standing"] == "marked"
            assert stands, (scenario, claim["sentence"])


@pytest.mark.parametrize(
    "line",
    [
        {"tool": "find_priors"},
        {"tool": "look_at_film"},
        {"tool": "draft_report"},
        {"text": "No acute abnormality."},
    ],
)
def test_a_core_that_always_answers_the_same_drafts_nothing(
    sandbox_home: Path, patients: tuple[Patient, ...], tmp_path: Path, line: dict[str, str]
) -> None:
    core = script(tmp_path / "script.json", [line], repeat=True)
    document = read(sandbox_home, accession_of(patients, "normal"), core)
    assert document["exit_code"] == ExitCode.MODEL_UNAVAILABLE
    assert document["draft"] is None and document["approval"] is None
