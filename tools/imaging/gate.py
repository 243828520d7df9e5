"""Whether an image is one that this product may read: by its header, before any pixel."""

from __future__ import annotations

import re
from dataclasses import dataclass

from readingroom.tools.imaging.header import Header

RADIOGRAPH_MODALITIES = frozenset({"CR", "DX", "DR", "XR", "RG"})
"""RG (radiographic imaging, film) and the retired or private DR and XR are seen in old archives."""

_CONVERTED_MODALITIES = frozenset({"OT", "SC", ""})
"""Films that were scanned or exported as pictures; the body part must then be stated."""

_CHEST = frozenset(
    {
        *("CHEST", "THORAX", "THORACIC", "LUNG", "LUNGS", "CXR", "PULMONARY", "RIBCAGE"),
        *("TORAX", "TÓRAX", "TORACE", "THORAKS", "POUMON", "POUMONS", "LUNGE", "LUNGEN"),
        *("PULMON", "PULMONES", "PULMÓN", "POLMONI", "BRUSTKORB", "BORST", "胸部", "胸", "흉부"),
        *("ГРУДНАЯ", "ОГК", "KLATKA", "GÖĞÜS", "TORÁCICA"),
    }
)
_ELSEWHERE = frozenset(
    {
        *("KNEE", "KNEES", "HAND", "HANDS", "FOOT", "FEET", "ANKLE", "WRIST", "ELBOW", "SHOULDER"),
        *("HIP", "HIPS", "PELVIS", "SPINE", "CSPINE", "LSPINE", "TSPINE", "SSPINE", "SKULL"),
        *("HEAD", "JAW", "JAWS", "TEETH", "NECK", "ABDOMEN", "LEG", "ARM", "FOREARM", "FINGER"),
        *("THUMB", "TOE", "FEMUR", "TIBIA", "FIBULA", "HUMERUS", "RADIUS", "ULNA", "CALCANEUS"),
        *("HEEL", "SINUS", "SINUSES", "BREAST", "CLAVICLE", "SCAPULA", "EXTREMITY", "BRAIN"),
        *("LUMBAR", "CERVICAL", "SACRUM", "COCCYX", "PATELLA", "KNIE", "GENOU", "RODILLA"),
    }
)
_NOT_STATED = frozenset({"", "UNKNOWN", "OTHER", "NONE", "UNDEFINED", "UNSPECIFIED", "ANY", "N/A"})
_LATERAL_VIEWS = frozenset({"LL", "RL", "LAT", "LATERAL", "LLD", "RLD", "RLO", "LLO", "RAO", "LAO"})
_COLOUR = "it is a colour image, not a radiograph"


@dataclass(frozen=True)
class Verdict:
    """Whether to read it. `reason` completes the sentence "refused:" or "accepted:"."""

    accepted: bool
    reason: str


def is_chest_film(header: Header) -> Verdict:
    """Judge by the header alone whether this is a frontal chest radiograph.

    A radiograph whose body part is not stated is accepted: many devices leave it empty, and
    then the core must know the picture. What is stated and is not the chest is refused.
    """
    problem = _wrong_kind(header)
    if problem:
        return Verdict(False, problem)
    part = header.body_part.strip()
    named = _words(part)
    described = _words(header.study_description, header.series_description, header.protocol)
    elsewhere = sorted(described & _ELSEWHERE)
    chest_described = bool(described & _CHEST)
    if elsewhere and not chest_described:
        return Verdict(False, f"it is described as {elsewhere[0].lower()}, not as a chest")
    if named & _CHEST:
        return Verdict(True, f"body part {part}")
    if part not in _NOT_STATED and not chest_described:
        return Verdict(False, f"body part is {part}, not the chest")
    if part not in _NOT_STATED and named & _ELSEWHERE:
        return Verdict(False, f"body part is {part}, though it is described as a chest")
    if chest_described:
        return Verdict(True, "described as a chest")
    if header.modality not in RADIOGRAPH_MODALITIES:
        kind = header.modality or "not stated"
        return Verdict(False, f"modality {kind}, and the body part is not stated")
    return Verdict(True, "body part not stated; the core must know the picture")


def _wrong_kind(header: Header) -> str:
    """Why it is no frontal radiograph at all; empty when it may be one."""
    if header.modality not in RADIOGRAPH_MODALITIES | _CONVERTED_MODALITIES:
        return f"modality is {header.modality}, not a radiograph"
    if not header.has_pixels or header.rows == 0:
        return "it holds no image"
    if header.samples > 1 or not header.photometric.startswith("MONOCHROME"):
        return _COLOUR
    if header.frames > 1:
        return f"it has {header.frames} frames; a film has one"
    if header.presentation_intent == "FOR PROCESSING":
        return "it is raw detector data (FOR PROCESSING)"
    if header.view_position in _LATERAL_VIEWS:
        return f"view {header.view_position} is not frontal; only frontal films are read"
    return ""


def _words(*texts: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", " ".join(texts).upper()))
