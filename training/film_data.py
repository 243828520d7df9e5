"""Films to learn from: phantoms with truth, real films with labels, pictures of no chest.

Real films come from a folder that is not part of the project (`--data`); without it the
tower is trained on phantoms alone and judges no real film.
"""

from __future__ import annotations

import csv
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.finding import Observation
from readingroom.inference.tower.layout import BOXES, GRID, PHANTOM_OBSERVATIONS, QUALITIES
from readingroom.inference.tower.preprocess import FILM_SIZE, film_input, resample
from readingroom.sandbox_pacs.patients.chest.body import Split
from readingroom.sandbox_pacs.patients.not_chest import KINDS as OTHER_KINDS
from readingroom.sandbox_pacs.patients.not_chest import render_not_chest
from training.phantom_films import TrainingFilm, training_film

Part = str
"""train, val or test."""

_ADULT_LABELS = {
    0: ("Consolidation", "Pneumonia", "Infiltration"),
    1: ("Effusion",),
    2: ("Cardiomegaly",),
}
# A film with one of these is no clean negative for airspace opacity.
_MASKED = ("Edema", "Atelectasis", "Mass", "Nodule", "Fibrosis")


_COLUMNS = ("grey", "kind", "phantom", "adult", "child", "quality", "boxes", "masks")


