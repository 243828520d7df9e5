"""Side, zone and size of a finding, from the words around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from readingroom.domain.finding import Observation
from readingroom.domain.region import Laterality, Zone
from readingroom.tools.reporting.reader.lexicon import Mark
from readingroom.tools.reporting.reader.scopes import ALTERNATIVE, Parsed
from readingroom.tools.reporting.reader.values import Size, sizes

ZONED = frozenset(
    {
        Observation.NODULE,
        Observation.MASS,
        Observation.CONSOLIDATION,
        Observation.ATELECTASIS,
        Observation.EMPHYSEMA,
        Observation.INTERSTITIAL_OEDEMA,
        Observation.PLEURAL_EFFUSION,
        Observation.PNEUMOTHORAX,
    }
)
"""What has a zone; others are where they are."""

_UNSIZED = frozenset(
    {
        Observation.TRACHEAL_TUBE,
        Observation.CENTRAL_LINE,
        Observation.CHEST_TUBE,
        Observation.PACEMAKER,
        Observation.RIB_FRACTURE,
    }
)


_LISTS = ("and", "or")
_ADVERBS = ("ly", "rechts", "links", "bds", "bds.", "beidseits", "re.", "li.", "re", "li")
"""Endings of places that follow their noun."""
_OF_IT = re.compile(
    r"\s*(?:at|in|of|on|over|within|along|im|in|am|an)\b[\w\s-]{0,24}", re.IGNORECASE
)
"""What stands between a finding and a place that is its own."""


_SAME = "same"
_FEW = 3
"""Words before a place that opens a segment."""


_ARTICLE = re.compile(r"\b(?:an?|the|another|eine?\w*|der|des|die|das) $", re.IGNORECASE)
"""Before a size that its finding follows: "the 18 mm nodule"."""


class Places:
    """Sides, zones and sizes of a sentence, given to its findings."""

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        self._sides = [
            mark
            for mark in parsed.words.marks(parsed.text, "side")
            if not any(each.start <= mark.start < each.end for each in parsed.pseudo)
        ]
        self._zones = parsed.words.marks(parsed.text, "zone")
        self.sizes = sizes(parsed.text, parsed.words.sizes)

    def side(self, topic: Mark) -> Laterality:
        """The patient's side that is said of a finding."""
        own = self._nearest(topic, self._sides)
        values = {mark.value for mark in own}
        if _SAME in values:
            return self._side_before(topic)
        if {"left", "right"} <= values or "bilateral" in values:
            return Laterality.BILATERAL
        return Laterality(own[0].value) if own else Laterality.NONE

    def _side_before(self, topic: Mark) -> Laterality:
        """The last side that was named before a topic: "ipsilateral"."""
        sides = [m for m in self._sides if m.value != _SAME and m.start < topic.start]
        return Laterality(max(sides, key=lambda m: m.start).value) if sides else Laterality.NONE

    def zone(self, topic: Mark, observation: Observation) -> Zone:
        """The zone that is said of it; none where two are."""
        if observation not in ZONED:
            return Zone.NONE
        if topic.zone:
            return Zone(topic.zone)
        marks = self._nearest(topic, self._zones)
        if observation is Observation.INTERSTITIAL_OEDEMA:
            # "Upper lobe diversion" is a sign, not a place.
            marks = [mark for mark in marks if not topic.start <= mark.start < topic.end]
        values = {mark.value for mark in marks}
        return Zone(values.pop()) if len(values) == 1 else Zone.NONE

    def size(self, topic: Mark, observation: Observation) -> float | None:
        """The size that it has now, in mm."""
        if observation in _UNSIZED:
            return None
        part = self._parsed.parts[self._parsed.part(topic)]
        now = [size for size in self.sizes if not size.earlier and self._is_of(size, topic)]
        inside = [size for size in now if part.start <= size.start < part.end]
        chosen = min(inside or now, key=lambda size: _gap(size.start, topic), default=None)
        return chosen.mm if chosen else None

    def earlier_size(self, topic: Mark) -> float | None:
        """The size that it is said to have had."""
        then = [size for size in self.sizes if size.earlier and self._is_of(size, topic)]
        return min(then, key=lambda size: _gap(size.start, topic)).mm if then else None

    def _is_of(self, size: Size, topic: Mark) -> bool:
        """The nearest sized finding of the same clause, one that begins the segment first."""
        parsed = self._parsed
        clause = parsed.parts[parsed.part(topic)].clause
        place = Mark("size", "", size.start, size.end)
        here = parsed.part(place)
        if parsed.parts[here].clause not in (clause, clause + 1):
            return False
        rivals = [
            mark
            for mark in parsed.topics
            if mark.kind in ("term", "vague") and first_of(mark) not in _UNSIZED
            and parsed.parts[parsed.part(mark)].clause <= parsed.parts[here].clause
        ]  # fmt: skip
        inside = [mark for mark in rivals if parsed.part(mark) == here]
        if _ARTICLE.search(parsed.text[: size.start]):
            inside = [mark for mark in inside if mark.start >= size.end] or inside
        nearest = min(inside or rivals, key=lambda mark: _gap(size.start, mark), default=None)
        return nearest == topic

    def _nearest(self, topic: Mark, marks: Sequence[Mark]) -> list[Mark]:
        """Marks of the topic's own segment, else of those that share it or lead up to it."""
        parsed = self._parsed
        here = parsed.part(topic)
        inside = [mark for mark in marks if parsed.part(mark) == here]
        own = self._beside(topic, inside, parsed.topics_in(here))
        if own:
            return own
        return self._shared_after(topic, marks) or self._shared_before(topic, marks)

    def _shared_after(self, topic: Mark, marks: Sequence[Mark]) -> list[Mark]:
        """A place that is said after the topic, in a segment without a finding."""
        parsed, here = self._parsed, self._parsed.part(topic)
        for index in range(here + 1, len(parsed.parts)):
            part = parsed.parts[index]
            if part.clause != parsed.parts[here].clause:
                return []
            if part.joined == "with" and parsed.topics_in(index):
                return []
            found = [mark for mark in marks if parsed.part(mark) == index]
            topics = parsed.topics_in(index)
            if any(part.start <= other.start < part.end for other in parsed.others):
                return []
            if not topics:
                if found:
                    return found if self._opens(part.start, found[0]) else []
                continue
            if parsed.states(index) or parsed.is_told(here) or parsed.begins_anew(index):
                return []
            after = [mark for mark in found if mark.start >= topics[-1].end]
            before = [mark for mark in found if mark.start < topics[0].start]
            if after and not before and part.joined in ("and", "or", ","):
                return after
            if part.joined != "," or before:
                return []
        return []

    def _opens(self, start: int, mark: Mark) -> bool:
        """Whether a segment begins with a place: "on the left", not "encasing the left vein"."""
        words = self._parsed.text[start : mark.start].split()
        before = [word for word in words if word[0].isalpha() and word not in ("mm", "cm")]
        return len(before) <= _FEW and not any(word.endswith("ing") for word in before)

    def _shared_before(self, topic: Mark, marks: Sequence[Mark]) -> list[Mark]:
        """A place said before a list: "right effusion and pneumothorax"."""
        parsed, here = self._parsed, self._parsed.part(topic)
        for index in range(here, 0, -1):
            part = parsed.parts[index]
            listed = index + 1 < len(parsed.parts) and parsed.parts[index + 1].joined in _LISTS
            in_list = part.joined in _LISTS or (part.joined == "," and listed)
            if not in_list or parsed.opens_anew(index):
                return []
            topics = parsed.topics_in(index - 1)
            found = [mark for mark in marks if parsed.part(mark) == index - 1]
            if topics:
                before = [mark for mark in found if mark.end <= topics[0].start]
                if before:
                    return before
            elif found:
                return found
        return []

    def _beside(self, topic: Mark, marks: Sequence[Mark], rivals: Sequence[Mark]) -> list[Mark]:
        """Marks within the topic or before it, else after it, with no other finding between."""
        overlapping = [mark for mark in marks if mark.start < topic.end and topic.start < mark.end]
        before = [
            mark
            for mark in marks
            if mark.end <= topic.start and not self._taken(mark, topic, rivals)
        ]
        if before or overlapping:
            return overlapping + before[-2:]
        return [mark for mark in marks if self._follows(mark, topic, rivals)][:2]

    def _follows(self, mark: Mark, topic: Mark, rivals: Sequence[Mark]) -> bool:
        """Whether a place after a topic is its own, and not the next finding's."""
        if mark.start < topic.end:
            return False
        text = self._parsed.text
        for other in rivals:
            if topic.end <= other.start and other.end <= mark.start:
                return False
            leads_up = mark.end <= other.start and len(text[mark.end : other.start].split()) <= 2
            if leads_up and not _OF_IT.fullmatch(text[topic.end : mark.start]):
                return not text[topic.end : mark.start].strip()
        return True

    def _taken(self, mark: Mark, topic: Mark, rivals: Sequence[Mark]) -> bool:
        """Whether a place before a topic is that of another finding before it."""
        text = self._parsed.text
        for other in rivals:
            if mark.end <= other.start and other.end <= topic.start:
                # "consolidation vs collapse" share what is said before them.
                return not ALTERNATIVE.fullmatch(text[other.end : topic.start])
            between = text[other.end : mark.start]
            follows = other.end <= mark.start and not between.strip()
            is_adverb = follows and text[mark.start : mark.end].endswith(_ADVERBS)
            if is_adverb or (other.end <= mark.start and _OF_IT.fullmatch(between)):
                return True
        return False


def first_of(topic: Mark) -> Observation:
    """The observation of a topic; the first of one that names two ("hydropneumothorax")."""
    return Observation(topic.value.split()[0])


def _gap(place: int, topic: Mark) -> int:
    return min(abs(place - topic.start), abs(place - topic.end))
