"""Priors of a case page: a row each, and all of them along a line of dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from readingroom.domain.outcome import Failed, Found
from readingroom.tools.reporting.facts import CaseFacts
from readingroom.tools.reporting.page_input import PageInput


def prior_rows(page: PageInput) -> list[dict[str, str]]:
    """A row for each prior that was found: how it was got, and whether it was compared."""
    fetched = {each.label: each for each in page.facts.retrieved}
    rows: list[dict[str, str]] = []
    for prior in page.facts.found_priors:
        got = fetched.get(prior.label)
        day = prior.study.study_date
        rows.append(
            {
                "label": prior.label,
                "kind": prior.kind,
                "date": day.isoformat() if day else "undated",
                "reason": prior.reason,
                "report": prior.report.source.value if prior.report else "none",
                "retrieved": got.completeness.value if got else "not retrieved",
                "compared": "yes" if page.facts.comparisons.get(prior.label) else "no",
            }
        )
    return rows


def priors_note(page: PageInput) -> str:
    """What is said where there is no row: a failed search is not an empty one."""
    search = page.facts.priors
    if isinstance(search, Failed):
        return f"Prior studies could not be queried: {search.reason}"
    return "" if isinstance(search, Found) else "The archive answered, and knows no relevant prior."


def timeline(facts: CaseFacts) -> list[dict[str, Any]]:
    """Studies by date, oldest first, placed along a line in percent."""
    points = [(p.study.study_date, p.label, p.kind) for p in facts.found_priors]
    dated = sorted((day, label, kind) for day, label, kind in points if day is not None)
    if facts.study_date is not None:
        dated.append((facts.study_date, "now", "XR"))
    if not dated:
        return []
    first, span = dated[0][0], max(1, (dated[-1][0] - dated[0][0]).days)
    places = _spread([8 + 84 * (day - first).days / span for day, _, _ in dated])
    return [
        {"left": round(place, 1), "date": day.isoformat(), "label": label, "kind": kind}
        for (day, label, kind), place in zip(dated, places, strict=True)
    ]


def _spread(places: Sequence[float], apart: float = 17.0) -> list[float]:
    """Push points apart so that their words do not touch; order is kept."""
    moved = list(places)
    for index in range(len(moved) - 2, -1, -1):
        moved[index] = min(moved[index], moved[index + 1] - apart)
    shift = 8 - moved[0]
    if shift > 0 and len(moved) > 1:
        step = (92 - 8) / (len(moved) - 1)
        moved = [8 + step * index for index in range(len(moved))]
    return moved
