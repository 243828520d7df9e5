"""A cohort as a stranger loads it, by the command: whole, without an error, and all there.

`make test` takes a few patients; `make test-all` a thousand small and fifty full ones, and
leaves what it measured in `benchmarks/results/cohort-load.json`.
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from readingroom.agent.cli.sandbox import sandbox as command
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.build import instance_uids
from readingroom.sandbox_pacs.patients.cohort import cohort

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"
SEED = 1


def _note(kind: str, count: int, row: dict[str, float]) -> None:
    """Add a row to the table, which both loads share."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / "cohort-load.json"
    table = json.loads(path.read_text()) if path.exists() else {}
    table[f"{count} {kind}"] = row
    path.write_text(json.dumps(table, indent=2) + "\n")


@pytest.mark.orthanc
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("small", 6),
        ("full", 1),
        pytest.param("small", 1000, marks=pytest.mark.long),
        pytest.param("full", 50, marks=pytest.mark.long),
    ],
)
def test_a_cohort_loads_whole(empty_sandbox: Sandbox, kind: str, count: int) -> None:
    is_small = kind == "small"
    options = ["--patients", str(count), "--seed", str(SEED), "--json"]
    options += ["--small"] if is_small else []
    started = time.monotonic()
    home = {"home": empty_sandbox.directory.parent}
    done = CliRunner().invoke(command, ["load", *options], obj=home)
    assert done.exit_code == 0, done.output
    seconds = time.monotonic() - started
    people = cohort(count, SEED, "train", small=is_small)
    wanted = {uid for p in people for s in p.studies for uid in instance_uids(p, s)}
    with empty_sandbox.rest() as rest:
        there = rest.call("GET", "/statistics")
        stored = {
            row["MainDicomTags"]["SOPInstanceUID"] for row in rest.call("GET", "/instances?expand")
        }
    assert stored == wanted
    if count >= 50:
        _note(
            kind,
            count,
            {
                "objects": len(stored),
                "studies": there["CountStudies"],
                "megabytes": round(int(there["TotalDiskSize"]) / 1e6),
                "seconds": round(seconds),
            },
        )
    shutil.rmtree(empty_sandbox.directory / "storage", ignore_errors=True)
