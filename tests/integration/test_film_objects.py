"""Films, CT slices, truth reports and segmentations of every kind, before independent judges."""

from __future__ import annotations

import io
import itertools
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.pixels import apply_voi_lut

from readingroom.domain.ids import SOPInstanceUID
from readingroom.domain.region import Box, Laterality, Region, Zone
from readingroom.sandbox_pacs.load import store_instance
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.patients.common import to_bytes
from readingroom.sandbox_pacs.patients.ct_object import CtSeries, ct_header, ct_slices
from readingroom.sandbox_pacs.patients.disease import Disease
from readingroom.sandbox_pacs.patients.exposure import (
    Exposure,
    FilmHeader,
    Spacing,
    Tone,
    film_headers,
    usual_exposure,
)
from readingroom.sandbox_pacs.patients.film_object import film_dataset
from readingroom.sandbox_pacs.patients.people import Study
from readingroom.sandbox_pacs.patients.table import by_scenario
from readingroom.sandbox_pacs.patients.truth_objects import (
    TruthFinding,
    TruthMask,
    truth_seg,
    truth_sr,
)
from readingroom.tools.imaging import read_header

PATIENT = by_scenario("normal")
STUDY = PATIENT.current
CT_PATIENT = by_scenario("ct_prior")
CT_STUDY = CT_PATIENT.priors[0]
PITCH = 0.2
VIEWS = (
    FilmHeader("PA"),
    FilmHeader("AP"),
    FilmHeader("AP", "supine"),
    FilmHeader("AP", "portable"),
    FilmHeader("LL"),
    FilmHeader("LL", faces="right"),
    FilmHeader("RL"),
    FilmHeader(""),
)
SERIES = CtSeries((-179.3, -179.3, 40.0), 1.0, (0.7, 0.7), 1.25)


@pytest.fixture(scope="module")
def grey() -> np.ndarray:
    ramp = np.linspace(0, 1, 48 * 40, dtype=np.float32).reshape(48, 40)
    noise = np.random.default_rng(5).random((16, 40), dtype=np.float32)
    return np.concatenate([ramp, noise])


def study(modality: str = "DX", **changes: object) -> Study:
    return replace(STUDY, modality=modality, **changes)  # type: ignore[arg-type]


def judged(objects: Iterable[tuple[object, bytes]], folder: Path) -> set[str]:
    """Kinds that dciodvfy named, after no error of it and no complaint of dcmdump."""
    missing = [name for name in ("dciodvfy", "dcmdump") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no independent judge of DICOM here: {', '.join(missing)} is not installed")
    kinds = set()
    path = folder / "object.dcm"
    for what, data in objects:
        path.write_bytes(data)
        done = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False)
        said = (done.stdout + done.stderr).decode("utf-8", "replace").splitlines()
        assert not [line for line in said if line.startswith("Error")], (what, said)
        kinds |= {line for line in said if " " not in line}
        dump = subprocess.run(["dcmdump", "-q", str(path)], capture_output=True, check=False)
        assert dump.returncode == 0 and not dump.stderr, (what, dump.stderr)
    return kinds


def shown(ds: Dataset) -> np.ndarray:
    """0 to 1 as a viewer shows it, by pydicom's reading of the VOI."""
    stored = ds.pixel_array
    out = np.asarray(apply_voi_lut(stored, ds, index=0), np.float64)
    if "VOILUTSequence" in ds:
        out /= 2 ** ds.VOILUTSequence[0].LUTDescriptor[2] - 1
    else:
        # The range of a window's output is the stored type's.
        out /= 2**ds.BitsStored - 1
    return 1 - out if ds.PhotometricInterpretation == "MONOCHROME1" else out


def every_film(grey: np.ndarray) -> Iterator[tuple[object, Dataset]]:
    for modality, spec, tone, inverted in itertools.product(
        ("DX", "CR"), VIEWS, Tone, (False, True)
    ):
        made = replace(spec, tone=tone, inverted=inverted)
        yield (modality, made), film_dataset(PATIENT, study(modality), grey, PITCH, made)
    for modality, spacing in itertools.product(("DX", "CR"), Spacing):
        if (modality, spacing) != ("DX", Spacing.ABSENT):
            made = FilmHeader(spacing=spacing, burned_in=True)
            yield (modality, made), film_dataset(PATIENT, study(modality), grey, PITCH, made)


