"""`readingroom worklist`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from readingroom.agent.cli.commands.session import short_session
from readingroom.agent.cli.context import shared

if TYPE_CHECKING:
    from readingroom.domain.events import Event


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one document.")
@click.pass_context
def worklist(ctx: click.Context, as_json: bool) -> int:
    """Show what waits to be read."""
    from readingroom.agent.cli.chat.screen import Screen
    from readingroom.agent.cli.images.probe import Abilities
    from readingroom.domain.events import Failure, TableShown

    state = shared(ctx)
    events: list[Event] = []
    with short_session(state, events.append) as session:
        session.worklist()
    failure = next((event for event in events if isinstance(event, Failure)), None)
    if as_json:
        tables = [event for event in events if isinstance(event, TableShown)]
        rows = [
            dict(zip(table.columns, row, strict=False)) for table in tables for row in table.rows
        ]
        document: dict[str, object] = {"schema_version": 1, "studies": rows}
        if failure is not None:
            document = {
                "schema_version": 1,
                "failure": {"message": failure.message, "hint": failure.hint},
            }
        json.dump(document, sys.stdout, indent=2)
        click.echo()
        return failure.exit_code if failure else 0
    screen = Screen(state, Abilities(), signs_here=False, steps_to_stderr=True)
    for event in events:
        screen.draw(event)
    screen.finish()
    return failure.exit_code if failure else 0
