"""The content tree of a signed report: TID 1500 groups for what was judged, and the text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from readingroom.domain.claim import UNVERIFIED, Claim, Draft, SectionName, Standing
from readingroom.domain.errors import BadInput
from readingroom.domain.evidence import MeasurementEvidence, RegionEvidence
from readingroom.domain.finding import VOCABULARY, Code, Observation, Presence
from readingroom.domain.region import Laterality, Region, Zone
from readingroom.tools.reporting.sr_source import derived_uid

if TYPE_CHECKING:
    from pydicom import Dataset

CODING_SCHEME = "99READINGROOM"

# Source: SNOMED CT concepts as in PS3.16 CID 4030 and CID 244.
_SITES = {
    "Lungs": Code("39607008", "SCT", "Lung"),
    "Pleura": Code("3120008", "SCT", "Pleura"),
    "Heart": Code("80891009", "SCT", "Heart"),
    "Mediastinum": Code("72410000", "SCT", "Mediastinum"),
    "Devices": Code("44567001", "SCT", "Trachea"),
    "Bones": Code("272673000", "SCT", "Bone"),
    "Upper abdomen": Code("113345001", "SCT", "Abdomen"),
}
_SIDES = {
    Laterality.LEFT: Code("7771000", "SCT", "Left"),
    Laterality.RIGHT: Code("24028007", "SCT", "Right"),
    Laterality.BILATERAL: Code("51440002", "SCT", "Right and left"),
}
_ZONES = {
    Zone.APEX: Code("43674008", "SCT", "Apical"),
    Zone.UPPER: Code("261183002", "SCT", "Upper"),
    Zone.MID: Code("255562008", "SCT", "Mid"),
    Zone.LOWER: Code("261122009", "SCT", "Lower"),
    Zone.BASE: Code("57195005", "SCT", "Basal"),
}
_PRESENCE_NAME = Code("705057003", "SCT", "Presence")
_PRESENCES = {
    Presence.PRESENT: Code("52101004", "SCT", "Present"),
    Presence.ABSENT: Code("2667000", "SCT", "Absent"),
    Presence.UNCERTAIN: Code("82334004", "SCT", "Indeterminate"),
    # Said in code as well, so that no reader takes a missing group for an absence.
    Presence.NOT_ASSESSED: Code("not-assessed", CODING_SCHEME, "Not assessed"),
}
_MEASURES = {
    "nodule_diameter": Code("81827009", "SCT", "Diameter"),
    "effusion_depth": Code("131197000", "SCT", "Depth"),
    # LOINC has only the area ratio (59076-0); ours is the ratio of widths.
    "cardiothoracic_ratio": Code("cardiothoracic-ratio", CODING_SCHEME, "Cardiothoracic ratio"),
}
_UNITS = {"mm": Code("mm", "UCUM", "millimeter"), "1": Code("1", "UCUM", "no units")}
_SECTIONS = {
    SectionName.INDICATION: ("121109", "Indications for Procedure"),
    SectionName.TECHNIQUE: ("121064", "Current Procedure Descriptions"),
    SectionName.COMPARISON: ("121068", "Previous Findings"),
    SectionName.FINDINGS: ("121070", "Findings"),
    SectionName.IMPRESSION: ("121072", "Impressions"),
    SectionName.COMMUNICATION: ("communication", "Communication"),
    SectionName.LIMITATIONS: ("limitations", "Limitations"),
}
_ITEMS = {
    SectionName.FINDINGS: ("121071", "Finding"),
    SectionName.IMPRESSION: ("121073", "Impression"),
    SectionName.COMPARISON: ("121069", "Previous Finding"),
    SectionName.TECHNIQUE: ("121065", "Procedure Description"),
}
_COMMENT = ("121106", "Comment")
PROCEDURE = Code("399208008", "SCT", "Plain X-ray of chest")


def concept(code: Code) -> Any:
    """A coded concept as highdicom has it."""
    from highdicom.sr import CodedConcept

    return CodedConcept(code.value, code.scheme, code.meaning)


def groups(draft: Draft, sources: Iterable[Dataset]) -> list[Any]:
    """One measurement group per item of the checklist, with its place where it was seen.

    Regions of films that are not among the sources (a prior's) stay in the text.

    Raises:
        BadInput: the draft has no item of the checklist; TID 1500 needs one group at least.
    """
    classes = {str(source.SOPInstanceUID): str(source.SOPClassUID) for source in sources}
    found: list[Any] = []
    for claim in draft.section(SectionName.FINDINGS):
        if claim.observation is None or claim.presence not in _PRESENCES:
            continue
        found += _groups_of(claim, claim.observation, draft, classes)
    if not found:
        raise BadInput("a report without any finding cannot be encoded", hint="draft it again")
    return found


def _groups_of(
    claim: Claim, observation: Observation, draft: Draft, classes: dict[str, str]
) -> list[Any]:
    from highdicom.sr import (
        MeasurementsAndQualitativeEvaluations,
        PlanarROIMeasurementsAndQualitativeEvaluations,
        SourceImageForMeasurementGroup,
        TrackingIdentifier,
    )

    seen = [
        each.region
        for each in claim.evidence
        if isinstance(each, RegionEvidence) and each.role == "seen"
        if each.region.sop_uid in classes
    ]
    common = _common(claim, observation)
    made: list[Any] = []
    for number, region in enumerate(seen or [None]):
        tracking = TrackingIdentifier(
            uid=derived_uid("tracking", draft.case_id, claim.claim_id, str(number)),
            identifier=f"{claim.claim_id} {VOCABULARY[observation].label}"[:64],
        )
        measurements = _measurements(claim) if number == 0 else None
        if region is None:
            images = [SourceImageForMeasurementGroup(cls, uid) for uid, cls in classes.items()]
            made.append(
                MeasurementsAndQualitativeEvaluations(
                    tracking_identifier=tracking,
                    measurements=measurements,
                    source_images=images,
                    **common,
                )
            )
        else:
            made.append(
                PlanarROIMeasurementsAndQualitativeEvaluations(
                    tracking_identifier=tracking,
                    referenced_region=_outline(region, classes),
                    measurements=measurements,
                    **common,
                )
            )
    return made


def _common(claim: Claim, observation: Observation) -> dict[str, Any]:
    from highdicom.sr import FindingSite, QualitativeEvaluation

    entry = VOCABULARY[observation]
    side, zone = _SIDES.get(claim.laterality), _ZONES.get(claim.zone)
    site = FindingSite(
        concept(_SITES[entry.organ]),
        laterality=concept(side) if side else None,
        topographical_modifier=concept(zone) if zone else None,
    )
    assert claim.presence is not None
    presence = QualitativeEvaluation(concept(_PRESENCE_NAME), concept(_PRESENCES[claim.presence]))
    return {
        "finding_type": concept(entry.code),
        "finding_sites": [site],
        "qualitative_evaluations": [presence],
        "algorithm_id": _algorithm(claim),
    }


def _algorithm(claim: Claim) -> Any:
    from highdicom.sr import AlgorithmIdentification

    for each in claim.evidence:
        if isinstance(each, RegionEvidence) and each.model is not None:
            return AlgorithmIdentification(each.model.name, each.model.revision or "unknown")
    return None


def _measurements(claim: Claim) -> list[Any] | None:
    from highdicom.sr import Measurement

    taken = [
        Measurement(concept(_MEASURES[each.name]), each.value, concept(_UNITS[each.unit]))
        for each in claim.evidence
        if isinstance(each, MeasurementEvidence) and each.name in _MEASURES and each.unit in _UNITS
    ]
    return taken or None


def _outline(region: Region, classes: dict[str, str]) -> Any:
    """The box as a closed polyline.

    Source: PS3.3 C.18.6.1.2: (0, 0) is the outer corner of the first pixel, as for our boxes.
    """
    import numpy as np
    from highdicom.sr import GraphicTypeValues, ImageRegion, SourceImageForRegion

    box = region.box
    corners = [
        (box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1), (box.x0, box.y0)
    ]  # fmt: skip
    image = SourceImageForRegion(classes[region.sop_uid], region.sop_uid)
    return ImageRegion(GraphicTypeValues.POLYLINE, np.array(corners, dtype=float), image)


def text_sections(draft: Draft) -> list[Any]:
    """A container per section, with one TEXT item per sentence, exactly as it was signed."""
    from highdicom.sr import (
        ContainerContentItem,
        ContentSequence,
        RelationshipTypeValues,
        TextContentItem,
    )

    contains = RelationshipTypeValues.CONTAINS
    sections: list[Any] = []
    for name in SectionName:
        claims = draft.section(name)
        if not claims:
            continue
        container = ContainerContentItem(_named(*_SECTIONS[name]), relationship_type=contains)
        item = _ITEMS.get(name, _COMMENT)
        container.ContentSequence = ContentSequence(
            [
                TextContentItem(_named(*item), as_signed(claim), relationship_type=contains)
                for claim in claims
            ]
        )
        sections.append(container)
    return sections


def _named(value: str, meaning: str) -> Any:
    scheme = "DCM" if value.isdigit() else CODING_SCHEME
    return concept(Code(value, scheme, meaning))


def as_signed(claim: Claim) -> str:
    """A sentence with its heading and mark, as the report's text has it."""
    topic = f"{claim.topic}: " if claim.topic else ""
    mark = f" {UNVERIFIED}" if claim.standing is Standing.MARKED else ""
    return f"{topic}{claim.sentence}{mark}"
