"""The graph of the main job: wiring only.

open → plan ⇄ priors, look → draft → critique ⇄ revise → approve → deliver. The core chooses
the way from `plan`; the frame holds what must be true whatever it chooses.
"""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.nodes.act import act
from readingroom.agent.graph.nodes.approve import approve
from readingroom.agent.graph.nodes.critique import critique, revise
from readingroom.agent.graph.nodes.deliver import deliver
from readingroom.agent.graph.nodes.draft import draft
from readingroom.agent.graph.nodes.open_case import open_case
from readingroom.agent.graph.nodes.plan import plan
from readingroom.agent.graph.state import ReadState

RECURSION_LIMIT = 60
"""Supersteps of one invocation; LangGraph's default of 10007 protects nothing."""

ReadGraph = CompiledStateGraph[ReadState, ReadContext, ReadState, ReadState]


def build(checkpointer: BaseCheckpointSaver[Any] | None = None) -> ReadGraph:
    """Compile the graph."""
    graph = StateGraph(ReadState, context_schema=ReadContext)
    graph.add_node("open", open_case)
    graph.add_node("plan", plan)
    graph.add_node("priors", act)
    graph.add_node("look", act)
    graph.add_node("draft", draft)
    graph.add_node("critique", critique)
    graph.add_node("revise", revise)
    graph.add_node("approve", approve)
    graph.add_node("deliver", deliver)
    graph.add_edge(START, "open")
    graph.add_edge("open", "plan")
    graph.add_edge("priors", "plan")
    graph.add_edge("look", "plan")
    graph.add_edge("draft", "critique")
    graph.add_edge("deliver", END)
    return graph.compile(checkpointer=checkpointer, name="read")
