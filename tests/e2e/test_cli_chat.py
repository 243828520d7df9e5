"""The chat in a real pseudo-terminal: keys, Ctrl-C, and what a held key cannot do."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pexpect = pytest.importorskip("pexpect")

FAKE = Path(__file__).parent.parent / "unit" / "cli_fake.py"


class Chat:
    """A chat on the fake session, in a terminal that answers the probe."""

    def __init__(self, home: Path, *arguments: str, term: str = "xterm-256color") -> None:
        self.home = home
        self.child = pexpect.spawn(
            sys.executable,
            [str(FAKE), str(home), *arguments],
            env={**os.environ, "TERM": term, "COLORTERM": "truecolor"},
            dimensions=(50, 100),
            timeout=20,
            encoding="utf-8",
        )
        if term != "dumb":
            self.child.expect_exact("\x1b[c")
            self.child.send("\x1b[?62;22c")
        self.prompt()

    def prompt(self) -> None:
        self.child.expect_exact("rr>")

    def line(self, text: str) -> None:
        self.child.send(text + "\r")

    def signed(self) -> str:
        log = self.home / "signed"
        return log.read_text() if log.exists() else ""


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    tmp_path.chmod(0o700)
    chat = Chat(tmp_path)
    yield chat
    chat.child.close(force=True)


def _to_the_word(chat: Chat) -> None:
    chat.line("/read CR-20931")
    chat.child.expect_exact("approval needed")
    chat.prompt()
    chat.line("/sign")
    chat.child.expect_exact("end of text")
    chat.child.expect_exact("signed by")
    chat.line("Dr A")
    chat.child.expect_exact("type sign to sign")


def test_a_typed_word_signs_what_was_shown(chat: Chat) -> None:
    _to_the_word(chat)
    chat.line("sign")
    chat.child.expect_exact("delivered to sandbox")
    assert chat.signed().endswith("typed-word\n")


@pytest.mark.parametrize(
    "answers",
    [("\r", "\r", "\r"), ("\x04",), ("\x03",), ("s" * 60 + "\r",) * 3, ("y\r", "\r", "sig\r")],
)
def test_held_keys_and_ends_of_input_do_not_sign(chat: Chat, answers: tuple[str, ...]) -> None:
    _to_the_word(chat)
    for number, answer in enumerate(answers):
        if number:
            chat.child.expect_exact("type sign to sign")
        chat.child.send(answer)
    chat.child.expect_exact("not signed")
    assert chat.signed() == ""


def test_a_burst_of_keys_answers_one_question_at_most(chat: Chat) -> None:
    _to_the_word(chat)
    chat.child.send("x\rsign\rsign\r")
    chat.child.expect_exact("type sign to sign")
    chat.child.send("\x04")
    chat.child.expect_exact("not signed")
    assert chat.signed() == ""


def test_a_word_typed_before_the_text_was_shown_does_not_sign(chat: Chat) -> None:
    chat.line("/read CR-20931")
    chat.child.expect_exact("approval needed")
    chat.prompt()
    chat.child.send("/sign\rDr A\rsign\rsign\r")
    chat.child.expect_exact("signed by")
    time.sleep(0.5)
    chat.child.send("\x03")
    chat.child.expect_exact("not signed")
    assert chat.signed() == ""


def test_ctrl_c_stops_the_step_and_keeps_the_case(chat: Chat) -> None:
    chat.line("/open CR-20931")
    chat.child.expect_exact("preview, not for diagnosis")
    chat.prompt()
    chat.line("slow")
    chat.child.expect_exact("Look at film")
    chat.child.send("\x03")
    chat.child.expect_exact("stopped; the case is kept")
    chat.prompt()
    chat.line("/read")
    chat.child.expect_exact("approval needed")


def test_ctrl_c_clears_the_line_then_twice_leaves(chat: Chat) -> None:
    chat.child.send("half a line")
    chat.child.expect_exact("half a line")
    chat.child.send("\x03")
    chat.line("hello")
    chat.child.expect_exact("you said: hello")
    chat.prompt()
    chat.child.send("\x03")
    chat.child.expect_exact("Ctrl-C again")
    chat.prompt()
    chat.child.send("\x03")
    chat.child.expect(pexpect.EOF)
    chat.child.close()
    assert chat.child.exitstatus == 130


def test_ctrl_d_leaves_on_an_empty_line_only(chat: Chat) -> None:
    chat.child.send("x\x04")
    chat.line("")
    chat.child.expect_exact("you said: x")
    chat.prompt()
    chat.child.send("\x04")
    chat.child.expect(pexpect.EOF)
    chat.child.close()
    assert chat.child.exitstatus == 0


def test_a_defect_costs_a_line_not_the_chat(chat: Chat) -> None:
    chat.line("boom")
    chat.child.expect_exact("unexpected error (RuntimeError)")
    chat.prompt()
    chat.line("hello")
    chat.child.expect_exact("you said: hello")


def test_history_is_for_its_owner_only_and_holds_no_typed_word(chat: Chat) -> None:
    _to_the_word(chat)
    chat.line("sign")
    chat.child.expect_exact("delivered")
    history = chat.home / "chat_history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert "+/read CR-20931" in history.read_text()
    assert "+sign" not in history.read_text() and "Dr A" not in history.read_text()


def test_resolve_at_a_terminal_shows_the_text_and_asks(tmp_path: Path) -> None:
    child = pexpect.spawn(
        sys.executable,
        [str(FAKE), str(tmp_path), "approvals", "resolve", "ap-1", "--as", "Dr A"],
        env={**os.environ, "TERM": "xterm-256color"},
        timeout=20,
        encoding="utf-8",
    )
    child.expect_exact("CT of the chest is suggested")
    child.expect_exact("type sign to sign")
    child.send("sign\r")
    child.expect_exact("delivered")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert (tmp_path / "signed").read_text().endswith("typed-word\n")


def test_a_dumb_terminal_gets_words_and_is_asked_nothing(tmp_path: Path) -> None:
    chat = Chat(tmp_path, "--plain", term="dumb")
    chat.line("/open CR-20931")
    chat.child.expect_exact("[picture, current]")
    assert "\x1b_G" not in chat.child.before and "▀" not in chat.child.before
    chat.child.close(force=True)
