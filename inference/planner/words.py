"""Words that name a value beyond doubt, so that a list head cannot name another."""

from __future__ import annotations

import re

from readingroom.domain.finding import VOCABULARY, Observation

_FINDINGS = {
    Observation.NODULE: "nodules?|mass(?:es)?|coin lesion|tumou?rs?|spots?",
    Observation.CONSOLIDATION: "consolidations?|infiltrates?|pneumonia|airspace|infection",
    Observation.PLEURAL_EFFUSION: "effusions?|fluid|hydrothorax|costophrenic|blunt(?:ed|ing)",
    Observation.PNEUMOTHORAX: "pneumothorax|ptx|pneumo|collaps(?:ed?|e)|pleural line|dropped lung",
    Observation.CARDIOMEGALY: "cardiomegaly|heart|cardiac",
    Observation.WIDE_MEDIASTINUM: "mediastin(?:um|al)",
    Observation.TRACHEAL_TUBE: "tube|ett|intubat(?:ed|ion)|endotracheal",
    Observation.BONE_LESION: "fractures?|bones?|lytic|broken ribs?|metastas[ei]s",
    Observation.FREE_AIR: "free air|pneumoperitoneum|subdiaphragmatic|perforation",
}
_TARGETS = {
    "cardiothoracic_ratio": "ctr|cardio-?thoracic|heart|cardiac",
    "nodule_diameter": "nodule|mass|lesion|spot|tumou?r",
    "effusion_depth": "effusion|fluid",
}
_PRIOR = re.compile(r"\b(?:priors?|previous|old|older|earlier|last|comparison)\b", re.IGNORECASE)


def _named(patterns: dict[str, str], text: str) -> list[str]:
    return [
        value
        for value, pattern in patterns.items()
        if re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE)
    ]


def finding_in(text: str, guess: str) -> str:
    """The finding that a request names; the net's guess where its words name none or several."""
    named = _named({str(key): pattern for key, pattern in _FINDINGS.items()}, text)
    return named[0] if len(named) == 1 and guess not in named else guess


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
