"""The shipped core against requests that it was never trained on: `make bench-core [DATA=DIR]`.

DIR holds `requests.jsonl` and `new_tools.jsonl` (schema: benchmarks/README.md); without it the
ones that lie in benchmarks/core are taken. Every request goes to the real worker process, with
the tools that the chat offers; a step's result is told back in the words that the product uses.
Films of requests that hang on a picture are drawn, and seen by the tower like any other.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readingroom.agent.graph.chat import CHAT_TOOLS, TURNS_KNOWN
from readingroom.agent.models.messages import briefs
from readingroom.domain.ports import PlanDecision, PlanRequest, StepBrief, ToolBrief, TurnBrief
from readingroom.domain.region import Laterality
from readingroom.inference import CoreWorker
from readingroom.sandbox_pacs.patients.chest.body import body_of
from readingroom.sandbox_pacs.patients.chest.film import FilmSpec, render_film
from readingroom.sandbox_pacs.patients.disease import WITHOUT_SIDE, Disease, Lesion
from readingroom.tools.registry import Offer, Registry, openai_schema
from readingroom.tools.sdk import Effect, Stage, Tool

HERE = Path(__file__).parent
RESULTS = HERE / "results"
Item = dict[str, Any]
Call = tuple[str, dict[str, str]]

_REPLIES = {"answer": "_answer", "cannot": "_cannot", "ask": "_ask"}
_MORE_STEPS = 2
"""Steps beyond the expected ones that a turn may go on for before it is cut off."""


@dataclass(frozen=True)
class Outcome:
    """One turn: what was wanted, and what the core did.

    Attributes:
        seconds: of the first decision.
    """

    item: Item
    turn: int
    wanted: list[Call]
    done: list[Call]
    seconds: float

    @property
    def tools_right(self) -> bool:
        """The same tools in the same order."""
        return [tool for tool, _ in self.wanted] == [tool for tool, _ in self.done]

    @property
    def all_right(self) -> bool:
        """Their arguments too, whatever their case."""
        return _plain(self.wanted) == _plain(self.done)

    @property
    def invented(self) -> list[str]:
        """Identifiers that stand neither in what was said nor in the open case."""
        said = " ".join(turn["say"] for turn in self.item["turns"][: self.turn + 1]).casefold()
        known = json.dumps(self.item["open"] or {}, ensure_ascii=False).casefold()
        given = [a["accession"] for _, a in self.done if "accession" in a]
        given += [a["prior"] for _, a in self.done if "prior" in a]
        return [each for each in given if each.casefold() not in said + known]


def _plain(calls: Sequence[Call]) -> list[tuple[str, dict[str, str]]]:
    return [(tool, {k: v.casefold() for k, v in given.items()}) for tool, given in calls]


def chat_briefs(is_open: bool) -> tuple[ToolBrief, ...]:
    """The tools as the chat offers them."""
    chat = [tool for tool in CHAT_TOOLS.values() if is_open or not tool.needs_case]
    offers = [
        Offer(Tool(t.name, "", t.description, t.arguments, Effect.READ, Stage.CHAT, _not_run), {})
        for t in chat
    ]
    if is_open:
        tools = Registry.load().tools.values()
        offers += [Offer(tool, {}) for tool in tools if tool.name not in CHAT_TOOLS]
    return tuple(briefs(openai_schema(offers)))


def _not_run(arguments: object, case: object) -> Any:
    raise AssertionError("a benchmark plans, it does not act")


def film_of(item: Item) -> tuple[NDArray[np.float32], ...]:
    """The film that a request hangs on, drawn; none where it hangs on none."""
    film = item.get("film")
    if film is None:
        return ()
    number = sum(item["id"].encode())
    lesions = []
    for found in film["findings"]:
        disease = Disease(found["disease"])
        side = Laterality.LEFT if found["side"] == "left" else Laterality.RIGHT
        side = Laterality.MIDLINE if disease in WITHOUT_SIDE else side
        lesions.append(Lesion(disease.value, disease, side, severity=0.6, place=number))
    body = body_of(7000 + number, "MF"[number % 2], 45, "test")  # type: ignore[arg-type]
    spec = FilmSpec(size=512, shot=number, quality=film["quality"])
    return (render_film(body, tuple(lesions), spec).grey_yx,)


def result_of(tool: str, arguments: dict[str, str], item: Item) -> str:
    """What the product would tell the core after a step that went well."""
    case = item["open"] or {"priors": []}
    if tool == "open_study":
        return f"open: {arguments.get('accession', '')}"
    if tool == "find_priors":
        priors = [f"{p['label']} {p['modality']} {p['date']}" for p in case["priors"]]
        return f"found {len(priors)}: " + ", ".join(priors) if priors else "none"
    if tool == "retrieve_prior":
        return f"{arguments.get('prior', 'P1')} complete: 2 images"
    return {
        "worklist": "12 studies",
        "look_at_film": "film adequate; seen: nothing",
        "compare_prior": f"{arguments.get('prior', 'P1')}: no finding to compare",
        "ask_region": f"{arguments.get('finding', 'it')}: absent",
        "measure": f"{arguments.get('target', 'it')}: 0.48",
        "draft_report": "awaiting_signature",
        "read_study": "awaiting_signature",
    }.get(tool, "shown")


def play(worker: CoreWorker, item: Item) -> Iterator[Outcome]:
    """All turns of a request."""
    images = film_of(item)
    is_open = item["open"] is not None
    before: tuple[TurnBrief, ...] = ()
    for number, turn in enumerate(item["turns"]):
        wanted = [(step["tool"], step["arguments"]) for step in turn["steps"]]
        steps: list[StepBrief] = []
        done: list[Call] = []
        seconds = 0.0
        while len(done) < len(wanted) + _MORE_STEPS:
            line = case_line(item) if is_open else ""
            request = PlanRequest(
                turn["say"], line, tuple(steps), chat_briefs(is_open), images, before
            )
            begin = time.perf_counter()
            decision = worker.plan(request)
            seconds = seconds or time.perf_counter() - begin
            call = called(decision, item)
            if call[0].startswith("_"):
                if not done:
                    done.append(call)
                break
            if call in done:
                break
            done.append(call)
            steps.append(StepBrief(call[0], call[1], result_of(*call, item)))
            is_open = is_open or call[0] == "open_study"
        yield Outcome(item, number, wanted, done, seconds)
        # What went before is told as it should have gone: each turn is judged on its own.
        right = tuple(StepBrief(*call, "") for call in wanted if not call[0].startswith("_"))
        before = (*before, TurnBrief(turn["say"], right))[-TURNS_KNOWN:]


def case_line(item: Item) -> str:
    """The open case as the chat tells the core of it; benchmark cases are of 22 November 2026."""
    priors = (item["open"] or {}).get("priors", [])
    parts = [f"{p['label']} {p['modality']} {p['date']} {p['what']}" for p in priors]
    return "; ".join(["XR chest PA M 58", *parts, "today 2026-11-22"])


def called(decision: PlanDecision, item: Item) -> Call:
    """A decision as tool and arguments; the product knows which sentence is the last."""
    if decision.kind != "call":
        return _REPLIES[decision.kind], {}
    given = {name: str(value) for name, value in decision.arguments.items()}
    if given.get("sentence") == "last" and item.get("open"):
        given["sentence"] = str(item["open"]["sentences"])
    return decision.tool, given


def figures_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Shares right over all turns, by kind of request and by language."""
    figures: dict[str, Any] = {"turns": len(outcomes)} | _shares(outcomes)
    for key in ("kind", "language"):
        for value in sorted({each.item[key] for each in outcomes}):
            part = [each for each in outcomes if each.item[key] == value]
            figures[value] = {"turns": len(part)} | _shares(part)
    calls = [each for each in outcomes if not each.wanted[0][0].startswith("_")]
    unknown = [each for each in outcomes if each.wanted[0][0] == "_cannot"]
    figures["asked_back_needlessly"] = sum(each.done[0][0] == "_ask" for each in calls)
    figures["unknown_declined"] = _share([each.done[0][0] == "_cannot" for each in unknown])
    figures["invented_identifiers"] = sum(len(each.invented) for each in outcomes)
    figures["median_ms"] = round(1000 * float(np.median([each.seconds for each in outcomes])))
    return figures


