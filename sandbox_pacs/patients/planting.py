"""Errors put into prior reports and headers on purpose, so that a reader's care can be measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.corpus import CorpusError, Facts, fill_line
from readingroom.sandbox_pacs.patients.corpus.planted import (
    CONTRADICTORY,
    FOLLOW_UP,
    HOSTILE_TAGS,
    HOSTILE_TEXTS,
    OTHER_PATIENT,
    UNSUPPORTED_COMPARISON,
    FollowUp,
    Stranger,
)
from readingroom.sandbox_pacs.patients.corpus.written import SIDE_FIELDS
from readingroom.sandbox_pacs.patients.corpus.wrong_side import on_the_wrong_side
from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.disease import DEVICES, Lesion
from readingroom.sandbox_pacs.patients.people import Patient, Planted, Report, Study
from readingroom.sandbox_pacs.patients.prior_reports import (
    Asked,
    facts_of,
    filled,
    modality_of,
    report_of,
    written,
)

_SIDED = (Laterality.LEFT, Laterality.RIGHT)
_COMPARISON_STARTS = {"de": "Im ", "es": "Sin ", "fr": "Aspect ", "pt": "Piora "}
"""How the sentences of UNSUPPORTED_COMPARISON that are not English begin."""


@dataclass(frozen=True)
class _Scene:
    """A prior study with its report, and what it needs to be made wrong."""

    dice: Dice
    patient: Patient
    study: Study
    report: Report

    @property
    def age(self) -> int:
        return self.patient.age_at(self.study.when.date())

    def with_report(self, report: Report, planted: Planted) -> Study:
        return replace(self.study, report=replace(report, planted=(planted,)))


def plant_in_priors(dice: Dice, patient: Patient, share: float) -> Patient:
    """The patient with one error in this share of the prior reports.

    What an error says is known here, or once the truth is drawn: see `with_planted`.
    """
    priors = []
    for study in patient.priors:
        if study.report is not None and dice.chance(share):
            study = _planted(_Scene(dice, patient, study, study.report))
        priors.append(study)
    return replace(patient, priors=tuple(priors))


def with_planted(
    report: Report, lesions: Sequence[Lesion], drawn_mm: Mapping[str, float]
) -> tuple[Report, tuple[Planted, ...]]:
    """The report filled from the truth, with its errors; and these, in the words that they got.

    Args:
        report: of the corpus.
        lesions: what the study shows.
        drawn_mm: size by key of the lesion, where the drawing tells it.

    Raises:
        CorpusError: the text asks for what is not known.
    """
    done = filled(report, lesions, drawn_mm)
    facts = facts_of(lesions, report.compared, drawn_mm)
    told = []
    for plan in report.planted:
        done, planted = _APPLY.get(plan.kind, _append)(plan, done, facts)
        told.append(planted)
    return done, tuple(told)


def _planted(scene: _Scene) -> Study:
    """The study with one error, of a kind that it can have."""
    plans = list(_PLANS)
    while plans:
        plan = scene.dice.weighted([(each, each[1]) for each in plans])
        plans.remove(plan)
        study = plan[0](scene)
        if study is not None:
            return study
    return scene.study


def _plan_wrong_side(scene: _Scene) -> Study | None:
    section = scene.dice.pick(("findings", "impression"))
    if _sided_line(scene.report, section, scene.study.lesions) is None:
        return None
    return scene.with_report(scene.report, Planted("wrong_side", section, ""))


def _plan_comparison(scene: _Scene) -> Study | None:
    if scene.report.compared is not None:
        return None
    start = _COMPARISON_STARTS.get(scene.report.language)
    others = tuple(_COMPARISON_STARTS.values())
    fitting = [
        text
        for text in UNSUPPORTED_COMPARISON
        if (text.startswith(start) if start else not text.startswith(others))
    ]
    text = scene.dice.pick(fitting)
    return scene.with_report(scene.report, Planted("unsupported_comparison", "findings", text))


def _plan_missed(scene: _Scene) -> Study | None:
    seen = [lesion for lesion in scene.study.lesions if lesion.disease not in DEVICES]
    if not seen:
        return None
    missed = scene.dice.pick(seen)
    compared = scene.report.compared
    if compared is not None:
        compared = replace(compared, lesions=_without(compared.lesions, missed))
    asked = Asked(
        scene.study,
        _without(scene.study.lesions, missed),
        compared,
        scene.patient.sex,
        scene.age,
        scene.report.language,
    )
    report = report_of(scene.dice, asked)
    if report is None:
        return None
    report = replace(report, source=scene.report.source, author=scene.report.author)
    named = " ".join(filter(None, (missed.disease, missed.laterality, missed.zone)))
    return scene.with_report(report, Planted("missed_finding", "findings", "", named))


def _without(lesions: Sequence[Lesion], one: Lesion) -> tuple[Lesion, ...]:
    return tuple(lesion for lesion in lesions if lesion.key != one.key)


def _plan_contradiction(scene: _Scene) -> Study | None:
    facts = facts_of(scene.study.lesions, scene.report.compared, {})
    known = [
        each.impression
        for lesion in scene.study.lesions
        for each in CONTRADICTORY.get(lesion.disease, ())
        if _can_be_filled(each.impression, facts)
    ]
    if not known or scene.report.language != "en":
        return None
    planted = Planted("contradictory_impression", "impression", scene.dice.pick(known))
    return scene.with_report(scene.report, planted)


def _can_be_filled(text: str, facts: Facts) -> bool:
    try:
        fill_line(text, facts)
    except CorpusError:  # this sentence does not fit these lesions; another may
        return False
    return True


def _plan_stranger(scene: _Scene) -> Study | None:
    fitting = [each for each in OTHER_PATIENT if _is_strange(each, scene)]
    text = scene.dice.pick(fitting).text
    return scene.with_report(scene.report, Planted("foreign_sentence", "findings", text))


def _is_strange(stranger: Stranger, scene: _Scene) -> bool:
    youngest, oldest = stranger.ages
    return stranger.wrong_for in ("any", scene.patient.sex) and youngest <= scene.age <= oldest


def _plan_follow_up(scene: _Scene) -> Study | None:
    fitting = [each for each in FOLLOW_UP if _was_not_done(each, scene)]
    if not fitting or scene.report.language != "en":
        return None
    text = scene.dice.pick(fitting).text
    return scene.with_report(scene.report, Planted("follow_up_not_done", "impression", text))


def _was_not_done(follow_up: FollowUp, scene: _Scene) -> bool:
    diseases = {lesion.disease for lesion in scene.study.lesions}
    if follow_up.about is not None and follow_up.about not in diseases:
        return False
    due = scene.study.when + timedelta(days=1.25 * follow_up.due_days)
    later = [study for study in scene.patient.studies if study.when > scene.study.when]
    done = any(study.when <= due and modality_of(study) == follow_up.modality for study in later)
    return not done and scene.patient.current.when > due


def _plan_hostile_text(scene: _Scene) -> Study | None:
    section = scene.dice.pick(("findings", "findings", "impression"))
    text = scene.dice.pick(HOSTILE_TEXTS)
    return scene.with_report(scene.report, Planted("hostile_text", section, text))


def _plan_hostile_tag(scene: _Scene) -> Study | None:
    tag = scene.dice.pick(HOSTILE_TAGS)
    study = scene.study
    usual = {
        "StudyDescription": study.description,
        "SeriesDescription": " | ".join(study.series),
        "InstitutionName": study.device.institution,
    }
    planted = Planted("hostile_tag", tag.keyword, tag.value, usual.get(tag.keyword, ""))
    if tag.keyword == "StudyDescription":
        # The report and the order of this study say the same.
        study = replace(study, description=tag.value)
    return replace(study, planted=(planted,))


_PLANS: tuple[tuple[Callable[[_Scene], Study | None], float], ...] = (
    (_plan_wrong_side, 6),
    (_plan_missed, 3),
    (_plan_contradiction, 3),
    (_plan_comparison, 1.5),
    (_plan_follow_up, 1.5),
    (_plan_stranger, 1),
    (_plan_hostile_text, 1),
    (_plan_hostile_tag, 1),
)
"""With weights: what only fits a report of a disease is tried first, since most are normal."""


def _section(report: Report, name: str) -> tuple[str, ...]:
    return report.findings if name == "findings" else report.impression


def _with_section(report: Report, name: str, lines: tuple[str, ...]) -> Report:
    if name == "findings":
        return replace(report, findings=lines)
    return replace(report, impression=lines)


def _sided_line(
    report: Report, section: str, lesions: Sequence[Lesion]
) -> tuple[int, Lesion] | None:
    """The first line of a section that a lesion gives its side, and that lesion."""
    raw = written(report.written)
    lines = raw.findings if section == "findings" else raw.impression
    for number, line in enumerate(lines):
        for lesion in lesions:
            gaps = (f"{{{lesion.disease}.{field}}}" for field in SIDE_FIELDS)
            if lesion.laterality in _SIDED and any(gap in line for gap in gaps):
                return number, lesion
    return None


def _apply_wrong_side(plan: Planted, report: Report, facts: Facts) -> tuple[Report, Planted]:
    lesions = [Lesion("", disease, told.laterality) for disease, told in facts.lesions.items()]
    found = _sided_line(report, plan.where, lesions)
    if found is None:
        raise AssertionError("a wrong side is planned only for a line that has one")
    number, lesion = found
    raw = written(report.written)
    line = (raw.findings if plan.where == "findings" else raw.impression)[number]
    wrong = fill_line(line, on_the_wrong_side(facts, lesion.disease), raw.language)
    lines = list(_section(report, plan.where))
    planted = replace(plan, text=wrong, instead=lines[number])
    lines[number] = wrong
    return _with_section(report, plan.where, tuple(lines)), planted


def _apply_contradiction(plan: Planted, report: Report, facts: Facts) -> tuple[Report, Planted]:
    text = fill_line(plan.text, facts)
    planted = replace(plan, text=text, instead="\n".join(report.impression))
    return replace(report, impression=(text,)), planted


def _leave(plan: Planted, report: Report, facts: Facts) -> tuple[Report, Planted]:
    """A finding that was missed: the report was chosen without it."""
    return report, plan


def _append(plan: Planted, report: Report, facts: Facts) -> tuple[Report, Planted]:
    lines = (*_section(report, plan.where), plan.text)
    return _with_section(report, plan.where, lines), plan


_APPLY: dict[str, Callable[[Planted, Report, Facts], tuple[Report, Planted]]] = {
    "wrong_side": _apply_wrong_side,
    "contradictory_impression": _apply_contradiction,
    "missed_finding": _leave,
}
