"""`readingroom config show`."""

from __future__ import annotations

import json
import sys

import click

from readingroom.agent.cli.context import shared


@click.group()
def config() -> None:
    """The configuration: a TOML file, then the environment, then flags."""


@config.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print one document.")
@click.pass_context
def show(ctx: click.Context, as_json: bool) -> int:
    """Print every setting with its origin; secrets are not printed."""
    from readingroom.agent.config import describe

    rows = describe(shared(ctx)["settings"])
    if as_json:
        settings = {row.key: {"value": row.value, "origin": row.origin} for row in rows}
        click.echo(json.dumps({"schema_version": 1, "settings": settings}, indent=2))
        return 0
    from readingroom.agent.cli.render.plain import PlainRenderer
    from readingroom.domain.events import TableShown

    cells = tuple((row.key, row.value, row.origin) for row in rows)
    PlainRenderer(sys.stdout, sys.stderr).table(
        TableShown(title="Settings", columns=("setting", "value", "origin"), rows=cells)
    )
    return 0
