"""How hospitals number people and examinations, and what a hospital is made of here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from readingroom.sandbox_pacs.patients.people import Device

Kind = Literal["pa", "pa_ll", "portable", "supine", "ct", "knee"]
KINDS: tuple[Kind, ...] = ("pa", "pa_ll", "portable", "supine", "ct", "knee")

NUMBERS = 10**9
"""Identifiers are made of a number below this."""

_SCRAMBLE = 387_420_489
"""3**18, without a common factor with NUMBERS: times this, modulo NUMBERS, is a bijection."""


@dataclass(frozen=True)
class Wording:
    """What a site's devices write for one kind of examination.

    Attributes:
        study: StudyDescription, several since technicians differ.
        series: SeriesDescription of each film, or of the CT.
        body_part: BodyPartExamined; empty where the device leaves it so.
        code: of the procedure in the RIS.
    """

    study: tuple[str, ...]
    series: tuple[str, ...]
    body_part: tuple[str, ...]
    code: str


@dataclass(frozen=True)
class Site:
    """One hospital.

    Attributes:
        language: of its orders, ISO 639-1.
        issuer: assigning authority of its patient identifiers.
        patient_id: makes the identifier of a number below NUMBERS; no two numbers and no two
            sites give the same.
        accession: the same of a number and of which examination of the patient it is.
        reports: where its old reports are kept.
        rooms, portables, scanners: what takes films and CTs there.
        name_groups: names that are usual there, by group of `names.GROUPS`.
        native_script: names are kept in their own script, else transliterated.
    """

    key: str
    institution: str
    language: str
    issuer: str
    patient_id: Callable[[int], str]
    accession: Callable[[int, int], str]
    reports: Literal["SR", "ORU"]
    wording: dict[Kind, Wording]
    rooms: tuple[Device, ...]
    portables: tuple[Device, ...]
    scanners: tuple[Device, ...]
    room_modality: Literal["DX", "CR"]
    referrers: tuple[str, ...]
    radiologists: tuple[str, ...]
    name_groups: tuple[str, ...]
    native_script: bool = True


def scrambled(number: int) -> int:
    """A number below NUMBERS that looks drawn; each number has its own.

    Raises:
        ValueError: the number is out of range.
    """
    if not 0 <= number < NUMBERS:
        raise ValueError(f"an identifier's number lies in 0 to {NUMBERS - 1}")
    return (number + 1) * _SCRAMBLE % NUMBERS


def luhn(digits: str) -> str:
    """Check digit by modulus 10.

    Source: ISO/IEC 7812-1 annex B.
    """
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def modulus_11(digits: str) -> str:
    """Check character by modulus 11 with weights 2 upwards; "X" stands for ten.

    Source: ISO 7064 in spirit; as NHS numbers and hospital numbers of the kind are made.
    """
    total = sum(int(char) * weight for weight, char in enumerate(reversed(digits), 2))
    return "0123456789X"[-total % 11]


def modulus_97(digits: str) -> str:
    """Two check digits.

    Source: ISO/IEC 7064, MOD 97-10.
    """
    return f"{98 - int(digits) * 100 % 97:02d}"


def leading_zeros(number: int) -> str:
    """Twelve digits, the last a Luhn digit; those who drop the zeros find nobody."""
    return f"00{number:09d}{luhn(f'{number:09d}')}"


def grouped(number: int) -> str:
    """Groups of three with a check character: 123-456-789-X."""
    digits = f"{number:09d}"
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}-{modulus_11(digits)}"


def spaced(number: int) -> str:
    """As NHS numbers are printed, with spaces: 123 456 789X."""
    digits = f"{number:09d}"
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}{modulus_11(digits)}"


def lettered(prefix: str) -> Callable[[int], str]:
    """A prefix, nine digits and a Luhn digit: MRN0123456784."""
    return lambda number: f"{prefix}{number:09d}{luhn(f'{number:09d}')}"


def slashed(number: int) -> str:
    """Six and three digits with two check digits: 123456/789-01."""
    digits = f"{number:09d}"
    return f"{digits[:6]}/{digits[6:]}-{modulus_97(digits)}"


def trailing_letter(number: int) -> str:
    """Nine digits and a letter that checks them, as on a Spanish identity card.

    Source: the 23 letters of the NIF.
    """
    return f"{number:09d}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def plain(number: int) -> str:
    """Nine digits and nothing else."""
    return f"{number:09d}"


def accession(prefix: str, separator: str = "") -> Callable[[int, int], str]:
    """Accession numbers of a site: prefix, nine digits of the patient, one of the examination."""
    return lambda number, nth: f"{prefix}{separator}{number:09d}{nth % 10}"
