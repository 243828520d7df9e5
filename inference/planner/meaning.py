"""What a sentence means, as a vector: for tools that training never saw.

The pretrained encoder as it came, beside the planner that was fine-tuned from it: fine-tuning
for our own tools moves away from what others' descriptions need.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from readingroom.inference.tower.reader import session

_LONGEST = 64


class Meaning:
    """Sentences to unit vectors; the model is loaded when it is first asked."""

    def __init__(self, weights: Path) -> None:
        self._path = weights / "sentences.onnx"
        self._tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_LONGEST)
        self._known: dict[str, NDArray[np.float32]] = {}

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector a text, float32 (n, 384); descriptions are computed once."""
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        if text not in self._known:
            if len(self._known) > 2000:
                self._known.clear()
            coded = self._tokenizer.encode(text)
            feeds = {
                "ids": np.array([coded.ids], np.int64),
                "mask": np.ones((1, len(coded.ids)), np.float32),
            }
            self._known[text] = self._net.run(None, feeds)[0][0]
        return self._known[text]

    @cached_property
    def _net(self) -> onnxruntime.InferenceSession:
        return session(self._path)
