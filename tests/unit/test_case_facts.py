"""From the open case to facts: what a draft may say follows the newest state of the case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readingroom.domain.errors import ToolFailed
from readingroom.domain.ids import (
    AccessionNumber,
    PatientID,
    SeriesUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyUID,
)
from readingroom.domain.outcome import ArtifactRef, Completeness, Found, ReceivedInstance, Retrieval
from readingroom.domain.study import PatientRef, Prior, StudyRef
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


def test_a_prior_whose_file_is_gone_is_unreadable_and_ends_nothing(case: OpenCase) -> None:
    gone = ReceivedInstance(
        SOPInstanceUID("1.2.4.1"),
        SOPClassUID("1.2.840.10008.5.1.4.1.1.1"),
        SeriesUID("1.2.4"),
        STUDY.study_uid,
        "CR",
        ArtifactRef("0" * 64, "dicom", 1),
    )
    prior = Prior("P1", STUDY, "same patient", "XR")
    case.put("priors", Found((prior,)))
    case.put("retrieval:P1", Retrieval(STUDY.study_uid, Completeness.COMPLETE, (gone,)))
    (got,) = case.facts().retrieved
    assert got.unreadable and got.film is None
    with pytest.raises(ToolFailed, match="not in the store"):
        case.film("P1")
