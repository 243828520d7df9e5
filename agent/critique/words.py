"""Words that a report must earn: of comparison, of normality, of sides, of negation."""

from __future__ import annotations

import re

from readingroom.domain.finding import Change
from readingroom.domain.region import Laterality


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(patterns) + r")(?!\w)", re.IGNORECASE)


# English and German, with inflections. "changes" alone is no comparison ("degenerative changes").
COURSES: dict[Change, re.Pattern[str]] = {
    Change.NEW: _words(
        r"new(?:ly)?",
        r"(?:has|have) (?:developed|appeared)",
        r"neu(?:e[rsmn]?)?",
        r"neu aufgetreten",
    ),
    Change.LARGER: _words(
        r"larger",
        r"bigger",
        r"increas(?:e|es|ed|ing)(?: in size)?",
        r"enlarg(?:es|ing)",
        r"(?:has|have) (?:grown|enlarged)",
        r"progress(?:ed|ion|ing|ive|es)",
        r"wors(?:e|en|ens|ened|ening)",
        r"größer",
        r"zugenommen\w*",
        r"zunehmend\w*",
        r"progredient\w*",
        r"verschlechter\w*",
    ),
    Change.SAME: _words(
        r"unchanged",
        r"stable",
        r"stability",
        r"no (?:significant |relevant |interval |appreciable )*changes? (?:since|from|in|to)",
        r"no (?:significant |relevant |appreciable )*interval changes?",
        r"not changed",
        r"unverändert\w*",
        r"stabil\w*",
        r"konstant\w*",
        r"gleichbleibend\w*",
    ),
    Change.SMALLER: _words(
        r"smaller",
        r"decreas(?:e|es|ed|ing)(?: in size)?",
        r"improv(?:e|es|ed|ing|ement)",
        r"regress(?:ed|ion|ing|ive)",
        r"resolving",
        r"diminish(?:ed|ing)",
        r"kleiner",
        r"abgenommen\w*",
        r"abnehmend\w*",
        r"regredient\w*",
        r"gebessert\w*",
    ),
    Change.GONE: _words(
        r"resolv(?:e|es|ed)",
        r"resolution",
        r"no longer",
        r"disappeared",
        r"nicht mehr",
        r"verschwunden\w*",
        r"rückgebildet\w*",
    ),
}

UNSPECIFIC = _words(
    r"interval",
    r"(?:as )?compared (?:to|with)",
    r"in comparison",
    r"comparison (?:to|with)",
    r"than (?:on|before|previously|prior)",
    r"since (?:the )?(?:prior|previous|last|\d{4})",
    # Not bare: "prior sternotomy" compares nothing.
    r"previous(?:ly)? (?:seen|noted|described|film|study|exam\w*|radiograph\w*)",
    r"prior (?:film|study|studies|exam\w*|radiograph\w*)",
    r"again (?:seen|noted|demonstrated)",
    r"persist(?:s|ed|ent|ing)?",
    r"recurrent",
    r"remains?",
    r"im vergleich",
    r"im verlauf",
    r"voraufnahme\w*",
    r"vorbefund\w*",
    r"weiterhin",
    r"seit",
)

NORMAL = _words(
    r"normal(?:ly)?",
    r"unremarkable",
    r"clear",
    r"intact",
    r"within normal limits",
    r"negative (?:chest|study|film|examination)",
    r"no (?:acute |focal |significant |other )*"
    r"(?:cardiopulmonary |osseous |bony |skeletal )*"
    r"(?:abnormalit(?:y|ies)|disease|process|findings?)",
    r"unauffällig\w*",
    r"regelrecht\w*",
    r"o\.?\s?b\.?",
    r"kein (?:akut )?auffälliger befund",
)

NEGATION = _words(
    r"no",
    r"not",
    r"without",
    r"absen(?:t|ce)(?: of)?",
    r"free of",
    r"negative for",
    r"never",
    r"kein\w*",
    r"nicht",
    r"ohne",
)

NOT_ASSESSED = _words(
    r"not assess(?:ed|able)", r"cannot (?:be )?(?:judged?|assessed?)", r"nicht beurteil\w*"
)

ORGAN_WORDS: dict[str, re.Pattern[str]] = {
    "Devices": _words(r"devices?", r"lines? and tubes?", r"tubes?", r"fremdmaterial", r"tubus"),
    "Lungs": _words(r"lungs?", r"lung fields?", r"parenchyma", r"lungen?", r"lungenfelder"),
    "Pleura": _words(r"pleura\w*", r"costophrenic\w*"),
    "Heart": _words(r"heart", r"cardiac", r"herz\w*"),
    "Mediastinum": _words(r"mediastin\w*", r"hil(?:a|um|ar)"),
    "Bones": _words(
        r"bones?", r"bony", r"osseous", r"skelet\w*", r"ribs?", r"knochen\w*", r"knöchern\w*"
    ),
    "Upper abdomen": _words(
        r"(?:upper )?abdom(?:en|inal)", r"diaphragm", r"subdiaphragmatic", r"oberbauch\w*"
    ),
}

_RIGHT = _words(r"right(?:-sided)?", r"rechts\w*", r"rechte[rsmn]?")
_LEFT = _words(r"left(?:-sided)?", r"links\w*", r"linke[rsmn]?")
_BOTH = _words(r"bilateral(?:ly)?", r"both", r"beidseits\w*", r"beide[rsmn]?")


def courses_in(sentence: str) -> frozenset[Change]:
    """The courses that a sentence claims, by its words."""
    return frozenset(change for change, pattern in COURSES.items() if pattern.search(sentence))


def compares(sentence: str) -> str:
    """The first word of comparison in a sentence; empty for none."""
    hits = [pattern.search(sentence) for pattern in (*COURSES.values(), UNSPECIFIC)]
    found = sorted((hit for hit in hits if hit), key=lambda hit: hit.start())
    return found[0].group(0) if found else ""


def sides_in(sentence: str) -> frozenset[Laterality]:
    """The sides that a sentence names."""
    if _BOTH.search(sentence):
        return frozenset({Laterality.BILATERAL})
    named = ((_RIGHT, Laterality.RIGHT), (_LEFT, Laterality.LEFT))
    return frozenset(side for pattern, side in named if pattern.search(sentence))


def side_of_header(value: str) -> Laterality:
    """Laterality as headers and orders write it ("R", "left"); NONE when it says no side."""
    folded = value.strip().casefold()
    if folded in ("r", "right", "rechts"):
        return Laterality.RIGHT
    if folded in ("l", "left", "links"):
        return Laterality.LEFT
    return Laterality.NONE
