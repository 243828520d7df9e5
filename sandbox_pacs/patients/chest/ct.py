"""A chest CT: the same body and the same lesions as on its films, in Hounsfield units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.chest.airway import bronchi
from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray, posed
from readingroom.sandbox_pacs.patients.chest.devices import device_path
from readingroom.sandbox_pacs.patients.chest.film import breaks_of
from readingroom.sandbox_pacs.patients.chest.grid import Grid, Painting
from readingroom.sandbox_pacs.patients.chest.lesions import apply_lesion, reshaped
from readingroom.sandbox_pacs.patients.chest.organs import paint_organs
from readingroom.sandbox_pacs.patients.chest.places import fracture_site, place_of
from readingroom.sandbox_pacs.patients.chest.points import Cloud, join, segments
from readingroom.sandbox_pacs.patients.chest.project import spline_up
from readingroom.sandbox_pacs.patients.chest.skeleton import skeleton
from readingroom.sandbox_pacs.patients.chest.vessels import fissures, pulmonary_vessels
from readingroom.sandbox_pacs.patients.disease import DEVICES, Disease, Lesion

Kernel = Literal["soft", "standard", "lung"]

_NOISE_HU = {"soft": 9.0, "standard": 14.0, "lung": 38.0}
"""Standard deviation in a slice of 1 mm at the middle of the chest; it falls with thickness.

