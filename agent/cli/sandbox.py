"""`readingroom sandbox`: a PACS started here, with patients that never lived."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from readingroom.sandbox_pacs.load import LoadReport
    from readingroom.sandbox_pacs.orthanc import Sandbox
    from readingroom.sandbox_pacs.patients.cohort import CohortKey
    from readingroom.sandbox_pacs.patients.truth_export import TruthKind
    from readingroom.sandbox_pacs.state import SandboxState

SCHEMA_VERSION = 1

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
_COHORT_OPTIONS = (
    click.option(
        "--patients",
        "count",
        type=click.IntRange(1, 100_000),
        help="So many patients of a cohort instead of the tour.",
    ),
    click.option("--seed", type=click.IntRange(0, 999), help="With --patients: which cohort; 0."),
    click.option("--small", is_flag=True, help="With --patients: films of 512 rows, and no CT."),
    click.option(
        "--split",
        type=click.Choice(["train", "dev", "test"]),
        help="With --patients: what the cohort is for; train.",
    ),
)


def cohort_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take --patients, --seed, --small and --split."""
    for option in reversed(_COHORT_OPTIONS):
        command = option(command)
    return command


@click.group()
def sandbox() -> None:
    """A PACS with patients that never lived: a real Orthanc, started for you."""


@sandbox.command()
@click.option("--load", "and_load", is_flag=True, help="Load the patients too.")
@click.option(
    "--agent-port", type=click.IntRange(1, 65535), help="Port that the PACS sends images to."
)
@click.option(
    "--orthanc-url",
    metavar="URL",
    help="Use an Orthanc that runs elsewhere: http://user:password@host:8042. Without the "
    "password it is asked for.",
)
@click.option("--dicom-host", default="", help="With --orthanc-url: where it speaks DICOM.")
@click.option("--dicom-port", type=click.IntRange(1, 65535), help="With --orthanc-url.")
@click.option("--aet", default="", help="With --orthanc-url: its application entity title.")
@json_option
@click.pass_context
def up(
    ctx: click.Context,
    and_load: bool,
    agent_port: int | None,
    orthanc_url: str | None,
    dicom_host: str,
    dicom_port: int | None,
    aet: str,
    as_json: bool,
) -> None:
    """Start the PACS; it runs on until `sandbox down`."""
    box = _sandbox(ctx)
    if orthanc_url is None:
        if dicom_host or dicom_port or aet:
            raise click.UsageError("--dicom-host, --dicom-port and --aet go with --orthanc-url.")
        state = box.up(agent_port)
    else:
        state = box.use_remote(
            _with_password(orthanc_url),
            dicom_host=dicom_host,
            dicom_port=dicom_port,
            aet=aet,
            agent_port=agent_port,
        )
    loaded = _load(ctx, box) if and_load else None
    if as_json:
        _print_json(_state_json(state) | ({"load": _load_json(loaded)} if loaded else {}))
        return
    for line in _listens(state):
        click.echo(line)
    if loaded is not None:
        click.echo(_load_line(loaded))
    else:
        click.echo("Patients: `readingroom sandbox load` brings them.")


@sandbox.command()
@json_option
@click.pass_context
def down(ctx: click.Context, as_json: bool) -> None:
    """Stop the PACS; its patients stay on disk."""
    was_running = _sandbox(ctx).down()
    if as_json:
        _print_json({"was_running": was_running})
        return
    click.echo("Sandbox stopped." if was_running else "No sandbox was running.")


