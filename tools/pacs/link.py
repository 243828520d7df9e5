"""The PACS link: all that the rest of Reading Room asks of a PACS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from readingroom.domain.errors import NotFound, Transient
from readingroom.domain.ids import SeriesUID, SOPInstanceUID, StudyUID, check_uid
from readingroom.domain.outcome import Failed, Found, Nothing, Outcome, Retrieval
from readingroom.domain.study import InstanceRef, PatientRef, SeriesRef, StudyRef
from readingroom.tools.pacs import query, rows
from readingroom.tools.pacs.dialogue import PATIENT_ROOT, STUDY_ROOT, WORKLIST, Dialogue
from readingroom.tools.pacs.peer import PacsPeer
from readingroom.tools.pacs.query import StudyQuery
from readingroom.tools.pacs.receiver import ChildReceiver, ReceiverFactory
from readingroom.tools.pacs.retrieve import Progress, Retriever
from readingroom.tools.pacs.store import StoreResult, store_object
from readingroom.tools.pacs.worklist import (
    WorklistItem,
    completed,
    study_row,
    worklist_identifier,
    worklist_row,
)

if TYPE_CHECKING:
    from readingroom.records import Records

T = TypeVar("T")

# A UID that nobody has: the query must be answered, and with nothing.
_NOBODY = "2.25.1"
_RECENT_DAYS = 7


class PacsLink:
    """A link to one PACS. Opens its association on first use; close it, or use `with`.

    Nothing here raises because the network or the PACS is down: the outcome says so. A wrong AE
    title raises ConfigError, for no later attempt can help.

    Args:
        peer: who, where and how long to wait.
        records: where received instances are filed and noted.
        receiver: makes the Storage SCP; ours by default.
    """

    def __init__(
        self, peer: PacsPeer, records: Records, *, receiver: ReceiverFactory = ChildReceiver
    ) -> None:
        self.peer = peer
        self._records = records
        self._receiver = receiver
        self._dialogue = Dialogue(peer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the association; the link opens a new one when it is used again."""
        self._dialogue.close()

    @property
    def dropped_rows(self) -> int:
        """Answers that were not used because an identifier in them is not valid."""
        return self._dialogue.dropped_rows

    # -- queries -------------------------------------------------------------------------------
    def test(self) -> Found[str] | Failed:
        """Whether the PACS answers our queries; a C-ECHO alone does not tell.

        Raises:
            ConfigError: an AE title is wrong.
        """
        failed = self._dialogue.echo()
        if failed is not None:
            return failed
        outcome = self.find_studies(StudyQuery(study_uid=_NOBODY))
        if isinstance(outcome, Failed):
            return outcome
        return Found((f"{self.peer.where} answers queries",))

    def find_patients(self, patient_id: str = "", patient_name: str = "") -> Outcome[PatientRef]:
        """Patients by exact identifier or by a name pattern.

        Raises:
            BadInput: no key, or one with wildcards where none are allowed.
            ConfigError: an AE title is wrong.
        """
        identifier = query.patient_identifier(patient_id, patient_name)
        outcome = self._dialogue.find(identifier, PATIENT_ROOT, rows.patient)
        return _keep(outcome, lambda row: not patient_id or row.patient_id == patient_id)

    def find_studies(self, study_query: StudyQuery) -> Outcome[StudyRef]:
        """Studies. Identifiers are compared again here: a peer may ignore a key or its case.

        Raises:
            ConfigError: an AE title is wrong.
        """
        identifier = query.study_identifier(study_query)
        outcome = self._dialogue.find(identifier, STUDY_ROOT, rows.study)
        return _keep(outcome, lambda study: _matches(study, study_query))

    def find_series(self, study_uid: StudyUID) -> Outcome[SeriesRef]:
        """Series of a study.

        Raises:
            BadInput: not a UID.
            ConfigError: an AE title is wrong.
        """
        identifier = query.series_identifier(study_uid)
        outcome = self._dialogue.find(identifier, STUDY_ROOT, rows.series)
        return _keep(outcome, lambda series: series.study_uid == study_uid)

    def find_instances(
        self, study_uid: StudyUID, series_uid: SeriesUID | None = None
    ) -> Outcome[InstanceRef]:
        """Instances of a series, or of all series of a study; Failed when any query failed.

        Raises:
            BadInput: not a UID.
            ConfigError: an AE title is wrong.
        """
        if series_uid is None:
            series = self.find_series(study_uid)
            if not isinstance(series, Found):
                return series
            return self._instances(study_uid, (s.series_uid for s in series.items), series)
        return self._instances(study_uid, (series_uid,))

    def find_by_accession(self, accession: str) -> StudyRef:
        """The one study with an accession number, with the body parts of its series.

        Raises:
            BadInput: wildcards or control characters in the number.
            NotFound: no study has it, or more than one.
            Transient: the PACS did not answer.
            ConfigError: an AE title is wrong.
        """
        if not accession.strip():
            raise NotFound(
                "no accession number was given", hint="`readingroom worklist` lists them"
            )
        outcome = self.find_studies(StudyQuery(accession=accession))
        if isinstance(outcome, Failed):
            raise Transient(outcome.reason, hint="`readingroom doctor` tests the link")
        if isinstance(outcome, Nothing):
            raise NotFound(
                f"no study with accession {accession} at the PACS {self.peer.called_ae}",
                hint="check the number, or run `readingroom worklist`",
            )
        if len(outcome.items) > 1 or outcome.cut_short:
            raise NotFound(
                f"{len(outcome.items)} studies have accession {accession} at the PACS "
                f"{self.peer.called_ae}",
                hint="name the one by its study UID: "
                + " or ".join(study.study_uid for study in outcome.items[:5]),
            )
        return self._described(outcome.items[0])

    def find_by_number(self, said: str) -> StudyRef:
        """The study that people mean by an accession number or by the last digits of one.

        Digits alone are looked for as they are first, then at the end of the numbers on the
        work list.

        Raises:
            BadInput: wildcards or control characters in the number.
            NotFound: no study, or more than one.
            Transient: the PACS did not answer.
            ConfigError: an AE title is wrong.
        """
        try:
            return self.find_by_accession(said)
        except NotFound:
            listed = self.worklist() if said.strip().isdigit() else None
            items = listed.items if isinstance(listed, Found) else ()
            whole = completed(said.strip(), (item.order.accession for item in items))
            if not whole:
                raise
            return self.find_by_accession(whole)

    def find_by_uid(self, study_uid: str) -> StudyRef:
        """The study with a UID, with the body parts of its series.

        Raises:
            BadInput: not a UID.
            NotFound: no study has it.
            Transient: the PACS did not answer.
            ConfigError: an AE title is wrong.
        """
        outcome = self.find_studies(StudyQuery(study_uid=study_uid))
        if isinstance(outcome, Failed):
            raise Transient(outcome.reason, hint="`readingroom doctor` tests the link")
        if isinstance(outcome, Nothing):
            raise NotFound(
                f"no study with UID {study_uid} at the PACS {self.peer.called_ae}",
                hint="check it, or run `readingroom worklist`",
            )
        return self._described(outcome.items[0])

    def worklist(
        self,
        *,
        accession: str = "",
        modality: str = "",
        since: date | None = None,
        until: date | None = None,
    ) -> Outcome[WorklistItem]:
        """The modality worklist; where the PACS has none, or an empty one, studies by date.

        Args:
            accession: only this order.
            modality: only this modality.
            since: first day; for the fallback, a week ago when it is not given.
            until: last day.

        Raises:
            BadInput: wildcards or control characters in a key.
            ConfigError: an AE title is wrong.
        """
        identifier = worklist_identifier(accession, modality, since, until)
        outcome = self._dialogue.find(identifier, WORKLIST, worklist_row)
        scheduled = _keep(outcome, lambda row: accession in ("", row.order.accession))
        if isinstance(scheduled, Found):
            return scheduled
        if isinstance(scheduled, Failed) and scheduled.retryable:
            return scheduled
        first = since or datetime.now(UTC).date() - timedelta(days=_RECENT_DAYS)
        by_date = StudyQuery(
            accession=accession,
            date_from=None if accession else first,
            date_to=until,
            modality=modality,
        )
        studies = self.find_studies(by_date)
        if not isinstance(studies, Found):
            return studies
        return Found(tuple(map(study_row, studies.items)), studies.cut_short)

    # -- transfer ------------------------------------------------------------------------------
    def retrieve(
        self,
        study_uid: StudyUID,
        *,
        series_uids: Iterable[SeriesUID] | None = None,
        progress: Progress | None = None,
    ) -> Retrieval:
        """Fetch a study, or some series of it, by C-MOVE to our own Storage SCP.

        What is on disk already is not fetched again, whatever ended the run that fetched it.

        Args:
            study_uid: the study.
            series_uids: only these series; None for all.
            progress: called with (instances here, instances in all); may raise to cancel.

        Returns:
            COMPLETE; PARTIAL with what is missing; UNKNOWN when the PACS could not be asked, its
            list was cut short, or nothing came. The reason is in words for both.

        Raises:
            BadInput: not a UID.
            ConfigError: an AE title is wrong, or our port cannot be used.
        """
        check_uid(study_uid, "StudyInstanceUID")
        wanted = None if series_uids is None else tuple(series_uids)
        listing = (
            self.find_instances(study_uid) if wanted is None else self._instances(study_uid, wanted)
        )
        retriever = Retriever(self.peer, self._records, self._receiver, study_uid, wanted, progress)
        return retriever.run(listing)

    def store(self, *objects: Path | bytes) -> tuple[StoreResult, ...]:
        """Store objects by C-STORE, each as it is; one that is there already is not sent.

        Raises:
            BadInput: one is not a usable DICOM object; those before it were stored.
            ConfigError: an AE title is wrong.
        """
        folder = self._records.home / "incoming"
        return tuple(store_object(self.peer, each, folder, self.is_stored) for each in objects)

    def is_stored(
        self, sop_uid: SOPInstanceUID, study_uid: StudyUID, series_uid: SeriesUID
    ) -> Outcome[InstanceRef]:
        """Whether the PACS has an instance, asked at IMAGE level. Failed is not "no".

        Raises:
            BadInput: not a UID.
            ConfigError: an AE title is wrong.
        """
        identifier = query.image_identifier(study_uid, series_uid, sop_uid)
        outcome = self._dialogue.find(identifier, STUDY_ROOT, rows.instance)
        return _keep(outcome, lambda row: row.sop_uid == sop_uid)

    # -- helpers -------------------------------------------------------------------------------
    def _instances(
        self,
        study_uid: StudyUID,
        series_uids: Iterable[SeriesUID],
        series: Found[SeriesRef] | None = None,
    ) -> Outcome[InstanceRef]:
        found: list[InstanceRef] = []
        cut_short = series is not None and series.cut_short
        for series_uid in series_uids:
            identifier = query.image_identifier(study_uid, series_uid)
            outcome = self._dialogue.find(identifier, STUDY_ROOT, rows.instance)
            if isinstance(outcome, Failed):
                return outcome
            if isinstance(outcome, Found):
                found += [each for each in outcome.items if each.study_uid == study_uid]
                cut_short |= outcome.cut_short
        return Found(tuple(found), cut_short) if found else Nothing()

    def _described(self, study: StudyRef) -> StudyRef:
        """The study with body parts and modalities, which only its series tell."""
        series = self.find_series(study.study_uid)
        if isinstance(series, Failed):
            raise Transient(series.reason, hint="`readingroom doctor` tests the link")
        return study if isinstance(series, Nothing) else with_series(study, series.items)


def with_series(study: StudyRef, series: Iterable[SeriesRef]) -> StudyRef:
    """A study with the body parts and modalities of its series."""
    members = tuple(series)
    parts = dict.fromkeys(each.body_part for each in members if each.body_part)
    modalities = dict.fromkeys(
        (*study.modalities, *(each.modality for each in members if each.modality))
    )
    return replace(study, body_parts=tuple(parts), modalities=tuple(modalities))


def _matches(study: StudyRef, asked: StudyQuery) -> bool:
    pairs = (
        (asked.patient_id, study.patient.patient_id),
        (asked.accession, study.accession),
        (asked.study_uid, study.study_uid),
    )
    return all(not wanted or wanted == has for wanted, has in pairs)


def _keep(outcome: Outcome[T], wanted: Callable[[T], bool]) -> Outcome[T]:
    """Drop rows that were not asked for. When none is left, there is no match."""
    if not isinstance(outcome, Found):
        return outcome
    kept = tuple(filter(wanted, outcome.items))
    if kept:
        return Found(kept, outcome.cut_short)
    if outcome.cut_short:
        return Failed("the PACS cut its answer short, and what was asked for is not in it")
    return Nothing()
