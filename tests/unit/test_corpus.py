"""The reports of the sandbox: whole, by hand, and never at odds with what is drawn."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest

from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.corpus import (
    Facts,
    LesionFacts,
    WrittenReport,
    fill,
    matching,
    reports,
)
from readingroom.sandbox_pacs.patients.corpus.written import GAP
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


def _sentences(report: WrittenReport) -> list[str]:
    ends = re.compile(r"(?<=[.!?])\s+")
    told = (each for line in _text(report).split("\n") for each in ends.split(line))
    return [each for each in told if re.search(r"[^\W\d_]", each)]


def _skeleton(sentence: str) -> str:
    """A sentence without what changes from patient to patient."""
    bare = GAP.sub("#", sentence.lower())
    bare = re.sub(r"\b(left|right|upper|mid|middle|lower|bilateral|both)\b", "#", bare)
    bare = re.sub(r"\d+([./,-]\d+)*", "#", bare)
    return " ".join(re.findall(r"#|[^\W\d_]+", bare))


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
    counts = Counter(_skeleton(each) for report in reports() for each in _sentences(report))
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
