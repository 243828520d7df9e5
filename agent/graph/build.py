"""The graph of the main job: wiring only.

open → plan ⇄ priors, look → draft → critique ⇄ revise → approve → deliver. The core chooses
the way from `plan`; the frame holds what must be true whatever it chooses.
"""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from readingroom.agent.graph.context import Limits, ReadContext
from readingroom.agent.graph.nodes.act import act
from readingroom.agent.graph.nodes.approve import approve
from readingroom.agent.graph.nodes.critique import critique, revise
from readingroom.agent.graph.nodes.deliver import deliver
from readingroom.agent.graph.nodes.draft import draft
from readingroom.agent.graph.nodes.open_case import open_case
from readingroom.agent.graph.nodes.plan import plan
from readingroom.agent.graph.state import ReadState

ReadGraph = CompiledStateGraph[ReadState, ReadContext, ReadState, ReadState]


def recursion_limit(limits: Limits) -> int:
    """Supersteps that one invocation can take; LangGraph's default of 10007 protects nothing.

    Every node of this graph runs alone, so a superstep is a node.
    """
    # A turn is `plan` and the tool it chose; the turn over the limit is a `plan` that raises.
    planning = 2 * limits.turns + 1
    # Even with no rounds allowed there is one, which marks what it objects to.
    criticising = 2 * max(limits.critique_rounds, 1)
    opening, delivering = 1, 1
    approving = 2  # it runs again where what it waited for was voided meanwhile
    return opening + planning + criticising + approving + delivering


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
