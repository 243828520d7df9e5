"""Where technologists and consoles put letters on a film, and which."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from readingroom.domain.region import Box
from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.exposure import FilmHeader
from readingroom.sandbox_pacs.patients.marks import (
    Mark,
    Stamp,
    What,
    drawn_cap,
    plain_letters,
    text_width,
)
from readingroom.sandbox_pacs.patients.people import Patient, Study

_DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()

_POSTURES = {
    "erect": (("ERECT", 1.0), ("UPRIGHT", 0.5), ("", 6.0)),
    "portable": (("PORTABLE", 4.0), ("SEMI-ERECT", 1.0), ("PORT", 1.0), ("MOBILE", 0.7), ("", 1.5)),
    "supine": (("SUPINE", 4.0), ("AP SUPINE", 1.0), ("LYING", 0.3), ("", 1.5)),
}


@dataclass(frozen=True)
class MarkerHabits:
    """What differs between sites.

    Attributes:
        letters: for the patient's right and left: R and L, D and I in Spanish, D and G in French.
        initials: of the technologist; empty where they are not put on.
        wrong_side: the letter stands on the other side than it names: a planted error.
    """

    letters: tuple[str, str] = ("R", "L")
    initials: str = ""
    wrong_side: bool = False


def marker_stamps(
    dice: Dice,
    spec: FilmHeader,
    shape: tuple[int, int],
    field: Box | None = None,
    habits: MarkerHabits | None = None,
    when: datetime | None = None,
) -> tuple[Stamp, ...]:
    """The side marker of a film, and what stands with it.

    An upper corner, on the side that it names, seldom straight; some lie partly under the
    collimator's edge or with their back to the tube.

    Args:
        dice: the same stream gives the same marker.
        spec: view, posture, and where a lateral film's patient looks.
        shape: rows and columns of the film.
        field: what the collimator left open; None for all.
        habits: of the site.
        when: for a time of day on bedside films; None for none.
    """
    habits = habits or MarkerHabits()
    open_field = field or Box(0, 0, shape[1], shape[0])
    is_left = _names_left(dice, spec)
    at_right = _at_viewers_right(dice, spec, is_left) != habits.wrong_side
    cap = max(8.0, shape[0] * dice.between(0.020, 0.032))
    x, y = _corner(dice, open_field, at_right, cap)
    side = Stamp(
        text=habits.letters[is_left],
        what="side",
        x=x,
        y=y,
        cap_px=cap,
        grey=dice.between(0.93, 1.0),
        lead=True,
        angle_deg=_tilt(dice),
        circled=dice.chance(0.35),
        mirrored=dice.chance(0.03),
    )
    beside = _with_it(dice, side, habits.initials)
    return (side, *beside, *_notes(dice, spec, side, beside, open_field, when))


def _names_left(dice: Dice, spec: FilmHeader) -> bool:
    if spec.is_lateral:
        return spec.view == "LL"
    return dice.chance(0.6)


def _at_viewers_right(dice: Dice, spec: FilmHeader, is_left: bool) -> bool:
    if not spec.is_lateral:
        return is_left
    in_front = dice.chance(0.65)
    return in_front == (spec.faces == "right")


def _corner(dice: Dice, field: Box, at_right: bool, cap: float) -> tuple[float, float]:
    width, height = field.x1 - field.x0, field.y1 - field.y0
    inset = width * dice.between(0.05, 0.13)
    if dice.chance(0.08):
        # Partly beyond the edge.
        inset = cap * dice.between(-0.15, 0.25)
    lower = dice.chance(0.08)
    down = height * (dice.between(0.8, 0.93) if lower else dice.between(0.045, 0.15))
    return (field.x1 - inset if at_right else field.x0 + inset), field.y0 + down


def _tilt(dice: Dice) -> float:
    most = dice.weighted(((0.0, 0.3), (4.0, 0.4), (12.0, 0.25), (35.0, 0.05)))
    return dice.between(-most, most)


def _with_it(dice: Dice, side: Stamp, initials: str) -> tuple[Stamp, ...]:
    """The technologist's initials, cast onto the same marker, so turned with it."""
    if not initials or side.circled or dice.chance(0.3):
        return ()
    return (_below(side, plain_letters(initials), "initials", 1.15, 0.45),)


def _notes(
    dice: Dice,
    spec: FilmHeader,
    side: Stamp,
    beside: tuple[Stamp, ...],
    field: Box,
    when: datetime | None,
) -> tuple[Stamp, ...]:
    """Posture and time: pieces of lead below the marker, or typed at the console."""
    posture = dice.weighted(_POSTURES[spec.setting]) if not spec.is_lateral else ""
    told: list[tuple[str, What]] = [(posture, "posture")] if posture else []
    if spec.view == "AP" and "AP" not in posture and dice.chance(0.25):
        told.append(("AP", "projection"))
    if when is not None and spec.setting == "portable" and dice.chance(0.6):
        told.append((when.strftime(dice.pick(("%H:%M", "%H%M"))), "time"))
    is_lead = dice.chance(0.4)
    first = 2.1 if side.circled else 1.6
    steps = [first + 0.95 * (len(beside) + index) for index in range(len(told))]
    stamps = [
        _below(side, text, what, step, 0.5) for (text, what), step in zip(told, steps, strict=True)
    ]
    if not is_lead:
        stamps = [
            replace(stamp, lead=False, angle_deg=0.0, mirrored=False, grey=1.0) for stamp in stamps
        ]
    return tuple(_kept_inside(stamp, field) for stamp in stamps)


