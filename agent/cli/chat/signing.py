"""Signing: exactly the text that was shown, by a word that a person typed.

A key that repeats must never sign, nor an empty Enter, nor the end of input, nor Ctrl-C, nor
anything that was typed before the text stood on the screen.

Source: facts/security, attack 12 (a single-key `y` signed under key repeat).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from readingroom.agent.cli.render.text import is_showable
from readingroom.domain.errors import SafetyStop

THE_WORD = "sign"
_NO = ("no", "n", "q", "quit", "cancel")
_MOST_ASKED = 3


class Asks(Protocol):
    """Asks a person for a line."""

    def ask(self, question: str) -> str | None:
        """One typed line; None for the end of input or Ctrl-C.

        Whatever was typed before the question stood on the screen is thrown away.
        """
        ...


@dataclass(frozen=True)
class ToSign:
    """What a person is asked to sign."""

    approval_id: str
    text: str
    sha256: str
    destination: str
    accession: str
    critical: tuple[str, ...]

    @staticmethod
    def of(row: Mapping[str, Any]) -> ToSign:
        """Read what the session gave.

        Raises:
            SafetyStop: the text cannot be shown as it is, or is not waiting for a signature.
        """
        found = ToSign(
            approval_id=str(row["id"]),
            text=str(row["text"]),
            sha256=str(row["sha256"]),
            destination=str(row["destination"]),
            accession=str(row.get("accession", "")),
            critical=tuple(str(line) for line in row.get("critical") or ()),
        )
        state = str(row.get("state", "pending"))
        if state != "pending":
            raise SafetyStop(f"approval {found.approval_id} is {state}: nothing to sign")
        if not is_showable(found.text):
            raise SafetyStop(
                f"the text of approval {found.approval_id} holds control characters that a screen"
                " cannot show as they are",
                hint="Nothing was signed. Read the study again; what is signed must be visible.",
            )
        return found


def typed_word(asks: Asks) -> bool:
    """Ask for the word. True only if a person typed exactly `sign` and Enter."""
    for _ in range(_MOST_ASKED):
        answer = asks.ask(f"type {THE_WORD} to sign exactly this text, or no: ")
        if answer is None:
            return False
        word = answer.strip()
        if word == THE_WORD:
            return True
        if word.lower() in _NO:
            return False
    return False


def signer_name(asks: Asks, known: str) -> str:
    """Who signs: as given, or asked. Empty when nobody said."""
    if known.strip():
        return known.strip()
    return (asks.ask("signed by (your name, as it goes into the report): ") or "").strip()
