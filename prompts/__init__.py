"""Versioned markdown prompts with front matter, and the loader."""

from __future__ import annotations

from readingroom.prompts.loader import Prompt, load_prompt, prompt_names

__all__ = ["Prompt", "load_prompt", "prompt_names"]
