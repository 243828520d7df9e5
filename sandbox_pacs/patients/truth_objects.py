"""The truth of a study as DICOM: a TID 1500 report, and segmentations.

highdicom is heavy and only needed on request: it is imported in the functions.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from readingroom.domain.finding import LOCAL_SCHEME, Code
from readingroom.domain.region import Laterality, Region, Zone
from readingroom.sandbox_pacs.patients import truth_codes as codes
from readingroom.sandbox_pacs.patients.common import set_implementation, to_bytes
from readingroom.sandbox_pacs.patients.disease import Disease
from readingroom.sandbox_pacs.patients.identity import uid
from readingroom.sandbox_pacs.patients.people import Study

SR_SERIES, SEG_SERIES = 80, 81
_MAKER = "Reading Room sandbox"
_MODEL = "Truth"
_DRAWN_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class TruthFinding:
    """One thing that was drawn into a study.

    Attributes:
        key: the same thing in another study of the patient has the same key.
        size_mm: what `disease.SIZE_RANGE_MM` says of this disease; None where it has none.
        regions: where it is on each image; empty where it has no place of its own.
    """

    key: str
    disease: Disease
    laterality: Laterality = Laterality.NONE
    zone: Zone = Zone.NONE
    size_mm: float | None = None
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, eq=False)
class TruthMask:
    """The pixels of one finding.

    Attributes:
        mask: bool, (Z, Y, X) in the order of the series' slices, or (Y, X) of a film.
    """

    finding: TruthFinding
    mask: NDArray[np.bool_]


def truth_sr(
    patient_key: str, study: Study, images: Sequence[Dataset], findings: Sequence[TruthFinding]
) -> bytes:
    """What was drawn, as a Comprehensive SR: site, side, size, and a box on each image.

    A study without findings says so in code: an empty report could as well be a lost one.

    Args:
        patient_key: names the patient across studies (the patient's identifier): findings with
            the same key get the same tracking UID in all of them.
        study: that the images are of.
        images: all that the regions are on, or their headers; the first gives the identity.
        findings: what was drawn.

    Raises:
        ValueError: no image, or a region on an image that is not among them.

    Source: PS3.16 TID 1500; PS3.3 A.35.3.
    """
    from highdicom.sr import ComprehensiveSR

    if not images:
        raise ValueError("a report of the truth needs the images that it is about")
    day, clock = _moment(study)
    with _archive_names():
        report: Dataset = ComprehensiveSR(
            evidence=list(images),
            content=_content(patient_key, images, findings),
            series_instance_uid=uid(study.study_uid, "truth", "sr"),
            series_number=SR_SERIES,
            sop_instance_uid=uid(study.study_uid, "truth", "sr", 1),
            instance_number=1,
            manufacturer=_MAKER,
            manufacturer_model_name=_MODEL,
            software_versions="1",
            is_complete=True,
            is_final=True,
            series_description="Truth of the sandbox",
            content_date=day,
            content_time=clock,
            series_date=day,
            series_time=clock,
            specific_character_set="ISO_IR 192",
            coding_schemes=_coding_schemes(),
        )
    return _finished(report, images[0], study)


def truth_seg(
    patient_key: str,
    study: Study,
    images: Sequence[Dataset],
    masks: Sequence[TruthMask],
    number: int = 1,
) -> bytes:
    """What was drawn, as a binary SEG with one segment per finding; segments may overlap.

    For CT all slices of a series (their headers suffice), of which only those with a mask are
    referred to. For a projection exactly one film: it has no frame of reference, so the
    segment's frame has the film's rows and columns and refers to it by Derivation Image
    (PS3.3 A.51.5), and a second film needs a SEG of its own.

    Args:
        patient_key: as for `truth_sr`: report and segments share their tracking UIDs.
        study: that the images are of.
        images: one film, or the slices in the order of the masks' first axis.
        masks: at least one, none of them empty.
        number: of this SEG in the study, from 1.

    Raises:
        ValueError: no or empty masks, another shape than the images, two films at once.

    Source: PS3.3 A.51 and C.8.20.
    """
    from highdicom.seg import Segmentation

    used, pixels = _stacked(images, masks)
    day, clock = _moment(study)
    with _archive_names():
        segmentation: Dataset = Segmentation(
            source_images=used,
            pixel_array=pixels,
            segmentation_type="BINARY",
            segment_descriptions=[
                _segment(patient_key, index, mask.finding) for index, mask in enumerate(masks, 1)
            ],
            series_instance_uid=uid(study.study_uid, "truth", "seg", number),
            series_number=SEG_SERIES + number - 1,
            sop_instance_uid=uid(study.study_uid, "truth", "seg", number, 1),
            instance_number=1,
            manufacturer=_MAKER,
            manufacturer_model_name=_MODEL,
            software_versions="1",
            device_serial_number="0",
            content_description="What was drawn",
            content_creator_name="Sandbox^Phantom",
            content_label="TRUTH",
            series_description="Truth of the sandbox",
            content_date=day,
            content_time=clock,
            series_date=day,
            series_time=clock,
        )
    if "FrameOfReferenceUID" not in images[0]:
        # General Image wants it where no plane tells it; the frame is the film's.
        segmentation.PatientOrientation = images[0].PatientOrientation
    dimensions = uid(study.study_uid, "truth", "seg", number, "dimensions")
    segmentation.DimensionOrganizationSequence[0].DimensionOrganizationUID = dimensions
    for item in segmentation.DimensionIndexSequence:
        item.DimensionOrganizationUID = dimensions
    return _finished(segmentation, images[0], study)


def _moment(study: Study) -> tuple[str, str]:
    drawn = study.when + _DRAWN_AFTER
    return drawn.strftime("%Y%m%d"), drawn.strftime("%H%M%S")


@contextmanager
def _archive_names() -> Iterator[None]:
    """A patient's name without "^" is the archive's business; it is copied as it is."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*person name.*")
        yield


