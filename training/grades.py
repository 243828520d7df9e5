"""How well what is easy, medium or hard to see is found on films of the test split.

    python -m training.grades --films 900 --cache CACHE

By a simple detector (`simple_detector.py`) and by the shipped tower; both learned from films of the
split `train`. The films here are synthetic too: patients of the split `test`, whose anatomy and
seeds no training saw. Written to `docs/design/grades.json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readingroom.inference.tower.fitting import auroc
from readingroom.inference.tower.layout import PHANTOM_OBSERVATIONS
from readingroom.inference.tower.preprocess import film_input
from readingroom.sandbox_pacs.patients.chest.film import render_film
from readingroom.sandbox_pacs.patients.chest_grades import grade, overlap, regions
from training.film_data import FilmSet
from training.phantom_films import training_case
from training.simple_detector import fit_simple
from training.tower import TEST_SEED, WEIGHTS
from training.tower_report import run_onnx

GRADES = ("easy", "medium", "hard")
_SEED = TEST_SEED + 20_000
_SIZE = 512


def graded_film(seed: int) -> tuple[NDArray[np.float32], Mapping[str, str], bool]:
    """The tower's input, the grade of each finding by its name, and whether the film is fair."""
    body, lesions, spec = training_case(seed, "test", _SIZE, np.random.default_rng([seed, 5]))
    film = render_film(body, lesions, spec)
    over = regions(film)
    grades = {
        str(found.lesion.disease): grade(
            found.lesion, found.contrast or None, overlap(found.mask, over)
        )
        for found in film.findings
    }
    return film_input(film.grey_yx), grades, spec.quality == "adequate"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=900)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--cache", type=Path, default=Path(".cache/tower"), help="of the tower")
    parser.add_argument("--out", type=Path, default=Path("docs/design/grades.json"))
    options = parser.parse_args()
    with ProcessPoolExecutor(2) as pool:
        seeds = range(_SEED, _SEED + options.films)
        films = [film for film in pool.map(graded_film, seeds, chunksize=20) if film[2]]
    grey = np.stack([film[0] for film in films])[:, None]
    tower = run_onnx(options.weights / "tower.onnx", lambda rows: {"film": grey[rows]}, len(grey))
    simple = fit_simple(FilmSet(**np.load(options.cache / "train.npz")))
    scores = {"simple": simple.logits(grey[:, 0]), "tower": tower[0]}
    report: dict[str, Any] = {
        "what": "AUROC of a simple detector and of the shipped tower on synthetic films of the "
        "split test, by grade",
        "films": len(films),
        "made_by": f"python -m training.grades --films {options.films}",
        "findings": {},
    }
    for column, observation in enumerate(PHANTOM_OBSERVATIONS):
        told = [film[1].get(observation.value) for film in films]
        report["findings"][observation.value] = {
            name: _by_grade(told, logits[:, column]) for name, logits in scores.items()
        }
    options.out.write_text(json.dumps(report, indent=1) + "\n")
    print(table(report))


def _by_grade(told: list[str | None], scores: NDArray[np.float32]) -> dict[str, Any]:
    """Each grade against the films without the finding."""
    rows = {}
    absent = np.array([one is None for one in told])
    for name in GRADES:
        present = np.array([one == name for one in told])
        keep = present | absent
        area = auroc(scores[keep], present[keep]) if present.any() else None
        rows[name] = {"n": int(present.sum()), "auroc": area}
    rows["without"] = {"n": int(absent.sum())}
    return rows


def table(report: dict[str, Any]) -> str:
    """The report as a markdown table: simple detector, tower (positives)."""
    lines = ["| finding | easy | medium | hard |", "|---|---|---|---|"]
    for name, by in report["findings"].items():
        cells = [
            f"{by['simple'][g]['auroc']:.2f}, {by['tower'][g]['auroc']:.2f} ({by['tower'][g]['n']})"
            if by["tower"][g]["auroc"] is not None
            else "-"
            for g in GRADES
        ]
        lines.append(f"| {name.replace('_', ' ')} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
