"""A chat that speaks of "the prior" means the one that the policy would take."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from readingroom.agent.graph.chat import _usual_prior
from readingroom.domain.errors import ToolFailed


def _tool(*labels: str) -> Any:
    return SimpleNamespace(choices=lambda case: {"prior": labels})


CASE = cast(Any, SimpleNamespace(priors=lambda: (SimpleNamespace(label="P1"),)))


def test_the_first_that_the_policy_lists_is_taken() -> None:
    assert _usual_prior(_tool("P2", "P3"), CASE) == "P2"


def test_where_it_lists_none_the_user_is_told_what_is_known() -> None:
    with pytest.raises(ToolFailed, match=r"which prior\? \(known: P1\)"):
        _usual_prior(_tool(), CASE)
