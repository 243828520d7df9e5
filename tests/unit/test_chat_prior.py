"""A chat that speaks of "the prior" means the one that the policy would take."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from readingroom.agent.graph import chat
from readingroom.agent.graph.chat import _fetched_prior, _usual_prior
from readingroom.domain.errors import ToolFailed


def _tool(*labels: str) -> Any:
    return SimpleNamespace(choices=lambda case: {"prior": labels})


def _case(*priors: tuple[str, str], fetched: tuple[str, ...] = ()) -> Any:
    found = tuple(SimpleNamespace(label=label, kind=kind) for label, kind in priors)
    return SimpleNamespace(
        priors=lambda: found,
        prior=lambda label: next(each for each in found if each.label == label),
        search=lambda: found,
        retrieval=lambda label: label if label in fetched else None,
    )


CASE = _case(("P1", "CT"))


def test_the_first_that_the_policy_lists_is_taken() -> None:
    assert _usual_prior(_tool("P2", "P3"), CASE) == "P2"


def test_where_it_lists_none_the_user_is_told_what_is_known() -> None:
    with pytest.raises(ToolFailed, match=r"which prior\? \(known: P1\)"):
        _usual_prior(_tool(), CASE)


def test_where_nothing_was_fetched_the_newest_film_is_taken() -> None:
    case = _case(("P1", "CT"), ("P2", "XR"), ("P3", "XR"))
    assert _usual_prior(_tool(), case) == "P2"


def test_a_prior_that_is_not_here_is_fetched_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(
        chat, "run_step", lambda context, case, tool, given: ran.append((tool, given))
    )
    tool = _tool()
    tool.name = "compare_prior"
    case = _case(("P1", "XR"), ("P2", "XR"), fetched=("P1",))
    context: Any = None  # what it would be handed to is replaced above
    assert _fetched_prior(context, case, tool, "P2") == "P2"
    assert ran == [("retrieve_prior", {"prior": "P2"})]
    assert _fetched_prior(context, case, tool, "P1") == "P1"
    assert len(ran) == 1
