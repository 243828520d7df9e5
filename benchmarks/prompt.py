"""Time from the command to a prompt that takes keys: `make bench-prompt`.

The peer, run in turn with ours: the barest prompt_toolkit prompt, which is the least that a chat
of this kind can cost.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect

RESULTS = Path(__file__).parent / "results"
PEER = "from prompt_toolkit import prompt; prompt('rr> ')"


def seconds_to_prompt(arguments: list[str], probed: bool) -> float:
    """Start a program in a pseudo-terminal and wait for its prompt.

    Args:
        arguments: of the Python interpreter.
        probed: whether it asks the terminal what it can do before the prompt.
    """
    start = time.perf_counter()
    child = pexpect.spawn(
        sys.executable,
        arguments,
        env={**os.environ, "TERM": "xterm-256color"},
        dimensions=(40, 100),
    )
    if probed:
        # Answer the one question that every terminal answers, as a terminal would.
        child.expect_exact(b"\x1b[c")
        child.send(b"\x1b[?62;22c")
    child.expect_exact(b"rr>")
    taken = time.perf_counter() - start
    child.close(force=True)
    return taken


def measure(runs: int) -> Iterator[dict[str, object]]:
    """Ours and the peer in turn; the first round fills the byte code and the file cache."""
    with tempfile.TemporaryDirectory() as home:
        ours = ["-m", "readingroom.agent.cli.main", "--home", home]
        for number in range(runs + 1):
            for name, arguments in (("readingroom", ours), ("prompt_toolkit", ["-c", PEER])):
                taken = seconds_to_prompt(arguments, probed=name == "readingroom")
                if number:
                    yield {"run": number, "program": name, "seconds": round(taken, 4)}


def main() -> None:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    items = list(measure(parser.parse_args().runs))
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "prompt.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(item) + "\n" for item in items)
    medians = {}
    print(f"{'program':<16}{'median s':>10}{'worst s':>10}")
    for name in ("readingroom", "prompt_toolkit"):
        seconds = [float(str(item["seconds"])) for item in items if item["program"] == name]
        medians[name] = statistics.median(seconds)
        print(f"{name:<16}{medians[name]:>10.2f}{max(seconds):>10.2f}")
    figures = {
        "runs": len(items) // 2,
        "median_s": round(medians["readingroom"], 3),
        "ratio_to_prompt_toolkit": round(medians["readingroom"] / medians["prompt_toolkit"], 2),
    }
    (RESULTS / "prompt.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
