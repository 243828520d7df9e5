"""Which tools there are, which may run now, and how a step of one is run and recorded.

Plug-ins offer a `Tool` (or a function returning several) under the entry point group
`readingroom.tools`. A name that is taken is refused: a plug-in cannot shadow a built-in.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from readingroom.domain.errors import ConfigError, ToolFailed
from readingroom.records import StepRecord
from readingroom.tools.case import OpenCase
from readingroom.tools.sdk import Choices, Effect, Stage, Tool, ToolResult

ENTRY_POINT_GROUP = "readingroom.tools"


def built_in() -> tuple[Tool, ...]:
    """The tools that ship."""
    from readingroom.tools.detection.planner_tools import TOOLS as detection
    from readingroom.tools.imaging.planner_tools import TOOLS as imaging
    from readingroom.tools.pacs.planner_tools import TOOLS as pacs
    from readingroom.tools.reporting.planner_tools import TOOLS as reporting
    from readingroom.tools.vqa.planner_tools import TOOLS as vqa

    return (*pacs, *detection, *vqa, *imaging, *reporting)


def _plugged_in() -> Iterable[Tool]:
    for point in entry_points(group=ENTRY_POINT_GROUP):
        offered = point.load()
        tools = offered() if callable(offered) and not isinstance(offered, Tool) else offered
        for tool in (tools,) if isinstance(tools, Tool) else tuple(tools):
            if not isinstance(tool, Tool):
                raise ConfigError(
                    f"plug-in {point.name} offers {type(tool).__name__}, not a Tool",
                    hint="return readingroom.tools.sdk.Tool objects",
                )
            yield tool


@dataclass(frozen=True)
class Offer:
    """A tool that may run now, with the values that its arguments may take."""

    tool: Tool
    choices: Choices


@dataclass(frozen=True)
class Registry:
    """Tools by name, in the order they are offered."""

    tools: Mapping[str, Tool]

    @staticmethod
    def load() -> Registry:
        """Built-in tools and those of plug-ins.

        Raises:
            ConfigError: two tools share a name, or a tool would write.
        """
        tools: dict[str, Tool] = {}
        for tool in (*built_in(), *_plugged_in()):
            if tool.name in tools:
                raise ConfigError(
                    f"two tools are called {tool.name!r}", hint="uninstall or rename one of them"
                )
            if tool.effect is Effect.WRITE:
                raise ConfigError(
                    f"tool {tool.name!r} declares the effect 'write'",
                    hint="writes run only behind an approval, in the deliver node",
                )
            tools[tool.name] = tool
        return Registry(tools)

    def offered_in_read(self, case: OpenCase) -> tuple[Offer, ...]:
        """Tools that the policy allows now, with the values that their arguments may take.

        What was done with the only arguments it can have is not offered again.
        """
        return tuple(
            Offer(tool, tool.choices(case))
            for tool in self.tools.values()
            if tool.in_read and tool.stage is not Stage.CHAT and not self._unavailable(tool, case)
        )

    def _unavailable(self, tool: Tool, case: OpenCase) -> str:
        reason = tool.ready(case)
        if reason:
            return reason
        if not tool.arguments.model_fields and self.done(tool.name, {}, case):
            return f"{tool.name} was done already"
        empty = [name for name, values in tool.choices(case).items() if not values]
        return f"nothing is left to {tool.label}" if empty else ""

    def refusal(self, name: str, arguments: dict[str, Any], case: OpenCase) -> str:
        """Why a call may not run now; empty when it may.

        A call that was made before with the same arguments is refused: it would tell nothing
        new, and a planner that repeats itself must be stopped.
        """
        tool = self.tools.get(name)
        if tool is None:
            return f"there is no tool {name!r}"
        if tool.stage is Stage.CHAT or not tool.in_read:
            return f"{name} is not a step of a read"
        if self.done(name, arguments, case):
            return f"{name} was done already with these arguments"
        reason = self._unavailable(tool, case)
        if reason:
            return reason
        for argument, values in tool.choices(case).items():
            given = str(arguments.get(argument, ""))
            if given.casefold() not in {value.casefold() for value in values}:
                return f"{argument} must be one of {', '.join(values)}, not {given!r}"
        return ""

    def done(self, name: str, arguments: dict[str, Any], case: OpenCase) -> bool:
        """Whether this call is in the case's trace; a refused one is not done."""
        wanted = as_words(arguments)
        return any(
            step.step == name and step.arguments == wanted and step.outcome != "refused"
            for step in case.records.cases.steps(case.case_id)
        )

    def run(self, name: str, arguments: dict[str, Any], case: OpenCase, by: str) -> StepRecord:
        """Run a tool and append the step to the case's trace.

        A `ToolFailed` becomes a step with the outcome "failed", which the planner is told. Other
        errors end the run: they are not the planner's to handle.
        """
        started = time.time()
        try:
            tool = self.tools[name]
            result = tool.run(tool.parse(arguments), case)
        except ToolFailed as error:
            result = ToolResult(f"failed: {error.message}", "failed")
        step = StepRecord(
            step=name,
            arguments=as_words(arguments),
            outcome=result.outcome,
            result=result.text,
            started=started,
            seconds=time.time() - started,
            chosen_by=by,
        )
        case.records.cases.add_step(case.case_id, step)
        return step


def as_words(arguments: dict[str, Any]) -> dict[str, str]:
    """Arguments as they are kept in the trace."""
    return {name: str(value) for name, value in sorted(arguments.items())}


def openai_schema(offers: Iterable[Offer]) -> list[dict[str, Any]]:
    """Tools as the OpenAI function schema that every LangChain chat model binds."""
    return [
        {
            "type": "function",
            "function": {
                "name": offer.tool.name,
                "description": offer.tool.description,
                "parameters": offer.tool.schema(offer.choices),
            },
        }
        for offer in offers
    ]


__all__ = ["ENTRY_POINT_GROUP", "Offer", "Registry", "as_words", "openai_schema"]
