"""What the graph carries between nodes: the case id and references, never content.

Records is the truth. Nothing here names a patient, and no pixels pass.
"""

from __future__ import annotations

from typing_extensions import TypedDict


class ReadState(TypedDict, total=False):
    """State of one read.

    Attributes:
        case_id: the case in records.
        request: the goal in words, as the user gave it.
        tool, arguments: the core's choice, for the node that runs it.
        confidence: of that choice, None when the core gives none.
        turns: how often the core has chosen.
        refusals: choices in a row that the policy refused.
        critique_round: rounds of the critique so far.
        draft_version: version of the latest draft.
        approval_id: the approval that was asked for.
        status: how the read ended; absent while it runs.
    """

    case_id: str
    request: str
    tool: str
    arguments: dict[str, str]
    confidence: float | None
    turns: int
    refusals: int
    critique_round: int
    draft_version: int
    approval_id: str
    status: str
