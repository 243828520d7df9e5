"""The order message: what a RIS link reads from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from readingroom.sandbox_pacs.patients.cohort import cohort
from readingroom.sandbox_pacs.patients.orders import order_orm
from readingroom.sandbox_pacs.patients.people import Patient, Study
from readingroom.sandbox_pacs.patients.reports import hl7_names, hl7_person
from readingroom.sandbox_pacs.patients.table import PATIENTS, by_scenario


def _segments(message: bytes) -> dict[str, list[str]]:
    lines = message.decode("utf-8").removesuffix("\r").split("\r")
    return {line[:3]: line.split("|") for line in lines}


def test_an_order_tells_who_what_when_and_why() -> None:
    patient = by_scenario("nodule_new")
    told = _segments(order_orm(patient, patient.current))
    assert list(told) == ["MSH", "PID", "PV1", "ORC", "OBR", "ZDS"]
    assert told["MSH"][8:9] == ["ORM^O01^ORM_O01"]
    assert told["MSH"][17] == "UNICODE UTF-8"
    assert told["PID"][3] == "SBX-0032^^^SANDBOX^MR"
    assert told["PID"][7:9] == ["19570903", "M"]
    assert told["ORC"][1] == "NW"
    assert told["OBR"][3] == told["OBR"][18] == "CR-20932"
    assert told["OBR"][4] == "XRCHEST^XR CHEST PA^L"
    assert told["OBR"][31] == "^Haemoptysis. Smoker, 40 pack years."
    assert told["OBR"][5] == "A", "high priority"
    assert told["ZDS"][1].startswith(patient.current.study_uid)


def test_names_keep_their_scripts() -> None:
    patient = by_scenario("nodule_new")
    name = _segments(order_orm(patient, patient.current))["PID"][5]
    assert [group.split("^")[:2] for group in name.split("~")] == [
        ["Yamada", "Tarou"],
        ["山田", "太郎"],
        ["やまだ", "たろう"],
    ]
    assert [group.split("^")[7] for group in name.split("~")] == ["A", "I", "P"]


def test_prefix_and_suffix_change_places() -> None:
    """PN has the prefix first, XPN the suffix: a 'Jr. Smith' would be nobody's patient."""
    assert hl7_names("Smith^John^Q^Dr.^Jr.") == "Smith^John^Q^Jr.^Dr."
    assert hl7_person("Smith^John^^Dr.") == "^Smith^John^^^Dr."


def test_nothing_written_into_a_field_starts_a_segment() -> None:
    patient = Patient(
        "hostile",
        "1|2",
        "O'Ne|il^Ann~e",
        date(1980, 1, 1),
        "F",
        1_000_999,
        Study(
            "A^1",
            datetime.fromisoformat("2026-01-01T10:00:00"),
            "X",
            indication="cough\rOBR|9|^&\\",
        ),
    )
    told = _segments(order_orm(patient, patient.current))
    assert list(told) == ["MSH", "PID", "PV1", "ORC", "OBR", "ZDS"]
    assert told["PID"][3] == "1\\F\\2^^^SANDBOX^MR"
    assert told["OBR"][31] == "^coughOBR\\F\\9\\F\\\\S\\\\T\\\\E\\"


@pytest.mark.parametrize("priority", ["STAT", "HIGH", "ROUTINE", "LOW"])
def test_an_order_is_placed_before_the_film(priority: str) -> None:
    patient = by_scenario("normal")
    study = replace(patient.current, priority=priority)
    told = _segments(order_orm(patient, study))
    assert told["ORC"][9] < study.when.strftime("%Y%m%d%H%M%S")
    assert told["OBR"][6] == told["ORC"][9] == told["MSH"][6]


def test_hl7apy_reads_every_name_and_reason_as_it_was_meant() -> None:
    """An independent parser; escapes are undone here, since hl7apy leaves them."""
    from hl7apy.parser import parse_message

    codes = {"\\F\\": "|", "\\S\\": "^", "\\T\\": "&", "\\R\\": "~", "\\E\\": "\\"}
    for patient in (*PATIENTS[:3], *cohort(12, 5, "dev")):
        message = parse_message(
            order_orm(patient, patient.current).decode("utf-8"), find_groups=False
        )
        reason = message.obr.obr_31.obr_31_2.value
        identifier = message.pid.pid_3[0].pid_3_1.value
        for escape, char in codes.items():
            reason, identifier = reason.replace(escape, char), identifier.replace(escape, char)
        assert reason == patient.current.indication
        assert identifier == patient.patient_id
        family = patient.name.split("=")[0].split("^")[0]
        assert message.pid.pid_5[0].pid_5_1.value == family
        assert message.orc.orc_1.value == "NW"
