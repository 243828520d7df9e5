"""The report reader on labelled sentences: `make bench-reader [DATA=DIR]`.

DIR holds `sentences.jsonl` (schema: benchmarks/reader/LABELS.md); without it the locked sentences
are taken, which were written and committed before the reader's first rule.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readingroom.tools.reporting.reader import Mention, SentenceReading, Status, read_sentence

HERE = Path(__file__).parent
RESULTS = HERE / "results"
Item = dict[str, Any]
Key = tuple[str, str]

_FIELDS = ("side", "zone", "size_mm", "change")
_PAUSE = 30
"""Sentences that are read in a pause of typing."""


def told(mention: Mention) -> Item:
    """A mention in the words of the labels."""
    return {
        "observation": mention.observation.value,
        "status": mention.status.value,
        "side": mention.laterality.value,
        "zone": mention.zone.value,
        "size_mm": mention.size_mm,
        "change": mention.change.value,
    }


def row_of(item: Item, reading: SentenceReading) -> Item:
    """A sentence with what was wanted and what was read."""
    said = [told(mention) for mention in reading.mentions]
    return {
        **{name: item[name] for name in ("id", "text", "language")},
        "wanted": item["mentions"],
        "said": said,
        "comparison_right": reading.compares == item["comparison"],
        "dates_right": sorted(reading.dates) == sorted(item["dates"]),
        "all_right": _sorted(said) == _sorted(item["mentions"]),
    }


def _sorted(mentions: Sequence[Item]) -> list[str]:
    return sorted(json.dumps(_plain(each), sort_keys=True) for each in mentions)


def _plain(mention: Item) -> Item:
    size = mention["size_mm"]
    return mention | {"size_mm": None if size is None else float(size)}


def figures_of(rows: Sequence[Item]) -> Item:
    """F1 of observation with status, by status and their mean; the rest of what was matched."""
    counts: dict[str, Counter[str]] = {status.value: Counter() for status in Status}
    confused: Counter[tuple[str, str]] = Counter()
    matched: Counter[str] = Counter()
    for row in rows:
        wanted, said = _keys(row["wanted"]), _keys(row["said"])
        for key in wanted | said:
            both = min(wanted[key], said[key])
            counts[key[1]] += Counter(
                right=both, missed=wanted[key] - both, made_up=said[key] - both
            )
        confused.update(_confused(wanted, said))
        matched.update(_matched(row))
    figures: Item = {"sentences": len(rows)}
    figures |= {status: _f1(count) for status, count in counts.items()}
    figures["macro_f1"] = _mean([_f1(count) for count in counts.values()])
    figures |= {name: _share(matched[name], matched["all"]) for name in _FIELDS}
    for name in ("comparison_right", "dates_right", "all_right"):
        figures[name] = _mean([row[name] for row in rows])
    figures["confused"] = [f"{n} {a} taken as {b}" for (a, b), n in confused.most_common(12)]
    return figures


def _keys(mentions: Sequence[Item]) -> Counter[Key]:
    return Counter((each["observation"], each["status"]) for each in mentions)


def _confused(wanted: Counter[Key], said: Counter[Key]) -> list[tuple[str, str]]:
    """Which status was taken for which, of the same observation; "-" is none at all."""
    missed, extra = list((wanted - said).elements()), list((said - wanted).elements())
    pairs = []
    for observation, status in missed:
        taken = next((key for key in extra if key[0] == observation), None)
        if taken:
            extra.remove(taken)
        pairs.append((status, taken[1] if taken else "-"))
    return pairs + [("-", status) for _, status in extra]


def _matched(row: Item) -> Counter[str]:
    """Of mentions whose observation and status are right: how often each field is."""
    found: Counter[str] = Counter()
    for wanted in map(_plain, row["wanted"]):
        key = (wanted["observation"], wanted["status"])
        same = [_plain(s) for s in row["said"] if (s["observation"], s["status"]) == key]
        if same:
            found["all"] += 1
            found.update(name for name in _FIELDS if any(s[name] == wanted[name] for s in same))
    return found


def _f1(count: Counter[str]) -> float:
    wrong = count["missed"] + count["made_up"]
    return _share(2 * count["right"], 2 * count["right"] + wrong)


def _share(part: float, whole: float) -> float:
    return round(part / whole, 3) if whole else float("nan")


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if value == value]
    return _share(sum(known), len(known))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE / "reader", help="folder of sentences")
    options = parser.parse_args()
    lines = (options.data / "sentences.jsonl").read_text(encoding="utf-8").splitlines()
    items = [json.loads(line) for line in lines if line.strip()]
    read_sentence("warm", items[0]["language"])
    rows, seconds = [], []
    for item in items:
        begin = time.perf_counter()
        reading = read_sentence(item["text"], item["language"], item["section"])
        seconds.append(time.perf_counter() - begin)
        rows.append(row_of(item, reading))
    figures = figures_of(rows)
    for language in sorted({row["language"] for row in rows}):
        own = [row for row in rows if row["language"] == language]
        figures[language] = {"sentences": len(own), "macro_f1": figures_of(own)["macro_f1"]}
    figures["ms_for_30_sentences"] = round(1000 * _PAUSE * sum(seconds) / len(seconds), 1)
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "reader.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (RESULTS / "reader.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        if name != "confused":
            print(f"{name:<22}{value}")
    print("\nwanted, and taken as", *figures["confused"], sep="\n   ")
    short = ("sentences", "macro_f1", "all_right", "ms_for_30_sentences")
    print(json.dumps({name: figures[name] for name in short}))


if __name__ == "__main__":
    main()
