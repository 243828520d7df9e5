"""Claims and drafts: each sentence stands on something, and the hash covers all of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from readingroom.domain.evidence import Evidence
from readingroom.domain.finding import Change, Observation, Presence
from readingroom.domain.ids import CaseID, Sha256, StudyUID
from readingroom.domain.region import Laterality, Zone


class SectionName(StrEnum):
    """Sections in the order they are printed."""

    INDICATION = "Indication"
    TECHNIQUE = "Technique"
    COMPARISON = "Comparison"
    FINDINGS = "Findings"
    IMPRESSION = "Impression"
    COMMUNICATION = "Communication"
    LIMITATIONS = "Limitations"


class Standing(StrEnum):
    """What the critique left of a claim."""

    SUPPORTED = "supported"
    MARKED = "marked"
    """Kept, but shown to the reader as not verified."""


@dataclass(frozen=True)
class Claim:
    """One sentence and what it rests on.

    Attributes:
        claim_id: stable within a case, e.g. "c7"; an impression line names the finding claims
            it sums up in `rests_on`.
        topic: the heading within the section ("Lungs"), empty outside the findings.
        size_mm: longest diameter or depth, > 0.
        prior_study_uid: the retrieved prior that `change` was judged against.
        note: why it is marked.
    """

    claim_id: str
    section: SectionName
    sentence: str
    topic: str = ""
    observation: Observation | None = None
    presence: Presence | None = None
    laterality: Laterality = Laterality.NONE
    zone: Zone = Zone.NONE
    size_mm: float | None = None
    change: Change = Change.NOT_COMPARED
    prior_study_uid: StudyUID | None = None
    evidence: tuple[Evidence, ...] = ()
    rests_on: tuple[str, ...] = ()
    standing: Standing = Standing.SUPPORTED
    note: str = ""


UNVERIFIED = "[unverified]"
"""How a marked sentence is shown, in every rendering of a report."""


@dataclass(frozen=True)
class Draft:
    """A version of a report. Immutable: each change is a new version."""

    case_id: CaseID
    version: int
    title: str
    claims: tuple[Claim, ...]
    language: str = "en"
    template: str = ""

    def section(self, name: SectionName) -> tuple[Claim, ...]:
        """The claims of one section, in order."""
        return tuple(claim for claim in self.claims if claim.section is name)

    def text(self) -> str:
        """Plain text exactly as it is shown, signed and sent."""
        lines = [self.title]
        for name in SectionName:
            claims = self.section(name)
            if claims:
                lines += ["", name.upper(), *_section_lines(name, claims)]
        return "\n".join(lines) + "\n"

    def sha256(self) -> Sha256:
        """Hash of exactly this content: the text and every claim with its evidence."""
        content = {"text": self.text(), "draft": _one_number_type(asdict(self))}
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
        return Sha256(hashlib.sha256(canonical.encode()).hexdigest())


def _one_number_type(value: Any) -> Any:
    # A box made of integers comes back from storage as floats: 3 and 3.0 must hash alike.
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, dict):
        return {key: _one_number_type(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_one_number_type(each) for each in value]
    return value


def _sentence(claim: Claim) -> str:
    marked = claim.standing is Standing.MARKED
    return f"{claim.sentence} {UNVERIFIED}" if marked else claim.sentence


def _section_lines(name: SectionName, claims: tuple[Claim, ...]) -> list[str]:
    if name is SectionName.IMPRESSION:
        return [f"{number}. {_sentence(claim)}" for number, claim in enumerate(claims, 1)]
    lines: dict[str, list[str]] = {}
    for claim in claims:
        lines.setdefault(claim.topic, []).append(_sentence(claim))
    return [
        (f"{topic}: " if topic else "") + " ".join(sentences) for topic, sentences in lines.items()
    ]
