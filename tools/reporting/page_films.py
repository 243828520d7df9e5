"""Films of a case page with their boxes, and each finding enlarged."""

from __future__ import annotations

import base64
from typing import Any

from readingroom.domain.claim import Claim, SectionName
from readingroom.domain.evidence import PriorEvidence
from readingroom.domain.finding import VOCABULARY, Presence
from readingroom.domain.region import Region
from readingroom.tools.reporting.letters import seen_regions
from readingroom.tools.reporting.page_input import PageFilm, PageInput

COLOURS = 6
"""Overlay colours before they repeat; the same order as in the terminal."""


def colour(letter: str) -> int:
    """Which overlay colour a letter has."""
    return (ord(letter) - ord("A")) % COLOURS


def film_view(film: PageFilm, page: PageInput, letters: dict[str, str]) -> dict[str, Any]:
    """A film as the template shows it, with its boxes."""
    return {
        "id": f"film-{page.films.index(film)}",
        "label": film.label,
        "caption": film.caption,
        "window": film.window,
        "unreadable": film.unreadable,
        "rows": film.rows,
        "columns": film.columns,
        "png": base64.b64encode(film.png).decode(),
        "boxes": [
            _box(region, letter, certain)
            for region, letter, certain in _marks(page, letters)
            if region.sop_uid == film.sop_uid
        ],
    }


def _marks(page: PageInput, letters: dict[str, str]) -> list[tuple[Region, str, bool]]:
    """Boxes on films: where a finding is now, and where it was on the prior."""
    marks: list[tuple[Region, str, bool]] = []
    for claim in page.draft.section(SectionName.FINDINGS):
        letter = letters.get(claim.claim_id, "")
        if letter:
            certain = claim.presence is Presence.PRESENT
            marks += [(region, letter, certain) for region in seen_regions(claim)]
        for each in claim.evidence:
            if isinstance(each, PriorEvidence) and each.region is not None:
                marks.append((each.region, letter or "–", True))
    return marks


def _box(region: Region, letter: str, certain: bool) -> dict[str, Any]:
    """A box and its letter's tag, which is kept inside of the film."""
    box, tag = region.box, 0.045 * min(region.rows, region.columns)
    x = min(max(0.0, box.x0), region.columns - tag)
    y = box.y0 - tag if box.y0 >= tag else min(box.y1, region.rows - tag)
    return {
        "x": box.x0,
        "y": box.y0,
        "width": box.x1 - box.x0,
        "height": box.y1 - box.y0,
        "outline": " ".join(f"{x:.0f},{y:.0f}" for x, y in region.outline),
        "letter": letter,
        "colour": colour(letter) if letter.isalpha() else "n",
        "certain": certain,
        "tag_x": x,
        "tag_y": y,
        "tag": tag,
    }


def zoom_views(page: PageInput, letters: dict[str, str]) -> list[dict[str, Any]]:
    """Each finding enlarged, with the same place on the prior where it was there."""
    places = {
        film.sop_uid: (f"film-{n}", film)
        for n, film in enumerate(page.films)
        if not film.unreadable
    }
    zooms: list[dict[str, Any]] = []
    for claim in page.draft.section(SectionName.FINDINGS):
        letter = letters.get(claim.claim_id)
        regions = [*seen_regions(claim)[:1]] if letter else []
        if not letter or not regions or regions[0].sop_uid not in places:
            continue
        regions += [
            each.region
            for each in claim.evidence
            if isinstance(each, PriorEvidence) and each.region
        ]
        views = [
            {"film": places[r.sop_uid][0], "label": places[r.sop_uid][1].label, **_window(r)}
            for r in regions
            if r.sop_uid in places
        ]
        zooms.append(
            {
                "letter": letter,
                "colour": colour(letter),
                "views": views[:2],
                "name": name_of(claim),
                "certain": claim.presence is Presence.PRESENT,
            }
        )
    return sorted(zooms, key=lambda each: str(each["letter"]))


def _window(region: Region) -> dict[str, float]:
    """A square around a region with half its size of context, inside of the film."""
    box = region.box
    side = min(
        max(box.x1 - box.x0, box.y1 - box.y0, 0.12 * region.columns) * 2.0,
        float(min(region.rows, region.columns)),
    )
    x = min(max(0.0, (box.x0 + box.x1 - side) / 2), region.columns - side)
    y = min(max(0.0, (box.y0 + box.y1 - side) / 2), region.rows - side)
    return {
        "x": x, "y": y, "side": side, "columns": region.columns, "rows": region.rows,
        "box_x": box.x0, "box_y": box.y0, "box_w": box.x1 - box.x0, "box_h": box.y1 - box.y0,
    }  # fmt: skip


def name_of(claim: Claim) -> str:
    """The term of a claim's observation."""
    return VOCABULARY[claim.observation].label if claim.observation else ""
