"""A core that says what a script says: a real provider, for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool

from readingroom.domain.errors import ConfigError, ModelUnavailable


class ScriptedChatModel(BaseChatModel):
    """Says the lines of a script in order; with `repeat`, the last one for ever.

    Attributes:
        script: each line is {"tool": name, "args": {…}} or {"text": …}.
    """

    script: list[dict[str, Any]]
    repeat: bool = False
    cursor: int = 0

    @property
    def _llm_type(self) -> str:
        return "readingroom-scripted"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[Any, AIMessage]:
        """Binds nothing: the script decides, and the policy still judges."""
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        last = len(self.script) - 1
        if self.cursor > last and not self.repeat:
            raise ModelUnavailable("the script has no more lines", hint="add lines or set repeat")
        line = self.script[min(self.cursor, last)]
        self.cursor += 1
        return ChatResult(generations=[ChatGeneration(message=self._message(line))])

    def _message(self, line: dict[str, Any]) -> AIMessage:
        if "tool" not in line:
            return AIMessage(content=str(line.get("text", "")))
        call = {"name": line["tool"], "args": line.get("args", {}), "id": f"line-{self.cursor}"}
        return AIMessage(content="", tool_calls=[{**call, "type": "tool_call"}])


def load_script(path: Path) -> ScriptedChatModel:
    """A scripted core from a JSON file: {"script": [...], "repeat": false}.

    Raises:
        ConfigError: no such file, or not of that form.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return ScriptedChatModel(
            script=document["script"], repeat=bool(document.get("repeat", False))
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"cannot use the script {path.name}: {type(error).__name__}",
            hint='it holds {"script": [{"tool": …, "args": {…}}, …], "repeat": false}',
        ) from None
