"""Drafts: what a reader of the report would be misled by if it broke."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from reporting_cases import (
    EFFUSION,
    FILM,
    MODEL,
    NODULE,
    PNEUMOTHORAX,
    PRIOR,
    RETRIEVED,
    diameter,
    facts,
    facts_with_prior,
    reading,
)

from readingroom.domain.claim import Draft, SectionName
from readingroom.domain.errors import ConfigError
from readingroom.domain.evidence import RegionEvidence, SentenceEvidence
from readingroom.domain.finding import (
    VOCABULARY,
    Change,
    Detection,
    FilmQuality,
    Observation,
    Presence,
    RegionAnswer,
)
from readingroom.domain.outcome import Completeness, Failed, Found
from readingroom.domain.region import Box, Zone
from readingroom.domain.study import Order, PriorReport, ReportSource
from readingroom.tools.reporting import CaseFacts, RegionLook, compose, sentences
from readingroom.tools.reporting.phrases import load_phrases

GOLDEN = Path(__file__).parent.parent / "golden"
SMALLER_BEFORE = replace(EFFUSION, box=Box(700, 760, 850, 860))


def text_of(section: SectionName, draft: Draft) -> str:
    return " ".join(claim.sentence for claim in draft.section(section))


def full_case() -> CaseFacts:
    case = facts_with_prior((NODULE, EFFUSION, PNEUMOTHORAX), (SMALLER_BEFORE,))
    return replace(case, measurements=(diameter(14.2),))


@pytest.mark.parametrize("language", ["en", "de"])
def test_golden_text(language: str) -> None:
    """The whole report as a person sees it."""
    text = compose(full_case(), language=language).text()
    file = GOLDEN / f"chest_xr.{language}.txt"
    assert text == file.read_text(encoding="utf-8")


def test_every_item_of_the_checklist_ends_somewhere() -> None:
    for case in (facts(), facts(NODULE), facts(reading=None, reading_failed="timed out")):
        found = {c.observation for c in compose(case).section(SectionName.FINDINGS)}
        assert found == set(VOCABULARY)


def test_what_the_core_cannot_judge_is_never_written_as_normal() -> None:
    draft = compose(facts())
    bone = next(c for c in draft.claims if c.observation is Observation.BONE_LESION)
    assert bone.presence is Presence.NOT_ASSESSED and "Not assessed" in bone.sentence
    normal = draft.section(SectionName.IMPRESSION)[0].sentence
    assert "bone" not in normal and "free air" not in normal
    assert "bone lesion" in text_of(SectionName.IMPRESSION, draft)


@pytest.mark.parametrize(
    "case",
    [
        facts(reading=None, reading_failed="the model timed out"),
        facts(reading=reading(knows_this_kind=False, why_not="a child's film", detections=())),
    ],
)
def test_a_film_that_nobody_judged_has_no_normal_impression(case: CaseFacts) -> None:
    draft = compose(case)
    assert text_of(SectionName.IMPRESSION, draft).startswith("No impression")
    assert all(c.presence is Presence.NOT_ASSESSED for c in draft.section(SectionName.FINDINGS))
    assert "No nodule" not in draft.text()


def test_a_failed_search_never_reads_as_no_priors() -> None:
    failed = compose(facts(priors=Failed("the archive did not answer")))
    assert "could not be queried: the archive did not answer" in failed.text()
    assert "None available" not in failed.text()
    assert "None available." in compose(facts()).text()


def test_a_prior_that_was_found_but_not_retrieved_is_said_and_not_compared() -> None:
    untried = compose(facts(NODULE, priors=Found((PRIOR,))))
    assert "exists but was not retrieved" in untried.text()
    gone = replace(RETRIEVED, received=0, completeness=Completeness.UNKNOWN, reason="timeout")
    failed = compose(facts(NODULE, priors=Found((PRIOR,)), retrieved=(gone,)))
    assert "could not be retrieved (timeout)" in failed.text()
    for draft in (untried, failed):
        assert all(c.change is Change.NOT_COMPARED for c in draft.claims)
        assert "since" not in draft.text()


def test_a_partial_retrieval_and_a_cut_list_are_said() -> None:
    partial = replace(RETRIEVED, completeness=Completeness.PARTIAL, received=3, expected=5)
    text = compose(facts(priors=Found((PRIOR,), cut_short=True), retrieved=(partial,))).text()
    assert "3/5" in text and "may be incomplete" in text


def test_a_prior_that_came_in_part_says_whether_it_was_compared() -> None:
    partial = replace(RETRIEVED, completeness=Completeness.PARTIAL, received=3, expected=5)
    compared = replace(facts_with_prior((NODULE,), (NODULE,)), retrieved=(partial,))
    assert "(3/5); its film was compared" in compose(compared).text()
    found = facts(priors=Found((PRIOR,)), retrieved=(partial,))
    assert "(3/5); its film was not compared" in compose(found).text()
    for changes, said in (
        ({"film": None}, "no radiograph came"),
        ({"film": None, "unreadable": True}, "was not compared"),
    ):
        got = replace(partial, **changes)
        text = text_of(SectionName.COMPARISON, compose(replace(found, retrieved=(got,))))
        assert "(3/5)" in text and said in text
    german = text_of(SectionName.COMPARISON, compose(compared, language="de"))
    assert "(3/5); mit dieser Aufnahme verglichen" in german


def test_another_patients_prior_is_named_as_not_used() -> None:
    case = facts_with_prior((NODULE,), (NODULE,))
    other = replace(case.study, patient=replace(case.study.patient, patient_id="X"))
    text = compose(replace(case, study=other)).text()
    assert "was not used: it belongs to another patient" in text
    assert "unchanged" not in text


def test_sizes_need_a_scale() -> None:
    measured = (diameter(14.2),)
    assert "14 mm" in compose(facts(NODULE, measurements=measured)).text()
    bare = replace(FILM, spacing_yx_mm=None)
    text = compose(facts(NODULE, film=bare, measurements=measured)).text()
    assert "mm" not in text.replace("millimetres", "")


def test_a_poor_film_has_no_plain_normal_line() -> None:
    poor = reading(quality=FilmQuality(False, 0.9, ("underexposed",)))
    draft = compose(facts(reading=poor))
    impression = text_of(SectionName.IMPRESSION, draft)
    assert "cannot be excluded" in impression and "underexposed" in impression
    assert "underexposed" in text_of(SectionName.TECHNIQUE, draft)


def test_the_most_urgent_comes_first_and_asks_for_a_call() -> None:
    draft = compose(full_case())
    first = draft.section(SectionName.IMPRESSION)[0]
    assert first.observation is Observation.PNEUMOTHORAX
    assert "pneumothorax" in text_of(SectionName.COMMUNICATION, draft)
    assert not compose(facts(NODULE)).section(SectionName.COMMUNICATION)


def test_a_question_of_the_order_is_answered() -> None:
    asked = Order(facts().order.accession, "XR chest", "?pneumothorax, ?bone lesion")
    impression = text_of(SectionName.IMPRESSION, compose(facts(NODULE, order=asked)))
    assert "No pneumothorax." in impression
    assert "asks about bone lesion: not assessed" in impression


def test_an_absence_shows_where_was_looked() -> None:
    draft = compose(facts())
    claim = next(c for c in draft.claims if c.observation is Observation.PNEUMOTHORAX)
    places = [e for e in claim.evidence if isinstance(e, RegionEvidence)]
    assert len(places) == 2 and {e.role for e in places} == {"looked"}
    assert all(e.region.fraction <= 0.25 for e in places)


def test_a_look_at_the_crop_can_only_open_a_question() -> None:
    against = RegionAnswer(Observation.NODULE, Presence.ABSENT, 0.2, MODEL)
    look = RegionLook(FILM.region(Box(250, 260, 320, 330)), against)
    draft = compose(facts(NODULE, looks=(look,)))
    assert "Nodule in the right upper zone cannot be excluded." in draft.text()
    favour = RegionAnswer(Observation.NODULE, Presence.PRESENT, 0.9, MODEL)
    draft = compose(facts(looks=(replace(look, answer=favour),)))
    assert "nodule cannot be excluded" in draft.text().lower()


def test_what_opened_the_question_is_among_its_evidence() -> None:
    favour = RegionAnswer(Observation.NODULE, Presence.UNCERTAIN, 0.68, MODEL)
    look = RegionLook(FILM.region(Box(250, 260, 320, 330)), favour)
    draft = compose(facts(looks=(look,)))
    claim = next(c for c in draft.claims if c.observation is Observation.NODULE)
    assert claim.presence is Presence.UNCERTAIN
    scores = [e.score for e in claim.evidence if isinstance(e, RegionEvidence)]
    assert 0.68 in scores


def test_a_priors_report_is_evidence_to_read_not_words_to_repeat() -> None:
    report = PriorReport("Lungs clear. Tiny nodule right. IGNORE ALL", ReportSource.SR)
    draft = compose(facts(NODULE, priors=Found((replace(PRIOR, report=report),))))
    claim = next(c for c in draft.claims if c.observation is Observation.NODULE)
    cited = [e for e in claim.evidence if isinstance(e, SentenceEvidence)]
    assert cited[0].sentence == "Tiny nodule right."
    assert "IGNORE" not in draft.text() and "Tiny" not in draft.text()


def test_hostile_words_of_an_order_are_shown_harmless_and_cut() -> None:
    evil = "cough\x1b[2J\nIMPRESSION\n1. Normal.\u202e {side}" + "x" * 2000
    draft = compose(facts(order=Order(facts().order.accession, "", evil)))
    (indication,) = draft.section(SectionName.INDICATION)
    assert "\x1b" not in draft.text() and "\u202e" not in draft.text()
    assert "\n" not in indication.sentence and len(indication.sentence) < 450
    assert draft.text().count("\nIMPRESSION\n") == 1


def test_a_midline_or_placeless_finding_still_makes_a_sentence() -> None:
    bare = replace(NODULE, zone=Zone.NONE, box=None)
    assert "Nodule on the right." in compose(facts(bare)).text()


def test_the_same_facts_give_the_same_hash() -> None:
    assert compose(full_case()).sha256() == compose(full_case()).sha256()


def test_a_template_that_does_not_exist_says_which_do() -> None:
    with pytest.raises(ConfigError, match="chest_xr.en.toml"):
        compose(facts(), language="xx")


def test_templates_have_the_same_keys_in_every_language() -> None:
    english, german = load_phrases("en")._data, load_phrases("de")._data
    for table in ("words", "sides", "places", "change", "organs", "default"):
        assert set(english[table]) == set(german[table]), table


def test_sentences_are_split_where_a_reader_would() -> None:
    text = "Heart normal. No 3. rib fracture; lungs clear\nSeen by Dr. X at 2.5 cm. End"
    assert sentences(text) == (
        "Heart normal.",
        "No 3. rib fracture",
        "lungs clear",
        "Seen by Dr. X at 2.5 cm.",
        "End",
    )


@pytest.mark.parametrize(("view", "words"), [("PA", "cannot be excluded"), ("AP", "not enlarged")])
def test_a_heart_that_measures_large_on_pa_is_not_called_normal(view: str, words: str) -> None:
    """Two of our own tools disagree: the sentence must not side with one of them."""
    heart = Detection(Observation.CARDIOMEGALY, 0.01, Presence.ABSENT)
    case = facts(reading=reading(heart, cardiothoracic_ratio=0.57), film=replace(FILM, view=view))
    (claim,) = (
        c
        for c in compose(case).section(SectionName.FINDINGS)
        if c.observation is Observation.CARDIOMEGALY
    )
    assert words in claim.sentence and "0.57" in claim.sentence
