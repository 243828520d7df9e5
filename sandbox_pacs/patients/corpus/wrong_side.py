"""Tell the wrong side: in the facts before a text is filled, or in a text that is there."""

from __future__ import annotations

import re
from dataclasses import replace

from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.corpus.filling import Facts
from readingroom.sandbox_pacs.patients.corpus.written import CorpusError, Language
from readingroom.sandbox_pacs.patients.disease import Disease

_OTHER = {Laterality.RIGHT: Laterality.LEFT, Laterality.LEFT: Laterality.RIGHT}

# What follows a side to name a part that everybody has, and that stays where it is.
_PARTS = {
    "en": r"(?!\s+(?:heart|atri|ventric|main bronch|hemidiaphragm))",
    "de": r"(?!\s+(?:Vorhof|Ventrikel|Hauptbronchus))",
    "es": "",
    "fr": "",
    "pt": "",
}
_LEFT_RIGHT: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (("left", "right"), ("lt", "rt")),
    "de": (
        ("links", "rechts"),
        ("linke", "rechte"),
        ("linken", "rechten"),
        ("linker", "rechter"),
        ("linkes", "rechtes"),
        ("linkem", "rechtem"),
        ("linksseitig", "rechtsseitig"),
        ("linksseitige", "rechtsseitige"),
        ("linksseitigen", "rechtsseitigen"),
        ("linksseitiger", "rechtsseitiger"),
        ("linksseitiges", "rechtsseitiges"),
    ),
    "es": (
        ("izquierdo", "derecho"),
        ("izquierda", "derecha"),
        ("izquierdos", "derechos"),
        ("izquierdas", "derechas"),
    ),
    "fr": (("gauche", "droit"), ("gauches", "droits")),
    "pt": (
        ("esquerdo", "direito"),
        ("esquerda", "direita"),
        ("esquerdos", "direitos"),
        ("esquerdas", "direitas"),
    ),
}
# "Gauche" has one form, "droit" has two; these are the feminine words that reports use before it.
_FRENCH_FEMININE = re.compile(
    r"(?i)(?:\b(?:à|la|base|plage|coupole|paroi|plèvre|clavicule|côte|région|cavité|effusion|masse"
    r"|pulmonaire|pleurale|axillaire|pectorale)\s+)$"
)


def on_the_wrong_side(facts: Facts, disease: Disease) -> Facts:
    """The same facts with one disease on the other side; the grammar stays right.

    Raises:
        CorpusError: the disease is not there, or has no side.
    """
    lesion = facts.lesions.get(disease)
    if lesion is None or lesion.laterality not in _OTHER:
        raise CorpusError(f"{disease} has no side that could be swapped")
    swapped = replace(lesion, laterality=_OTHER[lesion.laterality])
    return replace(facts, lesions={**facts.lesions, disease: swapped})


def swap_sides(text: str, language: Language) -> str:
    """Every left of a text made right, and the other way round; `text` has no gaps.

    Raises:
        CorpusError: the text names no side, so nothing would be wrong with it.
    """
    table = _table(language)
    words = "|".join(sorted(table, key=len, reverse=True))
    sides = re.compile(rf"(?i)\b(?:{words})\b{_PARTS[language]}")

    def other(found: re.Match[str]) -> str:
        told = table[found[0].lower()]
        before = text[: found.start()]
        if language == "fr" and told == "droit" and _FRENCH_FEMININE.search(before):
            told = "droite"
        return _as_written(found[0], told)

    swapped, count = sides.subn(other, text)
    if not count:
        raise CorpusError("no side in this text that could be swapped")
    return swapped


def _table(language: Language) -> dict[str, str]:
    table: dict[str, str] = {}
    for left, right in _LEFT_RIGHT[language]:
        table |= {left: right, right: left}
    if language == "fr":
        table |= {"droite": "gauche", "droites": "gauches"}
    return table


def _as_written(model: str, word: str) -> str:
    if model.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word
