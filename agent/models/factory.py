"""From a name such as `embedded` or `openai:NAME` to a chat model."""

from __future__ import annotations

from pathlib import Path

from langchain_core.language_models import BaseChatModel

from readingroom.domain.errors import ConfigError
from readingroom.domain.ports import Planner

_LATER = ("transformers", "openai")


def embedded_folder(name: str) -> Path | None:
    """Whose weights `embedded:FOLDER` names; None for those that ship, or another provider."""
    provider, _, folder = name.partition(":")
    return Path(folder).expanduser() if provider == "embedded" and folder else None


def load_core(name: str, planner: Planner) -> BaseChatModel:
    """The chat model for a core's name, `provider` or `provider:model`.

    Args:
        name: `embedded`, `embedded:FOLDER` for weights of your own (the planner was started with
            them), or `scripted:FILE` for tests.
        planner: what the embedded core asks; not touched by the others.

    Raises:
        ConfigError: an unknown provider, or one that is not there yet.
    """
    provider, _, model = name.partition(":")
    if provider == "embedded":
        from readingroom.agent.models.embedded import EmbeddedChatModel

        return EmbeddedChatModel(planner=planner)
    if provider == "scripted" and model:
        from readingroom.agent.models.scripted import load_script

        return load_script(Path(model))
    if provider in _LATER:
        raise ConfigError(
            f"the core {provider}:… is not there yet", hint="use the core 'embedded' for now"
        )
    raise ConfigError(f"unknown core {name!r}", hint="use 'embedded' or 'scripted:FILE'")
