"""Do the phantoms teach? A tower trained on real films alone, against one pretrained on phantoms.

    python -m training.teach --data DATA --cache CACHE

Five folds of the real adult films, patients apart; both towers see the same films in the same
order for the same number of steps. The pretrained one saw phantoms only before. Written to
`docs/design/teach.json`, with 95% intervals from resampled patients.
"""

from __future__ import annotations

import argparse
import copy
import csv
import json
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.film_data import FilmSet, adult_films, join
from training.tower import Batches, cached_sets, loss_of
from training.tower_net import TowerNet

LABELS = ("airspace opacity", "pleural effusion", "cardiomegaly")
_FOLDS, _BATCH = 5, 32
_ROUNDS = 1000


def fit(net: TowerNet, films: FilmSet, steps: int, rate: float, seed: int) -> TowerNet:
    """Train a copy of a net for a number of steps."""
    torch.manual_seed(seed)
    net = copy.deepcopy(net).train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    batches = Batches(films, seed)
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=0.03)
    average = torch.optim.swa_utils.AveragedModel(
        net,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99),  # type: ignore[no-untyped-call]
        use_buffers=True,
    )
    began = time.monotonic()
    for step in range(steps):
        share = step / steps
        now = rate * min(1.0, (step + 1) / 40) * (0.5 + 0.5 * np.cos(np.pi * share)) + 1e-5
        for group in optimiser.param_groups:
            group["lr"] = now
        batch = batches.next(_BATCH)
        grey = batch["grey"].contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = net(grey)
        loss = loss_of(out, batch)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        if share > 0.5:
            average.update_parameters(net)
        if (step + 1) % 200 == 0:
            print(
                f"  step {step + 1} {time.monotonic() - began:.0f} s {float(loss):.3f}", flush=True
            )
    result = average.module
    assert isinstance(result, TowerNet)
    return result.eval()


def adult_logits(net: TowerNet, grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits of the adult head, (n, 3)."""
    rows = []
    with torch.inference_mode():
        for start in range(0, len(grey), 64):
            part = torch.from_numpy(grey[start : start + 64]).float()[:, None] / 255
            rows.append(net(part)[1].float().numpy())
    return np.concatenate(rows)


def auroc(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    """Area under the curve by ranks; ties count half."""
    from scipy.stats import rankdata

    positive = labels > 0.5
    n1, n0 = int(positive.sum()), int((~positive).sum())
    if n1 == 0 or n0 == 0:
        return float("nan")
    return float((rankdata(scores)[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


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
    parser.add_argument("--pretrain-steps", type=int, default=1600)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("docs/design/teach.json"))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    fresh = TowerNet()
    phantoms = cached_sets(options.data, options.cache, options.films)["train"].only(kinds=(0, 3))
    print(f"pretraining on {len(phantoms)} phantoms and pictures of no chest", flush=True)
    taught = fit(fresh, phantoms, options.pretrain_steps, 2e-3, 1)
    report = compare(options.data, fresh, taught, options.steps)
    steps = f"--pretrain-steps {options.pretrain_steps} --steps {options.steps}"
    report["made_by"] = f"python -m training.teach --data DATA {steps}"
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
            net = fit(start, train, steps, 1e-3, 100 + number)
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
