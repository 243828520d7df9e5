"""Identifiers, and the one check that a UID from outside must pass."""

from __future__ import annotations

import re
from typing import NewType

from readingroom.domain.errors import BadInput

StudyUID = NewType("StudyUID", str)
SeriesUID = NewType("SeriesUID", str)
SOPInstanceUID = NewType("SOPInstanceUID", str)
SOPClassUID = NewType("SOPClassUID", str)
PatientID = NewType("PatientID", str)
AccessionNumber = NewType("AccessionNumber", str)
CaseID = NewType("CaseID", str)
ApprovalID = NewType("ApprovalID", str)
Sha256 = NewType("Sha256", str)

_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*\Z")


def is_uid(value: str) -> bool:
    """Whether a string is a UID.

    Source: DICOM PS3.5 section 9.1: at most 64 characters of digits and dots, no component
    with a leading zero.
    """
    return len(value) <= 64 and _UID.match(value) is not None


def check_uid(value: str, keyword: str) -> str:
    """Return the UID unchanged.

    Raises:
        BadInput: it is not a UID; the value itself is not repeated in the message.
    """
    if not is_uid(value):
        raise BadInput(f"{keyword} is not a valid UID ({len(value)} characters)")
    return value
