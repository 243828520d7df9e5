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
    add_body_part,
    add_series,
    code,
    image_uid,
    long_string,
    sequence,
    study_dataset,
)
from readingroom.sandbox_pacs.patients.exposure import Exposure, FilmHeader, Spacing, Tone
from readingroom.sandbox_pacs.patients.film_pixels import add_pixels
from readingroom.sandbox_pacs.patients.people import Patient, Picture, Study

_VIEWS = {
    "PA": ("272479007", "SCT", "postero-anterior"),
    "AP": ("399348003", "SCT", "antero-posterior"),
    "LL": ("399173006", "SCT", "left lateral"),
    "RL": ("399198007", "SCT", "right lateral"),
}
"""Source: PS3.16 CID 4010."""

_ERECT = ("C86043", "NCIt", "erect")
_SEMI_ERECT = ("102539006", "SCT", "semi-erect")
_RECUMBENT = ("102538003", "SCT", "recumbent")
_SUPINE = ("40199007", "SCT", "supine")
"""Source: PS3.16 CID 19 and CID 20."""


def film_dataset(
    patient: Patient,
    study: Study,
    grey_yx: NDArray[np.float32],
    pitch_mm: float,
    spec: FilmHeader | None = None,
) -> Dataset:
    """One film of a study.

    Args:
        patient: whose it is.
        study: DX or CR; gives the site's words and the body part.
        grey_yx: float32 (rows, columns), 0 to 1, bright is dense, as it is to be shown: the
            patient's left on the viewer's right; in a lateral film the face as `spec` says.
        pitch_mm: pixel pitch at the detector, the same in both directions.
        spec: view, exposure, tone, place in the study; None for what the study tells.

    Raises:
        ValueError: DX without a pitch.

    Source: PS3.3 A.26 (DX), A.2 (CR).
    """
    spec = spec or _told_by(study)
    is_dx = study.modality == "DX"
    if is_dx and spec.spacing is Spacing.ABSENT:
        raise ValueError("a DX film has the pitch of its detector (PS3.3 C.8.11.4)")
    sop_class = DigitalXRayImageStorageForPresentation if is_dx else ComputedRadiographyImageStorage
    ds = study_dataset(patient, study, sop_class, image_uid(study, spec.number))
    add_series(ds, study, study.modality, spec.series, long_string(spec.title))
    add_acquisition_times(ds, study, minutes=spec.number + 1)
    ds.AcquisitionNumber = spec.number
    ds.InstanceNumber = spec.number
    ds.PatientOrientation = _orientation(spec)
    ds.ViewPosition = spec.view
    add_body_part(ds, study.body_part)
    ds.ImageType = ["ORIGINAL", "PRIMARY", ""] if is_dx else ["ORIGINAL", "PRIMARY"]
    ds.BurnedInAnnotation = "YES" if spec.burned_in else "NO"
    _add_spacing(ds, spec, pitch_mm, is_dx)
    _add_tube(ds, spec.taken)
    if is_dx:
        _add_dx(ds, study, spec)
    else:
        _add_cr(ds, spec.taken)
    add_pixels(ds, grey_yx, spec.tone, spec.inverted)
    return ds


def _told_by(study: Study) -> FilmHeader:
    """What a study alone tells: one film, whose pitch is at the object already."""
    spacing = Spacing.DETECTOR if study.modality == "DX" else Spacing.UNCORRECTED
    return FilmHeader(
        view=study.view,
        spacing=spacing if study.has_spacing else Spacing.ABSENT,
        tone=Tone.WINDOWS,
        setting=study.setting,
        inverted=study.inverted,
        burned_in=study.burned_in,
        description=study.series[0] if study.series else study.view or study.description,
    )


def _orientation(spec: FilmHeader) -> list[str]:
    """Where the rows and the columns run to. Source: PS3.3 C.7.6.1.1.1."""
    if not spec.is_lateral:
        return ["L", "F"]
    return ["P" if spec.faces == "left" else "A", "F"]


