"""The planner as a torch module: MiniLM's encoder, film tokens beside the words, small heads."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from readingroom.inference.planner.layout import (
    FILM_TOKENS,
    FINDINGS,
    INTENTS,
    TAGS,
    TARGETS,
    VIEWS,
)
from readingroom.inference.tower.vector import LENGTH

WIDTH, HEADS, LAYERS, VOCABULARY, POSITIONS = 384, 12, 6, 30522, 512


class SentenceDropout(nn.Module):
    """Dropout that leaves the same features out of every token of a sentence.

    One draw a sentence and feature, (B, 1, C): drawing one for each token was a seventh of a step.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) to the same."""
        if not self.training:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2]) >= self.share
        return x * (kept / (1 - self.share)).to(x.dtype)


class Layer(nn.Module):
    """One layer of BERT (post-norm), written out so that it exports to plain ONNX."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, 1e-12), nn.LayerNorm(WIDTH, 1e-12)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.drop = SentenceDropout(0.1)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """(B, T, 384) with an additive mask (B, 1, 1, T)."""
        batch, length = x.shape[0], x.shape[1]

        def split(y: Tensor) -> Tensor:
            return y.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2)

        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        weights = (q @ k.transpose(-1, -2) / math.sqrt(WIDTH // HEADS) + bias).softmax(-1)
        mixed = (weights @ v).transpose(1, 2).reshape(batch, length, WIDTH)
        x = self.norm1(x + self.drop(self.out(mixed)))
        result: Tensor = self.norm2(x + self.drop(self.down(functional.gelu(self.up(x)))))
        return result


class PlannerNet(nn.Module):
    """Token ids and a film vector to logits of intent, tags and lists of values."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.places = nn.Embedding(POSITIONS, WIDTH)
        self.kind = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, 1e-12)
        self.film = nn.Sequential(
            nn.Linear(LENGTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, FILM_TOKENS * WIDTH)
        )
        self.film_norm = nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList([Layer() for _ in range(LAYERS)])
        self.intent = nn.Linear(2 * WIDTH, len(INTENTS))
        self.tags = nn.Linear(WIDTH, len(TAGS))
        self.finding = nn.Linear(2 * WIDTH, len(FINDINGS))
        self.target = nn.Linear(2 * WIDTH, len(TARGETS))
        self.view = nn.Linear(2 * WIDTH, len(VIEWS))
        self.drop = nn.Dropout(0.1)

    def forward(
        self, ids: Tensor, mask: Tensor, film: Tensor, has_film: Tensor
    ) -> tuple[Tensor, ...]:
        """ids, mask (B, T); film (B, LENGTH); has_film (B,) 0 or 1."""
        words = self.words(ids) + self.places.weight[: ids.shape[1]] + self.kind
        tokens = self.film_norm(self.film(film).view(-1, FILM_TOKENS, WIDTH)) * 0.1
        x = torch.cat([self.norm(words), tokens], 1)
        seen = has_film[:, None].expand(-1, FILM_TOKENS)
        full = torch.cat([mask, seen], 1)
        bias = (1 - full)[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        mean = (x * full[..., None]).sum(1) / full.sum(1, keepdim=True)
        pooled = self.drop(torch.cat([mean, x[:, 0]], 1))
        text = x[:, : ids.shape[1]]
        return (
            self.intent(pooled),
            self.tags(self.drop(text)),
            self.finding(pooled),
            self.target(pooled),
            self.view(pooled),
        )

    def load_minilm(self, state: Mapping[str, Tensor]) -> None:
        """Take over the pretrained encoder; every one of its weights must find its place."""
        own = self.state_dict()
        with torch.no_grad():
            own["words.weight"].copy_(state["embeddings.word_embeddings.weight"])
            own["places.weight"].copy_(state["embeddings.position_embeddings.weight"])
            own["kind"].copy_(state["embeddings.token_type_embeddings.weight"][0])
            for part in ("weight", "bias"):
                own[f"norm.{part}"].copy_(state[f"embeddings.LayerNorm.{part}"])
                for layer in range(LAYERS):
                    for mine, theirs in _NAMES.items():
                        source = state[f"encoder.layer.{layer}.{theirs}.{part}"]
                        own[f"layers.{layer}.{mine}.{part}"].copy_(source)


_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}
