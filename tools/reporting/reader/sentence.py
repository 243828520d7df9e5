"""One sentence to what it states."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from readingroom.domain.finding import Change, Observation
from readingroom.domain.region import Laterality
from readingroom.tools.reporting.reader.attributes import Places, first_of
from readingroom.tools.reporting.reader.lexicon import Mark, lexicon
from readingroom.tools.reporting.reader.mention import Mention, SentenceReading, Status
from readingroom.tools.reporting.reader.scopes import Parsed, parse
from readingroom.tools.reporting.reader.spelling import corrected, original
from readingroom.tools.reporting.reader.values import dates

_LONGEST = 2000
_SLICES = re.compile(
    r"\((?:[^()]{0,30}\b(?:series|image|ser?|img?|im|serie|bild)\b[^()]{0,30}|\d{1,3}[:/]\d{1,4})\)",
    re.IGNORECASE,
)
"""Where something is in a series, "(series 4, image 87)": no part of the sentence's grammar."""
_INDICATION, _COMPARISON, _RECOMMENDATION = "indication", "comparison", "recommendation"


@lru_cache(4096)
def read_sentence(text: str, language: str = "en", section: str = "findings") -> SentenceReading:
    """What a sentence of a report states; nothing is guessed of what it does not speak of.

    Args:
        text: one sentence; of more than 2,000 characters the rest is not read.
        language: "en" or "de".
        section: findings, impression, indication, comparison, technique or recommendation. What is
            only suspected in an indication is asked about, not stated.

    Raises:
        KeyError: for a language without a lexicon.
    """
    words = lexicon(language)
    mended, moved = corrected(_SLICES.sub(_blank, text[:_LONGEST]), words.spelling)
    parsed = parse(mended, words)
    places = Places(parsed)
    found: list[Mention] = []
    explained = _explained(parsed)
    for topic in parsed.topics:
        if topic in explained:
            continue
        found += _mentions(parsed, places, topic, section, explained)
    compares = _compares(parsed, found, section)
    mentions = tuple(
        replace(each, start=original(each.start, moved), end=original(each.end, moved))
        for each in _merged(found, parsed)
    )
    return SentenceReading(text, mentions, compares, dates(parsed.text))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _mentions(
    parsed: Parsed, places: Places, topic: Mark, section: str, explained: dict[Mark, Mark]
) -> list[Mention]:
    cues = list(parsed.governors(topic))
    if topic.kind == "organ" and not _is_told(topic, cues):
        return []
    change = _change(parsed, places, topic, cues)
    status = _status(topic, cues, section, change, parsed.is_dated(topic))
    if status is Status.PRESENT and topic.kind == "term" and parsed.coordinated(topic):
        status = Status.UNCERTAIN
    if status in (Status.ABSENT, Status.CONDITIONAL, Status.HISTORICAL):
        change = Change.NOT_COMPARED
    if status is Status.RESOLVED:
        change = Change.GONE
    if topic.kind == "gone":
        status = Status.HISTORICAL if section == _INDICATION else Status.RESOLVED
        change = Change.GONE if status is Status.RESOLVED else Change.NOT_COMPARED
    mentions = []
    is_cause = status is Status.UNCERTAIN or topic in explained.values()
    head = _head(parsed, topic, explained) if is_cause else None
    for name in topic.value.split():
        observation = Observation(name)
        side, zone = places.side(topic), places.zone(topic, observation)
        size = places.size(topic, observation)
        if topic.meant is not None and not side:
            side, zone = places.side(topic.meant), zone or places.zone(topic.meant, observation)
        if head is not None:
            side = side or places.side(head)
            zone = zone or places.zone(head, observation)
            size = size or places.size(head, observation)
        mentions.append(
            Mention(observation, status, side, zone, size, change, topic.start, topic.end)
        )
    return mentions


def _head(parsed: Parsed, topic: Mark, explained: dict[Mark, Mark]) -> Mark | None:
    """The opacity that a topic may be the cause of."""
    near = (
        vague
        for vague, first in explained.items()
        if first.start <= topic.start and parsed.clause(topic) - parsed.clause(vague) <= 1
    )
    return next(near, None)


def _explained(parsed: Parsed) -> dict[Mark, Mark]:
    """Opacities of which the sentence says what they may be, and the first of what they may be."""
    found: dict[Mark, Mark] = {}
    for vague in parsed.topics:
        if vague.kind != "vague":
            continue
        for term in parsed.topics:
            if term.kind != "term" or term.start < vague.end:
                continue
            between = [
                cue
                for cue in parsed.cues
                if cue.value in ("uncertain>", "<uncertain", "<uncertain>")
                and vague.end <= cue.start
            ]
            near = parsed.clause(term) - parsed.clause(vague) <= 1
            governed = any(cue in between for cue in parsed.governors(term))
            if near and (governed or parsed.explains(vague, term)):
                found[vague] = term
                break
        else:
            # "The density is probably a hiatus hernia": none of ours.
            if any(_hedges(cue, vague, parsed) for cue in parsed.cues):
                found[vague] = vague
    return found


def _hedges(cue: Mark, vague: Mark, parsed: Parsed) -> bool:
    same = parsed.clause(cue) == parsed.clause(vague)
    is_other = parsed.words.another.match(parsed.text, cue.end) is not None
    return same and cue.start >= vague.end and cue.value == "uncertain>" and is_other


