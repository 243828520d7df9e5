"""What the shipped core sees, on films that no training saw: `make bench-core [DATA=DIR]`.

Drawn films are of the sandbox's frozen split `test`, read by the real worker process through the
product's own calls. DIR may hold `films.jsonl` (schema: benchmarks/README.md) with films of your
own; and, as `../shared/data` does, `nih/`, whose films held apart by patient are then read too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from readingroom.domain.film import Film
from readingroom.domain.finding import Change, FilmReading, Observation, Presence
from readingroom.domain.ids import SOPInstanceUID
from readingroom.domain.region import Box, Laterality, Zone
from readingroom.inference import CoreWorker
from readingroom.inference.tower.fitting import auroc, calibration_error
from readingroom.sandbox_pacs.patients.chest.body import Sex, body_of
from readingroom.sandbox_pacs.patients.chest.film import ChestFilm, FilmSpec, render_film
from readingroom.sandbox_pacs.patients.chest_grades import grade, overlap, regions
from readingroom.sandbox_pacs.patients.disease import WITHOUT_SIDE, Disease, Lesion
from readingroom.tools.reporting.facts import FilmFacts, compare_readings
from training.phantom_films import training_case

HERE = Path(__file__).parent
RESULTS = HERE / "results"
GRADES = ("easy", "medium", "hard")
NAMED = tuple(
    Observation(name)
    for name in "nodule mass pleural_effusion pneumothorax consolidation atelectasis cardiomegaly "
    "interstitial_oedema wide_mediastinum".split()
)
"""The findings that the goals are set for; the others are reported."""

_SEED, _PAIR_SEED = 960_000, 980_000
"""Apart from those of training (below 912,000) and of `training.grades` (920,000 on)."""
_SIZE = 512
_SIZED = (Observation.NODULE, Observation.MASS, Observation.PLEURAL_EFFUSION)
_CHANGING = (
    Disease.NODULE, Disease.MASS, Disease.PLEURAL_EFFUSION, Disease.PNEUMOTHORAX,
    Disease.CONSOLIDATION, Disease.CARDIOMEGALY, Disease.WIDE_MEDIASTINUM, Disease.ATELECTASIS,
)  # fmt: skip

Item = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Case:
    """A film with its truth.

    Attributes:
        truth: by observation: box (x0, y0, x1, y1) in pixels and grade.
        unknown: observations of which the truth says nothing.
    """

    name: str
    film: Film
    truth: dict[str, Item]
    ratio: float | None
    adequate: bool = True
    unknown: frozenset[str] = frozenset()


def film_of(grey: NDArray[np.float32], spacing_mm: float | None, view: str = "PA") -> Film:
    """A picture as the product's decoder hands it on."""
    digest = hashlib.sha256(grey.tobytes()).hexdigest()
    pitch = None if spacing_mm is None else (spacing_mm, spacing_mm)
    return Film(SOPInstanceUID("1.2.3"), digest, grey, pitch, view, (0.5, 1.0))


def drawn_case(seed: int) -> Case:
    """A film of the split `test` with any findings, graded."""
    body, lesions, spec = training_case(seed, "test", _SIZE, np.random.default_rng([seed, 5]))
    drawn = render_film(body, lesions, spec)
    over = regions(drawn)
    truth: dict[str, Item] = {}
    for found in drawn.findings:
        hard = grade(found.lesion, found.contrast or None, overlap(found.mask, over))
        truth[found.lesion.disease.value] = {"box": found.box, "grade": hard}
    hidden = {lesion.disease.value for lesion in lesions} - set(truth)
    film = film_of(drawn.grey_yx, drawn.spacing_mm, spec.view)
    return Case(
        str(seed), film, truth, drawn.cardiothoracic_ratio, spec.quality == "adequate",
        frozenset(hidden),
    )  # fmt: skip


