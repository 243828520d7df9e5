"""Fill the gaps of a report from the truth, in the report's own language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.corpus.written import (
    GAP,
    CorpusError,
    Language,
    Modality,
    WrittenReport,
)
from readingroom.sandbox_pacs.patients.disease import SIZE_RANGE_MM, Disease, Lesion


@dataclass(frozen=True)
class LesionFacts:
    """What a text may say of one lesion; None is what the truth does not know.

    Attributes:
        severity: 0 just visible, 1 gross.
        mm, prior_mm: size now and on the prior, in mm.
    """

    laterality: Laterality
    zone: Zone
    severity: float
    mm: float | None = None
    prior_mm: float | None = None

    @classmethod
    def of(cls, lesion: Lesion, prior: Lesion | None = None) -> LesionFacts:
        """Facts of a lesion, and of the same on the prior."""
        before = None if prior is None else prior.size_mm
        return cls(lesion.laterality, lesion.zone, lesion.severity, lesion.size_mm, before)


@dataclass(frozen=True)
class Facts:
    """What a report is filled from; of a lesion that has gone, what the prior showed."""

    lesions: Mapping[Disease, LesionFacts]
    prior_date: date | None = None
    prior_modality: Modality | None = None


# Masculine and feminine; the German word is the adverb, which no case changes.
_SIDES: dict[Language, dict[Laterality, tuple[str, str]]] = {
    "en": {Laterality.RIGHT: ("right", "right"), Laterality.LEFT: ("left", "left")},
    "de": {Laterality.RIGHT: ("rechts", "rechts"), Laterality.LEFT: ("links", "links")},
    "es": {
        Laterality.RIGHT: ("derecho", "derecha"),
        Laterality.LEFT: ("izquierdo", "izquierda"),
    },
    "fr": {Laterality.RIGHT: ("droit", "droite"), Laterality.LEFT: ("gauche", "gauche")},
    "pt": {
        Laterality.RIGHT: ("direito", "direita"),
        Laterality.LEFT: ("esquerdo", "esquerda"),
    },
}
_OTHER = {Laterality.RIGHT: Laterality.LEFT, Laterality.LEFT: Laterality.RIGHT}
_THIRD = {
    Zone.APEX: 0,
    Zone.UPPER: 0,
    Zone.MID: 1,
    Zone.LOWER: 2,
    Zone.BASE: 2,
}
# Before "zone", "feld", or after "campo" and "champ".
_ZONES: dict[Language, tuple[str, str, str]] = {
    "en": ("upper", "mid", "lower"),
    "de": ("ober", "mittel", "unter"),
    "es": ("superior", "medio", "inferior"),
    "fr": ("supérieur", "moyen", "inférieur"),
    "pt": ("superior", "médio", "inferior"),
}
# English has other words for what has a size than for what has a degree.
_SIZED = ("small", "moderate", "large")
_GRADES: dict[Language, tuple[str, str, str]] = {
    "en": ("mild", "moderate", "severe"),
    "de": ("gering", "mäßig", "deutlich"),
    "es": ("leve", "moderado", "importante"),
    "fr": ("minime", "modéré", "important"),
    "pt": ("leve", "moderado", "acentuado"),
}
_MODALITIES: dict[Language, dict[Modality, str]] = {
    "en": {"film": "radiograph", "CT": "CT"},
    "de": {"film": "Röntgenaufnahme", "CT": "CT"},
    "es": {"film": "radiografía", "CT": "TC"},
    "fr": {"film": "radiographie", "CT": "TDM"},
    "pt": {"film": "radiografia", "CT": "TC"},
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def fill(report: WrittenReport, facts: Facts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Findings and impression with every gap filled.

    Raises:
        CorpusError: the facts do not hold what the text asks for.
    """
    source = f"corpus/{report.name}.md"

    def filled(lines: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(fill_line(line, facts, report.language, source) for line in lines)

    return filled(report.findings), filled(report.impression)


def fill_line(text: str, facts: Facts, language: Language = "en", source: str = "the text") -> str:
    """One text with every gap filled; `source` is named when a fact is missing.

    Raises:
        CorpusError: the facts do not hold what the text asks for.
    """

    def words(gap: re.Match[str]) -> str:
        if gap[1] == "prior":
            told = _prior(language, facts, gap[2])
        else:
            told = _lesion(language, facts, Disease(gap[1]), gap[2])
        if told is None:
            raise CorpusError(f"{source} asks for {gap[0]}, which the truth has not")
        return told

    return GAP.sub(words, text)


def _prior(language: Language, facts: Facts, field: str) -> str | None:
    if field == "modality":
        held = facts.prior_modality
        return None if held is None else _MODALITIES[language][held]
    day = facts.prior_date
    if day is None:
        return None
    if language == "en":  # no reader on either side of the ocean takes day for month
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return day.strftime("%d.%m.%Y" if language == "de" else "%d/%m/%Y")


def _lesion(language: Language, facts: Facts, disease: Disease, field: str) -> str | None:
    lesion = facts.lesions.get(disease)
    if lesion is None:
        return None
    told = _told(language, disease, lesion, field.lower())
    return told[:1].upper() + told[1:] if told and field[:1].isupper() else told


def _told(language: Language, disease: Disease, lesion: LesionFacts, field: str) -> str | None:
    if field.startswith(("side", "other")):
        side: Laterality | None = lesion.laterality
        if field.startswith("other"):
            side = _OTHER.get(lesion.laterality)
        forms = None if side is None else _SIDES[language].get(side)
        return None if forms is None else forms[field.endswith("_f")]
    if field == "zone":
        third = _THIRD.get(lesion.zone)
        return None if third is None else _ZONES[language][third]
    if field == "grade":
        return _grade(language, disease, lesion.severity)
    size_mm = lesion.prior_mm if field.startswith("prior") else lesion.mm
    return None if size_mm is None else _size(language, size_mm, in_cm=field.endswith("cm"))


def _grade(language: Language, disease: Disease, severity: float) -> str:
    steps = _GRADES[language]
    if language == "en" and disease in SIZE_RANGE_MM:
        steps = _SIZED
    return steps[0 if severity < 1 / 3 else 1 if severity < 2 / 3 else 2]


def _size(language: Language, size_mm: float, *, in_cm: bool) -> str:
    if not in_cm:
        return f"{size_mm:.0f}"
    told = f"{size_mm / 10:.1f}"
    return told if language == "en" else told.replace(".", ",")
