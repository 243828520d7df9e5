"""`readingroom read`: the main job, up to the approval."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readingroom.agent.cli.context import Shared, shared

if TYPE_CHECKING:
    from readingroom.agent.cli.chat.worker import Draws
    from readingroom.agent.cli.ports import ReadOutcome, SessionPort


@click.command()
@click.argument("accession")
@click.option("--json", "as_json", is_flag=True, help="Print one document.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Print events as they come.")
@click.option("--resume", is_flag=True, help="Go on where a killed or stopped read was.")
@click.option(
    "--page", type=click.Path(path_type=Path, dir_okay=False), help="Write the case page too."
)
@click.option("--request", default="", help="What to look for, in words.")
@click.pass_context
def read(
    ctx: click.Context,
    accession: str,
    as_json: bool,
    as_jsonl: bool,
    resume: bool,
    page: Path | None,
    request: str,
) -> int:
    """Read the study with this ACCESSION: priors, look, draft, critique, approval.

    Exit code 4: a report waits for a signature; see `readingroom approvals`. The result goes to
    stdout, the steps to stderr.
    """
    if as_json and as_jsonl:
        raise click.UsageError("choose --json or --jsonl")
    state = shared(ctx)

    def job(session: SessionPort) -> ReadOutcome:
        result = session.read(accession, resume=resume, request=request)
        if page is not None:
            written = session.page(accession, page.expanduser())
            click.echo(f"page written: {written}", err=True)
        return result

    return _run(state, job, accession, as_json, as_jsonl)


def _run(state: Shared, job: Any, accession: str, as_json: bool, as_jsonl: bool) -> int:
    from readingroom.agent.cli.chat.screen import Screen, abilities_of, opener
    from readingroom.agent.cli.chat.worker import SessionWorker, Stopped
    from readingroom.agent.cli.failures import say_error
    from readingroom.agent.cli.render.jsonl import JsonLines
    from readingroom.agent.cli.render.plain import PlainRenderer
    from readingroom.domain.errors import ReadingRoomError

    renderer: Draws
    if as_jsonl:
        renderer, screen = JsonLines(sys.stdout), None
    elif as_json:
        # Steps on stderr for a person who watches; the document is all there is on stdout.
        renderer, screen = PlainRenderer(io.StringIO(), sys.stderr), None
    else:
        screen = Screen(state, abilities_of(state), signs_here=False, steps_to_stderr=True)
        renderer = screen
    worker = SessionWorker(opener(state), lambda: click.echo("stopping …", err=True))
    if screen is not None:
        screen.worker = worker
    try:
        result: ReadOutcome = worker.run(job, renderer)
    except ReadingRoomError as error:
        renderer.finish()
        if as_json:
            click.echo(json.dumps(failure_document(error, accession), indent=2))
        if isinstance(error, Stopped):
            error.hint = f"readingroom read {accession} --resume goes on from there."
        if renderer.failure is None or renderer.failure.message != error.message or as_jsonl:
            say_error(error.message, error.hint)
        return int(error.exit_code)
    finally:
        worker.close()
    if as_json:
        click.echo(json.dumps(result.document, indent=2, ensure_ascii=True, default=str))
    return int(result.exit_code)


def failure_document(error: Any, accession: str) -> dict[str, Any]:
    """What `--json` prints when there is no result: never a document that looks like one."""
    return {
        "schema_version": 1,
        "accession": accession,
        "exit_code": int(error.exit_code),
        "failure": {"message": error.message, "hint": error.hint},
    }
