"""From the open case to facts: what a draft may say follows the newest state of the case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readingroom.domain.ids import AccessionNumber, PatientID, SOPInstanceUID, StudyUID
from readingroom.domain.outcome import Completeness, Retrieval
from readingroom.domain.study import PatientRef, StudyRef
from readingroom.records import Records
from readingroom.tools.case import CURRENT, OpenCase

STUDY = StudyRef(StudyUID("1.2.3"), PatientRef(PatientID("P1")), AccessionNumber("A1"), None)


@pytest.fixture
def case(tmp_path: Path) -> Iterator[OpenCase]:
    unused: Any = None
    with Records.open(tmp_path / "home") as records:
        case_id = records.cases.open("A1", STUDY.study_uid, "P1", "scripted")
        yield OpenCase(case_id, STUDY, records, unused, unused, unused, unused, unused)


def retrieved(kind: Completeness, missing: int = 0, reason: str = "") -> Retrieval:
    absent = tuple(SOPInstanceUID(f"1.2.3.{n}") for n in range(missing))
    return Retrieval(STUDY.study_uid, kind, (), absent, reason)


def test_what_is_missing_follows_the_newest_retrieval(case: OpenCase) -> None:
    case.add_word("limitations", "underexposed")
    case.put(f"retrieval:{CURRENT}", retrieved(Completeness.PARTIAL, missing=2))
    assert case.facts().limitations == ("2 of 2 images not retrieved", "underexposed")
    case.put(f"retrieval:{CURRENT}", retrieved(Completeness.COMPLETE))
    assert case.facts().limitations == ("underexposed",)
    case.put(f"retrieval:{CURRENT}", retrieved(Completeness.UNKNOWN, reason="no answer"))
    assert "not known whether all images" in case.facts().limitations[0]
