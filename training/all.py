"""Everything that ships, in order: `make train DATA=FOLDER`, or `python -m training.all`.

Films are drawn, then tower, crop net, sentence encoder and planner are trained, then the card is
written: the parts add up to somewhat under 90 minutes on two cores. Without `--data` no real film
is seen, and the core judges none.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from training.tower import WEIGHTS

Stage = tuple[str, list[str]]


def stages(options: argparse.Namespace) -> list[Stage]:
    """Module and arguments of each step, in order."""
    real = ["--data", str(options.data)] if options.data is not None else []
    return [
        ("tower", ["--minutes", "41", "--films", str(options.films), *real]),
        ("crop", ["--minutes", "6", "--films", "2000", "--threads", "2"]),
        ("sentences", ["--minutes", "3"]),
        ("lessons", []),
        ("planner", ["--minutes", "17"]),
    ]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with nih/ and kermany/")
    parser.add_argument("--cache", type=Path, default=Path(".cache/tower"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--films", type=int, default=9600)
    options = parser.parse_args()
    if options.data is None:
        print("No --data: real films are skipped, and the core will judge none.", flush=True)
    elif not (options.data / "nih" / "labels.csv").is_file():
        parser.error(f"{options.data} has no nih/labels.csv")
    begin, told = time.monotonic(), []
    for module, arguments in stages(options):
        told.append(f"python -m training.{module} {' '.join(_public(arguments))}")
        print(f"{(time.monotonic() - begin) / 60:.0f} min: {told[-1]}", flush=True)
        cache = ["--cache", str(options.cache)] if module in ("tower", "planner") else []
        _run(module, [*arguments, *cache, "--out", str(options.out)])
    made = options.cache / "commands.json"
    made.write_text(json.dumps([*told, "python -m training.card"], indent=1) + "\n")
    _run("card", ["--out", str(options.out), "--made", str(made)])
    print(f"{(time.monotonic() - begin) / 60:.0f} min in all", flush=True)


def _public(arguments: list[str]) -> list[str]:
    """Without folders of this machine."""
    return ["DATA" if i and arguments[i - 1] == "--data" else a for i, a in enumerate(arguments)]


def _run(module: str, arguments: list[str]) -> None:
    # Threads that wait must not spin: there are as many nets as cores.
    environment = os.environ | {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", f"training.{module}", *arguments], env=environment, check=False
    )
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
