"""What the sandbox's patients, studies and reports are made of. No numpy here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from readingroom.sandbox_pacs.patients.disease import Lesion
from readingroom.sandbox_pacs.patients.identity import uid

ISSUER = "SANDBOX"
SPLITS = ("tour", "train", "dev", "test")
Split = Literal["tour", "train", "dev", "test"]
Setting = Literal["erect", "portable", "supine"]


class Picture(StrEnum):
    """What a study shows."""

    CHEST_FILM = "chest film"
    KNEE_FILM = "knee film"
    CHEST_CT = "chest CT"


PlantedKind = Literal[
    "wrong_side",
    "unsupported_comparison",
    "missed_finding",
    "contradictory_impression",
    "foreign_sentence",
    "follow_up_not_done",
    "hostile_tag",
    "hostile_text",
]


@dataclass(frozen=True)
class Planted:
    """An error put there on purpose; the truth lists it.

    Attributes:
        where: "findings", "impression", or the keyword of a DICOM attribute.
        text: what stands there; empty where something was left out, and in the plan of an error
            whose words come from the drawn truth.
        instead: what should stand there; empty where nothing should.
    """

    kind: PlantedKind
    where: str
    text: str
    instead: str = ""


@dataclass(frozen=True)
class Compared:
    """The examination that a report compares with."""

    day: date
    modality: Literal["film", "CT"]
    lesions: tuple[Lesion, ...] = ()


@dataclass(frozen=True)
class Report:
    """A report that a colleague wrote.

    Sentences may have placeholders which the truth of the study's picture fills in, such as
    "{nodule_mm:.0f} mm" or "{nodule_zone}"; those of the corpus are written "{nodule.mm}".

    Attributes:
        source: where it is kept: as SR in the PACS, or only as ORU text from the RIS.
        written: name of the corpus' report that it comes from; empty for one of its own.
        compared: what it compares with; None for nothing.
        planted: errors to put into it once its placeholders are filled.
        author: in DICOM PN form.
        language: of its sentences, ISO 639-1.
    """

    source: Literal["SR", "ORU"]
    findings: tuple[str, ...]
    impression: tuple[str, ...]
    written: str = ""
    compared: Compared | None = None
    planted: tuple[Planted, ...] = ()
    author: str = "Okonkwo^Adaeze"
    language: str = "en"


@dataclass(frozen=True)
class Device:
    """What took the pictures, as it names itself in the header."""

    manufacturer: str = "Reading Room sandbox"
    model: str = "Patient that never lived"
    software: str = "1"
    serial: str = "0"
    station: str = "SANDBOX"
    institution: str = "Sandbox hospital"


@dataclass(frozen=True)
class Study:
    """One examination.

    Attributes:
        when: start, in the hospital's own time.
        body_part: BodyPartExamined as the device wrote it; empty as often in real life.
        view: ViewPosition of the first film; empty for CT.
        modality: DX, CR or CT.
        lesions: what the patient has on that day.
        films: view of each film in order, such as ("PA", "LL"); from `view` where not given.
        setting: how the patient was taken: standing, in bed sitting up, or lying.
        slice_thickness_mm, kernel: of a CT.
        burned_in: name and date are written into the pixels.
        film_rows, ct_rows: rows of a film, of a slice; columns follow.
        device: what took it.
        series: SeriesDescription of each film, or of the CT; empty leaves it to the writer.
        site_code: code of the procedure in this hospital's RIS; empty for the sandbox's own.
        planted: errors in the header, beside those of the report; they are in place.
        inverted: stored as MONOCHROME1.
        has_spacing: whether the header tells the pixel pitch.
        indication, priority: of the order; only current studies have one.
    """

    accession: str
    when: datetime
    description: str
    picture: Picture = Picture.CHEST_FILM
    modality: Literal["DX", "CR", "CT"] = "DX"
    body_part: str = "CHEST"
    view: Literal["PA", "AP", ""] = "PA"
    quality: Literal["adequate", "underexposed", "noisy", "rotated"] = "adequate"
    inverted: bool = False
    has_spacing: bool = True
    report: Report | None = None
    indication: str = ""
    priority: str = "ROUTINE"
    referrer: str = "Haddad^Rana"
    lesions: tuple[Lesion, ...] = ()
    films: tuple[str, ...] = ()
    setting: Setting = "erect"
    slice_thickness_mm: float = 5.0
    kernel: str = "SOFT"
    burned_in: bool = False
    film_rows: int = 1024
    ct_rows: int = 512
    device: Device = field(default_factory=Device)
    series: tuple[str, ...] = ()
    site_code: str = ""
    planted: tuple[Planted, ...] = ()

    def __post_init__(self) -> None:
        if self.picture is Picture.CHEST_CT:
            return
        if not self.films:
            object.__setattr__(self, "films", (self.view,))
        if self.films[0] != self.view:
            raise ValueError("the first film's view is the study's: change `films` with `view`")

    @property
    def study_uid(self) -> str:
        """Study Instance UID; two studies may share an accession, so the time is part of it."""
        return uid("study", self.accession, self.when.isoformat())

    @property
    def shot(self) -> int:
        """What tells exposures of one person apart."""
        return self.when.toordinal()

    @property
    def procedure_code(self) -> str:
        """Code of the procedure in the RIS."""
        if self.site_code:
            return self.site_code
        return {Picture.CHEST_CT: "CTCHEST", Picture.KNEE_FILM: "XRKNEE"}.get(
            self.picture, "XRCHEST"
        )


@dataclass(frozen=True)
class Patient:
    """One patient: the study to read now, and what came before, newest first.

    Attributes:
        scenario: what this patient is there for; the name that tests ask by.
        name: in DICOM PN form, with ideographic and phonetic groups where the person has them.
        seed: of the anatomy; one million and more, since training uses what is below.
        split: what may use this patient; the anatomy's parameters differ between splits.
        other_ids: (identifier, issuer) in other hospitals.
        issuer: who gave `patient_id`.
    """

    scenario: str
    patient_id: str
    name: str
    birth_date: date
    sex: str
    seed: int
    current: Study
    priors: tuple[Study, ...] = ()
    split: Split = "tour"
    other_ids: tuple[tuple[str, str], ...] = ()
    issuer: str = ISSUER

    @property
    def studies(self) -> tuple[Study, ...]:
        """The current study, then the priors."""
        return (self.current, *self.priors)

    def age_at(self, day: date) -> int:
        """Full years on a day."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)
