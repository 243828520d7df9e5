"""Reports that somebody else stored as SR: their words, bounded, and nothing that bites."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset

from readingroom.domain.errors import BadInput
from readingroom.tools.reporting.sr_text import MAX_CHARACTERS, report_text_of_sr

DATA = Path(__file__).parents[3] / "shared" / "data" / "dicom"


def code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def content(kind: str, relation: str, name: str, **fields: object) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relation, kind
    item.ConceptNameCodeSequence = [code("121070", "DCM", name)]
    for keyword, value in fields.items():
        setattr(item, keyword, value)
    return item


def basic_text(path: Path, items: list[Dataset], sop_class: str = "88.11") -> Path:
    report = Dataset()
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    report.SpecificCharacterSet = "ISO_IR 192"
    report.SOPClassUID = f"1.2.840.10008.5.1.4.1.1.{sop_class}"
    report.SOPInstanceUID = "1.2.3"
    report.Modality, report.ValueType = "SR", "CONTAINER"
    report.ContentSequence = items
    report.save_as(path, enforce_file_format=True)
    return path


def test_a_basic_text_report_reads_in_order(tmp_path: Path) -> None:
    section = content("CONTAINER", "CONTAINS", "Findings")
    section.ContentSequence = [
        content("TEXT", "CONTAINS", "Finding", TextValue="8 mm nodule.\r\n右上葉結節。"),
        content("TEXT", "CONTAINS", "Finding", TextValue="\x1b[31mEffusion\x1b[0m\u202e."),
    ]
    observer = content("TEXT", "HAS OBS CONTEXT", "Observer", TextValue="Dr Secret")
    path = basic_text(tmp_path / "sr.dcm", [observer, section])
    assert report_text_of_sr(path) == "Findings:\n8 mm nodule.\n右上葉結節。\nEffusion."


def test_an_object_that_is_no_report_has_no_text(tmp_path: Path) -> None:
    text = [content("TEXT", "CONTAINS", "Finding", TextValue="x")]
    assert report_text_of_sr(basic_text(tmp_path / "ct.dcm", text, sop_class="2")) == ""


def test_a_file_that_is_not_dicom_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "x.dcm"
    path.write_text("no DICOM at all")
    with pytest.raises(BadInput):
        report_text_of_sr(path)


def test_a_very_long_report_is_cut_and_says_so(tmp_path: Path) -> None:
    items = [content("TEXT", "CONTAINS", "Finding", TextValue="x" * 60_000) for _ in range(3)]
    text = report_text_of_sr(basic_text(tmp_path / "sr.dcm", items))
    assert len(text) < MAX_CHARACTERS + 100 and text.endswith("[cut short]")


def test_nesting_that_only_an_attack_has_is_refused(tmp_path: Path) -> None:
    """Built as bytes: writing 2,000 levels through pydicom would exhaust it here already."""
    inner = b""
    for _ in range(2000):
        item = b"\xfe\xff\x00\xe0" + (len(inner)).to_bytes(4, "little") + inner
        inner = b"\x40\x00\x30\xa7SQ\x00\x00" + len(item).to_bytes(4, "little") + item
    path = basic_text(tmp_path / "sr.dcm", [])
    path.write_bytes(path.read_bytes() + inner)
    with pytest.raises(BadInput, match="not sound"):
        report_text_of_sr(path)


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")
def test_reports_of_other_makers() -> None:
    names = {path.name: path for path in DATA.rglob("*.dcm")}
    text = report_text_of_sr(names["no-pixel-data.dcm"])
    assert "78-year-old gentleman" in text
    assert "Spinal cord" in report_text_of_sr(names["sr_document.dcm"])
