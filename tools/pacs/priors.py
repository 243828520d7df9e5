"""Priors of a study: the same patient's earlier studies that a reader would want beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Protocol

from readingroom.domain.errors import BadInput
from readingroom.domain.ids import StudyUID
from readingroom.domain.outcome import Failed, Found, Nothing, Outcome
from readingroom.domain.study import Prior, PriorReport, SeriesRef, StudyRef
from readingroom.tools.pacs.link import with_series
from readingroom.tools.pacs.query import StudyQuery
from readingroom.tools.pacs.relevance import family_of, regions_of

ReportLookup = Callable[[StudyRef], PriorReport | None]

_FAMILY_WORDS = {"XR": "radiograph", "CT": "CT", "MR": "MR"}


class Finder(Protocol):
    """What the search asks of a PACS link."""

    def find_studies(self, study_query: StudyQuery) -> Outcome[StudyRef]:
        """Studies that match."""
        ...

    def find_series(self, study_uid: StudyUID) -> Outcome[SeriesRef]:
        """Series of a study."""
        ...


def find_priors(
    link: Finder, current: StudyRef, report_lookup: ReportLookup | None = None
) -> Outcome[Prior]:
    """Earlier relevant studies of the same patient, newest first, labelled P1, P2 and so on.

    Relevant is a radiograph, CT or MR of the same region of the body; a study of the same
    modality that names no region is kept as well, and its reason says so.

    Args:
        link: the PACS.
        current: the study that is read, with the body parts of its series.
        report_lookup: report of a study from elsewhere (the RIS), None where there is none. A
            report that is a DICOM SR in the study itself is named in the reason and comes with
            the images.

    Returns:
        Found, Nothing, or Failed when any query failed or what the PACS listed is not all.

    Raises:
        ConfigError: an AE title is wrong.
    """
    if current.study_date is None:
        return Failed("the open study has no date: which studies are older is not known", False)
    earlier = _earlier_studies(link, current)
    if not isinstance(earlier, Found):
        return earlier
    picked: list[tuple[StudyRef, str, str]] = []
    for study in earlier.items:
        series = link.find_series(study.study_uid)
        if isinstance(series, Failed):
            return Failed(f"the search for priors broke off: {series.reason}", series.retryable)
        known = with_series(study, series.items) if isinstance(series, Found) else study
        reason = _reason(current, known)
        if reason:
            picked.append((known, reason, family_of(known.modalities)))
    picked.sort(key=lambda each: _when(each[0]), reverse=True)
    priors = tuple(_prior(number, *each, report_lookup) for number, each in enumerate(picked, 1))
    if priors:
        return Found(priors, earlier.cut_short)
    if earlier.cut_short:
        return Failed("the PACS cut its list of earlier studies short, and none in it is relevant")
    return Nothing()


def _earlier_studies(link: Finder, current: StudyRef) -> Outcome[StudyRef]:
    try:
        query = StudyQuery(patient_id=current.patient.patient_id, date_to=current.study_date)
    except BadInput:
        return Failed("the patient ID of the open study cannot be searched for", False)
    if not current.patient.patient_id:
        return Failed("the open study has no patient ID: its priors cannot be searched", False)
    outcome = link.find_studies(query)
    if not isinstance(outcome, Found):
        return outcome
    earlier = tuple(each for each in outcome.items if _is_earlier(each, current))
    if earlier or not outcome.cut_short:
        return Found(earlier, outcome.cut_short) if earlier else Nothing()
    return Failed("the PACS cut its list of the patient's studies short")


def _is_earlier(study: StudyRef, current: StudyRef) -> bool:
    """Same patient, another study, before the current one; without a date it is not known."""
    mine, theirs = current.patient, study.patient
    if mine.patient_id != theirs.patient_id or study.study_uid == current.study_uid:
        return False
    if mine.issuer and theirs.issuer and mine.issuer != theirs.issuer:
        return False
    if study.study_date is None or current.study_date is None:
        return False
    if study.study_date != current.study_date:
        return study.study_date < current.study_date
    return bool(study.study_time and current.study_time) and _when(study) < _when(current)


def _when(study: StudyRef) -> tuple[date, str]:
    return (study.study_date or date.min, study.study_time[:6].ljust(6, "0"))


def _reason(current: StudyRef, study: StudyRef) -> str:
    """Why a reader would want it; empty when not."""
    family = family_of(study.modalities)
    if family not in _FAMILY_WORDS:
        return ""
    here, there = regions_of(current), regions_of(study)
    what = _FAMILY_WORDS[family]
    shared = here & there
    if shared:
        what = f"{' and '.join(sorted(shared))} {what}"
    elif (here and there) or family != family_of(current.modalities):
        return ""
    else:
        what = f"{what}, body part not stated{'' if here else ' in the open study'}"
    assert current.study_date is not None and study.study_date is not None
    interval = interval_words(study.study_date, current.study_date)
    report = "; report (SR) in the PACS" if "SR" in study.modalities else ""
    return f"same patient, {what}, {interval}{report}"


def interval_words(earlier: date, later: date) -> str:
    """An interval as a person says it: "3 days earlier", "15 months earlier".

    Whole months by the calendar; from two years on, the nearest year.
    """
    days = (later - earlier).days
    if days == 0:
        return "earlier the same day"
    if days < 14:
        return _count(days, "day")
    if days < 63:
        return _count(days // 7, "week")
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    months -= later.day < earlier.day
    return _count(months, "month") if months < 24 else _count(round(months / 12), "year")


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number != 1 else ''} earlier"


def _prior(
    number: int, study: StudyRef, reason: str, family: str, lookup: ReportLookup | None
) -> Prior:
    report = lookup(study) if lookup is not None else None
    return Prior(f"P{number}", study, reason, family, report)
