"""The table of rules, one round, and rounds until nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from readingroom.agent.critique.comparison import comparison
from readingroom.agent.critique.evidence import evidence
from readingroom.agent.critique.impression import impression
from readingroom.agent.critique.laterality import laterality
from readingroom.agent.critique.revise import diff_lines, mark_unresolved, revise
from readingroom.agent.critique.said import sentence_against_fields
from readingroom.agent.critique.second_look import Ask, second_look
from readingroom.agent.critique.view import DraftView
from readingroom.agent.critique.wording import assessed, leftovers, size
from readingroom.domain.claim import Draft, Standing
from readingroom.domain.critique import CritiqueRound, Objection, Remedy
from readingroom.tools.reporting.facts import CaseFacts

Rule = Callable[[DraftView], Iterable[Objection]]

RULES: dict[str, Rule] = {
    "leftovers": leftovers,
    "assessed": assessed,
    "evidence": evidence,
    "comparison": comparison,
    "size": size,
    "sentence": sentence_against_fields,
    "laterality": laterality,
    "impression": impression,
}

MAX_ROUNDS = 4


def critique(draft: Draft, facts: CaseFacts) -> tuple[Objection, ...]:
    """Object to a draft by the rules alone; no model is asked.

    Objections that would change nothing (a mark on what is marked already) are left out, so
    that an empty result means "nothing to do". So are those to a sentence that an earlier rule
    replaces or removes: the next round sees what takes its place.
    """
    view = DraftView(draft, facts)
    kept: list[Objection] = []
    rewritten: set[str] = set()
    for objection in (each for rule in RULES.values() for each in rule(view)):
        if _idle(objection, view) or objection.claim_id in rewritten or objection in kept:
            continue
        kept.append(objection)
        if objection.remedy in (Remedy.REPLACE, Remedy.REMOVE):
            rewritten.add(objection.claim_id)
    return tuple(kept)


def _idle(objection: Objection, view: DraftView) -> bool:
    claim = view.by_id.get(objection.claim_id)
    if objection.remedy is Remedy.MARK:
        return claim is None or claim.standing is Standing.MARKED
    return objection.remedy is Remedy.REPLACE and objection.replacement == claim


def object_to(draft: Draft, facts: CaseFacts, *, ask: Ask | None = None) -> tuple[Objection, ...]:
    """Objections of the rules, then of a second look at what the rules let through.

    Args:
        draft: the draft to criticise.
        facts: what is known of its case.
        ask: the second look's question; None to leave it out.
    """
    objections = critique(draft, facts)
    if ask is None:
        return objections
    known = {each.claim_id for each in objections}
    looked = second_look(draft, ask)
    return objections + tuple(each for each in looked if each.claim_id not in known)


def carry_out(
    draft: Draft, objections: tuple[Objection, ...], number: int, *, last: bool = False
) -> tuple[Draft, CritiqueRound]:
    """Revise as the objections ask; in the last round, or in a circle, mark instead.

    Args:
        draft: the draft that was objected to.
        objections: to it.
        number: of this round, from 1.
        last: mark what is objected to instead of rewriting it.
    """
    after = (mark_unresolved if last else revise)(draft, objections)
    if after == draft:
        # The remedies change nothing or go in a circle: stop and mark.
        after = mark_unresolved(draft, objections)
    return after, CritiqueRound(
        number, objections, diff_lines(draft, after), draft.sha256(), after.sha256()
    )


def run_round(
    draft: Draft, facts: CaseFacts, number: int, *, ask: Ask | None = None, last: bool = False
) -> tuple[Draft, CritiqueRound]:
    """One pass: objections, then the revision."""
    return carry_out(draft, object_to(draft, facts, ask=ask), number, last=last)


def settle(
    draft: Draft, facts: CaseFacts, *, ask: Ask | None = None, rounds: int = MAX_ROUNDS
) -> tuple[Draft, tuple[CritiqueRound, ...]]:
    """Rounds until nothing is objected to or nothing changes, `rounds` at most.

    The second look is taken in the first round. What is left after the last round is marked.
    """
    done: list[CritiqueRound] = []
    for number in range(1, rounds + 1):
        first = ask if number == 1 else None
        after, finished = run_round(draft, facts, number, ask=first, last=number == rounds)
        done.append(finished)
        if after == draft:
            break
        draft = after
    return draft, tuple(done)
