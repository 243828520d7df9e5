"""Export the tower, calibrate it on one part of the films and measure it on another."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from readingroom.inference.tower.fitting import auroc, platt, thresholds
from readingroom.inference.tower.layout import (
    ADULT_OBSERVATIONS,
    BOXES,
    CHILD_OBSERVATIONS,
    HEART,
    OUTPUTS,
    PHANTOM_OBSERVATIONS,
    QUALITIES,
    THORAX,
)
from readingroom.inference.tower.preprocess import grain
from training.film_data import FilmSet, adult_views

Array = NDArray[np.float32]

_ALARMS = 0.12 / len(PHANTOM_OBSERVATIONS)
"""False alarms that one finding may give: all together, one film in eight at most."""


def export(
    net: nn.Module,
    inputs: tuple[torch.Tensor, ...],
    names: list[str],
    outputs: list[str],
    to: Path,
    more_axes: dict[str, dict[int, str]] | None = None,
) -> None:
    """Write a module as ONNX with a free batch axis, and more free axes where named."""
    axes = {name: {0: "batch"} for name in names + outputs} | (more_axes or {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.eval().float(),
            inputs,
            str(to),
            dynamo=False,
            opset_version=17,
            input_names=names,
            output_names=outputs,
            dynamic_axes=axes,
        )


def export_tower(net: nn.Module, folder: Path) -> None:
    """Write `tower.onnx`."""
    net = net.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    export(net, (torch.zeros(1, 1, 224, 224),), ["film"], list(OUTPUTS), folder / "tower.onnx")


def run_onnx(path: Path, feeds: Callable[[slice], dict[str, Array]], count: int) -> list[Array]:
    """Outputs of a model over a set, in batches of 16."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    parts = [session.run(None, feeds(slice(i, i + 16))) for i in range(0, count, 16)]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def head_report(
    logits: dict[str, Array], labels: dict[str, Array], false_positive: float, even: bool = False
) -> Any:
    """Calibration on `val`, skill on `test` of one logit.

    Args:
        logits: of `val` and `test`.
        labels: of the same films; NaN where nothing is known.
        false_positive: share of films without a finding that may be called to have it.
        even: as if half of them had it, for a question that is asked on a suspicion: one crop in
            fifteen has a finding, but not one in fifteen of those that are asked about.
    """
    known = {part: ~np.isnan(labels[part]) for part in labels}
    val, test = (logits[part][known[part]] for part in ("val", "test"))
    y_val, y_test = (labels[part][known[part]] for part in ("val", "test"))
    scale, shift = platt(val, y_val)
    if even:
        shift -= float(np.log(y_val.mean() / (1 - y_val.mean())))
    p_val = 1 / (1 + np.exp(-(scale * val + shift)))
    p_test = 1 / (1 + np.exp(-(scale * test + shift)))
    absent, present = thresholds(p_val, y_val, false_positive)
    return {
        "scale": scale,
        "shift": shift,
        "absent_below": absent,
        "present_from": present,
        "val_auroc": auroc(val, y_val),
        "test": {
            "n": len(y_test),
            "positive": int(y_test.sum()),
            "auroc": auroc(test, y_test),
            "brier": float(((p_test - y_test) ** 2).mean()),
            "sensitivity_at_present": float((p_test[y_test == 1] >= present).mean()),
            "false_alarms_at_present": float((p_test[y_test == 0] >= present).mean()),
            "missed_as_absent": float((p_test[y_test == 1] < absent).mean()),
        },
    }


def _iou(a: Array, b: Array) -> Array:
    low, high = np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:], b[:, 2:])
    shared = np.clip(high - low, 0, None).prod(1)
    total = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - shared
    return np.asarray(shared / total, np.float32)


def distance_model(features: Array, kinds: NDArray[np.int64]) -> dict[str, Any]:
    """Means and one shared precision of the features of the kinds that can be read."""
    present = [kind for kind in range(3) if (kinds == kind).any()]
    means = np.stack([features[kinds == kind].mean(0) for kind in present])
    centred = np.concatenate(
        [features[kinds == k] - m for k, m in zip(present, means, strict=True)]
    )
    covariance = np.cov(centred.T) + 0.05 * np.trace(np.cov(centred.T)) / 64 * np.eye(64)
    precision = np.linalg.inv(covariance)
    own = np.einsum("ij,jk,ik->i", centred, precision, centred)
    return {
        "kinds": present,
        "means": means.round(4).tolist(),
        "precision": precision.round(4).tolist(),
        "limit": float(np.quantile(own, 0.998) * 1.3),
    }