def _add_spacing(ds: Dataset, spec: FilmHeader, pitch_mm: float, is_dx: bool) -> None:
    """Pixel pitch and distances.

    Source: PS3.3 10.7 (Basic Pixel Spacing Calibration Macro), C.8.11.5 (DX Positioning).
    """
    if spec.spacing is Spacing.ABSENT:
        return
    ds.ImagerPixelSpacing = [round(pitch_mm, 6)] * 2
    if spec.spacing is Spacing.UNCORRECTED:
        ds.PixelSpacing = [round(pitch_mm, 6)] * 2
    if spec.spacing not in (Spacing.GEOMETRY, Spacing.FACTOR):
        return
    taken = spec.taken
    ds.DistanceSourceToDetector = f"{taken.source_to_detector_mm:g}"
    ds.DistanceSourceToPatient = f"{taken.source_to_object_mm:g}"
    if is_dx:
        ds.EstimatedRadiographicMagnificationFactor = f"{taken.magnification:.6f}"
    if spec.spacing is Spacing.GEOMETRY:
        ds.PixelSpacing = [round(pitch_mm / taken.magnification, 6)] * 2
        ds.PixelSpacingCalibrationType = "GEOMETRY"
        ds.PixelSpacingCalibrationDescription = "At mid-chest, from the distances"


def _add_tube(ds: Dataset, taken: Exposure) -> None:
    ds.KVP = f"{taken.kvp:g}"
    ds.XRayTubeCurrent = str(taken.tube_current_ma)
    ds.ExposureTime = str(taken.time_ms)
    ds.Exposure = str(round(taken.charge_uas / 1000))
    ds.ExposureInuAs = str(taken.charge_uas)
    ds.FocalSpots = f"{taken.focal_spot_mm:g}"
    ds.ExposureIndex = f"{taken.exposure_index:g}"
    ds.TargetExposureIndex = f"{taken.target_index:g}"
    ds.DeviationIndex = f"{taken.deviation_index:.1f}"


def _add_dx(ds: Dataset, study: Study, spec: FilmHeader) -> None:
    is_chest = study.picture is not Picture.KNEE_FILM
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.ImageLaterality = "U" if is_chest else "R"
    region = ("816094009", "SCT", "Chest") if is_chest else ("72696002", "SCT", "Knee")
    ds.AnatomicRegionSequence = sequence(code(*region))
    ds.PositionerType = "NONE" if spec.setting == "portable" else "COLUMN"
    ds.DetectorType = "SCINTILLATOR"
    ds.DetectorConfiguration = "AREA"
    ds.DetectorActiveTime = "100"
    ds.FieldOfViewShape = "RECTANGLE"
    ds.Grid = ["FOCUSED", "PARALLEL"] if spec.taken.grid else "NONE"
    if not spec.taken.copper_mm:
        ds.FilterType = "NONE"
    else:
        ds.FilterMaterial = "COPPER"
        ds.FilterThicknessMinimum = f"{spec.taken.copper_mm:g}"
        ds.FilterThicknessMaximum = f"{spec.taken.copper_mm:g}"
    # Low stored values are high exposure where bright is dense (PS3.3 C.8.11.3.1.2).
    ds.PixelIntensityRelationship = "LOG"
    ds.PixelIntensityRelationshipSign = 1 if spec.inverted else -1
    ds.RescaleIntercept = "0"
    ds.RescaleSlope = "1"
    ds.RescaleType = "US"
    ds.PresentationLUTShape = "INVERSE" if spec.inverted else "IDENTITY"
    ds.LossyImageCompression = "00"
    ds.AcquisitionContextSequence = sequence()
    _add_view(ds, spec)


def _add_view(ds: Dataset, spec: FilmHeader) -> None:
    if spec.view in _VIEWS:
        item = code(*_VIEWS[spec.view])
        item.ViewModifierCodeSequence = sequence()
        ds.ViewCodeSequence = sequence(item)
    if spec.setting != "supine":
        posture = _ERECT if spec.setting == "erect" else _SEMI_ERECT
        ds.PatientOrientationCodeSequence = sequence(code(*posture))
        return
    lying = code(*_RECUMBENT)
    lying.PatientOrientationModifierCodeSequence = sequence(code(*_SUPINE))
    ds.PatientOrientationCodeSequence = sequence(lying)


def _add_cr(ds: Dataset, taken: Exposure) -> None:
    ds.PlateID = ""
    ds.PlateType = "CASSETTE"
    if not taken.copper_mm:
        ds.FilterType = "NONE"
    ds.CollimatorGridName = "FOCUSED" if taken.grid else ""
