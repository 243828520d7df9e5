"""What a rule sees: a draft beside its facts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from readingroom.domain.claim import Claim, Draft, SectionName
from readingroom.domain.finding import Observation
from readingroom.tools.reporting.facts import CaseFacts
from readingroom.tools.reporting.impression import impression_claims
from readingroom.tools.reporting.phrases import Phrases
from readingroom.tools.reporting.prose import phrases_of


@dataclass(frozen=True)
class DraftView:
    """A draft and what is known of its case."""

    draft: Draft
    facts: CaseFacts

    @cached_property
    def phrases(self) -> Phrases:
        """The words the draft is written in."""
        return phrases_of(self.draft)

    @property
    def limited(self) -> bool:
        """Whether the film is of limited quality."""
        reading = self.facts.reading
        return reading is not None and not reading.quality.adequate

    @property
    def findings(self) -> tuple[Claim, ...]:
        """The claims of the findings."""
        return self.draft.section(SectionName.FINDINGS)

    @property
    def impression(self) -> tuple[Claim, ...]:
        """The lines of the impression."""
        return self.draft.section(SectionName.IMPRESSION)

    @cached_property
    def expected_impression(self) -> list[Claim]:
        """The impression that these findings call for."""
        return impression_claims(self.findings, self.facts, self.phrases)

    @cached_property
    def by_id(self) -> dict[str, Claim]:
        """The claims by id."""
        return {claim.claim_id: claim for claim in self.draft.claims}

    @cached_property
    def assessed(self) -> frozenset[Observation]:
        """What the core judged on this film."""
        every = (each for each in Observation if self.facts.detection(each) is not None)
        return frozenset(every)
