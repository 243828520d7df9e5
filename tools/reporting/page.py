"""The case as one HTML file: films, boxes, report, evidence, critique, provenance. No network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from readingroom.domain.claim import UNVERIFIED, Claim, Draft, SectionName, Standing
from readingroom.domain.critique import CritiqueRound
from readingroom.domain.evidence import PriorEvidence, RegionEvidence
from readingroom.domain.finding import VOCABULARY, Presence
from readingroom.domain.ids import SOPInstanceUID
from readingroom.domain.outcome import Failed, Found
from readingroom.domain.region import Region
from readingroom.domain.text import clean_text
from readingroom.tools.reporting.evidence_text import evidence_text
from readingroom.tools.reporting.facts import CaseFacts
from readingroom.tools.reporting.letters import claim_letters, lettered_detections, seen_regions

if TYPE_CHECKING:
    from jinja2 import Template

_ALPHABET = "ABCDEFGHIJKL"
COLOURS = 6
"""Overlay colours before they repeat; the same order as in the terminal."""


@dataclass(frozen=True)
class PageFilm:
    """A film to show.

    Attributes:
        label: "current" or a prior's label.
        png: an 8-bit PNG of the whole film, no overlay.
        rows, columns: of the stored image, so that boxes in stored pixels fit.
        unreadable: why the film cannot be shown; then there is no PNG and no size.
    """

    label: str
    caption: str
    png: bytes
    sop_uid: SOPInstanceUID
    rows: int
    columns: int
    window: str = ""
    unreadable: str = ""


@dataclass(frozen=True)
class PageStep:
    """A step of the trace."""

    step: str
    arguments: str
    outcome: str
    result: str
    seconds: float


@dataclass(frozen=True)
class PageInput:
    """All that a page shows. `signed_by` empty means a draft.

    Attributes:
        films: the current film first.
        prompts: (name, sha256) of the prompts that were used.
        core: which reasoning core, as the configuration names it.
        delivered: where the signed report is, in words; empty when it was not sent.
    """

    draft: Draft
    facts: CaseFacts
    films: tuple[PageFilm, ...] = ()
    rounds: tuple[CritiqueRound, ...] = ()
    steps: tuple[PageStep, ...] = ()
    prompts: tuple[tuple[str, str], ...] = ()
    core: str = ""
    signed_by: str = ""
    signed_at: str = ""
    delivered: str = ""
    sop_uid: str = ""
    generated_at: str = ""
    versions: tuple[tuple[str, str], ...] = field(default=())


def render_page(page: PageInput) -> str:
    """Render the page: everything inside one file, and a policy that forbids any request.

    All text is stripped of controls and bidi characters and escaped; none of it is Markdown or
    HTML. There is no script at all: boxes are shown and hidden, and evidence is unfolded, by
    the style sheet alone.
    """
    template, style = _template()
    letters = claim_letters(page.draft, page.facts.reading)
    html = template.render(
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        head=_head(page),
        films=[_film(film, page, letters) for film in page.films],
        zooms=_zooms(page, letters),
        findings=_findings(page, letters),
        sections=_sections(page, letters),
        rounds=[_round(each) for each in page.rounds],
        priors=_priors(page),
        priors_note=_priors_note(page),
        timeline=_timeline(page.facts),
        steps=page.steps,
        provenance=_provenance(page),
    )
    return html


@lru_cache
def _template() -> tuple[Template, str]:
    """The template and its style sheet; the style's hash goes into the policy."""
    from importlib import resources

    from jinja2 import Environment, StrictUndefined

    folder = resources.files(__package__).joinpath("templates")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Everything that is printed passes here: no caller can forget to clean.
        finalize=lambda value: clean_text(value, keep_lines=True) if type(value) is str else value,
    )
    text = folder.joinpath("case.html.jinja").read_text(encoding="utf-8")
    # Markup is not cleaned or escaped: the style is ours, and its hash must fit.
    from markupsafe import Markup

    style = folder.joinpath("case.css").read_text(encoding="utf-8") + _hover_rules()
    return environment.from_string(text), Markup(style)


def _hover_rules() -> str:
    """Pointing at a sentence or a row dims all boxes but its own."""
    rules = []
    for letter in _ALPHABET:
        on = f"body:has(.s-{letter}:hover, .f-{letter}:hover)"
        rules.append(f"{on} .films .mark:not(.m-{letter}) {{ opacity: .15; }}")
        rules.append(f"{on} .m-{letter} .box {{ stroke-width: 4px; }}")
    return "\n".join(rules) + "\n"


def _head(page: PageInput) -> dict[str, str]:
    study, film = page.facts.study, page.facts.film
    patient = study.patient
    age = ""
    if patient.birth_date and study.study_date:
        born, day = patient.birth_date, study.study_date
        age = str(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))
    return {
        "title": study.description or "Chest radiograph",
        "view": film.view if film and film.view not in study.description.split() else "",
        "accession": study.accession,
        "who": " ".join(filter(None, (patient.sex, age))),
        "patient_id": f"···{patient.patient_id[-3:]}" if patient.patient_id else "",
        "date": study.study_date.isoformat() if study.study_date else "undated",
        "indication": page.facts.order.indication or "No indication was given.",
        "signed_by": page.signed_by,
        "signed_at": page.signed_at,
        "delivered": page.delivered,
        "version": str(page.draft.version),
    }


