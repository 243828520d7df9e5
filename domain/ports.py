"""What one layer asks of another, as protocols. Handed in, never imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from readingroom.domain.film import Film
from readingroom.domain.finding import FilmReading, Observation, RegionAnswer
from readingroom.domain.region import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class FilmReader(Protocol):
    """Looks at a whole film. `inference` has the shipped one."""

    def read_film(self, film: Film) -> FilmReading:
        """Read a film.

        Raises:
            ModelUnavailable: the model did not start, died or timed out.
        """
        ...


class RegionReader(Protocol):
    """Answers one question about one box, in a context of its own."""

    def ask_region(self, film: Film, box: Box, observation: Observation) -> RegionAnswer:
        """Whether an observation is present in a box (pixels of the stored image).

        Raises:
            ModelUnavailable: the model did not start, died or timed out.
        """
        ...


@dataclass(frozen=True)
class ToolBrief:
    """What a planner is told of a tool.

    Attributes:
        arguments: name → JSON schema of the argument.
    """

    name: str
    description: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StepBrief:
    """A step that was taken, and its one-line result."""

    tool: str
    arguments: Mapping[str, Any]
    result: str


@dataclass(frozen=True)
class TurnBrief:
    """An earlier turn of the same chat: what was said, done, and said back."""

    request: str
    steps: tuple[StepBrief, ...] = ()
    reply: str = ""


@dataclass(frozen=True, eq=False)
class PlanRequest:
    """What the embedded planner decides from.

    Attributes:
        request: the user's own words, or the goal of `read`.
        case_line: one line about the open case, empty when none is open; in a chat with its
            priors ("; P1 XR 2026-05-03 chest PA") and the day.
        steps: what was done for this request, oldest first.
        tools: what may be called now (the policy has filtered).
        images: float32 (rows, columns) 0 to 1, bright is dense; the current film first.
        before: earlier turns of the chat, oldest first.
    """

    request: str
    case_line: str
    steps: tuple[StepBrief, ...]
    tools: tuple[ToolBrief, ...]
    images: tuple[NDArray[np.float32], ...] = ()
    before: tuple[TurnBrief, ...] = ()


@dataclass(frozen=True)
class PlanDecision:
    """The planner's next step.

    Attributes:
        kind: call a tool, ask the user back, answer in words, or say that it cannot.
        confidence: 0 to 1, of the tool choice.
        choices: what an "ask" offers.
    """

    kind: Literal["call", "ask", "answer", "cannot"]
    tool: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 0.0
    text: str = ""
    choices: tuple[str, ...] = ()


class Planner(Protocol):
    """Chooses the next step. `inference` has the shipped one."""

    def plan(self, request: PlanRequest) -> PlanDecision:
        """Choose.

        Raises:
            ModelUnavailable: the model did not start, died or timed out.
        """
        ...
