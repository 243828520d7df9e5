"""Priors and look: run the tool that the core chose, and record the step."""

from __future__ import annotations

from langgraph.runtime import Runtime

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.show import show_after
from readingroom.agent.graph.state import ReadState
from readingroom.records import StepRecord
from readingroom.tools.case import OpenCase


def act(state: ReadState, runtime: Runtime[ReadContext]) -> ReadState:
    """Run the chosen tool on the case, unless it ran before a crash."""
    context = runtime.context
    case = context.case(state["case_id"])
    tool, arguments = state["tool"], dict(state["arguments"])
    if not context.registry.done(tool, arguments, case):
        run_step(context, case, tool, arguments)
    return {"tool": "", "arguments": {}}


def run_step(
    context: ReadContext, case: OpenCase, tool: str, arguments: dict[str, str]
) -> StepRecord:
    """Run one tool with its events; the same for `read` and the chat."""
    label = context.registry.tools[tool].label
    shown = f"{label} {' '.join(arguments.values())}".strip()
    with context.step(case, tool, shown) as note:
        step = context.registry.run(tool, arguments, case, by=context.core_name)
        note.outcome, note.summary = step.outcome, step.result
    show_after(context, case, step)
    return step
