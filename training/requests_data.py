"""Requests that were written by hand for training (`training/requests/*.jsonl`), as samples.

Their schema is that of `benchmarks/core` with the earlier turns beside the request. None of them
was written with the benchmark in sight. What can be changed without changing the sense is
changed each time: identifiers, capitals, typing errors, the film.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readingroom.domain.finding import Observation
from readingroom.inference.planner.layout import ANSWER, CANNOT
from readingroom.inference.planner.words import number_of
from training.chat_patterns import CASES, RESULTS
from training.planner_data import Sample, accession, typos
from training.read_teacher import BORDERLINE, SeenFilm

FOLDER = Path(__file__).parent / "requests"
TODAY = "2026-11-22"

_FOR_CT = (Observation.WIDE_MEDIASTINUM, Observation.NODULE, Observation.MASS)

Line = dict[str, Any]
Call = tuple[str, dict[str, str]]

_WHATS = ("chest PA", "chest AP portable", "chest PA and lateral", "CT chest", "chest", "CT thorax")


def load_requests(folder: Path = FOLDER) -> list[Line]:
    """All lines of all files, in the order of their names."""
    lines = []
    for path in sorted(folder.glob("*.jsonl")):
        lines += [json.loads(each) for each in path.read_text("utf-8").splitlines() if each.strip()]
    return lines


def invented_tools() -> list[Line]:
    """Tools of others with requests, written by hand; none is in the product or in a test."""
    return load_requests(FOLDER.parent / "new_tools")


def foreign_sample(tools: Sequence[Line], rng: random.Random) -> Sample:
    """A request for somebody else's tool: none of ours is meant, whatever it sounds like."""
    said = _noisy(rng.choice(rng.choice(tools)["requests"]), {}, rng)
    case = with_priors(rng.choice(CASES), rng) if rng.random() < 0.6 else ""
    return Sample(said, case, "chat", CANNOT)


def request_sample(line: Line, rng: random.Random, films: Sequence[SeenFilm]) -> Sample:
    """One state of a line: before its first step, or after some of them."""
    line = _renamed(line, rng)
    calls = [_call(step) for step in line["steps"]]
    film = None
    if line["film"] is not None and len(calls) == 1:
        seen = rng.choice(films)
        film, calls = seen.row, [step_for(seen, line["case"])]
    elif line["case"] is not None and rng.random() < 0.7:
        film = rng.choice(films).row
    is_reply = calls[0][0].startswith("_")
    taken = 0 if is_reply else _how_far(len(calls), rng)
    tool, arguments = calls[taken] if taken < len(calls) else (ANSWER, {})
    arguments = _as_said(line["say"], arguments)
    said = _noisy(line["say"], arguments, rng)
    is_opened = any(name == "open_study" for name, _ in calls[:taken])
    case = {} if is_opened else line["case"]
    sample = Sample(said, _case_line(case, rng), "chat", tool)
    sample.film = film
    sample.steps = [(name, given, _result(name, given, line, rng)) for name, given in calls[:taken]]
    sample.before = [_turn(turn) for turn in line["before"]]
    _put(sample, arguments)
    return sample


def step_for(film: SeenFilm, case: Line | None) -> Call:
    """What a film asks for next, the most urgent first (the order is that of the brief)."""
    priors = (case or {}).get("priors", [])
    if film.has(Observation.PNEUMOTHORAX):
        return "flag_critical", {"finding": "pneumothorax"}
    if film.limits:
        return "note_limitation", {}
    if film.has(Observation.TRACHEAL_TUBE):
        return "ask_region", {"finding": "tracheal_tube"}
    if film.has(Observation.CARDIOMEGALY) or film.ratio >= BORDERLINE:
        return "measure", {"target": "cardiothoracic_ratio"}
    scans = [prior["label"] for prior in priors if prior["modality"] == "CT"]
    if scans and (any(map(film.has, _FOR_CT))):
        return "retrieve_prior", {"prior": scans[0]}
    old = [prior["label"] for prior in priors if prior["modality"] in ("XR", "CR", "DX")]
    if old and (film.has(Observation.CONSOLIDATION) or film.has(Observation.PLEURAL_EFFUSION)):
        return "compare_prior", {"prior": old[0]}
    return "draft_report", {}


