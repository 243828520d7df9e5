"""What the sandbox's patients, studies and reports are made of. No numpy here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from readingroom.domain.finding import Observation
from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.identity import uid

ISSUER = "SANDBOX"


class Picture(StrEnum):
    """What a study shows."""

    CHEST_FILM = "chest film"
    KNEE_FILM = "knee film"
    CHEST_CT = "chest CT"


@dataclass(frozen=True)
class Sign:
    """One finding as it is drawn. `severity`: 0 just visible, 1 gross."""

    observation: Observation
    laterality: Laterality = Laterality.NONE
    severity: float = 0.5


@dataclass(frozen=True)
class Report:
    """A report that a colleague wrote.

    Sentences may have placeholders which the truth of the study's picture fills in, such as
    "{nodule_mm:.0f} mm" or "{nodule_zone}".

    Attributes:
        source: where it is kept: as SR in the PACS, or only as ORU text from the RIS.
    """

    source: Literal["SR", "ORU"]
    findings: tuple[str, ...]
    impression: tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """One examination.

    Attributes:
        when: start, in the hospital's own time.
        body_part: BodyPartExamined as the device wrote it; empty as often in real life.
        view: ViewPosition; empty for CT.
        modality: DX, CR or CT.
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
    signs: tuple[Sign, ...] = ()
    quality: Literal["adequate", "underexposed", "noisy", "rotated"] = "adequate"
    inverted: bool = False
    has_spacing: bool = True
    report: Report | None = None
    indication: str = ""
    priority: str = "ROUTINE"
    referrer: str = "Haddad^Rana"

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
    """

    scenario: str
    patient_id: str
    name: str
    birth_date: date
    sex: str
    seed: int
    current: Study
    priors: tuple[Study, ...] = ()

    @property
    def studies(self) -> tuple[Study, ...]:
        """The current study, then the priors."""
        return (self.current, *self.priors)

    def age_at(self, day: date) -> int:
        """Full years on a day."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)
