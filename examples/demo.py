"""The main job, as a stranger would see it: `make demo`.

Every step is a command of `readingroom` that is printed before it runs. It signs without a
terminal, which only the sandbox allows.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from readingroom.sandbox_pacs.dcmtk import dcmtk_program

ACCESSION = "CR-20931"
PENDING = 4
MARK = "made-by-make-demo"


def say(text: str) -> None:
    """Print at once, so that our lines and the commands' own stay in order."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def show(arguments: list[str]) -> None:
    """Print a command as one would type it."""
    say(f"\n\033[1m$ {shlex.join(arguments)}\033[0m")


class Room:
    """The command line, with the demo's home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._program = str(Path(sys.executable).with_name("readingroom"))

    def run(self, *arguments: str, capture: bool = False, accept: tuple[int, ...] = (0,)) -> str:
        """Print and run one command; its standard output where it is wanted."""
        show(["readingroom", "--home", self.home.name, *arguments])
        command = [self._program, "--home", str(self.home), *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE if capture else None, text=True)
        if done.returncode not in accept:
            sys.exit(f"that ended with exit code {done.returncode}; the sandbox is left running")
        return done.stdout or ""

    def fresh(self) -> None:
        """An empty home. Only one that an earlier demo made is removed."""
        if self.home.exists():
            if not (self.home / MARK).is_file():
                sys.exit(f"{self.home} was not made by a demo: name another folder with --home")
            subprocess.run(
                [self._program, "--home", str(self.home), "sandbox", "down"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            shutil.rmtree(self.home)
        self.home.mkdir(mode=0o700, parents=True)
        (self.home / MARK).touch()


def main() -> None:
    """Start, load, read, sign, store, find, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".demo"))
    parser.add_argument("--images", default="blocks", help="auto, kitty, sixel, blocks, text, none")
    options = parser.parse_args()
    started = time.monotonic()
    room = Room(options.home.resolve())
    room.fresh()

    room.run("sandbox", "up", "--load")
    room.run("worklist")
    room.run("--images", options.images, "read", ACCESSION, accept=(PENDING,))
    document = json.loads(room.run("read", ACCESSION, "--json", capture=True, accept=(PENDING,)))
    approval = document["approval"]
    say(f"  {summary(document)}")

    room.run("approvals", "show", approval["approval_id"])
    room.run(
        *("approvals", "resolve", approval["approval_id"]),
        *("--as", "Demo^Radiologist", "--hash", approval["content_sha256"]),
    )
    find_report(room.home, document["study_uid"])
    page = room.home / f"{ACCESSION}.html"
    room.run("case", "html", ACCESSION, str(page))
    room.run("sandbox", "down")
    say(f"\nDone in {time.monotonic() - started:.0f} s. Open the page with images and report:")
    say(f"  {page}")
    say("To talk to it: make chat")


def summary(document: dict[str, Any]) -> str:
    """What the one JSON document holds, in a line."""
    rounds = document["critique_rounds"]
    objections = sum(len(each["objections"]) for each in rounds)
    return (
        f"one JSON document, schema {document['schema_version']}: "
        f"{len(document['draft']['claims'])} claims, {len(document['priors']['used'])} priors, "
        f"{objections} objections in {len(rounds)} critique rounds"
    )


def find_report(home: Path, study_uid: str) -> None:
    """Ask the PACS for the stored report with DCMTK, which shares no code with us."""
    state = json.loads((home / "sandbox" / "sandbox.json").read_text(encoding="utf-8"))
    command = [
        *(dcmtk_program("findscu"), "-S", "-aet", state["agent_aet"], "-aec", state["aet"]),
        *(state["dicom_host"], str(state["dicom_port"])),
        *("-k", "QueryRetrieveLevel=SERIES", "-k", f"StudyInstanceUID={study_uid}"),
        *("-k", "Modality=SR", "-k", "SeriesInstanceUID", "-k", "SeriesDescription"),
    ]
    show(command)
    done = subprocess.run(command, capture_output=True, text=True)
    wanted = ("(0008,0060)", "(0008,103e)", "(0020,000e)")
    lines = (done.stdout + done.stderr).splitlines()
    answers = [line for line in lines if any(tag in line for tag in wanted)]
    if not answers:
        sys.exit("the signed report was not found in the PACS")
    say("\n".join(answers))


if __name__ == "__main__":
    main()
