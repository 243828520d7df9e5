"""A session for the front end's tests: real pictures on disk, events in the order of a read.

Run as a script it is the whole command line on this session, for tests in a real terminal.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from readingroom.domain.errors import Conflict, NotFound, SafetyStop
from readingroom.domain.events import (
    ApprovalNeeded,
    CaseOpened,
    CritiqueShown,
    Delivered,
    DraftShown,
    EventSink,
    Failure,
    ImageShown,
    Overlay,
    Planned,
    Said,
    StepFinished,
    StepStarted,
    TableShown,
)

TEXT = """XR CHEST PA

FINDINGS
Lungs: 14 mm nodule in the right upper zone. New since 2024-03-02.
Pleura: Small left pleural effusion, larger than on 2024-03-02.
Heart: Not enlarged, cardiothoracic ratio 0.47.

IMPRESSION
1. New nodule in the right upper zone; CT of the chest is suggested.
2. Free air is not assessed. [unverified]
"""
SHA = hashlib.sha256(TEXT.encode()).hexdigest()
EVIDENCE = (
    ("c1", "14 mm nodule in the right upper zone.", "seen at 310,190–360,240 (0.87)"),
    ("c2", "New since 2024-03-02.", "P1 XR 2024-03-02"),
    ("c3", "Small left pleural effusion, larger than on 2024-03-02.", "seen at 560,700–760,860"),
    ("c4", "Not enlarged, cardiothoracic ratio 0.47.", "cardiothoracic_ratio 0.47"),
    ("c5", "New nodule in the right upper zone; CT of the chest is suggested.", "sums up c1, c2"),
    ("c6", "Free air is not assessed.", ""),
)
OVERLAYS = (
    Overlay(letter="A", box=(290.0, 170.0, 360.0, 240.0), legend="nodule right 0.87"),
    Overlay(letter="B", box=(560.0, 700.0, 800.0, 870.0), legend="pleural effusion left 0.93"),
    Overlay(
        letter="C", box=(180.0, 60.0, 300.0, 130.0), legend="pneumothorax right 0.41", certain=False
    ),
)

PLANTED = "^".join(("DOE", "JANE"))


@dataclass(frozen=True)
class FakeResult:
    exit_code: int
    document: Mapping[str, Any] = field(default_factory=dict)


class FakeSession:
    """Answers like the session, at once; `say slow` waits until it is cancelled."""

    def __init__(self, on_event: EventSink, folder: Path, picture: str = "") -> None:
        self.emit = on_event
        self.folder = folder
        self.calls: list[tuple[str, Any]] = []
        self.case_accession = ""
        self.pending_approval_id = ""
        self.text = TEXT
        self._cancel = threading.Event()
        self._picture = picture or write_film(folder)

    def worklist(self) -> None:
        self.calls.append(("worklist", None))
        columns = ("#", "PRI", "ACC", "EXAM", "PATIENT", "DATE", "STATUS")
        rows = (
            ("1", "STAT", "CR-20931", "XR chest PA", "M ···47", "2025-06-01", "unread"),
            ("2", "", "CR-20932", "XR chest PA", "F ···12", "2025-06-01", "unread"),
        )
        self.emit(TableShown(title="Work list", columns=columns, rows=rows))

    def open_case(self, accession: str) -> None:
        self.calls.append(("open_case", accession))
        if not accession.startswith("CR-"):
            raise NotFound(f"no study has the accession {accession}", hint="/worklist shows all.")
        self.case_accession = accession
        self.emit(
            CaseOpened(
                accession=accession,
                heading="XR chest PA · 2025-06-01 · M63 ···47",
                indication="Cough, weight loss",
            )
        )
        self.show_image("current")

    def show_image(self, view: str) -> None:
        self.calls.append(("show_image", view))
        crop = (190.0, 70.0, 460.0, 340.0) if view == "A" else None
        self._film("prior" if view in ("prior", "P1") else "current", crop)

    def _film(self, role: Any, crop: Any = None) -> None:
        day = "2025-06-01" if role == "current" else "P1 2024-03-02"
        self.emit(
            ImageShown(
                role=role,
                caption=f"{day} PA · W 2600 L 1900",
                png_sha256=self._picture,
                rows=1150,
                columns=1000,
                overlays=OVERLAYS if role == "current" else (),
                crop=crop,
            )
        )

    def read(self, accession: str, *, resume: bool = False, request: str = "") -> FakeResult:
        self.calls.append(("read", accession))
        self.case_accession = accession
        if accession == "CT-1":
            message = "CT-1 is a CT of the knee, not a chest radiograph"
            self.emit(Failure(message=message, hint="Choose another study.", exit_code=8))
            return FakeResult(8, {"schema_version": 1, "exit_code": 8})
        self._steps()
        self.emit(
            DraftShown(
                version=1,
                text=TEXT.replace("Small", "Large"),
                content_sha256="0" * 64,
                evidence=EVIDENCE,
            )
        )
        self.emit(
            CritiqueShown(
                round=1,
                objections=("depth 12 mm is a small effusion",),
                diff=("- Large left pleural effusion.", "+ Small left pleural effusion.", "  x"),
            )
        )
        self.emit(DraftShown(version=2, text=self.text, content_sha256=SHA, evidence=EVIDENCE))
        self.pending_approval_id = "ap-1"
        self.emit(
            ApprovalNeeded(
                approval_id="ap-1",
                content_sha256=SHA,
                text=self.text,
                destination="sandbox READINGROOM@127.0.0.1:4242",
                critical=("new nodule: call not documented",),
            )
        )
        return FakeResult(4, {"schema_version": 1, "exit_code": 4, "accession": accession})

    def _steps(self) -> None:
        self.emit(Planned(tool="find_priors", arguments={}, confidence=0.98))
        for step, label, outcome, summary in (
            ("find_priors", "Find priors", "ok", "found 2: P1 XR 2024-03-02, P2 CT 2023-01-10"),
            ("retrieve_prior", "Retrieve P1", "ok", "P1 complete: 1 image, 1 report"),
            ("retrieve_prior", "Retrieve P2", "failed", "the PACS closed the association"),
            ("look_at_film", "Look at film", "ok", "film adequate; seen: nodule right 0.87"),
            ("similar", "Similar cases", "none", "none"),
        ):
            self.emit(StepStarted(step=step, label=label))
            time.sleep(0.05)
            self.emit(StepFinished(step=step, outcome=outcome, summary=summary, seconds=0.4))  # type: ignore[arg-type]
            if step == "look_at_film":
                self._film("current")
                self._film("prior")

    def say(self, text: str) -> None:
        self.calls.append(("say", text))
        if text == "slow":
            self._cancel.clear()
            self.emit(StepStarted(step="look_at_film", label="Look at film"))
            if self._cancel.wait(20):
                raise KeyboardInterrupt
            return
        if text == "boom":
            raise RuntimeError(f"planted: {PLANTED}")
        self.emit(Said(text=f"you said: {text}"))

    def show_evidence(self, n: int) -> None:
        self.calls.append(("show_evidence", n))
        self.emit(Said(text=f"sentence {n} rests on a look at the right apex"))

    def show_draft(self) -> None:
        self.emit(DraftShown(version=2, text=self.text, content_sha256=SHA, evidence=EVIDENCE))

    def priors(self) -> None:
        self.emit(TableShown(title="Priors", columns=("", "KIND"), rows=(("P1", "XR"),)))

    def approvals(self, pending_only: bool = False) -> Sequence[Mapping[str, Any]]:
        return [self._row()]

    def _row(self) -> dict[str, Any]:
        return {
            "id": "ap-1",
            "case": "case-1",
            "accession": "CR-20931",
            "sha256": SHA,
            "destination": "sandbox READINGROOM@127.0.0.1:4242",
            "state": "pending",
            "critical": [],
        }

    def show_approval(self, approval_id: str) -> Mapping[str, Any]:
        self.calls.append(("show_approval", approval_id))
        if approval_id != "ap-1":
            raise NotFound(f"no approval {approval_id}", hint="readingroom approvals list")
        return {**self._row(), "text": self.text}

    def resolve(
        self, approval_id: str, *, signer: str, sha256: str, method: str
    ) -> Mapping[str, Any]:
        self.calls.append(("resolve", (approval_id, signer, sha256, method)))
        with (self.folder / "signed").open("a") as log:
            log.write(f"{approval_id} {signer} {sha256} {method}\n")
        if sha256 != SHA:
            raise Conflict("the hash is of other content")
        if signer == "Dr Elsewhere":
            raise SafetyStop("without a terminal only reports for the sandbox are signed")
        self.pending_approval_id = ""
        self.emit(Delivered(destination="sandbox", sop_uid="2.25.1", detail="found by C-FIND"))
        return {**self._row(), "delivered": True, "detail": "found by C-FIND", "exit_code": 0}

    def decline(self, approval_id: str, by: str, reason: str) -> None:
        self.calls.append(("decline", (approval_id, by, reason)))

    def page(self, accession: str, path: Path) -> Path:
        path.write_text("<!doctype html>")
        return path

    def import_files(
        self,
        paths: Sequence[Path],
        *,
        patient_id: str,
        accession: str,
        view: str,
        study_date: date | None,
    ) -> Sequence[Mapping[str, Any]]:
        day = study_date.isoformat() if study_date else ""
        return [
            {"file": path.name, "accession": accession or "RR-1", "date": day} for path in paths
        ]

    def artifact_path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.png"

    def cancel(self) -> None:
        self._cancel.set()

    def close(self) -> None:
        self.calls.append(("close", None))


def write_film(folder: Path) -> str:
    """A grey film of two dark lungs, by the hash of its bytes."""
    import numpy as np
    from PIL import Image

    y, x = np.mgrid[0:575, 0:500].astype(np.float32)
    grey = np.full((575, 500), 180.0, np.float32)
    for center in (150, 350):
        lung = ((x - center) / 90) ** 2 + ((y - 240) / 190) ** 2 < 1
        grey[lung] = 50 + 8 * np.sin(y[lung] / 9)
    grey[((x - 275) / 70) ** 2 + ((y - 330) / 90) ** 2 < 1] = 200
    grey[(x - 162) ** 2 + (y - 102) ** 2 < 12**2] = 150
    path = folder / "film.png"
    Image.fromarray(grey.astype(np.uint8)).save(path)
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    path.rename(folder / f"{sha}.png")
    return sha


if __name__ == "__main__":
    from readingroom.agent.cli import ports
    from readingroom.agent.cli.main import run

    home = Path(sys.argv[1])
    ports.open_session = lambda settings, core, on_event: FakeSession(on_event, home)
    sys.exit(run(["--home", str(home), *sys.argv[2:]]))
