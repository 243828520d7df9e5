"""The parametric chest: how fast, and how like real films: `make bench-patients [DATA=DIR]`.

Speed stands beside two peers in the same run, on the same voxels and the same cone beam: each
ray sampled by scipy.ndimage, and each slab scaled by it and summed. Likeness needs real films
(DIR/nih) and is skipped without.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.chest.body import body_of
from readingroom.sandbox_pacs.patients.chest.ct import CtSpec, ct_frame, render_ct
from readingroom.sandbox_pacs.patients.chest.film import FilmSpec, beam_of, render_film
from readingroom.sandbox_pacs.patients.chest.grid import Grid
from readingroom.sandbox_pacs.patients.chest.organs import paint_organs
from readingroom.sandbox_pacs.patients.chest.project import Beam, attenuation, line_integrals
from readingroom.sandbox_pacs.patients.disease import WITHOUT_SIDE, Disease, Lesion
from readingroom.sandbox_pacs.patients.one_thread import one_thread

RESULTS = Path(__file__).parent / "results"
Item = dict[str, object]
Grey = NDArray[np.float32]

_EXTENT = (-225.0, 225.0, -200.0, 175.0, -300.0, 185.0)
_COMPARED = 512
_BANDS = ((1 / 64, 1 / 32), (1 / 32, 1 / 16), (1 / 16, 1 / 8), (1 / 8, 1 / 4), (1 / 4, 1 / 2))
"""Cycles per pixel: from 64 to 32 pixels a cycle up to the detector's limit."""


def main() -> None:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with nih/")
    parser.add_argument("--runs", type=int, default=3, help="2048² films and CT series")
    parser.add_argument("--small", type=int, default=60, help="films of 256 px, and of 224")
    parser.add_argument("--films", type=int, default=80, help="films compared with real ones")
    options = parser.parse_args()
    items = list(speed(options.runs, options.small))
    figures = speed_figures(items)
    if options.data is None or not (options.data / "nih" / "labels.csv").is_file():
        print("likeness: skipped, no real films (DATA=DIR with nih/labels.csv)")
    else:
        found = list(likeness(options.data / "nih", options.films))
        items += found
        figures |= likeness_figures(found)
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "patients.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(item) + "\n" for item in items)
    for name, value in figures.items():
        print(f"{name:<44}{value:>12}")
    (RESULTS / "patients.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures))


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes, wall time."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def speed(runs: int, small: int) -> Iterator[Item]:
    """Films and CT, each in turn with the peer; then small films on all cores."""
    with one_thread():
        yield from _one_core(runs)
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores) as pool:
        list(pool.map(small_film, [(number, 64) for number in range(4 * cores)]))
        for size in (224, 256):
            jobs = [(number, size) for number in range(small)]
            seconds = timed(lambda jobs=jobs: list(pool.map(small_film, jobs, chunksize=4)))  # type: ignore[misc]
            yield {"what": f"films of {size}", "films": small, "cores": cores, "seconds": seconds}


def _one_core(runs: int) -> Iterator[Item]:
    body = body_of(7, "M", 60, "tour")
    lesions = (Lesion("n", Disease.NODULE, Laterality.LEFT, severity=0.6, place=3),)
    grid = Grid.over(_EXTENT, (2.0, 4.0, 2.0))
    mu = attenuation(paint_organs(body, grid).hu)
    beam = beam_of(FilmSpec(), body)
    render_film(body, (), FilmSpec(size=256))
    for run in range(runs):
        seconds = timed(lambda run=run: render_film(body, lesions, FilmSpec(shot=run)))  # type: ignore[misc]
        yield {"what": "film of 2048", "run": run, "seconds": seconds}
        spec = CtSpec(slice_mm=1.5, shot=run)
        slices = ct_frame(body, lesions, spec).slices
        seconds = timed(lambda spec=spec: [0 for _ in render_ct(body, lesions, spec)])  # type: ignore[misc]
        yield {"what": "CT of 512", "run": run, "slices": slices, "seconds": seconds}
        ours: list[Grey] = []
        theirs: list[Grey] = []
        yield {
            "what": "projection",
            "run": run,
            "seconds": timed(lambda: ours.append(line_integrals(grid, mu, beam, 185))),  # noqa: B023
            "slabs_seconds": timed(lambda: theirs.append(by_slabs(grid, mu, beam, 185))),  # noqa: B023
            "rays_seconds": timed(lambda: by_rays(grid, mu, beam, 185)),
            "mean_difference": float(np.abs(ours[0] - theirs[0]).mean()),
            "mean_integral": float(theirs[0].mean()),
        }


