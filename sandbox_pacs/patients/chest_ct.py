"""The CT of a chest study, slice by slice: no more than a slab of it is ever in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from readingroom.domain.region import Box, Zone
from readingroom.sandbox_pacs.patients.chest.ct import (
    CtFinding,
    CtFrame,
    CtSpec,
    Kernel,
    ct_body,
    ct_findings,
    ct_frame,
    render_ct,
)
from readingroom.sandbox_pacs.patients.chest_films import patient_body, shot_of
from readingroom.sandbox_pacs.patients.chest_truth import (
    MEASURED,
    SCHEMA,
    lesion_truth,
    lobe_of,
    rounded,
    third_of,
    zone_of,
)
from readingroom.sandbox_pacs.patients.common import image_uid
from readingroom.sandbox_pacs.patients.ct_object import CtSeries, ct_slices
from readingroom.sandbox_pacs.patients.disease import Lesion
from readingroom.sandbox_pacs.patients.drawn_things import DrawnThing, SeenMask
from readingroom.sandbox_pacs.patients.mask_codes import diameters, mask_of, rle
from readingroom.sandbox_pacs.patients.one_thread import in_one_thread
from readingroom.sandbox_pacs.patients.people import Patient, Study

Plane = NDArray[np.int16]
Mask = NDArray[np.bool_]
_KERNELS: dict[str, Kernel] = {"SOFT": "soft", "STANDARD": "standard", "LUNG": "lung"}


def ct_spec(study: Study) -> CtSpec:
    """How the study's CT is made.

    Raises:
        ValueError: a kernel that is none of SOFT, STANDARD and LUNG.
    """
    if study.kernel not in _KERNELS:
        raise ValueError(f"no CT has a kernel {study.kernel!r}: one of {', '.join(_KERNELS)}")
    return CtSpec(
        slice_mm=study.slice_thickness_mm,
        size=study.ct_rows,
        kernel=_KERNELS[study.kernel],
        shot=shot_of(study, 1),
    )


def slice_count(patient: Patient, study: Study) -> int:
    """How many slices the CT has, without drawing it."""
    return ct_frame(patient_body(patient), study.lesions, ct_spec(study)).slices


@dataclass
class _Seen:
    """What has been seen of a lesion so far.

    Attributes:
        codes: mask by slice, as run lengths: a mask in full is 50 MB.
        low, high: of x, y, in voxels; `high` is exclusive.
        widest: area in pixels, slice, and its two diameters in pixels.
    """

    codes: dict[int, dict[str, Any]] = field(default_factory=dict)
    boxes: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)
    voxels: int = 0
    widest: tuple[int, int, tuple[float, float]] = (0, 0, (0.0, 0.0))

    def add(self, index: int, mask: Mask) -> None:
        columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
        ends = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        x0, y0, x1, y1 = (int(end) for end in ends)
        self.codes[index] = rle(mask)
        self.boxes[index] = (x0, y0, x1, y1)
        area = int(mask.sum())
        self.voxels += area
        if area > self.widest[0]:
            self.widest = (area, index, diameters(mask))

    @property
    def box(self) -> tuple[int, int, int, int, int, int]:
        """x0, y0, slice from, x1, y1, slice to; ends exclusive."""
        x0, y0, x1, y1 = zip(*self.boxes.values(), strict=True)
        return min(x0), min(y0), min(self.codes), max(x1), max(y1), max(self.codes) + 1


class ChestCt:
    """The CT of one study as `pictures.Drawing`."""

    def __init__(self, patient: Patient, study: Study) -> None:
        self._patient, self._study = patient, study
        self._spec = ct_spec(study)
        self._body = patient_body(patient)
        self._frame: CtFrame = ct_frame(self._body, study.lesions, self._spec)
        self._seen: dict[str, _Seen] = {}

    def images(self) -> Iterator[Dataset]:
        """The slices, the highest first."""
        yield from ct_slices(self._patient, self._study, self._series(), self._planes())

    def truth(self) -> dict[str, Any]:
        """Lesions, geometry of the series, and findings in voxels."""
        spec = self._spec
        findings = {each.lesion.key: each for each in self._findings()}
        told = [self._lesion(lesion, findings.get(lesion.key)) for lesion in self._study.lesions]
        return {
            "schema": SCHEMA,
            "spacing_zyx_mm": [spec.slice_mm, spec.pixel_mm, spec.pixel_mm],
            "lesions": told,
            "series": {
                "slices": self._frame.slices,
                "first_lps_mm": rounded(self._frame.origin, 3),
                "z_step_mm": -spec.slice_mm,
                "kernel": self._study.kernel,
                "findings": [
                    self._finding(lesion, findings[lesion.key])
                    for lesion in self._study.lesions
                    if lesion.key in findings
                ],
            },
        }

    def drawn_mm(self) -> dict[str, float]:
        """Sizes of what any slice shows."""
        sizes = {lesion.key: lesion.size_mm for lesion in self._study.lesions}
        return {key: mm for key, mm in sizes.items() if mm is not None and key in self._seen}

    def facts(self) -> dict[str, float | str]:
        """Size and zone by disease."""
        told: dict[str, float | str] = {}
        for found in self._findings():
            told[f"{found.lesion.disease}_zone"] = str(self._zone(found))
            if found.lesion.size_mm is not None:
                told[f"{found.lesion.disease}_mm"] = found.lesion.size_mm
        return told

    def things(self) -> tuple[DrawnThing, ...]:
        """Each lesion with its masks by slice."""
        found = {each.lesion.key: each for each in self._findings()}
        return tuple(self._thing(lesion, found.get(lesion.key)) for lesion in self._study.lesions)

    def _planes(self) -> Iterator[Plane]:
        slices = render_ct(self._body, self._study.lesions, self._spec)
        for index, plane, masks in in_one_thread(slices):
            for key, mask in masks.items():
                self._seen.setdefault(key, _Seen()).add(index, mask)
            yield plane

    def _series(self) -> CtSeries:
        spec, study = self._spec, self._study
        return CtSeries(
            first_lps_mm=self._frame.origin,
            z_step_mm=-spec.slice_mm,
            spacing_yx_mm=(spec.pixel_mm, spec.pixel_mm),
            thickness_mm=spec.slice_mm,
            kernel=study.kernel,
            sharp=spec.kernel == "lung",
            description=study.series[0] if study.series else "",
        )

    def _findings(self) -> tuple[CtFinding, ...]:
        boxes = {key: self._box_mm(seen) for key, seen in self._seen.items()}
        return ct_findings(self._body, self._study.lesions, self._frame, boxes)

    def _box_mm(self, seen: _Seen) -> tuple[float, float, float, float, float, float]:
        """x0, x1, y0, y1, z0, z1 of the middles of the outer voxels."""
        (x, y, z), pitch = self._frame.origin, self._spec.pixel_mm
        x0, y0, first, x1, y1, end = seen.box
        step = self._spec.slice_mm
        high, low = z - first * step, z - (end - 1) * step
        return x + x0 * pitch, x + (x1 - 1) * pitch, y + y0 * pitch, y + (y1 - 1) * pitch, low, high

    def _zone(self, found: CtFinding) -> Zone:
        body = ct_body(self._body, self._study.lesions, self._spec)
        bottom = body.dome_z(found.centre_mm[0] > 0)
        return zone_of(found.lesion, third_of(found.centre_mm[2], body.apex_z, bottom))

    def _lesion(self, lesion: Lesion, found: CtFinding | None) -> dict[str, Any]:
        zone = zone_of(lesion, lesion.zone) if found is None else self._zone(found)
        lobe = None
        if found is not None:
            body = ct_body(self._body, self._study.lesions, self._spec)
            lobe = lobe_of(body, lesion, found.centre_mm)
        seen = [] if found is None else sorted(self._seen[lesion.key].codes)
        uids = [image_uid(self._study, index + 1) for index in seen]
        return lesion_truth(lesion, zone, lobe) | {"seen_on": uids}

    def _finding(self, lesion: Lesion, found: CtFinding) -> dict[str, Any]:
        seen, spec = self._seen[lesion.key], self._spec
        (x, y, z), (cx, cy, cz) = self._frame.origin, found.centre_mm
        told = self._lesion(lesion, found)
        uids = told.pop("seen_on")
        _, widest, widths = seen.widest
        is_measured = lesion.disease in MEASURED
        voxel_ml = spec.pixel_mm**2 * spec.slice_mm / 1000
        return told | {
            "centre_mm": rounded(found.centre_mm),
            "centre_voxel": rounded(
                ((cx - x) / spec.pixel_mm, (cy - y) / spec.pixel_mm, (z - cz) / spec.slice_mm)
            ),
            "box_voxels": list(seen.box),
            "sop_uids": uids,
            "widest_sop_uid": image_uid(self._study, widest + 1),
            "diameters_mm": rounded(tuple(spec.pixel_mm * width for width in widths))
            if is_measured
            else None,
            "height_mm": round((seen.box[5] - seen.box[2]) * spec.slice_mm, 1),
            "volume_ml": round(seen.voxels * voxel_ml, 2),
            "masks": {
                image_uid(self._study, index + 1): code for index, code in seen.codes.items()
            },
        }

    def _thing(self, lesion: Lesion, found: CtFinding | None) -> DrawnThing:
        if found is None:
            return DrawnThing(lesion, zone_of(lesion, lesion.zone), lesion.size_mm)
        seen = self._seen[lesion.key]
        masks = tuple(
            SeenMask(index, mask_of(seen.codes[index]), Box(*seen.boxes[index]))
            for index in sorted(seen.codes)
        )
        best = sorted(seen.codes).index(seen.widest[1])
        return DrawnThing(lesion, self._zone(found), lesion.size_mm, masks, best)
