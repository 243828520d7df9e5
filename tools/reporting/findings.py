"""Claims of the findings: one per item of the checklist, whatever was seen."""

from __future__ import annotations

from dataclasses import replace

from readingroom.domain.claim import Claim, SectionName
from readingroom.domain.evidence import (
    Evidence,
    ModelEvidence,
    PriorEvidence,
    RegionEvidence,
    SentenceEvidence,
)
from readingroom.domain.finding import (
    ORGANS,
    VOCABULARY,
    Change,
    Detection,
    Observation,
    Presence,
)
from readingroom.domain.region import Laterality, Zone
from readingroom.domain.text import clean_text
from readingroom.tools.reporting.facts import CaseFacts, Comparison, RetrievedPrior
from readingroom.tools.reporting.looking import (
    cardiothoracic_ratio,
    judged,
    looked_evidence,
    measured,
    second_opinion,
    seen_evidence,
)
from readingroom.tools.reporting.phrases import Phrases
from readingroom.tools.reporting.prose import with_sentence
from readingroom.tools.reporting.reader import read_sentence
from readingroom.tools.reporting.sentences import sentences

SIZE_OF = {Observation.NODULE: "nodule_diameter", Observation.PLEURAL_EFFUSION: "effusion_depth"}


def finding_claims(facts: CaseFacts, phrases: Phrases) -> list[Claim]:
    """The whole checklist by organ, present first, what was not assessed last."""
    claims: list[Claim] = []
    for organ in ORGANS:
        items = [each for each in VOCABULARY if VOCABULARY[each].organ == organ]
        detections = {each: judged(each, facts) for each in items}
        assessed = [d for d in detections.values() if d is not None]
        for detection in sorted(assessed, key=lambda d: _RANK[d.presence]):
            claims += _assessed(detection, facts, phrases)
        claims += [
            not_assessed(each, facts, phrases) for each, d in detections.items() if d is None
        ]
    return claims


_RANK = {
    Presence.PRESENT: 0,
    Presence.UNCERTAIN: 1,
    Presence.ABSENT: 2,
    Presence.NOT_ASSESSED: 3,
}


def not_assessed(observation: Observation, facts: CaseFacts, phrases: Phrases) -> Claim:
    """The claim that an item was not assessed, with the reason as its evidence."""
    claim = Claim(
        claim_id="",
        section=SectionName.FINDINGS,
        sentence="",
        topic=phrases.organ(VOCABULARY[observation].organ),
        observation=observation,
        presence=Presence.NOT_ASSESSED,
        evidence=(why_not_assessed(facts),),
    )
    return with_sentence(claim, phrases)


def why_not_assessed(facts: CaseFacts) -> ModelEvidence:
    """Why an item was not assessed: no reading, a film of another kind, or not trained for it."""
    if facts.reading is None:
        return ModelEvidence(clean_text(facts.reading_failed) or "no model has read this film")
    if not facts.reading.knows_this_kind:
        return ModelEvidence(clean_text(facts.reading.why_not), facts.reading.model)
    return ModelEvidence("the model was not trained to judge this", facts.reading.model)


def _assessed(detection: Detection, facts: CaseFacts, phrases: Phrases) -> list[Claim]:
    if detection.presence is Presence.NOT_ASSESSED:
        return [not_assessed(detection.observation, facts, phrases)]
    if _ratio_disagrees(detection, facts):
        detection = replace(detection, presence=Presence.UNCERTAIN)
    if detection.presence is Presence.ABSENT:
        detection = replace(detection, laterality=Laterality.NONE, zone=Zone.NONE)
    rows = facts.newest_comparison(detection.observation)
    claims = [_claim(detection, _row_for(detection, rows), facts, phrases)]
    # A finding that moved to the other side is two statements: this one is new, that one gone.
    if detection.presence is Presence.PRESENT:
        claims += [
            _claim(_gone(detection, row), row, facts, phrases)
            for row in rows
            if row.change is Change.GONE
        ]
    return claims


