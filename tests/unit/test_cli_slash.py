"""Slash commands: what a line means, and one clear line when it means nothing."""

from __future__ import annotations

from pathlib import Path

import cli_fake
import pytest

from readingroom.agent.cli.chat.slash import Seen, call_for
from readingroom.agent.cli.chat.turns import Turns
from readingroom.agent.cli.chat.worker import SessionWorker
from readingroom.agent.cli.render.jsonl import Collected
from readingroom.domain.errors import ConfigError, NotFound
from readingroom.domain.events import CritiqueShown, Failure, Said, TableShown

LIST = TableShown(title="Work list", columns=("#", "ACC"), rows=(("1", "CR-20931"), ("2", "00412")))


def _calls(line: str, tmp_path: Path, *, opened: bool = True) -> list[tuple[str, object]]:
    seen = Seen()
    seen.note(LIST)
    session = cli_fake.FakeSession(lambda _: None, tmp_path)
    session.case_accession = "CR-20931" if opened else ""
    call_for(line, seen)(session)
    return session.calls


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("/open 2", ("open_case", "00412")),
        ("/open CR-5", ("open_case", "CR-5")),
        ("/open 20250601", ("open_case", "20250601")),
        ("/image", ("show_image", "current")),
        ("/image P1", ("show_image", "P1")),
        ("/zoom a", ("show_image", "A")),
        ("/zoom [B]", ("show_image", "B")),
        ("/why 3", ("show_evidence", 3)),
        ("/why [3]", ("show_evidence", 3)),
        ("/read", ("read", "CR-20931")),
        ("/read 1", ("read", "CR-20931")),
        ("is there a nodule?", ("say", "is there a nodule?")),
    ],
)
def test_a_line_is_one_call(line: str, call: tuple[str, object], tmp_path: Path) -> None:
    if call == ("open_case", "00412") or call == ("open_case", "20250601"):
        with pytest.raises(NotFound):  # the fake knows CR-… only; the call arrived
            _calls(line, tmp_path)
        return
    assert call in _calls(line, tmp_path)


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        ("/open 9", NotFound, "rows 1 to 2"),
        ("/open", ConfigError, "/open needs"),
        ("/zoom nodule", ConfigError, "letter"),
        ("/why", ConfigError, "number"),
        ("/why ²", ConfigError, "number"),
        ("/wroklist", ConfigError, "no command"),
    ],
)
def test_a_line_that_means_nothing_says_what_would(
    line: str, error: type[Exception], says: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=says):
        _calls(line, tmp_path)


def test_a_page_is_named_after_the_accession_and_stays_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = cli_fake.FakeSession(lambda _: None, tmp_path)
    session.case_accession = "../../etc/x"
    said = call_for("/html", Seen())(session)
    assert isinstance(said, Said)
    assert [path.name for path in tmp_path.glob("*.html")] == ["_.._etc_x.html"]


def test_row_numbers_need_a_work_list() -> None:
    with pytest.raises(NotFound, match="no work list"):
        Seen().accession("1")


def test_a_new_case_forgets_the_critique_of_the_last(tmp_path: Path) -> None:
    drawn = Collected()
    worker = SessionWorker(lambda sink: cli_fake.FakeSession(sink, tmp_path))
    turns = Turns(worker, drawn)
    assert turns.take("/critique") == 1
    turns.take("/read CR-20931")
    assert turns.take("/critique") == 0
    assert sum(isinstance(event, CritiqueShown) for event in drawn.events) == 2
    turns.take("/open CR-20932")
    assert turns.take("/critique") == 1
    worker.close()


def test_errors_are_drawn_once_and_give_their_code(tmp_path: Path) -> None:
    drawn = Collected()
    worker = SessionWorker(lambda sink: cli_fake.FakeSession(sink, tmp_path))
    turns = Turns(worker, drawn)
    assert turns.take("/read CT-1") == 8
    assert turns.take("/open nothing") == 1
    failures = [event for event in drawn.events if isinstance(event, Failure)]
    assert [failure.exit_code for failure in failures] == [8, 1]
    worker.close()
