"""Write the model card from what the training runs measured: `python -m training.card`."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from training.tower import WEIGHTS

TRAINED_ON = (
    "synthetic frontal chest films; 674 adult films (ChestX-ray14) for airspace opacity and "
    "effusion, 1358 paediatric films for pneumonia"
)
CANNOT = (
    "judge a film that is no frontal chest radiograph",
    "judge nodules, pneumothorax, heart size, mediastinum or tubes on a real film",
    "place a finding on a real film",
    "judge bones, free air, central lines, chest tubes, or anything that is not in its list",
    "tell a rotated film reliably",
    "plan outside its list of tools, or speak in free text",
)
_FILES = (
    "tower.onnx",
    "crop.onnx",
    "planner.onnx",
    "sentences.onnx",
    "lessons.npz",
    "tokenizer.json",
)


def collect(folder: Path, made: list[str]) -> dict[str, Any]:
    """The card as data; `made` are the commands that trained what is in the folder."""
    parts = {
        name: json.loads((folder / f"{name}.json").read_text())
        for name in ("tower", "crop", "planner")
    }
    tower = parts["tower"]
    judged = {
        kind: [name for name, item in tower[kind].items() if item["judged"]]
        for kind in ("phantom", "adult", "child", "quality")
    }
    skill = {
        kind: {name: item["test"] | _by_view(item) for name, item in tower[kind].items()}
        for kind in judged
    }
    return {
        "names": {
            "tower": "embedded-tower",
            "crop": "embedded-crop",
            "planner": "embedded-planner",
        },
        "revisions": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12] for name in _FILES
        },
        "trained_on": TRAINED_ON,
        "cannot": list(CANNOT),
        "judges": judged,
        "synthetic": {
            "tower": skill["phantom"],
            "quality": skill["quality"],
            "boxes": tower["boxes"],
            "crop": {name: item["test"] for name, item in parts["crop"]["phantom"].items()},
            "tube_tip": parts["crop"]["tip"],
            "planner": parts["planner"],
        },
        "real": {
            "adult (ChestX-ray14, test patients)": skill["adult"],
            "child (Kermany, test patients)": skill["child"],
            "cardiothoracic ratio on adult films": tower["ratio_on_adults"],
        },
        "kind_table_rows_are_truth": tower["kind"]["rows_are_truth"],
        "make_again": made,
        "credits": [
            "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0): the planner's pretrained encoder",
            "ChestX-ray14: NIH Clinical Center; Wang et al., CVPR 2017, 3462-3471",
            "RSNA labels: Shih et al., Radiology: AI 2019",
            "Paediatric films: Kermany et al., Mendeley Data 10.17632/rscbjbr9sj (CC BY 4.0)",
        ],
    }


def _by_view(item: dict[str, Any]) -> dict[str, Any]:
    return {"auroc_by_view": item["test_auroc_by_view"]} if "test_auroc_by_view" in item else {}


def _row(name: str, item: dict[str, Any]) -> str:
    views = item.get("auroc_by_view", {})
    within = ", ".join(f"{view} {value:.2f}" for view, value in views.items()) or "-"
    return (
        f"| {name.replace('_', ' ')} | {item['n']} ({item['positive']}) "
        f"| {item['auroc']:.3f} | {within} "
        f"| {item['sensitivity_at_present']:.2f} | {item['false_alarms_at_present']:.3f} "
        f"| {item['missed_as_absent']:.2f} |"
    )


def markdown(card: dict[str, Any]) -> str:
    """The card for people."""
    head = (
        "| what | n (positive) | AUROC | in a view | found | false alarms | missed as absent |\n"
        "|---|---|---|---|---|---|---|"
    )
    ratio = card["synthetic"]["boxes"]["cardiothoracic_ratio"]
    synthetic, real, planner = card["synthetic"], card["real"], card["synthetic"]["planner"]
    lines = [
        "# The embedded core",
        "",
        "Research use only, not a medical device. Trained on: " + card["trained_on"] + ".",
        "",
        "It cannot " + "; ".join(card["cannot"]) + ".",
        "",
        "What it judges, by kind of film: "
        + "; ".join(
            f"{kind}: {', '.join(names) or 'nothing'}" for kind, names in card["judges"].items()
        ),
        "",
        "## Synthetic films (seeds that training never saw)",
        head,
        *(_row(name, item) for name, item in synthetic["tower"].items()),
        *(_row("film " + name, item) for name, item in synthetic["quality"].items()),
        *(_row("crop: " + name, item) for name, item in synthetic["crop"].items()),
        "",
        f"Cardiothoracic ratio: mean error {ratio['mean_error']:.3f} (n = {ratio['n']}).",
        "These films are drawn from a 3D chest, of the split test: its anatomy is not training's.",
        "Such numbers say that the parts work, nothing about patients.",
        "",
        "## Real films (patients that training never saw)",
        head,
        *(
            _row(f"{kind}: {name}", item)
            for kind in ("adult (ChestX-ray14, test patients)", "child (Kermany, test patients)")
            for name, item in real[kind].items()
        ),
        "",
        "The adult labels were mined from reports by a program; consolidation there means",
        "consolidation, pneumonia, infiltration or an RSNA opacity. Absence is never claimed on an",
        "adult film, and no place on any real one; on children, normal and pneumonia differ in",
        "how the films were collected, so that number flatters.",
        "",
        "## Planner",
        *(f"- {name.replace('_', ' ')}: " + _numbers(item) for name, item in planner.items()),
        "",
        "## Made by",
        *(f"    {command}" for command in card["make_again"]),
        "",
        "## Credits",
        *(f"- {credit}" for credit in card["credits"]),
    ]
    return "\n".join(lines) + "\n"


def _numbers(item: dict[str, Any]) -> str:
    return ", ".join(
        f"{key.replace('_', ' ')} {value if isinstance(value, int) else f'{value:.3f}'}"
        for key, value in item.items()
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--made", type=Path, help="the commands, as training.all writes them")
    options = parser.parse_args()
    folder = options.out
    made = options.made or folder / "card.json"
    told = json.loads(made.read_text())
    card = collect(folder, told if options.made else told["make_again"])
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n")
    (folder / "CARD.md").write_text(markdown(card))


if __name__ == "__main__":
    main()
