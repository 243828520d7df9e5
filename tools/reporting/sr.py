"""Build the signed report as a DICOM SR object (TID 1500), once, byte for byte repeatable."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readingroom.domain.claim import Draft
from readingroom.domain.errors import BadInput, Conflict, SafetyStop
from readingroom.domain.finding import Code
from readingroom.domain.text import clean_text
from readingroom.records import Approval
from readingroom.tools.reporting.facts import CaseFacts
from readingroom.tools.reporting.sr_content import (
    CODING_SCHEME,
    PROCEDURE,
    concept,
    groups,
    text_sections,
)
from readingroom.tools.reporting.sr_source import (
    derived_uid,
    local_time,
    person_name,
    read_source,
    series_uid,
    sr_uid,
)

if TYPE_CHECKING:
    from pydicom import Dataset

MANUFACTURER = "Reading Room"
MODEL_NAME = "readingroom (research software)"
SERIES_NUMBER = 9900
_LANGUAGES = {"en": "English", "de": "German"}

__all__ = ["build_sr", "sr_uid"]


def build_sr(
    draft: Draft,
    approval: Approval,
    facts: CaseFacts,
    sources: Sequence[Path],
    *,
    prior_sources: Sequence[Path] = (),
    organization: str = "not stated",
) -> bytes:
    """Encode a signed draft as a Comprehensive SR, complete, final and verified by its signer.

    The same draft, signature and films give the same bytes, on any machine and in any time
    zone. Names and text of the films' headers are written in UTF-8.

    Args:
        draft: exactly what was signed.
        approval: signed; its hash must be the draft's.
        facts: the case, for the study that the films must belong to.
        sources: files of the film or films that were read; the first gives the identity.
        prior_sources: films of priors that the text compares with.
        organization: of the signer.

    Raises:
        SafetyStop: not signed, or a film of another study or patient.
        Conflict: what was signed is not this draft.
        BadInput: no film, or one that cannot be read; no finding to encode.

    Source: PS3.16 TID 1500; PS3.3 A.35.3 (Comprehensive SR).
    """
    _check_signed(draft, approval)
    films = [read_source(path) for path in sources]
    if not films:
        raise BadInput("a report needs the film that it reports on")
    _check_identity(films, facts)
    priors = [read_source(path) for path in prior_sources]
    if any(prior.PatientID != films[0].PatientID for prior in priors):
        raise SafetyStop("a prior of another patient cannot be cited in this report")
    with warnings.catch_warnings():
        # A patient's name without "^" is the archive's business; it is copied as it is.
        warnings.filterwarnings("ignore", message=".*person name.*")
        report = _report(draft, approval, films, priors, organization)
    return _encoded(report)


def _check_signed(draft: Draft, approval: Approval) -> None:
    if approval.status != "signed" or approval.decided_at is None or not approval.decided_by:
        raise SafetyStop("this report is not signed", hint="a person signs it first")
    if approval.content_sha256 != draft.sha256() or approval.case_id != draft.case_id:
        raise Conflict("the draft is not what was signed", hint="show it and sign again")


def _check_identity(films: Sequence[Dataset], facts: CaseFacts) -> None:
    for film in films:
        if film.StudyInstanceUID != facts.study.study_uid:
            raise SafetyStop("the film belongs to another study than the report")
        if film.PatientID != clean_text(facts.study.patient.patient_id):
            raise SafetyStop("the film belongs to another patient than the report")


def _report(
    draft: Draft,
    approval: Approval,
    films: list[Dataset],
    priors: list[Dataset],
    organization: str,
) -> Dataset:
    from highdicom.sr import ComprehensiveSR

    moment = local_time(float(approval.decided_at or 0), films[0])
    day, clock = moment.strftime("%Y%m%d"), moment.strftime("%H%M%S")
    signer = person_name(approval.decided_by)
    report: Dataset = ComprehensiveSR(
        evidence=[*films, *priors],
        content=_content(draft, films, signer),
        series_instance_uid=series_uid(draft.case_id),
        series_number=SERIES_NUMBER,
        sop_instance_uid=sr_uid(draft.case_id, draft.version, draft.sha256()),
        instance_number=draft.version,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MODEL_NAME,
        software_versions=version("readingroom"),
        is_complete=True,
        is_final=True,
        is_verified=True,
        verifying_observer_name=signer,
        verifying_organization=organization,
        series_description="Report, signed",
        content_date=day,
        content_time=clock,
        series_date=day,
        series_time=clock,
        specific_character_set="ISO_IR 192",
        coding_schemes=_coding_schemes(),
    )
    # highdicom stamps these with the clock of this machine; the signature's moment counts.
    report.InstanceCreationDate, report.InstanceCreationTime = day, clock
    verified = report.VerifyingObserverSequence[0]
    verified.VerificationDateTime = moment.strftime("%Y%m%d%H%M%S%z")
    report.ContributingEquipmentSequence = _equipment(draft)
    for keyword in ("IssuerOfPatientID", "TimezoneOffsetFromUTC"):
        if keyword in films[0]:
            setattr(report, keyword, films[0].get(keyword))
    return report


def _content(draft: Draft, films: list[Dataset], signer: str) -> Any:
    from highdicom.sr import (
        DeviceObserverIdentifyingAttributes,
        LanguageOfContentItemAndDescendants,
        MeasurementReport,
        ObservationContext,
        ObserverContext,
        PersonObserverIdentifyingAttributes,
    )
    from pydicom.sr.codedict import codes

    device = DeviceObserverIdentifyingAttributes(
        uid=derived_uid("device"),
        name=MANUFACTURER,
        manufacturer_name=MANUFACTURER,
        model_name=MODEL_NAME,
    )
    context = ObservationContext(
        observer_person_context=ObserverContext(
            codes.DCM.Person, PersonObserverIdentifyingAttributes(name=signer)
        ),
        observer_device_context=ObserverContext(codes.DCM.Device, device),
    )
    language = Code(draft.language, "RFC5646", _LANGUAGES.get(draft.language, draft.language))
    report = MeasurementReport(
        observation_context=context,
        procedure_reported=concept(PROCEDURE),
        imaging_measurements=groups(draft, films),
        title=codes.DCM.ImagingMeasurementReport,
        language_of_content_item_and_descendants=LanguageOfContentItemAndDescendants(
            concept(language)
        ),
    )
    root = report[0]
    for section in text_sections(draft):
        root.ContentSequence.append(section)
    return root


def _coding_schemes() -> list[Any]:
    from highdicom.coding_schemes import CodingSchemeIdentificationItem

    return [
        CodingSchemeIdentificationItem(designator=CODING_SCHEME, name="Reading Room local codes")
    ]


def _equipment(draft: Draft) -> list[Dataset]:
    """Says that an algorithm took part, and the hash of exactly what was signed."""
    from pydicom import Dataset

    purpose = Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator = "109102", "DCM"
    purpose.CodeMeaning = "Processing Equipment"
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [purpose]
    item.Manufacturer = MANUFACTURER
    item.ManufacturerModelName = MODEL_NAME
    item.SoftwareVersions = version("readingroom")
    item.ContributionDescription = (
        f"Draft by software, signed by a person; content sha256 {draft.sha256()}. "
        "Research software, not a medical device."
    )
    return [item]


def _encoded(report: Dataset) -> bytes:
    import pydicom

    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, report, enforce_file_format=True)
    return buffer.getvalue()
