"""Reads what a report states: which observations, how sure, where, how large, what became of them.

Rules over data: `lexicon.*.toml` hold the words of a language, `clauses` cuts a sentence, `scopes`
tells which cue governs which finding, `attributes` gives side, zone and size.
"""

from readingroom.tools.reporting.reader.mention import Mention, SentenceReading, Status
from readingroom.tools.reporting.reader.sentence import read_sentence

__all__ = ["Mention", "SentenceReading", "Status", "read_sentence"]
