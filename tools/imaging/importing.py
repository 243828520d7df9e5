"""Files from outside to objects ready for C-STORE.

DICOM passes through as it is. A PNG or JPEG of a film is wrapped as a CR image: the DX object
demands an ImagerPixelSpacing (PS3.3 C.8.11.4), which a picture does not have and which is not
invented here; ConversionType says that it came from a workstation.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readingroom.domain.errors import BadInput
from readingroom.domain.ids import SOPClassUID, SOPInstanceUID, StudyUID
from readingroom.tools.imaging.films import DEFAULT_LIMITS, DecodeLimits, decode_in_child
from readingroom.tools.imaging.header import Header, read_header, require_identity

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

CR_IMAGE = SOPClassUID("1.2.840.10008.5.1.4.1.1.1")
_EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_VIEWS = frozenset({"", "PA", "AP", "LL", "RL"})


@dataclass(frozen=True)
class ImportItem:
    """One object ready for C-STORE.

    Attributes:
        source: the file it came from.
        data: DICOM Part 10.
        wrapped: made here from a picture; otherwise the file's own object.
        notes: what was filled in or is missing, one line each.
    """

    source: Path
    data: bytes
    sop_uid: SOPInstanceUID
    sop_class_uid: SOPClassUID
    study_uid: StudyUID
    accession: str
    wrapped: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportPlan:
    """All objects of one import; made whole or not at all."""

    items: tuple[ImportItem, ...]

    @property
    def accessions(self) -> tuple[str, ...]:
        """The accession numbers, each once, in order."""
        return tuple(dict.fromkeys(item.accession for item in self.items if item.accession))


@dataclass(frozen=True)
class _Identity:
    """What the caller states. Empty is not stated."""

    patient_id: str
    accession: str
    patient_name: str
    sex: str
    birth_date: date | None
    study_date: date | None
    view: str
    body_part: str
    description: str
    burned_in: bool


def import_files(
    paths: Sequence[Path],
    *,
    patient_id: str = "",
    accession: str = "",
    patient_name: str = "",
    sex: str = "",
    birth_date: date | None = None,
    study_date: date | None = None,
    view: str = "",
    body_part: str = "",
    description: str = "",
    burned_in: bool = True,
    limits: DecodeLimits = DEFAULT_LIMITS,
) -> ImportPlan:
    """Check files and make them ready to be stored. All are checked before any is returned.

    Args:
        paths: DICOM, PNG or JPEG files.
        patient_id: needed for pictures; fills a DICOM object that has none, and must agree with
            one that has.
        accession: likewise; for pictures one is made from their content when empty.
        patient_name: for pictures, in PN form (family^given).
        sex: for pictures: M, F or O.
        birth_date: for pictures.
        study_date: likewise, and never made up: a date that is not stated stays empty.
        body_part: BodyPartExamined, for pictures; not stated when empty, never guessed.
        description: StudyDescription, for pictures.
        view: PA, AP, LL or RL, for pictures.
        burned_in: whether a picture may hold burned-in identity; True unless known better.
        limits: what decoding a picture may take.

    Raises:
        BadInput: no file, of no known kind, no PatientID, malformed UIDs, or flags that
            contradict the file.
        ToolFailed: a picture needs more memory or time than allowed.
    """
    identity = _Identity(
        patient_id=_short(patient_id, 64, "--patient-id"),
        accession=_short(accession, 16, "--accession"),
        patient_name=_short(patient_name, 64, "--patient-name"),
        sex=sex.upper(),
        birth_date=birth_date,
        study_date=study_date,
        view=view.upper(),
        body_part=_short(body_part.upper(), 16, "--body-part"),
        description=_short(description, 64, "--description"),
        burned_in=burned_in,
    )
    if identity.view not in _VIEWS:
        raise BadInput(f"{identity.view} is no view of a chest film", hint="--view PA, AP or LL")
    if identity.sex not in ("", "M", "F", "O"):
        raise BadInput("the sex is M, F or O")
    if not paths:
        raise BadInput("no file to import", hint="name DICOM, PNG or JPEG files")
    items = []
    made = identity.accession or _made_accession(paths)
    for number, path in enumerate(paths, 1):
        if _is_picture(path):
            items.append(_wrap(path, identity, made, number, limits))
        else:
            items.append(_pass_on(path, identity))
    return ImportPlan(tuple(items))


def _short(value: str, length: int, flag: str) -> str:
    value = value.strip()
    if len(value) > length or "\\" in value or not (value.isprintable() or not value):
        raise BadInput(f"{flag} needs at most {length} printable characters, no backslash")
    return value


def _is_picture(path: Path) -> bool:
    if not path.is_file():
        raise BadInput(f"there is no file {path}")
    with path.open("rb") as file:
        start = file.read(8)
    return start.startswith(_PICTURES)


def _made_accession(paths: Sequence[Path]) -> str:
    """The same files give the same accession, so that a second import changes nothing."""
    digest = hashlib.sha256()
    for path in paths:
        if _is_picture(path):
            digest.update(path.read_bytes())
    return f"IMP-{digest.hexdigest()[:10].upper()}"


# -- DICOM passes through ----------------------------------------------------------------------
def _pass_on(path: Path, identity: _Identity) -> ImportItem:
    header = read_header(path)
    _check_stored(header, path.name)
    for stated, given, flag, keyword in (
        (header.patient_id, identity.patient_id, "--patient-id", "PatientID"),
        (header.accession, identity.accession, "--accession", "AccessionNumber"),
    ):
        if stated and given and stated != given:
            raise BadInput(f"{path.name} has another {keyword} than {flag}", hint=f"drop {flag}")
    _check_date(header, identity, path.name)
    missing = _missing(header, identity)
    if "PatientID" not in missing:
        require_identity(header, path.name)
    notes = [f"{keyword} filled in from the command" for keyword in missing]
    accession = header.accession or identity.accession
    if not accession:
        notes.append("no AccessionNumber: import with --accession to read it by number")
    data = path.read_bytes()
    if missing or data[128:132] != b"DICM":
        data = _completed(path, missing)
    elif any(data[:128]):
        # A preamble may hide a program (security facts, attack 7); it has no meaning in DICOM.
        data = bytes(128) + data[128:]
        notes.append("preamble emptied")
    return ImportItem(
        *(path, data, header.sop_uid, header.sop_class_uid, header.study_uid, accession),
        wrapped=False,
        notes=tuple(notes),
    )


def _check_stored(header: Header, name: str) -> None:
    """Refuse what a PACS would take and no query could ever read again."""
    for keyword in header.malformed:
        if keyword == "StudyDate":
            continue
        # Never mended here: a mended identifier could name somebody else.
        raise BadInput(
            f"{name} has a {keyword} with characters that do not print, or of more than 64",
            hint=f"correct the {keyword} at its source and export the file again",
        )
    named = header.meta_sop_uid
    if named and named != header.sop_uid:
        raise BadInput(
            f"{name} names two objects: SOP Instance UID {named} in its file meta group, "
            f"{header.sop_uid or 'none'} in its data set",
            hint="export it again from its source: which of the two it is cannot be known here",
        )


def _missing(header: Header, identity: _Identity) -> dict[str, str]:
    found = {}
    if not header.patient_id and identity.patient_id:
        found["PatientID"] = identity.patient_id
    if not header.accession and identity.accession:
        found["AccessionNumber"] = identity.accession
    if not header.study_date and identity.study_date:
        found["StudyDate"] = _day(identity.study_date)
    return found


def _check_date(header: Header, identity: _Identity, name: str) -> None:
    """A date that is there is never written over, nor is one that cannot be read."""
    given, stored = identity.study_date, header.study_date
    if given is None or stored == given:
        return
    if stored is not None or "StudyDate" in header.malformed:
        there = stored.isoformat() if stored else "one that cannot be read"
        raise BadInput(
            f"{name} has another StudyDate than --date: {there}",
            hint="drop --date, or correct the date at its source",
        )


def _completed(path: Path, missing: dict[str, str]) -> bytes:
    """Write the object again with what was missing; its structure was checked by read_header."""
    import warnings

    import pydicom

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = pydicom.dcmread(path, force=True)
            for keyword, value in missing.items():
                setattr(dataset, keyword, value)
            if "PatientName" not in dataset:
                dataset.PatientName = ""
            return _written(dataset)
        # pydicom raises many kinds for odd files; each means that it cannot be written again.
        except (ValueError, TypeError, KeyError, AttributeError, NotImplementedError) as error:
            raise BadInput(
                f"{path.name} cannot be completed ({type(error).__name__})",
                hint="add the missing identifiers at its source",
            ) from error


def _written(dataset: Dataset) -> bytes:
    from pydicom.dataset import FileMetaDataset

    meta = getattr(dataset, "file_meta", None) or FileMetaDataset()
    if "TransferSyntaxUID" not in meta:
        implicit, little = dataset.original_encoding
        if not little:
            raise ValueError("big endian without a meta group")
        meta.TransferSyntaxUID = "1.2.840.10008.1.2" if implicit else _EXPLICIT_LITTLE
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta = meta
    dataset.preamble = bytes(128)
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


# -- a picture becomes an object ---------------------------------------------------------------
def _wrap(
    path: Path, identity: _Identity, accession: str, number: int, limits: DecodeLimits
) -> ImportItem:
    if not identity.patient_id:
        raise BadInput(
            f"{path.name} is a picture and has no PatientID",
            hint="give the patient's identifier with --patient-id",
        )
    raw = path.read_bytes()
    pixels, _ = decode_in_child(path, {"picture": True}, limits)
    content = hashlib.sha256(raw).hexdigest()
    study_uid = _uid("study", identity.patient_id, accession)
    dataset = _dataset(identity, accession, study_uid, number)
    dataset.SOPInstanceUID = _uid("image", study_uid, content, identity.view)
    _put_pixels(dataset, pixels)
    if raw.startswith(_PICTURES[1]):
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionMethod = "ISO_10918_1"
        dataset.LossyImageCompressionRatio = f"{max(pixels.nbytes / len(raw), 1):.1f}"
    notes = () if identity.accession else (f"AccessionNumber {accession} made from the content",)
    return ImportItem(
        *(path, _written(dataset), SOPInstanceUID(dataset.SOPInstanceUID), CR_IMAGE),
        *(StudyUID(study_uid), accession),
        wrapped=True,
        notes=notes,
    )


def _uid(*parts: str) -> str:
    """A UUID-derived UID of the content, so that a second import sends the same object.

    Source: PS3.5 B.2.
    """
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=5).int}"


def _dataset(identity: _Identity, accession: str, study_uid: str, number: int) -> Dataset:
    from pydicom.dataset import Dataset, FileMetaDataset

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = _EXPLICIT_LITTLE
    values: dict[str, Any] = {
        "SpecificCharacterSet": "ISO_IR 192",
        "ImageType": ["DERIVED", "PRIMARY"],
        "SOPClassUID": CR_IMAGE,
        "StudyDate": _day(identity.study_date),
        "StudyTime": "",
        "AccessionNumber": accession,
        "Modality": "CR",
        "ConversionType": "WSD",
        "Manufacturer": "",
        "ReferringPhysicianName": "",
        "StudyDescription": identity.description or "Imported film",
        "PatientName": identity.patient_name,
        "PatientID": identity.patient_id,
        "PatientBirthDate": _day(identity.birth_date),
        "PatientSex": identity.sex,
        "BodyPartExamined": identity.body_part,
        "ViewPosition": identity.view,
        "StudyInstanceUID": study_uid,
        "SeriesInstanceUID": _uid("series", study_uid),
        "StudyID": "",
        "SeriesNumber": 1,
        "InstanceNumber": number,
        "PatientOrientation": "",
        "Laterality": "",
        "BurnedInAnnotation": "YES" if identity.burned_in else "NO",
        "PresentationLUTShape": "IDENTITY",
    }
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def _day(value: date | None) -> str:
    # Not strftime: it does not pad a year to four digits everywhere.
    return value.isoformat().replace("-", "") if value else ""


def _put_pixels(dataset: Dataset, pixels: NDArray[Any]) -> None:
    bits = pixels.dtype.itemsize * 8
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = 0
    if bits == 8:
        # A picture was made for the screen: its whole range is its window.
        dataset.WindowCenter, dataset.WindowWidth = 128, 256
    data = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
