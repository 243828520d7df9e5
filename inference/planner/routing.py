"""Routing to tools that were registered later, by the words of their name and description."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from readingroom.domain.ports import ToolBrief

_STOP = frozenset(
    "a an and any as at be by can could do for from give has have he her his i in is it its me my "
    "of on or our please she show that the their this to us was we what which with you your".split()
)
_LIKELY = 0.34


@dataclass(frozen=True)
class Route:
    """A tool by its words, with arguments that stand in the request."""

    tool: str
    arguments: dict[str, str]
    score: float


def words(text: str) -> list[str]:
    """Stems of the words that carry meaning."""
    found = re.findall(r"[a-z0-9]+", text.lower().replace("_", " "))
    return [_stem(word) for word in found if word not in _STOP and len(word) > 1]


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ies", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def best_unknown(request: str, tools: Sequence[ToolBrief]) -> Route | None:
    """The tool whose name and description share enough of the request's words; else None."""
    asked = set(words(request))
    if not asked:
        return None
    texts = {tool.name: Counter(words(f"{tool.name} {tool.description}")) for tool in tools}
    spread = Counter(word for text in texts.values() for word in text)
    scores = {}
    for tool in tools:
        text, named = texts[tool.name], set(words(tool.name))
        shared = sum(
            (1.5 if word in named else 1.0) / math.sqrt(spread[word]) for word in asked & set(text)
        )
        scores[tool.name] = shared / math.sqrt(len(asked) * 2)
    best = max(tools, key=lambda tool: scores[tool.name])
    if scores[best.name] < _LIKELY:
        return None
    return Route(best.name, _listed_arguments(request, best), min(0.99, scores[best.name]))


def _listed_arguments(request: str, tool: ToolBrief) -> dict[str, str]:
    """Values of an argument's own list that are written in the request."""
    low, found = request.lower(), {}
    for name, schema in tool.arguments.items():
        for value in schema.get("enum", ()) if isinstance(schema, dict) else ():
            if str(value).replace("_", " ").lower() in low:
                found[name] = str(value)
                break
    return found
