"""Sizes and dates in a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_NUMBER = r"\d{1,3}(?:[.,]\d{1,2})?"
_TIMES = r"\s?(?:mm|cm)?\s?(?:x|×|by|mal|auf)\s?"
_SIZE = re.compile(
    rf"(?P<first>{_NUMBER})(?:{_TIMES}(?P<second>{_NUMBER}))?(?:{_TIMES}(?P<third>{_NUMBER}))?"
    r"[ -]?(?P<unit>mm|cm|millimet\w+|centimet\w+)\b",
    re.IGNORECASE,
)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner", "february feb februar", "march mar märz mrz", "april apr",
            "may mai", "june jun juni", "july jul juli", "august aug", "september sep sept",
            "october oct oktober okt", "november nov", "december dec dezember dez",
        ), 1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<year>(?:19|20)\d\d)-(?P<number>\d{1,2})-(?P<day>\d{1,2})\b",
        r"\b(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?(?: of)? " + _MONTH + r",? " + _YEAR + r"\b",
        r"\b" + _MONTH + r" (?P<day>\d{1,2})(?:st|nd|rd|th)?,? " + _YEAR + r"\b",
        r"\b(?P<day>\d{1,2})[-\s]" + _MONTH + r"[-\s](?P<short>\d\d)\b",
        r"\b(?P<day>\d{1,2})[./-](?P<number>\d{1,2})[./-](?:" + _YEAR + r"|(?P<short>\d\d))(?!\w)",
        r"\b" + _MONTH + r",? " + _YEAR + r"\b",
        r"\b(?P<number>\d{1,2})/" + _YEAR + r"\b",
        r"(?<![\d/.-])" + _YEAR + r"(?![\d/-])",
    )
)


@dataclass(frozen=True)
class SizeWords:
    """Words around a number that say whether it is a size, and of when.

    Attributes:
        distance: after it: the distance of a tip, a table's feed.
        moved: before it: how far something was or should be moved.
        before: before it: it is the size of an earlier study.
        then: after it: the same.
        was: after a size, an earlier one without its unit: "1.5 cm (was 3)".
    """

    distance: re.Pattern[str]
    moved: re.Pattern[str]
    before: re.Pattern[str]
    then: re.Pattern[str]
    was: re.Pattern[str]

    @classmethod
    def of(cls, words: dict[str, list[str]]) -> SizeWords:
        """From a lexicon's lists."""
        either = {name: "(?:" + "|".join(each) + ")" for name, each in words.items()}

        def made(pattern: str) -> re.Pattern[str]:
            return re.compile(pattern, re.IGNORECASE)

        return cls(
            made(rf"\s*{either['distance']}\b"),
            made(rf"\b{either['moved']}\s+(?:{either['about']}\s+)*$"),
            made(rf"\b{either['before']}(?:\s+{either['about']})*[\s:(]*$"),
            made(rf"\s*{either['then']}\b"),
            made(rf"\s*[(,]\s*{either['before']}\s+({_NUMBER})(?=\s*(?:[),;]|\.?$|\.\s))"),
        )


@dataclass(frozen=True)
class Size:
    """A size in mm, and whether it is the one of an earlier study."""

    mm: float
    start: int
    end: int
    earlier: bool


def sizes(text: str, words: SizeWords) -> list[Size]:
    """Sizes of things, from left to right; distances of tips and shifts are none."""
    found = []
    for match in _SIZE.finditer(text):
        if words.distance.match(text, match.end()) or words.moved.search(text[: match.start()]):
            continue
        axes = [match[name] for name in ("first", "second", "third") if match[name]]
        scale = 10.0 if match["unit"].lower().startswith("c") else 1.0
        mm = max(float(axis.replace(",", ".")) for axis in axes) * scale
        then = bool(
            words.before.search(text[: match.start()]) or words.then.match(text, match.end())
        )
        found.append(Size(round(mm, 2), *match.span(), then))
        bare = words.was.match(text, match.end())
        if bare:
            mm = float(bare[1].replace(",", ".")) * scale
            found.append(Size(round(mm, 2), *bare.span(1), earlier=True))
    return found


def dates(text: str) -> tuple[str, ...]:
    """Dates as far as they are told, in their order; impossible ones are left out."""
    taken: list[tuple[int, int, str]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < to and end > since for since, to, _ in taken):
                continue
            told = _told(match.groupdict())
            if told:
                taken.append((start, end, told))
    return tuple(told for _, _, told in sorted(taken))


def _told(parts: dict[str, str | None]) -> str:
    year = parts.get("year") or (f"20{parts['short']}" if parts.get("short") else "")
    month, day = _month(parts), int(parts.get("day") or 0)
    if not year:
        return ""
    if month > 12 >= day > 0:
        month, day = day, month  # month first: there is no thirteenth month
    if day:
        try:
            return date(int(year), month, day).isoformat()
        except ValueError:
            return ""
    return f"{year}-{month:02d}" if 0 < month <= 12 else year


def _month(parts: dict[str, str | None]) -> int:
    name = parts.get("month")
    return _MONTHS[name.lower()] if name else int(parts.get("number") or 0)


DATE_LIKE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}/\d{4}|\d\.\d|\d\."
"""What no cut may fall into."""
