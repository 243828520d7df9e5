"""Rules on claims and a second look: what cannot be verified is marked, not hidden."""

from __future__ import annotations

from readingroom.agent.critique.revise import diff_lines, mark_unresolved, revise
from readingroom.agent.critique.rounds import (
    MAX_ROUNDS,
    RULES,
    carry_out,
    critique,
    object_to,
    run_round,
    settle,
)
from readingroom.agent.critique.second_look import second_look

__all__ = [
    "MAX_ROUNDS",
    "RULES",
    "carry_out",
    "critique",
    "diff_lines",
    "mark_unresolved",
    "object_to",
    "revise",
    "run_round",
    "second_look",
    "settle",
]