def by_rays(grid: Grid, mu: Grey, beam: Beam, count: int) -> Grey:
    """The same projection as one would write it first: follow each ray through the voxels."""
    from scipy.ndimage import map_coordinates

    place = ((np.arange(count) + 0.5) / count - 0.5) * beam.field_mm
    factor, moved = beam.magnification(grid.y)[:, None], beam.shift(grid.y)[:, None]
    columns = (place / factor - moved - grid.x[0]) / grid.step[2]
    rows = (beam.centre_z - place / factor - grid.z[0]) / grid.step[0]
    depth = np.arange(len(grid.y), dtype=float)[:, None]
    total = np.zeros((count, count))
    for row in range(count):
        where = np.stack(np.broadcast_arrays(rows[:, row, None], depth, columns))
        total[row] = map_coordinates(mu, where, order=1, mode="grid-constant").sum(0)
    slant = np.sqrt(1 + (place[:, None] ** 2 + place[None, :] ** 2) / beam.source_mm**2)
    return np.asarray(total * grid.step[1] * slant, np.float32)


def by_slabs(grid: Grid, mu: Grey, beam: Beam, count: int) -> Grey:
    """The same, each slab scaled as its distance asks, and summed."""
    from scipy.ndimage import affine_transform

    place = ((np.arange(count) + 0.5) / count - 0.5) * beam.field_mm
    total = np.zeros((count, count))
    for index, y in enumerate(grid.y):
        factor = float(beam.magnification(np.array([y], np.float32))[0])
        moved = float(beam.shift(np.array([y], np.float32))[0])
        cell = beam.field_mm / count / factor
        first_z = (beam.centre_z - place[0] / factor - float(grid.z[0])) / grid.step[0]
        first_x = (place[0] / factor - moved - float(grid.x[0])) / grid.step[2]
        total += affine_transform(
            mu[:, index], (-cell / grid.step[0], cell / grid.step[2]), (first_z, first_x),
            (count, count), order=1, mode="grid-constant",
        )  # fmt: skip
    slant = np.sqrt(1 + (place[:, None] ** 2 + place[None, :] ** 2) / beam.source_mm**2)
    return np.asarray(total * grid.step[1] * slant, np.float32)


def small_film(job: tuple[int, int]) -> int:
    """One film for training, with one disease, in a worker."""
    number, size = job
    with one_thread():
        drawn(number, size)
    return number


def drawn(number: int, size: int) -> Grey:
    """A PA film of someone with one disease, or none."""
    choice = [None, *Disease][number % (len(Disease) + 1)]
    lesions: tuple[Lesion, ...] = ()
    if choice is not None:
        side = (Laterality.LEFT, Laterality.RIGHT)[number % 2]
        side = Laterality.MIDLINE if choice in WITHOUT_SIDE else side
        lesions = (Lesion("it", choice, side, severity=0.5, place=number),)
    body = body_of(number, "F" if number % 2 else "M", 25 + number % 60, "train")
    return render_film(body, lesions, FilmSpec(size=size, shot=number)).grey_yx


def speed_figures(items: list[Item]) -> dict[str, float]:
    """Medians, and the ratio to the peer."""

    def median(what: str, field: str) -> float:
        return statistics.median(float(str(one[field])) for one in items if one["what"] == what)

    figures = {"film_2048_s": round(median("film of 2048", "seconds"), 2)}
    per_slice = median("CT of 512", "seconds") / median("CT of 512", "slices")
    figures["ct_200_slices_s"] = round(200 * per_slice, 1)
    figures["cores"] = median("films of 256", "cores")
    for size in (224, 256):
        rate = median(f"films of {size}", "films") / median(f"films of {size}", "seconds")
        figures[f"films_{size}_per_s"] = round(rate, 1)
    for peer in ("rays", "slabs"):
        ratio = median("projection", f"{peer}_seconds") / median("projection", "seconds")
        figures[f"projection_times_faster_than_{peer}"] = round(ratio, 1)
    off = median("projection", "mean_difference") / median("projection", "mean_integral")
    figures["projection_relative_difference"] = float(f"{off:.1e}")
    return figures


def likeness(folder: Path, count: int) -> Iterator[Item]:
    """What each film measures; real ones without a finding, half of them as their own peer."""
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        lines = [one for one in csv.DictReader(file) if one["view"] == "PA"]
    names = [one["image"] for one in lines if one["labels"] == "No Finding"][: 2 * count]
    for number, name in enumerate(names):
        with Image.open(folder / "images" / name) as image:
            picture = image.convert("L").resize((_COMPARED, _COMPARED), Image.Resampling.BOX)
        grey = np.asarray(picture, np.float32) / np.float32(255)
        yield {"what": "real", "film": name, "half": number % 2, **measured(grey)}
    with one_thread():
        for number in range(count):
            body = body_of(number, "F" if number % 2 else "M", 25 + number % 60, "train")
            film = render_film(body, (), FilmSpec(size=_COMPARED, shot=number))
            yield {"what": "drawn", "film": number, **measured(film.grey_yx)}


