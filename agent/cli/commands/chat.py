"""`readingroom` and `readingroom chat`: the prompt, one turn, or turns from a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from readingroom.agent.cli.context import Shared, shared

if TYPE_CHECKING:
    from readingroom.agent.cli.chat.worker import Draws

BANNER = "Reading Room · research software, not a medical device · /help"


@click.command()
@click.option("-p", "--prompt", help="Take one turn and end.")
@click.option("--json", "as_json", is_flag=True, help="With -p or piped turns: one document.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="With -p or piped turns: events.")
@click.option("--as", "signer", default="", metavar="NAME", help="Who signs in this chat.")
@click.pass_context
def chat(ctx: click.Context, prompt: str | None, as_json: bool, as_jsonl: bool, signer: str) -> int:
    """Open the chat; with -p, or lines on stdin, take those turns and end.

    Exit code 4 when a report waits for a signature.
    """
    state = shared(ctx)
    if as_json and as_jsonl:
        raise click.UsageError("choose --json or --jsonl")
    if prompt is not None:
        return _batch(state, [prompt], as_json, as_jsonl)
    if not state["terminal"].interactive:
        return _batch(state, (line for line in sys.stdin), as_json, as_jsonl)
    if as_json or as_jsonl:
        raise click.UsageError("--json and --jsonl need -p or turns on stdin")
    return _interactive(state, signer)


def _interactive(state: Shared, signer: str) -> int:
    from readingroom.agent.cli.chat.app import Prompt, converse, open_history
    from readingroom.agent.cli.chat.asking import TerminalAsks
    from readingroom.agent.cli.chat.screen import Screen, abilities_of, opener, say_line
    from readingroom.agent.cli.chat.turns import Turns
    from readingroom.agent.cli.chat.worker import SessionWorker
    from readingroom.agent.cli.failures import report

    abilities = abilities_of(state)
    screen = Screen(state, abilities, signs_here=True, steps_to_stderr=False)
    worker = SessionWorker(opener(state), lambda: say_line("stopping …"))
    screen.worker = worker
    turns = Turns(worker, screen, asks=TerminalAsks(), signer=signer, show_text=screen.show_to_sign)
    say_line(BANNER)
    try:
        prompt = Prompt(open_history(state["home"]), turns.seen, worker, answers=abilities.answered)
        return converse(turns, prompt, say_line, lambda error: report(error, state.log()))
    finally:
        worker.close()


def _batch(state: Shared, lines: Iterable[str], as_json: bool, as_jsonl: bool) -> int:
    from readingroom.agent.cli.chat.screen import Screen, opener
    from readingroom.agent.cli.chat.turns import Turns
    from readingroom.agent.cli.chat.worker import SessionWorker
    from readingroom.agent.cli.images.probe import Abilities
    from readingroom.agent.cli.render.jsonl import Collected, JsonLines

    collected = Collected()
    screen = Screen(state, Abilities(), signs_here=False, steps_to_stderr=True)
    renderer: Draws = screen
    if as_json or as_jsonl:
        renderer = collected if as_json else JsonLines(sys.stdout)
    worker = SessionWorker(opener(state), lambda: click.echo("stopping …", err=True))
    screen.worker = worker
    turns = Turns(worker, renderer)
    code = 0
    try:
        for line in lines:
            try:
                code = _worse(code, turns.take(line))
            except EOFError:
                break
    finally:
        worker.close()
    if as_json:
        document = {
            "schema_version": 1,
            "exit_code": code,
            "events": [event.as_json() for event in collected.events],
        }
        click.echo(json.dumps(document, indent=2))
    return code


# A pipe of turns ends with the first failure; a pending approval counts for less than one.
def _worse(before: int, now: int) -> int:
    if before in (0, 4) and now != 0:
        return now
    return before
