"""Found, none and failed are three things, and a reader is told which one it was."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pacs_site import PATIENT, STUDY, Site, dicom, free_port, need_orthanc, open_link
from pynetdicom.dimse_primitives import C_FIND
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import Verification

from readingroom.domain.errors import BadInput, ConfigError, NotFound, Transient
from readingroom.domain.outcome import Failed, Found, Nothing
from readingroom.tools.pacs import PacsLink, PacsPeer, StudyQuery
from readingroom.tools.pacs.association import Open, open_association

pytestmark = pytest.mark.orthanc


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    need_orthanc()
    site = Site(tmp_path_factory.mktemp("queries"))
    site.load(
        dicom(1),
        dicom(1, series=f"{STUDY}.2", modality="SR", BodyPartExamined=""),
        dicom(1, study="2.25.2000", AccessionNumber="TWICE", StudyDate="20250101"),
        dicom(1, study="2.25.3000", AccessionNumber="TWICE", StudyDate="20240101"),
        dicom(1, study="2.25.4000", PatientID="tst-1", AccessionNumber="acc-1"),
    )
    yield site
    site.kill()


@pytest.fixture
def link(site: Site, tmp_path: Path) -> Iterator[PacsLink]:
    link, records = open_link(site.peer(), tmp_path / "home")
    with records, link:
        yield link


def test_the_link_is_tested_by_a_query(link: PacsLink) -> None:
    assert isinstance(link.test(), Found)


def test_found_none_and_all_levels(link: PacsLink) -> None:
    patients = link.find_patients(patient_id=PATIENT)
    assert isinstance(patients, Found)
    assert patients.items[0].name == "Müller^Jürgen"
    by_name = link.find_patients(patient_name="Müll*")
    assert isinstance(by_name, Found)
    series = link.find_series(STUDY)
    assert isinstance(series, Found)
    assert {each.modality for each in series.items} == {"CR", "SR"}
    instances = link.find_instances(STUDY)
    assert isinstance(instances, Found)
    assert {each.sop_uid for each in instances.items} == {f"{STUDY}.1.1", f"{STUDY}.2.1"}
    assert isinstance(link.find_studies(StudyQuery(patient_id="NOBODY")), Nothing)
    assert isinstance(link.find_series("2.25.9"), Nothing)


def test_another_patients_id_in_other_case_is_not_the_patient(link: PacsLink) -> None:
    mine = link.find_studies(StudyQuery(patient_id=PATIENT))
    theirs = link.find_studies(StudyQuery(patient_id="tst-1"))
    assert isinstance(mine, Found) and isinstance(theirs, Found)
    assert "2.25.4000" not in {each.study_uid for each in mine.items}
    assert {each.study_uid for each in theirs.items} == {"2.25.4000"}


def test_date_ranges(link: PacsLink) -> None:
    def uids(first: date | None, last: date | None) -> set[str]:
        found = link.find_studies(
            StudyQuery(patient_id=PATIENT, date_from=first, date_to=last, modality="CR")
        )
        return {each.study_uid for each in found.items} if isinstance(found, Found) else set()

    assert uids(date(2025, 1, 1), date(2025, 1, 1)) == {"2.25.2000"}
    assert uids(None, date(2025, 6, 1)) == {"2.25.2000", "2.25.3000"}
    assert uids(date(2025, 6, 1), None) == {STUDY}


def test_accession_names_one_study_or_says_how_many(link: PacsLink) -> None:
    study = link.find_by_accession("ACC-1")
    assert (study.study_uid, study.body_parts) == (STUDY, ("CHEST",))
    assert set(study.modalities) == {"CR", "SR"}
    with pytest.raises(NotFound, match="no study with accession NONE"):
        link.find_by_accession("NONE")
    with pytest.raises(NotFound, match="2 studies have accession TWICE") as caught:
        link.find_by_accession("TWICE")
    assert "2.25.2000" in caught.value.hint


@pytest.mark.parametrize("accession", ["*", "ACC?1", "ACC-1\\TWICE", "A\x1b[2J"])
def test_an_accession_never_asks_for_more_than_itself(link: PacsLink, accession: str) -> None:
    with pytest.raises(BadInput):
        link.find_by_accession(accession)


def test_pacs_down_is_no_empty_list(tmp_path: Path) -> None:
    port = free_port()
    link, records = open_link(PacsPeer("127.0.0.1", port, "PACS", "ME"), tmp_path / "home")
    with records, link:
        outcome = link.find_studies(StudyQuery(patient_id=PATIENT))
        assert isinstance(outcome, Failed) and outcome.retryable
        assert f"127.0.0.1:{port}" in outcome.reason
        assert isinstance(link.test(), Failed)
        with pytest.raises(Transient):
            link.find_by_accession("ACC-1")


def test_a_port_that_is_silent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        peer = PacsPeer("127.0.0.1", silent.getsockname()[1], "PACS", "ME", acse_timeout_s=0.3)
        link, records = open_link(peer, tmp_path / "home")
        with records, link:
            outcome = link.test()
    assert isinstance(outcome, Failed) and "does not answer as a PACS" in outcome.reason


def test_a_pacs_that_hangs_in_a_query_has_not_said_none(tmp_path: Path) -> None:
    need_orthanc()
    site = Site(tmp_path)
    link, records = open_link(site.peer(dimse_timeout_s=0.5, acse_timeout_s=0.5), tmp_path / "home")
    try:
        with records, link:
            assert isinstance(link.test(), Found)
            site.pause()
            outcome = link.find_studies(StudyQuery(patient_id="NOBODY"))
            assert isinstance(outcome, Failed)
            assert "did not answer the query within 0.5 s" in outcome.reason
            site.resume()
            assert isinstance(link.find_studies(StudyQuery(patient_id="NOBODY")), Nothing)
    finally:
        site.kill()


def test_a_pacs_that_was_restarted_is_reached_again(tmp_path: Path) -> None:
    need_orthanc()
    site = Site(tmp_path)
    link, records = open_link(site.peer(), tmp_path / "home")
    try:
        with records, link:
            site.load(dicom(1))
            assert isinstance(link.find_studies(StudyQuery(patient_id=PATIENT)), Found)
            site.kill()
            assert isinstance(link.find_studies(StudyQuery(patient_id=PATIENT)), Failed)
            site.start()
            assert isinstance(link.find_studies(StudyQuery(patient_id=PATIENT)), Found)
    finally:
        site.kill()


def test_an_association_that_was_idle_is_opened_anew(site: Site, tmp_path: Path) -> None:
    link, records = open_link(site.peer(idle_s=0.01), tmp_path / "home")
    with records, link:
        assert isinstance(link.test(), Found)
        assert isinstance(link.find_studies(StudyQuery(patient_id=PATIENT)), Found)


def test_no_answer_is_lost_to_pynetdicoms_own_thread(site: Site) -> None:
    """Its reactor took the first answer of a query now and then: one prior less, unseen."""
    opened = open_association(
        site.peer(), [build_context(Verification)], dimse_timeout_s=5, network_timeout_s=None
    )
    assert isinstance(opened, Open)
    try:
        answer = C_FIND()
        opened.assoc.dimse.msg_queue.put((1, answer))
        for _ in range(50):  # the reactor looks about once a millisecond
            time.sleep(0.002)
            assert opened.assoc.dimse.msg_queue.qsize() == 1
        assert opened.assoc.dimse.get_msg(block=True) == (1, answer)
    finally:
        opened.close()


def test_wrong_called_title_says_what_to_set(site: Site, tmp_path: Path) -> None:
    link, records = open_link(site.peer(called_ae="WRONG"), tmp_path / "home")
    with records, link, pytest.raises(ConfigError, match=r"is not called WRONG.*pacs\.called_ae"):
        link.test()


def test_wrong_calling_title_passes_an_echo_and_is_still_seen(site: Site, tmp_path: Path) -> None:
    link, records = open_link(site.peer(calling_ae="STRANGER"), tmp_path / "home")
    with records, link:
        assert link._dialogue.echo() is None
        with pytest.raises(ConfigError, match=r"refuses queries from STRANGER.*register"):
            link.test()
        with pytest.raises(ConfigError):
            link.find_studies(StudyQuery(patient_id=PATIENT))


def test_a_list_that_the_pacs_cuts_short_says_so(tmp_path: Path) -> None:
    need_orthanc()
    site = Site(tmp_path, LimitFindResults=2, LimitFindInstances=2)
    link, records = open_link(site.peer(), tmp_path / "home")
    try:
        with records, link:
            site.load(
                *(dicom(1, study=f"2.25.{n}", AccessionNumber=f"A{n}") for n in (11, 12, 13)),
                *(dicom(n, study="2.25.11") for n in (2, 3)),
            )
            outcome = link.find_studies(StudyQuery(patient_id=PATIENT))
            assert isinstance(outcome, Found)
            assert len(outcome.items) == 2 and outcome.cut_short
            whole = link.find_studies(StudyQuery(study_uid="2.25.12"))
            assert isinstance(whole, Found) and not whole.cut_short
            result = link.retrieve("2.25.11")
            assert result.completeness == "unknown" and "cut its list" in result.reason
            assert len(result.received) == 3
    finally:
        site.kill()


def test_too_many_rows_are_cancelled(site: Site, tmp_path: Path) -> None:
    link, records = open_link(site.peer(max_rows=1), tmp_path / "home")
    with records, link:
        outcome = link.find_studies(StudyQuery(date_from=date(2020, 1, 1)))
        assert isinstance(outcome, Found)
        again = link.find_studies(StudyQuery(accession="ACC-1"))
        assert isinstance(again, Found) and len(again.items) == 1


def test_no_worklist_falls_back_to_studies_of_the_days(link: PacsLink) -> None:
    rows = link.worklist(since=date(2026, 2, 1))
    assert isinstance(rows, Found)
    assert {(row.source, row.order.accession) for row in rows.items} >= {("studies", "ACC-1")}
    assert isinstance(link.worklist(accession="NONE"), Nothing)
