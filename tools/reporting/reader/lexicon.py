"""The words of a language, compiled: which pattern means what, in layers that do not compete."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from readingroom.tools.reporting.reader.values import SizeWords

LAYERS = ("topic", "cue", "side", "zone", "compare", "break")
"""Within a layer the longest match wins; across layers the same words may mean two things."""

# Of two that match alike, the first is meant.
_CUES = {
    "resolved": "resolved>",
    "resolved_after": "<resolved",
    "negation": "absent>",
    "negation_after": "<absent",
    "either": "<uncertain>",
    "hedge_after": "<uncertain",
    "hedge": "uncertain>",
    "history": "historical>",
    "history_after": "<historical",
    "condition": "conditional>",
    "condition_after": "<conditional",
}


_TOPICS = {"term": "terms", "vague": "vague", "gone": "gone", "other": "others"}


@dataclass(frozen=True)
class Mark:
    """A stretch of a sentence that means something.

    Attributes:
        kind: what sort of word; "term", "vague", "organ" and "other" are topics.
        value: which observation, status, side, zone or course.
        zone: that the word itself names.
        meant: what a pronoun ("a small one") stands for.
    """

    kind: str
    value: str
    start: int
    end: int
    zone: str = ""
    meant: Mark | None = None


@dataclass(frozen=True)
class _Pattern:
    regex: re.Pattern[str]
    kind: str
    value: str
    zone: str = ""


@dataclass(frozen=True)
class Lexicon:
    """The patterns of one language.

    Attributes:
        explains: words that say what an opacity is.
        another: what follows a hedge where the opacity is none of ours.
        spelling: long words that are mended when they are misspelt.
    """

    language: str
    layers: dict[str, tuple[_Pattern, ...]]
    explains: re.Pattern[str]
    another: re.Pattern[str]
    spelling: frozenset[str]
    sizes: SizeWords

    def marks(self, text: str, layer: str) -> list[Mark]:
        """The longest matches of a layer, from left to right, none over another."""
        found = []
        for pattern in self.layers[layer]:
            for match in pattern.regex.finditer(text):
                if match.end() > match.start():
                    found.append(Mark(pattern.kind, pattern.value, *match.span(), pattern.zone))
        return _apart(found) if layer in ("topic", "cue") else found


def _apart(marks: list[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda each: (each.start - each.end, each.start)):
        if all(mark.end <= other.start or mark.start >= other.end for other in kept):
            kept.append(mark)
    return sorted(kept, key=lambda each: each.start)


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language ("en", "de"), compiled once.

    Raises:
        KeyError: no lexicon is here for that language.
    """
    name = f"lexicon.{language}.toml"
    file = resources.files(__package__).joinpath(name)
    if not language.isalpha() or not file.is_file():
        raise KeyError(language)
    words = tomllib.loads(file.read_text(encoding="utf-8"))
    layers = {name: tuple(_patterns(words, name)) for name in LAYERS}
    return Lexicon(
        language,
        layers,
        _compiled(words["vague_is"]["words"]),
        re.compile(r"\s*(?:" + "|".join(words["vague_is"]["another"]) + r")\b", re.IGNORECASE),
        frozenset(words["spelling"]),
        SizeWords.of(words["sizes"]),
    )


def _patterns(words: dict[str, Any], layer: str) -> Iterator[_Pattern]:
    if layer == "topic":
        yield from _topics(words)
    elif layer == "cue":
        yield from _cues(words)
    elif layer == "side":
        yield from _each("side", words["sides"])
    elif layer == "zone":
        yield from _each("zone", words["zones"])
    elif layer == "compare":
        yield from _each("compare", words["comparison"])
    else:
        yield from _each("break", words["breaks"])


def _topics(words: dict[str, Any]) -> Iterator[_Pattern]:
    for kind, name in (
        ("term", "terms"),
        ("vague", "vague"),
        ("gone", "gone"),
        ("other", "others"),
    ):
        yield from _each(kind, words[name])
    yield _Pattern(_compiled(words["breaks"]["pronouns"]), "pronoun", "")
    normal = words["normal"]
    for organ in normal["organs"]:
        value = " ".join(organ["absent"])
        yield _Pattern(_compiled([organ["subject"]]), "organ", value, organ.get("zone", ""))
    for phrase in normal["phrases"]:
        value = " ".join(phrase["absent"])
        yield _Pattern(_compiled([phrase["words"]]), "normal", value, phrase.get("zone", ""))


def _cues(words: dict[str, Any]) -> Iterator[_Pattern]:
    for name, value in _CUES.items():
        yield _Pattern(_compiled(words["cues"][name]), "status", value)
    yield _Pattern(_compiled([words["normal"]["words"]]), "well", "")
    yield _Pattern(_compiled([words["normal"]["ill"]]), "ill", "")
    yield _Pattern(_compiled(words["cues"]["pseudo"]), "pseudo", "")
    yield from _each("change", words["change"])


def _each(kind: str, groups: dict[str, list[str]]) -> Iterator[_Pattern]:
    for value, patterns in groups.items():
        yield _Pattern(_compiled(patterns), kind, value)


def _compiled(patterns: Iterable[str]) -> re.Pattern[str]:
    # An edge of a word on both sides; a sign such as "?" needs none.
    edge = r"(?!(?<=\w)\w)"
    return re.compile(edge + "(?:" + "|".join(patterns) + ")" + edge, re.IGNORECASE)
