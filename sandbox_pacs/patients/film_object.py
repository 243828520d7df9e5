"""A radiograph as a DICOM object: DX for presentation, or CR."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
)

from readingroom.sandbox_pacs.patients.common import (
    add_acquisition_times,
    add_series,
    code,
    sequence,
    study_dataset,
)
from readingroom.sandbox_pacs.patients.identity import uid
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Study

_BITS = 12
_BLACK, _WHITE = 150, 3750
"""Stored values of 0 and 1: a margin on both sides, as detectors leave."""


def film_dataset(
    patient: Patient, study: Study, grey_yx: NDArray[np.float32], pitch_mm: float
) -> Dataset:
    """One film of a study.

    Args:
        patient: whose it is.
        study: DX or CR.
        grey_yx: float32 (rows, columns), 0 to 1, bright is dense.
        pitch_mm: pixel pitch, the same in both directions.

    Source: PS3.3 A.26 (DX), A.2 (CR).
    """
    is_dx = study.modality == "DX"
    sop_class = DigitalXRayImageStorageForPresentation if is_dx else ComputedRadiographyImageStorage
    ds = study_dataset(patient, study, sop_class, uid(study.study_uid, "image", 1))
    add_series(ds, study, study.modality, 1, study.view or study.description)
    add_acquisition_times(ds, study)
    ds.AcquisitionNumber = 1
    ds.InstanceNumber = 1
    ds.PatientOrientation = ["L", "F"]
    ds.ViewPosition = study.view
    if study.body_part or not is_dx:
        ds.BodyPartExamined = study.body_part
    ds.ImageType = ["ORIGINAL", "PRIMARY", ""] if is_dx else ["ORIGINAL", "PRIMARY"]
    ds.BurnedInAnnotation = "NO"
    if study.has_spacing:
        ds.ImagerPixelSpacing = [round(pitch_mm, 6)] * 2
    if is_dx:
        _add_dx(ds, study, pitch_mm)
    else:
        _add_cr(ds, study, pitch_mm)
    _add_pixels(ds, study, grey_yx)
    return ds


def _add_dx(ds: Dataset, study: Study, pitch_mm: float) -> None:
    is_chest = study.picture is Picture.CHEST_FILM
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.ImageLaterality = "U" if is_chest else "R"
    region = ("51185008", "SCT", "Chest") if is_chest else ("72696002", "SCT", "Knee")
    ds.AnatomicRegionSequence = sequence(code(*region))
    ds.PositionerType = "COLUMN"
    ds.DetectorType = "DIRECT"
    ds.DetectorActiveTime = "100"
    ds.FieldOfViewShape = "RECTANGLE"
    ds.KVP = "125" if is_chest else "60"
    ds.PixelIntensityRelationship = "LOG"
    ds.PixelIntensityRelationshipSign = 1 if study.inverted else -1
    ds.RescaleIntercept = "0"
    ds.RescaleSlope = "1"
    ds.RescaleType = "US"
    ds.PresentationLUTShape = "INVERSE" if study.inverted else "IDENTITY"
    ds.LossyImageCompression = "00"
    ds.AcquisitionContextSequence = sequence()
    view = {"PA": ("399348003", "postero-anterior"), "AP": ("399067008", "antero-posterior")}
    value, meaning = view["AP" if study.view == "AP" else "PA"]
    item = code(value, "SCT", meaning)
    item.ViewModifierCodeSequence = sequence()
    ds.ViewCodeSequence = sequence(item)
    ds.PatientOrientationCodeSequence = sequence(code("10904000", "SCT", "erect"))


def _add_cr(ds: Dataset, study: Study, pitch_mm: float) -> None:
    # PS3.3 C.7.3.1 wants it absent for an unpaired part; where the part is not told, the
    # devices write it empty.
    if study.body_part != "CHEST":
        ds.Laterality = "L" if study.body_part == "KNEE" else ""
    ds.KVP = "110"
    ds.PlateID = ""
    if study.has_spacing:
        ds.PixelSpacing = [round(pitch_mm, 6)] * 2


def _add_pixels(ds: Dataset, study: Study, grey_yx: NDArray[np.float32]) -> None:
    stored = np.rint(_BLACK + (_WHITE - _BLACK) * grey_yx).astype("<u2")
    if study.inverted:
        stored = (2**_BITS - 1) - stored
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME1" if study.inverted else "MONOCHROME2"
    ds.Rows, ds.Columns = grey_yx.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, _BITS, _BITS - 1
    ds.PixelRepresentation = 0
    low = (2**_BITS - 1 - _WHITE) if study.inverted else _BLACK
    # PS3.3 C.11.2.1.2: LINEAR spans center - 0.5 ± (width - 1) / 2, here exactly 0 to 1.
    width = _WHITE - _BLACK + 1
    center = low + (width - 1) / 2 + 0.5
    # Two windows, as many devices write them: the first is the one to show.
    ds.WindowCenter = [f"{center:g}", f"{center + 100:g}"]
    ds.WindowWidth = [str(width), "2200"]
    ds.WindowCenterWidthExplanation = ["NORMAL", "HARDER"]
    ds.PixelData = stored.tobytes()
    ds["PixelData"].VR = "OW"
