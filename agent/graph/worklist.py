"""Rows of the work list: what the RIS scheduled, and where each study stands here."""

from __future__ import annotations

from readingroom.domain.errors import Transient
from readingroom.domain.outcome import Failed, Found
from readingroom.records import Records
from readingroom.tools.pacs import PacsLink, WorklistItem


def worklist_rows(link: PacsLink, records: Records) -> tuple[tuple[str, ...], ...]:
    """One row a study, most urgent first, patients without their names.

    Raises:
        Transient: the PACS did not answer; that is not an empty list.
    """
    outcome = link.worklist()
    if isinstance(outcome, Failed):
        raise Transient(f"the work list could not be fetched: {outcome.reason}")
    items = sorted(outcome.items, key=_urgency) if isinstance(outcome, Found) else []
    return tuple((str(number), *_row(item, records)) for number, item in enumerate(items, 1))


def _urgency(item: WorklistItem) -> tuple[int, str]:
    ranks = {"STAT": 0, "HIGH": 1, "MEDIUM": 2, "LOW": 3}
    return (ranks.get(item.order.priority.upper(), 2), item.order.accession)


def _row(item: WorklistItem, records: Records) -> tuple[str, ...]:
    patient = item.patient
    cases = records.cases.by_accession(item.order.accession)
    return (
        item.order.priority,
        item.order.accession,
        item.order.procedure,
        f"{patient.sex} ···{patient.patient_id[-3:]}",
        item.scheduled_date.isoformat() if item.scheduled_date else "",
        cases[0].status if cases else "unread",
    )
