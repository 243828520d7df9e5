"""`readingroom model`: what the embedded core is, and fitting it to a site's own films."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from readingroom.agent.cli.context import shared

if TYPE_CHECKING:
    from readingroom.agent.models.adapt import Adapted


@click.group()
def model() -> None:
    """The embedded core: its card, and fitting it to your own films."""


@model.command("card")
@click.pass_context
def card(ctx: click.Context) -> int:
    """Print what the core was trained on, how well it does, and what it cannot do (JSON)."""
    from readingroom.agent.models.factory import embedded_folder
    from readingroom.inference import CoreWorker

    state = shared(ctx)
    with CoreWorker(weights=embedded_folder(state["core"] or state["settings"].core.name)) as core:
        click.echo(json.dumps(core.info(), indent=2))
    return 0


@model.command("adapt")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Where the fitted core goes; it must not be there yet.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one document.")
@click.pass_context
def adapt_command(ctx: click.Context, folder: Path, out: Path, as_json: bool) -> int:
    """Fit findings and their probabilities to your own films in FOLDER.

    FOLDER has labels.csv: image, patient, and a column for each finding (pleural_effusion …) with
    1, 0 or nothing. Images are DICOM, PNG or JPEG. Nothing is sent anywhere, and the core that
    came with the package stays as it is.
    """
    from readingroom.agent.models.adapt import adapt, read_labels
    from readingroom.inference.client import WEIGHTS

    films = read_labels(folder)
    with _bar() as progress:
        result = adapt(WEIGHTS, films, out.expanduser().absolute(), progress)
    if as_json:
        json.dump(result.document(), sys.stdout, indent=2)
        click.echo()
    else:
        _tell(result)
    return 0


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("looking at films", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


_COLUMNS = ("finding", "films", "with it", "AUROC", "Brier score", "calibration error", "judged")


def _tell(result: Adapted) -> None:
    from readingroom.agent.cli.render.plain import PlainRenderer
    from readingroom.domain.events import TableShown
    from readingroom.inference.tower.adapt import LEAST

    rows: list[tuple[str, ...]] = []
    for finding, head in result.heads.items():
        name = finding.value.replace("_", " ")
        if head is None:
            rows.append((name, "", "", "", "", "", f"no: fewer than {LEAST} with or without it"))
            continue
        figures = [
            f"{head.before[key]:.2f} -> {head.after[key]:.2f}"
            for key in ("auroc", "brier", "calibration_error")
        ]
        judged = "yes" if head.judged else "no: not good enough"
        rows.append((name, str(head.films), str(head.positive), *figures, judged))
    PlainRenderer(sys.stdout, sys.stderr).table(
        TableShown(
            title=f"{result.films} films, as shipped -> fitted (five folds, patients apart)",
            columns=_COLUMNS,
            rows=tuple(rows),
        )
    )
    for image, why in result.left_out[:10]:
        click.echo(f"left out: {image}: {why}", err=True)
    if len(result.left_out) > 10:
        click.echo(f"and {len(result.left_out) - 10} more left out (--json lists them)", err=True)
    click.echo(f"use it with: readingroom --core embedded:{result.folder}")
