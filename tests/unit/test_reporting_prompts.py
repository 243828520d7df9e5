"""Prompts: a report must be able to say exactly which words the model was given."""

from __future__ import annotations

import hashlib

import pytest

from readingroom.domain.errors import ConfigError
from readingroom.prompts import load_prompt, prompt_names
from readingroom.prompts.loader import parse_prompt


@pytest.mark.parametrize("name", prompt_names())
def test_every_prompt_that_ships_loads_with_version_and_hash(name: str) -> None:
    prompt = load_prompt(name)
    assert prompt.version.isdigit()
    assert prompt.sha256 == hashlib.sha256(prompt.text.encode()).hexdigest()
    assert not prompt.text.startswith("---")


def test_the_planner_prompt_denies_authority_to_text_from_outside() -> None:
    text = load_prompt("plan").text
    assert "authority" in text and "not assessed" in text


@pytest.mark.parametrize("name", ["nothing_here", "../loader", "plan.md", ""])
def test_an_unknown_name_says_what_there_is(name: str) -> None:
    with pytest.raises(ConfigError, match="plan"):
        load_prompt(name)


@pytest.mark.parametrize(
    "document", ["no front matter", "---\nversion 1\n---\ntext", "---\nfor: x\n---\ntext", "---\n"]
)
def test_broken_front_matter_is_one_clear_error(document: str) -> None:
    with pytest.raises(ConfigError, match="'x'"):
        parse_prompt("x", document)


def test_the_hash_does_not_depend_on_line_ends_of_the_checkout() -> None:
    unix = parse_prompt("x", "---\nversion: 1\n---\na\nb\n")
    assert parse_prompt("x", "---\r\nversion: 1\r\n---\r\na\r\nb\r\n").sha256 == unix.sha256
