"""Priors that a reader would want, and why; the knee stays away, and a failure is not "none"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pacs_site import open_link, peer_of

from readingroom.domain.outcome import Failed, Found, Nothing
from readingroom.domain.study import ReportSource
from readingroom.sandbox_pacs.patients.table import by_scenario
from readingroom.sandbox_pacs.state import SandboxState
from readingroom.tools.pacs import PacsLink, find_priors
from readingroom.tools.ris import OruFolder


@pytest.fixture
def link(sandbox_state: SandboxState, tmp_path: Path) -> Iterator[PacsLink]:
    link, records = open_link(peer_of(sandbox_state), tmp_path / "home")
    with records, link:
        yield link


def test_chest_priors_newest_first_with_reasons(
    link: PacsLink, sandbox_state: SandboxState
) -> None:
    patient = by_scenario("effusion_larger")
    current = link.find_by_accession(patient.current.accession)
    reports = OruFolder(Path(sandbox_state.oru_dir))
    outcome = find_priors(link, current, reports.report_of)
    assert isinstance(outcome, Found)
    found = [(prior.label, prior.study.accession) for prior in outcome.items]
    assert found == [("P1", "CR-20544"), ("P2", "CR-20102"), ("P3", "CR-17755")]
    assert [prior.reason for prior in outcome.items] == [
        "same patient, chest radiograph, 2 months earlier; report (SR) in the PACS",
        "same patient, chest radiograph, 9 months earlier",
        "same patient, chest radiograph, 4 years earlier",
    ]
    oru = outcome.items[1].report
    assert oru is not None and oru.source is ReportSource.ORU
    assert "IMPRESSION" in oru.text and oru.message_control_id


def test_a_ct_counts(link: PacsLink) -> None:
    current = link.find_by_accession(by_scenario("ct_prior").current.accession)
    outcome = find_priors(link, current)
    assert isinstance(outcome, Found)
    assert "CT" in {prior.kind for prior in outcome.items}


def test_no_priors_is_nothing(link: PacsLink) -> None:
    current = link.find_by_accession(by_scenario("no_priors").current.accession)
    assert isinstance(find_priors(link, current), Nothing)


def test_another_issuers_patient_is_another_patient(link: PacsLink) -> None:
    current = link.find_by_accession(by_scenario("normal").current.accession)
    elsewhere = replace(current, patient=replace(current.patient, issuer="ELSEWHERE"))
    assert isinstance(find_priors(link, elsewhere), Nothing)


def test_what_cannot_be_asked_is_failed(link: PacsLink) -> None:
    current = link.find_by_accession(by_scenario("normal").current.accession)
    for broken in (
        replace(current, study_date=None),
        replace(current, patient=replace(current.patient, patient_id="")),
        replace(current, patient=replace(current.patient, patient_id="SBX*")),
    ):
        assert isinstance(find_priors(link, broken), Failed)


def test_the_worklist_has_the_orders(link: PacsLink) -> None:
    order = by_scenario("effusion_larger").current
    rows = link.worklist(accession=order.accession)
    assert isinstance(rows, Found)
    (row,) = rows.items
    assert (row.source, row.order.indication) == ("worklist", order.indication)
    assert row.study_uid == order.study_uid
    assert row.scheduled_date == order.when.date()
    everyone = link.worklist()
    assert isinstance(everyone, Found) and len(everyone.items) > 5
