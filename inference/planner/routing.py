"""Routing to tools that were registered later, by what their description means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from readingroom.domain.ports import ToolBrief
from readingroom.inference.planner.meaning import Meaning

LIKELY = 0.2
"""Cosine from which a tool is taken to be meant (chosen on `training.routing_dev`)."""


@dataclass(frozen=True)
class Route:
    """A tool that is meant, with arguments that stand in the request."""

    tool: str
    arguments: dict[str, str]
    score: float


def best_unknown(request: str, tools: Sequence[ToolBrief], meaning: Meaning) -> Route | None:
    """The tool whose description is nearest to a request; None where none is near.

    Args:
        request: what was said.
        tools: those that the planner was not trained for.
        meaning: makes vectors of sentences.
    """
    if not tools or not request.strip():
        return None
    asked, *told = meaning.vectors([request, *map(told_as, tools)])
    scores = [float(asked @ vector) for vector in told]
    best = max(range(len(tools)), key=lambda index: scores[index])
    if scores[best] < LIKELY:
        return None
    tool = tools[best]
    return Route(tool.name, _listed_arguments(request, tool), min(0.99, scores[best]))


def told_as(tool: ToolBrief) -> str:
    """A tool as one sentence: a name says little that its description does not."""
    return f"{tool.name.replace('_', ' ')}: {tool.description}"


def _listed_arguments(request: str, tool: ToolBrief) -> dict[str, str]:
    """Values of an argument's own list that are written in the request."""
    low, found = request.lower(), {}
    for name, schema in tool.arguments.items():
        for value in schema.get("enum", ()) if isinstance(schema, dict) else ():
            if str(value).replace("_", " ").lower() in low:
                found[name] = str(value)
                break
    return found