def _finished(ds: Dataset, source: Dataset, study: Study) -> bytes:
    # highdicom stamps these with the clock of this machine, and itself with its own release.
    ds.InstanceCreationDate, ds.InstanceCreationTime = _moment(study)
    if "ContributingEquipmentSequence" in ds:
        del ds.ContributingEquipmentSequence
    set_implementation(ds.file_meta)
    for keyword in ("IssuerOfPatientID", "StudyDescription"):
        if keyword in source:
            setattr(ds, keyword, source.get(keyword))
    return to_bytes(ds)


def _concept(code: Code) -> Any:
    from highdicom.sr import CodedConcept

    return CodedConcept(code.value, code.scheme, code.meaning)


def _coding_schemes() -> list[Any]:
    from highdicom.coding_schemes import CodingSchemeIdentificationItem

    return [
        CodingSchemeIdentificationItem(designator=LOCAL_SCHEME, name="Reading Room local codes")
    ]


def _content(patient_key: str, images: Sequence[Dataset], findings: Sequence[TruthFinding]) -> Any:
    from highdicom.sr import (
        DeviceObserverIdentifyingAttributes,
        LanguageOfContentItemAndDescendants,
        MeasurementReport,
        ObservationContext,
        ObserverContext,
    )

    device = DeviceObserverIdentifyingAttributes(
        uid=uid("truth", "observer"), name=_MAKER, manufacturer_name=_MAKER, model_name=_MODEL
    )
    observer = ObserverContext(_concept(Code("121007", "DCM", "Device")), device)
    language = Code("en", "RFC5646", "English")
    is_ct = images[0].Modality == "CT"
    report = MeasurementReport(
        observation_context=ObservationContext(observer_device_context=observer),
        procedure_reported=_concept(codes.CHEST_CT if is_ct else codes.PLAIN_FILM),
        imaging_measurements=_groups(patient_key, images, findings),
        title=_concept(Code("126000", "DCM", "Imaging Measurement Report")),
        language_of_content_item_and_descendants=LanguageOfContentItemAndDescendants(
            _concept(language)
        ),
    )
    return report[0]


def _groups(
    patient_key: str, images: Sequence[Dataset], findings: Sequence[TruthFinding]
) -> list[Any]:
    from highdicom.sr import (
        MeasurementsAndQualitativeEvaluations,
        PlanarROIMeasurementsAndQualitativeEvaluations,
        TrackingIdentifier,
    )

    classes = {str(image.SOPInstanceUID): str(image.SOPClassUID) for image in images}
    if not findings:
        return [_nothing(patient_key, images[0])]
    made: list[Any] = []
    for finding in findings:
        tracking = TrackingIdentifier(
            uid=uid("truth", patient_key, finding.key), identifier=finding.key[:64]
        )
        common = _common(finding)
        if not finding.regions:
            group = MeasurementsAndQualitativeEvaluations(tracking_identifier=tracking, **common)
            made.append(group)
        for region in finding.regions:
            if region.sop_uid not in classes:
                raise ValueError("a region lies on an image that the report is not about")
            made.append(
                PlanarROIMeasurementsAndQualitativeEvaluations(
                    tracking_identifier=tracking,
                    referenced_region=_outline(region, classes[region.sop_uid]),
                    **common,
                )
            )
    return made