def _is_told(organ: Mark, cues: list[Mark]) -> bool:
    """Whether an organ is called normal, or (heart, mediastinum, hila) large."""
    is_well = any(cue.kind == "well" for cue in cues)
    is_large = any(cue.kind == "ill" or cue.value in ("larger", "new", "<resolved") for cue in cues)
    return is_well or (is_large and organ.value in _LARGE)


_LARGE = ("cardiomegaly", "wide_mediastinum", "hilar_enlargement")


def _status(topic: Mark, cues: list[Mark], section: str, change: Change, is_dated: bool) -> Status:
    said = {cue.value for cue in cues if cue.kind == "status"}
    is_well = any(cue.kind == "well" for cue in cues)
    if topic.kind == "normal" or (topic.kind == "organ" and is_well):
        was_ill = any(cue.kind == "ill" for cue in cues)
        return Status.RESOLVED if was_ill or "<resolved" in said else Status.ABSENT
    if said & {"conditional>", "<conditional"}:
        return Status.CONDITIONAL
    if said & {"resolved>", "<resolved"}:
        is_past = section == _INDICATION or "<historical" in said
        return Status.HISTORICAL if is_past else Status.RESOLVED
    if said & {"<uncertain", "<uncertain>"}:
        return Status.CONDITIONAL if section == _INDICATION else Status.UNCERTAIN
    if said & {"absent>", "<absent"}:
        return Status.ABSENT
    if "uncertain>" in said:
        return Status.CONDITIONAL if section == _INDICATION else Status.UNCERTAIN
    if said & {"historical>", "<historical"} and change is Change.NOT_COMPARED:
        return Status.HISTORICAL
    is_old = section == _COMPARISON or (section == _INDICATION and is_dated)
    return Status.HISTORICAL if is_old else Status.PRESENT


def _change(parsed: Parsed, places: Places, topic: Mark, cues: list[Mark]) -> Change:
    courses = [cue for cue in cues if cue.kind == "change"]
    if courses:
        # The first word of a course that is nearest: "smaller than before but persistent".
        nearest = min(courses, key=lambda cue: max(cue.start - topic.end, topic.start - cue.end))
        return Change(nearest.value)
    if topic.kind != "term":
        return Change.NOT_COMPARED
    now, then = places.size(topic, first_of(topic)), places.earlier_size(topic)
    if now and then:
        return Change.LARGER if now > then else Change.SMALLER if now < then else Change.SAME
    return Change.NOT_COMPARED


def _compares(parsed: Parsed, found: list[Mention], section: str) -> bool:
    compare = parsed.words.marks(parsed.text, "compare")
    denied = [mark for mark in compare if mark.value in ("none", "of_the_person")]

    def counts(mark: Mark) -> bool:
        return not any(mark.start < other.end and other.start < mark.end for other in denied)

    if any(mention.change is not Change.NOT_COMPARED for mention in found):
        return True
    if any(mark.value == "none" for mark in denied) or section == _INDICATION:
        return False
    words = [mark for mark in compare if mark.value == "words" and counts(mark)]
    courses = [cue for cue in parsed.cues if cue.kind == "change" and counts(cue)]
    if any(cue.value == "conditional>" for cue in parsed.cues) and section == _RECOMMENDATION:
        courses = []
    if words or courses:
        return True
    return section == _COMPARISON and bool(dates(parsed.text)) and not denied


def _merged(found: list[Mention], parsed: Parsed) -> list[Mention]:
    """The same said twice is one; what an exception states is not also denied."""
    kept: list[Mention] = []
    for mention in found:
        twin = next((i for i, other in enumerate(kept) if _same(other, mention)), None)
        if twin is None:
            kept.append(mention)
        else:
            kept[twin] = _joined(kept[twin], mention)
    return [mention for mention in kept if not _is_covered(mention, kept, parsed)]


def _is_covered(mention: Mention, kept: list[Mention], parsed: Parsed) -> bool:
    """What another says better: an exception to a denial, a finding whose cause is unsure."""
    others = [m for m in kept if m.observation is mention.observation and m is not mention]
    if mention.status is Status.ABSENT:
        return any(parsed.excepted(m.start) and m.start > mention.start for m in others) or any(
            m.status in (Status.UNCERTAIN, Status.RESOLVED)
            and m.laterality in (mention.laterality, Laterality.NONE)
            for m in others
        )
    if mention.status is Status.UNCERTAIN and not mention.laterality:
        return any(m.status is Status.PRESENT and m.start < mention.start for m in others)
    return False


def _same(one: Mention, other: Mention) -> bool:
    sides = {one.laterality, other.laterality}
    sized = one.size_mm is None or other.size_mm is None or one.size_mm == other.size_mm
    alike = len(sides) == 1 or Laterality.NONE in sides
    return one.observation is other.observation and one.status is other.status and alike and sized


def _joined(one: Mention, other: Mention) -> Mention:
    return replace(
        one,
        laterality=one.laterality or other.laterality,
        zone=one.zone or other.zone,
        size_mm=one.size_mm or other.size_mm,
        change=one.change or other.change,
    )
