"""Words that name a value beyond doubt, so that a list head cannot name another."""

from __future__ import annotations

import re
from collections.abc import Mapping

from readingroom.domain.finding import VOCABULARY, Observation

_FINDINGS = {
    Observation.NODULE: "nodules?|coin lesion|spots?",
    Observation.MASS: "mass(?:es)?|tumou?rs?",
    Observation.CONSOLIDATION: "consolidations?|infiltrates?|pneumonia|airspace|infection",
    Observation.PLEURAL_EFFUSION: "effusions?|fluid|hydrothorax|costophrenic|blunt(?:ed|ing)",
    Observation.PNEUMOTHORAX: "pneumothorax|ptx|pneumo|collapsed lung|pleural line|dropped lung",
    Observation.CARDIOMEGALY: "cardiomegaly|heart|cardiac",
    Observation.WIDE_MEDIASTINUM: "mediastin(?:um|al)",
    Observation.ATELECTASIS: "atelectas[ie]s|lobar collapse|volume loss",
    Observation.INTERSTITIAL_OEDEMA: "o?edema|kerley|congest(?:ion|ed)|overload(?:ed)?",
    Observation.EMPHYSEMA: "emphysema|copd|hyperinflat(?:ed|ion)|bullae?",
    Observation.HILAR_ENLARGEMENT: "hil(?:um|ar|a|i)",
    Observation.RIB_FRACTURE: "fractures?|broken ribs?|rib fractures?",
    Observation.TRACHEAL_TUBE: "ett?|intubat(?:ed|ion)|endotracheal|tracheal tube",
    Observation.CENTRAL_LINE: "cvc|central (?:venous )?(?:lines?|catheter)|picc|hickman",
    Observation.CHEST_TUBE: "chest (?:tube|drain)s?|drains?|pigtail",
    Observation.PACEMAKER: "pacemaker|icd|pacing (?:wires?|leads?)",
    Observation.BONE_LESION: "bones?|lytic|metastas[ei]s",
    Observation.FREE_AIR: "free air|pneumoperitoneum|subdiaphragmatic|perforation",
}
_LOOSER = {
    Observation.PLEURAL_EFFUSION: ("ha?emothorax", "pleura", "water"),
    Observation.WIDE_MEDIASTINUM: ("aort(?:a|ic)",),
    Observation.ATELECTASIS: ("collapse",),
    Observation.INTERSTITIAL_OEDEMA: ("failure", "wet"),
    Observation.RIB_FRACTURE: ("ribs?", "fractured", "broken"),
    Observation.TRACHEAL_TUBE: ("tubes?", r"trach\w*"),
    Observation.CENTRAL_LINE: ("lines?", "subclavian", "jugular"),
    Observation.BONE_LESION: ("skeleton",),
}
"""Words that name a finding where others are named beside it."""

_TARGETS = {
    "cardiothoracic_ratio": "ctr|cardio-?thoracic|heart|cardiac",
    "nodule_diameter": "nodule|mass|lesion|spot|tumou?r",
    "effusion_depth": "effusion|fluid",
}
_PRIOR = re.compile(r"\b(?:priors?|previous|old|older|earlier|last|comparison)\b", re.IGNORECASE)


def _named(patterns: Mapping[str, str], text: str) -> list[str]:
    """Values that a text names, in the order in which it does."""
    places = {
        value: match.start()
        for value, pattern in patterns.items()
        if (match := re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE))
    }
    return sorted(places, key=lambda value: places[value])


def finding_in(text: str, guess: str) -> str:
    """The finding that a request names; the net's guess where its words name none or several."""
    named = _named({str(key): pattern for key, pattern in _FINDINGS.items()}, text)
    return named[0] if len(named) == 1 and guess not in named else guess


def findings_in(text: str) -> list[str]:
    """All findings that a text may name, in their order; by looser words than one alone is."""
    looser = {str(key): "|".join([each, *_LOOSER.get(key, ())]) for key, each in _FINDINGS.items()}
    return _named(looser, text)


def target_in(text: str, guess: str) -> str:
    """The measurement that a request names; the net's guess where it names none or several."""
    named = _named(_TARGETS, text)
    return named[0] if len(named) == 1 and guess not in named else guess


def view_in(text: str, guess: str) -> str:
    """Which film a request without a label means; by its words where the net names none."""
    return guess or ("prior" if _PRIOR.search(text) else "current")


def finding_seen(look_result: str, guess: str, critical: bool) -> str:
    """A finding of a read: only one that the look has named may be asked about or flagged."""
    seen = [
        observation.value
        for observation, entry in VOCABULARY.items()
        if entry.label in look_result and (entry.is_critical or not critical)
    ]
    if guess in seen:
        return guess
    return seen[0] if len(seen) == 1 else ""


_NUMBERS = (
    "one first 1st eins erste uno primer un premier um primeiro prim een eerste",
    "two second 2nd zwei zweite dos segund deux deuxi dois due secondo tweede twee",
    "three third 3rd drei dritte tres tercer trois troisi terceir tre terzo terza derde drie",
    "four fourth 4th vier vierte cuatro cuart quatre quatri quatro quart",
    "five fifth 5th fünf fuenf fünfte cinco quint cinq cinqui cinque vijf vijfde",
    "six sixth 6th sechs sechste seis sext sixi sei sesto sesta zes zesde",
    "seven seventh 7th sieben siebte siete séptim septim sept septi sete sétim sette settim zeven",
    "eight eighth 8th acht achte ocho octav huit huiti oito oitav otto ottav achtste",
    "nine ninth 9th neun neunte nueve noven neuf neuvi nove nono nona negen",
    "ten tenth 10th zehn zehnte diez décim decim dix dixi dez dieci tien tiende",
)
_LAST = ("last", "final", "letzt", "últim", "ultim", "derni", "laatst")

ENGLISH_NUMBERS = "|".join(["last", "final", *(w for row in _NUMBERS for w in row.split()[:3])])
"""Words that may stand for the number of a sentence, as a pattern."""


def number_of(word: str) -> str:
    """The number that a word stands for, "last" for the last; "" for none.

    Endings are left to the language: "dritten" begins like "dritte".
    """
    low = word.casefold().strip(".,;:!?")
    if digits := re.fullmatch(r"\D{0,2}(\d{1,3})\D{0,2}", low):
        return digits[1]
    if low.startswith(_LAST):
        return "last"
    exact = [number for number, row in enumerate(_NUMBERS, 1) if low in row.split()]
    begun = [
        (len(stem), number)
        for number, row in enumerate(_NUMBERS, 1)
        for stem in row.split()
        if len(stem) > 3 and low.startswith(stem)
    ]
    return str(exact[0]) if exact else str(max(begun)[1]) if begun else ""
