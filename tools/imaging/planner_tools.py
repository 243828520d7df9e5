"""Measurements on the current film. No number in millimetres without a pixel pitch."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from readingroom.domain.errors import ToolFailed
from readingroom.domain.evidence import MeasurementEvidence
from readingroom.domain.film import Film
from readingroom.domain.finding import FilmReading, Observation
from readingroom.domain.region import Box, Region
from readingroom.tools.case import OpenCase
from readingroom.tools.sdk import Choices, Effect, Stage, Tool, ToolResult


class TargetArgument(BaseModel):
    """What to measure."""

    model_config = ConfigDict(extra="forbid")
    target: Literal["cardiothoracic_ratio", "nodule_diameter", "effusion_depth"]


def measure(arguments: TargetArgument, case: OpenCase) -> ToolResult:
    """Measure on the current film, from what the core placed there."""
    reading = case.reading()
    if reading is None:
        raise ToolFailed("the film was not looked at")
    film = case.film()
    if arguments.target == "cardiothoracic_ratio":
        found = _cardiothoracic_ratio(reading, film)
    else:
        found = _extent_mm(arguments.target, reading, film)
    if found is None:
        return ToolResult(f"not measurable: {arguments.target.replace('_', ' ')}", "none")
    case.put(f"measure:{arguments.target}", found)
    unit = "" if found.unit == "1" else f" {found.unit}"
    value = f"{found.value:.2f}" if found.unit == "1" else f"{found.value:.0f}"
    return ToolResult(f"{arguments.target.replace('_', ' ')} {value}{unit}")


def _cardiothoracic_ratio(reading: FilmReading, film: Film) -> MeasurementEvidence | None:
    """Widest heart over widest thorax; a ratio needs no pixel pitch.

    Source: Danzer CS, Am J Med Sci 1919;157:513-521.
    """
    if reading.cardiothoracic_ratio is None or reading.thorax is None:
        return None
    region = Region(film.sop_uid, reading.thorax, film.rows, film.columns)
    return MeasurementEvidence(
        "cardiothoracic ratio", round(reading.cardiothoracic_ratio, 2), "1", region
    )


def _extent_mm(target: str, reading: FilmReading, film: Film) -> MeasurementEvidence | None:
    observation = {
        "nodule_diameter": Observation.NODULE,
        "effusion_depth": Observation.PLEURAL_EFFUSION,
    }[target]
    box = _box_of(reading, observation)
    if box is None or film.spacing_yx_mm is None:
        return None
    height_mm = (box.y1 - box.y0) * film.spacing_yx_mm[0]
    width_mm = (box.x1 - box.x0) * film.spacing_yx_mm[1]
    value = height_mm if target == "effusion_depth" else max(height_mm, width_mm)
    region = Region(film.sop_uid, box, film.rows, film.columns)
    return MeasurementEvidence(target.replace("_", " "), round(value), "mm", region)


def _box_of(reading: FilmReading, observation: Observation) -> Box | None:
    return next((d.box for d in reading.detections if d.observation is observation), None)


def _looked(case: OpenCase) -> str:
    return "" if case.reading() is not None else "the film was not looked at"


def _to_measure(case: OpenCase) -> Choices:
    """Targets that have something to measure, and were not measured yet."""
    reading = case.reading()
    placed = {d.observation for d in reading.detections if d.box is not None} if reading else set()
    possible = {
        "cardiothoracic_ratio": reading is not None and reading.cardiothoracic_ratio is not None,
        "nodule_diameter": Observation.NODULE in placed,
        "effusion_depth": Observation.PLEURAL_EFFUSION in placed,
    }
    return {
        "target": tuple(
            target
            for target, is_here in possible.items()
            if is_here and not case.measurement(target)
        )
    }


TOOLS = (
    Tool(
        name="measure",
        label="measuring",
        description="Measure on the film: cardiothoracic ratio, nodule diameter, effusion depth.",
        arguments=TargetArgument,
        effect=Effect.COMPUTE,
        stage=Stage.LOOK,
        run=measure,
        ready=_looked,
        first="look_at_film",
        choices=_to_measure,
    ),
)
