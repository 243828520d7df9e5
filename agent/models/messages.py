"""How a plan request is put into messages, and read back out of them.

One conversation per request, append only: the system prompt, the last turns of the chat, the
request with the case and its images, then a tool call and its one-line result per step. Every
core gets the same messages.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from readingroom.domain.ports import PlanRequest, StepBrief, ToolBrief, TurnBrief

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_REQUEST, _CASE = "REQUEST: ", "CASE: "


def to_messages(
    system: str,
    request: str,
    case_line: str,
    steps: Sequence[StepBrief],
    pngs: Sequence[bytes],
    before: Sequence[TurnBrief] = (),
) -> list[BaseMessage]:
    """Messages for a chat model; images follow the text of the newest human turn."""
    content: list[str | dict[str, Any]] = [
        {"type": "text", "text": f"{_REQUEST}{request}\n{_CASE}{case_line}"}
    ]
    content += [
        {"type": "image", "base64": base64.b64encode(png).decode(), "mime_type": "image/png"}
        for png in pngs
    ]
    messages: list[BaseMessage] = [SystemMessage(system)]
    for number, turn in enumerate(before, 1):
        messages.append(HumanMessage(f"{_REQUEST}{turn.request}\n{_CASE}"))
        messages += _calls(turn.steps, f"turn-{number}-step")
        if turn.reply:
            messages.append(AIMessage(turn.reply))
    return [*messages, HumanMessage(content=content), *_calls(steps, "step")]


def _calls(steps: Sequence[StepBrief], name: str) -> list[BaseMessage]:
    """A tool call and its result for each step."""
    messages: list[BaseMessage] = []
    for number, step in enumerate(steps, 1):
        call_id = f"{name}-{number}"
        call = {"name": step.tool, "args": dict(step.arguments), "id": call_id}
        messages.append(AIMessage(content="", tool_calls=[{**call, "type": "tool_call"}]))
        messages.append(ToolMessage(step.result, tool_call_id=call_id, name=step.tool))
    return messages


def to_plan_request(messages: Sequence[BaseMessage], tools: Sequence[ToolBrief]) -> PlanRequest:
    """The inverse of `to_messages`, for the embedded planner."""
    request, case_line, reply = "", "", ""
    images: list[NDArray[np.float32]] = []
    steps: list[StepBrief] = []
    before: list[TurnBrief] = []
    calls: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for message in messages:
        if isinstance(message, HumanMessage):
            if request:
                before.append(TurnBrief(request, tuple(steps), reply))
            steps, reply = [], ""
            request, case_line = _split(message.text)
            images = [_grey(block) for block in _image_blocks(message)]
        elif isinstance(message, AIMessage):
            calls |= {str(c["id"]): (c["name"], c["args"]) for c in message.tool_calls}
            reply = message.text or reply
        elif isinstance(message, ToolMessage):
            name, arguments = calls.get(message.tool_call_id, (message.name or "", {}))
            steps.append(StepBrief(name, arguments, message.text))
    parts = (tuple(steps), tuple(tools), tuple(images), tuple(before))
    return PlanRequest(request, case_line, *parts)


def briefs(schemas: Sequence[Mapping[str, Any]]) -> tuple[ToolBrief, ...]:
    """Tools as bound in OpenAI's schema, as briefs."""
    return tuple(
        ToolBrief(
            name=schema["function"]["name"],
            description=schema["function"].get("description", ""),
            arguments=schema["function"].get("parameters", {}).get("properties", {}),
        )
        for schema in schemas
    )


def _split(text: str) -> tuple[str, str]:
    """Request and case line; a bare message is all request."""
    if not text.startswith(_REQUEST):
        return text, ""
    request, _, case_line = text.removeprefix(_REQUEST).rpartition(f"\n{_CASE}")
    return request, case_line


def _image_blocks(message: HumanMessage) -> list[dict[str, Any]]:
    if isinstance(message.content, str):
        return []
    return [b for b in message.content if isinstance(b, dict) and b.get("type") == "image"]


def _grey(block: Mapping[str, Any]) -> NDArray[np.float32]:
    """Grey image, float32 (rows, columns), 0 to 1."""
    import numpy as np
    from PIL import Image

    with Image.open(BytesIO(base64.b64decode(block["base64"]))) as image:
        return np.asarray(image.convert("L"), dtype=np.float32) / 255.0
