"""One report of the corpus: its front matter, its sections, and what its gaps may ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast, get_args

from readingroom.domain.errors import ReadingRoomError
from readingroom.sandbox_pacs.patients.disease import (
    DEVICES,
    SIZE_RANGE_MM,
    WITHOUT_SIDE,
    Disease,
)

Language = Literal["en", "de", "es", "fr", "pt"]
Change = Literal["none", "first", "new", "larger", "same", "smaller", "gone"]
View = Literal["PA", "AP", "PA+LATERAL", "any"]
Modality = Literal["film", "CT"]
Sex = Literal["any", "F", "M"]
Placed = Literal["right", "wrong", "any"]

COMPARING: frozenset[Change] = frozenset({"new", "larger", "same", "smaller", "gone"})
SIDE_FIELDS = frozenset({"side", "Side", "side_f", "other", "other_f"})
ZONE_FIELDS = frozenset({"zone", "Zone"})
SIZE_FIELDS = frozenset({"mm", "cm"})
PRIOR_SIZE_FIELDS = frozenset({"prior_mm", "prior_cm"})
GRADE_FIELDS = frozenset({"grade", "Grade"})
PRIOR_FIELDS = frozenset({"date", "modality"})

GAP = re.compile(r"\{([a-z_]+)\.([A-Za-z_]+)\}")
_SECTIONS = ("Clinical", "Findings", "Impression")
_REQUIRED = (
    "voice",
    "language",
    "modality",
    "view",
    "sex",
    "present",
    "absent",
    "change",
    "placed",
)
_OPTIONAL = ("ages",)
_NO_AGE_LIMIT = (0, 130)


class CorpusError(ReadingRoomError):
    """A file of the corpus is malformed, or a text asks for what the truth has not."""


@dataclass(frozen=True)
class WrittenReport:
    """One whole report as its author wrote it, with gaps such as "{nodule.mm}".

    Attributes:
        name: file name without its ending.
        voice: who seems to write, in a few words.
        view: what the text speaks of; "any" fits every view.
        sex: "any" unless the text tells.
        ages: first and last age in years that the text fits.
        present: exactly what the report says is there, the main disease first.
        absent: what it denies in words; with change "gone", the main disease first.
        change: of the main disease. "none": no comparison; "first": says there is no prior.
        placed: "right": says that every device is well placed; "wrong": says that the first
            device of `present` is not, and nothing on the place of the others.
        clinical, findings, impression: one line each item; clinical has no gaps.
    """

    name: str
    voice: str
    language: Language
    modality: Modality
    view: View
    sex: Sex
    ages: tuple[int, int]
    present: tuple[Disease, ...]
    absent: tuple[Disease, ...]
    change: Change
    placed: Placed
    clinical: tuple[str, ...]
    findings: tuple[str, ...]
    impression: tuple[str, ...]

    @property
    def main(self) -> Disease | None:
        """The disease that `change` is about; None for a normal report."""
        if self.change == "gone":
            return self.absent[0]
        return self.present[0] if self.present else None

    @property
    def device(self) -> Disease | None:
        """The device that `placed == "wrong"` is about."""
        return next((each for each in self.present if each in DEVICES), None)

    @property
    def gaps(self) -> frozenset[tuple[str, str]]:
        """(disease or "prior", field) of all gaps: what the facts must hold."""
        text = "\n".join((*self.findings, *self.impression))
        return frozenset((match[1], match[2]) for match in GAP.finditer(text))


def parse(name: str, document: str) -> WrittenReport:
    """Read one file of the corpus.

    Raises:
        CorpusError: malformed; the message names the file and the line.
    """
    lines = list(enumerate(document.replace("\r\n", "\n").split("\n"), 1))
    meta, body = _front_matter(name, lines)
    sections = _sections(name, body)
    report = WrittenReport(
        name=name,
        voice=meta["voice"][1],
        language=cast(Language, _one_of(name, meta, "language", Language)),
        modality=cast(Modality, _one_of(name, meta, "modality", Modality)),
        view=cast(View, _one_of(name, meta, "view", View)),
        sex=cast(Sex, _one_of(name, meta, "sex", Sex)),
        ages=_ages(name, meta),
        present=_diseases(name, meta, "present"),
        absent=_diseases(name, meta, "absent"),
        change=cast(Change, _one_of(name, meta, "change", Change)),
        placed=cast(Placed, _one_of(name, meta, "placed", Placed)),
        clinical=tuple(text for _, text in sections["Clinical"]),
        findings=tuple(text for _, text in sections["Findings"]),
        impression=tuple(text for _, text in sections["Impression"]),
    )
    _check_sense(report, meta)
    for number, text in (*sections["Findings"], *sections["Impression"]):
        for problem in _gap_problems(report, text):
            raise _wrong(name, number, problem)
    for number, text in sections["Clinical"]:
        if "{" in text or "}" in text:
            raise _wrong(name, number, "Clinical has no gaps")
    return report


def _wrong(name: str, number: int, problem: str) -> CorpusError:
    return CorpusError(f"corpus/{name}.md, line {number}: {problem}")


_Lines = list[tuple[int, str]]
_Meta = dict[str, tuple[int, str]]


def _front_matter(name: str, lines: _Lines) -> tuple[_Meta, _Lines]:
    ends = [index for index, (_, text) in enumerate(lines) if text == "---"]
    if len(ends) < 2 or ends[0] != 0:
        raise _wrong(name, 1, 'no front matter between two lines "---"')
    meta: _Meta = {}
    for number, text in lines[1 : ends[1]]:
        key, colon, value = text.partition(":")
        key = key.strip()
        if not colon or key not in (*_REQUIRED, *_OPTIONAL) or key in meta:
            raise _wrong(name, number, f"not one front matter key and value: {text[:40]!r}")
        meta[key] = (number, value.strip())
    for key in _REQUIRED:
        if key not in meta:
            raise _wrong(name, lines[ends[1]][0], f"front matter has no {key!r}")
    if not meta["voice"][1]:
        raise _wrong(name, meta["voice"][0], "the voice is empty")
    return meta, lines[ends[1] + 1 :]


def _sections(name: str, body: _Lines) -> dict[str, _Lines]:
    held: dict[str, _Lines] = {}
    current: str | None = None
    for number, raw in body:
        text = raw.strip()
        if text.startswith("## "):
            current = text[3:]
            if current not in _SECTIONS or current in held:
                raise _wrong(name, number, f"section {current!r} is not known, or there twice")
            held[current] = []
        elif text and current is None:
            raise _wrong(name, number, "text before the first section")
        elif text and current is not None:
            held[current].append((number, text))
    for needed in ("Findings", "Impression"):
        if not held.get(needed):
            raise _wrong(
                name, body[-1][0] if body else 1, f"section {needed!r} is missing or empty"
            )
    return {section: held.get(section, []) for section in _SECTIONS}


def _one_of(name: str, meta: _Meta, key: str, allowed: object) -> str:
    number, value = meta[key]
    if value not in get_args(allowed):
        raise _wrong(name, number, f"{key} is {value!r}, not one of {get_args(allowed)}")
    return value


def _ages(name: str, meta: _Meta) -> tuple[int, int]:
    if "ages" not in meta:
        return _NO_AGE_LIMIT
    number, value = meta["ages"]
    found = re.fullmatch(r"(\d+)-(\d+)", value)
    if found is None or int(found[1]) > int(found[2]):
        raise _wrong(name, number, f"ages is {value!r}, not such as 60-95")
    return int(found[1]), int(found[2])


def _diseases(name: str, meta: _Meta, key: str) -> tuple[Disease, ...]:
    number, value = meta[key]
    words = [word.strip() for word in value.split(",")] if value else []
    for word in words:
        if word not in set(Disease) or words.count(word) > 1:
            raise _wrong(name, number, f"{key}: {word!r} is no disease, or there twice")
    return tuple(Disease(word) for word in words)


def _check_sense(report: WrittenReport, meta: _Meta) -> None:
    def fail(key: str, problem: str) -> CorpusError:
        return _wrong(report.name, meta[key][0], problem)

    both = set(report.present) & set(report.absent)
    if both:
        raise fail("absent", f"both present and absent: {', '.join(sorted(both))}")
    if report.change == "gone" and not report.absent:
        raise fail("change", "what has gone must be the first of absent")
    if report.change in ("new", "larger", "smaller") and not report.present:
        raise fail("change", f"a change {report.change!r} needs a disease")
    if report.placed != "any" and report.device is None:
        raise fail("placed", "no device whose tip could be placed")
    if report.modality == "CT" and report.view != "any":
        raise fail("view", "a CT has no view")


def _gap_problems(report: WrittenReport, text: str) -> Iterator[str]:
    if "{" in GAP.sub("", text) or "}" in GAP.sub("", text):
        yield "a brace that is no gap such as {nodule.mm}"
    for gap in GAP.finditer(text):
        owner, field = gap[1], gap[2]
        if owner == "prior":
            if field not in PRIOR_FIELDS or report.change not in COMPARING:
                yield f"{gap[0]}: no such fact, or this report compares with nothing"
        elif owner not in (*report.present, report.main):
            yield f"{gap[0]}: not among the diseases of this report"
        elif not _may_ask(report, Disease(owner), field):
            yield f"{gap[0]}: {owner} has no such fact here"


def _may_ask(report: WrittenReport, disease: Disease, field: str) -> bool:
    gone = report.change == "gone" and disease == report.main
    if field in SIDE_FIELDS:
        return disease not in WITHOUT_SIDE
    if field in ZONE_FIELDS:
        return disease not in WITHOUT_SIDE and disease not in DEVICES
    if field in GRADE_FIELDS:
        return disease not in DEVICES and not gone
    if field in SIZE_FIELDS:
        return disease in SIZE_RANGE_MM and not gone
    measured_before = report.change in ("larger", "same", "smaller", "gone")
    return (
        field in PRIOR_SIZE_FIELDS
        and disease in SIZE_RANGE_MM
        and disease == report.main
        and measured_before
    )
