"""Which part of the body a study shows, and which modalities compare: tables and their reading.

Sites write body parts in words of their own: what counts is a standard BodyPartExamined, or a
word or phrase of the description, in the languages that we know of.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from readingroom.domain.study import StudyRef

CHEST = "chest"

# Source: DICOM PS3.3 section C.7.3.1.1.1. SR, PR, KO and the like say nothing of the images.
FAMILIES = {
    "CR": "XR",
    "DX": "XR",
    "DR": "XR",
    "RF": "XR",
    "RG": "XR",
    "CT": "CT",
    "MR": "MR",
}
_NOT_IMAGES = frozenset({"SR", "PR", "KO", "DOC", "SEG", "REG", "OT", "AU", "PLAN"})

# Phrases are looked for before words and taken out of the text, so that "thoracic spine" is not
# a chest. Accents are folded on both sides; written here without them.
_PHRASES: dict[str, tuple[str, ...]] = {
    "spine": (
        "THORACIC SPINE",
        "T SPINE",
        "DORSAL SPINE",
        "BRUSTWIRBELSAULE",
        "COLUMNA DORSAL",
        "COLUMNA TORACICA",
        "COLUNA TORACICA",
        "COLONNA DORSALE",
        "RACHIS DORSAL",
        "RACHIS THORACIQUE",
        "GRUDNOI OTDEL",
        "胸椎",
        "ГРУДНОЙ ОТДЕЛ ПОЗВОНОЧНИКА",
        "ГРУДНОГО ОТДЕЛА ПОЗВОНОЧНИКА",
    ),
    CHEST: (
        "CAGE THORACIQUE",
        "GRIL COSTAL",
        "ORGANE GRUDNOI KLETKI",
        "ОРГАНОВ ГРУДНОЙ КЛЕТКИ",
        "ГРУДНОЙ КЛЕТКИ",
        "ГРУДНАЯ КЛЕТКА",
        "胸部",
        "胸片",
        "胸腔",
        "肺",
        "흉부",
        "ทรวงอก",
        "الصدر",
        "צדר",
        "חזה",
    ),
}
_WORDS: dict[str, tuple[str, ...]] = {
    CHEST: (
        "CHEST",
        "CXR",
        "PCXR",
        "THORAX",
        "THX",
        "TORAX",
        "TORACE",
        "TORAKS",
        "GOGUS",
        "AKCIGER",
        "LUNG",
        "LUNGS",
        "LUNGE",
        "LUNGEN",
        "LUNGA",
        "LUNGOR",
        "POUMON",
        "POUMONS",
        "PULMON",
        "PULMONES",
        "PULMAO",
        "POLMONE",
        "POLMONI",
        "PLUCA",
        "PLUC",
        "KLATKA",
        "KEUHKOT",
        "HRUDNIK",
        "HRUDNIKU",
        "MELLKAS",
        "BRYST",
        "BROSTKORG",
        "RIB",
        "RIBS",
        "RIPPEN",
        "COTES",
        "COSTILLAS",
        "COSTELAS",
        "COSTE",
        "STERNUM",
        "THORACIC",
        "THORACIQUE",
        "TORACICO",
        "HRCT",
        "CTPA",
        "CTA CHEST",
        "MEDIASTINUM",
        "HEART",
        "ОГК",
        "ЛЕГКИХ",
        "ЛЕГКИЕ",
        "ФЛГ",
        "ФЛЮОРОГРАФИЯ",
        "ΘΩΡΑΚΑΣ",
        "ΘΩΡΑΚΟΣ",
        "ΘΩΡΑΚΑ",
    ),
    "abdomen": ("ABDOMEN", "ABD", "KUB", "ABDOME", "ADDOME", "BAUCH", "PELVIS", "BECKEN", "腹部"),
    "spine": (
        *("SPINE", "TSPINE", "LSPINE", "CSPINE", "SSPINE", "LSSPINE", "BWS", "LWS", "HWS"),
        *("RACHIS", "COLUMNA", "COLUNA", "WIRBELSAULE"),
    ),
    "head": ("HEAD", "BRAIN", "SKULL", "SINUS", "SINUSES", "SCHADEL", "CRANE", "CRANEO", "KOPF"),
    "neck": ("NECK", "HALS", "COU", "CUELLO", "CAROTID"),
    "breast": ("BREAST", "MAMMA", "MAMMO", "MAMMOGRAPHY"),
    "limb": (
        *("KNEE", "HIP", "ANKLE", "FOOT", "HAND", "WRIST", "ELBOW", "SHOULDER", "FEMUR", "TIBIA"),
        *("FINGER", "TOE", "HUMERUS", "FOREARM", "LEG", "ARM", "CALCANEUS", "CLAVICLE", "PATELLA"),
        *(
            "KNIE",
            "HUFTE",
            "GENOU",
            "HANCHE",
            "RODILLA",
            "CADERA",
            "JOELHO",
            "GINOCCHIO",
            "EXTREMITY",
        ),
    ),
}
_WORD_OF = {word: region for region, words in _WORDS.items() for word in words}
_TOKEN = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Upper case without accents, punctuation as single spaces."""
    plain = "".join(
        char
        for char in unicodedata.normalize("NFKD", text.upper())
        if not unicodedata.combining(char)
    )
    return " ".join(_TOKEN.findall(unicodedata.normalize("NFC", plain)))


def regions_in(text: str) -> frozenset[str]:
    """Regions of the body that a text names; empty when it names none that we know."""
    folded = fold(text)
    found: set[str] = set()
    for region, phrases in _FOLDED_PHRASES.items():
        for phrase in phrases:
            if phrase in folded:
                found.add(region)
                folded = folded.replace(phrase, " ")
    tokens = (_WORD_OF_FOLDED.get(token) for token in folded.split())
    return frozenset(found.union(region for region in tokens if region))


_FOLDED_PHRASES = {region: tuple(map(fold, phrases)) for region, phrases in _PHRASES.items()}
_WORD_OF_FOLDED = {fold(word): region for word, region in _WORD_OF.items()}


def regions_of(study: StudyRef) -> frozenset[str]:
    """Regions of the body that a study shows, by its series' body parts and its description."""
    named = (regions_in(text) for text in (*study.body_parts, study.description))
    return frozenset().union(*named)


def family_of(modalities: Iterable[str]) -> str:
    """Modality family: "XR", "CT", "MR"; "OT" for all others. Reports do not count."""
    kinds = {FAMILIES.get(each, "OT") for each in modalities if each not in _NOT_IMAGES}
    for family in ("CT", "MR", "XR"):
        if family in kinds:
            return family
    return "OT"
