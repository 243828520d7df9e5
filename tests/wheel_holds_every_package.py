"""Build the wheel and see that it holds every package and data file. Run by `make wheel`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ("domain", "records", "inference", "tools", "agent", "prompts", "sandbox_pacs")
IGNORED_SUFFIXES = frozenset({".pyc"})


def expected() -> set[str]:
    """Every tracked file of the shipped folders, as it should be called in the wheel."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *SHIPPED],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    names = {f"readingroom/{name}" for name in listed if name and (ROOT / name).is_file()}
    return {n for n in names if Path(n).suffix not in IGNORED_SUFFIXES} | {"readingroom/py.typed"}


def main() -> int:
    """Exit 1 and name what is missing, or what should not be there."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.stderr.write(done.stdout[-3000:] + done.stderr[-3000:])
            return 1
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            held = set(archive.namelist())
        size_mb = wheel.stat().st_size / 1e6
    missing = sorted(expected() - held)
    strange = sorted(
        n
        for n in held
        if n.split("/")[0] == "readingroom" and n.split("/")[1] in ("tests", "training")
    )
    for name in missing:
        sys.stderr.write(f"not in the wheel: {name}\n")
    for name in strange:
        sys.stderr.write(f"should not be in the wheel: {name}\n")
    sys.stdout.write(f"wheel: {len(held)} files, {size_mb:.1f} MB, {len(missing)} missing\n")
    return 1 if missing or strange else 0


if __name__ == "__main__":
    sys.exit(main())
