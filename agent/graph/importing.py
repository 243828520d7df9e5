"""Files from disk into the sandbox's PACS: all are checked before the first is stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readingroom.domain.errors import Transient
from readingroom.tools.imaging import import_files
from readingroom.tools.pacs import PacsLink


def import_into(
    link: PacsLink, paths: Sequence[Path], *, patient_id: str, accession: str, view: str
) -> Sequence[dict[str, Any]]:
    """Check and store files; one row each.

    Raises:
        BadInput: a file cannot be used; nothing was stored.
        Transient: the PACS did not take one; those before it are stored, and storing them again
            does no harm.
    """
    plan = import_files(paths, patient_id=patient_id, accession=accession, view=view)
    rows: list[dict[str, Any]] = []
    for item in plan.items:
        (result,) = link.store(item.data)
        if not result.ok:
            raise Transient(
                f"{item.source.name} was not stored: {result.reason}",
                hint="`readingroom doctor` tests the link; then import again",
            )
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
