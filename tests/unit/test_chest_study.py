"""Drawn chest studies: what the headers measure, what the truth says, the same bytes each time."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chest_people import GROWING, ROWS, film, nodule, person
from pydicom import dcmread

from readingroom.sandbox_pacs.drawing_pool import Drawn, Job, draw, drawn_ahead
from readingroom.sandbox_pacs.patients.build import (
    StudyObjects,
    StudyStream,
    build_study,
    instance_uids,
)
from readingroom.sandbox_pacs.patients.cohort import cohort
from readingroom.sandbox_pacs.patients.mask_codes import diameters, mask_of, rle
from readingroom.sandbox_pacs.patients.people import Study

FILMS, SCAN, BEDSIDE, CLEAR = GROWING.studies


@cache
def built(study: Study) -> StudyObjects:
    return build_study(GROWING, study)


@pytest.mark.parametrize(
    ("mask", "text"),
    [
        # Runs down the columns, of 0 first: 1 and 3.
        ([[0, 1], [1, 1]], "13"),
        # A run of 16 needs a second character; without any 0 the first run is empty.
        ([[1] * 16], "0`0"),
        # The fourth run is told as its difference to the second: 1 2 1 0.
        ([[0, 1, 1, 0, 1, 1]], "1210"),
    ],
)
def test_masks_are_written_as_coco_has_them(mask: list[list[int]], text: str) -> None:
    array = np.array(mask, bool)
    assert rle(array) == {"size": list(array.shape), "counts": text}
    assert np.array_equal(mask_of(rle(array)), array)


def test_a_mask_comes_back_whatever_its_form() -> None:
    rng = np.random.default_rng(1)
    for share in (0.0, 0.02, 0.5, 1.0):
        mask = rng.random((40, 90)) < share
        assert np.array_equal(mask_of(rle(mask)), mask)


def test_diameters_of_an_ellipse() -> None:
    y, x = np.mgrid[:100, :100] - 49.5
    slanted = ((x + y) / 40) ** 2 + ((x - y) / 20) ** 2 < 0.5
    long, short = diameters(slanted)
    assert long == pytest.approx(40, abs=1.5)
    assert short == pytest.approx(20, abs=1.5)


def _finding(study: Study, image: int = 0) -> dict[str, Any]:
    found: list[dict[str, Any]] = built(study).truth["images"][image]["findings"]
    return found[0]


def test_a_nodule_of_20_mm_measures_20_mm_on_films_and_ct() -> None:
    """By the mask in pixels, the pitch at the detector and the header's distances."""
    for image in (0, 1):
        ds = dcmread(io.BytesIO(built(FILMS).instances[image].data))
        told = built(FILMS).truth["images"][image]
        assert told["sop_uid"] == ds.SOPInstanceUID
        assert told["detector_pitch_mm"] == pytest.approx(float(ds.ImagerPixelSpacing[0]))
        finding = told["findings"][0]
        mask = mask_of(finding["mask"])
        enlarged = told["source_to_detector_mm"] / told["source_to_object_mm"]
        assert told["magnification"] == pytest.approx(enlarged, abs=1e-4)
        if "DistanceSourceToPatient" in ds:
            assert float(ds.DistanceSourceToPatient) == told["source_to_object_mm"]
        pixel_mm = told["detector_pitch_mm"] / enlarged
        # The nodule's own depth differs from mid-chest by at most 10 cm: 6%. One pixel is 1.5 mm.
        assert diameters(mask)[0] * pixel_mm == pytest.approx(20, rel=0.2)
        assert finding["diameters_mm"][0] == pytest.approx(20, rel=0.15)
        assert finding["size_mm"] == 20
    (in_ct,) = built(SCAN).truth["series"]["findings"]
    assert in_ct["diameters_mm"][0] == pytest.approx(in_ct["size_mm"], rel=0.3)


def test_film_and_ct_tell_the_same_place() -> None:
    (in_ct,) = built(SCAN).truth["series"]["findings"]
    on_film = _finding(FILMS)
    for field in ("key", "class", "laterality", "zone", "lobe"):
        assert in_ct[field] == on_film[field], field
    x0, y0, z0, x1, y1, z1 = in_ct["box_voxels"]
    x, y, z = in_ct["centre_voxel"]
    assert x0 - 1 <= x <= x1 and y0 - 1 <= y <= y1 and z0 - 1 <= z <= z1
    assert len(in_ct["sop_uids"]) == z1 - z0
    assert set(in_ct["masks"]) == set(in_ct["sop_uids"])
    box, point = on_film["box"], on_film["point"]
    assert box[0] < point[0] < box[2] and box[1] < point[1] < box[3]
    # The patient's right is on the viewer's left.
    assert point[0] < ROWS / 2


def test_the_truth_compares_with_each_prior() -> None:
    keys = {acc: told["nodule-right"] for acc, told in built(FILMS).truth["changes"].items()}
    assert keys == {"A-2": "larger", "A-1": "larger", "A-0": "new"}
    # 16.0 against 15.9 mm.
    assert built(SCAN).truth["changes"] == {
        "A-1": {"nodule-right": "same"},
        "A-0": {"nodule-right": "new"},
    }
    gone = person("gone", film("B-2", "2026-10-05"), film("B-1", "2026-05-05", (nodule(0.5),)))
    truth = StudyStream(gone, gone.current)
    list(truth.instances())
    assert truth.papers().truth["changes"] == {"B-1": {"nodule-right": "gone"}}


