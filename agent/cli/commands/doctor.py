"""`readingroom doctor`: what works here, what does not, and what to do."""

from __future__ import annotations

import json

import click

from readingroom.agent.cli.context import shared


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one document.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> int:
    """Check Python, packages, Orthanc, home, disk, the PACS link, the listener, the core.

    Exit code 0 when nothing failed, 5 when the PACS (or the sandbox's state, where none is
    configured) or the listener did, 6 when the core did, 1 for anything else. A warning is no
    failure: that no PACS and no sandbox is set up yet is one.
    """
    from readingroom.agent.cli.doctor import Check, exit_code, run_checks

    def say(check: Check) -> None:
        if not as_json:
            _print(check, colour=state["terminal"].colour)

    state = shared(ctx)
    checks = run_checks(state, say)
    code = exit_code(checks)
    if as_json:
        document = {
            "schema_version": 1,
            "exit_code": code,
            "checks": [check.as_json() for check in checks],
        }
        click.echo(json.dumps(document, indent=2))
        return code
    bad = sum(check.state == "fail" for check in checks)
    click.echo(
        f"{len(checks)} checks, {bad} failed" if bad else f"{len(checks)} checks, none failed"
    )
    return code


def _print(check: object, *, colour: bool) -> None:
    from readingroom.agent.cli.doctor import Check
    from readingroom.domain.text import clean_text

    assert isinstance(check, Check)
    colours = {"ok": "green", "warn": "yellow", "fail": "red"}
    word = f"{check.state:<4}"
    click.echo(
        f"{click.style(word, fg=colours[check.state]) if colour else word}  "
        f"{check.name:<10} {clean_text(check.detail)}"
    )
    if check.advice and check.state != "ok":
        click.echo(f"{'':17}→ {clean_text(check.advice)}")
