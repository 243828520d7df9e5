"""The outer structure of a DICOM file, checked before any library parses it.

pydicom follows nested sequences by recursion and believes every length: a 19 kB file with 990
nested sequences took 4 GB, 2,000 levels killed the process, and a lying length was silently cut.
This walk keeps its own stack, believes no length that leaves its parent, and copies nothing but
the few top-level values that are asked for.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from mmap import mmap
from struct import Struct

MAX_DEPTH = 32
MAX_INFLATED_BYTES = 128 << 20
MAX_VALUE_BYTES = 1 << 16
"""Longest value that is copied out; header values that we use are far shorter."""

PIXEL_DATA = 0x7FE00010
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_META_SOP_UID, _TRANSFER_SYNTAX = 0x00020003, 0x00020010
_IMPLICIT_LITTLE = "1.2.840.10008.1.2"
_EXPLICIT_BIG = "1.2.840.10008.1.2.2"
_DEFLATED = "1.2.840.10008.1.2.1.99"
_UNDEFINED = 0xFFFFFFFF
# Source: DICOM PS3.5 table 7.1-1: these have two reserved bytes and a length of four.
_LONG_VRS = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
_ALL_VRS = _LONG_VRS | frozenset(
    {
        *(b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT"),
        *(b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"),
    }
)


# Sliced as it is, never through a memoryview: an exception's frames would keep the view, and a
# map with a view on it cannot be closed.
_Bytes = bytes | mmap


class BrokenStructure(Exception):
    """The bytes are not what DICOM says they must be. The message is one clause."""


@dataclass
class Outline:
    """What a walk found.

    Attributes:
        transfer_syntax: UID from the file meta group; implicit little endian where it has none.
        values: tag → raw value of the wanted top-level elements.
        meta_sop_uid: the instance that the file meta group names; empty where it names none.
        big_endian: how the numbers in `values` are stored.
        pixel_bytes: length of the pixel data's value; None when encapsulated or absent.
        has_pixels: whether there is a PixelData element.
        has_preamble: "DICM" stood at byte 128.
    """

    transfer_syntax: str
    has_preamble: bool
    big_endian: bool = False
    values: dict[int, bytes] = field(default_factory=dict)
    pixel_bytes: int | None = None
    has_pixels: bool = False
    meta_sop_uid: str = ""


@dataclass(frozen=True)
class _Form:
    implicit: bool
    tag: Struct
    short: Struct
    long: Struct


def _form(implicit: bool, big: bool = False) -> _Form:
    order = ">" if big else "<"
    return _Form(implicit, Struct(order + "HH"), Struct(order + "H"), Struct(order + "L"))


_LITTLE_IMPLICIT = _form(implicit=True)
_LITTLE_EXPLICIT = _form(implicit=False)


def read_outline(data: bytes | mmap, wanted: Collection[int]) -> Outline:
    """Walk a whole file.

    Args:
        data: the file, e.g. a memory map.
        wanted: top-level tags whose raw values are copied out.

    Raises:
        BrokenStructure: not DICOM, cut short, a length that lies, or nested too deeply.
    """
    view: _Bytes = data
    start, has_preamble = (132, True) if view[128:132] == b"DICM" else (0, False)
    meta: dict[int, bytes] = {}
    start = _read_meta(view, start, meta)
    syntax = meta.get(_TRANSFER_SYNTAX, b"").decode("ascii", "replace").strip("\0 ")
    if not syntax:
        syntax = _guess_syntax(view, start, has_preamble)
    outline = Outline(syntax, has_preamble, big_endian=syntax == _EXPLICIT_BIG)
    outline.meta_sop_uid = meta.get(_META_SOP_UID, b"").decode("ascii", "replace").strip("\0 ")
    body, at = view, start
    if syntax == _DEFLATED:
        body, at = _inflate(view[start:]), 0
    # Some writers name an explicit syntax and write the implicit one.
    explicit = syntax != _IMPLICIT_LITTLE and body[at + 4 : at + 6] in _ALL_VRS
    form = _form(not explicit, outline.big_endian)
    _Walk(body, form, outline, frozenset(wanted)).run(at)
    return outline


def _read_meta(view: _Bytes, start: int, meta: dict[int, bytes]) -> int:
    """Read group 2 (always explicit little endian) and return where the data set begins."""
    position = start
    while position + 8 <= len(view) and view[position : position + 2] == b"\x02\x00":
        tag, _, length, value = _element(view, position, _LITTLE_EXPLICIT)
        if length == _UNDEFINED or value + length > len(view):
            raise BrokenStructure("its file meta information is cut short")
        meta[tag] = view[value : value + min(length, MAX_VALUE_BYTES)]
        position = value + length
    return position


def _guess_syntax(view: _Bytes, start: int, has_preamble: bool) -> str:
    # No meta group: old files begin at once with group 8. Anything else is no DICOM.
    group = view[start : start + 2]
    if len(view) < start + 8 or (not has_preamble and group not in (b"\x08\x00", b"\x00\x08")):
        raise BrokenStructure("it has neither the DICM prefix nor a data set")
    if group == b"\x00\x08":
        return _EXPLICIT_BIG
    explicit = view[start + 4 : start + 6] in _ALL_VRS
    return "1.2.840.10008.1.2.1" if explicit else _IMPLICIT_LITTLE


def _inflate(packed: bytes) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = inflater.decompress(packed, MAX_INFLATED_BYTES)
    except zlib.error as error:
        raise BrokenStructure("its deflated data set is damaged") from error
    if inflater.unconsumed_tail:
        size = MAX_INFLATED_BYTES >> 20
        raise BrokenStructure(f"its deflated data set expands to more than {size} MB")
    return data


def _element(view: _Bytes, position: int, form: _Form) -> tuple[int, bytes, int, int]:
    """(tag, VR, length, where the value begins); the VR is empty in implicit form."""
    if position + 8 > len(view):
        raise BrokenStructure("it ends in the middle of an element")
    group, element = form.tag.unpack_from(view, position)
    tag = group << 16 | element
    if group == 0xFFFE or form.implicit:
        return tag, b"", form.long.unpack_from(view, position + 4)[0], position + 8
    vr = view[position + 4 : position + 6]
    if vr not in _LONG_VRS:
        return tag, vr, form.short.unpack_from(view, position + 6)[0], position + 8
    if position + 12 > len(view):
        raise BrokenStructure("it ends in the middle of an element")
    return tag, vr, form.long.unpack_from(view, position + 8)[0], position + 12


@dataclass
class _Frame:
    """An open sequence, item or set of fragments. `end` None: a delimiter closes it."""

    kind: str
    end: int | None
    limit: int
    form: _Form


class _Walk:
    def __init__(self, view: _Bytes, form: _Form, outline: Outline, wanted: frozenset[int]) -> None:
        self._view = view
        self._outline = outline
        self._wanted = wanted
        self._stack = [_Frame("item", len(view), len(view), form)]
        self._depth = 0

    def run(self, position: int) -> None:
        while self._stack:
            frame = self._stack[-1]
            if frame.end is not None and position >= frame.end:
                self._close()
            elif position >= frame.limit:
                self._end_early(frame)
            elif frame.kind == "item":
                position = self._read_element(frame, position)
            else:
                position = self._read_item(frame, position)

    def _end_early(self, frame: _Frame) -> None:
        # A missing delimiter after the last fragment is common and does no harm.
        if frame.kind != "fragments":
            raise BrokenStructure("it ends inside a sequence")
        self._close()

    def _read_element(self, frame: _Frame, position: int) -> int:
        tag, vr, length, value = _element(self._view, position, frame.form)
        if tag == _ITEM_END and len(self._stack) > 1 and frame.end is None:
            self._close()
            return value
        top = len(self._stack) == 1
        if tag >> 16 == 0xFFFE or (top and tag == 0):
            return self._skip_padding(position)
        if vr and vr not in _ALL_VRS:
            raise BrokenStructure(f"element ({_name(tag)}) has no valid value representation")
        if length == _UNDEFINED:
            self._open_undefined(frame, tag, vr, top)
            return value
        if value + length > frame.limit:
            raise BrokenStructure(
                f"element ({_name(tag)}) claims {length} bytes where {frame.limit - value} are left"
            )
        if top:
            self._note(tag, value, length)
        if self._is_sequence(frame, tag, vr, value, length):
            self._open("sequence", value + length, frame)
            return value
        return value + length

    def _read_item(self, frame: _Frame, position: int) -> int:
        tag, _, length, value = _element(self._view, position, frame.form)
        if tag == _SEQUENCE_END:
            if frame.end is None:
                self._close()
            return value
        if tag != _ITEM:
            raise BrokenStructure(f"({_name(tag)}) stands where an item of a sequence must")
        if frame.kind == "fragments":
            if length == _UNDEFINED or value + length > frame.limit:
                raise BrokenStructure("a fragment of its pixel data is cut short")
            return value + length
        if length == _UNDEFINED:
            self._stack.append(_Frame("item", None, frame.limit, frame.form))
        elif value + length > frame.limit:
            raise BrokenStructure("an item of a sequence is longer than the sequence")
        else:
            self._stack.append(_Frame("item", value + length, value + length, frame.form))
        return value

    def _open_undefined(self, frame: _Frame, tag: int, vr: bytes, top: bool) -> None:
        if vr in (b"OB", b"OW") or (tag == PIXEL_DATA):
            if top and tag == PIXEL_DATA:
                self._outline.has_pixels = True
            self._stack.append(_Frame("fragments", None, frame.limit, frame.form))
        elif vr in (b"SQ", b"UN", b""):
            # Source: PS3.5 6.2.2 note: UN of undefined length is a sequence in implicit form.
            form = _LITTLE_IMPLICIT if vr == b"UN" else frame.form
            self._open("sequence", None, frame, form)
        else:
            raise BrokenStructure(f"element ({_name(tag)}) has no length")

    def _is_sequence(self, frame: _Frame, tag: int, vr: bytes, value: int, length: int) -> bool:
        if vr:
            return vr == b"SQ" and length > 0
        # Implicit form names no type: what begins with an item is taken for a sequence.
        if length < 8 or tag == PIXEL_DATA:
            return False
        group, element = frame.form.tag.unpack_from(self._view, value)
        return bool(group << 16 | element == _ITEM)

    def _note(self, tag: int, value: int, length: int) -> None:
        if tag == PIXEL_DATA:
            self._outline.has_pixels = True
            self._outline.pixel_bytes = length
        elif tag in self._wanted and length <= MAX_VALUE_BYTES:
            self._outline.values[tag] = self._view[value : value + length]

    def _open(self, kind: str, end: int | None, frame: _Frame, form: _Form | None = None) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BrokenStructure(f"its sequences are nested more than {MAX_DEPTH} deep")
        limit = frame.limit if end is None else end
        self._stack.append(_Frame(kind, end, limit, form or frame.form))

    def _close(self) -> None:
        if self._stack.pop().kind == "sequence":
            self._depth -= 1

    def _skip_padding(self, position: int) -> int:
        """Accept zeros up to the end: some writers fill up the last block."""
        frame = self._stack[-1]
        if any(_chunks(self._view[position : frame.limit])):
            raise BrokenStructure("a delimiter stands where no sequence is open")
        return frame.limit


def _chunks(view: _Bytes) -> Iterator[bool]:
    return (any(view[at : at + 65536]) for at in range(0, len(view), 65536))


def _name(tag: int) -> str:
    return f"{tag >> 16:04x},{tag & 0xFFFF:04x}"