@sandbox.command()
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Say whether the PACS runs, and what listens where."""
    state = _sandbox(ctx).status()
    if as_json:
        _print_json(_state_json(state))
        return
    if state is None:
        click.echo("No sandbox is running. `readingroom sandbox up --load` starts one.")
        return
    for line in _listens(state):
        click.echo(line)


@sandbox.command()
@cohort_options
@json_option
@click.pass_context
def load(
    ctx: click.Context,
    count: int | None,
    seed: int | None,
    small: bool,
    split: str | None,
    as_json: bool,
) -> None:
    """Load the patients of the tour, or of a cohort; what is there already is skipped.

    The same seed gives the same patients; on one kind of processor the same bytes. Ctrl-C leaves
    the PACS whole, and the same command goes on from there.
    """
    from readingroom.domain.errors import ConfigError

    key = _cohort_key(count, seed, small, split)
    box = _sandbox(ctx)
    if box.status() is None:
        raise ConfigError(
            "no sandbox is running", hint="`readingroom sandbox up --load` starts and loads one"
        )
    loaded = _load(ctx, box) if key is None else _load_cohort(ctx, box, key, count or 0)
    if as_json:
        _print_json({"load": _load_json(loaded)})
        return
    click.echo(_load_line(loaded))


@sandbox.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@cohort_options
@click.option(
    "--truth",
    metavar="sr,seg",
    default="",
    help="The truth of chests as DICOM too: a report, segmentations, or both.",
)
@json_option
@click.pass_context
def export(
    ctx: click.Context,
    directory: Path,
    truth: str,
    count: int | None,
    seed: int | None,
    small: bool,
    split: str | None,
    as_json: bool,
) -> None:
    """Write the patients into DIRECTORY: DICOM, HL7 messages, work list and truth."""
    from readingroom.domain.errors import ConfigError
    from readingroom.sandbox_pacs.load import export as write_all
    from readingroom.sandbox_pacs.load import export_cohort

    key = _cohort_key(count, seed, small, split)
    kinds = _truth_kinds(truth)
    try:
        with _progress(ctx, "Writing") as progress:
            if key is None:
                written = write_all(directory, progress=progress, truth_kinds=kinds)
            else:
                written = export_cohort(directory, key, count or 0, progress, kinds)
    except OSError as error:
        raise ConfigError(
            f"cannot write into {directory}: {error.strerror}", hint="name another folder"
        ) from error
    if as_json:
        _print_json({"directory": str(directory), "files": written})
        return
    click.echo(f"{written} files in {directory}")


def _sandbox(ctx: click.Context) -> Sandbox:
    from readingroom.sandbox_pacs.orthanc import Sandbox

    return Sandbox(Path(ctx.obj["home"]) / "sandbox")


def _with_password(url: str) -> str:
    """The URL as given, with the password asked for when it names a user only.

    A password on the command line is seen by every user of the machine.
    """
    from urllib.parse import quote, urlsplit

    parts = urlsplit(url)
    if not parts.username or parts.password is not None:
        return url
    password = click.prompt("Password of that Orthanc", hide_input=True, err=True)
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}").geturl()


def _listens(state: SandboxState) -> Iterator[str]:
    if state.is_remote:
        yield f"Orthanc {state.orthanc_version} elsewhere, loaded over {state.url}"
        yield f"  DICOM  {state.aet} at {state.dicom_host}:{state.dicom_port}"
        yield (
            f"It must know us as {state.agent_aet} at this host, port {state.agent_port} "
            "(DicomModalities). It does not serve our work list."
        )
        return
    yield f"Sandbox up: Orthanc {state.orthanc_version}, process {state.pid}"
    yield (
        f"  DICOM  {state.aet} on port {state.dicom_port}, all interfaces; "
        f"answers only {state.agent_aet} from 127.0.0.1 (anyone may C-ECHO)"
    )
    yield (
        f"  HTTP   {state.url} on all interfaces; refuses other hosts, asks for the password "
        "in sandbox.json"
    )
    yield f"  images come back to {state.agent_aet} on port {state.agent_port} of this host"
    yield f"  files  {state.directory}"
    yield "`readingroom sandbox down` stops it."


def _load(ctx: click.Context, box: Sandbox) -> LoadReport:
    from readingroom.sandbox_pacs.load import load as load_all

    with _progress(ctx, "Loading") as progress:
        return load_all(box, progress=progress)


def _load_cohort(ctx: click.Context, box: Sandbox, key: CohortKey, count: int) -> LoadReport:
    from readingroom.sandbox_pacs.load import load_cohort

    done = 0
    try:
        with _progress(ctx, "Loading") as progress:

            def follow(index: int, total: int, accession: str) -> None:
                nonlocal done
                done = index
                if progress is not None:
                    progress(index, total, accession)

            return load_cohort(box, key, count, follow)
    except KeyboardInterrupt:
        click.echo(
            f"{done} of {count} patients are in; the same command goes on from there.", err=True
        )
        raise


def _cohort_key(
    count: int | None, seed: int | None, small: bool, split: str | None
) -> CohortKey | None:
    """Which cohort the options name; None for the tour."""
    from typing import cast

    if count is None:
        if seed is not None or small or split is not None:
            raise click.UsageError("--seed, --small and --split go with --patients.")
        return None
    from readingroom.sandbox_pacs.patients.cohort import CohortKey
    from readingroom.sandbox_pacs.patients.people import Split

    return CohortKey(seed or 0, cast(Split, split or "train"), small)


def _truth_kinds(words: str) -> tuple[TruthKind, ...]:
    """What of the truth is wanted as DICOM."""
    if not words:
        return ()
    kinds: tuple[TruthKind, ...] = ("sr", "seg")
    asked = {word.strip() for word in words.split(",")}
    if not asked <= set(kinds):
        raise click.UsageError("--truth takes sr, seg or sr,seg.")
    return tuple(kind for kind in kinds if kind in asked)


@contextmanager
def _progress(ctx: click.Context, verb: str) -> Iterator[Callable[[int, int, str], None] | None]:
    """A bar on stderr, when a person looks at it."""
    import sys

    if not sys.stderr.isatty() or ctx.obj.get("plain"):
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(verb, rate="")

        def draw(done: int, total: int, accession: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{verb} {accession}")
            speed = bar.tasks[0].speed
            bar.update(task, rate="" if speed is None else f"{speed:.1f}/s")

        yield draw


def _load_line(loaded: LoadReport) -> str:
    line = f"{loaded.patients} patients, {loaded.studies} studies: {loaded.uploaded} objects loaded"
    if loaded.skipped:
        line += f", {loaded.skipped} were there"
    if loaded.replaced:
        line += f", {loaded.replaced} studies of another version replaced"
    return f"{line} ({loaded.seconds:.1f} s)"


def _load_json(loaded: LoadReport) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(loaded)


def _state_json(state: SandboxState | None) -> dict[str, Any]:
    if state is None:
        return {"running": False}
    return {"running": True, "remote": state.is_remote, "state": state.public()}


def _print_json(content: dict[str, Any]) -> None:
    document = {"schema_version": SCHEMA_VERSION, **content}
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
