"""Which reports of the corpus fit what a study shows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources

from readingroom.sandbox_pacs.patients.corpus.written import (
    COMPARING,
    Change,
    Language,
    Modality,
    Placed,
    Sex,
    View,
    WrittenReport,
    parse,
)
from readingroom.sandbox_pacs.patients.disease import Disease


@cache
def reports() -> tuple[WrittenReport, ...]:
    """All reports, by file name.

    Raises:
        CorpusError: a file is malformed.
    """
    files = (each for each in resources.files(__package__).iterdir() if each.name.endswith(".md"))
    return tuple(
        parse(each.name.removesuffix(".md"), each.read_text(encoding="utf-8"))
        for each in sorted(files, key=lambda each: each.name)
    )


def matching(
    present: Iterable[Disease],
    modality: Modality,
    view: View = "any",
    change: Change = "none",
    sex: Sex = "any",
    placed: Placed = "any",
    *,
    main: Disease | None = None,
    age: int | None = None,
    language: Language | None = None,
) -> tuple[WrittenReport, ...]:
    """Reports that say what this study shows, and nothing that it does not; maybe none.

    `present`, `modality`, `sex`, `age` and `placed` are never relaxed. A text without a view fits
    every view. The first of these that finds something is the answer:

    1. with this change of the main disease;
    2. without a comparison (change "none").

    Args:
        present: exactly what is drawn.
        modality: of the study.
        view: "any" asks for texts that name no view.
        change: of the main disease since the prior.
        sex: of the patient; "any" lets only texts for both through.
        placed: "right" where all devices are; "wrong" where one is not: then compare its disease
            with the report's `device`. A text that does not tell fits both.
        main: the disease that has changed, which for "gone" must be given.
        age: full years; None lets only texts for every age through.
        language: None for all.
    """
    wanted = frozenset(present)
    fitting = [
        each
        for each in reports()
        if frozenset(each.present) == wanted
        and each.modality == modality
        and each.view in (view, "any")
        and each.sex in (sex, "any")
        and each.placed in (placed, "any")
        and _fits_age(each, age)
        and language in (None, each.language)
    ]
    exact = tuple(each for each in fitting if _tells(each, change, main))
    return exact or tuple(each for each in fitting if each.change == "none")


def _fits_age(report: WrittenReport, age: int | None) -> bool:
    first, last = report.ages
    if age is None:
        return first == 0 and last >= 120
    return first <= age <= last


def _tells(report: WrittenReport, change: Change, main: Disease | None) -> bool:
    if report.change != change:
        return False
    if change == "gone":
        return report.main == main
    return change not in COMPARING or main in (None, report.main)
