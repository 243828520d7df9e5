"""What the planner learns from: chat requests, grown from small patterns (`chat_patterns`)."""

from __future__ import annotations

import random
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from readingroom.inference.planner.layout import ANSWER, CANNOT
from training.chat_patterns import (
    CASES,
    CHAT,
    FINDING_WORDS,
    ORDINALS,
    PREFIX,
    RESULTS,
    SENTENCES,
    SUFFIX,
    VIEW_WORDS,
)


@dataclass
class Sample:
    """One state and what is right in it.

    Attributes:
        steps: tool, arguments, result.
        spans: argument name to the literal text that must be copied.
        film: row of the pool of film vectors, or None.
        before: earlier turns: what was said, the steps, what was asked back.
    """

    request: str
    case_line: str
    mode: str
    intent: str
    steps: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    spans: dict[str, str] = field(default_factory=dict)
    finding: str = ""
    target: str = ""
    view: str = ""
    film: int | None = None
    before: list[tuple[str, list[tuple[str, dict[str, str], str]], str]] = field(
        default_factory=list
    )


def accession(rng: random.Random) -> str:
    """An accession number in one of the shapes that sites use."""

    def digits(low: int, high: int) -> str:
        return "".join(rng.choice("0123456789") for _ in range(rng.randint(low, high)))

    def letters(count: int) -> str:
        return "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(count))

    year = rng.randint(2012, 2026)
    return rng.choice(
        (
            lambda: (
                f"{rng.choice(['CR', 'XR', 'DX', 'RAD', 'CT', 'ACC', letters(2)])}-{digits(3, 6)}"
            ),
            lambda: f"ACC-{year}-{digits(3, 6)}",
            lambda: digits(6, 10),
            lambda: letters(1) + digits(4, 8),
            lambda: f"{letters(2)}{year}-{digits(3, 5)}",
            lambda: (
                f"{year}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
                f"-{letters(2)}-{digits(2, 2)}"
            ),
            lambda: f"{letters(1)}{digits(2, 2)}.{digits(4, 4)}",
            lambda: f"{digits(2, 2)}-{digits(4, 5)}",
            lambda: f"RR{digits(4, 6)}",
            lambda: f"{letters(2)}{digits(4, 4)}/{digits(2, 2)}",
            lambda: f"{letters(3)}-{letters(2)}-{digits(3, 4)}",
        )
    )()


def grow(pattern: str, rng: random.Random) -> str:
    """One sentence of a pattern: an alternative of each pair of brackets."""
    while (match := re.search(r"\(([^()]*)\)", pattern)) is not None:
        pattern = (
            pattern[: match.start()] + rng.choice(match[1].split("|")) + pattern[match.end() :]
        )
    return " ".join(pattern.split())


def typos(text: str, rng: random.Random, keep: Collection[str] = ()) -> str:
    """A letter left out, doubled or swapped here and there; not in gaps nor in words to keep."""
    words = text.split(" ")
    for i, word in enumerate(words):
        if "{" in word or len(word) < 4 or rng.random() > 0.05:
            continue
        if any(each.isdigit() for each in word) or word.strip(".,;:!?").casefold() in keep:
            continue
        j, kind = rng.randrange(1, len(word) - 1), rng.random()
        if kind < 0.4:
            words[i] = word[:j] + word[j + 1 :]
        elif kind < 0.75:
            words[i] = word[:j] + word[j + 1] + word[j] + word[j + 2 :]
        else:
            words[i] = word[:j] + word[j] + word[j:]
    return " ".join(words)


def _fill(text: str, sample: Sample, rng: random.Random) -> str:
    if "{a}" in text:
        sample.spans["accession"] = accession(rng)
        text = text.replace("{a}", sample.spans["accession"])
    if "{p}" in text:
        label = f"P{rng.randint(1, 6)}"
        label = label.lower() if rng.random() < 0.15 else label
        sample.spans["prior"] = label
        text = text.replace("{p}", label)
    if "{s}" in text:
        sample.spans["sentence"] = rng.choice(SENTENCES[rng.choice(list(SENTENCES))])
        text = text.replace("{s}", sample.spans["sentence"])
    if "{o}" in text:
        sample.spans["sentence"] = rng.choice(ORDINALS)
        text = text.replace("{o}", sample.spans["sentence"])
    if "{f}" in text:
        sample.finding = rng.choice(list(FINDING_WORDS))
        words = rng.choice(FINDING_WORDS[sample.finding])
        text = text.replace(
            "{f}", re.sub("^an? |^the ", "", words) if rng.random() < 0.35 else words
        )
    if "{v}" in text:
        text = _fill_view(text, sample, rng)
    return text


def _fill_view(text: str, sample: Sample, rng: random.Random) -> str:
    if rng.random() < 0.5:
        sample.view = rng.choice(list(VIEW_WORDS))
        words = rng.choice(VIEW_WORDS[sample.view])
        return text.replace("the {v}", words).replace("{v}", words)
    label = rng.choice([f"P{rng.randint(1, 6)}", rng.choice("ABCDEF")])
    sample.spans["view"] = label
    lead = rng.choice(
        ("", "", "region ", "finding ", "box ") if len(label) == 1 else ("", "prior ", "study ")
    )
    return text.replace("the {v}", lead + label).replace("{v}", lead + label)


def chat_sample(rng: random.Random) -> Sample:
    """A chat request, or the state after its tool has run (then the answer is due)."""
    tool = rng.choice(list(CHAT))
    lines = CHAT[tool].split("\n")
    pattern = rng.choice(lines)
    pattern, _, value = pattern.partition("=")
    sample = Sample("", "" if rng.random() < 0.3 else rng.choice(CASES), "chat", tool)
    if value:
        sample.target, sample.finding = (value, "") if tool == "measure" else ("", value)
    text = grow(pattern, rng)
    if tool != ANSWER or rng.random() < 0.2:
        text = rng.choice(PREFIX) + text + rng.choice(SUFFIX)
    if rng.random() < 0.4:
        text = typos(text, rng)
    if rng.random() < 0.35:
        text = text[0].upper() + text[1:]
    elif rng.random() < 0.04:
        text = "".join(
            part if part.startswith("{") else part.upper() for part in re.split(r"(\{\w\})", text)
        )
    sample.request = " ".join(_fill(text, sample, rng).split())
    if tool not in (ANSWER, CANNOT) and rng.random() < 0.22:
        _after_the_tool(sample, rng)
    return sample


def _after_the_tool(sample: Sample, rng: random.Random) -> None:
    arguments = dict(sample.spans)
    for name, value in (
        ("finding", sample.finding),
        ("target", sample.target),
        ("view", sample.view),
    ):
        if value:
            arguments[name] = value
    result = rng.choice(
        RESULTS[sample.intent] + ("failed: the PACS did not answer", "failed: timed out")
    )
    sample.steps = [(sample.intent, arguments, result)]
    sample.intent, sample.spans = ANSWER, {}
    sample.finding = sample.target = sample.view = ""