def test_the_bed_has_its_geometry_marker_and_name() -> None:
    told = built(BEDSIDE).truth["images"][0]
    words = {mark["what"] for mark in told["marks"]}
    assert {"side", "name", "patient_id", "date"} <= words
    assert any(mark["identifying"] for mark in told["marks"])
    ds = dcmread(io.BytesIO(built(BEDSIDE).instances[0].data))
    assert ds.PhotometricInterpretation == "MONOCHROME1"
    assert ds.BurnedInAnnotation == "YES"


def test_a_clear_film_has_anatomy_and_no_finding() -> None:
    told = built(CLEAR).truth
    assert told["lesions"] == told["images"][0]["findings"] == []
    image = told["images"][0]
    assert 0.3 < image["cardiothoracic_ratio"] < 0.65
    x0, _, x1, _ = image["thorax"]
    for name in ("lung_right", "lung_left"):
        assert x0 - 2 <= image[name][0] < image[name][2] <= x1 + 2


def test_difficulty_is_told_by_contrast_size_and_what_lies_over_it() -> None:
    grades = _finding(FILMS)["difficulty"]
    assert grades["grade"] in ("easy", "medium", "hard")
    assert grades["contrast_to_noise"] > 0
    assert set(grades["overlap"]) == {"heart", "mediastinum", "diaphragm", "bone"}
    assert all(0 <= share <= 1 for share in grades["overlap"].values())


def test_the_report_tells_the_drawn_size() -> None:
    sr = dcmread(io.BytesIO(built(FILMS).instances[-1].data))
    assert sr.ContentSequence[3].ContentSequence[0].TextValue == "A nodule of 20 mm."


def test_uids_are_known_without_drawing() -> None:
    for study in GROWING.studies:
        uids = tuple(instance.sop_uid for instance in built(study).instances)
        assert uids == instance_uids(GROWING, study)
        json.dumps(built(study).truth)


def _small_hash() -> str:
    digest = hashlib.sha256()
    for patient in cohort(3, 11, "test", small=True):
        stream = StudyStream(patient, patient.current)
        for instance in stream.instances():
            digest.update(instance.data)
        papers = stream.papers()
        digest.update(json.dumps(papers.truth).encode())
        for data in (papers.oru, papers.orm, papers.worklist):
            digest.update(data or b"")
    stream = StudyStream(GROWING, SCAN)
    for instance in (*stream.instances(), *stream.truth_objects(("sr", "seg"))):
        digest.update(instance.data)
    return digest.hexdigest()


def test_another_process_with_other_threads_gives_the_same_bytes() -> None:
    code = "from test_chest_study import _small_hash; print(_small_hash())"
    threads = "1" if os.environ.get("OMP_NUM_THREADS") != "1" else "2"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        env={**os.environ, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == _small_hash()


class _Step:
    def __init__(self, job: Job | None) -> None:
        self.job = job


def test_a_pool_draws_the_same_in_the_same_order(tmp_path: Path) -> None:
    steps: list[_Step] = [_Step(None)]
    steps += [_Step(Job(GROWING, n, tmp_path / f"pool{n}")) for n in (3, 2, 0)]
    steps.insert(2, _Step(None))
    got = list(drawn_ahead(steps, 2))
    assert [step for step, _ in got] == steps
    for step, drawn in got:
        assert (drawn is None) == (step.job is None)
        if step.job is None or drawn is None:
            continue
        here = draw(Job(GROWING, step.job.number, tmp_path / f"here{step.job.number}"))
        assert _content(drawn) == _content(here)


def _content(drawn: Drawn) -> tuple[object, ...]:
    return tuple(path.read_bytes() for path in drawn.files), drawn.papers


def test_a_view_that_is_not_drawn_is_refused() -> None:
    patient = person("right", film("C-1", "2026-10-05", (nodule(0.5),), films=("PA", "RL")))
    with pytest.raises(ValueError, match="RL"):
        build_study(patient, patient.current)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is absent")
def test_every_class_of_object_conforms(tmp_path: Path) -> None:
    objects = [each for study in (FILMS, BEDSIDE) for each in built(study).instances]
    objects += built(SCAN).instances[::20]
    for study in (FILMS, SCAN):
        stream = StudyStream(GROWING, study)
        list(stream.instances())
        objects += stream.truth_objects(("sr", "seg"))
    kinds = set()
    for each in objects:
        path = tmp_path / f"{each.sop_uid}.dcm"
        path.write_bytes(each.data)
        done = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False)
        said = (done.stdout + done.stderr).decode("utf-8", "replace").splitlines()
        assert not [line for line in said if line.startswith("Error")], each.name
        kinds |= {line for line in said if " " not in line}
    assert kinds == {
        "DXImageForPresentation", "CRImage", "CTImage", "BasicTextSR", "ComprehensiveSR",
        "Segmentation",
    }  # fmt: skip