@pytest.mark.parametrize("modality", ["DX", "CR"])
def test_every_kind_of_film_is_conformant(modality: str, grey: np.ndarray, tmp_path: Path) -> None:
    made = ((what, to_bytes(ds)) for what, ds in every_film(grey) if ds.Modality == modality)
    kind = "DXImageForPresentation" if modality == "DX" else "CRImage"
    assert judged(made, tmp_path) == {kind}


def test_the_sites_own_words_and_empty_body_parts_are_conformant(
    grey: np.ndarray, tmp_path: Path
) -> None:
    words = ("", "CHEST", "TORAX", "Tórax 2 proy", "CXR ptbl", "胸部", "a\\b", "LUNGE " * 9)
    made = []
    for modality, word in itertools.product(("DX", "CR"), words):
        odd = study(modality, body_part=word, description="TÓRAX 2 PROY / CXR ptbl 胸部")
        spec = FilmHeader("LL", description=word)
        made.append(((modality, word), to_bytes(film_dataset(PATIENT, odd, grey, PITCH, spec))))
    for word in words:
        ct = replace(CT_STUDY, body_part=word)
        plane = np.zeros((1, 32, 32), np.int16)
        named = replace(SERIES, description=word)
        made += [(word, to_bytes(ds)) for ds in ct_slices(CT_PATIENT, ct, named, plane)]
    judged(made, tmp_path)


def test_a_viewer_shows_the_film_as_drawn_whatever_its_tone_and_photometric(
    grey: np.ndarray,
) -> None:
    """A MONOCHROME1 film, or a LUT the wrong way round, that looks inverted is a wrong film."""
    kinds = set()
    for what, ds in every_film(grey):
        off = np.abs(shown(ds) - grey).max()
        assert off < (0.004 if "VOILUTFunction" in ds else 0.0006), (what, off)
        assert int(ds.pixel_array.max()) < 2**ds.BitsStored
        kinds.add((ds.PhotometricInterpretation, "VOILUTSequence" in ds, "VOILUTFunction" in ds))
    assert len(kinds) == 6


def test_dcmtk_shows_the_film_as_drawn_too(grey: np.ndarray, tmp_path: Path) -> None:
    """A renderer that shares no code with what wrote the film, nor with what reads it here."""
    if shutil.which("dcmj2pnm") is None:
        pytest.skip("no independent renderer here: dcmj2pnm is not installed")
    film, picture = tmp_path / "film.dcm", tmp_path / "film.pgm"
    for modality, tone, inverted in itertools.product(("DX", "CR"), Tone, (False, True)):
        spec = FilmHeader(tone=tone, inverted=inverted)
        film.write_bytes(to_bytes(film_dataset(PATIENT, study(modality), grey, PITCH, spec)))
        voi = "+Wl" if tone is Tone.LUT else "+Wi"
        subprocess.run(["dcmj2pnm", voi, "1", "+ob", str(film), str(picture)], check=True)
        with Image.open(picture) as image:
            off = np.abs(np.asarray(image, np.float32) / 255 - grey).max()
        assert off < 1.2 / 255, (modality, spec)


def test_signs_and_shapes_of_dx_fit_the_photometric(grey: np.ndarray) -> None:
    for inverted, shape, sign in ((False, "IDENTITY", -1), (True, "INVERSE", 1)):
        ds = film_dataset(PATIENT, study(), grey, PITCH, FilmHeader(inverted=inverted))
        assert (ds.PresentationLUTShape, ds.PixelIntensityRelationshipSign) == (shape, sign)


