"""A radiograph of a chest, with the truth of what is on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray, posed
from readingroom.sandbox_pacs.patients.chest.exposure import Technique, expose
from readingroom.sandbox_pacs.patients.chest.grid import Grid, Painting
from readingroom.sandbox_pacs.patients.chest.lesions import apply_lesion, reshaped
from readingroom.sandbox_pacs.patients.chest.organs import paint_organs
from readingroom.sandbox_pacs.patients.chest.places import fracture_site
from readingroom.sandbox_pacs.patients.chest.points import Cloud
from readingroom.sandbox_pacs.patients.chest.project import (
    Beam,
    View,
    attenuation,
    line_integrals,
    splat,
    spline_up,
)
from readingroom.sandbox_pacs.patients.chest.skeleton import skeleton
from readingroom.sandbox_pacs.patients.chest.truth import BoxPx, FilmFinding, Mask, Shadow
from readingroom.sandbox_pacs.patients.chest.vessels import fissures, pulmonary_vessels
from readingroom.sandbox_pacs.patients.disease import DEVICES, Disease, Lesion

Setting = Literal["erect", "portable", "supine"]
Quality = Literal["adequate", "underexposed", "noisy", "rotated"]

_EXTENT = (-225.0, 225.0, -200.0, 175.0, -300.0, 185.0)
_FINE, _FINE_SMALL = 1024, 768
"""Fine structure is drawn at most this fine (0.4 mm, and 0.5 mm on a film of 1024) and enlarged:
its cost is that of its points, which grow with the square; see docs/design/patients.md."""


_DEPTH_MM, _DEPTH_SMALL = 2.4, 3.2
"""Distance of points along the beam, which a film sums over; a small film's pixels hold more."""

_FOCUS_CELLS = 0.75
"""Blur of fine structure in its own cells: the focal spot's, and it joins the points."""


@dataclass(frozen=True)
class FilmSpec:
    """How a film is taken.

    Attributes:
        size: rows and columns, 64 to 4096.
        shot: tells exposures of one person apart: breath, turn, noise.
        field_mm: side of the square field at the detector.
    """

    view: View = "PA"
    setting: Setting = "erect"
    size: int = 2048
    quality: Quality = "adequate"
    shot: int = 0
    field_mm: float = 370.0


@dataclass(frozen=True, eq=False)
class ChestFilm:
    """A film and its truth.

    Attributes:
        grey_yx: float32 (size, size), 0 to 1, bright is dense; no marker, nothing burned in.
        spacing_mm: pixel pitch at the detector.
        magnification: of the body's middle.
        lungs: boxes of the patient's right and left lung; `lung_masks` as they
            would be without disease.
        heart: box of `heart_mask`.
        cardiothoracic_ratio: heart's width over the rib cage's inner width, on this film.
    """

    grey_yx: FloatArray
    spacing_mm: float
    magnification: float
    findings: tuple[FilmFinding, ...]
    lungs: tuple[BoxPx, BoxPx]
    lung_masks: tuple[Mask, Mask]
    heart: BoxPx
    heart_mask: Mask
    thorax: BoxPx
    cardiothoracic_ratio: float
    beam: Beam
    body: Body


def beam_of(spec: FilmSpec, body: Body) -> Beam:
    """Source and detector: 1.8 m for an upright film, 1.1 m at the bedside."""
    deep = float(body.cage(np.array([-90.0], np.float32))[1][0])
    wide = float(body.cage(np.array([-90.0], np.float32))[0][0])
    off = (wide if spec.view == "LL" else deep) + body.muscle_mm + body.fat_mm + 35
    source = 1800.0 if spec.setting == "erect" else 1100.0
    turn = body.rotation_deg + (9.0 if spec.quality == "rotated" else 0.0)
    # The apices lie a few fingers under the upper edge.
    near = source / (source - off)
    middle = body.apex_z + 34 - spec.field_mm / 2 / near
    return Beam(spec.view, source, off, middle, spec.field_mm, 0.0 if spec.view == "LL" else turn)


