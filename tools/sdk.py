"""All that a tool, ours or a plug-in's, imports.

A tool is a `Tool`: a name, a description for the planner, a pydantic model of its arguments,
an effect, and a function from arguments and the open case to a `ToolResult`. Identifiers come
from the open case and destinations from the configuration, so neither is ever an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from readingroom.domain.errors import ToolFailed

if TYPE_CHECKING:
    from readingroom.tools.case import OpenCase


class Effect(StrEnum):
    """What a tool does to the world. A `write` runs only behind an approval."""

    READ = "read"
    COMPUTE = "compute"
    WRITE = "write"


class Stage(StrEnum):
    """Which node of the graph runs a tool."""

    PRIORS = "priors"
    LOOK = "look"
    DRAFT = "draft"
    CHAT = "chat"


class NoArguments(BaseModel):
    """For tools that take none."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class ToolResult:
    """What the planner, the trace and the reader are told, in one line.

    A tool raises `ToolFailed` instead of returning an empty success.
    """

    text: str
    outcome: Literal["ok", "none", "partial", "failed", "refused"] = "ok"


Choices = Mapping[str, tuple[str, ...]]
"""Argument name → the values that make sense now, in the order of preference."""

Run = Callable[[Any, "OpenCase"], ToolResult]
Ready = Callable[["OpenCase"], str]


def no_choices(case: OpenCase) -> Choices:
    """The arguments are not limited by the case."""
    return {}


def always(case: OpenCase) -> str:
    """The tool may run whenever a case is open."""
    return ""


@dataclass(frozen=True)
class Tool:
    """One tool.

    Attributes:
        label: what a person reads while it runs ("asking for priors").
        run: validated arguments and the open case in, one line out.
        ready: why it may not run now, in words; empty when it may.
        first: the tool that makes it ready; the chat runs that one by itself.
        choices: values that its arguments may take now, such as the labels of the priors that are
            not fetched yet. An argument without any means that the tool is not offered.
        in_read: whether the frame offers it while a study is read; the chat offers all.
    """

    name: str
    label: str
    description: str
    arguments: type[BaseModel]
    effect: Effect
    stage: Stage
    run: Run
    ready: Ready = always
    first: str = ""
    choices: Callable[[OpenCase], Choices] = no_choices
    in_read: bool = True

    def schema(self, choices: Choices) -> dict[str, Any]:
        """JSON schema of the arguments, with the values that are possible now as enums."""
        schema = self.arguments.model_json_schema()
        for name, values in choices.items():
            schema["properties"][name]["enum"] = list(values)
        return schema

    def parse(self, arguments: dict[str, Any]) -> BaseModel:
        """Validate arguments that a model chose.

        Raises:
            ToolFailed: they do not fit; the model is told which.
        """
        try:
            return self.arguments.model_validate(arguments)
        except ValidationError as error:
            fields = ", ".join(".".join(map(str, each["loc"])) for each in error.errors())
            raise ToolFailed(f"{self.name}: arguments do not fit: {fields}") from None
