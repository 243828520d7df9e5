"""Critique: rules first, then a second look at the crops; revise until nothing is objected to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from readingroom.agent.critique import critique as apply_rules
from readingroom.agent.critique import diff_lines, mark_unresolved, second_look
from readingroom.agent.critique import revise as apply_remedies
from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.show import show_draft
from readingroom.agent.graph.state import ReadState
from readingroom.domain.claim import Claim, Draft
from readingroom.domain.critique import CritiqueRound, Objection
from readingroom.domain.errors import ReadingRoomError, ToolFailed
from readingroom.domain.events import CritiqueShown
from readingroom.domain.finding import RegionAnswer
from readingroom.domain.region import Region
from readingroom.tools.case import OpenCase

STEP = "critique"


def critique(
    state: ReadState, runtime: Runtime[ReadContext]
) -> Command[Literal["revise", "approve"]]:
    """Object to the latest draft; nothing to object to means approval."""
    context = runtime.context
    case = context.case(state["case_id"])
    draft = _latest(context, case)
    number = state["critique_round"] + 1
    started = time.time()
    with context.step(case, STEP, f"critique, round {number}") as note:
        facts = case.facts()
        objections = apply_rules(draft, facts)
        if number == 1:
            looked = second_look(draft, _asker(case))
            seen = {each.claim_id for each in objections if each.claim_id}
            objections += tuple(each for each in looked if each.claim_id not in seen)
        note.outcome = "ok"
        note.summary = f"{len(objections)} objection{'s'[: len(objections) != 1]}"
    context.record(case, STEP, note, started)
    if not objections:
        return Command(update={"critique_round": number}, goto="approve")
    case.put("objections", objections)
    return Command(update={"critique_round": number}, goto="revise")


def revise(
    state: ReadState, runtime: Runtime[ReadContext]
) -> Command[Literal["critique", "approve"]]:
    """Do what the objections ask; at the last round, mark what is left instead."""
    context = runtime.context
    case = context.case(state["case_id"])
    before = _latest(context, case)
    number = state["critique_round"]
    objections = case.get("objections", tuple[Objection, ...]) or ()
    last = number >= context.limits.critique_rounds
    after = (mark_unresolved if last else apply_remedies)(before, objections)
    if after.text() == before.text():
        after, last = mark_unresolved(before, objections), True
    if after.version != before.version:
        context.records.drafts.save(after, made_by="critique")
    finished = CritiqueRound(
        number=number,
        objections=objections,
        diff=diff_lines(before, after),
        before_sha256=before.sha256(),
        after_sha256=after.sha256(),
    )
    context.records.drafts.add_round(case.case_id, after.version, finished)
    context.emit(
        CritiqueShown(
            case_id=case.case_id,
            round=number,
            objections=tuple(f"{each.rule}: {each.why}" for each in objections),
            diff=finished.diff,
        )
    )
    show_draft(context, case)
    return Command(update={"draft_version": after.version}, goto="approve" if last else "critique")


def _asker(case: OpenCase) -> Callable[[Claim, Region], RegionAnswer]:
    """A look at one box by the core, which is told neither the draft nor its wording."""

    def ask(claim: Claim, region: Region) -> RegionAnswer:
        if claim.observation is None:
            raise ToolFailed("a claim without an observation cannot be asked about")
        return case.cores.ask_region(case.film(), region.box, claim.observation)

    return ask


def _latest(context: ReadContext, case: OpenCase) -> Draft:
    latest = context.records.drafts.latest(case.case_id)
    if latest is None:
        raise ReadingRoomError("there is no draft to criticise")
    return latest
