"""Reports that exist only as ORU^R01 files in a folder, found by accession or study UID."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from readingroom.domain.errors import BadInput, ConfigError
from readingroom.domain.ids import is_uid
from readingroom.domain.study import PriorReport, ReportSource, StudyRef
from readingroom.domain.text import clean_text
from readingroom.tools.ris.hl7_text import Message, Segment, read_messages, unescape

_LOG = logging.getLogger(__name__)
_SUFFIXES = frozenset({".hl7", ".oru", ".er7", ".msg", ".txt", ""})
_MAX_BYTES = 16 << 20
_TEXT_TYPES = frozenset({"TX", "FT", "ST", ""})
_CODED_TYPES = frozenset({"CE", "CWE", "CF"})
# Deleted, cannot be obtained, wrong. Source: HL7 v2.5.1 tables 0085 and 0123.
_VOID = frozenset({"D", "X", "W"})
_MAX_TEXT = 100_000


@dataclass(frozen=True)
class BrokenMessage:
    """A file, or a message in it, that could not be used.

    Attributes:
        file: its name; it may name a patient, so it stays out of logs.
        number: of the message in the file, from 1; 0 for the whole file.
    """

    file: str
    number: int
    reason: str


@dataclass(frozen=True)
class OruCounts:
    """What a folder holds.

    Attributes:
        messages: all that could be read.
        reports: orders with text in ORU^R01 messages.
        other: messages of other kinds, which are left alone.
        broken: what could not be read; never fatal, never silent.
        mismatched: reports that were not given out: accession and patient or study disagree.
    """

    messages: int
    reports: int
    other: int
    broken: tuple[BrokenMessage, ...]
    mismatched: int

    def line(self) -> str:
        """One line for a person."""
        parts = [f"{self.reports} reports in {self.messages} messages"]
        if self.broken:
            parts.append(f"{len(self.broken)} could not be read")
        if self.mismatched:
            parts.append(f"{self.mismatched} do not match their study")
        return ", ".join(parts)


@dataclass(frozen=True)
class _Entry:
    """One order of one message.

    `declared` is OBR-18 alone, which IHE keeps for the accession number; the numbers of OBR-2 and
    OBR-3 often are one, but need not be.
    """

    declared: str
    accessions: frozenset[str]
    study_uids: frozenset[str]
    patient_ids: frozenset[str]
    when: str
    control_id: str
    status: str
    text: str


@dataclass(frozen=True)
class _File:
    stamp: tuple[int, int]
    entries: tuple[_Entry, ...] = ()
    broken: tuple[BrokenMessage, ...] = ()
    messages: int = 0
    other: int = 0


class OruFolder:
    """Reports in a folder of HL7 files. New and changed files are read at the next question."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}
        self._mismatched: set[tuple[str, str]] = set()

    def report_of(self, study: StudyRef) -> PriorReport | None:
        """The newest report of a study; None when there is none that is surely its own.

        A report counts when accession or study UID match, nothing that both sides have
        disagrees, and the patient ID or the study UID confirms it: accession numbers are used
        twice in real archives.

        Raises:
            ConfigError: the folder cannot be read.
        """
        self.refresh()
        own = [
            entry
            for file in self._files.values()
            for entry in file.entries
            if self._belongs(entry, study)
        ]
        newest = max(own, key=lambda entry: entry.when, default=None)
        if newest is None or newest.status in _VOID or not newest.text:
            return None
        return PriorReport(newest.text, ReportSource.ORU, message_control_id=newest.control_id)

    def counts(self) -> OruCounts:
        """What the folder holds now.

        Raises:
            ConfigError: the folder cannot be read.
        """
        self.refresh()
        files = self._files.values()
        return OruCounts(
            messages=sum(file.messages for file in files),
            reports=sum(len(file.entries) for file in files),
            other=sum(file.other for file in files),
            broken=tuple(each for file in files for each in file.broken),
            mismatched=len(self._mismatched),
        )

    def refresh(self) -> None:
        """Read what is new or changed in the folder.

        Raises:
            ConfigError: the folder cannot be read.
        """
        try:
            paths = {path.name: path for path in sorted(self._folder.iterdir()) if _is_ours(path)}
        except OSError as error:
            raise ConfigError(
                f"the folder of HL7 reports cannot be read: {error.strerror}",
                hint="set ris.oru_folder, or leave it empty when there is none",
            ) from None
        for name in self._files.keys() - paths.keys():
            del self._files[name]
        fresh = 0
        for name, path in paths.items():
            file = _read(path, self._files.get(name))
            if file is not self._files.get(name):
                self._files[name] = file
                fresh += len(file.broken)
        if fresh:
            _LOG.warning("%d HL7 messages in the report folder could not be read", fresh)

    def _belongs(self, entry: _Entry, study: StudyRef) -> bool:
        same_uid = study.study_uid in entry.study_uids
        same_accession = bool(study.accession) and study.accession in entry.accessions
        if not (same_uid or same_accession):
            return False
        same_patient = study.patient.patient_id in entry.patient_ids
        clash = (
            (bool(entry.study_uids) and not same_uid)
            or (bool(entry.patient_ids) and not same_patient)
            or (entry.declared not in ("", study.accession) and bool(study.accession))
        )
        if clash or not (same_uid or same_patient):
            key = (entry.control_id, study.study_uid)
            if key not in self._mismatched:
                self._mismatched.add(key)
                _LOG.warning("an HL7 report does not match the study that it names: not used")
            return False
        return True