def measured(grey: NDArray[np.floating[Any]]) -> Item:
    """Histogram, sharpness and spectra of one film, its grey set between its own ends."""
    low, high = np.percentile(grey, (0.5, 99.5))
    film = np.clip((grey - low) / max(float(high - low), 1e-3), 0, 1).astype(np.float32)
    inner = film[64:448, 64:448]
    rows, columns = np.gradient(inner)
    gradient = np.hypot(rows, columns)
    return {
        "histogram": np.histogram(inner, 64, (0, 1))[0].tolist(),
        "gradient": float(gradient.mean()),
        "edge_px": _edge_width(inner),
        "spectrum": _bands(inner),
        "noise_spectrum": _flat_bands(inner),
    }


def _edge_width(film: Grey) -> float:
    """Pixels over which the steepest edges rise: their step over their slope.

    The step is that between the places 8 pixels before and behind, across the film's columns.
    """
    slope = (film[:, 9:-7] - film[:, 7:-9]) / 2
    step = film[:, 16:] - film[:, :-16]
    steep = np.abs(slope) >= np.percentile(np.abs(slope), 99)
    return float(np.median(np.abs(step[steep]) / np.abs(slope[steep])))


def _bands(film: Grey) -> list[float]:
    """Log10 of the power in each band of frequencies, of the film less its mean."""
    size = film.shape[0]
    window = np.hanning(size)
    power = np.abs(np.fft.fft2((film - film.mean()) * window[:, None] * window)) ** 2
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size)))
    inside = [power[(frequency >= low) & (frequency < high)] for low, high in _BANDS]
    return [float(np.log10(part.mean() / size**2 + 1e-12)) for part in inside if part.size]


def _flat_bands(film: Grey) -> list[float]:
    """The same of the flattest tenth of its patches of 32: there is little there but noise."""
    patches = film.reshape(12, 32, 12, 32).swapaxes(1, 2).reshape(-1, 32, 32)
    shown = (patches.mean((1, 2)) > 0.05) & (patches.mean((1, 2)) < 0.95)
    patches = patches[shown] if shown.sum() >= 10 else patches
    flattest = patches[np.argsort(patches.std((1, 2)))[: max(1, len(patches) // 10)]]
    return [float(value) for value in np.mean([_bands(patch) for patch in flattest], 0)]


def likeness_figures(items: list[Item]) -> dict[str, float]:
    """Drawn against real, and real against real: the least that a difference can be."""
    drawn_films = [one for one in items if one["what"] == "drawn"]
    real = [one for one in items if one["what"] == "real"]
    halves = [[one for one in real if one["half"] == half] for half in (0, 1)]
    figures: dict[str, float] = {"films_drawn": len(drawn_films), "films_real": len(real)}
    figures["histogram_distance"] = _histogram_distance(drawn_films, real)
    figures["histogram_distance_real_to_real"] = _histogram_distance(*halves)
    for field in ("gradient", "edge_px"):
        for name, films in (("drawn", drawn_films), ("real", real)):
            middle = statistics.median(float(str(one[field])) for one in films)
            figures[f"{field}_{name}"] = round(middle, 4)
    for field in ("spectrum", "noise_spectrum"):
        ours, theirs, one, other = (_mean(group, field) for group in (drawn_films, real, *halves))
        bands = _BANDS[-len(ours) :]
        for band, mine, real_one, left, right in zip(bands, ours, theirs, one, other, strict=True):
            name = f"{field}_1/{round(1 / band[0])}-1/{round(1 / band[1])}"
            figures[name] = round(float(mine - real_one), 2)
            figures[f"{name}_real_to_real"] = round(float(left - right), 2)
    return figures


def _histogram_distance(one: list[Item], other: list[Item]) -> float:
    """Earth mover's distance of the pooled histograms, in shares of the grey range."""
    shares = [_mean(group, "histogram") for group in (one, other)]
    rising = [np.cumsum(share / share.sum()) for share in shares]
    return round(float(np.abs(rising[0] - rising[1]).mean()), 4)


def _mean(items: list[Item], field: str) -> NDArray[np.float64]:
    return np.asarray(np.mean([np.asarray(item[field], float) for item in items], 0))


if __name__ == "__main__":
    main()
