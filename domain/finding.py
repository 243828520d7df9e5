"""Observations this product knows by name, and what a core saw of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from readingroom.domain.region import Box, Laterality, Point, Zone


class Observation(StrEnum):
    """What can be seen on a chest film. Values are stable: they are stored and exported."""

    NODULE = "nodule"
    CONSOLIDATION = "consolidation"
    PLEURAL_EFFUSION = "pleural_effusion"
    PNEUMOTHORAX = "pneumothorax"
    CARDIOMEGALY = "cardiomegaly"
    WIDE_MEDIASTINUM = "wide_mediastinum"
    TRACHEAL_TUBE = "tracheal_tube"
    BONE_LESION = "bone_lesion"
    FREE_AIR = "free_air"
    MASS = "mass"
    ATELECTASIS = "atelectasis"
    INTERSTITIAL_OEDEMA = "interstitial_oedema"
    EMPHYSEMA = "emphysema"
    HILAR_ENLARGEMENT = "hilar_enlargement"
    RIB_FRACTURE = "rib_fracture"
    CENTRAL_LINE = "central_line"
    CHEST_TUBE = "chest_tube"
    PACEMAKER = "pacemaker"


@dataclass(frozen=True)
class Code:
    """A coded concept: value, scheme (SCT, DCM, LN), meaning."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class ObservationEntry:
    """One line of the vocabulary.

    Attributes:
        label: the term in a sentence.
        code: SNOMED CT concept.
        organ: heading of the checklist it belongs to.
        is_global: its region may cover more than a quarter of the film.
        is_critical: a person must be told at once.
        is_lateralised: a sentence about it names a side.
        zones: where an absence claim must have looked.
    """

    label: str
    code: Code
    organ: str
    is_global: bool
    is_critical: bool
    is_lateralised: bool
    zones: tuple[Zone, ...]


def _entry(
    label: str, sct: str, meaning: str, organ: str, zones: tuple[Zone, ...], flags: str = ""
) -> ObservationEntry:
    code = Code(sct, "SCT", meaning)
    if not sct:
        code = Code(meaning.lower().replace(" ", "-"), LOCAL_SCHEME, meaning)
    return ObservationEntry(label, code, organ, "g" in flags, "c" in flags, "l" in flags, zones)


_LUNG = (Zone.UPPER, Zone.MID, Zone.LOWER)

LOCAL_SCHEME = "99READINGROOM"
"""Coding scheme of what no public one says as we mean it."""

# SNOMED CT concepts as PS3.16 and RadElement use them. A mass is above 30 mm, a nodule is not:
# Fleischner Society glossary (Hansell 2008).
VOCABULARY: dict[Observation, ObservationEntry] = {
    Observation.NODULE: _entry("nodule", "27925004", "Nodule", "Lungs", _LUNG, "l"),
    Observation.MASS: _entry("mass", "4147007", "Mass", "Lungs", _LUNG, "l"),
    Observation.CONSOLIDATION: _entry(
        "consolidation", "9656002", "Consolidation", "Lungs", _LUNG, "l"
    ),
    Observation.ATELECTASIS: _entry("atelectasis", "46621007", "Atelectasis", "Lungs", _LUNG, "l"),
    Observation.INTERSTITIAL_OEDEMA: _entry(
        "interstitial oedema", "19242006", "Pulmonary edema", "Lungs", _LUNG, "gl"
    ),
    Observation.EMPHYSEMA: _entry(
        "emphysema", "87433001", "Pulmonary emphysema", "Lungs", _LUNG, "gl"
    ),
    Observation.PLEURAL_EFFUSION: _entry(
        "pleural effusion", "60046008", "Pleural effusion", "Pleura", (Zone.BASE,), "l"
    ),
    Observation.PNEUMOTHORAX: _entry(
        "pneumothorax", "36118008", "Pneumothorax", "Pleura", (Zone.APEX,), "cl"
    ),
    Observation.CARDIOMEGALY: _entry(
        "cardiomegaly", "8186001", "Cardiomegaly", "Heart", (Zone.HEART,), "g"
    ),
    Observation.WIDE_MEDIASTINUM: _entry(
        "widened mediastinum",
        "471274003",
        "Widened mediastinum",
        "Mediastinum",
        (Zone.MEDIASTINUM,),
        "g",
    ),
    Observation.HILAR_ENLARGEMENT: _entry(
        "hilar enlargement", "", "Hilar enlargement", "Mediastinum", (Zone.MID,), "l"
    ),
    Observation.TRACHEAL_TUBE: _entry(
        "tracheal tube", "129121000", "Tracheal tube", "Devices", (Zone.MEDIASTINUM,)
    ),
    Observation.CENTRAL_LINE: _entry(
        "central venous line", "52124006", "Central venous catheter", "Devices", (Zone.MEDIASTINUM,)
    ),
    Observation.CHEST_TUBE: _entry("chest tube", "", "Chest tube", "Devices", _LUNG, "l"),
    Observation.PACEMAKER: _entry(
        "pacemaker", "14106009", "Cardiac pacemaker", "Devices", (Zone.WHOLE,), "g"
    ),
    Observation.RIB_FRACTURE: _entry(
        "rib fracture", "33737001", "Fracture of rib", "Bones", _LUNG, "l"
    ),
    Observation.BONE_LESION: _entry(
        "bone lesion", "62894004", "Lesion of bone", "Bones", (Zone.WHOLE,), "g"
    ),
    Observation.FREE_AIR: _entry(
        "free air under the diaphragm",
        "5919001",
        "Pneumoperitoneum",
        "Upper abdomen",
        (Zone.BASE,),
        "c",
    ),
}

