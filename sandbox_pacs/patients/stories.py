"""What happens to people who come for a chest film: what they have, and when they are seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.disease import Course, Disease, Lesion
from readingroom.sandbox_pacs.patients.identifiers import Kind

_RIGHT, _LEFT, _MIDLINE = Laterality.RIGHT, Laterality.LEFT, Laterality.MIDLINE
_BOTH = Laterality.BILATERAL
_LUNG = (Zone.UPPER, Zone.MID, Zone.LOWER)


@dataclass(frozen=True)
class Visit:
    """One examination: how many days before the current one, and of what kind."""

    days_ago: int
    kind: Kind


@dataclass(frozen=True)
class Tale:
    """A story told for one patient.

    Attributes:
        visits: the current one first, then older ones.
    """

    courses: tuple[Course, ...]
    visits: tuple[Visit, ...]

    def on(self, day: date) -> tuple[Lesion, ...]:
        """What the patient has on a day."""
        lesions = (course.on(day) for course in self.courses)
        return tuple(lesion for lesion in lesions if lesion is not None)


@dataclass(frozen=True)
class Story:
    """A kind of story.

    Attributes:
        weight: share of patients that it is told of, in any unit.
        theme: of the indication.
        ages: years, both ends included.
        at_night: share of current studies between 19 and 7 o'clock.
        urgency: of the order, with weights.
        sex: "F" where it is told of women only.
    """

    name: str
    weight: float
    theme: str
    ages: tuple[int, int]
    tell: Callable[[Dice, date], Tale]
    at_night: float = 0.1
    urgency: tuple[tuple[str, float], ...] = (("ROUTINE", 4), ("HIGH", 1))
    sex: str = ""


_URGENT = (("STAT", 3.0), ("HIGH", 3.0), ("ROUTINE", 1.0))
_PLANNED = (("ROUTINE", 9.0), ("LOW", 1.0))


def _side(dice: Dice) -> Laterality:
    return _RIGHT if dice.chance(0.55) else _LEFT


def _lesion(
    dice: Dice,
    disease: Disease,
    side: Laterality,
    zone: Zone = Zone.NONE,
    severity: tuple[float, float] = (0.25, 1.0),
    well_placed: bool = True,
) -> Lesion:
    return Lesion(
        key=f"{disease}-{side or 'none'}",
        disease=disease,
        laterality=side,
        zone=zone,
        severity=round(dice.between(*severity), 3),
        place=dice.whole(0, 999_999),
        well_placed=well_placed,
    )


def _course(
    today: date, lesion: Lesion, onset: int, peak: int, resolved: int | None = None
) -> Course:
    """A course by days before today; a negative one lies ahead."""
    gone = None if resolved is None else today - timedelta(days=resolved)
    return Course(lesion, today - timedelta(days=onset), today - timedelta(days=peak), gone)


def _visits(now: Kind, *before: tuple[int, Kind]) -> tuple[Visit, ...]:
    """The current visit and those before it, whose days ago grow."""
    return (Visit(0, now), *(Visit(days, kind) for days, kind in before))


def _film(dice: Dice) -> Kind:
    return "pa_ll" if dice.chance(0.4) else "pa"


def _old_films(dice: Dice, most: int, since: int = 200) -> list[tuple[int, Kind]]:
    """Earlier films, taken before whatever the story is about."""
    films: list[tuple[int, Kind]] = []
    days = since
    for _ in range(dice.whole(0, most)):
        days += dice.whole(90, 900)
        films.append((days, _film(dice)))
    return films


def _maybe_ct(dice: Dice, *days_ago: int, chance: float = 0.6) -> list[tuple[int, Kind]]:
    return [(dice.pick(days_ago), "ct")] if dice.chance(chance) else []


def _healthy(dice: Dice, today: date) -> Tale:
    return Tale((), _visits(_film(dice), *_old_films(dice, 3)))


def _healthy_in_bed(dice: Dice, today: date) -> Tale:
    return Tale(
        (), _visits("supine", *_maybe_ct(dice, 700, 1100, chance=0.2), *_old_films(dice, 1, 1200))
    )


def _pneumonia(dice: Dice, today: date) -> Tale:
    sick = _lesion(dice, Disease.CONSOLIDATION, _side(dice), dice.pick(_LUNG))
    courses = [_course(today, sick, dice.whole(2, 6), dice.whole(-3, 1))]
    before: list[tuple[int, Kind]] = []
    if dice.chance(0.35):
        onset = dice.whole(8, 14)
        courses = [_course(today, sick, onset, dice.whole(-4, 3))]
        before = [(dice.whole(4, 6), "pa")]
    if dice.chance(0.25):
        fluid = _lesion(dice, Disease.PLEURAL_EFFUSION, sick.laterality, Zone.BASE, (0.15, 0.5))
        courses.append(_course(today, fluid, 3, 0))
    kind: Kind = "portable" if dice.chance(0.2) else _film(dice)
    return Tale(tuple(courses), _visits(kind, *before, *_old_films(dice, 2)))


def _pneumonia_resolved(dice: Dice, today: date) -> Tale:
    sick = _lesion(dice, Disease.CONSOLIDATION, _side(dice), dice.pick(_LUNG), (0.4, 1.0))
    seen = dice.whole(35, 60)
    course = _course(today, sick, seen + 4, seen - 1, dice.whole(1, 8))
    before: list[tuple[int, Kind]] = [(seen, _film(dice))]
    if dice.chance(0.5):
        before.insert(0, (seen - dice.whole(7, 20), "pa"))
    visits = _visits(_film(dice), *before, *_old_films(dice, 2))
    return Tale((course,), visits)


def _heart(dice: Dice, today: date, grows: bool) -> Tale:
    side = _RIGHT if dice.chance(0.75) else _LEFT
    heart = _lesion(dice, Disease.CARDIOMEGALY, _MIDLINE, Zone.NONE, (0.4, 1.0))
    wet = _lesion(dice, Disease.INTERSTITIAL_OEDEMA, _BOTH, Zone.NONE, (0.4, 1.0))
    fluid = _lesion(dice, Disease.PLEURAL_EFFUSION, side, Zone.BASE, (0.2, 0.7))
    days = dice.whole(3, 9)
    courses = [_course(today, heart, 2500, 400)]
    for lesion, share in ((wet, 0.8), (fluid, 0.6)):
        if dice.chance(share):
            worse = _course(today, lesion, days + 1 + dice.whole(0, 4), -1)
            better = _course(today, lesion, days + 6, days, -dice.whole(2, 12))
            courses.append(worse if grows else better)
    now: Kind = "portable" if dice.chance(0.35) else _film(dice)
    then: Kind = _film(dice) if grows else dice.pick(("portable", "pa"))
    before: list[tuple[int, Kind]] = [(days, then)]
    if dice.chance(0.4):
        before.append((dice.whole(300, 700), "pa"))
    return Tale(tuple(courses), _visits(now, *before, *_maybe_ct(dice, 800, 1300, chance=0.2)))


def _heart_worse(dice: Dice, today: date) -> Tale:
    return _heart(dice, today, grows=True)


def _heart_better(dice: Dice, today: date) -> Tale:
    return _heart(dice, today, grows=False)


def _nodule_grows(dice: Dice, today: date) -> Tale:
    nodule = _lesion(dice, Disease.NODULE, _side(dice), dice.pick(_LUNG), (0.35, 1.0))
    onset = dice.whole(150, 900)
    middle = dice.whole(60, 140)
    before: list[tuple[int, Kind]] = [(middle, _film(dice))]
    before += _maybe_ct(dice, middle + 5)
    if dice.chance(0.6):
        before.append((onset + dice.whole(30, 400), "pa"))
    return Tale((_course(today, nodule, onset, -20),), _visits(_film(dice), *before))


def _nodule_stays(dice: Dice, today: date) -> Tale:
    nodule = _lesion(dice, Disease.NODULE, _side(dice), dice.pick(_LUNG), (0.1, 0.6))
    course = _course(today, nodule, 4000, 3900)
    before: list[tuple[int, Kind]] = [(dice.whole(100, 200), _film(dice))]
    before += _maybe_ct(dice, 260, 380)
    if dice.chance(0.5):
        before.append((dice.whole(400, 900), "pa"))
    return Tale((course,), _visits(_film(dice), *before))


def _mass(dice: Dice, today: date) -> Tale:
    side = _side(dice)
    mass = _lesion(dice, Disease.MASS, side, dice.pick(_LUNG), (0.1, 1.0))
    onset = dice.whole(100, 500)
    courses = [_course(today, mass, onset, -10)]
    if dice.chance(0.3):
        hilum = _lesion(dice, Disease.HILAR_ENLARGEMENT, side, Zone.NONE, (0.2, 0.8))
        courses.append(_course(today, hilum, onset - 60, -10))
    before: list[tuple[int, Kind]] = _maybe_ct(dice, 7, 20)
    if dice.chance(0.4):
        before.append((dice.whole(30, 90), "pa"))
    return Tale(tuple(courses), _visits(_film(dice), *before, *_old_films(dice, 1, onset)))


def _intensive_care(dice: Dice, today: date) -> Tale:
    """Ventilated, a film a day: tubes come, something behind them changes."""
    days = dice.whole(1, 4)
    tube = _lesion(
        dice, Disease.TRACHEAL_TUBE, _MIDLINE, Zone.NONE, (0.5, 0.5), not dice.chance(0.25)
    )
    courses = [_course(today, tube, days, days)]
    if dice.chance(0.65):
        line = _lesion(dice, Disease.CENTRAL_LINE, _RIGHT, Zone.NONE, (0.5, 0.5))
        since = dice.whole(0, days)
        courses.append(_course(today, line, since, since))
    sick = dice.weighted(
        (
            (Disease.CONSOLIDATION, 3.0),
            (Disease.ATELECTASIS, 2.0),
            (Disease.PLEURAL_EFFUSION, 2.0),
            (Disease.INTERSTITIAL_OEDEMA, 1.0),
            (None, 2.0),
        )
    )
    if sick is not None:
        wet = sick is Disease.INTERSTITIAL_OEDEMA
        zone = {Disease.CONSOLIDATION: dice.pick(_LUNG), Disease.ATELECTASIS: Zone.LOWER}
        place = Zone.BASE if sick is Disease.PLEURAL_EFFUSION else zone.get(sick, Zone.NONE)
        lesion = _lesion(dice, sick, _BOTH if wet else _side(dice), place)
        onset = dice.whole(days, days + 3)
        better = dice.chance(0.4)
        courses.append(
            _course(today, lesion, onset, max(onset - 2, 0), -3)
            if better
            else _course(today, lesion, onset, -1)
        )
    before: list[tuple[int, Kind]] = [(day, "portable") for day in range(1, days + 1)][:4]
    if len(before) < 4:
        before += _old_films(dice, 1)
    return Tale(tuple(courses), _visits("portable", *before))


def _trauma(dice: Dice, today: date) -> Tale:
    side = _side(dice)
    ribs = _lesion(dice, Disease.RIB_FRACTURE, side, dice.pick((Zone.MID, Zone.LOWER)))
    air = _lesion(dice, Disease.PNEUMOTHORAX, side, Zone.APEX, (0.2, 0.9))
    days = dice.whole(1, 3)
    hurt = days if dice.chance(0.6) else 0
    courses = [_course(today, ribs, hurt, hurt)]
    before: list[tuple[int, Kind]] = []
    drained = hurt > 0 and dice.chance(0.7)
    if hurt:
        before.append((hurt, "supine"))
    if drained or dice.chance(0.5):
        courses.append(_course(today, air, hurt, hurt, -dice.whole(1, 4) if drained else None))
    if drained:
        drain = _lesion(dice, Disease.CHEST_TUBE, side, Zone.NONE, (0.5, 0.5), not dice.chance(0.2))
        courses.append(_course(today, drain, hurt - 1, hurt - 1))
    now: Kind = dice.pick(("portable", "pa")) if hurt else dice.pick(("supine", "pa"))
    if hurt and dice.chance(1 / 3):
        # After the first film, on the same day: the tube that comes later is not on it.
        before = [(hurt, "ct"), (hurt, "supine")]
    return Tale(tuple(courses), _visits(now, *before, *_old_films(dice, 1)))


def _pneumothorax(dice: Dice, today: date) -> Tale:
    air = _lesion(dice, Disease.PNEUMOTHORAX, _side(dice), Zone.APEX, (0.2, 1.0))
    now: Kind = _film(dice)
    if dice.chance(0.5):
        days = dice.whole(2, 8)
        course = _course(today, air, days, days, -dice.whole(1, 20))
        return Tale((course,), _visits(now, (days, "pa"), *_old_films(dice, 1)))
    return Tale((_course(today, air, 0, 0),), _visits(now, *_old_films(dice, 2)))


def _copd(dice: Dice, today: date) -> Tale:
    lungs = _lesion(dice, Disease.EMPHYSEMA, _BOTH, Zone.NONE, (0.5, 1.0))
    courses = [_course(today, lungs, 5000, 100)]
    before: list[tuple[int, Kind]] = []
    if dice.chance(0.3):
        sick = _lesion(dice, Disease.CONSOLIDATION, _side(dice), dice.pick(_LUNG))
        courses.append(_course(today, sick, 4, 0))
    if dice.chance(0.7):
        before.append((dice.whole(100, 300), _film(dice)))
    before += _maybe_ct(dice, 350, 390)
    if dice.chance(0.5):
        before.append((dice.whole(400, 1500), "pa"))
    return Tale(tuple(courses), _visits(_film(dice), *before))


def _pacemaker(dice: Dice, today: date) -> Tale:
    side = _LEFT if dice.chance(0.85) else _RIGHT
    device = _lesion(dice, Disease.PACEMAKER, side, Zone.NONE, (0.5, 0.5), not dice.chance(0.15))
    since = dice.pick((0, 1, 400))
    courses = [_course(today, device, since, since)]
    if dice.chance(0.35):
        heart = _lesion(dice, Disease.CARDIOMEGALY, _MIDLINE, Zone.NONE, (0.3, 0.9))
        courses.append(_course(today, heart, 3000, 600))
    if since < 2 and dice.chance(0.15):
        air = _lesion(dice, Disease.PNEUMOTHORAX, side, Zone.APEX, (0.15, 0.5))
        courses.append(_course(today, air, since, since))
    before: list[tuple[int, Kind]] = [(since or 3, _film(dice))] if dice.chance(0.7) else []
    return Tale(tuple(courses), _visits(_film(dice), *before, *_old_films(dice, 2, 420)))


def _aorta(dice: Dice, today: date) -> Tale:
    wide = _lesion(dice, Disease.WIDE_MEDIASTINUM, _MIDLINE, Zone.NONE, (0.4, 1.0))
    onset = dice.pick((0, 0, 1500))
    now: Kind = "pa" if dice.chance(0.6) else "supine"
    before = _maybe_ct(dice, 150, 320)
    course = _course(today, wide, onset, min(onset, 60))
    return Tale((course,), _visits(now, *before, *_old_films(dice, 2, 400)))


def _post_op(dice: Dice, today: date) -> Tale:
    flat = _lesion(
        dice, Disease.ATELECTASIS, _side(dice), dice.pick((Zone.LOWER, Zone.LOWER, Zone.UPPER))
    )
    days = dice.whole(1, 2)
    courses = [_course(today, flat, days, dice.pick((0, -1)))]
    if dice.chance(0.3):
        fluid = _lesion(dice, Disease.PLEURAL_EFFUSION, flat.laterality, Zone.BASE, (0.1, 0.4))
        courses.append(_course(today, fluid, days, 0))
    now: Kind = "portable" if dice.chance(0.6) else _film(dice)
    before: list[tuple[int, Kind]] = [(days, "portable")] if dice.chance(0.4) else []
    before.append((days + dice.whole(4, 30), _film(dice)))
    return Tale(tuple(courses), _visits(now, *before))


def _malignant_effusion(dice: Dice, today: date) -> Tale:
    fluid = _lesion(dice, Disease.PLEURAL_EFFUSION, _side(dice), Zone.BASE, (0.4, 1.0))
    days = dice.whole(14, 50)
    onset = days + dice.whole(5, 60)
    before: list[tuple[int, Kind]] = [(days, _film(dice)), *_maybe_ct(dice, days + 2)]
    if dice.chance(0.6):
        before.append((onset + dice.whole(30, 300), _film(dice)))
    return Tale((_course(today, fluid, onset, -5),), _visits(_film(dice), *before))


def _hilum(dice: Dice, today: date) -> Tale:
    hilum = _lesion(dice, Disease.HILAR_ENLARGEMENT, _side(dice), Zone.NONE, (0.3, 1.0))
    onset = dice.whole(50, 400)
    before = _maybe_ct(dice, 10, 30)
    if dice.chance(0.4):
        before.append((onset // 2 + 31, "pa"))
    course = _course(today, hilum, onset, 0)
    return Tale((course,), _visits(_film(dice), *before, *_old_films(dice, 2, onset)))


def _line(dice: Dice, today: date) -> Tale:
    side = _RIGHT if dice.chance(0.8) else _LEFT
    line = _lesion(dice, Disease.CENTRAL_LINE, side, Zone.NONE, (0.5, 0.5), not dice.chance(0.3))
    courses = [_course(today, line, 0, 0)]
    if dice.chance(0.15):
        air = _lesion(dice, Disease.PNEUMOTHORAX, side, Zone.APEX, (0.15, 0.6))
        courses.append(_course(today, air, 0, 0))
    before: list[tuple[int, Kind]] = [(dice.whole(1, 5), "portable")] if dice.chance(0.6) else []
    now: Kind = "portable" if dice.chance(0.8) else "supine"
    return Tale(tuple(courses), _visits(now, *before, *_old_films(dice, 1)))


STORIES: tuple[Story, ...] = (
    Story("check_up", 14, "check_up", (18, 75), _healthy, 0.0, _PLANNED),
    Story("pre_op", 13, "pre_op", (30, 90), _healthy, 0.0, _PLANNED),
    Story("nothing_found", 14, "unclear", (18, 95), _healthy, 0.35),
    Story("trauma_unhurt", 6, "trauma", (18, 85), _healthy_in_bed, 0.5, _URGENT),
    Story("pneumonia_resolved", 8, "pneumonia_after", (20, 90), _pneumonia_resolved, 0.0, _PLANNED),
    Story("pneumonia", 8, "pneumonia", (18, 95), _pneumonia, 0.3),
    Story("heart_failure_worse", 7, "heart_failure", (55, 95), _heart_worse, 0.35, _URGENT),
    Story("heart_failure_better", 4, "heart_failure", (55, 95), _heart_better),
    Story("nodule_growing", 6, "nodule", (45, 88), _nodule_grows, 0.0),
    Story("nodule_stable", 4, "nodule", (40, 85), _nodule_stays, 0.0, _PLANNED),
    Story("mass", 4, "mass", (45, 90), _mass, 0.05),
    Story("intensive_care", 8, "icu", (25, 90), _intensive_care, 0.6, _URGENT),
    Story("trauma", 6, "trauma", (18, 85), _trauma, 0.5, _URGENT),
    Story("pneumothorax", 4, "pneumothorax", (18, 40), _pneumothorax, 0.35, _URGENT),
    Story("copd", 5, "copd", (50, 92), _copd, 0.3),
    Story("pacemaker", 5, "pacemaker", (55, 95), _pacemaker, 0.05),
    Story("aorta", 3, "aorta", (50, 90), _aorta, 0.4, _URGENT),
    Story("post_op", 5, "post_op", (30, 90), _post_op, 0.2),
    Story("malignant_effusion", 4, "effusion", (40, 90), _malignant_effusion, sex="F"),
    Story("hilum", 3, "hilum", (22, 60), _hilum, 0.0),
    Story("line", 4, "line", (25, 92), _line, 0.4, _URGENT),
)
"""A story's place is part of what is drawn, so new ones go to the end."""