def _common(finding: TruthFinding) -> dict[str, Any]:
    from highdicom.sr import FindingSite, Measurement, QualitativeEvaluation

    side, zone = codes.SIDES.get(finding.laterality), codes.ZONES.get(finding.zone)
    site = FindingSite(
        _concept(codes.site_code(finding.disease)),
        laterality=_concept(side) if side else None,
        topographical_modifier=_concept(zone) if zone else None,
    )
    sizes = None
    if finding.size_mm is not None:
        name = _concept(codes.measure_code(finding.disease))
        sizes = [Measurement(name, round(finding.size_mm, 1), _concept(codes.MILLIMETRE))]
    return {
        "finding_type": _concept(codes.disease_code(finding.disease)),
        "finding_sites": [site],
        "measurements": sizes,
        "qualitative_evaluations": [
            QualitativeEvaluation(_concept(codes.PRESENCE), _concept(codes.PRESENT))
        ],
    }


def _nothing(patient_key: str, image: Dataset) -> Any:
    from highdicom.sr import (
        MeasurementsAndQualitativeEvaluations,
        QualitativeEvaluation,
        SourceImageForMeasurementGroup,
        TrackingIdentifier,
    )

    source = SourceImageForMeasurementGroup(str(image.SOPClassUID), str(image.SOPInstanceUID))
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=uid("truth", patient_key, image.StudyInstanceUID, "nothing"),
            identifier="nothing drawn",
        ),
        finding_type=_concept(codes.ANYTHING),
        source_images=[source],
        qualitative_evaluations=[
            QualitativeEvaluation(_concept(codes.PRESENCE), _concept(codes.ABSENT))
        ],
    )


def _outline(region: Region, sop_class: str) -> Any:
    """The box as a closed polyline.

    Source: PS3.3 C.18.6.1.2: (0, 0) is the outer corner of the first pixel, as for our boxes.
    """
    from highdicom.sr import GraphicTypeValues, ImageRegion, SourceImageForRegion

    box = region.box
    corners = [
        (box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1), (box.x0, box.y0)
    ]  # fmt: skip
    image = SourceImageForRegion(sop_class, str(region.sop_uid))
    return ImageRegion(GraphicTypeValues.POLYLINE, np.array(corners, dtype=float), image)


def _stacked(
    images: Sequence[Dataset], masks: Sequence[TruthMask]
) -> tuple[list[Dataset], NDArray[np.uint8]]:
    """The images with any mask, and uint8 (images, rows, columns, segments)."""
    if not masks:
        raise ValueError("a segmentation needs a mask")
    if len(images) > 1 and "FrameOfReferenceUID" not in images[0]:
        raise ValueError("films share no frame of reference: one segmentation for each")
    volumes = [mask.mask if mask.mask.ndim == 3 else mask.mask[None] for mask in masks]
    wanted = (len(images), int(images[0].Rows), int(images[0].Columns))
    if any(volume.shape != wanted for volume in volumes):
        raise ValueError(f"masks have another shape than the images, which are {wanted}")
    if not all(volume.any() for volume in volumes):
        raise ValueError("a mask is empty: what is not seen on the images has no segment")
    # A slice between two lesions stays out: 200 slices of 512² in full are 50 MB a finding.
    touched = np.flatnonzero(np.any([volume.any((1, 2)) for volume in volumes], axis=0))
    pixels = np.stack([volume[touched] for volume in volumes], axis=-1).astype(np.uint8)
    return [images[int(index)] for index in touched], pixels


def _segment(patient_key: str, number: int, finding: TruthFinding) -> Any:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentDescription

    label = f"{finding.laterality} {finding.disease}".strip().replace("_", " ")
    return SegmentDescription(
        segment_number=number,
        segment_label=label[:64],
        segmented_property_category=_concept(codes.category_code(finding.disease)),
        segmented_property_type=_concept(codes.disease_code(finding.disease)),
        algorithm_type="AUTOMATIC",
        algorithm_identification=AlgorithmIdentificationSequence(
            name=_MODEL, version="1", family=_concept(codes.SIMULATION)
        ),
        tracking_uid=uid("truth", patient_key, finding.key),
        tracking_id=finding.key[:64],
        anatomic_regions=[_concept(codes.site_code(finding.disease))],
    )
