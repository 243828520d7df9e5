"""What is drawn, in coded concepts: for truth as SR and SEG. No numpy, no DICOM library."""

from __future__ import annotations

from readingroom.domain.finding import LOCAL_SCHEME, VOCABULARY, Code, Observation
from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.disease import DEVICES, Disease

_LUNG = Code("39607008", "SCT", "Lung")
_PLEURA = Code("3120008", "SCT", "Pleura")
_HEART = Code("80891009", "SCT", "Heart")
_SITES = {
    Disease.PLEURAL_EFFUSION: _PLEURA,
    Disease.PNEUMOTHORAX: _PLEURA,
    Disease.CHEST_TUBE: _PLEURA,
    Disease.CARDIOMEGALY: _HEART,
    Disease.PACEMAKER: _HEART,
    Disease.CENTRAL_LINE: Code("48345005", "SCT", "Superior vena cava"),
    Disease.WIDE_MEDIASTINUM: Code("72410000", "SCT", "Mediastinum"),
    Disease.TRACHEAL_TUBE: Code("44567001", "SCT", "Trachea"),
    Disease.RIB_FRACTURE: Code("113197003", "SCT", "Rib"),
    Disease.HILAR_ENLARGEMENT: Code("46750007", "SCT", "Hilum of lung"),
}

SIDES = {
    Laterality.LEFT: Code("7771000", "SCT", "Left"),
    Laterality.RIGHT: Code("24028007", "SCT", "Right"),
    Laterality.BILATERAL: Code("51440002", "SCT", "Right and left"),
}
ZONES = {
    Zone.APEX: Code("43674008", "SCT", "Apical"),
    Zone.UPPER: Code("261183002", "SCT", "Upper"),
    Zone.MID: Code("255562008", "SCT", "Mid"),
    Zone.LOWER: Code("261122009", "SCT", "Lower"),
    Zone.BASE: Code("57195005", "SCT", "Basal"),
}
PRESENCE = Code("705057003", "SCT", "Presence")
PRESENT = Code("52101004", "SCT", "Present")
ABSENT = Code("2667000", "SCT", "Absent")
ANYTHING = Code("drawn-finding", LOCAL_SCHEME, "Anything that was drawn")
WIDTH = Code("81827009", "SCT", "Diameter")
DEPTH = Code("131197000", "SCT", "Depth")
MILLIMETRE = Code("mm", "UCUM", "millimeter")
PLAIN_FILM = Code("399208008", "SCT", "Plain X-ray of chest")
CHEST_CT = Code("169069000", "SCT", "CT of chest")
THING = Code("260787004", "SCT", "Physical object")
ALTERED = Code("49755003", "SCT", "Morphologically Abnormal Structure")
SIMULATION = Code("simulation", LOCAL_SCHEME, "Simulation")


def disease_code(disease: Disease) -> Code:
    """The concept of what is drawn."""
    return VOCABULARY[Observation(disease.value)].code


def site_code(disease: Disease) -> Code:
    """The organ where it is drawn."""
    return _SITES.get(disease, _LUNG)


def category_code(disease: Disease) -> Code:
    """Category of a segment: a thing that was put in, or an altered structure."""
    return THING if disease in DEVICES else ALTERED


def measure_code(disease: Disease) -> Code:
    """What the size in mm of this disease is: see `disease.SIZE_RANGE_MM`."""
    is_depth = disease in (Disease.PLEURAL_EFFUSION, Disease.PNEUMOTHORAX)
    return DEPTH if is_depth else WIDTH