def _below(side: Stamp, text: str, what: What, step: float, share: float) -> Stamp:
    turn = math.radians(side.angle_deg)
    along = step * side.cap_px
    return replace(
        side,
        text=text,
        what=what,
        x=side.x + along * math.sin(turn),
        y=side.y + along * math.cos(turn),
        cap_px=max(7.0, share * side.cap_px),
        circled=False,
    )


def _kept_inside(stamp: Stamp, field: Box) -> Stamp:
    """A long word moves in from the edge, as a technologist would move it."""
    half = text_width(stamp.text, stamp.cap_px) / 2 + stamp.cap_px
    if field.x1 - field.x0 < 2 * half:
        return stamp
    return replace(stamp, x=min(max(stamp.x, field.x0 + half), field.x1 - half))


def identity_stamps(
    dice: Dice,
    patient: Patient,
    study: Study,
    shape: tuple[int, int],
    avoid: Iterable[Mark] = (),
) -> tuple[Stamp, ...]:
    """Name, identifier and dates as a console or an identification camera writes them.

    A name that has no Latin form stays away; identifier and date are always there.

    Args:
        dice: the same stream gives the same block.
        patient: whose name and identifier they are.
        study: for date, accession and institution.
        shape: rows and columns of the film.
        avoid: what is on the film already; the block takes a corner without any of it.
    """
    rows, columns = shape
    lines = _identity_lines(dice, patient, study)
    bitmap = dice.chance(0.4)
    cap = max(8.0, rows * dice.between(0.011, 0.017))
    widest = max(text_width(text, cap, bitmap) for text, _ in lines)
    cap = max(7.0, cap * min(1.0, 0.45 * columns / widest))
    widest = max(text_width(text, cap, bitmap) for text, _ in lines)
    plate, grey = dice.weighted((((None, 1.0), 5.0), ((0.0, 0.95), 2.0), ((0.95, 0.05), 1.0)))
    # The plate of a line must not reach the letters of the one above.
    step = 1.9 * drawn_cap(cap, bitmap) + 3
    tall = step * (len(lines) - 1) + 2 * cap
    at_left, on_top, block = _free_corner(dice, shape, (tall, widest), tuple(avoid))
    anchor: Literal["left", "right"] = "left" if at_left else "right"
    x = block.x0 if at_left else block.x1
    first = block.y0 + cap if on_top else block.y1 - cap - step * (len(lines) - 1)
    return tuple(
        Stamp(
            text=text, what=what, x=x, y=first + step * index, cap_px=cap, grey=grey,
            bitmap=bitmap, plate=plate, anchor=anchor,
        )
        for index, (text, what) in enumerate(lines)
    )  # fmt: skip


def _free_corner(
    dice: Dice, shape: tuple[int, int], size: tuple[float, float], avoid: tuple[Mark, ...]
) -> tuple[bool, bool, Box]:
    """Whether left, whether on top, and the block's box; the wanted corner where all are taken."""
    rows, columns = shape
    tall, wide = size
    at_left, on_top = dice.chance(0.6), dice.chance(0.6)
    corners = []
    for left, top in (
        (at_left, on_top), (not at_left, on_top), (at_left, not on_top), (not at_left, not on_top)
    ):  # fmt: skip
        x = 0.02 * columns if left else 0.98 * columns - wide
        y = 0.02 * rows if top else 0.98 * rows - tall
        corners.append((left, top, Box(x, y, x + wide, y + tall)))
    free = (each for each in corners if all(each[2].iou(mark.box) == 0 for mark in avoid))
    return next(free, corners[0])


def _identity_lines(dice: Dice, patient: Patient, study: Study) -> list[tuple[str, What]]:
    day = dice.pick(_DATE_FORMATS)
    lines: list[tuple[str, What]] = []
    name = _name(dice, patient.name)
    if name:
        lines.append((name, "name"))
    prefix = dice.pick(("", "ID ", "MRN ", "PID: "))
    lines.append((f"{prefix}{plain_letters(patient.patient_id)}", "patient_id"))
    if dice.chance(0.6):
        born = _day(patient.birth_date, day)
        lines.append((f"{dice.pick(('', 'DOB ', '*'))}{born}", "birth_date"))
    lines.append((f"{_day(study.when, day)} {study.when:%H:%M}", "date"))
    if dice.chance(0.3):
        lines.append((plain_letters(study.accession), "accession"))
    institution = plain_letters(study.device.institution).upper()
    if institution and dice.chance(0.4):
        lines.insert(0, (institution, "institution"))
    return lines


def _day(moment: object, form: str) -> str:
    # strftime's month names follow the locale; a console's do not.
    month = _MONTHS[int(format(moment, "%m")) - 1]
    return format(moment, form.replace("%b", month))


def _name(dice: Dice, dicom_name: str) -> str:
    """Family name first, from the first group that has a Latin form."""
    for group in dicom_name.split("="):
        family, _, rest = group.partition("^")
        family, given = plain_letters(family).upper(), plain_letters(rest.split("^")[0]).upper()
        if family:
            joint = dice.pick((", ", "^", " "))
            return f"{family}{joint}{given}" if given else family
    return ""
