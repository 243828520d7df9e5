"""The sentences that the report reader is measured on stay as they were before its first rule."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

FOLDER = Path(__file__).parents[2]
LOCKED = FOLDER / "benchmarks" / "reader" / "sentences.jsonl"
SHA256 = "947572c0d935780724865442fa3ab259ced336abf6296f4cde3d88f46d8a5af6"


def test_the_locked_sentences_were_not_touched() -> None:
    assert hashlib.sha256(LOCKED.read_bytes()).hexdigest() == SHA256


def test_no_development_sentence_is_locked() -> None:
    locked = {json.loads(line)["text"] for line in LOCKED.read_text("utf-8").splitlines()}
    seen = [
        json.loads(line)["text"]
        for path in sorted((FOLDER / "training" / "reader_dev").glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    assert len(locked) >= 500
    assert len(seen) >= 400
    assert not locked & set(seen)
