"""Time from the command to a prompt that takes keys, in a real pseudo-terminal.

Usage: python benchmarks/time_to_prompt.py [RUNS]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time

import pexpect


def main() -> None:
    """Start the chat some times and print what it took."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    taken: list[float] = []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(runs + 1):
            start = time.perf_counter()
            child = pexpect.spawn(
                sys.executable,
                ["-m", "readingroom.agent.cli.main", "--home", home],
                env={**os.environ, "TERM": "xterm-256color"},
                dimensions=(40, 100),
            )
            # Answer the one question that every terminal answers, as a terminal would.
            child.expect_exact(b"\x1b[c")
            child.send(b"\x1b[?62;22c")
            child.expect_exact(b"rr>")
            taken.append(time.perf_counter() - start)
            child.sendeof()
            child.close(force=True)
    # The first run fills the byte code and the file cache.
    print(f"time to prompt: median {statistics.median(taken[1:]):.2f} s, "
          f"worst {max(taken[1:]):.2f} s, {runs} runs after one to warm up")  # fmt: skip


if __name__ == "__main__":
    main()
