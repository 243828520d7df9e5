"""The second look: a disagreement opens the question, and no answer is never agreement."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reporting_cases import EFFUSION, MODEL, NODULE, PNEUMOTHORAX, facts

from readingroom.agent.critique import second_look, settle
from readingroom.domain.claim import Claim, SectionName, Standing
from readingroom.domain.critique import Remedy
from readingroom.domain.errors import ModelUnavailable, ToolFailed
from readingroom.domain.evidence import RegionEvidence
from readingroom.domain.finding import Observation, Presence, RegionAnswer
from readingroom.domain.region import Region
from readingroom.tools.reporting import compose


class Looker:
    """A model that gives one answer, and remembers what it was asked."""

    def __init__(self, presence: Presence, only: Observation | None = None) -> None:
        self.presence, self.only = presence, only
        self.asked: list[Observation] = []

    def __call__(self, claim: Claim, region: Region) -> RegionAnswer:
        assert claim.observation is not None
        self.asked.append(claim.observation)
        mine = self.only in (None, claim.observation)
        agrees = claim.presence or Presence.UNCERTAIN
        return RegionAnswer(claim.observation, self.presence if mine else agrees, 0.62, MODEL)


def finding(draft: object, observation: Observation) -> Claim:
    claims = draft.section(SectionName.FINDINGS)  # type: ignore[attr-defined]
    return next(c for c in claims if c.observation is observation)


def test_it_asks_at_findings_and_at_critical_absences_and_at_nothing_global() -> None:
    look = Looker(Presence.PRESENT)
    second_look(compose(facts(NODULE)), look)
    assert look.asked == [
        Observation.NODULE,
        Observation.PNEUMOTHORAX,
        Observation.PNEUMOTHORAX,
    ]


@pytest.mark.parametrize("answer", [Presence.ABSENT, Presence.UNCERTAIN])
def test_a_finding_that_the_crop_does_not_show_becomes_uncertain(answer: Presence) -> None:
    draft = compose(facts(NODULE))
    (objection,) = second_look(draft, Looker(answer, Observation.NODULE))
    assert objection.remedy is Remedy.REPLACE and objection.replacement is not None
    assert objection.replacement.sentence == "Nodule in the right upper zone cannot be excluded."
    assert objection.replacement.presence is Presence.UNCERTAIN
    assert "0.91" in objection.why and "0.62" in objection.why


def test_a_missed_pneumothorax_reaches_impression_and_communication() -> None:
    case = facts()
    draft, rounds = settle(
        compose(case), case, ask=Looker(Presence.PRESENT, Observation.PNEUMOTHORAX)
    )
    text = draft.text()
    assert "No pneumothorax" not in text and "No acute abnormality" not in text
    assert draft.section(SectionName.IMPRESSION)[0].observation is Observation.PNEUMOTHORAX
    assert "pneumothorax" in draft.section(SectionName.COMMUNICATION)[0].sentence
    claim = finding(draft, Observation.PNEUMOTHORAX)
    assert [e.role for e in claim.evidence if isinstance(e, RegionEvidence)] == ["seen"]
    assert rounds[0].diff and not rounds[-1].objections


@pytest.mark.parametrize(
    "error", [ModelUnavailable("the model timed out"), ToolFailed("no film on disk")]
)
def test_a_model_that_does_not_answer_marks_and_never_passes(error: Exception) -> None:
    def silent(claim: Claim, region: Region) -> RegionAnswer:
        raise error

    case = facts(NODULE)
    draft, _ = settle(compose(case), case, ask=silent)
    for observation in (Observation.NODULE, Observation.PNEUMOTHORAX):
        claim = finding(draft, observation)
        assert claim.standing is Standing.MARKED and str(error) in claim.note
    assert draft.section(SectionName.IMPRESSION)[0].standing is Standing.MARKED


def test_an_answer_of_not_assessed_marks() -> None:
    draft = compose(facts(NODULE))
    (objection,) = second_look(draft, Looker(Presence.NOT_ASSESSED, Observation.NODULE))
    assert objection.remedy is Remedy.MARK


def test_agreement_objects_to_nothing() -> None:
    draft = compose(facts(NODULE, EFFUSION, PNEUMOTHORAX))
    assert second_look(draft, Looker(Presence.PRESENT)) == ()


def test_an_uncertain_finding_stays_uncertain_whatever_the_crop_shows() -> None:
    draft = compose(facts(replace(PNEUMOTHORAX, presence=Presence.UNCERTAIN)))
    for answer in (Presence.PRESENT, Presence.ABSENT):
        assert second_look(draft, Looker(answer, Observation.PNEUMOTHORAX)) == ()
