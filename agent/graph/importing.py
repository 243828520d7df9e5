"""Files from disk into the sandbox's PACS: all are checked before the first is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from readingroom.domain.errors import BadInput, Transient
from readingroom.domain.outcome import Found
from readingroom.tools.imaging import ImportItem, import_files
from readingroom.tools.pacs import PacsLink, StoreOutcome, StudyQuery


def import_into(
    link: PacsLink,
    paths: Sequence[Path],
    *,
    patient_id: str,
    accession: str,
    view: str,
    study_date: date | None = None,
) -> Sequence[dict[str, Any]]:
    """Check and store files; one row each.

    Raises:
        BadInput: a file cannot be used, and nothing was stored; or it was stored before, with
            another date than `study_date`.
        Transient: the PACS did not take one; those before it are stored, and storing them again
            does no harm.
    """
    plan = import_files(
        paths, patient_id=patient_id, accession=accession, view=view, study_date=study_date
    )
    rows: list[dict[str, Any]] = []
    for item in plan.items:
        (result,) = link.store(item.data)
        if not result.ok:
            raise Transient(
                f"{item.source.name} was not stored: {result.reason}",
                hint="`readingroom doctor` tests the link; then import again",
            )
        if study_date is not None and result.outcome is StoreOutcome.ALREADY_THERE:
            _check_date_there(link, item, study_date)
        rows.append(
            {
                "file": item.source.name,
                "accession": item.accession,
                "study_uid": item.study_uid,
                "sop_uid": item.sop_uid,
                "outcome": result.outcome.value,
            }
        )
    return rows


def _check_date_there(link: PacsLink, item: ImportItem, given: date) -> None:
    """What is stored keeps its date: to report it as imported with another would be wrong."""
    found = link.find_studies(StudyQuery(study_uid=item.study_uid))
    if isinstance(found, Found) and any(each.study_date != given for each in found.items):
        there = {each.study_date.isoformat() if each.study_date else "none" for each in found.items}
        raise BadInput(
            f"{item.source.name} is in the sandbox already, its StudyDate is "
            f"{', '.join(sorted(there))}; a stored object is not changed",
            hint="remove the study from the sandbox, or import a picture under another --accession",
        )
