"""Load a prompt by name. A report records which text was used: its name and sha256."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from readingroom.domain.errors import ConfigError

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_FENCE = "---\n"


@dataclass(frozen=True)
class Prompt:
    """One prompt.

    Attributes:
        name: file name without its ending.
        version: from the front matter; raised when the meaning changes.
        text: what the model is given, without the front matter.
        sha256: hash of exactly `text`, in UTF-8.
        meta: the whole front matter.
    """

    name: str
    version: str
    text: str
    sha256: str
    meta: Mapping[str, str]


@lru_cache
def load_prompt(name: str) -> Prompt:
    """Load a prompt that ships with the package.

    Raises:
        ConfigError: no such prompt, or its front matter is broken.
    """
    file = resources.files(__package__).joinpath(f"{name}.md")
    if not _NAME.match(name) or not file.is_file():
        raise ConfigError(f"no prompt {name!r}", hint="there are " + ", ".join(prompt_names()))
    return parse_prompt(name, file.read_text(encoding="utf-8"))


def prompt_names() -> tuple[str, ...]:
    """The prompts that ship, sorted."""
    files = (each.name for each in resources.files(__package__).iterdir())
    return tuple(sorted(name[:-3] for name in files if name.endswith(".md")))


def parse_prompt(name: str, document: str) -> Prompt:
    """Split front matter ("key: value" lines between two "---") from the text.

    Raises:
        ConfigError: no front matter, a line without a colon, or no version.
    """
    document = document.replace("\r\n", "\n")
    head, fence, text = document.removeprefix(_FENCE).partition("\n" + _FENCE)
    if not document.startswith(_FENCE) or not fence:
        raise ConfigError(f"prompt {name!r} has no front matter", hint='start it with "---"')
    meta: dict[str, str] = {}
    for line in filter(str.strip, head.splitlines()):
        key, colon, value = line.partition(":")
        if not colon:
            raise ConfigError(f"prompt {name!r}: front matter line without a colon: {line[:40]!r}")
        meta[key.strip()] = value.strip()
    if not meta.get("version"):
        raise ConfigError(f"prompt {name!r} has no version in its front matter")
    text = text.strip() + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Prompt(name, meta["version"], text, digest, MappingProxyType(meta))
