"""Train the tower on films: `python -m training.tower --minutes 10 --data FOLDER`.

Writes `tower.onnx` (weights in half precision where that changes nothing that counts) and
`tower.json` (calibration, thresholds, measured skill) into `inference/weights/`.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from readingroom.domain.finding import Observation
from readingroom.inference.tower.layout import BOXES, PHANTOM_OBSERVATIONS
from readingroom.sandbox_pacs.patients import chest
from training import phantom_films
from training.film_data import FilmSet, adult_films, child_films, join, not_chest, phantoms
from training.tower_net import TowerNet

WEIGHTS = Path(__file__).parent.parent / "inference" / "weights"
TEST_SEED, VAL_SEED = 900_000, 800_000
_BATCH = 32
_FINE = tuple(map(PHANTOM_OBSERVATIONS.index, (Observation.NODULE, Observation.PNEUMOTHORAX)))
"""What is small or thin on a film and matters: it counts once more."""

_CELLS, _MOST = 200.0, 40.0
"""A mask's cells weigh as much together as this many, but none more than the second: a nodule has
two of 3136, where an effusion has a hundred."""


def load_sets(data: Path | None, cache: Path, films: int) -> dict[str, FilmSet]:
    """All pictures by part, drawn once and kept in a cache folder."""
    held = films // 14
    sets: dict[str, list[FilmSet]] = {
        "train": [phantoms(0, films, fine=0.25), not_chest(0, films // 8)],
        "val": [phantoms(VAL_SEED, held, fine=1.0, split="dev"), not_chest(VAL_SEED, 180)],
        "test": [
            phantoms(TEST_SEED, held, fine=1.0, split="test"),
            not_chest(TEST_SEED, 180),
        ],
    }
    if data is not None:
        for real in (adult_films(data), child_films(data)):
            for part, films_of_part in real.items():
                sets[part].append(films_of_part)
    joined = {part: join(items) for part, items in sets.items()}
    cache.mkdir(parents=True, exist_ok=True)
    for part, item in joined.items():
        np.savez(cache / f"{part}.npz", **vars(item))
    (cache / "phantoms-alone.pt").unlink(missing_ok=True)
    (cache / "drawn-by.txt").write_text(drawing_version() + "\n")
    return joined


def drawing_version() -> str:
    """A hash of the code that draws: films in a cache that other code drew are drawn again."""
    digest = hashlib.sha256()
    for path in sorted([*Path(chest.__file__).parent.glob("*.py"), Path(phantom_films.__file__)]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def cached_sets(data: Path | None, cache: Path, films: int) -> dict[str, FilmSet]:
    """`load_sets`, or what an earlier run of the same drawing left in the cache."""
    parts = ("train", "val", "test")
    stamp = cache / "drawn-by.txt"
    if stamp.exists() and stamp.read_text().strip() == drawing_version():
        return {part: FilmSet(**np.load(cache / f"{part}.npz")) for part in parts}
    return load_sets(data, cache, films)


class Batches:
    """Random batches, balanced over the kinds of film, moved and toned on the fly."""

    def __init__(self, films: FilmSet, seed: int) -> None:
        self.films = films
        self.rng = np.random.default_rng(seed)
        self.by_kind = [np.flatnonzero(films.kind == kind) for kind in range(4)]
        shares = np.array([0.66, 0.18, 0.06, 0.10])
        shares *= [len(one) > 0 for one in self.by_kind]
        self.shares = shares / shares.sum()

    def next(self, size: int) -> dict[str, Tensor]:
        """One batch as tensors."""
        kinds = self.rng.choice(4, size, p=self.shares)
        rows = np.array([self.rng.choice(self.by_kind[kind]) for kind in kinds])
        films = self.films
        batch = {
            name: torch.from_numpy(getattr(films, name)[rows])
            for name in ("kind", "phantom", "adult", "child", "quality", "boxes")
        }
        masks = np.unpackbits(films.masks[rows], axis=-1)
        batch["masks"] = torch.from_numpy(masks).float()
        grey = torch.from_numpy(films.grey[rows]).float()[:, None] / 255
        return self._moved(grey, batch)

    def _moved(self, grey: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        size, rng = len(grey), self.rng
        scale = rng.uniform(0.70, 1.12, (size, 1)) * rng.uniform(0.94, 1.06, (size, 2))
        shift = rng.uniform(-0.09, 0.09, (size, 2)) + (1 - scale) * rng.uniform(-0.12, 0.12)
        real = (batch["kind"] > 0).numpy()
        angle = rng.uniform(-0.09, 0.09, size) * real
        theta = np.zeros((size, 2, 3), np.float32)
        theta[:, 0, 0], theta[:, 0, 1] = scale[:, 0] * np.cos(angle), -np.sin(angle)
        theta[:, 1, 0], theta[:, 1, 1] = np.sin(angle), scale[:, 1] * np.cos(angle)
        theta[:, :, 2] = 2 * shift
        turned = torch.from_numpy(theta)
        grid = functional.affine_grid(turned, list(grey.shape), False)
        grey = functional.grid_sample(grey, grid, "bilinear", "zeros", False)
        grid = functional.affine_grid(turned, list(batch["masks"].shape), False)
        batch["masks"] = functional.grid_sample(batch["masks"], grid, "bilinear", "zeros", False)
        # in = scale * out + shift around the centre, so out = (in - shift) / scale.
        span = torch.from_numpy(np.concatenate([scale, scale], 1)).float()[:, None]
        move = torch.from_numpy(np.concatenate([shift, shift], 1)).float()[:, None]
        batch["boxes"] = ((batch["boxes"] - 0.5 - move) / span + 0.5).clamp(0, 1)
        batch["grey"] = self._spoilt(self._toned(grey), batch)
        return batch

    def _toned(self, grey: Tensor) -> Tensor:
        size, rng = len(grey), self.rng

        def each(low: float, high: float) -> Tensor:
            return torch.from_numpy(rng.uniform(low, high, (size, 1, 1, 1))).float()

        toned = grey.clamp(0, 1) ** each(0.75, 1.35) * each(0.9, 1.08) + each(-0.04, 0.04)
        return (toned + torch.randn_like(grey) * each(0.0, 0.012)).clamp(0, 1)

    def _spoilt(self, grey: Tensor, batch: dict[str, Tensor]) -> Tensor:
        """Some films lie on their side, on their head or inverted: not readable as they are."""
        for index in np.flatnonzero(self.rng.random(len(grey)) < 0.05):
            if batch["kind"][index] == 3:
                continue
            turn = int(self.rng.integers(4))
            grey[index] = 1 - grey[index] if turn == 0 else torch.rot90(grey[index], turn, (1, 2))
            batch["kind"][index] = 3
            for name in ("phantom", "adult", "child", "quality", "boxes"):
                batch[name][index] = torch.nan
        return grey


def _known_bce(logits: Tensor, labels: Tensor, weight: float = 1.0) -> Tensor:
    known = ~labels.isnan()
    if not bool(known.any()):
        return logits.sum() * 0
    return weight * functional.binary_cross_entropy_with_logits(
        logits.float()[known], labels[known]
    )


def loss_of(out: tuple[Tensor, ...], batch: dict[str, Tensor]) -> Tensor:
    """All losses of a batch, summed."""
    phantom, adult, child, kind, quality, boxes, heat, _ = out
    loss = _known_bce(phantom, batch["phantom"], 4.0)
    for index in _FINE:
        loss = loss + _known_bce(phantom[:, index], batch["phantom"][:, index], 0.6)
    loss = loss + _known_bce(adult, batch["adult"], 0.7) + _known_bce(child, batch["child"], 0.3)
    loss = loss + _known_bce(quality, batch["quality"], 0.7)
    loss = loss + 0.5 * functional.cross_entropy(kind.float(), batch["kind"])
    rows = batch["kind"] == 0
    if bool(rows.any()):
        truth, masks = batch["boxes"][rows], batch["masks"][rows]
        raw = functional.binary_cross_entropy_with_logits(heat[rows], masks, reduction="none")
        weight = (_CELLS / masks.sum((2, 3), keepdim=True).clamp(min=1)).clamp(0.5, _MOST)
        loss = loss + 3.0 * (raw * (1 + weight * masks)).mean()
        known = ~truth.isnan()
        loss = loss + 8.0 * (boxes[rows] - truth)[known].abs().mean()
    return loss


def fit(
    net: TowerNet,
    films: FilmSet,
    *,
    rate: float,
    seed: int,
    minutes: float | None = None,
    steps: int | None = None,
) -> TowerNet:
    """Train a copy of a net for a budget of wall minutes or of steps; the given one stays.

    The rate falls along a cosine; from half-way on an average of the weights is kept, which is
    what comes back.
    """
    torch.manual_seed(seed)
    net = copy.deepcopy(net).train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    batches = Batches(films, seed)
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=0.02)
    average = torch.optim.swa_utils.AveragedModel(
        net,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99),  # type: ignore[no-untyped-call]
        use_buffers=True,
    )
    begin, step, running = time.monotonic(), 0, 0.0
    while True:
        spent = time.monotonic() - begin
        share = step / steps if steps is not None else spent / (60 * (minutes or 0) + 1e-9)
        if share >= 1:
            break
        now = rate * min(1.0, (step + 1) / 60) * (0.5 + 0.5 * np.cos(np.pi * share)) + 1e-5
        for group in optimiser.param_groups:
            group["lr"] = now
        loss = _step(net, optimiser, batches.next(_BATCH))
        if share > 0.5:
            average.update_parameters(net)
        running = 0.95 * running + 0.05 * loss if step else loss
        step += 1
        if step % 100 == 0:
            print(f"{spent:5.0f} s step {step} loss {running:.3f}", flush=True)
    result = average.module
    assert isinstance(result, TowerNet)
    return result.eval()


def _step(net: TowerNet, optimiser: torch.optim.Optimizer, batch: dict[str, Tensor]) -> float:
    grey = batch["grey"].contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = net(grey)
    loss = loss_of(out, batch)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimiser.step()
    return float(loss.detach())


def pretrained(films: FilmSet, cache: Path, minutes: float) -> TowerNet:
    """A tower that saw phantoms and pictures of no chest alone; kept in the cache."""
    path = cache / "phantoms-alone.pt"
    torch.manual_seed(0)
    net = TowerNet()
    if path.exists():
        net.load_state_dict(torch.load(path, weights_only=True))
        return net.eval()
    net = fit(net, films.only(kinds=(0, 3)), rate=2e-3, seed=0, minutes=minutes)
    torch.save(net.state_dict(), path)
    return net


def main() -> None:
    """Command line."""
    from training.tower_report import export_tower, measure_tower

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--films", type=int, default=9600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--cache", type=Path, default=Path(".cache/tower"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--resume", action="store_true", help="go on from the cached state")
    options = parser.parse_args()
    sets = cached_sets(options.data, options.cache, options.films)
    print({name: len(item) for name, item in sets.items()}, len(BOXES), len(PHANTOM_OBSERVATIONS))
    torch.set_num_threads(options.threads)
    state = options.cache / "tower.pt"
    if options.resume:
        taught = TowerNet()
        taught.load_state_dict(torch.load(state, weights_only=True))
    else:
        taught = pretrained(sets["train"], options.cache, 0.4 * options.minutes)
    left = options.minutes if options.resume else 0.6 * options.minutes
    net = fit(taught, sets["train"], rate=1.4e-3, seed=1 + options.resume, minutes=left)
    options.out.mkdir(parents=True, exist_ok=True)
    torch.save(net.state_dict(), state)
    export_tower(net, options.out)
    measure_tower(options.out, sets, options.data)


if __name__ == "__main__":
    main()
