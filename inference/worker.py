"""The worker process: `python -m readingroom.inference.worker FOLDER MEMORY_MB`.

Frames on stdin, frames on stdout, one answer for each request. It ends when stdin does, so
it never outlives the process that started it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import BinaryIO

from readingroom.domain.finding import ModelId, Observation
from readingroom.inference import wire
from readingroom.inference.planner.planner import PlannerModel
from readingroom.inference.tower.reader import Tower


def model_id(weights: Path, name: str) -> ModelId:
    """Name, revision (of the bytes that are loaded and their calibration) and training line."""
    digest = hashlib.sha256((weights / f"{name}.onnx").read_bytes())
    # What makes a probability of a logit is part of the model too.
    digest.update((weights / f"{name}.json").read_bytes())
    card = json.loads((weights / "card.json").read_text())
    return ModelId(f"embedded-{name}", digest.hexdigest()[:12], card["trained_on"])


class Core:
    """The loaded models; each is loaded when it is first asked for."""

    def __init__(self, weights: Path) -> None:
        self._weights = weights
        self._tower: Tower | None = None
        self._planner: PlannerModel | None = None

    @property
    def tower(self) -> Tower:
        """The tower."""
        if self._tower is None:
            self._tower = Tower(
                self._weights,
                model_id(self._weights, "tower"),
                model_id(self._weights, "crop"),
            )
        return self._tower

    @property
    def planner(self) -> PlannerModel:
        """The planner."""
        if self._planner is None:
            self._planner = PlannerModel(self._weights)
        return self._planner

    def load(self) -> None:
        """Load everything now: the first question comes while the PACS is still sending."""
        _ = self.tower, self.planner

    def answer(self, head: wire.Plain, arrays: list[wire.Array]) -> wire.Plain:
        """One request, one answer.

        Raises:
            ValueError: a request of an unknown kind.
        """
        kind = head["op"]
        if kind == "plan":
            request = wire.request_in(head["request"], arrays)
            film = None
            if arrays:
                key = hashlib.sha256(arrays[0].tobytes()).hexdigest()
                film = self.tower.vector(arrays[0], key)
            return wire.plain_of(self.planner.plan(request, film))
        if kind == "read_film":
            return wire.plain_of(self.tower.read_film(wire.film_in(head["film"], arrays[0])))
        if kind == "ask_region":
            box = wire.box_in(head["box"])
            if box is None:
                raise ValueError("a region needs a box")
            film_asked = wire.film_in(head["film"], arrays[0])
            observation = Observation(head["observation"])
            return wire.plain_of(self.tower.ask_region(film_asked, box, observation))
        raise ValueError(f"unknown request {kind!r}")


def _exactly(stream: BinaryIO, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = stream.read(count - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)


def serve(core: Core, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the requests end."""
    while (lengths := _exactly(requests, wire.LENGTHS.size)) is not None:
        head_length, body_length = wire.LENGTHS.unpack(lengths)
        text, body = _exactly(requests, head_length), _exactly(requests, body_length)
        if text is None or body is None:
            return
        try:
            head, arrays = wire.unpack(text, body)
            answer = {"ok": True, "value": core.answer(head, arrays)}
        except Exception as error:  # the edge of the process: the parent must get an answer
            answer = {"ok": False, "error": type(error).__name__, "text": str(error)[:300]}
        answers.write(wire.pack(answer))
        answers.flush()


def main() -> None:
    """Entry of the process."""
    weights, memory_mb = Path(sys.argv[1]), int(sys.argv[2])
    limit = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a library prints must not get between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    core = Core(weights)
    with contextlib.suppress(Exception):  # the edge of the process: the first question reports it
        core.load()
    serve(core, sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