def measure_tower(folder: Path, sets: dict[str, FilmSet], data: Path | None) -> None:
    """Write `tower.json` and print what was measured."""
    outputs: dict[str, dict[str, Array]] = {}
    for part in ("val", "test"):
        films = sets[part]

        def feeds(rows: slice, films: FilmSet = films) -> dict[str, Array]:
            return {"film": (films.grey[rows, None] / 255).astype(np.float32)}

        found = run_onnx(folder / "tower.onnx", feeds, len(films))
        outputs[part] = dict(zip(OUTPUTS, found, strict=True))
        # Noise is what pooling throws away: a line through a few plain numbers tells it better.
        outputs[part]["quality"] = np.stack([grain(g.astype(np.float32) / 255) for g in films.grey])
    report: dict[str, Any] = {"phantom": {}, "adult": {}, "child": {}, "quality": {}}
    report["grain"] = _fit_quality(sets["train"], outputs)
    heads = (
        ("phantom", [item.value for item in PHANTOM_OBSERVATIONS], _ALARMS),
        ("adult", [item.value for item in ADULT_OBSERVATIONS], 0.05),
        ("child", [item.value for item in CHILD_OBSERVATIONS], 0.05),
        ("quality", list(QUALITIES), 0.01),
    )
    for head, names, false_positive in heads:
        for column, name in enumerate(names):
            logits = {part: outputs[part][head][:, column] for part in outputs}
            labels = {part: getattr(sets[part], head)[:, column] for part in outputs}
            if head == "quality":
                labels = {p: np.where(sets[p].kind == 0, labels[p], np.nan) for p in labels}
            if np.nansum(labels["val"]) < 5:
                continue
            report[head][name] = head_report(logits, labels, false_positive)
            print(head, name, {k: round(v, 3) for k, v in report[head][name]["test"].items()})
    _measure_views(report, outputs["test"], sets["test"], data)
    for item in report["adult"].values():
        item["judged"] = bool(item["val_auroc"] >= 0.72)
        # At this skill no threshold misses few enough: absence is never claimed on an adult film.
        item["absent_below"] = 0.0
        item["test"]["missed_as_absent"] = 0.0
    for head, least in (("phantom", 0.9), ("child", 0.85), ("quality", 0.85)):
        for item in report[head].values():
            item["judged"] = bool(item["val_auroc"] >= least)
    report["boxes"] = _measure_boxes(outputs["test"], sets["test"])
    report["ratio_on_adults"] = _measure_ratio(outputs["test"], sets["test"])
    report["kind"] = _measure_kind(outputs["test"], sets["test"])
    # Fitted on val: the training films are moved and toned, and would look wider than they are.
    report["distance"] = distance_model(outputs["val"]["features"], sets["val"].kind)
    (folder / "tower.json").write_text(json.dumps(report, indent=1) + "\n")


def _measure_views(report: Any, out: dict[str, Array], films: FilmSet, data: Path | None) -> None:
    if data is None:
        return
    views = np.array(adult_views(data, "test"))
    rows = np.flatnonzero(films.kind == 1)
    for column, item in enumerate(ADULT_OBSERVATIONS):
        if item.value not in report["adult"]:
            continue
        result = {}
        for view in ("PA", "AP"):
            chosen = rows[views == view]
            labels = films.adult[chosen, column]
            known = ~np.isnan(labels)
            result[view] = auroc(out["adult"][chosen, column][known], labels[known])
        report["adult"][item.value]["test_auroc_by_view"] = result
        print("adult", item.value, "val", report["adult"][item.value]["val_auroc"], result)


def _measure_boxes(out: dict[str, Array], films: FilmSet) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for index, name in enumerate(BOXES):
        known = ~np.isnan(films.boxes[:, index, 0])
        truth, found = films.boxes[known, index], out["boxes"][known, index]
        result[name] = {"n": int(known.sum()), "mean_iou": float(_iou(truth, found).mean())}
        side = (truth[:, 0] + truth[:, 2] > 1) == (found[:, 0] + found[:, 2] > 1)
        result[name]["side_right"] = float(side.mean())
    known = ~np.isnan(films.boxes[:, HEART, 0])
    truth, found = films.boxes[known], out["boxes"][known]

    error = np.abs(_ratio(truth) - _ratio(found))
    result["cardiothoracic_ratio"] = {
        "n": int(known.sum()),
        "mean_error": float(error.mean()),
        "p95": float(np.quantile(error, 0.95)),
    }
    print("boxes", {k: {a: round(b, 3) for a, b in v.items()} for k, v in result.items()})
    return result


def _ratio(boxes: Array) -> Array:
    """Width of the heart over width of the thorax."""
    wide = boxes[:, :, 2] - boxes[:, :, 0]
    return np.asarray(wide[:, HEART] / wide[:, THORAX], np.float32)


def _fit_quality(films: FilmSet, outputs: dict[str, dict[str, Array]]) -> dict[str, Any]:
    """Logistic regression on `grain`; real films count as adequate."""
    rows = np.flatnonzero(~np.isnan(films.quality[:, 0]))
    x = np.stack([grain(g.astype(np.float32) / 255) for g in films.grey[rows]])
    middle, spread = x.mean(0), x.std(0)

    def design(values: Array) -> Array:
        z = (values - middle) / spread
        return np.concatenate([z, z * z, z[:, :1] * z[:, 4:], np.ones((len(z), 1))], 1)

    inputs = torch.from_numpy(design(x).astype(np.float32))
    labels = torch.from_numpy(films.quality[rows])
    weights = torch.zeros(inputs.shape[1], len(QUALITIES), requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(inputs @ weights, labels)
        loss = loss + 1e-4 * (weights**2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    fitted = weights.detach().numpy()
    for part in outputs.values():
        part["quality"] = (design(part["quality"]) @ fitted).astype(np.float32)
    return {"middle": middle.tolist(), "spread": spread.tolist(), "weights": fitted.tolist()}


def _measure_ratio(out: dict[str, Array], films: FilmSet) -> dict[str, Any]:
    """Whether the ratio of boxes learned from phantoms tells large hearts on real films."""
    labels = np.where(films.kind == 1, films.adult[:, 2], np.nan)
    known = ~np.isnan(labels)
    if np.nansum(labels) < 5:
        return {"judged": False, "n": int(known.sum())}
    boxes = out["boxes"][known]
    ratio = _ratio(boxes)
    value = auroc(ratio, labels[known])
    print("ratio on adult films", value, np.quantile(ratio, [0.05, 0.5, 0.95]))
    return {"auroc_cardiomegaly": value, "n": int(known.sum()), "judged": False}


def _measure_kind(out: dict[str, Array], films: FilmSet) -> dict[str, Any]:
    choice = out["kind"].argmax(1)
    table = [[int(((films.kind == t) & (choice == c)).sum()) for c in range(4)] for t in range(4)]
    print("kind", table)
    return {"rows_are_truth": table}
