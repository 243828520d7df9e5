"""From the case to events: films with letters, drafts with what they stand on."""

from __future__ import annotations

from readingroom.agent.graph.context import ReadContext
from readingroom.domain.claim import Claim
from readingroom.domain.errors import ToolFailed
from readingroom.domain.events import CaseOpened, DraftShown, ImageShown, Overlay
from readingroom.domain.finding import VOCABULARY, FilmReading, Presence
from readingroom.domain.region import Box, Region
from readingroom.records import StepRecord
from readingroom.tools.case import CURRENT, OpenCase
from readingroom.tools.reporting.evidence_text import evidence_text
from readingroom.tools.reporting.letters import lettered_detections

PREVIEW_SIDE_PX = 1024
"""Longest side of a picture for the terminal and the page."""


def show_heading(context: ReadContext, case: OpenCase) -> None:
    """Say which case is open: no name, the identifier's last three characters."""
    study = case.study
    day = study.study_date.isoformat() if study.study_date else "undated"
    age = ""
    if study.patient.birth_date and study.study_date:
        age = str((study.study_date - study.patient.birth_date).days // 365)
    who = f"{study.patient.sex or '?'}{age} ···{study.patient.patient_id[-3:]}"
    context.emit(
        CaseOpened(
            case_id=case.case_id,
            accession=study.accession,
            heading=f"{study.description or 'no description'} · {day} · {who}",
            indication=case.order.indication,
        )
    )


def overlays(reading: FilmReading | None) -> tuple[Overlay, ...]:
    """A letter per finding that has a place, surest first."""
    return tuple(
        Overlay(
            letter=letter,
            box=_corners(each.box),
            legend=" ".join(
                filter(
                    None,
                    (
                        VOCABULARY[each.observation].label,
                        each.laterality.value,
                        f"{each.probability:.2f}",
                    ),
                )
            ),
            certain=each.presence is Presence.PRESENT,
        )
        for letter, each in lettered_detections(reading)
    )


def show_film(context: ReadContext, case: OpenCase, label: str = CURRENT, letter: str = "") -> None:
    """Show a film; with a letter, zoomed to that finding.

    Raises:
        ToolFailed: there is no such film or letter.
    """
    box = None
    if letter:
        letters = overlays(case.reading(label))
        found = next((each for each in letters if each.letter == letter.upper()), None)
        if found is None:
            raise ToolFailed(f"no finding is marked {letter!r}")
        box = found.box
    _emit_film(context, case, label, box)


def _emit_film(
    context: ReadContext,
    case: OpenCase,
    label: str,
    box: tuple[float, float, float, float] | None,
) -> None:
    from readingroom.tools.imaging import render_png

    film = case.film(label)
    png = context.records.artifacts.put_bytes(render_png(film, max_side=PREVIEW_SIDE_PX), "png")
    center, width = film.window
    context.emit(
        ImageShown(
            case_id=case.case_id,
            role="current" if label == CURRENT else "prior",
            caption=f"{film_caption(case, label)} · W {width:.0f} L {center:.0f}",
            png_sha256=png.sha256,
            rows=film.rows,
            columns=film.columns,
            overlays=overlays(case.reading(label)),
            crop=None if box is None else _around(box, film.rows, film.columns),
        )
    )


def show_region(context: ReadContext, case: OpenCase, region: Region) -> None:
    """Show the part of a film that a sentence rests on.

    Raises:
        ToolFailed: the image is not in this case.
    """
    labels = (CURRENT, *(prior.label for prior in case.priors()))
    for label in labels:
        if any(each.sop_uid == region.sop_uid for each in case.film_instances(label)):
            _emit_film(context, case, label, _corners(region.box))
            return
    raise ToolFailed("the image that this sentence rests on is not here")


def show_after(context: ReadContext, case: OpenCase, step: StepRecord) -> None:
    """Show what a step made visible: the film with its letters, the prior that came."""
    if step.outcome not in ("ok", "partial"):
        return
    if step.step == "look_at_film":
        show_film(context, case)
    elif step.step == "compare_prior":
        show_film(context, case, step.arguments["prior"].upper())


def show_draft(context: ReadContext, case: OpenCase) -> None:
    """Show the latest draft with one line of evidence per sentence."""
    draft = context.records.drafts.latest(case.case_id)
    if draft is None:
        raise ToolFailed("there is no draft yet")
    context.emit(
        DraftShown(
            case_id=case.case_id,
            version=draft.version,
            text=draft.text(),
            content_sha256=draft.sha256(),
            evidence=tuple(
                (claim.claim_id, claim.sentence, evidence_line(case, claim))
                for claim in draft.claims
            ),
        )
    )


def evidence_line(case: OpenCase, claim: Claim) -> str:
    """What a claim stands on, in one line."""
    labels = (CURRENT, *(prior.label for prior in case.priors()))
    names = {each.sop_uid: label for label in labels for each in case.film_instances(label)}
    parts = [evidence_text(each, names) for each in claim.evidence]
    if claim.rests_on:
        parts.append("sums up " + ", ".join(claim.rests_on))
    return "; ".join(parts) or "nothing"


def film_caption(case: OpenCase, label: str) -> str:
    """What a film is: which, when, which view."""
    return f"{film_name(case, label)} {case.film(label).view}".strip()


def film_name(case: OpenCase, label: str) -> str:
    """Which film and when, without a look at the film itself."""
    if label == CURRENT:
        day = case.study.study_date
        return f"current {day.isoformat() if day else ''}".strip()
    day = case.prior(label).study.study_date
    return f"{label} {day.isoformat() if day else ''}".strip()


def _corners(box: Box | None) -> tuple[float, float, float, float]:
    if box is None:
        raise ValueError("no box")
    return (box.x0, box.y0, box.x1, box.y1)


def _around(
    box: tuple[float, float, float, float], rows: int, columns: int
) -> tuple[float, float, float, float]:
    """The box with half its size around it, inside the film."""
    x0, y0, x1, y1 = box
    pad_x, pad_y = (x1 - x0) / 2, (y1 - y0) / 2
    return (
        max(0.0, x0 - pad_x),
        max(0.0, y0 - pad_y),
        min(float(columns), x1 + pad_x),
        min(float(rows), y1 + pad_y),
    )
