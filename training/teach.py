"""Do the phantoms teach? A tower trained on real films alone, against one pretrained on phantoms.

    python -m training.teach --data DATA --cache CACHE

Five folds of the real adult films, patients apart; both towers see the same films in the same
order for the same number of steps. The pretrained one saw phantoms only before. Written to
`docs/design/teach.json`, with 95% intervals from resampled patients.
"""

from __future__ import annotations

import argparse
import csv
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from readingroom.inference.tower.fitting import auroc
from training.film_data import adult_films, join
from training.tower import cached_sets, fit, pretrained
from training.tower_net import TowerNet

LABELS = ("airspace opacity", "pleural effusion", "cardiomegaly")
_FOLDS, _ROUNDS = 5, 1000


def adult_logits(net: TowerNet, grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits of the adult head, (n, 3)."""
    rows = []
    with torch.inference_mode():
        for start in range(0, len(grey), 64):
            part = torch.from_numpy(grey[start : start + 64]).float()[:, None] / 255
            rows.append(net(part)[1].float().numpy())
    return np.concatenate(rows)


def intervals(
    with_: NDArray[Any], without: NDArray[Any], labels: NDArray[Any], patients: NDArray[Any]
) -> dict[str, Any]:
    """Both areas and their difference, with 95% intervals from resampled patients."""
    rng = np.random.default_rng(5)
    names = np.unique(patients)
    rows_of = {name: np.flatnonzero(patients == name) for name in names}
    draws = []
    for _ in range(_ROUNDS):
        rows = np.concatenate([rows_of[name] for name in rng.choice(names, len(names))])
        a, b = auroc(with_[rows], labels[rows]), auroc(without[rows], labels[rows])
        draws.append((a, b, a - b))
    low, high = np.nanpercentile(np.array(draws), [2.5, 97.5], axis=0)
    a, b = auroc(with_, labels), auroc(without, labels)
    values = {"pretrained": a, "real films alone": b, "gain": a - b}
    return {
        name: {
            "auroc" if i < 2 else "difference": value,
            "low": float(low[i]),
            "high": float(high[i]),
        }
        for i, (name, value) in enumerate(values.items())
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(".cache/tower"))
    parser.add_argument("--films", type=int, default=8400)
    parser.add_argument("--pretrain-minutes", type=float, default=6.0)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("docs/design/teach.json"))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    fresh = TowerNet()
    films = cached_sets(options.data, options.cache, options.films)["train"]
    taught = pretrained(films, options.cache, options.pretrain_minutes)
    report = compare(options.data, fresh, taught, options.steps)
    report["made_by"] = f"python -m training.teach --data DATA --steps {options.steps}"
    options.out.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


def compare(data: Path, fresh: TowerNet, taught: TowerNet, steps: int) -> dict[str, Any]:
    """Out-of-fold areas of both towers on all real adult films."""
    parts = adult_films(data)
    films = join([parts["train"], parts["val"], parts["test"]])
    patients = _patients(data)
    fold = np.array([zlib.crc32(f"teach:{one}".encode()) % _FOLDS for one in patients])
    scores = {name: np.zeros((len(films), 3), np.float32) for name in ("fresh", "taught")}
    for number in range(_FOLDS):
        held = np.flatnonzero(fold == number)
        train = films.rows(np.flatnonzero(fold != number))
        for name, start in (("fresh", fresh), ("taught", taught)):
            print(f"fold {number} {name}", flush=True)
            net = fit(start, train, rate=1e-3, seed=100 + number, steps=steps)
            scores[name][held] = adult_logits(net, films.grey[held])
    report: dict[str, Any] = {"films": len(films), "patients": len(set(patients)), "labels": {}}
    for column, label in enumerate(LABELS):
        known = ~np.isnan(films.adult[:, column])
        truth = films.adult[known, column]
        item = intervals(
            scores["taught"][known, column], scores["fresh"][known, column], truth, patients[known]
        )
        report["labels"][label] = {"n": int(known.sum()), "positive": int(truth.sum())} | item
    return report


def _patients(data: Path) -> NDArray[Any]:
    """Patient of each film, in the order of `adult_films` joined."""
    from training.film_data import part_of

    rows = list(csv.DictReader((data / "nih" / "labels.csv").open()))
    order = [
        row["patient_id"]
        for part in ("train", "val", "test")
        for row in rows
        if part_of(row["patient_id"], "nih") == part
    ]
    return np.array(order)


if __name__ == "__main__":
    main()
