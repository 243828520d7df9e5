"""Which report of the corpus a prior study has, and its text once the truth is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast, get_args

from readingroom.sandbox_pacs.patients.corpus import (
    CorpusError,
    Facts,
    LesionFacts,
    WrittenReport,
    fill,
    matching,
    reports,
)
from readingroom.sandbox_pacs.patients.corpus.written import (
    Change,
    Language,
    Modality,
    Placed,
    View,
)
from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.disease import DEVICES, Disease, Lesion
from readingroom.sandbox_pacs.patients.people import Compared, Picture, Report, Study

_LANGUAGE: dict[str, str] = {language: language for language in get_args(Language)}
_IN_OWN_LANGUAGE = 0.75
_COMPARES, _SAYS_FIRST = 0.6, 0.15
"""Of reports that could; the corpus has few that say "no prior", so more would repeat them."""

GREW_SHARE, GREW_MM = 0.15, 3.0
"""What has a size is larger or smaller, and not the same, beyond either of these."""

CHANGED = 0.08
"""The same for what has a degree only, in severity."""


def changes(now: Sequence[Lesion], before: Sequence[Lesion]) -> dict[str, Change]:
    """How each lesion went since another study, by its key."""
    old = {lesion.key: lesion for lesion in before}
    told: dict[str, Change] = {}
    for lesion in now:
        prior = old.pop(lesion.key, None)
        told[lesion.key] = "new" if prior is None else _growth(lesion, prior)
    return told | dict.fromkeys(old, "gone")


def _growth(now: Lesion, before: Lesion) -> Change:
    size_mm, was_mm = now.size_mm, before.size_mm
    if size_mm is not None and was_mm is not None:
        grown, least = size_mm - was_mm, min(GREW_MM, GREW_SHARE * was_mm)
    else:
        grown, least = now.severity - before.severity, CHANGED
    if abs(grown) <= least:
        return "same"
    return "larger" if grown > 0 else "smaller"


def modality_of(study: Study) -> Modality:
    """What the corpus calls a study's modality."""
    return "CT" if study.picture is Picture.CHEST_CT else "film"


@dataclass(frozen=True)
class Asked:
    """What a report is wanted for.

    Attributes:
        study: what the report is about.
        lesions: what it tells; the study's, or fewer where the reader missed one.
        compared: what it may compare with; None for no prior.
        sex, age: of the patient.
        language: of the hospital.
    """

    study: Study
    lesions: tuple[Lesion, ...]
    compared: Compared | None
    sex: str
    age: int
    language: str


def fitting(asked: Asked) -> tuple[WrittenReport, ...]:
    """Reports that tell these lesions, in the language of the hospital and in English."""
    diseases = [lesion.disease for lesion in asked.lesions]
    if len(set(diseases)) < len(diseases):
        return ()
    wanted: list[tuple[Change, Disease | None]] = [("none", None)]
    if asked.compared is None:
        wanted.append(("first", None))
    else:
        told = changes(asked.lesions, asked.compared.lesions)
        diseases_by_key = {
            lesion.key: lesion.disease for lesion in (*asked.compared.lesions, *asked.lesions)
        }
        wanted += [(change, diseases_by_key[key]) for key, change in told.items()]
        if not told:
            wanted.append(("same", None))
    found: dict[str, WrittenReport] = {}
    for change, main in wanted:
        found |= {report.name: report for report in _matching(asked, change, main)}
    return tuple(report for report in found.values() if _can_be_filled(report, asked))


def _matching(asked: Asked, change: Change, main: Disease | None) -> tuple[WrittenReport, ...]:
    placed, misplaced = _placed(asked.lesions)
    found: tuple[WrittenReport, ...] = ()
    for language in dict.fromkeys((_LANGUAGE.get(asked.language, "en"), "en")):
        found += matching(
            [lesion.disease for lesion in asked.lesions],
            modality_of(asked.study),
            _view(asked.study),
            change,
            "F" if asked.sex == "F" else "M",
            placed,
            main=main,
            age=asked.age,
            language=cast(Language, language),
        )
    return tuple(each for each in found if each.placed != "wrong" or each.device == misplaced)


def _view(study: Study) -> View:
    if study.picture is Picture.CHEST_CT:
        return "any"
    if len(study.films) > 1:
        return "PA+LATERAL"
    return "AP" if study.view == "AP" else "PA"


def _placed(lesions: Sequence[Lesion]) -> tuple[Placed, Disease | None]:
    devices = [lesion for lesion in lesions if lesion.disease in DEVICES]
    if not devices:
        return "any", None
    wrong = [lesion.disease for lesion in devices if not lesion.well_placed]
    return ("wrong", wrong[0]) if wrong else ("right", None)


def _can_be_filled(report: WrittenReport, asked: Asked) -> bool:
    try:
        fill(report, facts_of(asked.lesions, asked.compared, {}))
    except CorpusError:  # the text asks for what these lesions have not, such as a side of both
        return False
    return True


def facts_of(
    lesions: Sequence[Lesion], compared: Compared | None, drawn_mm: Mapping[str, float]
) -> Facts:
    """What the texts about these lesions may tell.

    Args:
        lesions: what the study shows.
        compared: the examination before.
        drawn_mm: size by key of the lesion, where the drawing tells it.
    """
    before = {} if compared is None else {each.key: each for each in compared.lesions}
    told: dict[Disease, LesionFacts] = {}
    for lesion in before.values():
        gone = LesionFacts.of(lesion, lesion)
        told[lesion.disease] = replace(gone, mm=None)
    for lesion in lesions:
        facts = LesionFacts.of(lesion, before.get(lesion.key))
        told[lesion.disease] = replace(facts, mm=drawn_mm.get(lesion.key, facts.mm))
    if compared is None:
        return Facts(told)
    return Facts(told, compared.day, compared.modality)


def report_of(dice: Dice, asked: Asked, used: frozenset[str] = frozenset()) -> Report | None:
    """Draw a report that tells these lesions; None where nobody has written one.

    Args:
        dice: drawn from.
        asked: what it is for.
        used: names of reports that this patient has already.
    """
    found = [report for report in fitting(asked) if report.name not in used]
    home = [report for report in found if report.language == _LANGUAGE.get(asked.language)]
    if home and dice.chance(_IN_OWN_LANGUAGE):
        found = home
    comparing = [report for report in found if report.change != "none"]
    plain = [report for report in found if report.change == "none"]
    share = _SAYS_FIRST if asked.compared is None else _COMPARES
    # One text among many that do not compare would be read again and again.
    share *= min(1.0, len(comparing) / 4)
    pool = comparing if comparing and (not plain or dice.chance(share)) else plain
    if not pool:
        return None
    chosen = dice.pick(pool)
    return Report(
        "SR",
        chosen.findings,
        chosen.impression,
        written=chosen.name,
        compared=asked.compared,
        language=chosen.language,
    )


def filled(report: Report, lesions: Sequence[Lesion], drawn_mm: Mapping[str, float]) -> Report:
    """A report of the corpus with its gaps filled.

    Args:
        report: with the name of its corpus report.
        lesions: what the study shows.
        drawn_mm: size by key of the lesion, where the drawing tells it.

    Raises:
        CorpusError: the text asks for what is not known.
    """
    findings, impression = fill(
        written(report.written), facts_of(lesions, report.compared, drawn_mm)
    )
    return replace(report, findings=findings, impression=impression)


@cache
def _by_name() -> dict[str, WrittenReport]:
    return {report.name: report for report in reports()}


def written(name: str) -> WrittenReport:
    """The corpus' report of that name.

    Raises:
        KeyError: there is none.
    """
    return _by_name()[name]
