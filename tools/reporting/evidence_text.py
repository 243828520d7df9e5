"""One line for each thing that a claim stands on."""

from __future__ import annotations

from readingroom.domain.evidence import (
    Evidence,
    HeaderEvidence,
    MeasurementEvidence,
    ModelEvidence,
    OrderEvidence,
    PriorEvidence,
    RegionEvidence,
    SearchEvidence,
    SentenceEvidence,
)
from readingroom.domain.ids import SOPInstanceUID
from readingroom.domain.text import clean_text


def evidence_text(evidence: Evidence, names: dict[SOPInstanceUID, str]) -> str:
    """What a piece of evidence says, in words.

    Args:
        evidence: any kind.
        names: what a film is called ("current", "P1"), by its SOP Instance UID.
    """
    return clean_text(_words(evidence, names))


def _words(evidence: Evidence, names: dict[SOPInstanceUID, str]) -> str:
    if isinstance(evidence, RegionEvidence):
        region = evidence.region
        film = names.get(region.sop_uid, "another film")
        model = f", {evidence.model.name}" if evidence.model else ""
        share = f"{region.fraction:.1%} of the film"
        return f"{evidence.role} on {film}, {share}, score {evidence.score:.2f}{model}"
    if isinstance(evidence, MeasurementEvidence):
        unit = "" if evidence.unit == "1" else f" {evidence.unit}"
        return f"measured: {evidence.name.replace('_', ' ')} {evidence.value:.3g}{unit}"
    if isinstance(evidence, PriorEvidence):
        return f"prior {evidence.label}, {evidence.modality} of {evidence.study_date}"
    if isinstance(evidence, SentenceEvidence):
        return f"a prior's report ({evidence.source}): “{evidence.sentence}”"
    if isinstance(evidence, HeaderEvidence):
        pairs = ", ".join(f"{key} {value or 'empty'}" for key, value in evidence.attributes)
        return f"header: {pairs}"
    if isinstance(evidence, OrderEvidence):
        return f"order {evidence.accession}"
    if isinstance(evidence, SearchEvidence):
        return f"search for priors: {evidence.outcome}; {evidence.detail}"
    assert isinstance(evidence, ModelEvidence)
    model = f" ({evidence.model.name} {evidence.model.revision})" if evidence.model else ""
    return f"the model says: {evidence.says}{model}"