def drawn_pair(number: int) -> tuple[Item, Film, Film]:
    """The same person twice, and what became of one finding: wanted change, prior, current."""
    rng = np.random.default_rng([_PAIR_SEED, number])
    disease = _CHANGING[number % len(_CHANGING)]
    change = list(Change)[number // len(_CHANGING) % 5]
    side = Laterality.MIDLINE if disease in WITHOUT_SIDE else rng.choice(
        np.array([Laterality.RIGHT, Laterality.LEFT], dtype=object))  # fmt: skip
    zone = (Zone.UPPER, Zone.MID, Zone.LOWER)[int(rng.integers(3))]
    small, large = float(rng.uniform(0.25, 0.4)), float(rng.uniform(0.75, 1.0))
    before, now = {
        Change.NEW: (None, 0.65),
        Change.LARGER: (small, large),
        Change.SAME: (0.65, 0.65),
        Change.SMALLER: (large, small),
        Change.GONE: (0.65, None),
    }[change]
    sex: Sex = "M" if number % 2 else "F"
    body = body_of(_PAIR_SEED + number, sex, int(rng.integers(25, 88)), "test")
    lesion = Lesion("it", disease, side, zone, place=int(rng.integers(1_000_000)))

    def taken(severity: float | None, shot: int) -> ChestFilm:
        lesions = () if severity is None else (replace(lesion, severity=severity),)
        return render_film(body, lesions, FilmSpec(size=_SIZE, shot=shot))

    films = [taken(before, 1), taken(now, 2)]
    item = {"name": f"pair {number}", "finding": disease.value, "wanted": change.value}
    first, second = (film_of(each.grey_yx, each.spacing_mm) for each in films)
    return item, first, second


def own_cases(folder: Path) -> Iterator[Case]:
    """Films of `films.jsonl`: pictures, or numpy arrays."""
    from PIL import Image

    for line in (folder / "films.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        with Image.open(folder / item["image"]) as image:
            grey = (np.asarray(image.convert("L")) / 255).astype(np.float32)
        yield Case(
            item["image"],
            film_of(grey, item.get("spacing_mm"), item.get("view", "PA")),
            {each["observation"]: each | {"grade": each.get("grade", "medium")}
             for each in item["findings"]},
            item.get("cardiothoracic_ratio"),
            unknown=frozenset(item.get("unknown", ())),
        )  # fmt: skip


def read(worker: CoreWorker, case: Case) -> tuple[FilmReading, float]:
    """A reading and its seconds."""
    begin = time.perf_counter()
    reading = worker.read_film(case.film)
    return reading, time.perf_counter() - begin


def row_of(case: Case, reading: FilmReading, seconds: float) -> Item:
    """One film: what is there, and what the core said of each finding."""
    said = {
        each.observation.value: {
            "p": round(each.probability, 4),
            "presence": each.presence.value,
            "box": None if each.box is None else [round(v, 1) for v in _edges(each.box)],
        }
        for each in reading.detections
    }
    return {
        "name": case.name, "known": reading.knows_this_kind, "truth": case.truth,
        "unknown": sorted(case.unknown), "adequate": case.adequate, "said": said,
        "ratio": case.ratio, "ratio_said": reading.cardiothoracic_ratio,
        "spacing_mm": case.film.spacing_yx_mm and case.film.spacing_yx_mm[0],
        "seconds": round(seconds, 4),
    }  # fmt: skip


def _edges(box: Box) -> tuple[float, float, float, float]:
    return (box.x0, box.y0, box.x1, box.y1)


def finding_figures(rows: Sequence[Item], observation: Observation) -> Item:
    """AUROC in all and by grade, calibration error, overlap of boxes, and error in size."""
    name = observation.value
    judged = [row for row in rows if name in row["said"] and name not in row["unknown"]]
    if not judged:
        return {"judged": 0}
    p = np.array([row["said"][name]["p"] for row in judged], np.float32)
    there = np.array([name in row["truth"] for row in judged])
    figures: Item = {"judged": len(judged), "positive": int(there.sum())}
    figures["auroc"] = _round(auroc(p, there.astype(np.float32)))
    for each in GRADES:
        own = np.array([row["truth"].get(name, {}).get("grade") == each for row in judged])
        chosen = own | ~there
        figures[each] = _round(auroc(p[chosen], own[chosen].astype(np.float32)))
        figures[f"{each}_n"] = int(own.sum())
    figures["calibration_error"] = _round(calibration_error(p, there))
    said = np.array([row["said"][name]["presence"] for row in judged])
    figures["sensitivity"] = _round(float((said[there] == Presence.PRESENT.value).mean()))
    figures["false_alarms"] = _round(float((said[~there] == Presence.PRESENT.value).mean()))
    pairs = [
        (row["truth"][name]["box"], row["said"][name]["box"], row["spacing_mm"])
        for row in judged
        if name in row["truth"] and row["truth"][name].get("box") and row["said"][name]["box"]
    ]
    figures["placed"] = len(pairs)
    if pairs:
        figures["iou"] = _round(float(np.mean([Box(*a).iou(Box(*b)) for a, b, _ in pairs])))
    sized = [(a, b, mm) for a, b, mm in pairs if mm]
    if sized and observation in _SIZED:
        errors = [abs(_size(observation, a) - _size(observation, b)) * mm for a, b, mm in sized]
        figures["size_error_mm"] = _round(float(np.mean(errors)))
        figures["size_within_3_mm"] = _round(float(np.mean(np.array(errors) <= 3)))
    return figures


def _size(observation: Observation, box: Sequence[float]) -> float:
    wide, tall = box[2] - box[0], box[3] - box[1]
    return tall if observation is Observation.PLEURAL_EFFUSION else max(wide, tall)


def change_figures(rows: Sequence[Item]) -> Item:
    """Share of pairs whose change was said right, by change; what was not compared is wrong."""
    figures: Item = {"pairs": len(rows), "right": _round(_mean([row["right"] for row in rows]))}
    for change in sorted({row["wanted"] for row in rows}):
        own = [row["right"] for row in rows if row["wanted"] == change]
        figures[change] = _round(_mean(own))
    figures["not_compared"] = sum(not row["said"] for row in rows)
    compared = [row["right"] for row in rows if row["said"]]
    figures["right_of_compared"] = _round(_mean(compared))
    return figures


def pair_row(worker: CoreWorker, item: Item, prior: Film, current: Film) -> Item:
    """A pair as the product compares it."""
    readings = worker.read_film(current), worker.read_film(prior)
    rows = compare_readings(
        *readings, film=FilmFacts.of(current), prior_film=FilmFacts.of(prior), prior_label="P1"
    )
    said = [row.change.value for row in rows if row.observation.value == item["finding"]]
    return item | {"said": said, "right": said == [item["wanted"]]}


def real_figures(worker: CoreWorker, data: Path) -> tuple[Item, list[Item]]:
    """Real films held apart by patient: AUROC within a view, with intervals over patients."""
    from PIL import Image

    from training.film_data import held_out_adults

    rows = []
    for label in held_out_adults(data):
        with Image.open(data / "nih" / "images" / label["image"]) as image:
            grey = (np.asarray(image.convert("L")) / 255).astype(np.float32)
        reading = worker.read_film(film_of(grey, None, label["view"]))
        said = {d.observation.value: round(d.probability, 4) for d in reading.detections}
        rows.append(label | {"known": reading.knows_this_kind, "said": said})
    figures: Item = {"films": len(rows), "coverage": _round(_mean([r["known"] for r in rows]))}
    for name, key in (
        ("opacity", Observation.CONSOLIDATION),
        ("effusion", Observation.PLEURAL_EFFUSION),
        ("abnormal", None),
    ):
        figures[name] = _real_auroc(rows, name, key)
    return figures, rows


def _real_auroc(rows: Sequence[Item], name: str, key: Observation | None) -> Item:
    known = [r for r in rows if r["known"] and r["said"] and r["truth"][name] is not None]
    score = [
        1 - float(np.prod([1 - p for p in r["said"].values()])) if key is None
        else r["said"].get(key.value, float("nan"))
        for r in known
    ]  # fmt: skip
    p, there = np.array(score, np.float32), np.array([r["truth"][name] for r in known], np.float32)
    views = np.array([r["view"] for r in known])
    people = np.array([r["patient"] for r in known])
    figures: Item = {"n": len(known), "positive": int(there.sum())}
    for view in ("PA", "AP"):
        figures[view] = _round(auroc(p[views == view], there[views == view]))
    rng, draws = np.random.default_rng(0), []
    everybody = np.unique(people)
    for _ in range(300):
        chosen = rng.choice(everybody, len(everybody))
        index = np.concatenate([np.flatnonzero(people == one) for one in chosen])
        draws.append(_within_view(p[index], there[index], views[index]))
    figures["within_view"] = _round(_within_view(p, there, views))
    low, high = np.nanquantile(draws, [0.025, 0.975])
    figures["interval"] = [_round(float(low)), _round(float(high))]
    return figures


def _within_view(
    p: NDArray[np.float32], there: NDArray[np.float32], views: NDArray[np.str_]
) -> float:
    """AUROC of each view, weighed by its films: a view must not stand for a disease."""
    own = [views == view for view in ("PA", "AP")]
    parts = [(auroc(p[each], there[each]), int(each.sum())) for each in own]
    fit = [(value, count) for value, count in parts if value == value]
    return sum(value * count for value, count in fit) / max(1, sum(count for _, count in fit))


def _mean(values: Sequence[Any]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _round(value: float) -> float:
    return round(value, 3)


def mapped(draw: Callable[[int], Any], seeds: range) -> Iterator[Any]:
    """Drawn on all cores, in order; a bar on stderr."""
    from rich.progress import track

    with ProcessPoolExecutor() as pool:
        drawn = pool.map(draw, seeds, chunksize=8)
        yield from track(drawn, draw.__name__, len(seeds), console=Console(stderr=True))


def main() -> None:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with films.jsonl or nih/")
    parser.add_argument("--films", type=int, default=900)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--weights", type=Path, help="others than those that ship")
    options = parser.parse_args()
    figures: Item = {}
    rows: list[Item] = []
    pairs: list[Item] = []
    real: list[Item] = []
    own = options.data is not None and (options.data / "films.jsonl").is_file()
    with CoreWorker(weights=options.weights) as worker:
        cases = own_cases(options.data) if own else mapped(
            drawn_case, range(_SEED, _SEED + options.films))  # fmt: skip
        for case in cases:
            rows.append(row_of(case, *read(worker, case)))
        if not own:
            for item, prior, current in mapped(drawn_pair, range(options.pairs)):
                pairs.append(pair_row(worker, item, prior, current))
        if options.data is not None and (options.data / "nih" / "labels.csv").is_file():
            figures["real"], real = real_figures(worker, options.data)
    figures |= film_figures(rows)
    if pairs:
        figures["change"] = change_figures(pairs)
    write(figures, [*rows, *pairs, *real])
    show(figures)


def film_figures(rows: Sequence[Item]) -> Item:
    """All figures of films with findings; AUROC and the rest on films of adequate quality."""
    fair = [row for row in rows if row["adequate"] and row["known"]]
    found = {each.value: finding_figures(fair, each) for each in Observation}
    found = {name: item for name, item in found.items() if item["judged"]}
    named = [found[each.value] for each in NAMED if each.value in found]
    ratios = [
        abs(row["ratio"] - row["ratio_said"])
        for row in fair
        if row["ratio"] is not None and row["ratio_said"] is not None
    ]
    return {
        "films": len(rows),
        "coverage": _round(_mean([row["known"] for row in rows])),
        "findings": found,
        "named_not_judged": [each.value for each in NAMED if each.value not in found],
        "mean_auroc": _round(_mean([item["auroc"] for item in named])),
        "least_medium": _round(min((item["medium"] for item in named
                                    if item["medium"] == item["medium"]), default=float("nan"))),
        "mean_iou": _round(_mean([item["iou"] for item in named if "iou" in item])),
        "worst_calibration": max((item["calibration_error"] for item in named), default=0.0),
        "ratio_error": _round(_mean(ratios)),
        "ratio_within_0.03": _round(_mean([error <= 0.03 for error in ratios])),
        "film_ms": round(1000 * float(np.median([row["seconds"] for row in rows]))),
    }  # fmt: skip


def write(figures: Item, rows: Sequence[Item]) -> None:
    """`results/look.json` and every item beside it."""
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "look.jsonl").open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    (RESULTS / "look.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


_COLUMNS = ("positive", "auroc", *GRADES, "iou", "calibration_error", "sensitivity",
            "false_alarms", "size_error_mm")  # fmt: skip


def show(figures: Item) -> None:
    """The table, then one line."""
    print(f"{'finding':<22}" + "".join(f"{name[:11]:>12}" for name in _COLUMNS))
    for name, item in figures["findings"].items():
        cells = "".join(f"{item.get(column, '-'):>12}" for column in _COLUMNS)
        print(f"{name:<22}{cells}")
    for name in ("change", "real"):
        if name in figures:
            print(f"{name}: {json.dumps(figures[name])}")
    print(json.dumps({k: v for k, v in figures.items() if not isinstance(v, dict)}))


if __name__ == "__main__":
    main()