def test_views_say_where_the_patient_stood(grey: np.ndarray) -> None:
    """Source of the codes: PS3.16 CID 4010, CID 19 and CID 20."""
    told = {}
    for spec in VIEWS:
        ds = film_dataset(PATIENT, study(), grey, PITCH, spec)
        view = ds.ViewCodeSequence[0].CodeValue if "ViewCodeSequence" in ds else ""
        posture = ds.PatientOrientationCodeSequence[0]
        lying = "PatientOrientationModifierCodeSequence" in posture
        told[spec] = (
            ds.ViewPosition, view, "".join(ds.PatientOrientation), posture.CodeMeaning, lying
        )  # fmt: skip
    assert list(told.values()) == [
        ("PA", "272479007", "LF", "erect", False),
        ("AP", "399348003", "LF", "erect", False),
        ("AP", "399348003", "LF", "recumbent", True),
        ("AP", "399348003", "LF", "semi-erect", False),
        ("LL", "399173006", "PF", "erect", False),
        ("LL", "399173006", "AF", "erect", False),
        ("RL", "399198007", "PF", "erect", False),
        ("", "", "LF", "erect", False),
    ]


def test_the_codes_are_those_that_pydicom_takes_from_the_standard() -> None:
    from pydicom.sr.codedict import codes

    assert codes.cid4010.PosteroAnterior.value == "272479007"
    assert codes.cid4010.AnteroPosterior.value == "399348003"
    assert codes.cid4010.LeftLateral.value == "399173006"
    assert codes.cid4010.RightLateral.value == "399198007"
    assert codes.cid19.SemiErect.value == "102539006"
    assert codes.cid20.Supine.value == "40199007"


def test_a_reader_measures_at_the_object_where_the_header_allows(
    grey: np.ndarray, tmp_path: Path
) -> None:
    """Our own reader of headers, which the sandbox does not share code with."""
    exposure = Exposure(source_to_detector_mm=1800, source_to_object_mm=1500)
    at_object = PITCH / 1.2
    wanted = {
        Spacing.GEOMETRY: (at_object, "PixelSpacing"),
        Spacing.FACTOR: (at_object, "ImagerPixelSpacing"),
        Spacing.DETECTOR: (PITCH, "ImagerPixelSpacing"),
        Spacing.UNCORRECTED: (PITCH, "PixelSpacing"),
    }
    path = tmp_path / "film.dcm"
    for spacing, (pitch, attribute) in wanted.items():
        spec = FilmHeader(exposure=exposure, spacing=spacing)
        path.write_bytes(to_bytes(film_dataset(PATIENT, study(), grey, PITCH, spec)))
        header = read_header(path)
        assert header.spacing_from == attribute
        assert header.spacing_yx_mm == pytest.approx((pitch, pitch), abs=1e-5)


def test_a_dx_film_cannot_do_without_its_pitch(grey: np.ndarray) -> None:
    with pytest.raises(ValueError, match="pitch"):
        film_dataset(PATIENT, study(), grey, PITCH, FilmHeader(spacing=Spacing.ABSENT))
    with pytest.raises(ValueError, match="between"):
        Exposure(source_to_detector_mm=1000, source_to_object_mm=1000)


def test_usual_exposures_differ_as_rooms_and_beds_do(grey: np.ndarray) -> None:
    wall, bed = usual_exposure("PA", "erect"), usual_exposure("AP", "portable")
    assert (wall.kvp, wall.source_to_detector_mm, wall.grid) == (125.0, 1800.0, True)
    assert (bed.kvp, bed.source_to_detector_mm, bed.grid) == (100.0, 1100.0, False)
    assert bed.magnification > wall.magnification
    half = replace(wall, exposure_index=wall.target_index / 2)
    ds = film_dataset(PATIENT, study(), grey, PITCH, FilmHeader(exposure=half))
    assert float(ds.DeviationIndex) == pytest.approx(-3.0)
    assert int(ds.ExposureInuAs) == 1000 * int(ds.Exposure)


