"""What is where on a film: masks and boxes from what each thing changes of the line integrals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.devices import device_path
from readingroom.sandbox_pacs.patients.chest.grid import Painting
from readingroom.sandbox_pacs.patients.chest.organs import diaphragm_z
from readingroom.sandbox_pacs.patients.chest.places import fracture_site, place_of
from readingroom.sandbox_pacs.patients.chest.project import (
    MU_WATER_PER_MM,
    Beam,
    line_integrals,
    spline_up,
)
from readingroom.sandbox_pacs.patients.disease import DEVICES, Disease, Lesion

BoxPx = tuple[float, float, float, float]
Mask = NDArray[np.bool_]

MASK_SIZE = 512
"""Rows and columns of a mask at most; a smaller film's masks have its own."""

_VISIBLE, _VISIBLE_SOFT = 0.14, 0.25
"""A pixel belongs to a finding where it changes by this share of the finding's own maximum: on
a ball that is all but the outermost hundredth of its radius. What has no edge takes the second."""

_METAL_PEAK = 0.3
"""A device belongs to its mask wherever it would be seen, however much denser its case is."""

_SOFT_EDGED = (
    Disease.CONSOLIDATION,
    Disease.PLEURAL_EFFUSION,
    Disease.HILAR_ENLARGEMENT,
    Disease.ATELECTASIS,
)

_LUNG_MM, _HEART_MM = 14.0, 3.0
"""Depth of aerated lung, or of heart, from which on a pixel belongs to it."""

_FRACTURE_MM = 14.0


@dataclass(frozen=True, eq=False)
class FilmFinding:
    """What was drawn, and where it is on this film.

    Attributes:
        box: x0, y0, x1, y1 in pixels.
        mask: bool, square, at most MASK_SIZE wide: where it changes the film.
        mm: its own size in the body; None where it has none.
        point: x, y in pixels: the tip of a device, the middle of anything else.
        centre_mm: the same place in the body, x, y, z.
        contrast: mean change of the log signal within the mask.
    """

    lesion: Lesion
    box: BoxPx
    mask: Mask
    mm: float | None
    point: tuple[float, float]
    centre_mm: tuple[float, float, float]
    contrast: float


