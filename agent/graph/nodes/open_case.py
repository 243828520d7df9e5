"""Open: fetch the study that was asked for, and refuse what this product cannot read."""

from __future__ import annotations

import time

from langgraph.runtime import Runtime

from readingroom.agent.graph.context import ReadContext
from readingroom.agent.graph.show import show_film
from readingroom.agent.graph.state import ReadState
from readingroom.domain.errors import SafetyStop, Transient
from readingroom.domain.outcome import Completeness, Failed, Found, Retrieval
from readingroom.domain.study import Order, StudyRef
from readingroom.tools.case import CURRENT, PROJECTION_MODALITIES, OpenCase

STEP = "open_study"


def open_case(state: ReadState, runtime: Runtime[ReadContext]) -> ReadState:
    """Fetch the current study.

    Raises:
        SafetyStop: another modality or body part.
        Transient: the PACS did not deliver it.
    """
    fetch_study(runtime.context, runtime.context.case(state["case_id"]))
    return {"turns": 0, "refusals": 0, "critique_round": 0}


def fetch_study(context: ReadContext, case: OpenCase) -> None:
    """Fetch the study of a case, judge it by its header and show its film.

    What is on disk already is not fetched again.

    Raises:
        SafetyStop: another modality or body part.
        Transient: the PACS did not deliver it.
    """
    started = time.time()
    with context.step(case, STEP, "opening the study") as note:
        try:
            check_study(case.study)
            _find_order(case)
            retrieval = case.fetch(case.study.study_uid, CURRENT)
            _check_retrieval(case, retrieval)
            _check_header(case)
        except SafetyStop as stop:
            note.outcome, note.summary = "refused", stop.message
            context.record(case, STEP, note, started)
            raise
        images = len(retrieval.received)
        note.outcome = "ok" if retrieval.completeness is Completeness.COMPLETE else "partial"
        note.summary = f"{images} image{'s'[: images != 1]}"
    context.record(case, STEP, note, started)
    show_film(context, case)


def check_study(study: StudyRef) -> None:
    """Refuse by what the PACS says of the study, before anything is fetched.

    Raises:
        SafetyStop: no radiograph among its modalities.
    """
    if study.modalities and not PROJECTION_MODALITIES & set(study.modalities):
        raise SafetyStop(
            f"{study.accession} is {'/'.join(study.modalities)}, not a chest radiograph",
            hint="this version reads frontal chest radiographs only",
        )


def _check_header(case: OpenCase) -> None:
    from readingroom.tools.imaging import is_chest_film

    instances = case.film_instances()
    if not instances:
        raise SafetyStop(
            f"{case.study.accession} holds no radiograph",
            hint="this version reads frontal chest radiographs only",
        )
    verdict = is_chest_film(case.header(instances[0]))
    if not verdict.accepted:
        raise SafetyStop(
            f"{case.study.accession} is refused: {verdict.reason}",
            hint="this version reads frontal chest radiographs only",
        )


def _check_retrieval(case: OpenCase, retrieval: Retrieval) -> None:
    if retrieval.completeness is Completeness.UNKNOWN or not retrieval.received:
        raise Transient(
            f"the images of {case.study.accession} could not be fetched: {retrieval.reason}",
            hint=f"check the link with `readingroom doctor`, then "
            f"`readingroom read {case.study.accession} --resume`",
        )


def _find_order(case: OpenCase) -> None:
    """Keep the order from the work list. A work list that fails is not "no order"."""
    accession = case.study.accession
    outcome = case.pacs().worklist(accession=accession)
    case.put("order_failed", "")
    if isinstance(outcome, Found):
        for item in outcome.items:
            if item.order.accession == accession:
                case.put("order", item.order)
                return
    if isinstance(outcome, Failed):
        if case.get("order", Order) is not None:
            return
        case.put("order_failed", outcome.reason)
    case.put("order", Order(accession=accession, procedure=case.study.description))
