"""Reports that exist only as HL7: found for their own study, never for another's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from readingroom.domain.errors import BadInput, ConfigError
from readingroom.domain.study import PatientRef, ReportSource, StudyRef
from readingroom.tools.ris import OruFolder
from readingroom.tools.ris.hl7_text import decode, read_messages, unescape

UID = "2.25.42"
STUDY = StudyRef(UID, PatientRef("P1"), "ACC-1", date(2026, 3, 1))


def oru(
    *,
    lines: tuple[str, ...] = ("FINDINGS", "No effusion."),
    accession: str = "ACC-1",
    field: int = 3,
    patient: str = "P1",
    uid: str = UID,
    control: str = "M1",
    status: str = "F",
    when: str = "20260302100000",
    charset: str = "UNICODE UTF-8",
    version: str = "2.5.1",
    kind: str = "ORU^R01^ORU_R01",
) -> str:
    obr = {1: "1", field: accession, 4: "CXR^Chest^L", 22: when, 25: status}
    segments = [
        f"MSH|^~\\&|RIS|H|RR|RR|{when}||{kind}|{control}|P|{version}||||||{charset}",
        f"PID|1||{patient}^^^SITE^MR||Müller^Jürgen",
        "ZXX|kept|as it is",
        "OBR|" + "|".join(obr.get(index, "") for index in range(1, 26)),
        *(f"OBX|{n}|TX|18748-4^Report^LN||{text}||||||F" for n, text in enumerate(lines, 1)),
    ]
    if uid:
        segments.append(f"ZDS|{uid}^RIS^Application^DICOM")
    return "\r".join(segments) + "\r"


def folder(path: Path, *messages: str | bytes) -> OruFolder:
    for number, message in enumerate(messages):
        data = message if isinstance(message, bytes) else message.encode()
        (path / f"m{number}.hl7").write_bytes(data)
    return OruFolder(path)


def test_a_report_is_found(tmp_path: Path) -> None:
    report = folder(tmp_path, oru()).report_of(STUDY)
    assert report is not None
    assert report.text == "FINDINGS\nNo effusion."
    assert (report.source, report.message_control_id) == (ReportSource.ORU, "M1")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks(tmp_path: Path, end: str, mark: bytes) -> None:
    data = mark + oru().replace("\r", end).encode()
    assert folder(tmp_path, data).report_of(STUDY) is not None


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("8859/1", "latin-1"), ("UNICODE UTF-8", "utf-8"), ("", "utf-8"), ("", "latin-1")],
)
def test_character_sets(tmp_path: Path, charset: str, codec: str) -> None:
    message = oru(lines=("Größe unverändert",), charset=charset)
    report = folder(tmp_path, message.encode(codec)).report_of(STUDY)
    assert report is not None and report.text == "Größe unverändert"


def test_utf_16_and_frames() -> None:
    assert decode(oru().encode("utf-16")).startswith("MSH")
    (message,) = read_messages(b"\x0b" + oru().encode() + b"\x1c\r")
    assert [segment.name for segment in getattr(message, "segments", ())][2] == "ZXX"


@pytest.mark.parametrize("field", [3, 18, 2])
def test_the_accession_may_stand_in_several_fields(tmp_path: Path, field: int) -> None:
    assert folder(tmp_path, oru(field=field, uid="")).report_of(STUDY) is not None


@pytest.mark.parametrize("version", ["2.9", "", "2.3", "2.5.1"])
def test_versions(tmp_path: Path, version: str) -> None:
    assert folder(tmp_path, oru(version=version)).report_of(STUDY) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"patient": "P2"},
        {"patient": "P2", "uid": ""},
        {"uid": "2.25.43"},
        {"field": 18, "accession": "ACC-2"},
        {"patient": "", "uid": ""},
    ],
)
def test_a_report_that_may_be_anothers_is_not_given_out(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    reports = folder(tmp_path, oru(**changed))  # type: ignore[arg-type]
    assert reports.report_of(STUDY) is None
    assert reports.counts().mismatched == 1
    assert "do not match" in reports.counts().line()


def test_the_newest_counts_and_a_void_one_voids(tmp_path: Path) -> None:
    old = oru(lines=("Old.",), when="20260302100000")
    new = oru(lines=("Corrected.",), when="20260303100000", status="C", control="M2")
    reports = folder(tmp_path, new, old)
    report = reports.report_of(STUDY)
    assert report is not None and report.text == "Corrected."
    void = oru(lines=("Wrong patient.",), when="20260304100000", status="X", control="M3")
    (tmp_path / "later.hl7").write_text(void)
    assert reports.report_of(STUDY) is None


def test_broken_files_are_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    reports = folder(
        tmp_path,
        oru(),
        b"",
        b"%PDF-1.4 no message",
        oru(charset="KLINGON"),
        "MSH|^~\\&",
        oru(control=""),
        oru(kind="ADT^A08"),
        oru().encode("latin-1"),
    )
    assert reports.report_of(STUDY) is not None
    counts = reports.counts()
    assert len(counts.broken) == 6
    assert (counts.reports, counts.other) == (1, 1)
    assert "6 could not be read" in counts.line()


def test_two_messages_in_one_file_and_values_over_lines(tmp_path: Path) -> None:
    other = oru(accession="ACC-9", uid="2.25.9", control="M9")
    both = oru(lines=("First line\nsecond line",)).replace("\r", "\n") + other.replace("\r", "\n")
    report = folder(tmp_path, both).report_of(STUDY)
    assert report is not None and report.text == "First line\nsecond line"


def test_text_has_no_power(tmp_path: Path) -> None:
    hostile = "A \\T\\ B\\.br\\next \\X1B\\[31mred\\F\\ \\H\\bold\\N\\ a^b & c"
    report = folder(tmp_path, oru(lines=(hostile,))).report_of(STUDY)
    assert report is not None
    assert report.text == "A & B\nnext red| bold a^b & c"
    assert unescape("\\E\\.br\\E\\") == "\\.br\\"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="folder of HL7 reports"):
        OruFolder(tmp_path / "none").report_of(STUDY)


def test_no_message_at_all() -> None:
    with pytest.raises(BadInput):
        read_messages(b"hello")


def test_real_messages_are_read_or_counted(shared_data: Path) -> None:
    counts = [OruFolder(each).counts() for each in sorted((shared_data / "hl7").iterdir())]
    assert sum(each.messages for each in counts) > 100
    assert sum(each.reports for each in counts) >= 3
    assert all(broken.reason for each in counts for broken in each.broken)