def _is_ours(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and not path.name.startswith(".") and path.is_file()


def _read(path: Path, known: _File | None) -> _File:
    """A file's reports; the known ones when it has not changed."""
    try:
        stat = path.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        if known is not None and known.stamp == stamp:
            return known
        if stat.st_size > _MAX_BYTES:
            raise BadInput(f"larger than {_MAX_BYTES >> 20} MB")
        messages = read_messages(path.read_bytes())
    except OSError as error:
        reason = error.strerror or "cannot be read"
        return _File((0, 0), broken=(BrokenMessage(path.name, 0, reason),))
    except BadInput as error:
        return _File(stamp, broken=(BrokenMessage(path.name, 0, error.message),))
    return _entries(path.name, stamp, messages)


def _entries(name: str, stamp: tuple[int, int], messages: tuple[Message | BadInput, ...]) -> _File:
    entries: list[_Entry] = []
    broken: list[BrokenMessage] = []
    other = 0
    for number, message in enumerate(messages, 1):
        try:
            if isinstance(message, BadInput):
                raise message
            if message.kind != ("ORU", "R01"):
                other += 1
                continue
            entries += list(_orders(message))
        except BadInput as error:
            broken.append(BrokenMessage(name, number, error.message))
    readable = len(messages) - len(broken)
    return _File(stamp, tuple(entries), tuple(broken), readable, other)


def _orders(message: Message) -> Iterator[_Entry]:
    """One entry per OBR with text.

    Raises:
        BadInput: a segment that we need cannot be parsed, or MSH-10 is missing.
    """
    control_id = clean_text(message.header.first(10))[:199]
    if not control_id:
        raise BadInput("MSH-10 (message control ID) is missing")
    patients = {part[0] for pid in message.of("PID") for part in pid.components(3) if part[0]}
    for order in _grouped(message):
        obr = order[0]
        text = _text([segment for segment in order if segment.name == "OBX"])
        if not text:
            continue
        uids = (part for zds in order if zds.name == "ZDS" for part in (zds.first(1),))
        yield _Entry(
            declared=obr.first(18),
            accessions=frozenset(filter(None, (obr.first(18), obr.first(3), obr.first(2)))),
            study_uids=frozenset(uid for uid in uids if is_uid(uid)),
            patient_ids=frozenset(patients),
            when=_moment(obr.first(22)) or _moment(message.header.first(7)),
            control_id=control_id,
            status=obr.first(25).upper(),
            text=text,
        )


def _grouped(message: Message) -> Iterator[list[Segment]]:
    """Segments per OBR. A ZDS belongs to the OBR before it."""
    group: list[Segment] = []
    for segment in message.segments:
        if segment.name == "OBR":
            if group:
                yield group
            group = [segment]
        elif group:
            group.append(segment)
    if group:
        yield group


def _moment(value: str) -> str:
    """A time stamp as 14 digits, so that they sort; the zone is not looked at."""
    digits = re.match(r"\d{4,14}", value)
    return digits[0].ljust(14, "0") if digits else ""


def _text(results: list[Segment]) -> str:
    lines = [line for result in results for line in _lines(result)]
    text = clean_text("\n".join(lines), keep_lines=True)
    return re.sub(r"\n{3,}", "\n\n", text).strip()[:_MAX_TEXT]


def _lines(result: Segment) -> list[str]:
    r"""Lines of one OBX.

    OBX-5 is taken as it was sent: hl7apy writes `\.br\` back as `\E\.br\E\`, and splits free
    text at `^` and `&` that a sender forgot to escape.
    """
    kind = result.raw(2).strip().upper()
    if result.raw(11).strip().upper() in _VOID or kind not in _TEXT_TYPES | _CODED_TYPES:
        return []
    repetitions = result.raw(5).split(result.separators[2])
    if kind in _CODED_TYPES:
        parts = (each.split(result.separators[1]) for each in repetitions)
        repetitions = [part[1] if len(part) > 1 and part[1] else part[0] for part in parts]
    return [unescape(each, result.separators) for each in repetitions]