Source: AAPM phantom values of standard-dose chest CT, rounded."""

_SLAB = 24
"""Slices painted at a time: bounds the memory, whatever the length of the scan."""


@dataclass(frozen=True)
class CtSpec:
    """How a CT is made.

    Attributes:
        slice_mm: thickness and distance of slices.
        size: rows and columns.
        field_mm: side of the reconstructed square.
    """

    slice_mm: float = 1.5
    size: int = 512
    kernel: Kernel = "standard"
    shot: int = 0
    field_mm: float = 400.0

    @property
    def pixel_mm(self) -> float:
        """Pitch in the slice."""
        return self.field_mm / self.size


@dataclass(frozen=True, eq=False)
class CtFinding:
    """A lesion in a CT.

    Attributes:
        box_mm: x0, x1, y0, y1, z0, z1 in the body.
        slices: first and last index of the series (0 is the highest).
    """

    lesion: Lesion
    centre_mm: tuple[float, float, float]
    box_mm: tuple[float, float, float, float, float, float]
    slices: tuple[int, int]


@dataclass(frozen=True)
class CtFrame:
    """Where the voxels are: middle of the first (highest, front right) voxel, mm, and counts."""

    origin: tuple[float, float, float]
    slices: int
    spec: CtSpec


def ct_frame(body: Body, lesions: tuple[Lesion, ...], spec: CtSpec) -> CtFrame:
    """From above the apices to below the recesses."""
    body = ct_body(body, lesions, spec)
    top = body.apex_z + 22
    bottom = min(body.dome_z(True), body.dome_z(False)) - 95
    count = int(np.ceil((top - bottom) / spec.slice_mm))
    half = spec.field_mm / 2 - spec.pixel_mm / 2
    return CtFrame((-half, -half - 5.0, top), count, spec)


def ct_body(body: Body, lesions: tuple[Lesion, ...], spec: CtSpec) -> Body:
    """The body on the table: supine, in full inspiration, arms raised."""
    lying = posed(reshaped(body, lesions), "supine", spec.shot)
    return replace(lying, inspiration=0.96, rotation_deg=0.0, arms_raised=True)


def render_ct(
    body: Body, lesions: tuple[Lesion, ...], spec: CtSpec
) -> Iterator[tuple[int, NDArray[np.int16], dict[str, NDArray[np.bool_]]]]:
    """Slice by slice, the highest first; the same arguments give the same bytes.

    Yields:
        Index, int16 (size, size) Hounsfield units (rows to the back, columns to the patient's
        left), and by lesion key its mask (size, size) where it is in this slice.
    """
    frame = ct_frame(body, lesions, spec)
    body = ct_body(body, lesions, spec)
    point_mm = max(0.45, 0.7 * spec.pixel_mm)
    fine = [
        skeleton(body, point_mm, breaks_of(body, lesions), point_mm),
        pulmonary_vessels(body, point_mm, point_mm),
    ]
    walls, air = airways(body, point_mm)
    fine[1] = join([fine[1], *fissures(body, point_mm), walls])
    fine.append(air)
    for start in range(0, frame.slices, _SLAB):
        count = min(_SLAB, frame.slices - start)
        yield from _slab(body, lesions, frame, fine, point_mm, start, count)


def airways(body: Body, step_mm: float) -> tuple[Cloud, Cloud]:
    """Lobar bronchi: walls of 1.2 mm, and the air inside."""
    walls, air = [], []
    for path, radius in bronchi(body)[2:]:
        start, end = path[:-1], path[1:]
        ones = np.ones(len(start), np.float32)
        outer, narrow = (radius + 1.2) * ones, (0.8 * radius + 1.2) * ones
        walls.append(segments(start, end, outer, narrow, 20.0, step_mm, step_mm))
        lumen = segments(start, end, radius * ones, 0.8 * radius * ones, -1000.0, step_mm, step_mm)
        air.append(Cloud(lumen.xyz, lumen.volume, lumen.hu))
    return join(walls), join(air)


def _slab(
    body: Body,
    lesions: tuple[Lesion, ...],
    frame: CtFrame,
    fine: list[Cloud],
    point_mm: float,
    start: int,
    count: int,
) -> Iterator[tuple[int, NDArray[np.int16], dict[str, NDArray[np.bool_]]]]:
    spec = frame.spec
    grid, lower = _coarse_grid(frame, start, count)
    painting = paint_organs(body, grid)
    clouds = {
        lesion.key: apply_lesion(body, painting, lesion, point_mm)
        for lesion in sorted(lesions, key=lambda one: one.disease in DEVICES)
    }
    planes = np.stack([spline_up(plane, spec.size) for plane in painting.hu])
    for cloud in (*fine, *(one for own in clouds.values() for one in own)):
        _drop(planes, cloud, painting, frame, lower)
    masks = {lesion.key: _mask(painting, clouds[lesion.key], lesion, frame, lower, len(planes))
             for lesion in lesions}  # fmt: skip
    for row in range(count):
        # The grid rises; slices fall.
        index = start + row
        plane = count - 1 - row
        rng = np.random.default_rng([body.seed, spec.shot, index, 79])
        hu = planes[plane] + _noise(spec, rng)
        stored = np.clip(np.rint(_kernel(hu, spec)), -1024, 3071).astype(np.int16)
        yield index, stored, {k: m[plane] for k, m in masks.items() if m[plane].any()}


def _coarse_grid(frame: CtFrame, start: int, count: int) -> tuple[Grid, float]:
    """Half the resolution in the slice, and the height of its lowest slice."""
    spec = frame.spec
    half = spec.size // 2
    pitch = spec.field_mm / half
    x = (frame.origin[0] - spec.pixel_mm / 2 + pitch * (np.arange(half) + 0.5)).astype(np.float32)
    y = (frame.origin[1] - spec.pixel_mm / 2 + pitch * (np.arange(half) + 0.5)).astype(np.float32)
    lower = frame.origin[2] - (start + count - 1) * spec.slice_mm
    z = (lower + spec.slice_mm * np.arange(count)).astype(np.float32)
    return Grid(x, y, z, (spec.slice_mm, pitch, pitch)), lower


def _drop(
    planes: FloatArray, cloud: Cloud, painting: Painting, frame: CtFrame, lower: float
) -> None:
    """Mix a cloud's tissue into the slices by the share of each voxel that it fills."""
    spec = frame.spec
    level = np.rint((cloud.xyz[:, 2] - lower) / spec.slice_mm).astype(np.int32)
    column = (cloud.xyz[:, 0] - frame.origin[0]) / spec.pixel_mm
    row = (cloud.xyz[:, 1] - frame.origin[1]) / spec.pixel_mm
    size = spec.size
    inside = (level >= 0) & (level < len(planes))
    inside &= (row > 2) & (row < size - 3) & (column > 2) & (column < size - 3)
    if not inside.any():
        return
    xyz, hu = cloud.xyz[inside], cloud.hu[inside]
    volume = cloud.volume[inside] / (spec.pixel_mm**2 * spec.slice_mm)
    if cloud.in_lung:
        volume = volume * painting.lung[painting.grid.indices(xyz)]
    level, row, column = level[inside], row[inside], column[inside]
    # Only the part of the slab where the cloud is.
    z0, z1 = int(level.min()), int(level.max()) + 1
    r0, r1 = int(row.min()) - 2, int(row.max()) + 4
    c0, c1 = int(column.min()) - 2, int(column.max()) + 4
    shape = (z1 - z0, r1 - r0, c1 - c0)
    share = _splat(shape, level - z0, row - r0, column - c0, volume)
    mixed = _splat(shape, level - z0, row - r0, column - c0, volume * hu)
    part = planes[z0:z1, r0:r1, c0:c1]
    tissue = mixed / np.maximum(share, 1e-6)
    part += np.minimum(share * _FULL, 1) * (tissue - part) * (share > 1e-4)


