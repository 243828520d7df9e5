"""Chooses the next step; onnxruntime, tokenizers and numpy only. Lives in the worker."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from readingroom.domain.ports import PlanDecision, PlanRequest, ToolBrief
from readingroom.inference.planner.arguments import choose_arguments, findings_left
from readingroom.inference.planner.layout import (
    ANSWER,
    ASK,
    CANNOT,
    FINDINGS,
    INTENTS,
    MAX_TOKENS,
    TARGETS,
    TOOLS,
    VIEWS,
    Line,
    flatten,
)
from readingroom.inference.planner.lessons import Lessons
from readingroom.inference.planner.meaning import Meaning
from readingroom.inference.planner.routing import best_unknown
from readingroom.inference.tower.reader import session
from readingroom.inference.tower.vector import LENGTH

Array = NDArray[np.float32]

_QUESTION = "ask_region"

_SURELY_OURS = 0.5
"""From this on a request is for one of our tools, whatever others are on offer (training/dev)."""

_SURE = 0.3
"""Below this the planner asks back instead of calling (chosen on training/dev)."""


@dataclass(frozen=True, eq=False)
class Thought:
    """What the net made of a request, one row each."""

    line: Line
    offsets: Sequence[tuple[int, int]]
    intent: Array
    tags: Array
    finding: str
    target: str
    view: str


class PlannerModel:
    """The planner with its tokenizer."""

    def __init__(self, weights: Path) -> None:
        self._net = session(weights / "planner.onnx")
        self._tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
        self._meaning = Meaning(weights)
        self._lessons = Lessons(weights, self._meaning)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        report: dict[str, Any] = json.loads((weights / "planner.json").read_text())
        self._sure = float(report.get("sure", _SURE))

    def think(self, request: PlanRequest, film: Array | None) -> Thought:
        """Run the net on one request."""
        line = flatten(request)
        coded = self._tokenizer.encode(line.text)
        vector = np.zeros(LENGTH, np.float32) if film is None else film
        feeds = {
            "ids": np.array([coded.ids], np.int64),
            "mask": np.ones((1, len(coded.ids)), np.float32),
            "film": vector[None],
            "has_film": np.array([0.0 if film is None else 1.0], np.float32),
        }
        intent, tags, finding, target, view = self._net.run(None, feeds)
        return Thought(
            line,
            coded.offsets,
            _softmax(intent[0]),
            _softmax(tags[0]),
            FINDINGS[int(finding[0].argmax())],
            TARGETS[int(target[0].argmax())],
            VIEWS[int(view[0].argmax())],
        )

    def plan(self, request: PlanRequest, film: Array | None) -> PlanDecision:
        """The next step among the tools on offer."""
        thought = self.think(request, film)
        offered = {tool.name: tool for tool in request.tools}
        is_chat = thought.line.text.startswith("chat")
        if is_chat and not request.steps:
            heard = self._lessons.heard(
                thought.intent,
                request.request,
                is_open=bool(request.case_line),
                follows=bool(request.before),
            )
            thought = replace(thought, intent=heard)
        decision = self._chat(request, thought, offered) if is_chat else None
        return decision or self._step(request, thought, offered, is_chat)

    def _chat(
        self, request: PlanRequest, thought: Thought, offered: dict[str, ToolBrief]
    ) -> PlanDecision | None:
        order = np.argsort(-thought.intent)
        best, confidence = INTENTS[order[0]], float(thought.intent[order[0]])
        # Once something was done, doubt about what more was meant ends the turn: the result is
        # there to look at, and the person says what is missing.
        is_done = bool(request.steps) and (confidence < self._sure or best in (ANSWER, ASK, CANNOT))
        if is_done and (more := _next_question(request, confidence)):
            return more
        if is_done or (best == ANSWER and confidence >= self._sure):
            last = request.steps[-1].result if request.steps else ""
            return PlanDecision("answer", confidence=confidence, text=last or _HELLO)
        unknown = [tool for name, tool in offered.items() if name not in TOOLS]
        if unknown and (best == CANNOT or confidence < _SURELY_OURS) and not request.steps:
            named = best_unknown(request.request, unknown, self._meaning)
            if named is not None:
                return PlanDecision("call", named.tool, named.arguments, named.score)
        if best == CANNOT and confidence >= self._sure:
            return PlanDecision("cannot", confidence=confidence, text=_CANNOT)
        if best == ASK and confidence >= self._sure:
            labels = _LABELS.findall(request.case_line)
            return PlanDecision(
                "ask", confidence=confidence, text=_WHICH, choices=tuple(labels) or _likely(offered)
            )
        if confidence >= self._sure and best in TOOLS and best not in offered:
            text = f"{best.replace('_', ' ')} is not possible now: open a study first."
            return PlanDecision("cannot", confidence=confidence, text=text)
        if confidence < self._sure:
            choices = tuple(INTENTS[i] for i in order[:4] if INTENTS[i] in offered)[:3]
            if len(choices) < 2:
                return PlanDecision("cannot", confidence=confidence, text=_CANNOT)
            return PlanDecision("ask", confidence=confidence, text=_WHICH, choices=choices)
        return None

    def _step(
        self,
        request: PlanRequest,
        thought: Thought,
        offered: dict[str, ToolBrief],
        is_chat: bool,
    ) -> PlanDecision:
        for index in np.argsort(-thought.intent):
            name, confidence = INTENTS[index], float(thought.intent[index])
            if name in (CANNOT, ASK) or (name == ANSWER and not _may_end(request, is_chat)):
                continue
            if name == ANSWER:
                last = request.steps[-1].result
                return PlanDecision("answer", confidence=confidence, text=last)
            if name not in offered:
                continue
            arguments = choose_arguments(name, thought, request, is_chat)
            if arguments is None:
                continue
            return PlanDecision("call", name, arguments, confidence)
        return PlanDecision("cannot", text=_NOTHING)


def _next_question(request: PlanRequest, confidence: float) -> PlanDecision | None:
    """The next of several: "Pneumothorax? Ribs? Aorta?" is three questions."""
    last = request.steps[-1].tool if request.steps else ""
    left = findings_left(last, request.request, request) if last == _QUESTION else []
    return PlanDecision("call", last, {"finding": left[0]}, confidence) if left else None


def _likely(offered: dict[str, ToolBrief]) -> tuple[str, ...]:
    """What to offer to someone whose request names nothing: the first steps of a case."""
    return tuple(name for name in ("read_study", "look_at_film", "find_priors", "worklist")
                 if name in offered)[:3]  # fmt: skip


def _may_end(request: PlanRequest, is_chat: bool) -> bool:
    """A read ends with its draft, whatever the net thinks of what was done so far."""
    if is_chat:
        return bool(request.steps)
    return any(step.tool == "draft_report" for step in request.steps)


def _softmax(logits: Array) -> Array:
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(weights / weights.sum(-1, keepdims=True), np.float32)


_HELLO = (
    "I can show the work list, open a study, find and fetch priors, look at the film, answer about "
    "a region, measure, compare, draft the report and show what a sentence rests on."
)
_CANNOT = "That is outside what I can do here: I read frontal chest films with their priors."
_LABELS = re.compile(r"\bP\d{1,2}\b")
_WHICH = "Which of these do you mean?"
_NOTHING = "No step on offer fits."