def test_films_of_one_study_have_their_own_places(grey: np.ndarray) -> None:
    two = study("CR", view="PA", films=("PA", "LL"), burned_in=True, inverted=True)
    specs = film_headers(two)
    assert [spec.view for spec in specs] == ["PA", "LL"]
    films = [film_dataset(PATIENT, two, grey, PITCH, spec) for spec in specs]
    assert len({ds.SOPInstanceUID for ds in films}) == 2
    assert [ds.InstanceNumber for ds in films] == [1, 2]
    assert {ds.BurnedInAnnotation for ds in films} == {"YES"}
    series = [(ds.SeriesInstanceUID, ds.SeriesNumber, ds.SeriesDescription) for ds in films]
    assert len({uid for uid, _, _ in series}) == len(set(series))
    named = film_headers(replace(two, series=("THORAX PA", "THORAX SEITL")))
    assert [(spec.series, spec.title) for spec in named] == [
        (1, "THORAX PA"), (2, "THORAX SEITL")
    ]  # fmt: skip
    with pytest.raises(ValueError, match="view"):
        film_headers(study(view="PA", films=("PA", "LAT")))


def test_the_old_call_gives_the_film_that_the_study_tells(grey: np.ndarray) -> None:
    ds = film_dataset(PATIENT, study("CR", has_spacing=False, inverted=True), grey, PITCH)
    assert "ImagerPixelSpacing" not in ds and ds.PhotometricInterpretation == "MONOCHROME1"


def test_ct_slices_are_conformant_and_lie_where_the_series_says(tmp_path: Path) -> None:
    volume = np.random.default_rng(1).integers(-1200, 3300, (5, 48, 40), dtype=np.int16)
    up = replace(
        SERIES, kernel="B70f", sharp=True, contrast="IOHEXOL 350", number=3, thickness_mm=5
    )
    slices = list(ct_slices(CT_PATIENT, CT_STUDY, up, volume))
    first = list(ct_slices(CT_PATIENT, CT_STUDY, SERIES, volume))
    judged(((ds.SeriesNumber, to_bytes(ds)) for ds in slices[:2] + first[:1]), tmp_path)
    for index, ds in enumerate(slices):
        again = dcmread(io.BytesIO(to_bytes(ds)))
        hounsfield = again.pixel_array.astype(int) * int(again.RescaleSlope)
        hounsfield += int(again.RescaleIntercept)
        assert np.array_equal(hounsfield, volume[index].clip(-1024, 3071))
        assert list(again.ImagePositionPatient) == pytest.approx([-179.3, -179.3, 40.0 + index])
        assert float(again.SliceLocation) == pytest.approx(40.0 + index)
    assert slices[0].WindowCenterWidthExplanation[0] == "LUNG"
    assert first[0].WindowCenterWidthExplanation[0] == "MEDIASTINUM"
    assert "ContrastBolusAgent" in slices[0] and "ContrastBolusAgent" not in first[0]
    assert slices[0].FrameOfReferenceUID == first[0].FrameOfReferenceUID
    assert slices[0].SeriesInstanceUID != first[0].SeriesInstanceUID
    assert len({ds.SOPInstanceUID for ds in slices + first}) == 10


def test_slices_are_made_when_they_are_asked_for() -> None:
    """A series of 200 lies in memory once: as the volume, never as 200 datasets."""
    drawn = []

    def planes() -> Iterator[np.ndarray]:
        for index in range(200):
            drawn.append(index)
            yield np.zeros((8, 8), np.int16)

    slices = ct_slices(CT_PATIENT, CT_STUDY, SERIES, planes())
    next(slices)
    next(slices)
    assert drawn == [0, 1]


def films_of(grey: np.ndarray, modality: str) -> tuple[Study, list[Dataset]]:
    two = study(modality, films=("PA", "LL"))
    return two, [film_dataset(PATIENT, two, grey, PITCH, spec) for spec in film_headers(two)]


def findings_on(images: list[Dataset]) -> list[TruthFinding]:
    regions = tuple(
        Region(SOPInstanceUID(ds.SOPInstanceUID), Box(3, 4, 20, 30), ds.Rows, ds.Columns)
        for ds in images
    )
    sides, zones = itertools.cycle(Laterality), itertools.cycle(Zone)
    return [
        TruthFinding(f"lesion-{disease}", disease, next(sides), next(zones), 20.04, regions)
        for disease in Disease
    ]


