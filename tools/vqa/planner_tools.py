"""Questions about a region, put to the core on the crop alone."""

from __future__ import annotations

from readingroom.domain.errors import ToolFailed
from readingroom.domain.finding import VOCABULARY, FilmReading, Observation
from readingroom.domain.region import Box, Region
from readingroom.tools.case import OpenCase
from readingroom.tools.detection.planner_tools import FindingArgument
from readingroom.tools.reporting.facts import RegionLook
from readingroom.tools.sdk import Choices, Effect, Stage, Tool, ToolResult


def place_of(reading: FilmReading, observation: Observation) -> Box:
    """Where to look for an observation: its own box, else the first zone it belongs to.

    Raises:
        ToolFailed: the core placed neither.
    """
    for detection in reading.detections:
        if detection.observation is observation and detection.box is not None:
            return detection.box
    for zone in VOCABULARY[observation].zones:
        for each in reading.zones:
            if each.zone is zone:
                return each.box
    raise ToolFailed(f"the core knows no place to look for {VOCABULARY[observation].label}")


def ask(arguments: FindingArgument, case: OpenCase) -> ToolResult:
    """Ask whether an observation is present where it would be, and what is seen of it."""
    observation = arguments.observation()
    reading = case.reading()
    if reading is None:
        raise ToolFailed("the film was not looked at")
    film = case.film()
    box = place_of(reading, observation)
    answer = case.cores.ask_region(film, box, observation)
    region = Region(film.sop_uid, box, film.rows, film.columns)
    case.put(f"look:{observation.value}", RegionLook(region, answer))
    detail = f": {answer.detail}" if answer.detail else ""
    presence = answer.presence.value.replace("_", " ")
    label = VOCABULARY[observation].label
    return ToolResult(f"{label} {presence} {answer.probability:.2f}{detail}")


def _looked(case: OpenCase) -> str:
    return "" if case.reading() is not None else "the film was not looked at"


def _to_ask(case: OpenCase) -> Choices:
    """What the core judged or can place, most probable first; each is asked about once."""
    reading = case.reading()
    asked = {each.answer.observation for each in case.looks()}
    judged = sorted(reading.detections, key=lambda each: -each.probability) if reading else []
    labels = (VOCABULARY[d.observation].label for d in judged if d.observation not in asked)
    return {"finding": tuple(labels)}


TOOLS = (
    Tool(
        name="ask_region",
        label="asking about a region",
        description="Ask about one finding on the crop where it would be, e.g. the tube's tip.",
        arguments=FindingArgument,
        effect=Effect.COMPUTE,
        stage=Stage.LOOK,
        run=ask,
        ready=_looked,
        first="look_at_film",
        choices=_to_ask,
    ),
)