@dataclass(frozen=True, eq=False)
class Shadow:
    """What a painted body casts on a film.

    Attributes:
        film_size: rows and columns of the film, for boxes and points.
    """

    body: Body
    painting: Painting
    beam: Beam
    film_size: int

    @property
    def size(self) -> int:
        """Rows and columns of the masks."""
        return min(self.film_size, MASK_SIZE)

    def lungs(self) -> tuple[Mask, Mask]:
        """The patient's right and left lung, as aerated at the time of asking.

        On a frontal film only what lies above the outline of the diaphragm: what is behind it
        is lung, but no reader calls it a lung field.
        """
        grid = self.painting.grid
        middle = int(np.searchsorted(grid.x, 0.0))
        everything = slice(None)
        masks = []
        for part in (slice(0, middle), slice(middle, None)):
            block = (everything, everything, part)
            depth = line_integrals(grid, self.painting.lung[block], self.beam, 96, block)
            masks.append(spline_up(depth, self.size) > _LUNG_MM)
        if not self.beam.is_lateral:
            above = self._above_diaphragm()
            masks = [mask & above for mask in masks]
        return (masks[0], masks[1])

    def _above_diaphragm(self) -> Mask:
        a, b, c = (float(v[0]) for v in self.body.cage(np.array([-120.0], np.float32)))
        x = np.linspace(-a, a, 160, dtype=np.float32)
        y = np.linspace(c - b, c + b, 48, dtype=np.float32)
        heights = diaphragm_z(self.body, x[None, :], y[:, None])
        highest = heights.argmax(0)
        crest = np.stack([x, y[highest], heights.max(0)], 1).astype(np.float32)
        pixels = self.beam.in_pixels(crest, self.size)
        order = np.argsort(pixels[:, 0])
        columns = np.arange(self.size) + 0.5
        outline = np.interp(columns, pixels[order, 0], pixels[order, 1])
        return np.asarray(np.arange(self.size)[:, None] + 0.5 < outline[None, :])

    def room(self, name: str) -> Mask:
        """Where an organ of the painting lies."""
        patch = self.painting.room.get(name)
        if patch is None:
            return np.zeros((self.size, self.size), bool)
        return self._cast(patch.delta, patch.block) > _HEART_MM

    def change(self, lesion: Lesion, own: list[FloatArray]) -> FloatArray | None:
        """How a lesion changes the line integrals, (size, size).

        Args:
            lesion: already painted.
            own: what its points add, square.

        Returns:
            None where it is no thing of its own but a change of form.
        """
        patch = self.painting.patches.get(lesion.key)
        if patch is None and not own:
            return None
        total = np.zeros((self.size, self.size), np.float32)
        if patch is not None:
            total += self._cast(patch.delta * np.float32(1e-3 * MU_WATER_PER_MM), patch.block)
        for image in own:
            total += _resized(image, self.size)
        return total

    def finding(
        self, lesion: Lesion, change: FloatArray | None, lungs: tuple[Mask, Mask]
    ) -> FilmFinding | None:
        """A lesion's box, mask and place; None when nothing of it is on the film."""
        mask = self._mask(lesion, change, lungs)
        if not mask.any():
            return None
        centre = self._middle(lesion, mask)
        at = self.beam.in_pixels(centre[None], self.film_size)[0]
        return FilmFinding(
            lesion,
            self.box(mask),
            mask,
            lesion.size_mm,
            (float(at[0]), float(at[1])),
            (float(centre[0]), float(centre[1]), float(centre[2])),
            float(np.abs(change[mask]).mean()) if change is not None else 0.0,
        )

    def box(self, mask: Mask) -> BoxPx:
        """Smallest box around a mask, in pixels of the film; all 0 for an empty one."""
        if not mask.any():
            return (0.0, 0.0, 0.0, 0.0)
        scale = self.film_size / mask.shape[0]
        columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
        ends = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        x0, y0, x1, y1 = (float(end * scale) for end in ends)
        return (x0, y0, x1, y1)

    def thorax(self, right: BoxPx, left: BoxPx) -> BoxPx:
        """The inner rib cage: side walls where they are widest, apex to recess."""
        top, bottom = min(right[1], left[1]), max(right[3], left[3])
        if self.beam.is_lateral:
            return (min(right[0], left[0]), top, max(right[2], left[2]), bottom)
        z = np.linspace(-150, 40, 40).astype(np.float32)
        a, _, c = self.body.cage(z)
        walls = [np.stack([side * a, c, z], 1).astype(np.float32) for side in (-1, 1)]
        right_x, left_x = (self.beam.in_pixels(wall, self.film_size)[:, 0] for wall in walls)
        return (float(right_x.min()), top, float(left_x.max()), bottom)

    def _cast(self, values: FloatArray, block: tuple[slice, slice, slice]) -> FloatArray:
        count = min(256, self.size)
        return spline_up(
            line_integrals(self.painting.grid, values, self.beam, count, block), self.size
        )

    def _mask(self, lesion: Lesion, change: FloatArray | None, lungs: tuple[Mask, Mask]) -> Mask:
        kind = lesion.disease
        if kind is Disease.CARDIOMEGALY:
            return self.room("heart")
        if kind in (Disease.INTERSTITIAL_OEDEMA, Disease.EMPHYSEMA):
            return lungs[0] | lungs[1]
        if kind is Disease.WIDE_MEDIASTINUM:
            return self._upper_mediastinum()
        if kind is Disease.RIB_FRACTURE:
            return self._around(fracture_site(self.body, lesion)[2], _FRACTURE_MM)
        if change is None:
            return np.zeros((self.size, self.size), bool)
        strength = np.abs(change)
        seen = strength[strength > 1e-4]
        peak = float(np.percentile(seen, 99)) if seen.size else 0.0
        if kind in DEVICES:
            peak = min(peak, _METAL_PEAK)
        share = _VISIBLE_SOFT if kind in _SOFT_EDGED else _VISIBLE
        mask = np.asarray(strength > max(share * peak, 2e-3))
        if kind in (Disease.PLEURAL_EFFUSION, Disease.PNEUMOTHORAX):
            # Fluid behind the dome changes the film, but is not what a reader would outline.
            fields = (lungs[0] | lungs[1]) & mask
            mask = fields if fields.any() else mask
        return mask

    def _upper_mediastinum(self) -> Mask:
        mask = self.room("mediastinum") | self.room("aorta") | self.room("cava")
        ends = np.array([(0, 0, 70 * self.body.height), (0, 0, -34)], np.float32)
        top, bottom = self.beam.in_pixels(ends, self.size)[:, 1]
        mask[: max(0, int(top))] = False
        mask[int(bottom) :] = False
        return mask

    def _around(self, place: FloatArray, reach_mm: float) -> Mask:
        at = self.beam.in_pixels(place[None], self.size)[0]
        rows, columns = np.ogrid[: self.size, : self.size]
        reach = reach_mm / self.beam.field_mm * self.size
        return np.asarray((columns + 0.5 - at[0]) ** 2 + (rows + 0.5 - at[1]) ** 2 < reach**2)

    def _middle(self, lesion: Lesion, mask: Mask) -> FloatArray:
        """The place that stands for a finding: a tip, a lump's centre, else the mask's."""
        if lesion.disease in DEVICES:
            return cast(FloatArray, device_path(self.body, lesion)[-1])
        if lesion.disease in (Disease.NODULE, Disease.MASS, Disease.CONSOLIDATION):
            return place_of(self.body, lesion)
        if lesion.disease is Disease.RIB_FRACTURE:
            return fracture_site(self.body, lesion)[2]
        rows, columns = np.nonzero(mask)
        u = ((columns.mean() + 0.5) / self.size - 0.5) * self.beam.field_mm
        v = ((rows.mean() + 0.5) / self.size - 0.5) * self.beam.field_mm
        enlarged = float(self.beam.magnification(np.zeros(1, np.float32))[0])
        across, z = u / enlarged, self.beam.centre_z - v / enlarged
        return np.array([0, across, z] if self.beam.is_lateral else [across, 0, z], np.float32)


def _resized(image: FloatArray, size: int) -> FloatArray:
    count = image.shape[0]
    if count > size and count % size == 0:
        part = count // size
        return np.asarray(image.reshape(size, part, size, part).mean((1, 3)), np.float32)
    return spline_up(image, size)
