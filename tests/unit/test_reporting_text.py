"""Text from outside must not drive a terminal or hide words on a page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readingroom.domain.text import clean_text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[2J\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("\x1bPq#0~\x1b\\sixel", "sixel"),
        ("left\u202ethgir\u202c", "leftthgir"),
        ("no\u200b nodule\ufeff", "no nodule"),
        ("a\x00b\x08c\x7f", "abc"),
        ("one\r\ntwo\u2028three", "one two three"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("  山田^太郎 Müller  ", "山田^太郎 Müller"),
        ("محمد", "محمد"),
        ("क्‍ष", "क्‍ष"),
    ],
)
def test_only_what_a_person_can_read_is_left(raw: str, shown: str) -> None:
    assert clean_text(raw) == shown


def test_lines_are_kept_on_request_only() -> None:
    assert clean_text("a\r\nb\n\tc", keep_lines=True) == "a\nb\n\tc"
    assert clean_text("SIGN? yes\nsigned by Dr X") == "SIGN? yes signed by Dr X"


@settings(database=None)
@given(st.text())
def test_no_control_survives_and_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_text(text)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or 0x202A <= ord(c) <= 0x202E for c in once)
    assert clean_text(once) == once
    kept = clean_text(text, keep_lines=True)
    assert clean_text(kept, keep_lines=True) == kept