def _shares(outcomes: Sequence[Outcome]) -> dict[str, float]:
    return {
        "tools": _share([each.tools_right for each in outcomes]),
        "tools_and_arguments": _share([each.all_right for each in outcomes]),
    }


def _share(right: Sequence[bool]) -> float:
    return round(sum(right) / len(right), 3) if right else float("nan")


def new_tools(worker: CoreWorker, lines: Sequence[Item]) -> dict[str, Any]:
    """How often a tool that training never saw is chosen, alone and among unrelated ones."""
    tools = [_brief(line["tool"]) for line in lines if "tool" in line]
    others = [_brief(line["distractor"]) for line in lines if "distractor" in line]
    asked = [(line["tool"]["name"], say) for line in lines if "tool" in line
             for say in line["requests"]]  # fmt: skip
    shares = {}
    for name, offered in (("alone", tools), ("among_40_others", tools + others)):
        right = []
        for wanted, say in asked:
            request = PlanRequest(say, "", (), (*chat_briefs(False), *offered))
            right.append(called(worker.plan(request), {})[0] == wanted)
        shares[name] = _share(right)
    return {"requests": len(asked)} | shares


def _brief(tool: Item) -> ToolBrief:
    arguments = {name: {"type": "string", "description": text}
                 for name, text in tool["arguments"].items()}  # fmt: skip
    return ToolBrief(tool["name"], tool["description"], arguments)


