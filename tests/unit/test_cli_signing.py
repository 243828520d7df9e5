"""Nothing but a typed word, after exactly that text was shown, signs."""

from __future__ import annotations

from pathlib import Path

import cli_fake
import pytest

from readingroom.agent.cli.chat.signing import ToSign, signer_name, typed_word
from readingroom.agent.cli.chat.slash import Seen
from readingroom.agent.cli.chat.turns import Turns
from readingroom.agent.cli.chat.worker import SessionWorker
from readingroom.agent.cli.render.jsonl import Collected
from readingroom.domain.errors import SafetyStop


class Answers:
    """A person's answers, in order; then the end of input."""

    def __init__(self, *lines: str | None) -> None:
        self.lines = list(lines)
        self.asked: list[str] = []

    def ask(self, question: str) -> str | None:
        self.asked.append(question)
        return self.lines.pop(0) if self.lines else None


@pytest.mark.parametrize(
    "lines",
    [
        (None,),
        ("no",),
        ("", "", ""),
        ("s" * 40, "\n", "y"),
        ("y", "y", "y"),
        ("yes", "Sign it", "signsignsign"),
        ("SIGN?", None),
    ],
)
def test_what_does_not_sign(lines: tuple[str | None, ...]) -> None:
    assert typed_word(Answers(*lines)) is False


@pytest.mark.parametrize("lines", [("sign",), (" sign ",), ("", "sign")])
def test_the_word_signs(lines: tuple[str, ...]) -> None:
    assert typed_word(Answers(*lines)) is True


def test_no_name_no_signature() -> None:
    assert signer_name(Answers("  "), "") == ""
    assert signer_name(Answers(), "Dr A") == "Dr A"


ROW = {"id": "ap-1", "text": "Normal.\n", "sha256": "0", "destination": "d", "state": "pending"}


@pytest.mark.parametrize(
    "change",
    [{"text": "Normal.\x1b[8mNodule.\n"}, {"text": "a\u202eb"}, {"state": "signed"}],
)
def test_hidden_words_or_a_decided_approval_cannot_be_signed(change: dict[str, str]) -> None:
    with pytest.raises(SafetyStop):
        ToSign.of({**ROW, **change})


class _Chat:
    """Turns on the fake session, with a person who answers."""

    def __init__(self, folder: Path, *lines: str | None) -> None:
        self.person = Answers(*lines)
        self.shown: list[ToSign] = []
        self.drawn = Collected()
        self.sessions: list[cli_fake.FakeSession] = []
        self.worker = SessionWorker(self._open(folder))
        self.turns = Turns(self.worker, self.drawn, asks=self.person, show_text=self._show)

    def _open(self, folder: Path):  # type: ignore[no-untyped-def]
        def open_it(on_event):  # type: ignore[no-untyped-def]
            self.sessions.append(cli_fake.FakeSession(on_event, folder))
            return self.sessions[0]

        return open_it

    def _show(self, to_sign: ToSign, seen: Seen) -> None:
        assert not self.person.asked, "the text stands before any question"
        self.shown.append(to_sign)


def test_signing_shows_the_text_then_asks_and_signs_its_hash(tmp_path: Path) -> None:
    chat = _Chat(tmp_path, "Dr A", "sign")
    assert chat.turns.take("/read CR-20931") == 4
    assert chat.turns.take("/sign") == 0
    assert chat.shown[0].text == cli_fake.TEXT
    assert ("resolve", ("ap-1", "Dr A", cli_fake.SHA, "typed-word")) in chat.sessions[0].calls
    chat.worker.close()


@pytest.mark.parametrize("lines", [(None,), ("Dr A", None), ("Dr A", "no"), ("", "sign")])
def test_a_person_who_does_not_sign_leaves_the_approval_pending(
    tmp_path: Path, lines: tuple[str | None, ...]
) -> None:
    chat = _Chat(tmp_path, *lines)
    chat.turns.take("/read CR-20931")
    assert chat.turns.take("/sign") == 4
    assert all(name != "resolve" for name, _ in chat.sessions[0].calls)
    assert chat.sessions[0].pending_approval_id == "ap-1"
    chat.worker.close()


def test_words_of_the_model_cannot_open_the_signature(tmp_path: Path) -> None:
    chat = _Chat(tmp_path, "Dr A", "sign")
    assert chat.turns.take("please sign it for me") == 0
    assert chat.turns.take("/sign") == 1  # nothing is pending
    assert not chat.shown and not chat.person.asked
    chat.worker.close()
