"""Reads a film with the shipped tower; onnxruntime and numpy only. Lives in the worker."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from readingroom.domain.film import Film
from readingroom.domain.finding import (
    VOCABULARY,
    Detection,
    FilmQuality,
    FilmReading,
    ModelId,
    Observation,
    Presence,
    RegionAnswer,
)
from readingroom.domain.region import Box
from readingroom.inference.tower import layout
from readingroom.inference.tower.calibration import Familiarity, Grain, Head, heads_of, site_lines
from readingroom.inference.tower.outline import outline
from readingroom.inference.tower.preprocess import (
    FILM_SIZE,
    contrast_limits,
    crop_input,
    film_input,
    grain,
    resample,
)
from readingroom.inference.tower.vector import FilmVector
from readingroom.inference.tower.zones import (
    BoxPx,
    bounded,
    place,
    plausible,
    usual_lungs,
    zone_boxes,
)

Array = NDArray[np.float32]

_UNLIKE = "the picture is unlike the frontal chest films that this core was trained on"
_LATERAL = "a lateral view: this core was trained on frontal films only"
_CACHE = 64


def session(path: Path) -> onnxruntime.InferenceSession:
    """A model on one thread: the worker must not take the whole machine."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True, eq=False)
class Look:
    """What the tower said of one film; boxes in shares of the film, heat in logits."""

    phantom: Array
    adult: Array
    child: Array
    kind: Array
    quality: Array
    boxes: Array
    heat: Array
    features: Array
    familiarity: float

    @property
    def kind_name(self) -> str:
        """The most likely kind of picture."""
        return layout.KINDS[int(self.kind.argmax())]


