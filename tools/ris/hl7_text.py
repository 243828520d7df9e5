r"""HL7 v2 as it lies in files: byte-order marks, frames, line ends, character sets, escapes.

hl7apy parses one segment after the other, and only those that we read. Given whole messages it
loses Z-segments (ZDS has the Study Instance UID), loses all after MSH where lines end in CRLF,
refuses LF, and raises on a segment that it does not know (facts, HL7 v2).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from readingroom.domain.errors import BadInput

# MSH-18 to Python's names. Source: HL7 v2.5.1 table 0211.
_CHARACTER_SETS = {
    "ASCII": "ascii",
    **{f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
    "UNICODE UTF-8": "utf-8",
    "UNICODE UTF-16": "utf-16",
    "ISO IR6": "ascii",
    "ISO IR14": "iso2022_jp",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "CNS 11643-1992": "big5",
    "BIG-5": "big5",
}
# In practice also written like this.
_ALIASES = {"UTF-8": "utf-8", "UTF8": "utf-8", "UNICODE": "utf-8", "ISO-8859-1": "iso8859-1"}
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}(?=\||$)")
_ENVELOPE = frozenset({"FHS", "BHS", "BTS", "FTS"})
_MLLP = str.maketrans("", "", "\x0b\x1c")
_VERSIONS = frozenset({"2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"})
_FALLBACK_VERSION = "2.5.1"
_ESCAPE = re.compile(r"\\([^\\\r]{0,64}?)\\")
_MAX_SEGMENTS = 20_000


@dataclass(frozen=True)
class Segment:
    """One segment: its name, its text as sent, and how its message separates things."""

    name: str
    text: str
    separators: str
    version: str

    def raw(self, index: int) -> str:
        """Field `index` (1-based) as sent, escapes included; empty when it is not there."""
        fields = self.text.split(self.separators[0])
        # MSH-1 is the field separator itself.
        position = index - 1 if self.name == "MSH" else index
        return fields[position] if 0 <= position < len(fields) else ""

    @property
    def _encoding(self) -> dict[str, str]:
        names = ("FIELD", "COMPONENT", "REPETITION", "ESCAPE", "SUBCOMPONENT")
        return dict(zip(names, self.separators, strict=True)) | {"SEGMENT": "\r", "GROUP": "\r"}

    @cached_property
    def _parsed(self) -> Any:
        from hl7apy.consts import VALIDATION_LEVEL
        from hl7apy.parser import parse_segment

        level = VALIDATION_LEVEL.TOLERANT
        try:
            return parse_segment(self.text, self.version, self._encoding, validation_level=level)
        except Exception as error:
            # hl7apy raises bare IndexError, ValueError and its own kinds on broken segments.
            raise BadInput(
                f"segment {self.name} cannot be parsed: {type(error).__name__}"
            ) from None

    def components(self, index: int) -> tuple[tuple[str, ...], ...]:
        """Components of each repetition of a field, unescaped.

        Raises:
            BadInput: hl7apy cannot parse the segment.
        """
        repetitions = getattr(self._parsed, f"{self.name.lower()}_{index}")
        return tuple(
            tuple(
                unescape(part, self.separators).strip()
                for part in repetition.to_er7(self._encoding).split(self.separators[1])
            )
            for repetition in repetitions
        )

    def first(self, index: int, component: int = 1) -> str:
        """One component of the first repetition of a field; empty when it is not there.

        Raises:
            BadInput: hl7apy cannot parse the segment.
        """
        repetitions = self.components(index)
        parts = repetitions[0] if repetitions else ()
        return parts[component - 1] if component <= len(parts) else ""


_USUAL = "|^~\\&"


@dataclass(frozen=True)
class Message:
    """One message. All segments are kept, unknown ones and Z-segments too."""

    segments: tuple[Segment, ...] = field(default=())

    @property
    def header(self) -> Segment:
        """MSH."""
        return self.segments[0]

    @property
    def kind(self) -> tuple[str, str]:
        """Message code and trigger event of MSH-9: ("ORU", "R01")."""
        return (self.header.first(9).upper(), self.header.first(9, 2).upper())

    def of(self, name: str) -> tuple[Segment, ...]:
        """All segments with a name."""
        return tuple(each for each in self.segments if each.name == name)


def read_messages(data: bytes) -> tuple[Message | BadInput, ...]:
    """All messages of a file, in order; a broken one is its error in its place.

    Raises:
        BadInput: there is no message in it at all, or its character set is not known.
    """
    text = decode(data).translate(_MLLP)
    lines = [line for line in re.split(r"\r\n|\r|\n", text) if line.strip()]
    groups: list[list[str]] = []
    for line in lines[:_MAX_SEGMENTS]:
        if line.startswith("MSH"):
            groups.append([line])
        elif not groups:
            if line[:3] in _ENVELOPE:
                continue
            raise BadInput("the file does not begin with an MSH segment: it is no HL7 v2 message")
        elif _SEGMENT.match(line):
            groups[-1].append(line)
        else:
            # A line end inside a value: the line belongs to the segment before it.
            groups[-1][-1] += "\n" + line
    if not groups:
        raise BadInput("the file holds no HL7 v2 message")
    return tuple(map(_message, groups))


def _message(lines: list[str]) -> Message | BadInput:
    header = lines[0]
    separators = header[3:8]
    if len(header) < 9 or len(set(separators)) != 5 or separators.isalnum():
        # HL7 2.7 has a sixth character (truncation); shorter ones are broken.
        return BadInput("MSH-1 and MSH-2 do not name the five separators")
    fields = header.split(separators[0])
    version = fields[11].split(separators[1])[0].strip() if len(fields) > 11 else ""
    if version not in _VERSIONS:
        # hl7apy raises on 2.9 and on an empty one; what we read is the same in all of them.
        version = _FALLBACK_VERSION
    return Message(
        tuple(
            Segment(line[:3], line, separators, version)
            for line in lines
            if line[:3] not in _ENVELOPE
        )
    )


def decode(data: bytes) -> str:
    """Bytes as text: by byte-order mark, else by MSH-18, else UTF-8 or Latin-1.

    Raises:
        BadInput: MSH-18 names a character set that we do not know, or the bytes are not in it.
    """
    for mark, codec in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16")):
        if data.startswith(mark):
            return _decoded(data, codec)
    if data.startswith(codecs.BOM_UTF16_BE):
        return _decoded(data, "utf-16")
    declared = _declared(data)
    if declared:
        codec = _CHARACTER_SETS.get(declared) or _ALIASES.get(declared, "")
        if not codec:
            raise BadInput(f"the character set in MSH-18 is not known: {declared[:20]!r}")
        return _decoded(data, codec)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("iso8859-1")


def _declared(data: bytes) -> str:
    """First repetition of MSH-18, read before anything can be decoded."""
    start = data.find(b"MSH")
    if start < 0 or len(data) < start + 8:
        return ""
    head = re.split(rb"[\r\n]", data[start : start + 4096], maxsplit=1)[0]
    fields = head.decode("iso8859-1").split(chr(data[start + 3]))
    return fields[17].split(chr(data[start + 5]))[0].strip().upper() if len(fields) > 17 else ""


def _decoded(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        raise BadInput(
            f"the bytes are not in the character set that is declared ({codec})"
        ) from None


def unescape(text: str, separators: str = _USUAL) -> str:
    r"""Resolve HL7 escapes. `\.br\` becomes a line feed, highlighting goes, `\Xhh..\` is decoded.

    Source: HL7 v2.5.1 section 2.7.
    """
    plain = {"F": separators[0], "S": separators[1], "R": separators[2]}
    plain |= {"E": separators[3], "T": separators[4]}

    def resolve(match: re.Match[str]) -> str:
        code = match[1]
        if code in plain:
            return plain[code]
        if code.lower().startswith((".br", ".sp", ".ce")):
            return "\n"
        if code[:1] == "X" and re.fullmatch(r"X([0-9A-Fa-f]{2})+", code):
            return bytes.fromhex(code[1:]).decode("utf-8", "replace")
        return ""

    if separators[3] != "\\":
        text = text.replace(separators[3], "\\")
    return _ESCAPE.sub(resolve, text)
