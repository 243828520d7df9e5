"""Rule: the impression says what the findings say, all that is urgent, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from readingroom.agent.critique.remedy import add, change_to, mark, remove
from readingroom.agent.critique.view import DraftView
from readingroom.agent.critique.words import NORMAL, NOT_ASSESSED
from readingroom.domain.claim import Claim, SectionName
from readingroom.domain.critique import Objection
from readingroom.domain.finding import VOCABULARY, Presence
from readingroom.tools.reporting.compose import communication_claim, needs_communication
from readingroom.tools.reporting.impression import is_abnormal, is_told

MISSING = "impression-missing"
INCOMPLETE = "impression-against-findings"
STALE = "impression-stale"
CRITICAL = "critical-missing"
COMMUNICATION = "communication"


def impression(view: DraftView) -> Iterator[Objection]:
    """Object to an impression that is missing, stale, incomplete or more cheerful than it may."""
    if not view.impression:
        for line in view.expected_impression:
            yield add(MISSING, line, "the report has no impression")
    else:
        for line in view.impression:
            yield from _line(line, view)
        yield from _incomplete(view)
    yield from _communication(view)
    yield from _flagged(view)


def _line(line: Claim, view: DraftView) -> Iterator[Objection]:
    why = _problem(line, view)
    if not why:
        return
    better = _better(line, view)
    taken = better is not None and any(
        other.rests_on == better.rests_on and other.claim_id != line.claim_id
        for other in view.impression
    )
    if better is None or taken:
        yield remove(STALE if line.rests_on else INCOMPLETE, line, why)
    else:
        yield change_to(STALE if line.rests_on else INCOMPLETE, line, why, better)


def _problem(line: Claim, view: DraftView) -> str:
    """What is wrong with a line; empty when nothing is."""
    under = [view.by_id[each] for each in line.rests_on if each in view.by_id]
    if len(under) != len(line.rests_on):
        return "it rests on a finding that is no longer there"
    if len(under) == 1 and line.observation is not None:
        return _differs(line, under[0])
    if len(under) > 1:
        return _differs_from_many(line, under, view)
    if not under and line.observation is not None:
        return "it rests on none of the findings"
    return _cheerful(line, view)


def _differs(line: Claim, finding: Claim) -> str:
    pairs = (
        (finding.observation, line.observation, "finding"),
        (finding.presence, line.presence, "presence"),
        (finding.laterality, line.laterality, "side"),
        (finding.change, line.change, "course"),
        (finding.size_mm, line.size_mm, "size"),
    )
    for there, here, what in pairs:
        if there != here:
            return f"the findings say otherwise ({what}: {there or 'none'}, not {here or 'none'})"
    return ""


def _differs_from_many(line: Claim, under: list[Claim], view: DraftView) -> str:
    if len({claim.presence for claim in under}) > 1:
        return "the findings that it sums up have changed"
    alike = [e for e in view.expected_impression if len(e.rests_on) > 1]
    if any(set(each.rests_on) == set(line.rests_on) for each in alike):
        return _cheerful(line, view)
    return "the findings that it sums up have changed"


def _cheerful(line: Claim, view: DraftView) -> str:
    """A normal line must be the one that the findings allow, word for word."""
    if not NORMAL.search(line.sentence):
        return ""
    if any(line.sentence == each.sentence for each in view.expected_impression):
        return ""
    if any(is_abnormal(claim) for claim in view.findings):
        return "it says normal, and the findings hold something that is not"
    return "it says normal of more than was assessed"


def _better(line: Claim, view: DraftView) -> Claim | None:
    """The expected line that sums up most of the same findings."""
    overlap = [(len(set(e.rests_on) & set(line.rests_on)), e) for e in view.expected_impression]
    best = max((shared for shared, _ in overlap), default=0)
    if best:
        return next(each for shared, each in overlap if shared == best)
    same = [e for e in view.expected_impression if NORMAL.search(e.sentence)]
    return same[0] if same and NORMAL.search(line.sentence) else None


def _incomplete(view: DraftView) -> Iterator[Objection]:
    covered = {each for line in view.impression for each in line.rests_on}
    for line in view.expected_impression:
        missing = [view.by_id[each] for each in line.rests_on if each not in covered]
        told = [claim for claim in missing if is_told(claim)]
        critical = any(c.observation and VOCABULARY[c.observation].is_critical for c in told)
        if told:
            rule = CRITICAL if critical else INCOMPLETE
            yield add(rule, line, "the findings have it, the impression does not")
        elif missing and all(c.presence is Presence.NOT_ASSESSED for c in missing):
            yield from _unsaid(line, view)


def _unsaid(expected: Claim, view: DraftView) -> Iterator[Objection]:
    """The line that says what was not assessed is missing, or leaves something out."""
    why = "what was not assessed is not said"
    known = [each for each in view.impression if NOT_ASSESSED.search(each.sentence)]
    partial = [each for each in known if set(each.rests_on) <= set(expected.rests_on)]
    if partial:
        yield change_to(INCOMPLETE, partial[0], why, expected)
    elif not known:
        yield add(INCOMPLETE, expected, why)


def _communication(view: DraftView) -> Iterator[Objection]:
    """Each critical finding asks for a communication record; nothing else does."""
    lines = {each: line for line in _records(view) for each in line.rests_on}
    needed = {c.claim_id: c for c in view.findings if needs_communication(c)}
    for claim_id, finding in needed.items():
        expected = communication_claim(finding, view.phrases)
        line = lines.get(claim_id)
        if line is None:
            yield add(COMMUNICATION, expected, "a critical finding without a communication record")
        elif (line.laterality, line.presence) != (finding.laterality, finding.presence):
            yield change_to(COMMUNICATION, line, "the finding has changed", expected)
    for line in _records(view):
        if line.rests_on and not set(line.rests_on) & set(needed):
            yield remove(COMMUNICATION, line, "no critical finding stands behind it any more")


def _records(view: DraftView) -> tuple[Claim, ...]:
    return view.draft.section(SectionName.COMMUNICATION)


def _flagged(view: DraftView) -> Iterator[Objection]:
    """What was flagged as critical during the read cannot quietly become "absent"."""
    for claim in view.findings:
        if claim.observation in view.facts.critical and claim.presence is Presence.ABSENT:
            yield mark(
                CRITICAL, claim, "flagged as critical during the read, but written as absent"
            )
