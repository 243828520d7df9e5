"""An argument that nobody wrote would open the wrong study: it must never appear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from readingroom.domain.ports import PlanRequest, StepBrief, ToolBrief, TurnBrief
from readingroom.inference.client import WEIGHTS
from readingroom.inference.planner.arguments import choose_arguments, findings_left
from readingroom.inference.planner.layout import INTENTS, TAGS, Line, flatten, priors_in_words
from readingroom.inference.planner.lessons import Lessons
from readingroom.inference.planner.meaning import Meaning
from readingroom.inference.planner.routing import best_unknown
from readingroom.inference.planner.words import number_of


@dataclass
class Heads:
    line: Line
    offsets: list[tuple[int, int]]
    tags: NDArray[np.float32]
    finding: str = ""
    target: str = ""
    view: str = ""


def heads_for(request: PlanRequest, marks: dict[str, str]) -> Heads:
    """Heads that tag whole words of the text: word → tag."""
    line = flatten(request)
    offsets, rows, at = [], [], 0
    for word in line.text.split(" "):
        row = np.zeros(len(TAGS), np.float32)
        row[TAGS.index(marks.get(word, "O"))] = 1
        offsets.append((at, at + len(word)))
        rows.append(row)
        at += len(word) + 1
    return Heads(line, offsets, np.stack(rows))


CHAT = (ToolBrief("open_study", "open a study"),)
READ = (ToolBrief("retrieve_prior", "fetch a prior"),)


def test_accession_is_copied_letter_by_letter() -> None:
    request = PlanRequest("open RAD-55120/x. please", "", (), CHAT)
    heads = heads_for(request, {"RAD-55120/x.": "B-accession"})
    assert choose_arguments("open_study", heads, request, True) == {"accession": "RAD-55120/x"}


def test_accession_is_never_taken_from_a_result() -> None:
    step = StepBrief("worklist", {}, "CR-666 is waiting")
    request = PlanRequest("open the next one", "", (step,), CHAT)
    heads = heads_for(request, {"CR-666": "B-accession"})
    assert choose_arguments("open_study", heads, request, True) == {}


def test_prior_label_comes_from_the_found_list_and_not_twice() -> None:
    found = StepBrief("find_priors", {}, "found 2: P1 XR 2024-03-02, P2 CT 2023-01-10")
    request = PlanRequest("read it", "", (found,), READ)
    heads = heads_for(request, {"P1": "B-prior"})
    assert choose_arguments("retrieve_prior", heads, request, False) == {"prior": "P1"}
    tried = StepBrief("retrieve_prior", {"prior": "P1"}, "P1 failed: timed out")
    again = PlanRequest("read it", "", (found, tried), READ)
    assert (
        choose_arguments("retrieve_prior", heads_for(again, {"P1": "B-prior"}), again, False)
        is None
    )


def test_no_label_in_the_text_means_no_call() -> None:
    request = PlanRequest("read it", "", (StepBrief("find_priors", {}, "none"),), READ)
    assert choose_arguments("retrieve_prior", heads_for(request, {}), request, False) is None


def test_number_words_become_numbers() -> None:
    request = PlanRequest("why sentence three", "", (), CHAT)
    heads = heads_for(request, {"three": "B-sentence"})
    assert choose_arguments("show_evidence", heads, request, True) == {"sentence": "3"}


def test_a_tool_registered_later_is_found_by_its_words() -> None:
    tools = [
        ToolBrief("bone_age", "Estimate the bone age of a child from a hand film."),
        ToolBrief("similar_cases", "Find similar cases in the teaching file.", {}),
    ]
    route = best_unknown("please estimate bone age", tools, Meaning(WEIGHTS))
    assert route is not None and route.tool == "bone_age"
    assert best_unknown("what is the weather in Oslo", tools, Meaning(WEIGHTS)) is None


def test_a_named_finding_is_not_swapped_for_another() -> None:
    request = PlanRequest("could that be pneumonia on the left", "", (), CHAT)
    heads = heads_for(request, {})
    heads.finding = "pneumothorax"
    assert choose_arguments("ask_region", heads, request, True) == {"finding": "consolidation"}


def test_a_read_flags_only_what_the_look_has_named() -> None:
    look = StepBrief("look_at_film", {}, "film adequate; seen: pleural effusion left 0.93")
    request = PlanRequest("read it", "", (look,), READ)
    heads = heads_for(request, {})
    heads.finding = "pneumothorax"
    assert choose_arguments("flag_critical", heads, request, False) is None
    look = StepBrief("look_at_film", {}, "film adequate; seen: pneumothorax left 0.93")
    request = PlanRequest("read it", "", (look,), READ)
    assert choose_arguments("flag_critical", heads, request, False) == {"finding": "pneumothorax"}


PRIORS = (
    "XR chest PA M 63; P1 XR 2026-11-21 chest AP; P2 CT 2025-12-01 CT chest; "
    "P3 XR 2020-01-01 chest; today 2026-11-22"
)


def test_priors_are_told_in_the_words_that_people_use() -> None:
    told = priors_in_words(PRIORS.split("; ")[1:])
    assert told == [
        "P1 XR chest AP newest newest XR 21 november 2026 yesterday",
        "P2 CT CT chest only CT 1 december 2025 12 months ago",
        "P3 XR chest oldest oldest XR 1 january 2020 7 years ago",
    ]


def test_a_described_prior_is_one_of_the_list() -> None:
    request = PlanRequest("fetch the CT", PRIORS, (), (ToolBrief("worklist", ""), *READ))
    heads = heads_for(request, {"P2": "B-prior"})
    assert choose_arguments("retrieve_prior", heads, request, True) == {"prior": "P2"}
    assert choose_arguments("retrieve_prior", heads_for(request, {}), request, True) == {}


def test_what_was_said_before_gives_an_identifier_and_only_it() -> None:
    before = (TurnBrief("is CR-7001 read yet?"),)
    request = PlanRequest("open it then", "", (), CHAT, (), before)
    heads = heads_for(request, {"CR-7001": "B-accession"})
    assert choose_arguments("open_study", heads, request, True) == {"accession": "CR-7001"}


@pytest.mark.parametrize(
    ("word", "number"),
    [("third", "3"), ("2nd", "2"), ("s5", "5"), ("dritten", "3"), ("deuxième", "2"),
     ("última", "last"), ("final", "last"), ("sentence", ""), ("12", "12")],
)  # fmt: skip
def test_numbers_of_sentences_in_words(word: str, number: str) -> None:
    assert number_of(word) == number


def test_an_accession_ends_before_the_next_word() -> None:
    request = PlanRequest("Ouvrez RX-64.118 s'il vous plaît", "", (), CHAT)
    heads = heads_for(request, {"RX-64.118": "B-accession", "s'il": "I-accession"})
    assert choose_arguments("open_study", heads, request, True) == {"accession": "RX-64.118"}


def test_several_findings_in_a_sentence_are_asked_one_after_the_other() -> None:
    asked = StepBrief("ask_region", {"finding": "pneumothorax"}, "pneumothorax: absent")
    request = PlanRequest("Pneumo? Ribs? Aorta?", "XR chest", (asked,), ())
    assert findings_left("ask_region", request.request, request) == [
        "rib_fracture",
        "wide_mediastinum",
    ]
    alone = PlanRequest("a pneumothorax?", "XR chest", (asked,), ())
    assert findings_left("ask_region", alone.request, alone) == []


def test_neighbours_have_a_say_and_the_film_keeps_its_own() -> None:
    lessons = Lessons(WEIGHTS, Meaning(WEIGHTS))
    unsure = np.full(len(INTENTS), 1 / len(INTENTS), np.float32)
    heard = lessons.heard(unsure, "show me the work list", is_open=False, follows=False)
    assert INTENTS[int(heard.argmax())] == "worklist"
    assert heard.sum() == pytest.approx(1.0, abs=1e-4)
    sure = np.zeros(len(INTENTS), np.float32)
    sure[INTENTS.index("open_study")] = 1.0
    kept = lessons.heard(sure, "open RAD-5512", is_open=False, follows=False)
    assert INTENTS[int(kept.argmax())] == "open_study"