def test_truth_reports_are_conformant_for_every_disease_and_for_none(
    grey: np.ndarray, tmp_path: Path
) -> None:
    made: list[tuple[object, bytes]] = []
    for modality in ("DX", "CR"):
        two, films = films_of(grey, modality)
        for findings in (
            findings_on(films), [], [TruthFinding("a", Disease.EMPHYSEMA)]
        ):  # fmt: skip
            made.append((modality, truth_sr(PATIENT.patient_id, two, films, findings)))
    slices = [ct_header(CT_PATIENT, CT_STUDY, SERIES, i, (32, 32)) for i in range(3)]
    made.append(("CT", truth_sr(CT_PATIENT.patient_id, CT_STUDY, slices, findings_on(slices[1:2]))))
    assert judged(made, tmp_path) == {"ComprehensiveSR"}


def test_a_truth_report_says_what_was_drawn(grey: np.ndarray) -> None:
    two, films = films_of(grey, "DX")
    region = Region(SOPInstanceUID(films[1].SOPInstanceUID), Box(3, 4, 20, 30), 64, 40)
    nodule = TruthFinding("n1", Disease.NODULE, Laterality.LEFT, Zone.UPPER, 12.34, (region,))
    sr = dcmread(io.BytesIO(truth_sr(PATIENT.patient_id, two, films, [nodule])))
    items = list(walk(sr))
    assert {"Nodule", "Left", "Upper", "Lung"} <= {
        item.ConceptCodeSequence[0].CodeMeaning for item in items if item.ValueType == "CODE"
    }
    (size,) = [item for item in items if item.ValueType == "NUM"]
    assert float(size.MeasuredValueSequence[0].NumericValue) == pytest.approx(12.3)
    (box,) = [item for item in items if item.ValueType == "SCOORD"]
    assert list(box.GraphicData) == [3, 4, 20, 4, 20, 30, 3, 30, 3, 4]
    image = box.ContentSequence[0].ReferencedSOPSequence[0]
    assert image.ReferencedSOPInstanceUID == films[1].SOPInstanceUID
    with pytest.raises(ValueError, match="not about"):
        truth_sr(PATIENT.patient_id, two, films[:1], [nodule])


def walk(item: Dataset) -> Iterator[Dataset]:
    yield item
    for child in item.get("ContentSequence", []):
        yield from walk(child)


def test_segmentations_are_conformant_and_hold_the_masks(grey: np.ndarray, tmp_path: Path) -> None:
    made: list[tuple[object, bytes]] = []
    one, other = np.zeros((2, 64, 40), bool)
    one[5:30, 4:20] = True
    other[20:50, 10:30] = True  # overlaps the first
    for modality in ("DX", "CR"):
        two, films = films_of(grey, modality)
        masks = [TruthMask(f, m) for f, m in zip(findings_on(films), (one, other), strict=False)]
        for number, film in enumerate(films, 1):
            data = truth_seg(PATIENT.patient_id, two, [film], masks, number)
            made.append((modality, data))
        seg = dcmread(io.BytesIO(made[-1][1]))
        assert np.array_equal(seg.pixel_array.astype(bool), np.stack([one, other]))
        assert "FrameOfReferenceUID" not in seg
        with pytest.raises(ValueError, match="frame of reference"):
            truth_seg(PATIENT.patient_id, two, films, masks[:1])
    slices = [ct_header(CT_PATIENT, CT_STUDY, SERIES, i, (64, 40)) for i in range(9)]
    volume = np.zeros((9, 64, 40), bool)
    volume[3:5, 5:9, 4:30] = True
    mask = TruthMask(TruthFinding("ct", Disease.CHEST_TUBE), volume)
    made.append(("CT", truth_seg(CT_PATIENT.patient_id, CT_STUDY, slices, [mask])))
    seg = dcmread(io.BytesIO(made[-1][1]))
    assert seg.NumberOfFrames == 2 and seg.FrameOfReferenceUID == slices[0].FrameOfReferenceUID
    heights = {
        float(frame.PlanePositionSequence[0].ImagePositionPatient[2])
        for frame in seg.PerFrameFunctionalGroupsSequence
    }
    assert heights == {43.0, 44.0}
    assert judged(made, tmp_path) == {"Segmentation"}


