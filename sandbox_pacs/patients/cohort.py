"""As many patients as wanted, one after the other, the same for the same seed everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.identifiers import Kind, Site, scrambled
from readingroom.sandbox_pacs.patients.indications import indication
from readingroom.sandbox_pacs.patients.names import GROUPS, group_by_key, person_name
from readingroom.sandbox_pacs.patients.people import (
    Compared,
    Patient,
    Picture,
    Setting,
    Split,
    Study,
)
from readingroom.sandbox_pacs.patients.planting import plant_in_priors
from readingroom.sandbox_pacs.patients.prior_reports import Asked, modality_of, report_of
from readingroom.sandbox_pacs.patients.sites import SITES
from readingroom.sandbox_pacs.patients.stories import STORIES, Story, Tale, Visit

MOST_PATIENTS = 100_000
MOST_SEEDS = 1_000
_SPLITS: tuple[Split, ...] = ("train", "dev", "test")
_FIRST_ANATOMY = 10_000_000

FIRST_DAY = date(2026, 10, 1)
_DAYS = 50
"""Current studies are of these days."""

SMALL_ROWS, FULL_ROWS = 512, 2048
_MOST_PRIORS = 4
_PLANTED_SHARE = 0.15
_KNEE_SHARE = 0.06
_UNREPORTED_SHARE = 0.08


_View = Literal["PA", "AP", ""]
_Quality = Literal["adequate", "underexposed", "noisy", "rotated"]
_VIEW: dict[Kind, _View] = {
    "pa": "PA",
    "pa_ll": "PA",
    "portable": "AP",
    "supine": "AP",
    "ct": "",
    "knee": "AP",
}
_PICTURE: dict[Kind, Picture] = {"ct": Picture.CHEST_CT, "knee": Picture.KNEE_FILM}
_SETTING: dict[Kind, Setting] = {"portable": "portable", "supine": "supine", "ct": "supine"}
_STANDING: tuple[tuple[_Quality, float], ...] = (
    ("adequate", 90),
    ("underexposed", 3),
    ("noisy", 3),
    ("rotated", 4),
)
_LYING: tuple[tuple[_Quality, float], ...] = (
    ("adequate", 70),
    ("underexposed", 8),
    ("noisy", 8),
    ("rotated", 14),
)


@dataclass(frozen=True)
class CohortKey:
    """What a cohort is drawn from.

    Attributes:
        seed: 0 to 999, so that identifiers of all cohorts differ.
        small: films of 512 rows and no CT; the same people under other identifiers.
    """

    seed: int
    split: Split
    small: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.seed < MOST_SEEDS:
            raise ValueError(f"the seed of a cohort lies in 0 to {MOST_SEEDS - 1}")
        if self.split not in _SPLITS:
            raise ValueError(f"a cohort is of one of {', '.join(_SPLITS)}")

    @property
    def name(self) -> str:
        """Such as "train-7-small"; a file name."""
        return f"{self.split}-{self.seed}{'-small' if self.small else ''}"

    def anatomy(self, index: int) -> int:
        """Seed of a patient's anatomy, the same in both sizes."""
        return _FIRST_ANATOMY + self._person(index)

    def number(self, index: int) -> int:
        """What a patient's identifiers are made of; no other patient has it."""
        return 2 * self._person(index) + int(self.small)

    def _person(self, index: int) -> int:
        if not 0 <= index < MOST_PATIENTS:
            raise ValueError(f"a cohort has at most {MOST_PATIENTS} patients")
        return (self.seed * len(_SPLITS) + _SPLITS.index(self.split)) * MOST_PATIENTS + index


