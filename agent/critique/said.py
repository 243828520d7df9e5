"""Rule: a sentence, read again, gives its claim back, and nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator

from readingroom.agent.critique.remedy import reword
from readingroom.agent.critique.view import DraftView
from readingroom.agent.critique.words import NOT_ASSESSED
from readingroom.domain.claim import Claim
from readingroom.domain.critique import Objection
from readingroom.domain.finding import VOCABULARY, Observation, Presence
from readingroom.tools.reporting.reader import Mention, Status, read_sentence

RULE = "sentence-against-finding"

_SAYS = {
    Presence.PRESENT: (Status.PRESENT,),
    Presence.UNCERTAIN: (Status.UNCERTAIN,),
    Presence.ABSENT: (Status.ABSENT, Status.RESOLVED),
}
_WORDS = {
    Status.PRESENT: "states it",
    Status.ABSENT: "denies it",
    Status.UNCERTAIN: "leaves it open",
    Status.RESOLVED: "says it is gone",
    Status.HISTORICAL: "tells it of the past",
    Status.CONDITIONAL: "only asks about it",
}


def sentence_against_fields(view: DraftView) -> Iterator[Objection]:
    """A sentence says of its finding what the claim's fields say, and of no other finding."""
    for claim in (*view.findings, *view.impression):
        if claim.observation is None or NOT_ASSESSED.search(claim.sentence):
            continue
        mentions = read_sentence(claim.sentence, view.draft.language).mentions
        why = _says_otherwise(claim, mentions) or _says_more(claim.observation, mentions)
        if why:
            yield reword(RULE, claim, why, view)


def _says_otherwise(claim: Claim, mentions: tuple[Mention, ...]) -> str:
    allowed = _SAYS.get(claim.presence) if claim.presence is not None else None
    if allowed is None:
        return ""
    own = [mention for mention in mentions if mention.observation is claim.observation]
    if not own:
        return "the sentence does not speak of the finding"
    wrong = next((each.status for each in own if each.status not in allowed), None)
    return f"the finding is {claim.presence}, the sentence {_WORDS[wrong]}" if wrong else ""


def _says_more(observation: Observation, mentions: tuple[Mention, ...]) -> str:
    """What a sentence states beside its claim rests on nothing."""
    others = [each for each in mentions if each.observation is not observation]
    if not others:
        return ""
    label = VOCABULARY[others[0].observation].label
    return f"it also speaks of {label}, which this claim says nothing of"
