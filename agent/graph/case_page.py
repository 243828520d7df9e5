"""The case page: from records to one HTML file, written in one step."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.show import PREVIEW_SIDE_PX, film_caption, film_name
from readingroom.domain.errors import ConfigError, NotFound, ReadingRoomError
from readingroom.prompts import load_prompt
from readingroom.records import Approval
from readingroom.tools.case import CURRENT, OpenCase
from readingroom.tools.imaging import render_png
from readingroom.tools.reporting.page import render_page
from readingroom.tools.reporting.page_input import PageFilm, PageInput, PageStep

MAX_PRIORS = 2
"""Prior films on a page: the newest; a page is one file that is mailed around."""


def write_page(context: ReadContext, case: OpenCase, path: Path) -> Path:
    """Write the page of a case.

    Raises:
        NotFound: the case has no draft yet.
        ConfigError: the file cannot be written.
    """
    html = render_page(page_input(context, case))
    try:
        _replace(path, html)
    except OSError as error:
        raise ConfigError(
            f"the page cannot be written to {path}: {error.strerror}",
            hint="name a file in a folder that exists and that you may write to",
        ) from None
    return path


def _replace(path: Path, html: str) -> None:
    """Write beside the file and rename: a full disk leaves the old page whole. Mode 0600."""
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(html)
        os.replace(part, path)
    except BaseException:
        # Also for Ctrl-C: no half page is left behind.
        Path(part).unlink(missing_ok=True)
        raise


def page_input(context: ReadContext, case: OpenCase) -> PageInput:
    """Gather what the page shows.

    Raises:
        NotFound: the case has no draft yet.
    """
    records = context.records
    draft = records.drafts.latest(case.case_id)
    if draft is None:
        raise NotFound(
            f"{case.study.accession} has no draft yet",
            hint=f"`readingroom read {case.study.accession}` makes one",
        )
    approval = _signed(context, case)
    sent = [item for item in records.outbox.of_case(case.case_id) if item.status == "sent"]
    prompt = load_prompt("plan")
    return PageInput(
        draft=draft,
        facts=case.facts(),
        films=_films(case),
        rounds=records.drafts.rounds(case.case_id),
        steps=tuple(
            PageStep(s.step, " ".join(s.arguments.values()), s.outcome, s.result, s.seconds)
            for s in records.cases.steps(case.case_id)
        ),
        prompts=((prompt.name, prompt.sha256),),
        core=context.core_name,
        signed_by=approval.decided_by if approval else "",
        signed_at=_time(approval.decided_at) if approval and approval.decided_at else "",
        delivered=sent[-1].destination if sent else "",
        generated_at=_time(datetime.now(UTC).timestamp()),
        versions=(("readingroom", version("readingroom")), *context.weights.items()),
    )


def _signed(context: ReadContext, case: OpenCase) -> Approval | None:
    rows = context.records.approvals.list()
    return next((a for a in rows if a.case_id == case.case_id and a.status == "signed"), None)


def _films(case: OpenCase) -> tuple[PageFilm, ...]:
    priors = [p.label for p in case.priors() if case.film_instances(p.label)][:MAX_PRIORS]
    return tuple(_film(case, label) for label in (CURRENT, *priors) if case.film_instances(label))


def _film(case: OpenCase, label: str) -> PageFilm:
    """A film, or in its place why there is none: one that is broken must not cost the page."""
    try:
        return _readable(case, label)
    except ReadingRoomError as error:
        (instance, *_) = case.film_instances(label)
        return PageFilm(
            label=label,
            caption=film_name(case, label),
            png=b"",
            sop_uid=instance.sop_uid,
            rows=0,
            columns=0,
            unreadable=error.message,
        )


def _readable(case: OpenCase, label: str) -> PageFilm:
    film = case.film(label)
    center, width = film.window
    return PageFilm(
        label=label,
        caption=film_caption(case, label),
        png=render_png(film, max_side=PREVIEW_SIDE_PX),
        sop_uid=film.sop_uid,
        rows=film.rows,
        columns=film.columns,
        window=f"W {width:.0f} L {center:.0f}",
    )


def _time(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
