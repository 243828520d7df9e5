"""A copy of the embedded core that was fitted to a site's own labelled films."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from readingroom.domain.errors import BadInput, ReadingRoomError
from readingroom.domain.finding import ModelId, Observation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from readingroom.inference.tower.adapt import SiteHead
    from readingroom.inference.tower.reader import Look, Tower

LABELS = "labels.csv"
_SCHEMA = f"{LABELS} needs columns image, patient, and findings with 1, 0 or nothing"
_VALUES = {"1": 1.0, "0": 0.0, "": float("nan")}

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SiteFilms:
    """What a site's folder says.

    Attributes:
        labels: float32 (films, findings): 1, 0, or NaN where nobody said.
    """

    images: tuple[Path, ...]
    patients: tuple[str, ...]
    findings: tuple[Observation, ...]
    labels: NDArray[np.float32]


@dataclass(frozen=True)
class Adapted:
    """What came of it.

    Attributes:
        heads: by finding; None where too few films had it or were without it.
        left_out: image and why it could not be used.
    """

    folder: Path
    films: int
    heads: dict[Observation, SiteHead | None]
    left_out: tuple[tuple[str, str], ...]

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "schema_version": 1,
            "folder": str(self.folder),
            "films": self.films,
            "findings": {
                name.value: None if head is None else head.plain()
                for name, head in self.heads.items()
            },
            "left_out": [{"image": image, "why": why} for image, why in self.left_out],
        }


def read_labels(folder: Path) -> SiteFilms:
    """`labels.csv` of a folder.

    Raises:
        BadInput: no such file, a column or a value that means nothing, an image that is missing.
    """
    from readingroom.inference.tower.adapt import can_learn

    path = folder / LABELS
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), list(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read ({type(error).__name__})", hint=_SCHEMA) from error
    known = {each.value for each in Observation if can_learn(each)}
    names = [name for name in columns if name in known]
    if not {"image", "patient"} <= set(columns) or not names or not rows:
        hint = f"{_SCHEMA}; findings are {', '.join(sorted(known))}"
        raise BadInput(f"{path} has not what is needed", hint=hint)
    table = np.zeros((len(rows), len(names)), np.float32)
    for number, row in enumerate(rows):
        for column, name in enumerate(names):
            value = (row[name] or "").strip()
            if value not in _VALUES:
                line = f"{LABELS}, line {number + 2}: {name} is {value!r}"
                raise BadInput(line, hint="1 is there, 0 is not there, nothing is not known")
            table[number, column] = _VALUES[value]
        if not row["patient"]:
            raise BadInput(f"{LABELS}, line {number + 2}: no patient", hint=_SCHEMA)
        if not (folder / (row["image"] or "")).is_file():
            raise BadInput(f"{LABELS}, line {number + 2}: {row['image']} is not there")
    return SiteFilms(
        tuple(folder / row["image"] for row in rows),
        tuple(row["patient"] for row in rows),
        tuple(map(Observation, names)),
        table,
    )


def adapt(weights: Path, films: SiteFilms, out: Path, progress: Progress) -> Adapted:
    """Fit to a site's films and write a folder of weights that `--core embedded:FOLDER` takes.

    The shipped weights are not touched; the folder appears whole or not at all.

    Raises:
        BadInput: the folder is there already, or no film could be used.
    """
    from readingroom.inference.tower.adapt import fit_site_head
    from readingroom.inference.tower.reader import Tower

    if out.exists():
        raise BadInput(f"{out} is there already", hint="name another folder, or remove it")
    tower = Tower(weights, ModelId("embedded-tower", "", ""))
    looks, used, left_out = _looks(tower, films.images, progress)
    if not looks:
        reasons = "; ".join(why for _, why in left_out[:3])
        raise BadInput("none of the films could be used", hint=reasons)
    patients = [films.patients[index] for index in used]
    heads = {
        finding: fit_site_head(
            finding, looks, films.labels[used, column], patients, tower.shipped_head(finding)
        )
        for column, finding in enumerate(films.findings)
    }
    fitted = {finding: head for finding, head in heads.items() if head is not None}
    try:
        _write(weights, out, fitted, len(looks))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"{out} cannot be written ({reason})", hint="name another folder") from error
    return Adapted(out, len(looks), heads, tuple(left_out))


def _looks(
    tower: Tower, images: Sequence[Path], progress: Progress
) -> tuple[list[Look], list[int], list[tuple[str, str]]]:
    looks, used, left_out = [], [], []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # Each is decoded in a process of its own; only what is looked at next is held.
        for index, (path, grey) in enumerate(zip(images, pool.map(_grey, images), strict=True)):
            progress(index + 1, len(images))
            if isinstance(grey, str):
                left_out.append((path.name, grey))
                continue
            look = tower.look(grey)
            if not tower.known(look) or look.kind_name != "adult":
                left_out.append((path.name, "unlike a frontal chest film of an adult"))
                continue
            looks.append(look)
            used.append(index)
    return looks, used, left_out


def _grey(path: Path) -> NDArray[np.float32] | str:
    """A film's pixels at the tower's own size, or why there are none."""
    from readingroom.inference.tower.preprocess import FILM_SIZE, resample
    from readingroom.tools.imaging import load_film, load_picture

    is_picture = path.suffix.lower() in (".png", ".jpg", ".jpeg")
    try:
        grey = load_picture(path) if is_picture else load_film(path).grey_yx
    except ReadingRoomError as error:
        return error.message
    return resample(grey, FILM_SIZE)


def _write(weights: Path, out: Path, heads: dict[Observation, SiteHead], films: int) -> None:
    part = out.with_name(out.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for path in weights.iterdir():
        if path.is_file() and path.name not in ("tower.json", "card.json"):
            shutil.copyfile(path, part / path.name)
    report = json.loads((weights / "tower.json").read_text())
    report["site"] = {name.value: head.plain() for name, head in heads.items()}
    text = json.dumps(report, indent=1) + "\n"
    (part / "tower.json").write_text(text)
    card = json.loads((weights / "card.json").read_text())
    card["site"] = {"films": films, "fitted": sorted(name.value for name in heads)}
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    card["revisions"] = card.get("revisions", {}) | {"tower.json": digest}
    (part / "card.json").write_text(json.dumps(card, indent=1) + "\n")
    os.replace(part, out)
