"""A chest CT as a series of DICOM slices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from readingroom.sandbox_pacs.patients.common import (
    add_acquisition_times,
    add_series,
    study_dataset,
)
from readingroom.sandbox_pacs.patients.identity import uid
from readingroom.sandbox_pacs.patients.people import Patient, Study

_AIR_HU = -1024


def ct_datasets(
    patient: Patient,
    study: Study,
    volume_zyx: NDArray[np.int16],
    spacing_zyx_mm: tuple[float, float, float],
) -> list[Dataset]:
    """The slices of a CT, the highest (cranial) first.

    Args:
        patient: whose it is.
        study: with modality CT.
        volume_zyx: int16 Hounsfield units, rows from front to back, columns to the patient's
            left.
        spacing_zyx_mm: voxel pitch, > 0.

    Source: PS3.3 A.3.
    """
    frame = uid(study.study_uid, "frame")
    return [
        _slice(patient, study, plane, index, frame, spacing_zyx_mm)
        for index, plane in enumerate(volume_zyx)
    ]


def _slice(
    patient: Patient,
    study: Study,
    plane_yx: NDArray[np.int16],
    index: int,
    frame: str,
    spacing_zyx_mm: tuple[float, float, float],
) -> Dataset:
    dz, dy, dx = spacing_zyx_mm
    rows, columns = plane_yx.shape
    ds = study_dataset(patient, study, CTImageStorage, uid(study.study_uid, "image", index + 1))
    add_series(ds, study, "CT", 1, "AXIAL 17 mm SOFT")
    add_acquisition_times(ds, study)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.AcquisitionNumber = 1
    ds.InstanceNumber = index + 1
    ds.BodyPartExamined = study.body_part
    ds.PatientPosition = "HFS"
    ds.FrameOfReferenceUID = frame
    ds.PositionReferenceIndicator = ""
    # Patient coordinates: x to the patient's left, y to the back, z to the head.
    position = (-dx * (columns - 1) / 2, -dy * (rows - 1) / 2, -dz * index)
    ds.ImagePositionPatient = [f"{value:.3f}" for value in position]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.SliceLocation = f"{position[2]:.3f}"
    ds.SliceThickness = f"{dz:.3f}"
    ds.PixelSpacing = [f"{dy:.6f}", f"{dx:.6f}"]
    ds.KVP = "120"
    ds.ConvolutionKernel = "SOFT"
    ds.RescaleIntercept = str(_AIR_HU)
    ds.RescaleSlope = "1"
    ds.RescaleType = "HU"
    ds.WindowCenter, ds.WindowWidth = ["40", "-600"], ["400", "1500"]
    ds.WindowCenterWidthExplanation = ["MEDIASTINUM", "LUNG"]
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = rows, columns
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 12, 11
    ds.PixelRepresentation = 0
    ds.PixelData = (plane_yx.astype(np.int32) - _AIR_HU).clip(0, 4095).astype("<u2").tobytes()
    ds["PixelData"].VR = "OW"
    return ds
