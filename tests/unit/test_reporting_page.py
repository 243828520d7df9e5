"""The case page: one file, no network, nothing from outside becomes markup, no label is cut."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from reporting_cases import (
    EFFUSION,
    FILM,
    NODULE,
    PNEUMOTHORAX,
    PRIOR,
    PRIOR_FILM,
    RETRIEVED,
    facts,
    facts_with_prior,
    study,
)

from readingroom.agent.critique import settle
from readingroom.domain.finding import Observation
from readingroom.domain.outcome import Failed, Found
from readingroom.domain.region import Box
from readingroom.domain.study import Order, PriorReport, ReportSource
from readingroom.tools.reporting import CaseFacts, compose, render_page
from readingroom.tools.reporting.page_input import PageFilm, PageInput, PageStep

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
EVIL = "<script>alert(1)</script>\x1b[31m\u202eevil\" onload='x' [](javascript:1) {{ 7*7 }}"


class Tags(HTMLParser):
    """All tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def page(case: CaseFacts, **changes: object) -> str:
    draft, rounds = settle(compose(case), case)
    films = (
        PageFilm("current", "2025-06-01", PNG, FILM.sop_uid, 1000, 1000),
        PageFilm("P1", "2024-03-02", PNG, PRIOR_FILM.sop_uid, 1000, 1000),
    )
    base = PageInput(draft=draft, facts=case, films=films, rounds=rounds, core="embedded")
    return render_page(replace(base, **changes))  # type: ignore[arg-type]


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


def test_hostile_text_becomes_neither_markup_nor_control() -> None:
    case = facts_with_prior((NODULE,), (NODULE,))
    report = PriorReport(EVIL + " nodule.", ReportSource.SR)
    case = replace(
        case,
        study=replace(case.study, description=EVIL, accession=EVIL),
        order=Order(case.order.accession, EVIL, EVIL),
        priors=Found((replace(PRIOR, reason=EVIL, report=report),)),
        limitations=(EVIL,),
        film=replace(FILM, view=EVIL),
    )  # fmt: skip
    html = page(
        case,
        core=EVIL,
        signed_by=EVIL,
        delivered=EVIL,
        steps=(PageStep(EVIL, EVIL, EVIL, EVIL, 0.1),),
        prompts=((EVIL, EVIL),),
    )
    assert "<script" not in html and "{{ 7*7 }}" in html
    assert "\x1b" not in html and "\u202e" not in html
    assert "&lt;script&gt;" in html
    names = {tag for tag, _ in parsed(html).tags}
    assert not names & {"script", "iframe", "object", "link", "form", "a"}
    for _, attributes in parsed(html).tags:
        assert not any(key.startswith("on") or key == "style" for key in attributes)


def test_the_page_can_reach_nothing() -> None:
    html = page(facts_with_prior((NODULE,), (EFFUSION,)))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None and "default-src &#39;none&#39;" in policy[1].replace("'", "&#39;")
    assert "http" not in re.sub(r"data:image/png;base64,[^\"]+", "", html).replace("http-equiv", "")
    for tag, attributes in parsed(html).tags:
        for key in ("src", "href"):
            value = attributes.get(key)
            assert value is None or value.startswith(("data:image/png", "#")), (tag, value)


def test_the_policy_allows_exactly_this_style() -> None:
    html = page(facts())
    style = html.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"sha256-{digest}" in html


@pytest.mark.parametrize(
    "box",
    [Box(0, 0, 60, 60), Box(940, 0, 1000, 60), Box(960, 960, 1000, 1000), Box(0, 0, 400, 400)],
)
def test_a_letter_is_never_cut_by_the_edge(box: Box) -> None:
    html = page(facts(replace(NODULE, box=box)))
    tags = re.findall(r'<g class="tag"><rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', html)
    assert tags
    for x, y, side in tags:
        assert 0 <= float(x) and float(x) + float(side) <= 1000.001
        assert 0 <= float(y) and float(y) + float(side) <= 1000.001


def test_draft_and_signed_are_told_apart() -> None:
    draft = page(facts())
    assert "not signed" in draft and "SIGNED" not in draft
    done = page(facts(), signed_by="Ada Lovelace", signed_at="2025-06-01 09:24")
    assert "SIGNED · Ada Lovelace" in done and "not signed" not in done
    for html in (draft, done):
        assert html.count("not a medical device") == 1
        assert html.count("not for diagnosis") == 1


def test_everything_a_reader_asks_for_is_on_it() -> None:
    case = facts_with_prior((NODULE, EFFUSION, PNEUMOTHORAX), (EFFUSION,))
    html = page(case, steps=(PageStep("find_priors", "", "ok", "found 1", 0.2),))
    for words in (
        "pleural effusion",
        "unchanged since 2024-03-02",
        "same patient, chest, newest",
        "embedded-tower, revision 0123456789ab",
        "prior P1, XR of 2024-03-02",
        "Not assessed: bone lesion.",
        "found 1",
        compose(case).sha256(),
    ):
        assert words in html, words
    assert "P1" in html and html.count("data:image/png") == 2


def test_a_failed_search_is_a_warning_not_an_empty_table() -> None:
    assert "could not be queried: no answer" in page(facts(priors=Failed("no answer")))
    assert "knows no relevant prior" in page(facts())


def test_what_the_critique_changed_is_shown() -> None:
    case = facts(NODULE)
    draft = compose(case)
    bad = replace(
        draft,
        claims=tuple(
            replace(c, sentence="Nodule, unchanged.") if c.observation is Observation.NODULE else c
            for c in draft.claims
        ),
    )
    settled, rounds = settle(bad, case)
    html = render_page(PageInput(draft=settled, facts=case, rounds=rounds))
    assert "− Nodule, unchanged." in html and "+ Nodule in the right upper zone." in html
    assert "comparison-without-prior" in html


def test_crowded_studies_keep_their_dates_apart() -> None:
    priors = tuple(
        replace(PRIOR, label=f"P{n}", study=study(10 + n, date(2025, 5, 30 - n)))
        for n in range(1, 5)
    )
    html = page(facts(priors=Found(priors), retrieved=(RETRIEVED,)))
    places = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', html)]
    assert len(places) == 5
    assert all(later - earlier >= 70 for earlier, later in zip(places, places[1:], strict=False))
    assert 30 <= places[0] and places[-1] <= 490


def test_a_case_without_films_or_reading_still_has_a_page() -> None:
    html = page(facts(reading=None, reading_failed="timed out", film=None), films=())
    assert "No film could be shown" in html and "timed out" in html


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
@pytest.mark.long
def test_a_browser_draws_it(tmp_path: Path) -> None:
    file, shot = tmp_path / "case.html", tmp_path / "case.png"
    file.write_text(page(facts_with_prior((NODULE,), (EFFUSION,))), encoding="utf-8")
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1200,900",
        f"--screenshot={shot}", file.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert shot.stat().st_size > 20_000


def test_a_film_that_cannot_be_read_is_said_in_its_place() -> None:
    case = facts_with_prior((NODULE,), (NODULE,))
    films = (
        PageFilm("current", "2025-06-01", PNG, FILM.sop_uid, 1000, 1000),
        PageFilm("P1", "P1 2024-03-02", b"", PRIOR_FILM.sop_uid, 0, 0, unreadable=EVIL),
    )
    html = page(case, films=films)
    tags = parsed(html).tags
    assert [a["id"] for name, a in tags if name == "image"] == ["film-0"]
    assert "#film-1" not in html, "nothing is enlarged from a film that is not there"
    assert html.index("This film could not be read: ") < html.index("<b>P1</b> P1 2024-03-02")
    assert "<script" not in html
