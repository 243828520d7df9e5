"""The worker may die, hang or be cancelled; the product must go on or say so."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from readingroom.domain.errors import ModelUnavailable
from readingroom.domain.film import Film
from readingroom.domain.finding import VOCABULARY, Observation, Presence
from readingroom.domain.ids import SOPInstanceUID
from readingroom.domain.ports import PlanRequest, StepBrief, ToolBrief
from readingroom.domain.region import Laterality
from readingroom.inference import CoreWorker
from readingroom.inference.client import WEIGHTS
from readingroom.sandbox_pacs.patients.chest.body import body_of
from readingroom.sandbox_pacs.patients.chest.film import FilmSpec, Quality, render_film
from readingroom.sandbox_pacs.patients.disease import Disease, Lesion
from readingroom.sandbox_pacs.patients.not_chest import render_not_chest

READ = tuple(
    ToolBrief(name, "")
    for name in "find_priors retrieve_prior look_at_film ask_region measure compare_prior "
    "note_limitation flag_critical".split()
)
CHAT = tuple(
    ToolBrief(name, "")
    for name in "worklist open_study find_priors look_at_film ask_region measure draft_report "
    "show_image show_evidence read_study".split()
)
EFFUSION = Lesion("effusion", Disease.PLEURAL_EFFUSION, Laterality.RIGHT, severity=0.6)
PNEUMOTHORAX = Lesion("pneumothorax", Disease.PNEUMOTHORAX, Laterality.LEFT, severity=0.6)
TUBE = Lesion("tube", Disease.TRACHEAL_TUBE, Laterality.MIDLINE, severity=0.5)


def film_of(grey: np.ndarray, view: str = "PA") -> Film:
    digest = hashlib.sha256(grey.tobytes()).hexdigest()
    return Film(SOPInstanceUID("1.2.3"), digest, grey, (0.35, 0.35), view, (0.5, 1.0))


@cache
def phantom(seed: int, *lesions: Lesion, size: int = 512, quality: Quality = "adequate") -> Film:
    """A film of somebody of the tour's kind, whom no training film shows."""
    body = body_of(seed, "M", 60, "tour")
    return film_of(render_film(body, lesions, FilmSpec(size=size, quality=quality)).grey_yx)


@pytest.fixture(scope="module")
def core() -> Iterator[CoreWorker]:
    with CoreWorker() as worker:
        yield worker


def test_card_needs_no_child() -> None:
    with CoreWorker() as worker:
        card = worker.info()
        assert card["trained_on"] and card["cannot"]
        assert worker.pid is None


def test_reads_what_was_drawn(core: CoreWorker) -> None:
    reading = core.read_film(phantom(1_000_001, EFFUSION))
    present = {d.observation: d for d in reading.detections if d.presence is Presence.PRESENT}
    assert set(present) == {Observation.PLEURAL_EFFUSION}
    found = present[Observation.PLEURAL_EFFUSION]
    assert found.laterality is Laterality.RIGHT and found.box is not None
    assert reading.quality.adequate and reading.cardiothoracic_ratio is not None
    assert {z.zone for z in reading.zones} >= {z for e in VOCABULARY.values() for z in e.zones}


def test_what_it_was_not_taught_is_not_in_the_list(core: CoreWorker) -> None:
    judged = {d.observation for d in core.read_film(phantom(1_000_002)).detections}
    assert Observation.BONE_LESION not in judged and Observation.FREE_AIR not in judged


@pytest.mark.parametrize("kind", ["limb", "hand", "brain_mr", "lateral", "page"])
def test_no_chest_no_reading(core: CoreWorker, kind: str) -> None:
    reading = core.read_film(film_of(render_not_chest(kind, 1_000_003, 512)))  # type: ignore[arg-type]
    assert not reading.knows_this_kind and reading.why_not and not reading.detections


def test_inverted_film_is_refused(core: CoreWorker) -> None:
    film = phantom(1_000_004)
    assert not core.read_film(film_of(np.ascontiguousarray(1 - film.grey_yx))).knows_this_kind


def test_lateral_view_is_refused(core: CoreWorker) -> None:
    film = film_of(phantom(1_000_005).grey_yx, view="LL")
    assert "lateral" in core.read_film(film).why_not


@pytest.mark.parametrize("quality", ["underexposed", "noisy"])
def test_poor_film_is_called_poor(core: CoreWorker, quality: Quality) -> None:
    reading = core.read_film(phantom(1_000_006, size=1024, quality=quality))
    assert not reading.quality.adequate and quality in reading.quality.limits