class Tower:
    """The tower with its calibration."""

    def __init__(self, weights: Path, model: ModelId, crop_model: ModelId | None = None) -> None:
        report: dict[str, Any] = json.loads((weights / "tower.json").read_text())
        self.model = model
        self.crop_model = crop_model or model
        self._tower = session(weights / "tower.onnx")
        self._crop_path = weights / "crop.onnx"
        self._crop: onnxruntime.InferenceSession | None = None
        self._heads = {name: heads_of(report[name]) for name in ("phantom", "adult", "child")}
        self._site = site_lines(report.get("site", {}))
        self._quality = heads_of(report["quality"])
        self._grain = Grain(report["grain"])
        self._familiarity = Familiarity(report["distance"])
        self._ratio_on_adults = bool(report.get("ratio_on_adults", {}).get("judged", False))
        crop_report = weights / "crop.json"
        self._crop_heads = (
            heads_of(json.loads(crop_report.read_text())["phantom"]) if crop_report.exists() else {}
        )
        self._looks: OrderedDict[str, Look] = OrderedDict()

    def look(self, grey_yx: Array, key: str = "") -> Look:
        """Run the tower, or recall what it said of the same stored object."""
        if key and key in self._looks:
            self._looks.move_to_end(key)
            return self._looks[key]
        small = film_input(grey_yx)
        outputs = self._tower.run(None, {"film": small[None, None]})
        out: dict[str, Array] = {
            name: value[0] for name, value in zip(layout.OUTPUTS, outputs, strict=True)
        }
        kind = np.exp(out["kind"] - out["kind"].max())
        look = Look(
            out["phantom"],
            out["adult"],
            out["child"],
            kind / kind.sum(),
            self._grain.logits(grain(small)),
            out["boxes"],
            out["heat"],
            out["features"],
            self._familiarity.share(out["features"]),
        )
        if key:
            self._looks[key] = look
            while len(self._looks) > _CACHE:
                self._looks.popitem(last=False)
        return look

    def known(self, look: Look) -> bool:
        """Whether the picture is of a kind that can be judged."""
        return look.kind_name != "not_chest" and look.kind[3] < 0.25 and look.familiarity <= 1.0

    def probabilities(self, look: Look) -> dict[Observation, tuple[float, Head]]:
        """Calibrated probability of every observation that may be judged on this kind."""
        if not self.known(look):
            return {}
        name = look.kind_name
        logits = {"phantom": look.phantom, "adult": look.adult, "child": look.child}[name]
        order = {
            "phantom": layout.PHANTOM_OBSERVATIONS,
            "adult": layout.ADULT_OBSERVATIONS,
            "child": layout.CHILD_OBSERVATIONS,
        }[name]
        found = {}
        for logit, observation in zip(logits, order, strict=True):
            head = self._heads[name].get(observation.value)
            if head is not None and head.judged:
                found[observation] = (head.probability(float(logit)), head)
        return found | (self._of_site(look) if name == "adult" else {})

    def shipped_head(self, observation: Observation) -> Head | None:
        """The calibration for adult films that came with the weights, if any."""
        return self._heads["adult"].get(observation.value)

    def _of_site(self, look: Look) -> dict[Observation, tuple[float, Head]]:
        """What was fitted to a site's own films, in place of what came with the weights."""
        found = {}
        for name, line in self._site.items():
            observation = Observation(name)
            if line.head.judged:
                base = layout.logit(observation, line.base, look.adult, look.phantom)
                found[observation] = (line.probability(base, look.features), line.head)
        return found

    def quality(self, look: Look) -> FilmQuality:
        """Whether the film can be judged, and why not."""
        limits, worst = [], 0.0
        for logit, name in zip(look.quality, layout.QUALITIES, strict=True):
            head = self._quality.get(name)
            if head is None or not head.judged:
                continue
            p = head.probability(float(logit))
            worst = max(worst, p)
            if p >= head.present_from:
                limits.append(name)
        return FilmQuality(not limits, worst, tuple(limits))

    def ratio(self, look: Look) -> float | None:
        """Cardiothoracic ratio from the boxes; None where that was not measured to work."""
        heart, thorax = look.boxes[layout.HEART], look.boxes[layout.THORAX]
        value = float((heart[2] - heart[0]) / max(thorax[2] - thorax[0], 1e-6))
        trusted = look.kind_name == "phantom" or (
            look.kind_name == "adult" and self._ratio_on_adults
        )
        return value if self.known(look) and trusted and 0.2 < value < 0.95 else None

    def vector(self, grey_yx: Array, key: str = "") -> Array:
        """The film as the planner gets it, float32 (vector.LENGTH,)."""
        look = self.look(grey_yx, key)
        seen = np.zeros(len(layout.PHANTOM_OBSERVATIONS), np.float32)
        for observation, (p, _) in self.probabilities(look).items():
            seen[layout.PHANTOM_OBSERVATIONS.index(observation)] = p
        quality = [
            self._quality[name].probability(float(logit)) if name in self._quality else 0.0
            for logit, name in zip(look.quality, layout.QUALITIES, strict=True)
        ]
        ratio = self.ratio(look) or 0.0
        return FilmVector(
            look.features, seen, look.kind, np.array(quality, np.float32), ratio
        ).array()

    def read_film(self, film: Film) -> FilmReading:
        """All that the tower says of a film, in pixels of the stored image."""
        look = self.look(film.grey_yx, film.sha256)
        lateral = film.view.upper() in ("LL", "RL", "LLD", "RLD", "LATERAL")
        quality = self.quality(look)
        if lateral or not self.known(look):
            why = _LATERAL if lateral else _UNLIKE
            return FilmReading(False, why, quality, (), (), None, None, None, self.model)
        right, left, heart, thorax = self._parts(look, film)
        detections = tuple(
            self._detection(film, look, observation, p, head, (right, left))
            for observation, (p, head) in self.probabilities(look).items()
        )
        zones = zone_boxes(right, left, heart, film.rows, film.columns)
        return FilmReading(
            True,
            "",
            quality,
            detections,
            zones,
            bounded(heart, film.rows, film.columns) if heart else None,
            bounded(thorax, film.rows, film.columns) if thorax else None,
            self.ratio(look) if heart and thorax else None,
            self.model,
        )

    def _parts(self, look: Look, film: Film) -> tuple[BoxPx, BoxPx, BoxPx | None, BoxPx | None]:
        heart, thorax, right, left = (
            _pixels(look.boxes[part], film)
            for part in (layout.HEART, layout.THORAX, layout.RIGHT_LUNG, layout.LEFT_LUNG)
        )
        if not plausible(right, left, film.rows, film.columns):
            right, left = usual_lungs(film.rows, film.columns)
            return right, left, None, None
        if look.kind_name != "phantom":
            # Measured on real films: the heart's box does not tell a large heart from a small one.
            return right, left, None, None
        return right, left, heart, thorax

    def _detection(
        self,
        film: Film,
        look: Look,
        observation: Observation,
        p: float,
        head: Head,
        lungs: tuple[BoxPx, BoxPx],
    ) -> Detection:
        presence = head.presence(p)
        # Boxes of findings were learned from phantoms alone: on a real film no place is claimed.
        if presence is Presence.ABSENT or look.kind_name != "phantom":
            return Detection(observation, p, presence)
        index = layout.PHANTOM_OBSERVATIONS.index(observation)
        whole = VOCABULARY[observation].is_global
        box = bounded(
            _pixels(look.boxes[index], film), film.rows, film.columns, 1.0 if whole else 0.25
        )
        side, zone = place(observation, box, *lungs)
        around = outline(look.heat[index], film.rows, film.columns)
        return Detection(observation, p, presence, side, zone, box, around)

    def ask_region(self, film: Film, box: Box, observation: Observation) -> RegionAnswer:
        """A second look at one box with the crop net, on phantoms; else "not assessed"."""
        look = self.look(film.grey_yx, film.sha256)
        head = self._crop_heads.get(observation.value)
        if not self.known(look) or look.kind_name != "phantom" or head is None or not head.judged:
            why = "not trained for this question on this kind of film"
            return RegionAnswer(observation, Presence.NOT_ASSESSED, 0.0, self.crop_model, why)
        if self._crop is None:
            self._crop = session(self._crop_path)
        crop_box = widened(box, film.rows, film.columns)
        limits = contrast_limits(resample(film.grey_yx, FILM_SIZE))
        crop = crop_input(film.grey_yx, crop_box, limits)
        where = np.array(crop_box, np.float32) / np.array([film.columns, film.rows] * 2, np.float32)
        logits, tip = self._crop.run(None, {"crop": crop[None, None], "where": where[None]})
        index = layout.PHANTOM_OBSERVATIONS.index(observation)
        p = head.probability(float(logits[0, index]))
        presence = head.presence(p)
        detail = ""
        if observation is Observation.TRACHEAL_TUBE and presence is Presence.PRESENT:
            x = crop_box[0] + float(tip[0, 0]) * (crop_box[2] - crop_box[0])
            y = crop_box[1] + float(tip[0, 1]) * (crop_box[3] - crop_box[1])
            detail = f"tip at ({x:.0f}, {y:.0f})"
        return RegionAnswer(observation, presence, p, self.crop_model, detail)


def widened(box: Box, rows: int, columns: int) -> BoxPx:
    """The crop around a box: 15 % more on each side, at least an eighth of the film wide."""
    half_x = max((box.x1 - box.x0) * 0.65, columns / 16)
    half_y = max((box.y1 - box.y0) * 0.65, rows / 16)
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    inside = bounded((x - half_x, y - half_y, x + half_x, y + half_y), rows, columns)
    return (inside.x0, inside.y0, inside.x1, inside.y1)


def _pixels(box: Array, film: Film) -> BoxPx:
    x0, y0, x1, y1 = (float(value) for value in box)
    return (x0 * film.columns, y0 * film.rows, x1 * film.columns, y1 * film.rows)
