"""Critique: rules first, then a second look at the crops; revise until nothing is objected to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from readingroom.agent.critique import carry_out, object_to
from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.show import show_draft
from readingroom.agent.graph.state import ReadState
from readingroom.domain.claim import Claim, Draft
from readingroom.domain.critique import Objection
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
        objections = object_to(draft, case.facts(), ask=_asker(case) if number == 1 else None)
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
    # By number, not the latest: after a crash the revision may have been saved already.
    before = context.records.drafts.get(case.case_id, state["draft_version"])
    number = state["critique_round"]
    objections = case.get("objections", tuple[Objection, ...]) or ()
    last = number >= context.limits.critique_rounds
    after, finished = carry_out(before, objections, number, last=last)
    if after != before:
        context.records.drafts.save(after, made_by="critique")
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
    settled = last or after == before
    return Command(
        update={"draft_version": after.version}, goto="approve" if settled else "critique"
    )


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