def cohort(
    count: int, seed: int, split: Split = "train", *, small: bool = False
) -> Iterator[Patient]:
    """Draw patients one by one.

    A longer cohort begins with the shorter one. No two seeds, splits or sizes share an
    identifier.

    Args:
        count: patients, 0 to 100,000.
        seed: 0 to 999.
        split: what may use them.
        small: films of 512 rows, and no CT.

    Raises:
        ValueError: a number is out of range.
    """
    key = CohortKey(seed, split, small)
    if not 0 <= count <= MOST_PATIENTS:
        raise ValueError(f"a cohort has at most {MOST_PATIENTS} patients")
    return (patient_at(key, index) for index in range(count))


def patient_at(key: CohortKey, index: int) -> Patient:
    """One patient of a cohort, without those before."""
    return _Author(key, index).patient()


def _visits_of(dice: Dice, tale: Tale, small: bool) -> tuple[Visit, ...]:
    wanted = [visit for visit in tale.visits if not (small and visit.kind == "ct")]
    if dice.chance(_KNEE_SHARE):
        # A prior that has nothing to do with the chest.
        wanted.append(Visit(tale.visits[-1].days_ago + dice.whole(100, 900), "knee"))
    return tuple(wanted[: _MOST_PRIORS + 1])


class _Author:
    """Tells the story of one patient; each part has dice of its own."""

    def __init__(self, key: CohortKey, index: int) -> None:
        self._key, self._index = key, index
        who = self._dice("who")
        self._story: Story = who.weighted([(story, story.weight) for story in STORIES])
        self._site: Site = who.pick(SITES)
        self._sex = self._story.sex or who.pick(("F", "M"))
        self._today = self._current_day(who)
        age = who.whole(*self._story.ages)
        self._born = self._today - timedelta(days=int(age * 365.25) + who.whole(3, 355))

    def _dice(self, *parts: str | int) -> Dice:
        return Dice("cohort", self._key.seed, self._key.split, self._index, *parts)

    def _current_day(self, dice: Dice) -> date:
        day = FIRST_DAY + timedelta(days=dice.whole(0, _DAYS - 1))
        if self._story.at_night == 0 and day.weekday() > 4:
            day -= timedelta(days=2)
        return day

    def patient(self) -> Patient:
        number = scrambled(self._key.number(self._index))
        tale = self._story.tell(self._dice("story"), self._today)
        visits = _visits_of(self._dice("visits"), tale, self._key.small)
        times = self._times(visits)
        studies = [
            self._study(number, len(visits) - 1 - place, visit, when, tale)
            for place, (visit, when) in enumerate(zip(visits, times, strict=True))
        ]
        current = self._with_order(studies[0])
        patient = Patient(
            scenario=self._story.name,
            patient_id=self._site.patient_id(number),
            name=self._name(),
            birth_date=self._born,
            sex=self._sex,
            seed=self._key.anatomy(self._index),
            current=current,
            priors=tuple(studies[1:]),
            split=self._key.split,
            other_ids=self._other_ids(number),
            issuer=self._site.issuer,
        )
        reported = replace(patient, priors=self._reported(patient))
        return plant_in_priors(self._dice("planted"), reported, _PLANTED_SHARE)

    def _name(self) -> str:
        dice = self._dice("name")
        if dice.chance(0.7):
            group = group_by_key(dice.pick(self._site.name_groups))
            return person_name(dice, group, self._sex, self._site.native_script)
        return person_name(dice, dice.pick(GROUPS), self._sex, dice.chance(0.5))

    def _other_ids(self, number: int) -> tuple[tuple[str, str], ...]:
        dice = self._dice("other identifiers")
        other = dice.pick(SITES)
        if other is self._site or not dice.chance(0.2):
            return ()
        return ((other.patient_id(number), other.issuer),)

    def _times(self, visits: tuple[Visit, ...]) -> list[datetime]:
        """Start of each examination, newest first."""
        times: list[datetime] = []
        for place, visit in enumerate(visits):
            dice = self._dice("time", place)
            day = self._today - timedelta(days=visit.days_ago)
            when = datetime.combine(day, self._clock(dice, visit, is_current=place == 0))
            if times and when >= times[-1]:
                earliest = datetime.combine(day, time(0, 5))
                when = max(times[-1] - timedelta(minutes=dice.whole(25, 70)), earliest)
            times.append(when)
        return times

    def _clock(self, dice: Dice, visit: Visit, is_current: bool) -> time:
        second = dice.whole(0, 59)
        by_night = is_current and dice.chance(self._story.at_night)
        if visit.kind == "portable" and not by_night:
            # The round through the wards.
            return time(dice.whole(5, 7), dice.whole(0, 59), second)
        if by_night:
            return time(dice.pick((19, 20, 21, 22, 23, 1, 2, 3, 4, 6)), dice.whole(0, 59), second)
        return time(dice.whole(8, 17), dice.whole(0, 59), second)

    def _study(self, number: int, nth: int, visit: Visit, when: datetime, tale: Tale) -> Study:
        dice = self._dice("study", nth)
        site, kind = self._site, visit.kind
        wording = site.wording[kind]
        is_ct = kind == "ct"
        devices = {"ct": site.scanners, "portable": site.portables, "supine": site.portables}
        films = () if is_ct else ("PA", "LL") if kind == "pa_ll" else (_VIEW[kind],)
        series = wording.series if kind == "pa_ll" else (dice.pick(wording.series),)
        return Study(
            accession=site.accession(number, nth),
            when=when,
            description=dice.pick(wording.study),
            picture=_PICTURE.get(kind, Picture.CHEST_FILM),
            modality="CT" if is_ct else site.room_modality,
            body_part=dice.pick(wording.body_part),
            view=_VIEW[kind],
            quality="adequate"
            if is_ct
            else dice.weighted(_STANDING if visit.kind in ("pa", "pa_ll") else _LYING),
            inverted=not is_ct and dice.chance(0.12),
            has_spacing=is_ct or site.room_modality == "DX" or dice.chance(0.92),
            referrer=dice.pick(site.referrers),
            lesions=() if kind == "knee" else tale.on(when.date()),
            films=films,
            setting=_SETTING.get(kind, "erect"),
            slice_thickness_mm=dice.pick((1.25, 2.0, 3.0, 5.0)),
            kernel=dice.pick(("SOFT", "SOFT", "LUNG")),
            burned_in=not is_ct and dice.chance(0.08),
            film_rows=SMALL_ROWS if self._key.small else FULL_ROWS,
            device=dice.pick(devices.get(kind, site.rooms)),
            series=series,
            site_code=wording.code,
        )

    def _with_order(self, study: Study) -> Study:
        dice = self._dice("order")
        reason = indication(dice, self._story.theme, self._site.language)
        return replace(study, indication=reason, priority=dice.weighted(self._story.urgency))

    def _reported(self, patient: Patient) -> tuple[Study, ...]:
        """The priors with their reports, in which the oldest is written first."""
        reported: list[Study] = []
        used: frozenset[str] = frozenset()
        for study in reversed(patient.priors):
            dice = self._dice("report", study.accession[-1])
            chests = [older for older in reported if older.picture is not Picture.KNEE_FILM]
            before = chests[-1] if chests else None
            report = None
            if study.picture is not Picture.KNEE_FILM and not dice.chance(_UNREPORTED_SHARE):
                report = report_of(dice, self._asked(study, before), used)
            if report is not None:
                used |= {report.written}
                author = dice.pick(self._site.radiologists)
                report = replace(report, source=self._site.reports, author=author)
            reported.append(replace(study, report=report))
        return tuple(reversed(reported))

    def _asked(self, study: Study, before: Study | None) -> Asked:
        age = int((study.when.date() - self._born).days / 365.25)
        compared = compared_with(before)
        return Asked(study, study.lesions, compared, self._sex, age, self._site.language)


def compared_with(before: Study | None) -> Compared | None:
    """What a report may say of the examination before."""
    if before is None:
        return None
    return Compared(before.when.date(), modality_of(before), before.lesions)
