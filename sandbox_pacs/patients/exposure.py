"""How a film was taken: view, posture, distances, tube; what the header tells of it. No numpy."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, get_args

from readingroom.sandbox_pacs.patients.dice import Dice
from readingroom.sandbox_pacs.patients.people import Setting, Study

View = Literal["PA", "AP", "LL", "RL", ""]
"""ViewPosition; empty as some devices leave it. LL: left side at the detector."""

LATERALS: frozenset[View] = frozenset({"LL", "RL"})


@dataclass(frozen=True)
class Exposure:
    """Tube and distances of one film.

    Attributes:
        source_to_detector_mm: SID.
        source_to_object_mm: SOD, to the plane that sizes are told for: mid-chest.
        tube_current_ma, time_ms: their product is the charge.
        grid: whether a focused anti-scatter grid was in the beam.
        exposure_index, target_index: IEC 62494-1; their ratio gives the deviation index.
    """

    kvp: float = 125.0
    source_to_detector_mm: float = 1800.0
    source_to_object_mm: float = 1640.0
    tube_current_ma: int = 250
    time_ms: int = 8
    grid: bool = True
    focal_spot_mm: float = 1.2
    copper_mm: float = 0.1
    exposure_index: float = 250.0
    target_index: float = 250.0

    def __post_init__(self) -> None:
        if not 0 < self.source_to_object_mm < self.source_to_detector_mm:
            raise ValueError("the object lies between source and detector")
        if min(self.exposure_index, self.target_index, self.tube_current_ma, self.time_ms) <= 0:
            raise ValueError("current, time and exposure indices are positive")

    @property
    def magnification(self) -> float:
        """SID over SOD: how much larger a thing in the object's plane is on the detector."""
        return self.source_to_detector_mm / self.source_to_object_mm

    @property
    def charge_uas(self) -> int:
        """Tube charge in µAs."""
        return self.tube_current_ma * self.time_ms

    @property
    def deviation_index(self) -> float:
        """0 is as wanted, +1 is 26% more dose, -3 half of it.

        Source: IEC 62494-1: 10 log10(EI / EIT).
        """
        return 10 * math.log10(self.exposure_index / self.target_index)


def usual_exposure(view: View, setting: Setting) -> Exposure:
    """What a department sets for a view where it was taken.

    Source: European guidelines on quality criteria for diagnostic radiographic images
    (EUR 16260): PA and lateral 125 kV at 1800 mm with grid; bedside films by common use.
    """
    if view in LATERALS:
        return Exposure(time_ms=32, source_to_object_mm=1600.0)
    if setting == "portable":
        return Exposure(
            kvp=100.0,
            source_to_detector_mm=1100.0,
            source_to_object_mm=960.0,
            tube_current_ma=160,
            time_ms=10,
            grid=False,
            copper_mm=0.0,
        )
    if setting == "supine":
        return Exposure(
            kvp=110.0, source_to_detector_mm=1150.0, source_to_object_mm=970.0, time_ms=10
        )
    return Exposure()


class Spacing(StrEnum):
    """What the header tells about the size of a pixel; in every hospital another."""

    GEOMETRY = "geometry"
    """Detector pitch, and PixelSpacing at the object with its factor and distances."""
    FACTOR = "factor"
    """Detector pitch, distances and magnification factor (DX); no PixelSpacing."""
    DETECTOR = "detector"
    """Detector pitch alone."""
    UNCORRECTED = "uncorrected"
    """PixelSpacing copied from the detector, uncalibrated: sizes come out too large."""
    ABSENT = "absent"
    """None at all; CR only, since DX demands the detector's."""


class Tone(StrEnum):
    """How the stored values become what is shown."""

    WINDOW = "window"
    WINDOWS = "windows"
    """Several windows; the first is the one to show."""
    LUT = "lut"
    """A sigmoid as an explicit VOI LUT."""
    SIGMOID = "sigmoid"
    """One window with VOILUTFunction SIGMOID."""


@dataclass(frozen=True)
class FilmHeader:
    """What one film is, apart from its picture.

    Attributes:
        exposure: None for the usual one of view and setting.
        inverted: stored as MONOCHROME1.
        faces: where a patient in a lateral film looks, as seen by the viewer.
        burned_in: identifying text is in the pixels.
        series, number: SeriesNumber, and the place among the study's images: both from 1.
        description: SeriesDescription in the site's words; empty for view and setting.
    """

    view: View = "PA"
    setting: Setting = "erect"
    exposure: Exposure | None = None
    spacing: Spacing = Spacing.GEOMETRY
    tone: Tone = Tone.WINDOWS
    inverted: bool = False
    faces: Literal["left", "right"] = "left"
    burned_in: bool = False
    series: int = 1
    number: int = 1
    description: str = ""

    @property
    def taken(self) -> Exposure:
        """The exposure, given or usual."""
        return self.exposure or usual_exposure(self.view, self.setting)

    @property
    def is_lateral(self) -> bool:
        """Whether the beam goes from side to side."""
        return self.view in LATERALS

    @property
    def title(self) -> str:
        """SeriesDescription."""
        place = "" if self.setting == "erect" else f" {self.setting}"
        return self.description or f"{self.view}{place}".strip() or "Chest"


_TONES = ((Tone.WINDOWS, 0.35), (Tone.WINDOW, 0.3), (Tone.LUT, 0.2), (Tone.SIGMOID, 0.15))
_SPACINGS = {
    "DX": ((Spacing.GEOMETRY, 0.4), (Spacing.FACTOR, 0.25), (Spacing.DETECTOR, 0.35)),
    "CR": ((Spacing.GEOMETRY, 0.25), (Spacing.UNCORRECTED, 0.4), (Spacing.DETECTOR, 0.35)),
}


def film_headers(study: Study) -> tuple[FilmHeader, ...]:
    """What each film of a study is, in order.

    One device writes all its films the same way: tone, spacing, and whether films of a study
    share a series hang on the device alone.

    Args:
        study: DX or CR.

    Raises:
        ValueError: a view that films do not have.
    """
    dice = Dice("film", study.device.manufacturer, study.device.model, study.device.serial)
    tone = dice.weighted(_TONES)
    spacing = dice.weighted(_SPACINGS["DX" if study.modality == "DX" else "CR"])
    if not study.has_spacing:
        spacing = Spacing.DETECTOR if study.modality == "DX" else Spacing.ABSENT
    apart = dice.chance(0.5) or len(set(study.series)) > 1
    specs: list[FilmHeader] = []
    for index, view in enumerate(map(_view, study.films)):
        series = index if apart else 0
        spec = FilmHeader(
            view=view,
            setting=study.setting,
            exposure=_as_taken(study, view),
            spacing=spacing,
            tone=tone,
            inverted=study.inverted,
            burned_in=study.burned_in,
            series=series + 1,
            number=index + 1,
            description=study.series[series] if series < len(study.series) else "",
        )
        specs.append(spec if apart or index == 0 else replace(spec, description=specs[0].title))
    return tuple(specs)


def _view(name: str) -> View:
    for view in get_args(View):
        if view == name:
            known: View = view
            return known
    raise ValueError(f"a film has no view {name!r}: one of {', '.join(get_args(View))}")


def _as_taken(study: Study, view: View) -> Exposure:
    usual = usual_exposure(view, study.setting)
    if study.quality != "underexposed":
        return usual
    short = max(1, usual.time_ms // 4)
    return replace(usual, time_ms=short, exposure_index=usual.exposure_index / 4)
