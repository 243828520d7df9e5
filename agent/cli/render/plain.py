"""Plain text: no colour, no pictures, words for marks. For pipes, logs and screen readers."""

from __future__ import annotations

import textwrap
from typing import TextIO

from readingroom.agent.cli.render.base import TurnRenderer
from readingroom.agent.cli.render.text import (
    resolve_command,
    show_command,
    spoken_summary,
    tagged_draft,
)
from readingroom.domain.events import (
    ApprovalNeeded,
    CaseOpened,
    CritiqueShown,
    Delivered,
    DraftShown,
    Failure,
    ImageShown,
    Said,
    StepFinished,
    StepProgress,
    StepStarted,
    TableShown,
)
from readingroom.domain.text import clean_text


class PlainRenderer(TurnRenderer):
    """Writes results to `out` and progress to `err`.

    Args:
        out: the result, which may be a pipe.
        err: the steps.
        signs_here: a chat, where `/sign` works; otherwise the command line is named.
    """

    def __init__(self, out: TextIO, err: TextIO, *, signs_here: bool = False) -> None:
        super().__init__()
        self._out = out
        self._err = err
        self._signs_here = signs_here

    def _print(self, text: str = "") -> None:
        self._out.write(text + "\n")
        self._out.flush()

    def _progress(self, text: str) -> None:
        self._err.write(text + "\n")
        self._err.flush()

    def case_opened(self, event: CaseOpened) -> None:
        """Head a case."""
        line = f"{clean_text(event.accession)}  {clean_text(event.heading)}"
        self._print(line)
        if event.indication:
            self._print(f"  Indication: {clean_text(event.indication)}")

    def step_started(self, event: StepStarted) -> None:
        """Say that a step runs."""
        self._progress(f"... {clean_text(event.label)}")

    def step_progress(self, event: StepProgress) -> None:
        """Stay silent: each line is kept, or read aloud."""

    def step_finished(self, event: StepFinished) -> None:
        """Say how it ended, in words."""
        label = clean_text(self.label(event.step))
        summary = spoken_summary(event.outcome, event.summary)
        self._progress(f"{event.outcome}: {label}: {summary} ({event.seconds:.1f} s)")

    def images(self, events: list[ImageShown]) -> None:
        """Say what the picture would show."""
        for event in events:
            self._print(f"[picture, {event.role}] {clean_text(event.caption)}")
            for overlay in event.overlays:
                sure = "" if overlay.certain else " (uncertain)"
                self._print(f"  {clean_text(overlay.letter)}  {clean_text(overlay.legend)}{sure}")

    def draft(self, event: DraftShown) -> None:
        """Print a draft with numbered sentences, then what each rests on."""
        lines, evidence = tagged_draft(event)
        self._print(f"--- draft, version {event.version}, not signed ---")
        for line in lines:
            self._print("".join(text + (f" [{tag}]" if tag else "") for text, tag in line.pieces))
        if evidence:
            self._print("--- what each sentence rests on ---")
        for rest in evidence:
            sentence = "" if rest.shown_in_text else f" ({rest.sentence})"
            self._print(f"[{rest.number}]{sentence} {rest.line or 'nothing'}")
        self._print("---")

    def critique(self, event: CritiqueShown) -> None:
        """Print what the critique changed."""
        count = len(event.objections)
        self._print(f"critique, round {event.round}: {_objections(count)}")
        for objection in event.objections:
            self._print(f"  why: {clean_text(objection)}")
        for line in event.diff:
            if line[:1] in "+-":
                self._print(f"  {clean_text(line)}")

    def approval(self, event: ApprovalNeeded, *, text_is_above: bool) -> None:
        """Say what waits for a person."""
        if not text_is_above:
            self._print(clean_text(event.text, keep_lines=True).rstrip("\n"))
        self._print(f"approval needed: {clean_text(event.approval_id)}; nothing has been sent")
        self._print(f"  destination: {clean_text(event.destination)}")
        self._print(f"  content sha256: {clean_text(event.content_sha256)}")
        for critical in event.critical:
            self._print(f"  CRITICAL: {clean_text(critical)}")
        if self._signs_here:
            self._print("  to sign: /sign")
            return
        approval_id = clean_text(event.approval_id)
        self._print(f"  to sign, first: {show_command(approval_id)}")
        self._print(f"  then: {resolve_command(approval_id, clean_text(event.content_sha256))}")

    def delivered(self, event: Delivered) -> None:
        """Say what arrived where."""
        self._print(f"delivered to {clean_text(event.destination)}: {clean_text(event.detail)}")
        if event.sop_uid:
            self._print(f"  SOP Instance UID {clean_text(event.sop_uid)}")

    def said(self, event: Said) -> None:
        """Print words."""
        prefix = {"cannot": "cannot: ", "question": "question: "}.get(event.kind, "")
        text = prefix + clean_text(event.text, keep_lines=True)
        for line in text.splitlines():
            self._print(textwrap.fill(line, 100) if line else "")
        for number, choice in enumerate(event.choices, 1):
            self._print(f"  {number}. {clean_text(choice)}")

    def table(self, event: TableShown) -> None:
        """Print rows in columns."""
        self._print(clean_text(event.title))
        rows = [[clean_text(cell) for cell in row] for row in (event.columns, *event.rows)]
        widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(len(rows[0]))]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self._print("  " + "  ".join(cells).rstrip())
        if not event.rows:
            self._print("  (none)")

    def failed(self, event: Failure) -> None:
        """Say why the run stopped, where failures go."""
        self._progress(f"failed: {clean_text(event.message)}")
        if event.hint:
            self._progress(f"  {clean_text(event.hint)}")


def _objections(count: int) -> str:
    return "1 objection" if count == 1 else f"{count or 'no'} objections"
