"""The reports of the sandbox: whole, by hand, and never at odds with what is drawn."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from sentence_skeletons import sentences, skeleton

from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.corpus import (
    CorpusError,
    Facts,
    LesionFacts,
    WrittenReport,
    fill,
    matching,
    parse,
    reports,
)
from readingroom.sandbox_pacs.patients.corpus.written import GAP, Sex, View
from readingroom.sandbox_pacs.patients.disease import SIZE_RANGE_MM, WITHOUT_SIDE, Disease

_SIDE_WORDS = {
    "en": r"left|right|left-sided|right-sided|lt|rt",
    "de": r"(?:links|rechts)\w*|(?:linke|rechte)[nrsm]?",
    "es": r"izquierd[oa]s?|derech[oa]s?|izq|dcha?",
    "fr": r"gauches?|droite?s?",
    "pt": r"esquerd[oa]s?|direit[oa]s?",
}
_PARTS_WITH_A_SIDE = (
    "right heart border",
    "left heart border",
    "right atrium",
    "right ventricle",
    "right ventricular",
    "left ventricle",
    "left ventricular",
    "right main bronchus",
    "rechten Vorhof",
    "rechten Ventrikel",
    "aurícula derecha",
    "ventrículo derecho",
    "oreillette droite",
    "ventricule droit",
    "átrio direito",
    "ventrículo direito",
)
_SIDE_TOLD_BY = {
    Disease.PLEURAL_EFFUSION,
    Disease.PNEUMOTHORAX,
    Disease.NODULE,
    Disease.MASS,
    Disease.CONSOLIDATION,
    Disease.RIB_FRACTURE,
    Disease.HILAR_ENLARGEMENT,
}


def _text(report: WrittenReport) -> str:
    return "\n".join((*report.findings, *report.impression))


def _facts(report: WrittenReport, side: Laterality) -> Facts:
    diseases = {*report.present, *([report.main] if report.main else [])}
    lesions = {}
    for disease in diseases:
        sized = disease in SIZE_RANGE_MM
        middle = disease in WITHOUT_SIDE
        lesions[disease] = LesionFacts(
            Laterality.BILATERAL if middle else side,
            Zone.NONE if middle else Zone.LOWER,
            0.5,
            23.4 if sized else None,
            17.8 if sized else None,
        )
    return Facts(lesions, date(2026, 3, 7), "film")


@pytest.mark.parametrize("report", reports(), ids=lambda each: each.name)
@pytest.mark.parametrize("side", [Laterality.LEFT, Laterality.RIGHT])
def test_every_report_fills_for_either_side(report: WrittenReport, side: Laterality) -> None:
    findings, impression = fill(report, _facts(report, side))
    assert findings and impression
    assert not any("{" in line or "}" in line for line in (*findings, *impression))


@pytest.mark.parametrize("report", reports(), ids=lambda each: each.name)
def test_no_side_is_fixed_where_the_truth_has_one(report: WrittenReport) -> None:
    main = report.main
    if not any(each not in WITHOUT_SIDE for each in (*report.present, *([main] if main else []))):
        return
    text = GAP.sub("", _text(report))
    for part in _PARTS_WITH_A_SIDE:
        text = text.replace(part, "")
    fixed = re.findall(rf"(?i)\b(?:{_SIDE_WORDS[report.language]})\b", text)
    assert not fixed, f"{report.name} says {fixed} whatever is drawn"


@pytest.mark.parametrize("report", reports(), ids=lambda each: each.name)
def test_both_sides_of_a_report_read_differently(report: WrittenReport) -> None:
    if not _SIDE_TOLD_BY & set(report.present):
        return
    left = fill(report, _facts(report, Laterality.LEFT))
    assert left != fill(report, _facts(report, Laterality.RIGHT))


def test_no_sentence_is_a_template() -> None:
    lines = (line for report in reports() for line in (*report.findings, *report.impression))
    counts = Counter(skeleton(each) for each in sentences(lines))
    most, times = counts.most_common(1)[0]
    assert times <= 0.02 * counts.total(), f"{times} times: {most}"
    repeated = sum(times for times in counts.values() if times > 1)
    assert repeated <= 0.02 * counts.total(), [each for each in counts.most_common(20)]


def test_the_corpus_is_large_and_in_many_voices() -> None:
    assert len(reports()) >= 100
    assert len({report.voice for report in reports()}) >= 40
    assert sum(report.language != "en" for report in reports()) >= 10
    assert {report.language for report in reports()} == {"en", "de", "es", "fr", "pt"}
    assert sum(not report.present for report in reports()) >= 28
    assert sum(report.modality == "CT" for report in reports()) >= 14
    assert {report.view for report in reports()} == {"PA", "AP", "PA+LATERAL", "any"}
    assert {report.placed for report in reports()} == {"right", "wrong", "any"}


@pytest.mark.parametrize("disease", Disease)
def test_each_disease_is_told_and_denied(disease: Disease) -> None:
    assert sum(disease in report.present for report in reports()) >= 3
    assert sum(disease in report.absent for report in reports()) >= 2
    if disease not in {Disease.WIDE_MEDIASTINUM}:  # which a CT tells by its cause
        assert matching([disease], "film", "PA") or matching([disease], "film", "AP")


@pytest.mark.parametrize("change", ["none", "first", "new", "larger", "same", "smaller", "gone"])
def test_each_change_is_told(change: str) -> None:
    assert sum(report.change == change for report in reports()) >= 4


_NODULE = """---
voice: test
language: en
modality: film
view: PA
sex: any
present: nodule
absent:
change: larger
placed: any
---
## Findings
A nodule of {nodule.mm} mm.
## Impression
It was {nodule.prior_cm} cm on {prior.date}, {nodule.other} lung clear.
"""


def test_what_is_filled_in_is_the_truth_in_the_language_of_the_report() -> None:
    right = LesionFacts(Laterality.RIGHT, Zone.APEX, 0.9, 23.4, 8.25)
    facts = Facts({Disease.NODULE: right}, date(2026, 3, 7), "CT")
    english = parse("x", _NODULE)
    assert fill(english, facts) == (
        ("A nodule of 23 mm.",),
        ("It was 0.8 cm on 7 Mar 2026, left lung clear.",),
    )
    line = "{nodule.Side} {nodule.side_f} {nodule.other} {nodule.Zone} {nodule.cm} {nodule.grade}"
    line += " {prior.date} {prior.modality}"
    told = {
        language: fill(replace(english, language=language, findings=(line,)), facts)[0][0]
        for language in ("en", "de", "es", "fr", "pt")
    }
    assert told == {
        "en": "Right right left Upper 2.3 large 7 Mar 2026 CT",
        "de": "Rechts rechts links Ober 2,3 deutlich 07.03.2026 CT",
        "es": "Derecho derecha izquierdo Superior 2,3 importante 07/03/2026 TC",
        "fr": "Droit droite gauche Supérieur 2,3 important 07/03/2026 TDM",
        "pt": "Direito direita esquerdo Superior 2,3 acentuado 07/03/2026 TC",
    }


def test_a_fact_that_is_not_known_is_never_left_out_silently() -> None:
    nodule = LesionFacts(Laterality.RIGHT, Zone.MID, 0.5, 12.0, None)
    with pytest.raises(CorpusError, match=r"corpus/x\.md asks for \{nodule\.prior_cm\}"):
        fill(parse("x", _NODULE), Facts({Disease.NODULE: nodule}, date(2026, 3, 7)))
    with pytest.raises(CorpusError, match=r"nodule\.mm"):
        fill(parse("x", _NODULE), Facts({}))


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("language: en", "language: xx", 3, "language is 'xx'"),
        ("present: nodule", "present: nodul", 7, "'nodul' is no disease"),
        ("absent:", "absent: nodule", 8, "both present and absent"),
        ("placed: any", "placed: right", 10, "no device"),
        ("placed: any\n", "", 10, "no 'placed'"),
        ("voice: test", "voice", 2, "not one front matter key"),
        ("{nodule.mm}", "{mass.mm}", 13, "not among the diseases"),
        ("{nodule.mm}", "{nodule.colour}", 13, "no such fact"),
        ("{nodule.mm}", "{nodule_mm}", 13, "a brace that is no gap"),
        ("change: larger", "change: none", 15, "no such fact here"),
        ("## Impression", "## Conclusion", 14, "'Conclusion' is not known"),
        ("A nodule of {nodule.mm} mm.", "", 16, "'Findings' is missing or empty"),
    ],
)
def test_a_malformed_report_is_named_with_its_line(
    old: str, new: str, line: int, problem: str
) -> None:
    with pytest.raises(CorpusError, match=rf"corpus/x\.md, line {line}: .*{problem}"):
        parse("x", _NODULE.replace(old, new, 1))


def test_a_report_is_chosen_only_where_it_is_true() -> None:
    growing = matching([Disease.PLEURAL_EFFUSION], "film", "PA", "larger")
    assert growing and all(each.change == "larger" for each in growing)
    assert all(each.view in ("PA", "any") for each in growing)
    assert matching([Disease.NODULE, Disease.CHEST_TUBE], "CT") == ()
    without = matching([Disease.ATELECTASIS], "film", "PA", "first")
    assert without and all(each.change == "none" for each in without)


def test_what_has_gone_is_the_disease_that_was_there() -> None:
    gone = matching([], "film", "PA", "gone", main=Disease.PNEUMOTHORAX)
    assert gone and all(each.main is Disease.PNEUMOTHORAX for each in gone)
    assert all(each.change == "none" for each in matching([], "film", "PA", "gone"))


def test_a_tip_that_is_wrong_is_never_called_well_placed() -> None:
    tube = [Disease.TRACHEAL_TUBE]
    wrong = matching(tube, "film", "AP", "first", placed="wrong")
    assert "wrong" in {each.placed for each in wrong}
    assert "right" not in {each.placed for each in wrong}
    unknown = matching(tube, "film", "AP")
    assert unknown and {each.placed for each in unknown} == {"any"}


def test_a_text_about_a_woman_or_an_old_person_is_only_theirs() -> None:
    for_anybody = matching([], "film", "PA+LATERAL", "same")
    assert all(each.sex == "any" and each.ages == (0, 130) for each in for_anybody)
    about_her = matching([], "film", "PA+LATERAL", "same", "F", age=60)
    assert "F" in {each.sex for each in about_her}


@pytest.mark.parametrize("view", ["PA", "AP", "PA+LATERAL"])
@pytest.mark.parametrize("sex", ["F", "M"])
@pytest.mark.parametrize("age", [20, 45, 80])
def test_normal_films_have_many_voices(view: View, sex: Sex, age: int) -> None:
    found = matching([], "film", view, "none", sex, age=age)
    assert len({each.voice for each in found}) >= 10
