"""What a claim stands on. Every kind says which object it points at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from readingroom.domain.finding import ModelId
from readingroom.domain.ids import SOPInstanceUID, StudyUID
from readingroom.domain.region import Region


@dataclass(frozen=True)
class RegionEvidence:
    """A place on an image where a model or a person looked."""

    region: Region
    score: float
    model: ModelId | None = None
    role: Literal["seen", "looked"] = "seen"
    """seen: the finding is there; looked: nothing was found there."""
    kind: Literal["region"] = "region"


@dataclass(frozen=True)
class MeasurementEvidence:
    """A number with its end points. `unit` in UCUM ("mm", "1" for a ratio)."""

    name: str
    value: float
    unit: str
    region: Region
    kind: Literal["measurement"] = "measurement"


@dataclass(frozen=True)
class PriorEvidence:
    """A prior that was retrieved, with the region compared where there is one."""

    study_uid: StudyUID
    label: str
    study_date: str
    modality: str
    region: Region | None = None
    kind: Literal["prior"] = "prior"


@dataclass(frozen=True)
class SentenceEvidence:
    """A sentence of a prior's report."""

    study_uid: StudyUID
    sentence: str
    source: str
    kind: Literal["sentence"] = "sentence"


@dataclass(frozen=True)
class HeaderEvidence:
    """Attributes of an image's header, as keyword and value."""

    sop_uid: SOPInstanceUID
    attributes: tuple[tuple[str, str], ...]
    kind: Literal["header"] = "header"


@dataclass(frozen=True)
class OrderEvidence:
    """What the order says."""

    accession: str
    text: str
    kind: Literal["order"] = "order"


@dataclass(frozen=True)
class SearchEvidence:
    """What a query for priors answered: found, none or failed."""

    outcome: Literal["found", "none", "failed"]
    detail: str
    kind: Literal["search"] = "search"


@dataclass(frozen=True)
class ModelEvidence:
    """What a model says of itself: trained on what, cannot judge what, did not answer.

    Attributes:
        model: None when no model answered at all.
    """

    says: str
    model: ModelId | None = None
    kind: Literal["model"] = "model"


Evidence = (
    RegionEvidence
    | MeasurementEvidence
    | PriorEvidence
    | SentenceEvidence
    | HeaderEvidence
    | OrderEvidence
    | SearchEvidence
    | ModelEvidence
)