def _colour(letter: str) -> int:
    return (ord(letter) - ord("A")) % COLOURS


def _film(film: PageFilm, page: PageInput, letters: dict[str, str]) -> dict[str, Any]:
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
        "colour": _colour(letter) if letter.isalpha() else "n",
        "certain": certain,
        "tag_x": x,
        "tag_y": y,
        "tag": tag,
    }


def _zooms(page: PageInput, letters: dict[str, str]) -> list[dict[str, Any]]:
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
                "colour": _colour(letter),
                "views": views[:2],
                "name": _name(claim),
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


def _name(claim: Claim) -> str:
    return VOCABULARY[claim.observation].label if claim.observation else ""


def _findings(page: PageInput, letters: dict[str, str]) -> list[dict[str, Any]]:
    rows = [
        _finding(claim, letters.get(claim.claim_id, ""))
        for claim in page.draft.section(SectionName.FINDINGS)
        if claim.observation is not None
    ]
    order = {"present": 0, "uncertain": 1, "not_assessed": 3}
    return sorted(rows, key=lambda row: (order.get(row["presence"], 2), row["letter"] or "~"))


def _finding(claim: Claim, letter: str) -> dict[str, Any]:
    presence = claim.presence.value if claim.presence else ""
    scores = [each.score for each in claim.evidence if isinstance(each, RegionEvidence)]
    return {
        "letter": letter,
        "colour": _colour(letter) if letter else "n",
        "name": _name(claim),
        "place": f"{claim.laterality.value} {claim.zone.value}".strip(),
        "size": f"{claim.size_mm:.0f} mm" if claim.size_mm else "",
        "change": claim.change.value,
        "score": f"{max(scores):.2f}" if scores and presence != "absent" else "",
        "presence": presence,
        "words": presence.replace("_", " "),
        "marked": claim.standing is Standing.MARKED,
        "critical": bool(
            claim.observation
            and VOCABULARY[claim.observation].is_critical
            and presence in ("present", "uncertain")
        ),
    }


def _sections(page: PageInput, letters: dict[str, str]) -> list[dict[str, Any]]:
    names = {film.sop_uid: film.label for film in page.films}
    by_id = {claim.claim_id: claim for claim in page.draft.claims}
    sections: list[dict[str, Any]] = []
    for name in SectionName:
        claims = page.draft.section(name)
        topics: dict[str, list[dict[str, Any]]] = {}
        for claim in claims:
            topics.setdefault(claim.topic, []).append(_sentence(claim, names, letters, by_id))
        if claims:
            numbered = name is SectionName.IMPRESSION
            sections.append({"name": name.value, "topics": topics, "numbered": numbered})
    return sections


def _sentence(
    claim: Claim,
    names: dict[SOPInstanceUID, str],
    letters: dict[str, str],
    by_id: dict[str, Claim],
) -> dict[str, Any]:
    own = [letters.get(each, "") for each in (claim.claim_id, *claim.rests_on)]
    chips = [{"letter": each, "colour": _colour(each)} for each in dict.fromkeys(filter(None, own))]
    lines = [evidence_text(each, names) for each in claim.evidence]
    lines += [f"sums up: {by_id[each].sentence}" for each in claim.rests_on if each in by_id]
    return {
        "text": claim.sentence,
        "mark": UNVERIFIED if claim.standing is Standing.MARKED else "",
        "note": claim.note,
        "chips": chips,
        "evidence": lines or ["nothing"],
        "quiet": claim.presence in (Presence.ABSENT, Presence.NOT_ASSESSED),
    }


def _round(each: CritiqueRound) -> dict[str, Any]:
    signs = {"- ": "out", "+ ": "in"}
    return {
        "number": each.number,
        "objections": [
            {"rule": o.rule, "why": o.why, "sentence": o.sentence, "remedy": o.remedy.value}
            for o in each.objections
        ],
        "diff": [{"kind": signs.get(line[:2], "head"), "text": line[2:]} for line in each.diff],
    }


def _priors(page: PageInput) -> list[dict[str, str]]:
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


def _priors_note(page: PageInput) -> str:
    search = page.facts.priors
    if isinstance(search, Failed):
        return f"Prior studies could not be queried: {search.reason}"
    return "" if isinstance(search, Found) else "The archive answered, and knows no relevant prior."


def _timeline(facts: CaseFacts) -> list[dict[str, Any]]:
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


def _provenance(page: PageInput) -> list[tuple[str, str]]:
    facts = page.facts
    rows = [
        ("Study", facts.study.study_uid),
        ("Film", facts.film.sop_uid if facts.film else ""),
        ("Core", page.core),
    ]
    if facts.reading is not None:
        model = facts.reading.model
        rows += [
            ("Model", f"{model.name}, revision {model.revision}"),
            ("Trained on", model.trained_on),
        ]
        marks = ", ".join(f"{x} {d.observation.value} {d.probability:.2f}" for x, d in
                          lettered_detections(facts.reading))  # fmt: skip
        rows.append(("First look", marks or "nothing seen"))
    rows += [(f"Prompt {name}", sha) for name, sha in page.prompts]
    rows += [
        ("Draft", f"version {page.draft.version}, sha256 {page.draft.sha256()}"),
        ("Report object", page.sop_uid),
        ("Delivered", page.delivered),
        *page.versions,
        ("Page made", page.generated_at),
    ]
    return [(key, value) for key, value in rows if value]
