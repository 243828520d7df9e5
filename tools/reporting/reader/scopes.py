"""Which cue governs which finding: forwards over a list, backwards from a predicate."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from readingroom.tools.reporting.reader.clauses import Segment, segments
from readingroom.tools.reporting.reader.lexicon import Lexicon, Mark

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_STOP = re.compile("[,:]")
ALTERNATIVE = re.compile(r"\s*(?:vs\.?|versus|\?|or|/|rather than|oder|dd)\s*\??\s*", re.IGNORECASE)
"""What stands between two findings of which one is meant."""
_THROUGH = {"conditional>": ("with", ",", "and"), "historical>": ("with",)}
_TOPICS = ("term", "organ", "normal", "vague", "gone")


@dataclass(frozen=True, eq=False)
class Parsed:
    """A sentence with its marks and segments."""

    text: str
    words: Lexicon
    topics: tuple[Mark, ...]
    cues: tuple[Mark, ...]
    parts: tuple[Segment, ...]
    others: tuple[Mark, ...]
    pseudo: tuple[Mark, ...]

    def part(self, mark: Mark) -> int:
        """Index of the segment that a mark begins in."""
        return max(0, bisect_right(self._starts, mark.start) - 1)

    @cached_property
    def _starts(self) -> list[int]:
        return [part.start for part in self.parts]

    def clause(self, mark: Mark) -> int:
        """Which clause a mark stands in."""
        return self.parts[self.part(mark)].clause

    def is_dated(self, topic: Mark) -> bool:
        """Whether its own segment names a year: in an indication that is the past."""
        part = self.parts[self.part(topic)]
        return _YEAR.search(self.text[part.start : part.end]) is not None

    def excepted(self, place: int) -> bool:
        """Whether a place lies in what an exception names."""
        clauses = {part.clause for part in self.parts if part.excepted}
        return any(p.start <= place < p.end and p.clause in clauses for p in self.parts)

    def opens_anew(self, index: int) -> bool:
        """Whether a segment states something of its own."""
        return self._fresh[index]

    def coordinated(self, topic: Mark) -> bool:
        """Whether "or" joins it to another finding."""
        here = self.part(topic)
        own = self.topics_in(here)
        after = here + 1 < len(self.parts) and self.parts[here + 1].joined == "or"
        after = after and own[-1] == topic
        before = here > 0 and self.parts[here].joined == "or" and own[0] == topic
        mates = [here + 1] * after + [here - 1] * before
        return any(mark.kind == "term" for index in mates for mark in self.topics_in(index))

    def begins_anew(self, index: int) -> bool:
        """Whether a segment opens with a word that states something."""
        return self._begins(index, "assertive")

    def is_told(self, index: int) -> bool:
        """Whether something is said of the finding of a segment within it."""
        return self._has_predicate(index)

    def states(self, index: int) -> bool:
        """Whether a segment has a verb of its own after its finding."""
        inside = self.topics_in(index)
        verbs = (m for m in self._openers if m.value == "verbs" and self.parts[index].holds(m))
        return bool(inside) and any(mark.start >= inside[0].end for mark in verbs)

    def explains(self, vague: Mark, term: Mark) -> bool:
        """Whether the words between say that the one is the other."""
        between = self.text[vague.end : term.start]
        return self.words.explains.search(between) is not None and ";" not in between

    def topics_in(self, index: int) -> Sequence[Mark]:
        """Findings and organs of a segment."""
        return self._by_part[index]

    @cached_property
    def _by_part(self) -> list[list[Mark]]:
        found: list[list[Mark]] = [[] for _ in self.parts]
        for mark in self.topics:
            found[self.part(mark)].append(mark)
        return found

    def governors(self, topic: Mark) -> Iterator[Mark]:
        """Cues whose scope holds a topic."""
        for cue in self.cues:
            if self._governs(cue, topic):
                yield cue

    def _governs(self, cue: Mark, topic: Mark) -> bool:
        here, there = self.part(topic), self.part(cue)
        if self.parts[here].clause != self.parts[there].clause:
            return False
        if cue.value == "<uncertain>" or (here == there and topic.kind == "organ"):
            return (
                self._reaches_back(here, there)
                if cue.start >= topic.end
                else self._reaches_on(there, here)
            )
        looks_back = self._looks_back(cue) and not self._opens(cue)
        is_sign = self.text[cue.start : cue.end].strip() == "?"
        if is_sign and "," in self.text[topic.end : cue.start]:
            return False
        if cue.value == "conditional>" and cue.start >= topic.end:
            return self._closes(cue) and self._reaches_back(here, there)
        if cue.start >= topic.end:
            is_near = cue.value != "<uncertain" or self._is_nearest(topic, cue)
            return looks_back and is_near and self._reaches_back(here, there)
        if cue.end > topic.start or looks_back:
            return False
        # A condition holds for all that follows; a past is told "with" what belonged to it.
        through = {"conditional>": ("with", ",", "and"), "historical>": ("with",)}.get(
            cue.value, ()
        )
        if cue.value == "historical>" and _STOP.search(self.text[cue.end : topic.start]):
            return False
        return self._reaches_on(there, here, through)

    def _is_nearest(self, topic: Mark, cue: Mark) -> bool:
        """Of several findings in a segment, a doubt after them is about the last."""
        here = [m for m in self.topics_in(self.part(topic)) if topic.end <= m.start < cue.start]
        return not here or bool(ALTERNATIVE.fullmatch(self.text[topic.end : here[0].start]))

    def _closes(self, cue: Mark) -> bool:
        """A condition after all that depends on it: "… of choice if the lung fails"."""
        clause = self.clause(cue)
        return not any(m.start >= cue.end and self.clause(m) == clause for m in self.topics)

    def _opens(self, cue: Mark) -> bool:
        """A participle before its noun: "resolved oedema"."""
        here = self.part(cue)
        clause = self.parts[here].clause
        before = (mark for mark in self.topics if mark.end <= cue.start)
        after = any(mark.start >= cue.end for mark in self.topics_in(here))
        return after and not any(self.clause(mark) == clause for mark in before)

    def _looks_back(self, cue: Mark) -> bool:
        if cue.kind == "status":
            return cue.value.startswith("<")
        inside = self.topics_in(self.part(cue))
        before = [mark for mark in inside if mark.end <= cue.start]
        after = [mark for mark in inside if mark.start >= cue.end]
        if before:
            return True
        if after:
            return False
        # "…, unchanged": of what was named before; "Unchanged: …" of what follows.
        clause = self.parts[self.part(cue)].clause
        return any(
            self.parts[self.part(mark)].clause == clause and mark.end <= cue.start
            for mark in self.topics
        )

    def _reaches_on(self, start: int, end: int, through: Sequence[str] = ()) -> bool:
        return not any(
            self._fresh[index] and not self._passes(index, through)
            for index in range(start + 1, end + 1)
        )

    def _passes(self, index: int, through: Sequence[str]) -> bool:
        gap = self.text[self.parts[index - 1].end : self.parts[index].start]
        return self.parts[index].joined in through and ("," not in gap or "," in through)

    def _reaches_back(self, start: int, end: int) -> bool:
        if start == end:
            return True
        between = range(start + 1, end + 1)
        if self._has_predicate(start) and any(self.topics_in(index) for index in between):
            return False
        for index in between:
            part = self.parts[index]
            own = bool(self.topics_in(index))
            if (part.joined == "with" and own) or (not own and self._speaks_of_more(index)):
                return False
            if part.joined == "," and own and not (self._is_bare(start) and self._is_bare(index)):
                return False
            if index < end and self._has_predicate(index):
                return False
        return True

    def _speaks_of_more(self, index: int) -> bool:
        """A segment about something that is no topic: "…, and an injury must be excluded"."""
        if not self._begins(index, "assertive"):
            return False
        part = self.parts[index]
        first = next((cue for cue in self.cues if part.holds(cue)), None)
        return first is None or bool(self.text[part.start : first.start].strip())

    def _is_bare(self, index: int) -> bool:
        return self._bare[index]

    @cached_property
    def _bare(self) -> tuple[bool, ...]:
        return tuple(self._stands_alone(index) for index in range(len(self.parts)))

    def _stands_alone(self, index: int) -> bool:
        """A finding of a list ("consolidation, collapse, effusion: none") and no more."""
        inside = self.topics_in(index)
        part = self.parts[index]
        if not inside or self._begins(index, "assertive"):
            return False
        return len(self.text[part.start : inside[0].start].split()) <= 1

    @cached_property
    def _fresh(self) -> tuple[bool, ...]:
        """Segments that state something of their own, whatever governed the one before."""
        return tuple(self._is_fresh(index) for index in range(len(self.parts)))

    def _is_fresh(self, index: int) -> bool:
        part = self.parts[index]
        if part.joined in ("", "or"):
            return part.joined == ""
        if part.joined == "with":
            return True
        topics = self.topics_in(index)
        end = topics[0].start if topics else part.end
        if any(part.holds(cue) and cue.end <= end for cue in self.cues):
            return True
        return self._begins(index, "assertive") or self._has_predicate(index)

    def _begins(self, index: int, group: str) -> bool:
        start = self.parts[index].start
        return any(
            mark.value == group and not self.text[start : mark.start].strip()
            for mark in self._openers
            if self.parts[index].holds(mark)
        )

    @cached_property
    def _openers(self) -> Sequence[Mark]:
        return [
            Mark(p.kind, p.value, *match.span())
            for p in self.words.layers["break"]
            if p.value in ("assertive", "verbs")
            for match in p.regex.finditer(self.text)
        ]

    def _has_predicate(self, index: int) -> bool:
        return self._predicates[index]

    @cached_property
    def _predicates(self) -> tuple[bool, ...]:
        return tuple(self._is_predicated(index) for index in range(len(self.parts)))

    def _is_predicated(self, index: int) -> bool:
        """A verb, or a cue that looks back, after a topic of the same segment."""
        inside = self.topics_in(index)
        if not inside:
            return False
        first = inside[0].end
        part = self.parts[index]
        verbs = (m for m in self._openers if m.value == "verbs" and part.holds(m))
        if any(mark.start >= first for mark in verbs):
            return True
        return any(
            cue.start >= first and part.holds(cue) and self._looks_back(cue) for cue in self.cues
        )


def parse(text: str, words: Lexicon) -> Parsed:
    """Marks and segments of a sentence."""
    from readingroom.tools.reporting.reader.values import DATE_LIKE

    topics = _resolved(words.marks(text, "topic"))
    all_cues = words.marks(text, "cue")
    person = [mark for mark in words.marks(text, "compare") if mark.value == "of_the_person"]
    cues = [
        cue
        for cue in all_cues
        if cue.kind != "pseudo" and not any(_within(cue, other) for other in (*topics, *person))
    ]
    keep = [(m.start, m.end) for m in (*topics, *all_cues, *words.marks(text, "side"))]
    keep += [match.span() for match in re.finditer(DATE_LIKE, text)]
    named = tuple(topic for topic in topics if topic.kind in _TOPICS)
    others = tuple(topic for topic in topics if topic.kind == "other")
    pseudo = tuple(cue for cue in all_cues if cue.kind == "pseudo")
    parts = tuple(segments(text, words, keep))
    return Parsed(text, words, named, tuple(cues), parts, others, pseudo)


def _resolved(topics: list[Mark]) -> list[Mark]:
    """What "a small one" is: the finding that was named before."""
    found: list[Mark] = []
    for mark in topics:
        if mark.kind == "pronoun":
            named = next((m for m in reversed(found) if m.kind in ("term", "vague")), None)
            if named is None:
                continue
            mark = replace(named, start=mark.start, end=mark.end, kind="term", zone="", meant=named)
        found.append(mark)
    return found


def _within(cue: Mark, topic: Mark) -> bool:
    return topic.start <= cue.start and cue.end <= topic.end
