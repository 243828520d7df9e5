"""Slash commands: a line in, one call on the session out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from readingroom.agent.cli.ports import SessionPort
from readingroom.domain.errors import ConfigError, NotFound
from readingroom.domain.events import CritiqueShown, Event, ImageShown, Said, TableShown

HELP: tuple[tuple[str, str], ...] = (
    ("/worklist", "what waits to be read"),
    ("/open N|ACC", "open row N of the work list, or an accession"),
    ("/read [ACC]", "the whole main job: priors, look, draft, critique, up to the approval"),
    ("/image [current|prior|P1]", "show the film"),
    ("/zoom A", "enlarge one finding"),
    ("/priors", "the priors and why each was picked"),
    ("/draft", "the draft with its evidence"),
    ("/why N", "what sentence N rests on"),
    ("/critique", "what the critique changed"),
    ("/sign", "read the text once more and sign it with a typed word"),
    ("/html [FILE]", "write the case as one page"),
    ("/help", "this list"),
    ("/quit", "leave (also Ctrl-D on an empty line)"),
)
NAMES = tuple(line.split()[0] for line, _ in HELP)


@dataclass
class Seen:
    """What passed by in this chat, so that a number or a letter means something."""

    worklist: TableShown | None = None
    critiques: list[CritiqueShown] = field(default_factory=list)
    film: ImageShown | None = None

    def note(self, event: Event) -> None:
        """Remember one event."""
        match event:
            case TableShown() if accession_column(event) is not None:
                self.worklist = event
            case CritiqueShown():
                if event.round <= 1:
                    self.critiques.clear()
                self.critiques.append(event)
            case ImageShown() if event.role == "current" and event.crop is None:
                self.film = event
            case _:
                if event.type == "case_opened":
                    self.critiques.clear()
                    self.film = None

    def accession(self, wanted: str) -> str:
        """The accession that a row number or an accession names.

        Raises:
            NotFound: a row number without a work list, or beyond it.
        """
        if not re.fullmatch(r"[0-9]{1,3}", wanted):
            return wanted
        rows = self.worklist.rows if self.worklist else ()
        number = int(wanted)
        if not 1 <= number <= len(rows):
            known = f"the work list has rows 1 to {len(rows)}" if rows else "no work list was shown"
            raise NotFound(f"row {number}: {known}", hint="/worklist shows it.")
        assert self.worklist is not None
        column = accession_column(self.worklist)
        assert column is not None
        return rows[number - 1][column]


def accession_column(table: TableShown) -> int | None:
    """Which column of a table holds accessions."""
    names = [column.lower() for column in table.columns]
    return next((names.index(name) for name in ("acc", "accession") if name in names), None)


Call = Callable[[SessionPort], Any]


def call_for(line: str, seen: Seen) -> Call:
    """Turn a line into one call on the session.

    Args:
        line: a slash command other than /sign, /help, /quit and /critique, or free text.
        seen: for row numbers.

    Raises:
        ConfigError: an unknown command or a missing argument.
        NotFound: a row that is not there.
    """
    if not line.startswith("/"):
        return lambda session: session.say(line)
    name, _, rest = line.partition(" ")
    maker = _MAKERS.get(name)
    if maker is None:
        near = [known for known in NAMES if known.startswith(name[:3])]
        hint = f"Did you mean {near[0]}?" if near else "/help lists the commands."
        raise ConfigError(f"{name} is no command", hint=hint)
    return maker(rest.strip(), seen)


def _open(argument: str, seen: Seen) -> Call:
    if not argument:
        raise ConfigError("/open needs a row of the work list or an accession", hint="/worklist")
    accession = seen.accession(argument)
    return lambda session: session.open_case(accession)


def _read(argument: str, seen: Seen) -> Call:
    given = seen.accession(argument) if argument else ""

    def call(session: SessionPort) -> Any:
        accession = given or session.case_accession
        if not accession:
            raise ConfigError("no case is open", hint="/open N, or /read ACCESSION.")
        return session.read(accession)

    return call


def _zoom(argument: str, seen: Seen) -> Call:
    letter = argument.strip("[]").upper()
    if not re.fullmatch(r"[A-Z]", letter):
        raise ConfigError("/zoom needs the letter of a finding", hint="For instance /zoom A.")
    return lambda session: session.show_image(letter)


def _why(argument: str, seen: Seen) -> Call:
    number = argument.strip("[]")
    if not number.isascii() or not number.isdigit():
        raise ConfigError("/why needs the number of a sentence", hint="For instance /why 3.")
    return lambda session: session.show_evidence(int(number))


def _html(argument: str, seen: Seen) -> Call:
    def call(session: SessionPort) -> Any:
        accession = session.case_accession
        if not accession:
            raise ConfigError("no case is open", hint="/open N first.")
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", accession).lstrip(".") or "case"
        path = session.page(accession, Path(argument or f"{safe}.html").expanduser())
        return Said(text=f"page written: {path}")

    return call


_MAKERS: dict[str, Callable[[str, Seen], Call]] = {
    "/worklist": lambda argument, seen: lambda session: session.worklist(),
    "/open": _open,
    "/read": _read,
    "/image": lambda argument, seen: lambda session: session.show_image(argument or "current"),
    "/zoom": _zoom,
    "/priors": lambda argument, seen: lambda session: session.priors(),
    "/draft": lambda argument, seen: lambda session: session.show_draft(),
    "/why": _why,
    "/html": _html,
}
