"""What was drawn into a study as DICOM objects: from its masks to a report and segmentations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from readingroom.domain.ids import SOPInstanceUID
from readingroom.domain.region import Region
from readingroom.sandbox_pacs.patients.drawn_things import DrawnThing, SeenMask
from readingroom.sandbox_pacs.patients.people import Study

TruthKind = Literal["sr", "seg"]


@dataclass(frozen=True)
class Instance:
    """One DICOM object. `name` is a file name, unique within its study."""

    sop_uid: str
    name: str
    data: bytes


def truth_instances(
    patient_key: str,
    study: Study,
    headers: Sequence[Dataset],
    things: Sequence[DrawnThing],
    kinds: Collection[TruthKind],
) -> Iterator[Instance]:
    """A report of all that was drawn, and segmentations of what is seen.

    Args:
        patient_key: names the patient across studies.
        study: that was drawn.
        headers: of its images, in order.
        things: of the drawing; none gives a report that says so.
        kinds: which of the two.
    """
    if "sr" in kinds:
        yield _report(patient_key, study, headers, things)
    if "seg" in kinds:
        yield from _segmentations(patient_key, study, headers, things)


def _report(
    patient_key: str, study: Study, headers: Sequence[Dataset], things: Sequence[DrawnThing]
) -> Instance:
    # highdicom takes a second to import.
    from readingroom.sandbox_pacs.patients.identity import uid
    from readingroom.sandbox_pacs.patients.truth_objects import TruthFinding, truth_sr

    findings = []
    for thing in things:
        shown = thing.masks if thing.best is None else (thing.masks[thing.best],)
        findings.append(
            TruthFinding(
                key=thing.lesion.key,
                disease=thing.lesion.disease,
                laterality=thing.lesion.laterality,
                zone=thing.zone,
                size_mm=thing.size_mm,
                regions=tuple(_region(headers[seen.image], seen) for seen in shown),
            )
        )
    data = truth_sr(patient_key, study, headers, findings)
    return Instance(uid(study.study_uid, "truth", "sr", 1), "truth-SR.dcm", data)


def _region(header: Dataset, seen: SeenMask) -> Region:
    uid = SOPInstanceUID(str(header.SOPInstanceUID))
    return Region(uid, seen.box, int(header.Rows), int(header.Columns))


def _segmentations(
    patient_key: str, study: Study, headers: Sequence[Dataset], things: Sequence[DrawnThing]
) -> Iterator[Instance]:
    """One for a CT; one for each film that shows anything."""
    from readingroom.sandbox_pacs.patients.identity import uid
    from readingroom.sandbox_pacs.patients.truth_objects import (
        TruthFinding,
        TruthMask,
        truth_seg,
    )

    images = sorted({seen.image for thing in things for seen in thing.masks})
    groups = [images] if study.modality == "CT" else [[image] for image in images]
    for number, group in enumerate(filter(None, groups), 1):
        masks = []
        for thing in things:
            seen = [each for each in thing.masks if each.image in group]
            if seen:
                lesion = thing.lesion
                finding = TruthFinding(
                    lesion.key, lesion.disease, lesion.laterality, thing.zone, thing.size_mm
                )
                masks.append(TruthMask(finding, _stack([headers[i] for i in group], group, seen)))
        data = truth_seg(patient_key, study, [headers[i] for i in group], masks, number)
        sop_uid = uid(study.study_uid, "truth", "seg", number, 1)
        yield Instance(sop_uid, f"truth-SEG{number}.dcm", data)


def _stack(
    headers: Sequence[Dataset], group: Sequence[int], seen: Sequence[SeenMask]
) -> NDArray[np.bool_]:
    """The masks on these images, bool (images, rows, columns); a film's grow to its own rows."""
    shape = (len(group), int(headers[0].Rows), int(headers[0].Columns))
    volume = np.zeros(shape, bool)
    for each in seen:
        times = shape[1] // each.mask.shape[0]
        grown = np.repeat(np.repeat(each.mask, times, 0), times, 1)
        volume[group.index(each.image)] = grown
    return volume