def _ratio_disagrees(detection: Detection, facts: CaseFacts) -> bool:
    """Whether the word for the heart's size and its measured width disagree on a PA film.

    Source: cardiothoracic ratio above 0.50 on a PA film (Danzer 1919); an AP film enlarges the
    heart, and no limit is agreed on there.
    """
    if detection.observation is not Observation.CARDIOMEGALY or (
        facts.film is None or facts.film.view != "PA"
    ):
        return False
    ratio = cardiothoracic_ratio(facts)
    if ratio is None:
        return False
    if detection.presence is Presence.PRESENT:
        return ratio.value < 0.505 - _RATIO_ERROR
    return detection.presence is Presence.ABSENT and ratio.value > 0.505


_RATIO_ERROR = 0.03
"""What a ratio of the embedded core is off by (`CARD.md`); a heart must measure smaller by more."""


def _gone(detection: Detection, row: Comparison) -> Detection:
    """Nothing on the other side: as sure as the core is of the side that it named."""
    return Detection(
        detection.observation, 1.0 - detection.probability, Presence.ABSENT, row.laterality
    )


def _row_for(detection: Detection, rows: tuple[Comparison, ...]) -> Comparison | None:
    fits = {
        Presence.PRESENT: (Change.NEW, Change.LARGER, Change.SAME, Change.SMALLER),
        Presence.ABSENT: (Change.GONE,),
    }.get(detection.presence, ())
    return next((row for row in rows if row.change in fits), None)


def _claim(
    detection: Detection, row: Comparison | None, facts: CaseFacts, phrases: Phrases
) -> Claim:
    observation, presence = detection.observation, detection.presence
    absent = presence is Presence.ABSENT
    evidence = (looked_evidence if absent else seen_evidence)(detection, facts)
    size = measured(facts, SIZE_OF[observation], "mm") if observation in SIZE_OF else None
    shown = presence is Presence.PRESENT
    prior = facts.retrieved_prior(row.prior_label) if row else None
    claim = Claim(
        claim_id="",
        section=SectionName.FINDINGS,
        sentence="",
        topic=phrases.organ(VOCABULARY[observation].organ),
        observation=observation,
        presence=presence,
        laterality=detection.laterality,
        zone=detection.zone,
        size_mm=size.value if size and shown else None,
        change=row.change if row and prior else Change.NOT_COMPARED,
        prior_study_uid=prior.study.study_uid if prior else None,
        evidence=(
            *evidence,
            *second_opinion(detection, facts),
            *((size,) if size and shown else ()),
            *_ratio(observation, facts),
            *_prior_evidence(row, prior, phrases),
            *_report_mentions(observation, facts, phrases),
        ),
    )
    limited = facts.reading is not None and not facts.reading.quality.adequate
    return with_sentence(claim, phrases, limited=limited)


def _ratio(observation: Observation, facts: CaseFacts) -> tuple[Evidence, ...]:
    ratio = cardiothoracic_ratio(facts) if observation is Observation.CARDIOMEGALY else None
    return (ratio,) if ratio else ()


def _prior_evidence(
    row: Comparison | None, prior: RetrievedPrior | None, phrases: Phrases
) -> tuple[Evidence, ...]:
    if row is None or prior is None:
        return ()
    study = prior.study
    day = phrases.day(study.study_date)
    return (PriorEvidence(study.study_uid, prior.label, day, prior.kind, row.prior_region),)


def _report_mentions(
    observation: Observation, facts: CaseFacts, phrases: Phrases
) -> tuple[Evidence, ...]:
    """The first sentence of a prior's report about the same thing: to read, not to repeat."""
    for prior in facts.found_priors:
        for sentence in sentences(prior.report.text) if prior.report else ():
            read = read_sentence(sentence, phrases.language)
            if any(mention.observation is observation for mention in read.mentions):
                source = prior.report.source.value if prior.report else ""
                return (SentenceEvidence(prior.study.study_uid, sentence[:300], source),)
    return ()


def first_region(claim: Claim) -> RegionEvidence | None:
    """The place a claim is shown at."""
    return next((e for e in claim.evidence if isinstance(e, RegionEvidence)), None)
