"""The teacher of `read`: which step a careful reader takes next, and whole episodes of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from readingroom.domain.finding import VOCABULARY, Observation
from readingroom.inference.planner.layout import ANSWER
from training.chat_patterns import CASES
from training.planner_data import Sample, accession

GOALS = (
    "read the study with its priors",
    "read this study with its priors",
    "read {a} with its priors",
    "read {a}",
    "read the study",
    "report this chest film with its priors",
    "read the open case",
    "do a full read of {a}",
    "interpret the study and compare it with the priors",
    "full read with priors",
    "go through the study and its priors, then draft",
    "read it",
    "Read the study with its priors.",
    "please read {a} and compare with older films",
)

BORDERLINE = 0.50
"""From this cardiothoracic ratio on the heart is measured even when no finding was made of it."""


@dataclass(frozen=True)
class SeenFilm:
    """What the tower says of one film of the pool.

    Attributes:
        seen: (observation, side, probability) of what it calls present.
        limits: why the film is poor; empty when it is adequate.
        known: whether the core may judge it at all.
        ratio: cardiothoracic ratio or 0.
    """

    row: int
    seen: tuple[tuple[Observation, str, float], ...]
    limits: tuple[str, ...]
    known: bool
    ratio: float

    def has(self, observation: Observation) -> bool:
        """Whether it is among what is seen."""
        return any(item[0] is observation for item in self.seen)


@dataclass
class World:
    """One case: what the PACS will answer and what the film shows."""

    film: SeenFilm
    priors: list[tuple[str, str, str]]
    """label, modality, date"""
    find_result: str
    retrieve_results: dict[str, str]
    steps: list[tuple[str, dict[str, str], str]] = field(default_factory=list)

    def did(self, tool: str, value: str = "") -> str | None:
        """The result of a step that was taken (with this argument), or None."""
        for name, arguments, result in self.steps:
            if name == tool and (not value or value in arguments.values()):
                return result
        return None


def random_world(film: SeenFilm, rng: random.Random) -> World:
    """A PACS around a film: none, failed, or one to four priors, some not retrievable."""
    chance = rng.random()
    if chance < 0.15:
        return World(film, [], "none", {})
    if chance < 0.27:
        why = rng.choice(
            ("the PACS did not answer", "timed out", "association rejected", "C-FIND status A700")
        )
        return World(film, [], f"failed: {why}", {})
    year = rng.randint(2019, 2026)
    priors = []
    for number in range(1, rng.choice((1, 2, 2, 3, 4)) + 1):
        modality = rng.choices(("XR", "CT", "MR", "OT"), (0.6, 0.32, 0.05, 0.03))[0]
        priors.append(
            (f"P{number}", modality, f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}")
        )
        year -= rng.randint(0, 2)
    found = f"found {len(priors)}: " + ", ".join(" ".join(prior) for prior in priors)
    results = {label: _retrieved(label, rng) for label, _, _ in priors}
    return World(film, priors, found, results)


def _retrieved(label: str, rng: random.Random) -> str:
    reports = rng.choice(("", ", 1 report", ", no report"))
    return rng.choices(
        (
            f"{label} complete: {rng.choice(('1 image', '2 images', '20 images'))}{reports}",
            f"{label} partial: {rng.randint(1, 3)} of {rng.randint(4, 6)}",
            f"{label} unknown: the peer stopped answering",
            f"{label} failed: {rng.choice(('not reachable', 'timed out'))}",
        ),
        (0.68, 0.12, 0.06, 0.14),
    )[0]


def next_step(world: World) -> tuple[str, str]:
    """The tool and its argument value ("" when it takes none); ANSWER when all is done."""
    looked, asked = world.did("look_at_film"), world.did("find_priors")
    if looked is None and asked is None and world.film.has(Observation.PNEUMOTHORAX):
        return "look_at_film", ""
    if looked is not None:
        for observation, _, _ in world.film.seen:
            critical = VOCABULARY[observation].is_critical
            if critical and world.did("flag_critical", observation.value) is None:
                return "flag_critical", observation.value
    if asked is None:
        return "find_priors", ""
    films = [label for label, modality, _ in world.priors if modality == "XR"]
    if films and world.did("retrieve_prior", films[0]) is None:
        return "retrieve_prior", films[0]
    if looked is None:
        return "look_at_film", ""
    return _after_looking(world, films)


def _after_looking(world: World, films: list[str]) -> tuple[str, str]:
    film = world.film
    if film.limits and world.did("note_limitation") is None:
        return "note_limitation", ""
    if film.has(Observation.TRACHEAL_TUBE) and world.did("ask_region") is None:
        return "ask_region", "tracheal_tube"
    large = film.has(Observation.CARDIOMEGALY) or film.ratio >= BORDERLINE
    if film.known and large and world.did("measure") is None:
        return "measure", "cardiothoracic_ratio"
    needs_ct = film.has(Observation.NODULE) or film.has(Observation.WIDE_MEDIASTINUM)
    scans = [label for label, modality, _ in world.priors if modality == "CT"]
    if needs_ct and scans and world.did("retrieve_prior", scans[0]) is None:
        return "retrieve_prior", scans[0]
    if films and world.did("compare_prior") is None:
        result = world.did("retrieve_prior", films[0]) or ""
        if "complete" in result or "partial" in result:
            return "compare_prior", films[0]
    return ("draft_report", "") if world.did("draft_report") is None else (ANSWER, "")


def look_text(film: SeenFilm) -> str:
    """The one-line result of looking, as the tool words it."""
    if not film.known:
        return "cannot judge: unlike the films it was trained on"
    items = [
        f"{VOCABULARY[observation].label}{' ' + side if side in ('left', 'right') else ''} {p:.2f}"
        for observation, side, p in film.seen
    ]
    quality = f"film poor ({', '.join(film.limits)})" if film.limits else "film adequate"
    return f"{quality}; seen: {', '.join(items) or 'nothing'}"


_COURSES = ("no finding to compare", "pleural effusion larger", "nodule new", "no change")


def run_step(world: World, tool: str, value: str, rng: random.Random) -> None:
    """Take a step: what the tool would answer goes into the world."""
    name = {"flag_critical": "finding", "ask_region": "finding", "measure": "target"}.get(
        tool, "prior"
    )
    label = VOCABULARY[Observation(value)].label if name == "finding" and value else ""
    if tool == "measure":
        ratio = f"cardiothoracic ratio {world.film.ratio:.2f}" if world.film.ratio else ""
        result = ratio or "not measurable: the heart was not found"
    elif tool == "ask_region":
        p = rng.uniform(0.1, 0.98)
        result = f"{label} {'present' if p > 0.5 else 'uncertain'} {p:.2f}: tip at (512, 300)"
    else:
        result = {
            "find_priors": world.find_result,
            "retrieve_prior": world.retrieve_results.get(value, f"{value} failed: not found"),
            "look_at_film": look_text(world.film),
            "compare_prior": f"{value}: {rng.choice(_COURSES)}",
            "note_limitation": f"noted: {', '.join(world.film.limits) or 'none'}",
            "flag_critical": f"flagged: {label}",
            "draft_report": rng.choice(("drafted", "draft 1: 8 sentences")),
        }[tool]
    world.steps.append((tool, {name: value} if value else {}, result))


def episode(film: SeenFilm, rng: random.Random) -> list[Sample]:
    """All states of one read, with the teacher's choice in each."""
    world = random_world(film, rng)
    goal = rng.choice(GOALS)
    goal = goal.replace("{a}", accession(rng))
    case = rng.choice(CASES)
    samples = []
    for _ in range(16):
        tool, value = next_step(world)
        sample = Sample(goal, case, "read", tool, list(world.steps), film=film.row)
        if tool in ("retrieve_prior", "compare_prior"):
            sample.spans = {"prior": value}
        elif tool == "measure":
            sample.target = value
        elif value:
            sample.finding = value
        samples.append(sample)
        if tool == ANSWER:
            break
        run_step(world, tool, value, rng)
    return samples
