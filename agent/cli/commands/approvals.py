"""`readingroom approvals`: what waits for a person, and the person's word."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from readingroom.agent.cli.commands.session import short_session
from readingroom.agent.cli.context import Shared, shared

if TYPE_CHECKING:
    from readingroom.agent.cli.ports import SessionPort

_COLUMNS = ("id", "state", "accession", "destination", "sha256", "critical")


@click.group()
def approvals() -> None:
    """List, show, sign or decline reports. Nothing is sent before it is signed."""


@approvals.command("list")
@click.option("--pending", is_flag=True, help="Only those that wait.")
@click.option("--json", "as_json", is_flag=True, help="Print one document.")
@click.pass_context
def list_(ctx: click.Context, pending: bool, as_json: bool) -> int:
    """List approvals."""
    with short_session(shared(ctx)) as session:
        rows = [dict(row) for row in session.approvals(pending)]
    if as_json:
        click.echo(json.dumps({"schema_version": 1, "approvals": rows}, indent=2, default=str))
        return 0
    from readingroom.agent.cli.render.plain import PlainRenderer
    from readingroom.domain.events import TableShown

    cells = tuple(tuple(_cell(row.get(name, "")) for name in _COLUMNS) for row in rows)
    title = "Approvals that wait" if pending else "Approvals"
    PlainRenderer(sys.stdout, sys.stderr).table(
        TableShown(title=title, columns=_COLUMNS, rows=cells)
    )
    return 0


@approvals.command("show")
@click.argument("approval_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one document.")
@click.pass_context
def show(ctx: click.Context, approval_id: str, as_json: bool) -> int:
    """Show exactly the text that a signature would be for. It is recorded as shown."""
    from readingroom.agent.cli.render.text import is_showable, resolve_command
    from readingroom.domain.errors import SafetyStop

    state = shared(ctx)
    with short_session(state) as session:
        row = session.show_approval(approval_id)
    if as_json:
        click.echo(json.dumps({"schema_version": 1, **row}, indent=2, default=str))
        return 0
    if not is_showable(str(row["text"])):
        raise SafetyStop(
            f"the text of approval {approval_id} holds characters that a screen cannot show",
            hint="--json shows them escaped. Do not sign it; read the study again.",
        )
    _print_row(row, state)
    if row.get("state", "pending") == "pending":
        click.echo(f"  to sign      {resolve_command(str(row['id']), str(row['sha256']))}")
    else:
        click.echo(f"  state        {row['state']}")
    return 0


@approvals.command("resolve")
@click.argument("approval_id", metavar="ID")
@click.option("--as", "signer", default="", metavar="NAME", help="Who signs.")
@click.option("--hash", "sha256", default="", metavar="SHA", help="sha256 of the content shown.")
@click.option("--json", "as_json", is_flag=True, help="Print one document.")
@click.pass_context
def resolve(ctx: click.Context, approval_id: str, signer: str, sha256: str, as_json: bool) -> int:
    """Sign and deliver.

    At a terminal the text is shown and a typed word signs it. Without a terminal --as and --hash
    are needed, and only the sandbox is a destination.
    """
    state = shared(ctx)
    if state["terminal"].interactive:
        return _resolve_typed(state, approval_id, signer, sha256, as_json)
    missing = [name for name, value in (("--as", signer), ("--hash", sha256)) if not value.strip()]
    if missing:
        raise click.UsageError(f"without a terminal {' and '.join(missing)} must be given")
    with short_session(state) as session:
        done = session.resolve(
            approval_id, signer=signer.strip(), sha256=sha256.strip(), method="command"
        )
    return _say_delivered(done, as_json)


@approvals.command("decline")
@click.argument("approval_id", metavar="ID")
@click.option("--as", "by", required=True, metavar="NAME", help="Who declines.")
@click.option("--reason", required=True, help="Why, for the record.")
@click.pass_context
def decline(ctx: click.Context, approval_id: str, by: str, reason: str) -> int:
    """Refuse to sign. Nothing is sent; the case keeps its draft."""
    with short_session(shared(ctx)) as session:
        session.decline(approval_id, by, reason)
    click.echo(f"declined: {approval_id}; nothing was sent")
    return 0


def _resolve_typed(state: Shared, approval_id: str, signer: str, sha256: str, as_json: bool) -> int:
    from readingroom.agent.cli.chat.asking import TerminalAsks
    from readingroom.agent.cli.chat.signing import ToSign, signer_name, typed_word
    from readingroom.domain.errors import Conflict, ExitCode

    asks = TerminalAsks()
    with short_session(state) as session:
        to_sign = _to_sign(session, approval_id, ToSign)
        if sha256 and sha256.strip() != to_sign.sha256:
            raise Conflict(
                f"approval {approval_id} is for other content than --hash names",
                hint=f"readingroom approvals show {approval_id}",
            )
        from readingroom.agent.cli.render.approval import print_to_sign

        print_to_sign(to_sign, state["terminal"])
        name = signer_name(asks, signer)
        if not name or not typed_word(asks):
            click.echo("not signed; nothing was sent")
            return int(ExitCode.APPROVAL_PENDING)
        done = session.resolve(approval_id, signer=name, sha256=to_sign.sha256, method="typed-word")
    return _say_delivered(done, as_json)


def _to_sign(session: SessionPort, approval_id: str, kind: Any) -> Any:
    return kind.of(session.show_approval(approval_id))


def _print_row(row: Mapping[str, Any], state: Shared) -> None:
    from readingroom.agent.cli.chat.signing import ToSign
    from readingroom.agent.cli.render.approval import print_to_sign

    print_to_sign(ToSign.of({**row, "state": "pending"}), state["terminal"])


def _say_delivered(done: Mapping[str, Any], as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps({"schema_version": 1, **done}, indent=2, default=str))
        return int(done.get("exit_code", 0))
    from readingroom.agent.cli.chat.turns import delivery_event
    from readingroom.agent.cli.render.plain import PlainRenderer
    from readingroom.domain.events import Delivered

    event = delivery_event(done, "")
    PlainRenderer(sys.stdout, sys.stderr).draw(event)
    return int(done.get("exit_code", 0)) if isinstance(event, Delivered) else event.exit_code


def _cell(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "; ".join(str(item) for item in value)
    return "" if value is None else str(value)
