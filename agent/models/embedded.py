"""The core that ships, as a LangChain chat model over the worker process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict, SkipValidation

from readingroom.agent.models.messages import briefs, to_plan_request
from readingroom.domain.ports import PlanDecision, Planner


class EmbeddedChatModel(BaseChatModel):
    """Chooses the next step with the small vision-language planner in `inference`.

    The answer is one tool call, or text: a question back, an answer, or "I cannot". The kind, the
    confidence and the choices are in `response_metadata`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    planner: SkipValidation[Planner]

    @property
    def _llm_type(self) -> str:
        return "readingroom-embedded"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[Any, AIMessage]:
        """Bind tools given in OpenAI's function schema."""
        return self.bind(tools=list(tools), **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        tools = briefs(kwargs.get("tools", ()))
        decision = self.planner.plan(to_plan_request(messages, tools))
        return ChatResult(generations=[ChatGeneration(message=_message(decision, len(messages)))])


def _message(decision: PlanDecision, turn: int) -> AIMessage:
    metadata = {
        "kind": decision.kind,
        "confidence": decision.confidence,
        "choices": list(decision.choices),
    }
    if decision.kind != "call":
        return AIMessage(content=decision.text, response_metadata=metadata)
    call = {
        "name": decision.tool,
        "args": dict(decision.arguments),
        "id": f"embedded-{turn}",
        "type": "tool_call",
    }
    return AIMessage(content="", tool_calls=[call], response_metadata=metadata)
