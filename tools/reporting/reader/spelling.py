"""Slips in the long words of the field: "effusoins", "cardiomeagly"."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]{6,}")
_TWO_SLIPS = 10
"""Letters from which a word may have two slips."""


def corrected(text: str, words: frozenset[str]) -> tuple[str, list[tuple[int, int]]]:
    """A text with slips mended, and where it grew or shrank.

    Args:
        text: a sentence.
        words: long words of the field, in small letters.

    Returns:
        The text; and (place in it, how far what follows has moved to the right).
    """
    out, moved, at, shift = [], [], 0, 0
    for match in _WORD.finditer(text):
        meant = _meant(match[0].lower(), words)
        if meant:
            out += [text[at : match.start()], meant]
            at = match.end()
            shift += len(meant) - len(match[0])
            moved.append((match.end() + shift, shift))
    return "".join([*out, text[at:]]), moved


def original(place: int, moved: Collection[tuple[int, int]]) -> int:
    """A place of the mended text in the original one."""
    shift = 0
    for since, by in moved:
        if place >= since:
            shift = by
    return place - shift


@lru_cache(4096)
def _meant(word: str, words: frozenset[str]) -> str:
    if word in words:
        return ""
    best, fewest = "", len(word)
    for other in sorted(words):
        allowed = 1 + (len(other) >= _TWO_SLIPS)
        if word[0] != other[0] or abs(len(word) - len(other)) > allowed:
            continue
        # An ending is no slip: "consolidations", "effusion".
        if word.startswith(other[:-2]) or other.startswith(word[:-2]):
            continue
        slips = _slips(word, other, allowed)
        if slips <= allowed and slips < fewest:
            best, fewest = other, slips
    return best


def _slips(one: str, other: str, most: int) -> int:
    """Letters left out, added, changed or swapped (optimal string alignment)."""
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        new = [i]
        for j, b in enumerate(other, 1):
            best = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, before[j - 2] + 1)
            new.append(best)
        if min(new) > most:
            return most + 1
        before, row = row, new
    return row[-1]
