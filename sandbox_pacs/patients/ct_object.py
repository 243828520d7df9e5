"""A chest CT as a series of DICOM slices, made one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from readingroom.sandbox_pacs.patients.common import (
    add_acquisition_times,
    add_body_part,
    add_series,
    code,
    image_uid,
    long_string,
    sequence,
    study_dataset,
)
from readingroom.sandbox_pacs.patients.identity import uid
from readingroom.sandbox_pacs.patients.people import Patient, Study

_INTERCEPT_HU = -1024
_TOP = 4095
_WINDOWS = {"MEDIASTINUM": ("40", "400"), "LUNG": ("-600", "1500")}


@dataclass(frozen=True)
class CtSeries:
    """Geometry and technique of one reconstruction.

    Attributes:
        first_lps_mm: centre of the first voxel (column 0, row 0) of the first slice, in patient
            coordinates: x to the left, y to the back, z to the head.
        z_step_mm: from one slice to the next; negative where they run towards the feet.
        spacing_yx_mm: between rows, between columns; > 0.
        thickness_mm: of a slice; may differ from the step.
        kernel: as the scanner names it.
        sharp: for lung or bone: the lung window comes first.
        contrast: agent in the vein, such as "IOHEXOL 350"; empty for none.
        number: SeriesNumber.
        description: SeriesDescription in the site's words; empty for thickness and kernel.
    """

    first_lps_mm: tuple[float, float, float]
    z_step_mm: float
    spacing_yx_mm: tuple[float, float]
    thickness_mm: float
    kernel: str = "SOFT"
    sharp: bool = False
    contrast: str = ""
    kvp: float = 120.0
    tube_current_ma: int = 220
    rotation_ms: int = 500
    ctdi_mgy: float = 6.4
    number: int = 1
    description: str = ""

    def __post_init__(self) -> None:
        if self.z_step_mm == 0 or min(*self.spacing_yx_mm, self.thickness_mm) <= 0:
            raise ValueError("slices have a step, a thickness and a pixel pitch")

    @property
    def title(self) -> str:
        """SeriesDescription."""
        return self.description or f"AXIAL {self.thickness_mm:g} mm {self.kernel}"

    def position(self, index: int) -> tuple[float, float, float]:
        """ImagePositionPatient of a slice, from 0."""
        x, y, z = self.first_lps_mm
        return (x, y, z + index * self.z_step_mm)


def ct_slices(
    patient: Patient, study: Study, series: CtSeries, planes_yx: Iterable[NDArray[np.int16]]
) -> Iterator[Dataset]:
    """The slices of a series, each made when it is asked for.

    Args:
        patient: whose it is.
        study: with modality CT.
        series: geometry and technique.
        planes_yx: int16 Hounsfield units (a volume (Z, Y, X), or what yields its slices), rows
            from front to back, columns to the patient's left. Below -1024 and above 3071 they
            are cut off, as 12 bits have it.

    Source: PS3.3 A.3.
    """
    for index, plane_yx in enumerate(planes_yx):
        rows, columns = plane_yx.shape
        ds = ct_header(patient, study, series, index, (rows, columns))
        # In 16 bits -1024 - (-32768) would run over.
        shifted = np.clip(plane_yx, _INTERCEPT_HU, _TOP + _INTERCEPT_HU) - np.int16(_INTERCEPT_HU)
        ds.PixelData = shifted.astype("<u2").tobytes()
        ds["PixelData"].VR = "OW"
        yield ds


def ct_header(
    patient: Patient, study: Study, series: CtSeries, index: int, shape: tuple[int, int]
) -> Dataset:
    """One slice without its pixels: what a report or a segmentation refers to.

    Args:
        patient: whose it is.
        study: with modality CT.
        series: geometry and technique.
        index: of the slice, from 0.
        shape: rows and columns.
    """
    ds = study_dataset(patient, study, CTImageStorage, image_uid(study, index + 1, series.number))
    add_series(ds, study, "CT", series.number, long_string(series.title))
    add_acquisition_times(ds, study)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.AcquisitionNumber = 1
    ds.InstanceNumber = index + 1
    add_body_part(ds, study.body_part)
    _add_place(ds, study, series, index, shape)
    _add_technique(ds, series)
    ds.RescaleIntercept = str(_INTERCEPT_HU)
    ds.RescaleSlope = "1"
    ds.RescaleType = "HU"
    names = ("LUNG", "MEDIASTINUM") if series.sharp else ("MEDIASTINUM", "LUNG")
    ds.WindowCenter = [_WINDOWS[name][0] for name in names]
    ds.WindowWidth = [_WINDOWS[name][1] for name in names]
    ds.WindowCenterWidthExplanation = list(names)
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 12, 11
    ds.PixelRepresentation = 0
    return ds


def _add_place(
    ds: Dataset, study: Study, series: CtSeries, index: int, shape: tuple[int, int]
) -> None:
    dy, dx = series.spacing_yx_mm
    position = series.position(index)
    ds.PatientPosition = "HFS"
    ds.FrameOfReferenceUID = uid(study.study_uid, "frame")
    ds.PositionReferenceIndicator = ""
    ds.ImagePositionPatient = [f"{value:.3f}" for value in position]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.SliceLocation = f"{position[2]:.3f}"
    ds.SliceThickness = f"{series.thickness_mm:.3f}"
    ds.PixelSpacing = [f"{dy:.6f}", f"{dx:.6f}"]
    ds.ReconstructionDiameter = f"{max(shape[0] * dy, shape[1] * dx):.1f}"
    ds.GantryDetectorTilt = "0"


def _add_technique(ds: Dataset, series: CtSeries) -> None:
    ds.KVP = f"{series.kvp:g}"
    ds.ScanOptions = "HELICAL"
    ds.XRayTubeCurrent = str(series.tube_current_ma)
    ds.ExposureTime = str(series.rotation_ms)
    ds.Exposure = str(round(series.tube_current_ma * series.rotation_ms / 1000))
    ds.CTDIvol = series.ctdi_mgy
    phantom = code("113691", "DCM", "IEC Body Dosimetry Phantom")
    ds.CTDIPhantomTypeCodeSequence = sequence(phantom)
    ds.DataCollectionDiameter = "500"
    ds.RotationDirection = "CW"
    ds.ConvolutionKernel = series.kernel
    if series.contrast:
        ds.ContrastBolusAgent = series.contrast
        ds.ContrastBolusRoute = "IV"
        ds.ContrastBolusVolume = "80"


def ct_datasets(
    patient: Patient,
    study: Study,
    volume_zyx: NDArray[np.int16],
    spacing_zyx_mm: tuple[float, float, float],
) -> list[Dataset]:
    """All slices of a volume around the origin, the highest (cranial) first.

    Args:
        patient: whose it is.
        study: with modality CT.
        volume_zyx: int16 Hounsfield units, rows from front to back, columns to the patient's
            left.
        spacing_zyx_mm: voxel pitch, > 0.
    """
    dz, dy, dx = spacing_zyx_mm
    _, rows, columns = volume_zyx.shape
    first = (-dx * (columns - 1) / 2, -dy * (rows - 1) / 2, 0.0)
    series = CtSeries(first, -dz, (dy, dx), dz, kernel=study.kernel)
    return list(ct_slices(patient, study, series, volume_zyx))
