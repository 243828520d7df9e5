"""Draft: claims first, prose second."""

from __future__ import annotations

from langgraph.runtime import Runtime

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.nodes.act import run_step
from readingroom.agent.graph.show import show_draft
from readingroom.agent.graph.state import ReadState
from readingroom.domain.errors import ReadingRoomError


def draft(state: ReadState, runtime: Runtime[ReadContext]) -> ReadState:
    """Compose the draft from what the case holds.

    Raises:
        ReadingRoomError: no draft came of it.
    """
    context = runtime.context
    case = context.case(state["case_id"])
    tool, arguments = state["tool"], dict(state["arguments"])
    if not context.registry.done(tool, arguments, case):
        run_step(context, case, tool, arguments)
    latest = context.records.drafts.latest(case.case_id)
    if latest is None:
        raise ReadingRoomError("drafting left no draft", hint="read the study yourself")
    show_draft(context, case)
    return {"draft_version": latest.version, "critique_round": 0, "tool": "", "arguments": {}}
