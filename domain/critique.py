"""Objections of the critique, and the record of a round."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from readingroom.domain.claim import Claim


class Remedy(StrEnum):
    """What the revision does about an objection."""

    REMOVE = "remove"
    MARK = "mark"
    REPLACE = "replace"
    ADD = "add"


@dataclass(frozen=True)
class Objection:
    """One objection.

    Attributes:
        rule: name of the rule, e.g. "comparison-without-prior".
        claim_id: the claim objected to; empty when something is missing.
        sentence: its text at the time.
        why: one line with the evidence, for the reader.
        remedy: what the revision does.
        replacement: the claim to put in its place, or to add.
    """

    rule: str
    claim_id: str
    sentence: str
    why: str
    remedy: Remedy
    replacement: Claim | None = None


@dataclass(frozen=True)
class CritiqueRound:
    """One pass. `diff` are lines that start with "- ", "+ " or "  "."""

    number: int
    objections: tuple[Objection, ...]
    diff: tuple[str, ...]
    before_sha256: str
    after_sha256: str
