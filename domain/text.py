"""Text from outside made safe to show: no escape sequences, no hidden direction changes."""

from __future__ import annotations

import re

# A whole sequence goes, not only its ESC: "[2J" left over would be noise in a report.
_ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, SOS, PM, APC up to their end
    r"|\x9b[0-?]*[ -/]*[@-~]"  # CSI as one C1 character
    r"|\x1b[ -/]*[0-~]",  # other two-character escapes
    re.DOTALL,
)

# Bidi embeddings, overrides, isolates and marks (they reorder what a person reads), zero-width
# characters, the byte order mark, interlinear annotation and the "tag" block (invisible text).
_INVISIBLE = re.compile(
    "[\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")


def clean_text(text: str, *, keep_lines: bool = False) -> str:
    """Strip what could drive a terminal or hide words; everything a person can read stays.

    Args:
        text: anything from a tag, a report, a message or a model.
        keep_lines: keep line feeds and tabs; otherwise they become single spaces, so that a
            value cannot fake a line of its own.

    Returns:
        Text without escape sequences, C0 and C1 controls, surrogates, bidi controls and
        zero-width characters. Joiners (U+200C, U+200D) stay: some scripts need them.

    Source: security facts, attack 17 (escape sequences and bidi in DICOM text).
    """
    shown = _LINE_ENDS.sub("\n", _ANSI.sub("", text))
    shown = _INVISIBLE.sub("", _CONTROLS.sub("", shown))
    return shown if keep_lines else re.sub(r"[ \t\n]*[\t\n][ \t\n]*", " ", shown).strip()
