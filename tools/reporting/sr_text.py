"""Words of a report that is stored as DICOM SR, whoever wrote it. Text without authority."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from readingroom.domain.errors import BadInput
from readingroom.domain.text import clean_text

if TYPE_CHECKING:
    from pydicom import Dataset

MAX_FILE_BYTES = 20_000_000
MAX_DEPTH = 16
MAX_ITEMS = 5_000
MAX_CHARACTERS = 100_000
_CODED = frozenset({"126010", "111028"})
"""DCM Imaging Measurements, Image Library."""
_SR = "1.2.840.10008.5.1.4.1.1.88."


def report_text_of_sr(path: Path) -> str:
    """Headings and text items of an SR in reading order, one per line.

    Basic Text, Enhanced and Comprehensive SR alike. Escape sequences, controls and bidi
    characters are stripped. An object that is no SR, or holds no text, gives "".

    Raises:
        BadInput: not DICOM, or larger or deeper than a report can be.
    """
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    if path.stat().st_size > MAX_FILE_BYTES:
        raise BadInput(f"a report of more than {MAX_FILE_BYTES // 1_000_000} MB is not read")
    _check_structure(path)
    try:
        with warnings.catch_warnings():
            # Values that break the standard are other people's; what can be read is read.
            warnings.simplefilter("ignore")
            dataset = dcmread(path, stop_before_pixels=True)
            dataset.decode()
    except (InvalidDicomError, OSError, EOFError) as error:
        raise BadInput("the report's file cannot be read as DICOM") from error
    if not str(dataset.get("SOPClassUID", "")).startswith(_SR):
        return ""
    return _bounded(_lines(dataset, measured=False)) or _bounded(_lines(dataset, measured=True))


def _bounded(source: Iterator[str]) -> str:
    lines: list[str] = []
    size = 0
    for line in source:
        size += len(line) + 1
        if size > MAX_CHARACTERS:
            lines.append("[cut short]")
            break
        lines.append(line)
    return "\n".join(lines)


def _lines(dataset: Dataset, *, measured: bool) -> Iterator[str]:
    """Depth first, with a stack of our own: a nested report must not exhaust Python's.

    Without `measured`, coded measurement groups (TID 1500) are left out: where there is prose,
    they only repeat it.
    """
    stack: list[tuple[Dataset, int]] = [(dataset, 0)]
    count = 0
    while stack and count < MAX_ITEMS:
        item, depth = stack.pop()
        count += 1
        if not measured and _meaning(item, "ConceptNameCodeSequence", "CodeValue") in _CODED:
            continue
        yield from _item_lines(item, depth)
        if depth < MAX_DEPTH:
            children = list(item.get("ContentSequence") or ())
            stack += [(child, depth + 1) for child in reversed(children)]


def _item_lines(item: Dataset, depth: int) -> Iterator[str]:
    kind, name = str(item.get("ValueType", "")), _meaning(item, "ConceptNameCodeSequence")
    if str(item.get("RelationshipType", "")) not in ("", "CONTAINS"):
        # Observers, languages and how a number was got are context, not the report's words.
        return
    if kind == "CONTAINER" and name and depth:
        yield f"{name}:"
    elif kind == "TEXT":
        text = clean_text(str(item.get("TextValue") or ""), keep_lines=True)
        yield from filter(None, (line.strip() for line in text.splitlines()))
    elif kind == "CODE":
        value = _meaning(item, "ConceptCodeSequence")
        if value:
            yield f"{name}: {value}" if name else value
    elif kind == "NUM":
        yield from _number(item, name)


def _number(item: Dataset, name: str) -> Iterator[str]:
    for measured in item.get("MeasuredValueSequence") or ():
        unit = _meaning(measured, "MeasurementUnitsCodeSequence", "CodeValue")
        value = clean_text(str(measured.get("NumericValue", "")))
        yield f"{name}: {value} {unit}".strip()


def _meaning(item: Dataset, keyword: str, part: str = "CodeMeaning") -> str:
    for code in item.get(keyword) or ():
        return clean_text(str(code.get(part) or ""))
    return ""


def _check_structure(path: Path) -> None:
    """Refuse nesting and lengths that only an attack has, before pydicom recurses into them.

    Source: security facts, attack 5 (2,000 levels killed the process).
    """
    from readingroom.tools.imaging.structure import BrokenStructure, read_outline

    try:
        read_outline(path.read_bytes(), ())
    except BrokenStructure as error:
        raise BadInput(f"the report's file is not sound DICOM: {error}") from error