_FULL = 1.2
"""Points lie a little unevenly: a voxel that is filled to this part counts as full."""


def _splat(
    shape: tuple[int, int, int], level: NDArray[np.int32], row: FloatArray, column: FloatArray,
    weight: FloatArray,
) -> FloatArray:  # fmt: skip
    """Each point to its slice and four nearest pixels, then blurred by half a pixel."""
    from scipy.ndimage import gaussian_filter

    _, rows, columns = shape
    top, left = row.astype(np.int32), column.astype(np.int32)
    down, right = row - top, column - left
    base = (level * rows + top) * columns + left
    total = np.zeros(int(np.prod(shape)), np.float64)
    for dr in (0, 1):
        for dc in (0, 1):
            part = (down if dr else 1 - down) * (right if dc else 1 - right) * weight
            total += np.bincount(base + dr * columns + dc, weights=part, minlength=total.size)
    image = total.reshape(shape).astype(np.float32)
    return np.asarray(gaussian_filter(image, (0, 0.55, 0.55), truncate=2.5), np.float32)


def _mask(
    painting: Painting,
    clouds: list[Cloud],
    lesion: Lesion,
    frame: CtFrame,
    lower: float,
    count: int,
) -> NDArray[np.bool_]:
    """Voxels that a lesion changed by a third of what it can."""
    size = frame.spec.size
    change = np.zeros((count, size, size), np.float32)
    patch = painting.patches.get(lesion.key)
    if patch is not None:
        small = np.zeros(painting.grid.shape, np.float32)
        small[patch.block] = np.abs(patch.delta)
        change += np.repeat(np.repeat(small, 2, 1), 2, 2)
    for cloud in clouds:
        _drop(change, replace(cloud, hu=np.full_like(cloud.hu, 850.0)), painting, frame, lower)
    strength = np.abs(change)
    reference = 300.0
    if lesion.disease is Disease.PNEUMOTHORAX:
        reference = 90.0
    return np.asarray(strength > reference)


def _noise(spec: CtSpec, rng: np.random.Generator) -> FloatArray:
    from scipy.ndimage import gaussian_filter

    sigma = {"soft": 1.3, "standard": 0.9, "lung": 0.45}[spec.kernel]
    white = rng.standard_normal((spec.size, spec.size), dtype=np.float32)
    grain = gaussian_filter(white, sigma)
    level = _NOISE_HU[spec.kernel] / np.sqrt(spec.slice_mm)
    return np.asarray(grain * (level / float(grain.std())), np.float32)


def _kernel(hu: FloatArray, spec: CtSpec) -> FloatArray:
    """A lung kernel lifts edges, a soft one smooths them."""
    from scipy.ndimage import gaussian_filter

    if spec.kernel == "standard":
        return hu
    blurred = gaussian_filter(hu, 0.9)
    shown = blurred if spec.kernel == "soft" else hu + 0.8 * (hu - blurred)
    return cast(FloatArray, shown)


def ct_findings(
    body: Body, lesions: tuple[Lesion, ...], frame: CtFrame,
    boxes: dict[str, tuple[float, float, float, float, float, float]],
) -> tuple[CtFinding, ...]:  # fmt: skip
    """Findings from the boxes (mm) that a caller gathered from the masks."""
    posed_body = ct_body(body, lesions, frame.spec)
    found = []
    for lesion in lesions:
        box = boxes.get(lesion.key)
        if box is None:
            continue
        first = round((frame.origin[2] - box[5]) / frame.spec.slice_mm)
        last = round((frame.origin[2] - box[4]) / frame.spec.slice_mm)
        centre = _centre(posed_body, lesion, box)
        found.append(CtFinding(lesion, centre, box, (first, last)))
    return tuple(found)


def _centre(
    body: Body, lesion: Lesion, box: tuple[float, float, float, float, float, float]
) -> tuple[float, float, float]:
    if lesion.disease in DEVICES:
        place = device_path(body, lesion)[-1]
    elif lesion.disease in (Disease.NODULE, Disease.MASS, Disease.CONSOLIDATION):
        place = place_of(body, lesion)
    elif lesion.disease is Disease.RIB_FRACTURE:
        place = fracture_site(body, lesion)[2]
    else:
        return ((box[0] + box[1]) / 2, (box[2] + box[3]) / 2, (box[4] + box[5]) / 2)
    return (float(place[0]), float(place[1]), float(place[2]))


__all__ = ["CtFinding", "CtFrame", "CtSpec", "Laterality", "ct_findings", "ct_frame", "render_ct"]
