"""The case as one HTML file: films, boxes, report, evidence, critique, provenance. No network."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from readingroom.domain.claim import UNVERIFIED, Claim, SectionName, Standing
from readingroom.domain.critique import CritiqueRound
from readingroom.domain.evidence import RegionEvidence
from readingroom.domain.finding import VOCABULARY, Presence
from readingroom.domain.ids import SOPInstanceUID
from readingroom.domain.text import clean_text
from readingroom.tools.reporting.evidence_text import evidence_text
from readingroom.tools.reporting.letters import claim_letters, lettered_detections
from readingroom.tools.reporting.page_films import colour, film_view, name_of, zoom_views
from readingroom.tools.reporting.page_input import PageInput
from readingroom.tools.reporting.page_priors import prior_rows, priors_note, timeline

if TYPE_CHECKING:
    from jinja2 import Template

_ALPHABET = "ABCDEFGHIJKL"


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
        films=[film_view(film, page, letters) for film in page.films],
        zooms=zoom_views(page, letters),
        findings=_findings(page, letters),
        sections=_sections(page, letters),
        rounds=[_round(each) for each in page.rounds],
        priors=prior_rows(page),
        priors_note=priors_note(page),
        timeline=timeline(page.facts),
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
        "colour": colour(letter) if letter else "n",
        "name": name_of(claim),
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
    chips = [{"letter": each, "colour": colour(each)} for each in dict.fromkeys(filter(None, own))]
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