@dataclass(eq=False)
class FilmSet:
    """Pictures and what is known of them; NaN where nothing is known.

    Attributes:
        grey: uint8 (N, FILM_SIZE, FILM_SIZE).
        kind: index into layout.KINDS.
        boxes: float32 (N, len(BOXES), 4), 0 to 1 of each axis.
        masks: bits of bool (N, len(BOXES), GRID, GRID), packed along the last axis.
    """

    grey: NDArray[np.uint8]
    kind: NDArray[np.int64]
    phantom: NDArray[np.float32]
    adult: NDArray[np.float32]
    child: NDArray[np.float32]
    quality: NDArray[np.float32]
    boxes: NDArray[np.float32]
    masks: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.kind)

    def rows(self, index: NDArray[np.int64]) -> FilmSet:
        """Some of the pictures."""
        return FilmSet(*(getattr(self, name)[index] for name in _COLUMNS))

    def only(self, kinds: tuple[int, ...]) -> FilmSet:
        """The pictures of these kinds."""
        return self.rows(np.flatnonzero(np.isin(self.kind, kinds)))

    @staticmethod
    def empty(count: int) -> FilmSet:
        """Room for `count` pictures of which nothing is known."""

        def unknown(*shape: int) -> NDArray[np.float32]:
            return np.full((count, *shape), np.nan, np.float32)

        return FilmSet(
            np.zeros((count, FILM_SIZE, FILM_SIZE), np.uint8),
            np.zeros(count, np.int64),
            unknown(len(PHANTOM_OBSERVATIONS)),
            unknown(3),
            unknown(1),
            unknown(len(QUALITIES)),
            unknown(len(BOXES), 4),
            np.zeros((count, len(BOXES), GRID, GRID // 8), np.uint8),
        )


def join(sets: list[FilmSet]) -> FilmSet:
    """One set after the other."""
    return FilmSet(*(np.concatenate([getattr(one, name) for one in sets]) for name in _COLUMNS))


def byte_grey(plane: NDArray[np.float32]) -> NDArray[np.uint8]:
    """0 to 1 as 0 to 255."""
    return np.rint(plane * 255).astype(np.uint8)


def truth_arrays(film: TrainingFilm) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Presence (P) and boxes (B, 4) of a phantom, in shares of the film."""
    size = film.grey_yx.shape[0]
    present = np.zeros(len(PHANTOM_OBSERVATIONS), np.float32)
    for observation in film.unknown:
        present[PHANTOM_OBSERVATIONS.index(observation)] = np.nan
    boxes = np.full((len(BOXES), 4), np.nan, np.float32)
    for item in film.truth:
        index = PHANTOM_OBSERVATIONS.index(item.observation)
        present[index] = 1
        boxes[index] = np.array(item.box) / size
    parts = (film.heart, film.thorax, *film.lungs)
    boxes[len(PHANTOM_OBSERVATIONS) :] = np.array(parts) / size
    return present, boxes


def truth_masks(film: TrainingFilm) -> NDArray[np.uint8]:
    """Masks of a phantom's findings and parts as `FilmSet.masks` has them, for one film."""
    out = np.zeros((len(BOXES), GRID, GRID), bool)
    for item in film.truth:
        out[PHANTOM_OBSERVATIONS.index(item.observation)] = _small(item.mask)
    heart, right, left = (_small(mask) for mask in film.masks)
    out[len(PHANTOM_OBSERVATIONS) :] = heart, right | left | heart, right, left
    return np.packbits(out, axis=-1)


def _small(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask on the grid: cells that it covers by a third, or what it covers best."""
    share = resample(mask.astype(np.float32), GRID)
    return np.asarray(share >= min(1 / 3, 0.8 * float(share.max()) + 1e-6))


_FINE = 640
"""Rows from which a film is drawn as finely as those of a PACS are. A tower that is calibrated on
coarser ones sees lines of pleura in the sharper edges of the chest wall."""


def _phantom_chunk(job: tuple[int, int, float, Split]) -> FilmSet:
    start, count, fine, split = job
    out = FilmSet.empty(count)
    for index in range(count):
        rng = np.random.default_rng([start + index, 6])
        film = training_film(start + index, split, _FINE if rng.random() < fine else 256)
        out.grey[index] = byte_grey(film_input(film.grey_yx))
        out.phantom[index], out.boxes[index] = truth_arrays(film)
        out.masks[index] = truth_masks(film)
        out.quality[index] = [film.quality == name for name in QUALITIES]
    return out


def phantoms(
    start: int, count: int, *, fine: float, split: Split = "train", workers: int = 2
) -> FilmSet:
    """Phantom films with seeds start … start + count; `fine` of them drawn at _FINE.

    The split says whose anatomy it is, which differs by more than the seed.
    """
    end, step = start + count, 100
    jobs = [(first, min(step, end - first), fine, split) for first in range(start, end, step)]
    with ProcessPoolExecutor(workers) as pool:
        return join(list(pool.map(_phantom_chunk, jobs)))


def not_chest(start: int, count: int) -> FilmSet:
    """Pictures of no chest, every kind in turn."""
    out = FilmSet.empty(count)
    out.kind[:] = 3
    for index in range(count):
        kind = OTHER_KINDS[index % len(OTHER_KINDS)]
        out.grey[index] = byte_grey(film_input(render_not_chest(kind, start + index, FILM_SIZE)))
    return out


def part_of(patient: str, salt: str) -> Part:
    """Which part a patient belongs to: a stable hash, so that no patient is in two parts."""
    place = zlib.crc32(f"{salt}:{patient}".encode()) % 100
    return "train" if place < 62 else "val" if place < 74 else "test"


def _read_grey(path: Path) -> NDArray[np.uint8]:
    from PIL import Image

    with Image.open(path) as image:
        grey = (np.asarray(image.convert("L")) / 255).astype(np.float32)
    return byte_grey(film_input(grey))


def adult_films(data: Path) -> dict[Part, FilmSet]:
    """ChestX-ray14 films by part; labels mined from reports by a program."""
    rows = list(csv.DictReader((data / "nih" / "labels.csv").open()))
    parts: dict[Part, list[dict[str, str]]] = {"train": [], "val": [], "test": []}
    for row in rows:
        parts[part_of(row["patient_id"], "nih")].append(row)
    return {name: _adult_set(data, part) for name, part in parts.items()}


def _adult_set(data: Path, rows: list[dict[str, str]]) -> FilmSet:
    out = FilmSet.empty(len(rows))
    out.kind[:] = 1
    out.quality[:] = 0
    for index, row in enumerate(rows):
        out.grey[index] = _read_grey(data / "nih" / "images" / row["image"])
        labels = row["labels"].split("|")
        for column, names in _ADULT_LABELS.items():
            out.adult[index, column] = any(name in labels for name in names)
        if row["rsna_class"] == "Lung Opacity":
            out.adult[index, 0] = 1
        elif out.adult[index, 0] == 0 and any(name in labels for name in _MASKED):
            out.adult[index, 0] = np.nan
    return out


def held_out_adults(data: Path) -> list[dict[str, Any]]:
    """The films of patients that no training saw, with what is known of them.

    Returns:
        `image`, `view`, `patient`, and `truth`: opacity, effusion, abnormal; None where unknown.
    """
    rows = []
    for row in csv.DictReader((data / "nih" / "labels.csv").open()):
        if part_of(row["patient_id"], "nih") != "test":
            continue
        labels = row["labels"].split("|")
        opacity: bool | None = any(name in labels for name in _ADULT_LABELS[0])
        if row["rsna_class"] == "Lung Opacity":
            opacity = True
        elif not opacity and any(name in labels for name in _MASKED):
            opacity = None
        truth = {
            "opacity": opacity,
            "effusion": "Effusion" in labels,
            "abnormal": labels != ["No Finding"],
        }
        known = {"image": row["image"], "view": row["view"], "patient": row["patient_id"]}
        rows.append(known | {"truth": truth})
    return rows


def adult_views(data: Path, part: Part) -> list[str]:
    """The view of each film of a part, in the order of `adult_films`."""
    rows = csv.DictReader((data / "nih" / "labels.csv").open())
    return [row["view"] for row in rows if part_of(row["patient_id"], "nih") == part]


def child_films(data: Path, limit: int = 2200) -> dict[Part, FilmSet]:
    """Paediatric films (normal, pneumonia) by part, at most `limit` of them."""
    rows = list(csv.DictReader((data / "kermany" / "labels.csv").open()))
    order = np.random.default_rng(3).permutation(len(rows))[:limit]
    parts: dict[Part, list[dict[str, str]]] = {"train": [], "val": [], "test": []}
    for index in order:
        patient = f"{rows[index]['label']}:{rows[index]['patient_like_id']}"
        if rows[index]["label"] == "NORMAL":
            # patient_like_id of a normal film is its prefix only; its number names the patient.
            patient = rows[index]["image"].rsplit("-", 1)[0]
        parts[part_of(patient, "kermany")].append(rows[index])
    result = {}
    for name, part in parts.items():
        out = FilmSet.empty(len(part))
        out.kind[:] = 2
        out.quality[:] = 0
        for index, row in enumerate(part):
            out.grey[index] = _read_grey(data / "kermany" / row["image"])
            out.child[index, 0] = row["label"] == "PNEUMONIA"
        result[name] = out
    return result


def crop_truth(film: TrainingFilm, box: tuple[float, float, float, float]) -> NDArray[np.float32]:
    """What of a phantom's findings lies in a box: 1, 0, or NaN where only a little does.

    By the masks: the box of a pneumothorax holds a lot of lung that has none.
    """
    labels = np.zeros(len(PHANTOM_OBSERVATIONS), np.float32)
    for item in film.truth:
        scale = item.mask.shape[0] / film.grey_yx.shape[0]
        x0, y0, x1, y1 = (round(max(0.0, edge) * scale) for edge in box)
        part = item.mask[y0:y1, x0:x1]
        inside = int(part.sum())
        own, here = inside / max(1, int(item.mask.sum())), inside / max(1, part.size)
        is_seen = own > _MOST_OF_IT or (here > _MUCH_OF_CROP and item.observation not in _WHOLE)
        index = PHANTOM_OBSERVATIONS.index(item.observation)
        labels[index] = 1 if is_seen else np.nan if max(own, here) > _TRACE else 0
    for observation in film.unknown:
        labels[PHANTOM_OBSERVATIONS.index(observation)] = np.nan
    return labels


_MOST_OF_IT, _MUCH_OF_CROP, _TRACE = 0.4, 0.06, 0.004
_WHOLE = (
    Observation.CARDIOMEGALY,
    Observation.WIDE_MEDIASTINUM,
    Observation.NODULE,
    Observation.RIB_FRACTURE,
)
