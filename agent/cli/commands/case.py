"""`readingroom case`: what is on record of a case."""

from __future__ import annotations

from pathlib import Path

import click

from readingroom.agent.cli.commands.session import short_session
from readingroom.agent.cli.context import shared


@click.group()
def case() -> None:
    """What is on record of a case."""


@case.command("html")
@click.argument("accession")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def html(ctx: click.Context, accession: str, file: Path) -> int:
    """Write the case as one HTML FILE: images, report, evidence, critique; no network."""
    with short_session(shared(ctx)) as session:
        written = session.page(accession, file.expanduser())
    click.echo(str(written))
    return 0
