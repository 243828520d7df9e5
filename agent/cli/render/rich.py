"""The screen a person works at: marks, colour and pictures, over the same events.

Every text becomes a `Text` object: no markup, no Markdown, no emoji codes, so that words from a
tag or a model stay words.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from readingroom.agent.cli.render.base import TurnRenderer
from readingroom.agent.cli.render.text import (
    DraftLine,
    EvidenceLine,
    resolve_command,
    show_command,
    spoken_summary,
    tagged_draft,
)
from readingroom.agent.cli.terminal import WIDEST_COLUMNS, Terminal
from readingroom.domain.claim import UNVERIFIED
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

if TYPE_CHECKING:
    from rich.status import Status

    from readingroom.agent.cli.images.show import Pictures

# outcome → mark and style. Readers who see no colour have the mark, and the words beside it.
MARKS: dict[str, tuple[str, str]] = {
    "ok": ("✓", "green"),
    "none": ("–", "dim"),
    "partial": ("◐", "yellow"),
    "failed": ("✗", "bold red"),
    "refused": ("✗", "bold red"),
}
_LABEL_WIDTH = 20
_SLOW_S = 2.0


class RichRenderer(TurnRenderer):
    """Draws on a terminal.

    Args:
        out: console on stdout.
        err: console on stderr for the steps; the same one in a chat.
        pictures: draws images; None prints captions only.
        signs_here: a chat, where `/sign` works.
    """

    def __init__(
        self,
        out: Console,
        err: Console,
        pictures: Pictures | None = None,
        *,
        signs_here: bool = False,
    ) -> None:
        super().__init__()
        self._out = out
        self._err = err
        self._pictures = pictures
        self._signs_here = signs_here
        self._status: Status | None = None
        self._running = ""
        self._since = 0.0

    @property
    def _width(self) -> int:
        return min(self._out.width, WIDEST_COLUMNS)

    def _print(self, *parts: object) -> None:
        self._stop_status()
        for part in parts:
            self._out.print(part, width=self._width)

    def tick(self) -> None:
        """Show how long a slow step has been running."""
        waited = time.monotonic() - self._since
        if self._status is not None and waited > _SLOW_S:
            self._status.update(Text(f"{self._running}  {waited:.0f} s", style="dim"))

    def finish(self) -> None:
        """Stop the spinner and draw what was held back."""
        self._stop_status()
        super().finish()

    def _stop_status(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def step_started(self, event: StepStarted) -> None:
        """Start a spinner."""
        self._stop_status()
        self._running = clean_text(event.label)
        self._since = time.monotonic()
        if self._err.is_terminal:
            self._status = self._err.status(Text(self._running, style="dim"))
            self._status.start()

    def step_progress(self, event: StepProgress) -> None:
        """Put numbers beside the spinner."""
        total = f"/{event.total}" if event.total else ""
        detail = f" {clean_text(event.detail)}" if event.detail else ""
        self._running = f"{clean_text(self.label(event.step))}  {event.done}{total}{detail}"
        if self._status is not None:
            self._status.update(Text(self._running, style="dim"))

    def step_finished(self, event: StepFinished) -> None:
        """One line: mark, label, summary, time."""
        self._stop_status()
        mark, style = MARKS[event.outcome]
        bad = event.outcome in ("failed", "refused")
        line = Table.grid(padding=(0, 1), expand=False)
        line.add_column(width=3)
        line.add_column(width=_LABEL_WIDTH, no_wrap=True, overflow="ellipsis")
        line.add_column(width=self._width - _LABEL_WIDTH - 15)
        line.add_column(width=8, justify="right")
        line.add_row(
            Text(f"  {mark}", style=style),
            Text(clean_text(self.label(event.step)), style=style if bad else ""),
            Text(spoken_summary(event.outcome, event.summary), style=style if bad else "dim"),
            Text(f"{event.seconds:.1f} s", style="dim"),
        )
        self._err.print(line, width=self._width)

    def case_opened(self, event: CaseOpened) -> None:
        """Head a case."""
        heading = Text.assemble(
            (clean_text(event.accession), "bold cyan"), "  ", (clean_text(event.heading), "bold")
        )
        self._print("", heading)
        if event.indication:
            self._print(Text(f"  {clean_text(event.indication)}"))

    def images(self, events: list[ImageShown]) -> None:
        """Draw the picture, its caption and legend."""
        self._stop_status()
        if self._pictures is not None:
            self._pictures.draw(self._out, events)
            return
        for event in events:
            self._print(Text(f"[picture, {event.role}] {clean_text(event.caption)}", style="dim"))
            for overlay in event.overlays:
                legend = f"  {clean_text(overlay.letter)}  {clean_text(overlay.legend)}"
                self._print(Text(legend if overlay.certain else f"{legend} (uncertain)"))

    def draft(self, event: DraftShown) -> None:
        """Print a draft with numbered sentences, then what each rests on."""
        lines, evidence = tagged_draft(event)
        self._print(
            "",
            _rule(f"draft, version {event.version} · not signed", "cyan"),
            *(Padding(_draft_text(line, first=i == 0), (0, 1)) for i, line in enumerate(lines)),
        )
        if evidence:
            self._print(_rule("what each sentence rests on", "dim"), _evidence_table(evidence))

    def critique(self, event: CritiqueShown) -> None:
        """Print what the critique changed, removed red and added green."""
        count = len(event.objections)
        changed = "no objections" if not count else f"{count} objection{'s' * (count > 1)}"
        self._print(Text(f"✎ critique, round {event.round}: {changed}", style="yellow"))
        for objection in event.objections:
            self._print(_hanging("↳", clean_text(objection), "dim"))
        styles = {"-": "red", "+": "green"}
        for line in event.diff:
            if line[:1] in styles:
                style = styles[line[0]]
                self._print(_hanging(line[0], clean_text(line[1:]).strip(), style))

    def approval(self, event: ApprovalNeeded, *, text_is_above: bool) -> None:
        """Say what waits for a person, in a frame."""
        inside: list[Text] = []
        if not text_is_above:
            inside += [Text(clean_text(event.text, keep_lines=True).rstrip("\n")), Text("")]
        inside.append(_field("destination", clean_text(event.destination)))
        inside.append(_field("approval", clean_text(event.approval_id)))
        inside.append(_field("content", f"sha256 {clean_text(event.content_sha256)}"))
        inside += [
            Text(f"CRITICAL: {clean_text(critical)}", style="bold red")
            for critical in event.critical
        ]
        inside += [Text(""), self._how_to_sign(event)]
        self._print(
            "",
            Panel(
                Group(*inside),
                title=Text(" approval needed · nothing has been sent "),
                title_align="left",
                border_style="yellow",
            ),
        )

    def _how_to_sign(self, event: ApprovalNeeded) -> Text:
        if self._signs_here:
            return Text.assemble(
                ("/sign", "bold"),
                " shows it once more and asks for a word; ",
                ("/why N", "bold"),
                " shows what a sentence rests on.",
            )
        approval_id = clean_text(event.approval_id)
        sign = resolve_command(approval_id, clean_text(event.content_sha256))
        return Text.assemble(
            *("to sign, first: ", (show_command(approval_id), "bold")),
            *("\nthen: ", (sign, "bold")),
        )

    def delivered(self, event: Delivered) -> None:
        """Say what arrived where."""
        line = f"delivered to {clean_text(event.destination)}: {clean_text(event.detail)}"
        self._print(_hanging("✓", line, "green"))
        if event.sop_uid:
            self._print(Text(f"    SOP Instance UID {clean_text(event.sop_uid)}", style="dim"))

    def said(self, event: Said) -> None:
        """Print words; a question lists its choices."""
        style = {"cannot": "yellow", "question": "bold"}.get(event.kind, "")
        text = clean_text(event.text, keep_lines=True)
        if event.kind == "cannot":
            text = f"cannot: {text}"
        self._print(Text(text, style=style))
        for number, choice in enumerate(event.choices, 1):
            self._print(Text(f"  {number}  {clean_text(choice)}"))

    def table(self, event: TableShown) -> None:
        """Print rows."""
        table = Table(
            title=Text(clean_text(event.title), style="bold"),
            title_justify="left",
            box=None,
            header_style="dim",
            pad_edge=False,
        )
        for index, column in enumerate(event.columns):
            table.add_column(Text(clean_text(column)), overflow="fold", no_wrap=index < 3)
        for row in event.rows:
            table.add_row(*(_cell(clean_text(cell)) for cell in row))
        self._print("", table)
        if not event.rows:
            self._print(Text("  (none)", style="dim"))

    def failed(self, event: Failure) -> None:
        """Say why the run stopped."""
        self._stop_status()
        self._err.print(_hanging("✗", clean_text(event.message), "bold red"), width=self._width)
        if event.hint:
            self._err.print(_hanging("", clean_text(event.hint), ""), width=self._width)


def console_on(stream: TextIO, terminal: Terminal) -> Console:
    """A console without markup, emoji codes or guessed highlights."""
    return Console(
        file=stream,
        markup=False,
        emoji=False,
        highlight=False,
        no_color=not terminal.colour,
        width=terminal.columns,
        # --plain and NO_COLOR take the colours; bold and dim go with them on a dumb terminal.
        color_system="auto" if terminal.colour else None,
    )


def _rule(title: str, style: str) -> Rule:
    return Rule(Text(title, style=style), align="left", style=style)


def _hanging(mark: str, text: str, style: str) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=3, justify="right")
    grid.add_column()
    grid.add_row(Text(mark, style=style), Text(text, style=style))
    return grid


def _field(name: str, value: str) -> Text:
    return Text.assemble((f"{name:<12}", "dim"), value)


def _cell(value: str) -> Text:
    styles = {"stat": "bold red", "urgent": "yellow"}
    return Text(value, style=styles.get(value.lower(), ""))


def _draft_text(line: DraftLine, *, first: bool) -> Text:
    text = Text(style="bold" if line.heading or first else "")
    for piece, tag in line.pieces:
        text.append(piece)
        if tag:
            text.append(f" [{tag}]", style="not bold cyan")
    # A topic ("Lungs:") reads as one; the marker of an unverified sentence must not be missed.
    text.highlight_regex(r"^[A-Z][A-Za-z ]{2,24}:", style="bold")
    text.highlight_words([UNVERIFIED], style="black on yellow")
    return text


def _evidence_table(evidence: list[EvidenceLine]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", width=5)
    table.add_column()
    for rest in evidence:
        sentence = "" if rest.shown_in_text else f"({rest.sentence}) "
        words = rest.line or "nothing"
        table.add_row(
            Text(f"[{rest.number}]", style="cyan"),
            Text(f"{sentence}{words}", style="dim" if rest.line else "yellow"),
        )
    return table