def confusion(outcomes: Sequence[Outcome]) -> Counter[tuple[str, str]]:
    """First tool wanted and first tool taken, where they differ."""
    pairs = ((each.wanted[0][0], each.done[0][0]) for each in outcomes)
    return Counter(pair for pair in pairs if pair[0] != pair[1])


def _lines(path: Path) -> list[Item]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def main() -> None:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE / "core", help="folder of requests")
    parser.add_argument("--weights", type=Path, help="others than those that ship")
    options = parser.parse_args()
    if not (options.data / "requests.jsonl").is_file():
        if not any((options.data / name).exists() for name in ("films.jsonl", "nih")):
            parser.error(f"{options.data} has no requests.jsonl (schema: benchmarks/README.md)")
        print(f"{options.data} has films only: the requests are those of {HERE / 'core'}")
        options.data = HERE / "core"
    with CoreWorker(weights=options.weights) as worker:
        requests = _lines(options.data / "requests.jsonl")
        outcomes = [outcome for item in requests for outcome in play(worker, item)]
        figures = figures_of(outcomes)
        added = options.data / "new_tools.jsonl"
        if added.exists():
            figures["new_tools"] = new_tools(worker, _lines(added))
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "core.jsonl").open("w", encoding="utf-8") as file:
        for each in outcomes:
            row = {"id": each.item["id"], "turn": each.turn, "kind": each.item["kind"],
                   "say": each.item["turns"][each.turn]["say"], "wanted": each.wanted,
                   "done": each.done, "right": each.all_right}  # fmt: skip
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    (RESULTS / "core.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:<24}{value}")
    print("\nfirst tool wanted, and taken instead")
    for (wanted, taken), count in confusion(outcomes).most_common(25):
        print(f"{count:>4}  {wanted:<18}{taken}")
    print(json.dumps({k: v for k, v in figures.items() if not isinstance(v, dict)}))


if __name__ == "__main__":
    main()
