"""The `readingroom` command. Imports click and nothing else until a command is chosen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from readingroom.agent.cli.context import Shared
from readingroom.agent.cli.failures import quiet_libraries, report

_HERE = "readingroom.agent.cli"

# name → (where it is, its line in --help). The line stands here so that help imports nothing.
COMMANDS: dict[str, tuple[str, str]] = {
    "chat": (f"{_HERE}.commands.chat:chat", "Open the chat (also: no command at all)."),
    "read": (f"{_HERE}.commands.read:read", "Read a study with its priors, up to the approval."),
    "approvals": (f"{_HERE}.commands.approvals:approvals", "List, show, sign or decline reports."),
    "worklist": (f"{_HERE}.commands.worklist:worklist", "Show what waits to be read."),
    "study": (f"{_HERE}.commands.study:study", "Import DICOM or picture files."),
    "case": (f"{_HERE}.commands.case:case", "Write a case as one HTML page."),
    "sandbox": (f"{_HERE}.sandbox:sandbox", "A PACS with patients that never lived."),
    "model": (f"{_HERE}.commands.model:model", "The embedded core: its card, your own films."),
    "doctor": (f"{_HERE}.commands.doctor:doctor", "Check this installation and its links."),
    "config": (f"{_HERE}.commands.config:config", "Show the configuration and its origins."),
}

IMAGE_MODES = ("auto", "kitty", "sixel", "blocks", "text", "none")


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Records folder.")
@click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), help="Configuration file (TOML)."
)
@click.option("--core", default="", metavar="PROVIDER:MODEL", help="Reasoning core to use.")
@click.option("--plain", is_flag=True, help="No colour, no pictures, words for marks.")
@click.option("--images", type=click.Choice(IMAGE_MODES), help="How to draw pictures.")
@click.option("-p", "--prompt", help="Take one chat turn and end.")
@click.option("--json", "as_json", is_flag=True, help="With -p: one JSON document.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="With -p or piped turns: events.")
@click.version_option(package_name="readingroom", prog_name="readingroom")
@click.pass_context
def cli(
    ctx: click.Context,
    home: Path | None,
    config: Path | None,
    core: str,
    plain: bool,
    images: str | None,
    prompt: str | None,
    as_json: bool,
    as_jsonl: bool,
) -> int | None:
    """Reading Room: read a study with its priors; each sentence says what it rests on; you sign.

    Research software, not a medical device. Without a command, the chat opens.
    """
    ctx.ensure_object(Shared).update(
        home_option=home.expanduser().absolute() if home else None,
        config_option=config,
        core=core,
        plain=plain,
        images=images,
    )
    if ctx.invoked_subcommand is not None:
        if prompt is not None or as_json or as_jsonl:
            raise click.UsageError("-p, --json and --jsonl before a command are for the chat.")
        return None
    from readingroom.agent.cli.commands.chat import chat

    result: int | None = ctx.invoke(
        chat, prompt=prompt, as_json=as_json, as_jsonl=as_jsonl, signer=""
    )
    return result


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; nothing escapes but SystemExit."""
    quiet_libraries()
    state = Shared()
    try:
        result: Any = cli.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="readingroom",
            standalone_mode=False,
            obj=state,
        )
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except (Exception, KeyboardInterrupt) as error:
        # The command line is the edge: everything becomes a line and an exit code here.
        return report(error, state.log())


def main() -> None:
    """Entry point of the `readingroom` script."""
    sys.exit(run())


if __name__ == "__main__":
    main()