def render_film(body: Body, lesions: tuple[Lesion, ...], spec: FilmSpec) -> ChestFilm:
    """Draw one film; the same arguments give the same bytes.

    Args:
        body: the healthy person.
        lesions: what is there on the day.
        spec: how the film is taken.
    """
    from scipy.ndimage import gaussian_filter

    body = posed(reshaped(body, lesions), spec.setting, spec.shot)
    body = replace(body, arms_raised=spec.view == "LL")
    beam = beam_of(spec, body)
    step = _step(spec)
    grid = Grid.over(_EXTENT, step)
    fine = min(spec.size, _FINE if spec.size > 1024 else _FINE_SMALL)
    points_mm = 0.9 * spec.field_mm / fine
    painting = paint_organs(body, grid)
    shadow = Shadow(body, painting, beam, spec.size)
    lungs = shadow.lungs()
    clouds = {
        lesion.key: apply_lesion(body, painting, lesion, points_mm)
        for lesion in sorted(lesions, key=lambda one: one.disease in DEVICES)
    }
    mu = attenuation(painting.hu)
    total = spline_up(line_integrals(grid, mu, beam, _coarse(spec)), fine)
    fine_parts = np.zeros_like(total)
    for cloud in _healthy(body, lesions, points_mm, _DEPTH_MM if spec.size > 600 else _DEPTH_SMALL):
        fine_parts += cloud_integrals(cloud, painting, mu, beam, fine)
    changes = {}
    for lesion in lesions:
        own = [cloud_integrals(c, painting, mu, beam, fine) for c in clouds[lesion.key]]
        fine_parts += np.sum(own, 0) if own else 0
        changes[lesion.key] = shadow.change(lesion, own)
    total += gaussian_filter(fine_parts, _FOCUS_CELLS)
    total = spline_up(np.maximum(total, 0), spec.size)
    rng = np.random.default_rng([body.seed, spec.shot, 71])
    grey = expose(total, technique_of(spec, rng), spec.field_mm / spec.size, rng)
    findings = [shadow.finding(lesion, changes[lesion.key], lungs) for lesion in lesions]
    return _film(shadow, spec, grey, lungs, findings)


def _healthy(
    body: Body, lesions: tuple[Lesion, ...], step_mm: float, depth_mm: float
) -> list[Cloud]:
    """Bones, broken or not, vessels and fissures."""
    bones = skeleton(body, step_mm, breaks_of(body, lesions), depth_mm)
    return [bones, pulmonary_vessels(body, step_mm, depth_mm), *fissures(body, step_mm)]


def _film(
    shadow: Shadow,
    spec: FilmSpec,
    grey: FloatArray,
    lungs: tuple[Mask, Mask],
    findings: list[FilmFinding | None],
) -> ChestFilm:
    heart_mask = shadow.room("heart")
    heart = shadow.box(heart_mask)
    boxes = (shadow.box(lungs[0]), shadow.box(lungs[1]))
    thorax = shadow.thorax(*boxes)
    return ChestFilm(
        grey_yx=grey,
        spacing_mm=spec.field_mm / spec.size,
        magnification=float(shadow.beam.magnification(np.zeros(1, np.float32))[0]),
        findings=tuple(one for one in findings if one is not None),
        lungs=boxes,
        lung_masks=lungs,
        heart=heart,
        heart_mask=heart_mask,
        thorax=thorax,
        cardiothoracic_ratio=(heart[2] - heart[0]) / max(thorax[2] - thorax[0], 1e-3),
        beam=shadow.beam,
        body=shadow.body,
    )


def cloud_integrals(
    cloud: Cloud, painting: Painting, mu: FloatArray, beam: Beam, count: int
) -> FloatArray:
    """What a cloud adds to the line integrals, (count, count)."""
    cell = beam.field_mm / count
    place = (beam.on_detector(cloud.xyz) / beam.field_mm + 0.5) * count
    along = cloud.xyz[:, 0] if beam.is_lateral else cloud.xyz[:, 1]
    spread = (beam.magnification(along) / cell) ** 2
    return splat(place, cloud.excess(painting, mu, attenuation(cloud.hu)) * spread, count)


def technique_of(spec: FilmSpec, rng: np.random.Generator) -> Technique:
    """Exposure and processing: they vary from film to film as rooms and makers do."""
    usual = Technique(
        scatter=float(rng.uniform(0.15, 0.4)),
        quanta=float(rng.uniform(5e5, 1.4e6)),
        contrast=float(rng.uniform(0.85, 1.2)),
        equalise=float(rng.uniform(0.2, 0.5)),
        sharpen=float(rng.uniform(0.3, 0.8)),
    )
    if spec.setting != "erect":
        usual = replace(
            usual, scatter=float(rng.uniform(0.4, 0.9)), quanta=float(rng.uniform(1.5e5, 5e5))
        )
    if spec.quality == "underexposed":
        return replace(usual, quanta=2.2e3, contrast=0.62, scatter=2.2)
    if spec.quality == "noisy":
        return replace(usual, quanta=3.0e3)
    return usual


def _step(spec: FilmSpec) -> tuple[float, float, float]:
    """Voxel pitch (z, y, x): fine across the beam, twice as coarse along it."""
    fine = 2.0 if spec.size > 600 else 3.0 if spec.size > 300 else 5.0
    return (fine, fine, 2 * fine) if spec.view == "LL" else (fine, 2 * fine, fine)


def _coarse(spec: FilmSpec) -> int:
    return int(round(spec.field_mm / _step(spec)[0]))


def breaks_of(body: Body, lesions: tuple[Lesion, ...]) -> tuple[tuple[int, int, float], ...]:
    """The ribs that are broken: number, side, share of the length."""
    found = []
    for lesion in lesions:
        if lesion.disease is Disease.RIB_FRACTURE:
            number, share, _ = fracture_site(body, lesion)
            found.append((number, 1 if lesion.laterality is Laterality.LEFT else -1, share))
    return tuple(found)
