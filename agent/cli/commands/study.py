"""`readingroom study import`: files of your own into the sandbox."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from readingroom.agent.cli.commands.session import short_session
from readingroom.agent.cli.context import shared


@click.group()
def study() -> None:
    """Import DICOM or picture files."""


@study.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--to", "target", type=click.Choice(["sandbox"]), required=True)
@click.option("--patient-id", default="", help="For pictures, and DICOM without a PatientID.")
@click.option("--accession", default="", help="Accession number; one is made when not given.")
@click.option("--view", type=click.Choice(["PA", "AP", "LL", ""]), default="", help="Of a picture.")
@click.option(
    "--date",
    "day",
    metavar="YYYY-MM-DD",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Study date of files that have none. Without a date no priors can be looked for.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one document.")
@click.pass_context
def import_(
    ctx: click.Context,
    files: tuple[Path, ...],
    target: str,
    patient_id: str,
    accession: str,
    view: str,
    day: datetime | None,
    as_json: bool,
) -> int:
    """Store FILES (DICOM, PNG or JPEG of a chest film) in the sandbox's PACS.

    A file that cannot be used is named and nothing is stored. What a file says of itself is
    never written over: options only fill in what it does not say, and must agree with the rest.
    """
    del target  # the sandbox is the only one: importing never writes to a real PACS
    import json

    with short_session(shared(ctx)) as session:
        imported = session.import_files(
            files,
            patient_id=patient_id,
            accession=accession,
            view=view,
            study_date=day.date() if day else None,
        )
        rows = [dict(row) for row in imported]
    if as_json:
        click.echo(json.dumps({"schema_version": 1, "imported": rows}, indent=2, default=str))
        return 0
    from readingroom.agent.cli.render.plain import PlainRenderer
    from readingroom.domain.events import TableShown

    columns = tuple(rows[0]) if rows else ("file",)
    cells = tuple(tuple(str(row.get(name, "")) for name in columns) for row in rows)
    PlainRenderer(sys.stdout, sys.stderr).table(
        TableShown(title="Imported to the sandbox", columns=columns, rows=cells)
    )
    return 0