ORGANS = ("Devices", "Lungs", "Pleura", "Heart", "Mediastinum", "Bones", "Upper abdomen")


class Presence(StrEnum):
    """How an item of the checklist ended."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCERTAIN = "uncertain"
    NOT_ASSESSED = "not_assessed"


class Change(StrEnum):
    """Course of a finding against one retrieved prior."""

    NEW = "new"
    LARGER = "larger"
    SAME = "same"
    SMALLER = "smaller"
    GONE = "gone"
    NOT_COMPARED = ""


@dataclass(frozen=True)
class ModelId:
    """Which model answered.

    Attributes:
        name: e.g. "embedded-tower".
        revision: sha256 of the weights, shortened to 12 hex digits.
        trained_on: one line for the reader of a draft.
    """

    name: str
    revision: str
    trained_on: str


@dataclass(frozen=True)
class Detection:
    """One observation that a core judged on one film.

    Attributes:
        probability: calibrated, 0 to 1.
        presence: the probability against the core's own thresholds.
        box: in pixels of the stored image; None when the core cannot place it.
        outline: corners of a polygon around it; empty when the core has no mask of it.
    """

    observation: Observation
    probability: float
    presence: Presence
    laterality: Laterality = Laterality.NONE
    zone: Zone = Zone.NONE
    box: Box | None = None
    outline: tuple[Point, ...] = ()


@dataclass(frozen=True)
class ZoneBox:
    """Where a zone lies on this film; what an absence claim points at."""

    zone: Zone
    laterality: Laterality
    box: Box


@dataclass(frozen=True)
class FilmQuality:
    """Whether the film can be judged. `limits`: e.g. ("underexposed",)."""

    adequate: bool
    probability_poor: float
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class FilmReading:
    """All that a core says of one film.

    Attributes:
        knows_this_kind: False when the image is unlike those the core was trained on; the
            detections are then empty and every item is "not assessed".
        why_not: one line when it does not.
        detections: one per observation that the core can judge; what is not in here is
            "not assessed", never normal.
        cardiothoracic_ratio: with heart and thorax boxes as its end points; None if unknown.
    """

    knows_this_kind: bool
    why_not: str
    quality: FilmQuality
    detections: tuple[Detection, ...]
    zones: tuple[ZoneBox, ...]
    heart: Box | None
    thorax: Box | None
    cardiothoracic_ratio: float | None
    model: ModelId


@dataclass(frozen=True)
class RegionAnswer:
    """Answer to one question about one box, given without knowledge of any draft."""

    observation: Observation
    presence: Presence
    probability: float
    model: ModelId
    detail: str = ""
