"""The main job, as a stranger would see it: `make demo`.

Every step is a command of `readingroom` that is printed before it runs. It signs without a
terminal, which only the sandbox allows.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

ACCESSION = "CR-20931"


def run(home: Path, *arguments: str, capture: bool = False, accept: tuple[int, ...] = (0,)) -> str:
    """Print and run one command; its standard output where it is wanted."""
    shown = shlex.join(["readingroom", "--home", str(home), *arguments])
    print(f"\n\033[1m$ {shown}\033[0m", flush=True)
    command = [sys.executable, "-m", "readingroom.agent.cli.main", "--home", str(home), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE if capture else None, text=True)
    if done.returncode not in accept:
        sys.exit(f"that ended with exit code {done.returncode}; the sandbox is left running")
    return done.stdout or ""


def main() -> None:
    """Start, load, read, sign, store, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".demo"))
    parser.add_argument("--keep", action="store_true", help="go on with an existing home")
    parser.add_argument("--images", default="blocks")
    options = parser.parse_args()
    home: Path = options.home.resolve()
    pending = 4

    run(home, "sandbox", "up", "--load")
    run(home, "worklist")
    run(home, "--images", options.images, "read", ACCESSION, accept=(0, pending))
    document = json.loads(run(home, "read", ACCESSION, "--json", capture=True, accept=(0, pending)))
    approval = document["approval"]
    print(
        f"  one JSON document: {len(document['draft']['claims'])} claims, "
        f"{len(document['critique_rounds'])} critique rounds, approval {approval['approval_id']}"
    )
    if approval["status"] == "pending":
        run(home, "approvals", "show", approval["approval_id"])
        run(
            home,
            *("approvals", "resolve", approval["approval_id"]),
            *("--as", "Demo^Radiologist", "--hash", approval["content_sha256"]),
        )
    page = home / f"{ACCESSION}.html"
    run(home, "case", "html", ACCESSION, str(page))
    find_report(home, document["study_uid"])
    run(home, "sandbox", "down")
    print(f"\nDone. The page with the images and the signed report: {page}")
    print(f"To talk to it: make chat (the sandbox starts with: readingroom --home {home} sandbox up)")


def find_report(home: Path, study_uid: str) -> None:
    """Ask the PACS for the stored report with DCMTK, which shares no code with us."""
    state = json.loads((home / "sandbox" / "sandbox.json").read_text(encoding="utf-8"))
    command = [
        *("findscu", "-S", "-aet", state["agent_aet"], "-aec", state["aet"]),
        *(state["dicom_host"], str(state["dicom_port"])),
        *("-k", "QueryRetrieveLevel=SERIES", "-k", f"StudyInstanceUID={study_uid}"),
        *("-k", "Modality=SR", "-k", "SeriesInstanceUID", "-k", "SeriesDescription"),
    ]
    print(f"\n\033[1m$ {shlex.join(command)}\033[0m", flush=True)
    done = subprocess.run(command, capture_output=True, text=True)
    answers = [line for line in (done.stdout + done.stderr).splitlines() if "(0008,103e)" in line]
    print("\n".join(answers) or "  no SR found")
    if not answers:
        sys.exit("the signed report was not found in the PACS")


if __name__ == "__main__":
    main()