def test_a_real_pacs_takes_all_kinds(empty_sandbox: Sandbox, grey: np.ndarray) -> None:
    two, films = films_of(grey, "DX")
    plates = films_of(grey, "CR")[1]
    for number, plate in enumerate(plates, 11):
        plate.SOPInstanceUID = plate.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
    slices = list(ct_slices(CT_PATIENT, CT_STUDY, SERIES, np.zeros((2, 64, 40), np.int16)))
    mask = np.ones((64, 40), bool)
    volume = np.stack([mask, mask])
    findings = findings_on(films)
    made = [
        *map(to_bytes, films + plates + slices),
        truth_sr(PATIENT.patient_id, two, films, findings),
        truth_seg(PATIENT.patient_id, two, films[:1], [TruthMask(findings[0], mask)]),
        truth_seg(CT_PATIENT.patient_id, CT_STUDY, slices, [TruthMask(findings[0], volume)]),
    ]
    with empty_sandbox.rest() as rest:
        assert [store_instance(rest, data) for data in made] == [True] * len(made)
        assert rest.call("GET", "/statistics")["CountInstances"] == len(made)


def test_a_mask_that_shows_nothing_is_refused(grey: np.ndarray) -> None:
    two, films = films_of(grey, "DX")
    finding = TruthFinding("a", Disease.NODULE)
    for mask, words in ((np.zeros((64, 40), bool), "empty"), (np.ones((3, 3), bool), "shape")):
        with pytest.raises(ValueError, match=words):
            truth_seg(PATIENT.patient_id, two, films[:1], [TruthMask(finding, mask)])


def test_one_finding_has_one_tracking_uid_in_report_and_segments(grey: np.ndarray) -> None:
    two, films = films_of(grey, "DX")
    finding = TruthFinding("n1", Disease.NODULE)
    mask = TruthMask(finding, np.ones((64, 40), bool))
    sr = dcmread(io.BytesIO(truth_sr(PATIENT.patient_id, two, films, [finding])))
    seg = dcmread(io.BytesIO(truth_seg(PATIENT.patient_id, two, films[:1], [mask])))
    tracked = [item.UID for item in walk(sr) if item.ValueType == "UIDREF"]
    assert seg.SegmentSequence[0].TrackingUID in tracked


def test_the_same_input_gives_the_same_bytes_at_another_time(
    grey: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    two, films = films_of(grey, "DX")
    masks = [TruthMask(findings_on(films)[0], np.ones((64, 40), bool))]

    def made() -> list[bytes]:
        volume = np.zeros((2, 8, 8), np.int16)
        return [
            to_bytes(film_dataset(PATIENT, two, grey, PITCH, film_headers(two)[1])),
            *map(to_bytes, ct_slices(CT_PATIENT, CT_STUDY, SERIES, volume)),
            truth_sr(PATIENT.patient_id, two, films, findings_on(films)),
            truth_seg(PATIENT.patient_id, two, films[:1], masks),
        ]

    before = made()
    _advance_clocks(monkeypatch)
    assert made() == before


def _advance_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """highdicom's and pydicom's clock, an hour and a day later."""
    import datetime as real
    import sys
    from types import SimpleNamespace

    class Later(real.datetime):
        @classmethod
        def now(cls, tz: real.tzinfo | None = None) -> real.datetime:
            return real.datetime.now(tz) + real.timedelta(days=1, hours=1)

    later = SimpleNamespace(
        **{name: getattr(real, name) for name in dir(real) if not name.startswith("__")}
    )
    later.datetime = Later
    turned = 0
    for name, module in list(sys.modules.items()):
        if name.startswith("highdicom") and getattr(module, "datetime", None) is real:
            monkeypatch.setattr(module, "datetime", later)
            turned += 1
    assert turned
