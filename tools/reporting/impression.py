"""The impression: what the findings amount to, most urgent first. Never more than they say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from readingroom.domain.claim import Claim, SectionName, Standing
from readingroom.domain.evidence import Evidence
from readingroom.domain.finding import VOCABULARY, Change, Observation, Presence
from readingroom.domain.text import clean_text
from readingroom.tools.reporting.facts import CaseFacts
from readingroom.tools.reporting.findings import why_not_assessed
from readingroom.tools.reporting.phrases import Phrases

RESTS_ON_UNVERIFIED = "rests on a finding that is not verified"


def impression_claims(
    findings: tuple[Claim, ...], facts: CaseFacts, phrases: Phrases
) -> list[Claim]:
    """Impression lines for these findings, without ids.

    Positive and uncertain findings by severity; an answer to what the order asked; a normal
    line only for what was assessed; what was not assessed, last.
    """
    items = [claim for claim in findings if claim.observation is not None]
    told = sorted((c for c in items if is_told(c)), key=severity)
    lines = [_line(c.sentence, (c,), c.evidence) for c in told]
    absent = [c for c in items if c.presence is Presence.ABSENT and not is_device(c.observation)]
    missed = [c for c in items if c.presence is Presence.NOT_ASSESSED]
    if any(is_abnormal(c) for c in told):
        lines += _answers(absent, facts, phrases)
    elif absent:
        lines.append(_normal(absent, facts, phrases))
    lines += _missed(missed, bool(lines), facts, phrases)
    if not lines:
        evidence = (why_not_assessed(facts),)
        lines.append(_line(phrases.words("no_impression"), (), evidence))
    return lines


def is_device(observation: Observation | None) -> bool:
    """Whether an observation is a device: in place, not abnormal."""
    return observation is not None and VOCABULARY[observation].organ == "Devices"


def is_told(claim: Claim) -> bool:
    """Whether a finding belongs into the impression by itself."""
    if claim.presence is Presence.UNCERTAIN:
        return not is_device(claim.observation)
    return claim.presence is Presence.PRESENT or claim.change is Change.GONE


def is_abnormal(claim: Claim) -> bool:
    """Whether a finding forbids a normal line."""
    open_or_seen = claim.presence in (Presence.PRESENT, Presence.UNCERTAIN)
    return open_or_seen and not is_device(claim.observation)


def severity(claim: Claim) -> tuple[int, int]:
    """Rank of an impression line or a finding, most urgent first; lines without one last."""
    if claim.observation is None or claim.presence is Presence.NOT_ASSESSED:
        return 7, 0
    if claim.presence is Presence.ABSENT:
        return 6, list(VOCABULARY).index(claim.observation)
    critical = VOCABULARY[claim.observation].is_critical
    present = claim.presence is Presence.PRESENT
    if critical:
        rank = 0 if present else 1
    elif is_device(claim.observation):
        rank = 5
    elif present:
        rank = 2 if claim.change in (Change.NEW, Change.LARGER) else 3
    else:
        rank = 4
    return rank, list(VOCABULARY).index(claim.observation)


def _line(sentence: str, rests_on: Iterable[Claim], evidence: tuple[Evidence, ...] = ()) -> Claim:
    """One line. It repeats the fields of the one finding that it sums up."""
    under = tuple(rests_on)
    line = Claim(
        claim_id="",
        section=SectionName.IMPRESSION,
        sentence=sentence,
        evidence=evidence,
        rests_on=tuple(claim.claim_id for claim in under),
    )
    if len(under) == 1:
        line = replace(
            under[0],
            claim_id="",
            section=SectionName.IMPRESSION,
            topic="",
            sentence=sentence,
            rests_on=line.rests_on,
            standing=Standing.SUPPORTED,
            note="",
        )
    if any(claim.standing is Standing.MARKED for claim in under):
        line = replace(line, standing=Standing.MARKED, note=RESTS_ON_UNVERIFIED)
    return line


def _normal(absent: list[Claim], facts: CaseFacts, phrases: Phrases) -> Claim:
    items = phrases.listed(tuple(dict.fromkeys(c.observation for c in absent if c.observation)))
    limits = film_limits(facts, phrases)
    if limits:
        return _line(phrases.words("normal_limited", items=items, limits=limits), absent)
    return _line(phrases.words("normal", items=items), absent)


def film_limits(facts: CaseFacts, phrases: Phrases) -> str:
    """What limits the film, in words; empty when it is adequate."""
    if facts.reading is None or facts.reading.quality.adequate:
        return ""
    return clean_text(", ".join(facts.reading.quality.limits)) or phrases.words("not_specified")


def _answers(absent: list[Claim], facts: CaseFacts, phrases: Phrases) -> list[Claim]:
    asked = phrases.asked_about(f"{facts.order.procedure} {facts.order.indication}")
    return [
        _line(claim.sentence, (claim,))
        for claim in absent
        if claim.observation in asked and claim.change is not Change.GONE
    ]


def _missed(missed: list[Claim], any_line: bool, facts: CaseFacts, phrases: Phrases) -> list[Claim]:
    if not missed or not any_line:
        return []
    items = phrases.listed(tuple(c.observation for c in missed if c.observation))
    lines = [_line(phrases.words("not_assessed_short", items=items), missed)]
    asked = phrases.asked_about(f"{facts.order.procedure} {facts.order.indication}")
    for claim in missed:
        if claim.observation is not None and claim.observation in asked:
            label = phrases.label(claim.observation)
            lines.insert(0, _line(phrases.words("asked_not_assessed", label=label), (claim,)))
    return lines
