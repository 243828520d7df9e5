"""Start and memory of the worker's models under onnxruntime and under torch.

`python -m training.start_experiment --cache FOLDER` runs each in a fresh interpreter:
import, load, one film through the tower, one request through the planner.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from training.tower import WEIGHTS

_END = """
rss = [line for line in open("/proc/self/status") if line.startswith(("VmRSS", "VmHWM"))]
peak, now = (int(line.split()[1]) / 1024 for line in rss)
print(json.dumps({"seconds": time.perf_counter() - begin, "rss_mb": now, "peak_mb": peak}))
"""

_ONNX = """
import json, sys, time
begin = time.perf_counter()
from pathlib import Path
import numpy as np
from readingroom.domain.finding import ModelId
from readingroom.domain.ports import PlanRequest, ToolBrief
from readingroom.inference.planner.planner import PlannerModel
from readingroom.inference.tower.reader import Tower
weights = Path(sys.argv[1])
tower, planner = Tower(weights, ModelId("", "", "")), PlannerModel(weights)
film = tower.vector(np.random.default_rng(0).random((1024, 1024), np.float32))
planner.plan(PlanRequest("read it", "", (), (ToolBrief("find_priors", ""),)), film)
"""

_TORCH = """
import json, sys, time
begin = time.perf_counter()
from pathlib import Path
import numpy as np
import torch
torch.set_num_threads(1)
from tokenizers import Tokenizer
from training.planner_net import PlannerNet
from training.tower_net import TowerNet
from readingroom.inference.tower.preprocess import film_input
from readingroom.inference.tower.vector import LENGTH
weights, state = Path(sys.argv[1]), Path(sys.argv[2])
with torch.device("meta"):
    planner = PlannerNet()
planner.load_state_dict(torch.load(state, mmap=True), assign=True)
tower = TowerNet().eval()
planner.eval()
tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
with torch.inference_mode():
    grey = film_input(np.random.default_rng(0).random((1024, 1024), np.float32))
    tower(torch.from_numpy(grey)[None, None])
    ids = torch.tensor([tokenizer.encode("read | read it | ").ids])
    planner(ids, torch.ones(ids.shape), torch.zeros(1, LENGTH), torch.ones(1))
"""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(".cache/tower"))
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    for name, code in (("onnxruntime", _ONNX), ("torch", _TORCH)):
        rows = []
        for _ in range(options.runs):
            state = str(options.cache / "planner.pt")
            command = [sys.executable, "-c", code + _END, str(WEIGHTS), state]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            rows.append(json.loads(done.stdout))
        middle = {key: round(statistics.median(row[key] for row in rows), 2) for key in rows[0]}
        print(name, middle, "slowest", round(max(row["seconds"] for row in rows), 2))


if __name__ == "__main__":
    main()
