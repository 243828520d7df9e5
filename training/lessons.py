"""Keep the requests of training where the planner can look them up: `python -m training.lessons`.

Writes `lessons.npz`: a vector of the sentence encoder for each request, in 8 bits, and what it
asked for. To be run after `training.sentences`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from readingroom.inference.planner.layout import INTENTS
from readingroom.inference.planner.lessons import FILM
from readingroom.inference.planner.meaning import Meaning
from training.requests_data import load_requests
from training.tower import WEIGHTS


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    lines = load_requests()
    meaning = Meaning(options.out)
    vectors = np.stack([meaning.vectors([line["say"]])[0] for line in lines])
    scale = float(np.abs(vectors).max()) / 127
    intents = [
        FILM if line["film"] is not None else INTENTS.index(line["steps"][0]["tool"])
        for line in lines
    ]
    np.savez_compressed(
        options.out / "lessons.npz",
        vectors=np.round(vectors / scale).astype(np.int8),
        scale=np.float32(scale),
        intents=np.array(intents, np.int16),
        is_open=np.array([line["case"] is not None for line in lines]),
        follows=np.array([bool(line["before"]) for line in lines]),
    )
    size = (options.out / "lessons.npz").stat().st_size
    print(f"{len(lines)} requests, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