def test_second_look_agrees_with_the_truth(core: CoreWorker) -> None:
    film = phantom(1_000_007, TUBE, size=1024)
    (found,) = (
        d for d in core.read_film(film).detections if d.observation is Observation.TRACHEAL_TUBE
    )
    assert found.box is not None
    answer = core.ask_region(film, found.box, Observation.TRACHEAL_TUBE)
    assert answer.presence is Presence.PRESENT and answer.detail.startswith("tip at (")
    assert core.ask_region(film, found.box, Observation.FREE_AIR).presence is Presence.NOT_ASSESSED


def test_pixels_change_the_first_step(core: CoreWorker) -> None:
    def first(film: Film) -> str:
        request = PlanRequest(
            "read the study with its priors", "XR chest PA M 63", (), READ, (film.grey_yx,)
        )
        return core.plan(request).tool

    assert first(phantom(1_000_008)) == "find_priors"
    assert first(phantom(1_000_008, PNEUMOTHORAX)) == "look_at_film"


def test_prior_label_is_copied_from_the_result(core: CoreWorker) -> None:
    steps = (StepBrief("find_priors", {}, "found 2: P1 CT 2024-03-02, P2 XR 2023-01-10"),)
    request = PlanRequest(
        "read the study with its priors",
        "XR chest PA M 63",
        steps,
        READ,
        (phantom(1_000_008).grey_yx,),
    )
    decision = core.plan(request)
    assert (decision.tool, dict(decision.arguments)) == ("retrieve_prior", {"prior": "P2"})


def test_chat_request_becomes_a_call(core: CoreWorker) -> None:
    decision = core.plan(PlanRequest("open CR-20931", "", (), CHAT))
    assert (decision.kind, decision.tool) == ("call", "open_study")
    assert decision.arguments == {"accession": "CR-20931"}


def test_what_is_not_on_offer_is_not_called(core: CoreWorker) -> None:
    only = (ToolBrief("worklist", ""),)
    assert core.plan(PlanRequest("draft the report", "", (), only)).kind == "cannot"


def test_killed_child_is_started_again(core: CoreWorker) -> None:
    film = phantom(1_000_002)
    before = core.read_film(film)
    first = core.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert core.read_film(film) == before
    assert core.pid not in (None, first)


def test_child_that_cannot_live_is_said_to_be_unavailable() -> None:
    # Too little address space for numpy and onnxruntime: it dies at once, twice.
    with CoreWorker(memory_mb=30) as worker, pytest.raises(ModelUnavailable):
        worker.read_film(phantom(1_000_002))


def test_late_answer_is_unavailable_and_the_next_works() -> None:
    with CoreWorker(timeout_s=0.001) as worker:
        with pytest.raises(ModelUnavailable, match="did not answer"):
            worker.read_film(phantom(1_000_002))
        assert worker.pid is None


def test_cancel_stops_the_asker() -> None:
    with CoreWorker() as worker:
        film = phantom(1_000_002)
        worker.read_film(film)
        pid = worker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        errors: list[Exception] = []

        def ask() -> None:
            try:
                worker.read_film(film)
            except ModelUnavailable as error:
                errors.append(error)

        asker = threading.Thread(target=ask)
        asker.start()
        while asker.is_alive():
            time.sleep(0.05)
            worker.cancel()
        assert "cancelled" in str(errors[0])


def test_broken_weights_are_one_clear_line(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    (folder / "tower.onnx").write_bytes(b"not a model")
    with (
        CoreWorker(weights=folder) as worker,
        pytest.raises(ModelUnavailable, match="embedded core"),
    ):
        worker.read_film(phantom(1_000_002))
    with pytest.raises(ModelUnavailable, match="no weights"):
        CoreWorker(weights=tmp_path / "nowhere").info()


def test_child_does_not_outlive_its_parent() -> None:
    script = (
        "import os, numpy as np\n"
        "from readingroom.inference import CoreWorker\n"
        "from readingroom.domain.ports import PlanRequest\n"
        "w = CoreWorker(); w.plan(PlanRequest('hello', '', (), ()))\n"
        "os.write(1, str(w.pid).encode()); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=120)
    child = int(done.stdout)
    for _ in range(200):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if f"/proc/{child}/stat" and " Z " in Path(f"/proc/{child}/stat").read_text():
            return
        time.sleep(0.05)
    pytest.fail("the worker still runs")


def test_several_threads_may_ask(core: CoreWorker) -> None:
    films = [phantom(1_000_001, EFFUSION), *(phantom(1_000_000 + n) for n in (2, 4, 8))]
    alone = [core.read_film(film) for film in films]
    together: dict[int, object] = {}

    def ask(index: int) -> None:
        together[index] = core.read_film(films[index])

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[i] for i in range(4)] == alone


def test_importing_the_client_is_light() -> None:
    code = (
        "import sys, readingroom.inference.client\n"
        "heavy = {'numpy', 'torch', 'onnxruntime', 'tokenizers'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
