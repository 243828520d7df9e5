"""Teach a sentence encoder which tool of somebody else's a request means.

    python -m training.sentences --minutes 5

MiniLM, fine-tuned by contrast on invented tools and requests in other words for them
(`training/new_tools`); in a batch each request must find its own tool's description among all, and
each description its own request among all and among requests that are for none of the tools.
Prints how often it is right on the tools of `routing_dev`, which it never saw, and how often
requests that no tool is for are led astray: `routing.LIKELY` is chosen there.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from readingroom.domain.ports import ToolBrief
from readingroom.inference.planner.meaning import Meaning
from readingroom.inference.planner.routing import told_as
from training.half import WorkingCopy, halves
from training.planner import pretrained
from training.planner_net import PlannerNet
from training.planner_report import to_int8
from training.requests_data import FOLDER, invented_tools, load_requests
from training.routing_dev import OTHERS, TOOLS
from training.tower import WEIGHTS
from training.tower_report import export

_RATE = 3e-5
DEV = FOLDER.parent / "dev"
_TOOLS_AT_ONCE, _NONE_AT_ONCE, _TEMPERATURE = 64, 24, 0.05


class SentenceNet(nn.Module):
    """Token ids to one unit vector: the mean of the encoder's last layer."""

    def __init__(self, encoder: PlannerNet) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask (B, T) to (B, 384)."""
        net = self.encoder
        x = net.norm(net.words(ids) + net.places.weight[: ids.shape[1]] + net.kind)
        bias = (1 - mask)[:, None, None, :] * -1e4
        for layer in net.layers:
            x = layer(x, bias)
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return nn.functional.normalize(mean, dim=-1)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    folder = options.out
    encoder, tokenizer, _ = pretrained()
    net = SentenceNet(encoder)
    if options.minutes > 0:
        train(net, tokenizer, invented_tools(), options.minutes)
    net.eval()
    full = folder / "sentences_full.onnx"
    inputs = (torch.ones(1, 12, dtype=torch.long), torch.ones(1, 12))
    axes = {0: "batch", 1: "length"}
    export(net, inputs, ["ids", "mask"], ["vector"], full, {"ids": axes, "mask": axes})
    to_int8(full, folder / "sentences.onnx")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    print(scores(Meaning(folder)))


def train(
    net: SentenceNet, tokenizer: Tokenizer, tools: list[dict[str, Any]], minutes: float
) -> None:
    """Contrast for a budget of wall minutes; the table of words stays as it was."""
    torch.manual_seed(3)
    rng = random.Random(3)
    net.encoder.words.weight.requires_grad_(False)
    learned = [p for n, p in net.named_parameters() if p.requires_grad and _is_encoder(n)]
    optimiser = torch.optim.AdamW(learned, _RATE, weight_decay=0.01, fused=True)
    working = WorkingCopy(net)
    none = _for_no_tool()
    begin, step = time.monotonic(), 0
    while (share := (time.monotonic() - begin) / (60 * minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (step + 1) / 20) * (1 - 0.95 * share)
        chosen = rng.sample(tools, min(_TOOLS_AT_ONCE, len(tools)))
        asked = [rng.choice(tool["requests"]) for tool in chosen]
        said = _encoded(working.net, tokenizer, asked + rng.sample(none, _NONE_AT_ONCE))
        told = _encoded(
            net, tokenizer, [told_as(ToolBrief(t["name"], t["description"])) for t in chosen]
        )
        near = said @ told.T / _TEMPERATURE
        own = torch.arange(len(chosen))
        loss = nn.functional.cross_entropy(near[: len(own)], own)
        loss = loss + nn.functional.cross_entropy(near.T, own)
        loss.backward()  # type: ignore[no-untyped-call]
        working.learn(optimiser)
        step += 1
        if step % 20 == 0:
            print(
                f"{time.monotonic() - begin:5.0f} s step {step} loss {loss.item():.3f}", flush=True
            )


def _for_no_tool() -> list[str]:
    """What is asked of our own tools, or is out of reach of every one."""
    return [line["say"] for line in load_requests()]


def _is_encoder(name: str) -> bool:
    return name.split(".")[1] in ("places", "kind", "norm", "layers")


def _encoded(net: nn.Module, tokenizer: Tokenizer, texts: list[str]) -> Tensor:
    coded = tokenizer.encode_batch(texts)
    width = max(len(one.ids) for one in coded)
    ids, mask = torch.zeros(len(texts), width, dtype=torch.long), torch.zeros(len(texts), width)
    for row, one in enumerate(coded):
        ids[row, : len(one.ids)], mask[row, : len(one.ids)] = torch.tensor(one.ids), 1.0
    found: Tensor = net(*halves(ids, mask))
    return found.float()


def scores(meaning: Meaning) -> dict[str, Any]:
    """Right tool by threshold, alone and among others; strays of requests that are for none."""
    briefs = [ToolBrief(name, text) for name, text, _ in TOOLS]
    others = [ToolBrief(name, text) for name, text in OTHERS]
    asked = [(i, say) for i, (_, _, says) in enumerate(TOOLS) for say in says]
    vectors = meaning.vectors([told_as(tool) for tool in (*briefs, *others)])
    said = meaning.vectors([say for _, say in asked]) @ vectors.T
    wanted = np.array([i for i, _ in asked])
    none = [line["turns"][0]["say"] for line in load_requests(DEV) if line["language"] == "en"]
    strays = meaning.vectors(none) @ vectors[len(briefs) :].T
    report: dict[str, Any] = {"requests": len(asked), "for no tool": len(none)}
    for limit in (0.15, 0.2, 0.22, 0.25, 0.3, 0.35, 0.4):
        alone = said[:, : len(briefs)]
        report[f"from {limit}"] = {
            "alone": _right(alone, wanted, limit),
            "among others": _right(said, wanted, limit),
            "strays": round(float((strays.max(1) >= limit).mean()), 3),
        }
    return report


def _right(scores_: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any], limit: float) -> float:
    return round(float(((scores_.argmax(1) == wanted) & (scores_.max(1) >= limit)).mean()), 3)


if __name__ == "__main__":
    main()
