"""Export the planner in int8 and measure it as the product uses it."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from readingroom.domain.ports import PlanDecision
from readingroom.inference.planner.layout import ANSWER, CANNOT, TOOLS
from readingroom.inference.planner.planner import PlannerModel
from readingroom.inference.planner.words import number_of
from readingroom.inference.tower.vector import LENGTH
from training.chat_patterns import CASES
from training.planner_data import Sample, chat_sample
from training.planner_heldout import HELD_OUT
from training.planner_net import PlannerNet
from training.read_teacher import GOALS, SeenFilm, next_step, random_world, run_step
from training.tower_report import export

_VALUE = ("accession", "prior", "sentence", "view", "finding", "target")


def export_planner(net: PlannerNet, tokenizer: Tokenizer, folder: Path) -> None:
    """Write `planner.onnx` (int8) and `tokenizer.json`."""
    full = folder / "planner_full.onnx"
    inputs = (
        torch.ones(1, 12, dtype=torch.long),
        torch.ones(1, 12),
        torch.zeros(1, LENGTH),
        torch.ones(1),
    )
    names = ["ids", "mask", "film", "has_film"]
    outputs = ["intent", "tags", "finding", "target", "view"]
    axes = {0: "batch", 1: "length"}
    export(net, inputs, names, outputs, full, {"ids": axes, "mask": axes, "tags": axes})
    to_int8(full, folder / "planner.onnx")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def to_int8(full: Path, target: Path) -> None:
    """Weights in int8, a scale for each channel; the full model is removed."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    ready = full.with_suffix(".ready.onnx")
    quant_pre_process(str(full), str(ready), skip_symbolic_shape=True)
    quantize_dynamic(
        str(ready),
        str(target),
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True},
    )
    full.unlink()
    ready.unlink()


def _request_of(sample: Sample) -> Any:
    from training.planner import plan_request

    return plan_request(sample)


def _chosen(decision: PlanDecision) -> str:
    if decision.kind == "call":
        return decision.tool
    return {"answer": ANSWER, "cannot": CANNOT, "ask": "ask"}[decision.kind]


def _expected(sample: Sample) -> dict[str, str]:
    values = dict(sample.spans)
    if "sentence" in values:
        values["sentence"] = number_of(values["sentence"]) or values["sentence"]
    if "view" in values:
        values["view"] = values["view"].upper()
    if "prior" in values:
        values["prior"] = values["prior"].upper()
    for name in ("finding", "target", "view"):
        value = getattr(sample, name)
        if value and name in TOOLS.get(sample.intent, ()):
            values[name] = value
    return values


def chat_score(model: PlannerModel, items: list[Sample], show: bool) -> dict[str, Any]:
    """Share of right tools, and of right tools with all arguments."""
    tools = exact = 0
    for sample in items:
        decision = model.plan(_request_of(sample), None)
        right = _chosen(decision) == sample.intent
        whole = right and (decision.kind != "call" or dict(decision.arguments) == _expected(sample))
        tools, exact = tools + right, exact + whole
        if show and not whole:
            got = (_chosen(decision), dict(decision.arguments), round(decision.confidence, 2))
            print("  missed:", sample.request, "|", sample.intent, _expected(sample), "->", got)
    return {"n": len(items), "tool": tools / len(items), "tool_and_arguments": exact / len(items)}


def held_out_samples() -> list[Sample]:
    """The requests written by hand, as samples."""
    samples = []
    for text, is_open, tool, arguments in HELD_OUT:
        sample = Sample(text, CASES[0] if is_open else "", "chat", tool)
        for name, value in arguments.items():
            if name in ("finding", "target") or (name == "view" and value in ("current", "prior")):
                setattr(sample, name, value)
            else:
                sample.spans[name] = value
        samples.append(sample)
    return samples


def offered_in_read(steps: list[tuple[str, dict[str, str], str]]) -> list[str]:
    """What the frame of `read` would offer (the rule of the policy, stated a second time)."""
    from training.planner import READ_TOOLS

    done = Counter(step[0] for step in steps)
    names = [name for name in READ_TOOLS if name != "draft_report"]
    if done["find_priors"] and done["look_at_film"]:
        names.append("draft_report")
    return [name for name in names if not (done[name] and name in _ONCE)]


_ONCE = ("find_priors", "look_at_film", "note_limitation", "draft_report")


def read_score(
    model: PlannerModel,
    vectors: NDArray[np.float32],
    seen: list[SeenFilm],
    episodes: int,
    seed: int,
    blind: bool = False,
) -> dict[str, Any]:
    """Whole reads driven by the planner: right steps against the teacher, and whole episodes.

    `blind` leaves the film away, to see what the pixels are worth.
    """
    rng = random.Random(seed)
    steps = right = whole = 0
    wrong: Counter[str] = Counter()
    for _ in range(episodes):
        film = rng.choice(seen)
        world = random_world(film, rng)
        goal, case = rng.choice(GOALS).replace("{a}", "CR-4471"), rng.choice(CASES)
        good = True
        for _ in range(16):
            tool, value = next_step(world)
            decision = _decide(model, goal, case, world.steps, None if blind else vectors[film.row])
            chosen, given = _chosen(decision), next(iter(decision.arguments.values()), "")
            steps += 1
            if chosen == tool and (given == value or chosen == ANSWER):
                right += 1
            else:
                good = False
                wrong[f"{tool} {value} -> {chosen} {given}"] += 1
            if tool == ANSWER:
                break
            run_step(world, tool, value, rng)
        whole += good
    print("  wrong:", wrong.most_common(8))
    return {
        "episodes": episodes,
        "steps": steps,
        "step": right / steps,
        "episode": whole / episodes,
    }


def _decide(
    model: PlannerModel,
    goal: str,
    case: str,
    steps: list[tuple[str, dict[str, str], str]],
    film: NDArray[np.float32] | None,
) -> PlanDecision:
    from readingroom.domain.ports import PlanRequest, StepBrief, ToolBrief

    tools = tuple(ToolBrief(name, "") for name in offered_in_read(steps))
    return model.plan(PlanRequest(goal, case, tuple(StepBrief(*s) for s in steps), tools), film)


def measure_planner(
    folder: Path, pool: tuple[NDArray[np.float32], list[SeenFilm]]
) -> dict[str, Any]:
    """All numbers of the shipped (int8) planner."""
    (folder / "planner.json").write_text("{}")
    model = PlannerModel(folder)
    rng = random.Random(4242)
    report = {
        "chat_held_out": chat_score(model, held_out_samples(), True),
        "chat_generated": chat_score(model, [chat_sample(rng) for _ in range(300)], False),
        "read_held_out": read_score(model, *pool, 120, 5),
        "read_without_the_film": read_score(model, *pool, 60, 5, blind=True),
        "read_real_or_strange_films": read_score(model, pool[0], _not_phantom(*pool), 40, 6),
    }
    for name, value in report.items():
        print(name, value, flush=True)
    return report


def _not_phantom(vectors: NDArray[np.float32], seen: list[SeenFilm]) -> list[SeenFilm]:
    from readingroom.inference.tower.layout import FEATURES, PHANTOM_OBSERVATIONS

    at = FEATURES + len(PHANTOM_OBSERVATIONS)
    return [film for film in seen if vectors[film.row][at] < 0.5]
