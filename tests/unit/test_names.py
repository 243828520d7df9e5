"""Names in many scripts: what a PACS, a header and an HL7 message must be able to hold."""

from __future__ import annotations

import unicodedata

import pytest
from pydicom.valuerep import PersonName

from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.names import GROUPS, NameGroup, group_by_key, person_name


def _drawn(group: NameGroup, sex: str, native: bool = True) -> list[str]:
    return [person_name(Dice("test", group.key, sex, n), group, sex, native) for n in range(60)]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.key)
def test_each_group_has_enough_names_of_each_sex(group: NameGroup) -> None:
    for sex in ("F", "M"):
        assert len(set(group.families(sex))) >= 12
        assert len(set(group.given(sex))) >= 8
    assert not set(group.given_female) & set(group.given_male)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.key)
def test_names_are_valid_pn(group: NameGroup) -> None:
    """At most three groups of 64 characters and five components each. Source: PS3.5 6.2.1."""
    for sex in ("F", "M"):
        for native in (True, False):
            for name in _drawn(group, sex, native):
                groups = name.split("=")
                assert len(groups) <= 3
                assert all(0 < len(each) <= 64 and each.count("^") <= 4 for each in groups), name
                assert "\\" not in name
                assert unicodedata.normalize("NFC", name) == name
                assert str(PersonName(name)) == name


def test_japanese_korean_and_chinese_have_their_groups() -> None:
    japanese = PersonName(_drawn(group_by_key("japanese"), "F")[0])
    assert japanese.alphabetic.isascii()
    assert all(char in "^" or "CJK" in unicodedata.name(char) for char in japanese.ideographic)
    assert all(char in "^" or "HIRAGANA" in unicodedata.name(char) for char in japanese.phonetic)
    assert len(_drawn(group_by_key("korean"), "M")[0].split("=")) == 3
    assert len(_drawn(group_by_key("chinese"), "M")[0].split("=")) == 2


@pytest.mark.parametrize(
    ("key", "script"),
    [
        ("arabic", "ARABIC"),
        ("hebrew", "HEBREW"),
        ("russian", "CYRILLIC"),
        ("greek", "GREEK"),
        ("thai", "THAI"),
        ("hindi", "DEVANAGARI"),
    ],
)
def test_a_name_keeps_its_script_or_is_written_in_latin(key: str, script: str) -> None:
    for name in _drawn(group_by_key(key), "F"):
        assert {unicodedata.name(c).split()[0] for c in name if c.isalpha()} == {script}
    for name in _drawn(group_by_key(key), "F", native=False):
        assert name.replace("=", "").isascii()


def test_women_have_the_surname_of_women_where_there_is_one() -> None:
    women = {name.split("^")[0] for name in _drawn(group_by_key("icelandic"), "F")}
    assert women and all(name.endswith("dóttir") for name in women)
    men = {name.split("^")[0] for name in _drawn(group_by_key("icelandic"), "M")}
    assert men and all(name.endswith("son") for name in men)


def test_the_odd_kinds_are_there() -> None:
    """Each has broken some system: one name only, two surnames, apostrophe, prefix, suffix."""
    names = [name for group in GROUPS for sex in ("F", "M") for name in _drawn(group, sex)]
    assert any("^" not in name for name in names)
    assert any(" " in name.split("^")[0] for name in names)
    assert any("'" in name for name in names)
    assert any(len(name.split("^")) == 5 for name in names), "a suffix"
    assert any(len(name.split("^")) == 4 for name in names), "a prefix"
    assert max(map(len, names)) > 40
