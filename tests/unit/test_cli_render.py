"""What a person reads: failures look like failures, and words from outside stay words."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cli_fake
import pytest
from rich.console import Console

from readingroom.agent.cli.render.base import TurnRenderer
from readingroom.agent.cli.render.plain import PlainRenderer
from readingroom.agent.cli.render.rich import RichRenderer
from readingroom.agent.cli.render.text import is_showable, tagged_draft
from readingroom.domain.events import (
    ApprovalNeeded,
    CaseOpened,
    DraftShown,
    Failure,
    ImageShown,
    Said,
    StepFinished,
    StepStarted,
    TableShown,
)

Made = tuple[TurnRenderer, Callable[[], str]]


def _plain() -> Made:
    out = io.StringIO()
    return PlainRenderer(out, out), out.getvalue


def _rich() -> Made:
    out = io.StringIO()
    console = Console(
        file=out, width=100, force_terminal=True, markup=False, emoji=False, highlight=False
    )
    return RichRenderer(console, console), out.getvalue


both = pytest.mark.parametrize("make", [_plain, _rich])


def _draft(text: str = cli_fake.TEXT) -> DraftShown:
    return DraftShown(version=2, text=text, content_sha256=cli_fake.SHA, evidence=cli_fake.EVIDENCE)


@both
@pytest.mark.parametrize("outcome", ["failed", "refused", "partial"])
def test_what_did_not_succeed_is_named_in_words(make: Callable[[], Made], outcome: str) -> None:
    renderer, shown = make()
    renderer.draw(StepStarted(step="find_priors", label="Find priors"))
    renderer.draw(
        StepFinished(step="find_priors", outcome=outcome, summary="no answer", seconds=5.0)  # type: ignore[arg-type]
    )
    assert outcome in shown() and "✓" not in shown()


@both
def test_no_text_from_outside_drives_the_terminal(make: Callable[[], Made]) -> None:
    evil = "x\x1b]0;owned\x07\x1b[2J\x9b31m\u202ey [bold]**m** :smile:"
    renderer, shown = make()
    renderer.draw(CaseOpened(accession=evil, heading=evil, indication=evil))
    renderer.draw(StepStarted(step="s", label=evil))
    renderer.draw(StepFinished(step="s", outcome="ok", summary=evil, seconds=0.1))
    renderer.draw(Said(text=evil, choices=(evil,)))
    renderer.draw(TableShown(title=evil, columns=(evil,), rows=((evil,),)))
    renderer.draw(_draft(evil))
    renderer.draw(Failure(message=evil, hint=evil, exit_code=1))
    renderer.finish()
    text = shown()
    for planted in ("\x1b]0;", "\x07", "\x1b[2J", "\x9b", "\u202e"):
        assert planted not in text
    # Neither markup nor Markdown nor emoji codes are read.
    assert "[bold]**m** :smile:" in text


@both
def test_a_superseded_draft_is_not_printed_in_full(make: Callable[[], Made]) -> None:
    renderer, shown = make()
    session = cli_fake.FakeSession(renderer.draw, Path("/nonexistent"), picture="x")
    session.read("CR-20931")
    renderer.finish()
    text = shown()
    assert "- Large left pleural effusion." in _unstyled(text)
    assert "version 1" not in text and "version 2" in text
    # The approval does not repeat the text that stands right above it.
    assert text.count("CT of the chest is suggested.") == 1
    assert cli_fake.SHA in _unstyled(text)


@both
def test_an_approval_shows_its_text_when_another_draft_stands_above(
    make: Callable[[], Made],
) -> None:
    renderer, shown = make()
    renderer.draw(_draft())
    renderer.draw(
        ApprovalNeeded(
            approval_id="ap-2",
            content_sha256="f" * 64,
            text="Other text.\n",
            destination="sandbox",
            critical=("pneumothorax",),
        )
    )
    renderer.finish()
    assert "Other text." in shown() and "CRITICAL: pneumothorax" in _unstyled(shown())


@both
def test_the_commands_to_sign_are_named_in_the_order_that_works(make: Callable[[], Made]) -> None:
    """`resolve` fails until the text was shown: a script that copies the lines must get there."""
    renderer, shown = make()
    renderer.draw(
        ApprovalNeeded(
            approval_id="ap-2", content_sha256="f" * 64, text="Text.\n", destination="sandbox"
        )
    )
    renderer.finish()
    first, _, then = _unstyled(shown()).partition("readingroom approvals resolve ap-2 --as NAME")
    assert then and "readingroom approvals show ap-2" in first


def test_tags_are_no_part_of_the_text() -> None:
    lines, evidence = tagged_draft(_draft())
    joined = "\n".join("".join(text for text, _ in line.pieces) for line in lines) + "\n"
    assert joined == cli_fake.TEXT
    assert [tag for line in lines for _, tag in line.pieces if tag] == [1, 2, 3, 4, 5, 6]
    assert evidence[4].line == "sums up [1], [2]"
    assert all(rest.shown_in_text for rest in evidence)


def test_a_sentence_that_is_not_in_the_text_is_still_listed() -> None:
    event = DraftShown(version=1, text="A.\n", content_sha256="0", evidence=(("c1", "B.", "seen"),))
    _, evidence = tagged_draft(event)
    assert not evidence[0].shown_in_text and evidence[0].sentence == "B."


def test_a_sentence_without_evidence_says_so() -> None:
    renderer, shown = _plain()
    renderer.draw(_draft())
    renderer.finish()
    assert "[6] nothing" in shown()


def test_a_prior_waits_beside_its_current_film() -> None:
    drawn: list[list[str]] = []

    class Watching(PlainRenderer):
        def images(self, events: list[ImageShown]) -> None:
            drawn.append([event.role for event in events])

    renderer = Watching(io.StringIO(), io.StringIO())
    for role in ("current", "prior", "prior", "current"):
        renderer.draw(
            ImageShown(role=role, caption="", png_sha256="", rows=9, columns=9)  # type: ignore[arg-type]
        )
    renderer.finish()
    assert drawn == [["current", "prior"], ["prior"], ["current"]]


@pytest.mark.parametrize("hidden", ["\x1b[8mx", "a\rb", "a\u202eb", "a\u200bb", "a\x9b1mb"])
def test_text_that_a_screen_would_show_otherwise_is_not_showable(hidden: str) -> None:
    assert is_showable(cli_fake.TEXT)
    assert not is_showable(f"Normal. {hidden}\n")


def _unstyled(text: str) -> str:
    import re

    return re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", text))
