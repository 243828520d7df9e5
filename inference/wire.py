"""What goes over the pipe: a JSON head, then raw arrays. No pickle: bytes never become code."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.film import Film
from readingroom.domain.finding import (
    Detection,
    FilmQuality,
    FilmReading,
    ModelId,
    Observation,
    Presence,
    RegionAnswer,
    ZoneBox,
)
from readingroom.domain.ids import SOPInstanceUID
from readingroom.domain.ports import PlanDecision, PlanRequest, StepBrief, ToolBrief, TurnBrief
from readingroom.domain.region import Box, Laterality, Zone

Array = NDArray[np.float32]
Plain = dict[str, Any]

LENGTHS = struct.Struct(">IQ")
"""Length of the JSON head, length of the arrays after it."""

LARGEST_HEAD = 1 << 20
LARGEST_ARRAYS = 1 << 30


def pack(head: Plain, arrays: Sequence[Array] = ()) -> bytes:
    """A frame: lengths, head, arrays (float32, their shapes in the head)."""
    head = {**head, "shapes": [list(array.shape) for array in arrays]}
    text = json.dumps(head, ensure_ascii=False, default=str).encode()
    body = b"".join(np.ascontiguousarray(array, np.float32).tobytes() for array in arrays)
    return LENGTHS.pack(len(text), len(body)) + text + body


def unpack(text: bytes, body: bytes) -> tuple[Plain, list[Array]]:
    """The head and the arrays of a frame."""
    head: Plain = json.loads(text)
    arrays, at = [], 0
    for shape in head.pop("shapes"):
        count = int(np.prod(shape))
        arrays.append(np.frombuffer(body, np.float32, count, at).reshape(shape))
        at += 4 * count
    return head, arrays


def film_out(film: Film) -> tuple[Plain, Array]:
    """A film for the pipe."""
    head = {
        "sop_uid": film.sop_uid,
        "sha256": film.sha256,
        "spacing": film.spacing_yx_mm,
        "view": film.view,
        "window": film.window,
    }
    return head, film.grey_yx


def film_in(head: Plain, grey_yx: Array) -> Film:
    """A film from the pipe."""
    spacing = head["spacing"]
    return Film(
        SOPInstanceUID(head["sop_uid"]),
        head["sha256"],
        grey_yx,
        (spacing[0], spacing[1]) if spacing else None,
        head["view"],
        (head["window"][0], head["window"][1]),
    )


def box_in(values: Mapping[str, float] | None) -> Box | None:
    """A box from the pipe."""
    return Box(values["x0"], values["y0"], values["x1"], values["y1"]) if values else None


def _box(values: Mapping[str, float]) -> Box:
    return Box(values["x0"], values["y0"], values["x1"], values["y1"])


def reading_in(plain: Plain) -> FilmReading:
    """A reading from what `asdict` made of it."""
    quality = plain["quality"]
    return FilmReading(
        knows_this_kind=plain["knows_this_kind"],
        why_not=plain["why_not"],
        quality=FilmQuality(
            quality["adequate"], quality["probability_poor"], tuple(quality["limits"])
        ),
        detections=tuple(_detection_in(item) for item in plain["detections"]),
        zones=tuple(
            ZoneBox(Zone(z["zone"]), Laterality(z["laterality"]), _box(z["box"]))
            for z in plain["zones"]
        ),
        heart=box_in(plain["heart"]),
        thorax=box_in(plain["thorax"]),
        cardiothoracic_ratio=plain["cardiothoracic_ratio"],
        model=ModelId(**plain["model"]),
    )


def _detection_in(plain: Plain) -> Detection:
    return Detection(
        Observation(plain["observation"]),
        plain["probability"],
        Presence(plain["presence"]),
        Laterality(plain["laterality"]),
        Zone(plain["zone"]),
        box_in(plain["box"]),
        tuple((x, y) for x, y in plain["outline"]),
    )


def answer_in(plain: Plain) -> RegionAnswer:
    """An answer about a region from what `asdict` made of it."""
    return RegionAnswer(
        Observation(plain["observation"]),
        Presence(plain["presence"]),
        plain["probability"],
        ModelId(**plain["model"]),
        plain["detail"],
    )


def request_out(request: PlanRequest) -> Plain:
    """A plan request without its images."""
    return {
        "request": request.request,
        "case_line": request.case_line,
        "steps": _steps_out(request.steps),
        "before": [[t.request, _steps_out(t.steps), t.reply] for t in request.before],
        "tools": [[t.name, t.description, dict(t.arguments)] for t in request.tools],
    }


def request_in(plain: Plain, images: Sequence[Array]) -> PlanRequest:
    """A plan request with its images."""
    return PlanRequest(
        plain["request"],
        plain["case_line"],
        _steps_in(plain["steps"]),
        tuple(ToolBrief(*tool) for tool in plain["tools"]),
        tuple(images),
        tuple(TurnBrief(said, _steps_in(done), reply) for said, done, reply in plain["before"]),
    )


def _steps_out(steps: Sequence[StepBrief]) -> list[list[Any]]:
    return [[s.tool, dict(s.arguments), s.result] for s in steps]


def _steps_in(plain: Sequence[Sequence[Any]]) -> tuple[StepBrief, ...]:
    return tuple(StepBrief(*step) for step in plain)


def decision_in(plain: Plain) -> PlanDecision:
    """A decision from what `asdict` made of it."""
    return PlanDecision(**{**plain, "choices": tuple(plain["choices"])})


def plain_of(value: FilmReading | RegionAnswer | PlanDecision) -> Plain:
    """Any of our answers as JSON can carry it."""
    return asdict(value)
