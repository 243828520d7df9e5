"""Train the crop net, the second look: `python -m training.crop --minutes 3`."""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from readingroom.domain.region import Box
from readingroom.inference.tower.layout import PHANTOM_OBSERVATIONS
from readingroom.inference.tower.preprocess import (
    CROP_SIZE,
    FILM_SIZE,
    contrast_limits,
    crop_input,
    resample,
)
from readingroom.inference.tower.reader import widened
from readingroom.inference.tower.zones import zone_boxes
from readingroom.sandbox_pacs.patients.chest.body import Split
from training.film_data import byte_grey, crop_truth
from training.phantom_films import TrainingFilm, training_film
from training.tower import TEST_SEED, VAL_SEED, WEIGHTS
from training.tower_net import CropNet
from training.tower_report import export, head_report, run_onnx

Crops = dict[str, NDArray[Any]]
_TUBE = 6
_ALARMS = 0.05
"""A second look is asked for where the first saw something, or where nothing may be missed."""


def _boxes(film: TrainingFilm, rng: np.random.Generator, count: int) -> list[Box]:
    """Boxes that a reader would ask about: findings, and zones, all a little off."""
    size = film.grey_yx.shape[0]
    zones = zone_boxes(*film.lungs, film.heart, size, size)[:-1]
    chosen = [Box(*item.box) for item in film.truth]
    chosen += [zones[i].box for i in rng.permutation(len(zones))[: count - len(chosen)]]
    moved = []
    for box in chosen:
        wide, tall = box.x1 - box.x0, box.y1 - box.y0
        dx, dy = rng.normal(0, 0.07, 2) * (wide, tall)
        half = rng.uniform(0.42, 0.68)
        x, y = (box.x0 + box.x1) / 2 + dx, (box.y0 + box.y1) / 2 + dy
        moved.append(Box(x - half * wide, y - half * tall, x + half * wide, y + half * tall))
    return moved


def _crops_of(job: tuple[int, Split]) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    seed, split = job
    rng = np.random.default_rng([seed, 7])
    film = training_film(seed, split, 512)
    size = film.grey_yx.shape[0]
    limits = contrast_limits(resample(film.grey_yx, FILM_SIZE))
    pictures, where, labels, tips = [], [], [], []
    tube = next((t for t in film.truth if t.observation is PHANTOM_OBSERVATIONS[_TUBE]), None)
    for box in _boxes(film, rng, 8):
        crop = widened(box, size, size)
        pictures.append(byte_grey(crop_input(film.grey_yx, crop, limits)))
        where.append(np.array(crop, np.float32) / size)
        labels.append(crop_truth(film, crop))
        tip = np.full(2, np.nan, np.float32)
        if tube is not None:
            x = (tube.point[0] - crop[0]) / (crop[2] - crop[0])
            y = (tube.point[1] - crop[1]) / (crop[3] - crop[1])
            if 0.02 < x < 0.98 and 0.02 < y < 0.98:
                tip[:] = x, y
        tips.append(tip)
    return pictures, where, labels, tips


def draw_crops(start: int, films: int, split: Split, workers: int = 2) -> Crops:
    """Crops of phantoms with seeds start … start + films and a split's anatomy."""
    jobs = [(seed, split) for seed in range(start, start + films)]
    with ProcessPoolExecutor(workers) as pool:
        parts = list(pool.map(_crops_of, jobs, chunksize=20))
    names = ("crop", "where", "labels", "tip")
    return {
        name: np.stack([row for part in parts for row in part[i]]) for i, name in enumerate(names)
    }


def train(crops: Crops, minutes: float, threads: int) -> CropNet:
    """Train for a budget of wall minutes."""
    torch.manual_seed(1)
    torch.set_num_threads(threads)
    rng = np.random.default_rng(1)
    net = CropNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.02)
    begin, step = time.monotonic(), 0
    while (share := (time.monotonic() - begin) / (minutes * 60)) < 1:
        rate = 2e-3 * min(1.0, (step + 1) / 60) * (0.5 + 0.5 * np.cos(np.pi * share)) + 1e-5
        for group in optimiser.param_groups:
            group["lr"] = rate
        rows = rng.integers(0, len(crops["crop"]), 64)
        grey = torch.from_numpy(crops["crop"][rows]).float()[:, None] / 255
        tone = torch.from_numpy(rng.uniform(0.8, 1.25, (64, 1, 1, 1))).float()
        grey = (grey**tone + torch.randn_like(grey) * 0.008).clamp(0, 1)
        labels, tip = torch.from_numpy(crops["labels"][rows]), torch.from_numpy(crops["tip"][rows])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits, place = net(grey, torch.from_numpy(crops["where"][rows]))
        known = ~labels.isnan()
        loss = functional.binary_cross_entropy_with_logits(logits.float()[known], labels[known])
        there = ~tip[:, 0].isnan()
        if bool(there.any()):
            loss = loss + 2.0 * (place[there] - tip[there]).abs().mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        step += 1
        if step % 300 == 0:
            print(
                f"{time.monotonic() - begin:5.0f} s step {step} loss {loss.item():.3f}", flush=True
            )
    result: CropNet = net.eval()
    return result


def measure(folder: Path, sets: dict[str, Crops]) -> None:
    """Calibrate on `val`, measure on `test`, write `crop.json`."""
    out: dict[str, list[NDArray[np.float32]]] = {}
    for part in ("val", "test"):
        crops = sets[part]

        def feeds(rows: slice, crops: Crops = crops) -> dict[str, NDArray[np.float32]]:
            grey = crops["crop"][rows, None].astype(np.float32) / 255
            return {"crop": grey, "where": crops["where"][rows]}

        out[part] = run_onnx(folder / "crop.onnx", feeds, len(crops["crop"]))
    report: dict[str, Any] = {"phantom": {}}
    for column, observation in enumerate(PHANTOM_OBSERVATIONS):
        logits = {part: out[part][0][:, column] for part in out}
        labels = {part: sets[part]["labels"][:, column] for part in out}
        item = head_report(logits, labels, _ALARMS, even=True)
        item["judged"] = bool(item["val_auroc"] >= 0.85)
        report["phantom"][observation.value] = item
        print("crop", observation.value, {k: round(v, 3) for k, v in item["test"].items()})
    tip = sets["test"]["tip"]
    there = ~np.isnan(tip[:, 0])
    error = np.abs(out["test"][1][there] - tip[there]).mean(0)
    report["tip"] = {"n": int(there.sum()), "mean_error_share_of_crop": error.tolist()}
    print("tip", report["tip"])
    (folder / "crop.json").write_text(json.dumps(report, indent=1) + "\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--films", type=int, default=2500)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    sets = {
        "train": draw_crops(100_000, options.films, "train"),
        "val": draw_crops(VAL_SEED + 50_000, options.films // 8, "dev"),
        "test": draw_crops(TEST_SEED + 50_000, options.films // 8, "test"),
    }
    print({name: len(item["crop"]) for name, item in sets.items()}, flush=True)
    net = train(sets["train"], options.minutes, options.threads)
    net = net.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    options.out.mkdir(parents=True, exist_ok=True)
    inputs = (torch.zeros(1, 1, CROP_SIZE, CROP_SIZE), torch.zeros(1, 4))
    export(net, inputs, ["crop", "where"], ["logits", "tip"], options.out / "crop.onnx")
    measure(options.out, sets)


if __name__ == "__main__":
    main()