def with_priors(case_line: str, rng: random.Random) -> str:
    """A case line with priors made up, so that their presence alone tells nothing."""
    if not case_line or rng.random() < 0.4:
        return case_line
    year, month, parts = 2026, 11, [case_line]
    for number in range(1, rng.randint(2, 6)):
        month -= rng.randint(1, 9)
        if month < 1:
            year, month = year - rng.randint(1, 2), month + 12
        kind = rng.choice(("XR", "XR", "CT", "CT", "MR"))
        what = rng.choice(_WHATS)
        parts.append(f"P{number} {kind} {year}-{month:02d}-{rng.randint(1, 28):02d} {what}")
    return "; ".join([*parts, f"today {TODAY}"])


def _call(step: Line) -> Call:
    given = {name: str(value) for name, value in step["arguments"].items()}
    if not re.fullmatch(r"[Pp]\d{1,2}", given.get("prior", "P1")):
        del given["prior"]  # "the CT" of a case that is not open yet: its label is not known
    return step["tool"], given


def _how_far(count: int, rng: random.Random) -> int:
    """How many steps were taken already: none, mostly, of a single one."""
    return rng.randint(0, count) if count > 1 else int(rng.random() < 0.12)


def _as_said(text: str, arguments: dict[str, str]) -> dict[str, str]:
    """The number of a sentence in the word that was used for it: that is what is tagged."""
    wanted = arguments.get("sentence")
    words = [word.strip(".,;:!?()\"'") for word in text.split()]
    meant = [word for word in words if wanted and word and number_of(word) == wanted]
    return arguments | {"sentence": meant[0]} if meant else arguments


def _put(sample: Sample, arguments: dict[str, str]) -> None:
    for name, value in arguments.items():
        is_word = name == "view" and value in ("current", "prior")
        if name in ("finding", "target") or is_word:
            setattr(sample, name, value)
        else:
            sample.spans[name] = value


def _turn(turn: Line) -> tuple[str, list[tuple[str, dict[str, str], str]], str]:
    calls = [(*_call(step), "") for step in turn["steps"]]
    asked = turn.get("text") or next((s["text"] for s in turn["steps"] if "text" in s), "")
    return turn["say"], [call for call in calls if not call[0].startswith("_")], asked


def _renamed(line: Line, rng: random.Random) -> Line:
    """The same with other accession numbers, wherever they stand."""
    text = json.dumps(line, ensure_ascii=False)
    numbers = {
        value
        for turn in (line, *line["before"])
        for step in turn["steps"]
        if (value := step["arguments"].get("accession"))
    }
    for number in numbers:
        if rng.random() < 0.6 and number in line["say"]:
            text = text.replace(json.dumps(number, ensure_ascii=False)[1:-1], accession(rng))
    changed: Line = json.loads(text)
    return changed


def _case_line(case: Line | None, rng: random.Random) -> str:
    if case is None:
        return ""
    priors = [
        " ".join((p["label"], p["modality"], p.get("date") or "undated", p.get("what", ""))).strip()
        for p in case.get("priors", [])
    ]
    return "; ".join([rng.choice(CASES), *priors, f"today {TODAY}"])


def _result(tool: str, given: dict[str, str], line: Line, rng: random.Random) -> str:
    """What the tool said, in the product's words."""
    if tool == "open_study":
        return f"open: {given.get('accession', '')}"
    priors = (line["case"] or {}).get("priors", [])
    if tool == "find_priors" and priors:
        rows = (f"{p['label']} {p['modality']} {p.get('date', '')}" for p in priors)
        return f"found {len(priors)}: " + ", ".join(rows)
    if tool == "retrieve_prior":
        return f"{given.get('prior', 'P1')} complete: 2 images"
    results = RESULTS.get(tool, ("noted: limited film",))
    return rng.choice(results)


def _noisy(text: str, arguments: dict[str, str], rng: random.Random) -> str:
    """Typing errors and capitals as they come; what must be copied stays as it is."""
    copied = [v for k, v in arguments.items() if k in ("accession", "prior", "view", "sentence")]
    if rng.random() < 0.25:
        keep = {word.strip(".,;:!?").casefold() for value in copied for word in value.split()}
        text = typos(text, rng, keep)
    chance = rng.random()
    if chance < 0.12 and not re.search("[A-Z].*\\d", text):
        return text.lower()
    return text[:1].lower() + text[1:] if chance < 0.25 else text
