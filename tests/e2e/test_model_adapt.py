"""Fitting the core to real films, as a site would: the command, and a look with what it made."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest
from reading_helpers import readingroom

from readingroom.domain.film import Film
from readingroom.domain.finding import Observation
from readingroom.domain.ids import SOPInstanceUID
from readingroom.inference import CoreWorker
from readingroom.inference.tower.adapt import LEAST
from readingroom.tools.imaging import load_picture

NIH = Path(__file__).parents[3] / "shared" / "data" / "nih"
FILMS = 160


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a site has it: films with opacity and without, by turns."""
    if not NIH.is_dir():
        pytest.skip("the shared data are not here")
    with (NIH / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    sick = [row for row in rows if row["rsna_class"] == "Lung Opacity"][: FILMS // 2]
    well = [
        row for row in rows if row["labels"] == "No Finding" and row["rsna_class"] in ("", "Normal")
    ][: FILMS // 2]
    folder = tmp_path_factory.mktemp("site")
    with (folder / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("image", "patient", "consolidation", "pneumothorax"))
        for row in (*sick, *well):
            (folder / row["image"]).symlink_to(NIH / "images" / row["image"])
            table.writerow((row["image"], row["patient_id"], int(row in sick), 0))
    return folder


def test_a_site_fits_the_core_to_its_films(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "ours"
    done = readingroom(tmp_path, "model", "adapt", str(site), "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["films"] + len(told["left_out"]) == len(list(site.glob("*.png"))) > 2 * LEAST
    head = told["findings"]["consolidation"]
    assert head["judged"] and head["after"]["calibration_error"] < 0.2
    assert told["findings"]["pneumothorax"] is None
    assert json.loads((out / "card.json").read_text())["site"]["fitted"] == ["consolidation"]

    path = next(site.glob("*.png"))
    grey = load_picture(path)
    film = Film(
        SOPInstanceUID("1.2.3"),
        hashlib.sha256(grey.tobytes()).hexdigest(),
        grey,
        None,
        "PA",
        (0.5, 1.0),
    )
    with CoreWorker() as shipped, CoreWorker(weights=out) as fitted:
        readings = shipped.read_film(film), fitted.read_film(film)
    p, q = (
        next(d.probability for d in each.detections if d.observation is Observation.CONSOLIDATION)
        for each in readings
    )
    assert p != q
    assert readings[0].model.revision != readings[1].model.revision


def test_what_is_there_is_not_written_over(site: Path, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    out = str(tmp_path / "ours")
    done = readingroom(tmp_path, "model", "adapt", str(site), "--out", out)
    assert done.returncode != 0 and "is there already" in done.stderr


def test_a_folder_without_labels_is_told_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    out = str(tmp_path / "ours")
    done = readingroom(tmp_path, "model", "adapt", str(tmp_path / "films"), "--out", out)
    assert done.returncode == 1 and "labels.csv" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "ours").exists()
