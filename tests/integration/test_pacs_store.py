"""Write-back: success is 0x0000 and found again, and the same object is not sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pacs_site import STUDY, Site, dicom, need_orthanc, open_link
from pydicom import dcmread

from readingroom.domain.errors import BadInput
from readingroom.domain.outcome import Failed, Found, Nothing
from readingroom.tools.pacs import PacsLink, StoreOutcome
from readingroom.tools.pacs.store import _judge
from readingroom.tools.pacs.verify import verify_file

pytestmark = pytest.mark.orthanc
SERIES = f"{STUDY}.1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    need_orthanc()
    site = Site(tmp_path_factory.mktemp("store"))
    yield site
    site.kill()


@pytest.fixture
def link(site: Site, tmp_path: Path) -> Iterator[PacsLink]:
    link, records = open_link(site.peer(), tmp_path / "home")
    with records, link:
        yield link


def test_stored_found_and_not_sent_again(link: PacsLink, tmp_path: Path) -> None:
    uid = f"{SERIES}.21"
    assert isinstance(link.is_stored(uid, STUDY, SERIES), Nothing)
    path = tmp_path / "object.dcm"
    path.write_bytes(dicom(21))
    (first,) = link.store(path)
    assert (first.outcome, first.status, first.ok) == (StoreOutcome.STORED, 0, True)
    assert isinstance(link.is_stored(uid, STUDY, SERIES), Found)
    (again,) = link.store(dicom(21))
    assert (again.outcome, again.status, again.ok) == (StoreOutcome.ALREADY_THERE, None, True)
    assert path.read_bytes() == dicom(21)


def test_the_pacs_has_exactly_the_bytes_of_the_data_set(site: Site, link: PacsLink) -> None:
    # A private element and an odd value: a client that decodes and encodes would change them.
    sent = dicom(22, PatientComments="  two spaces  ")
    link.store(sent)
    retrieved = link.retrieve(STUDY, series_uids=[SERIES])
    (ours,) = [each for each in retrieved.received if each.sop_uid == f"{SERIES}.22"]
    stored = link._records.artifacts.read(ours.artifact)
    assert dcmread(BytesIO(stored)).PatientComments == dcmread(BytesIO(sent)).PatientComments
    assert stored.endswith(sent[-512:])


def test_a_pacs_that_is_down_took_nothing(site: Site, tmp_path: Path) -> None:
    link, records = open_link(site.peer(port=1), tmp_path / "home")
    with records, link:
        (result,) = link.store(dicom(23))
        asked = link.is_stored(f"{SERIES}.23", STUDY, SERIES)
    assert (result.outcome, result.ok, result.retryable) == (StoreOutcome.FAILED, False, True)
    assert isinstance(asked, Failed)


@pytest.mark.parametrize("data", [b"no DICOM", dicom(24)[:-100], b""])
def test_a_broken_object_does_not_leave(link: PacsLink, data: bytes) -> None:
    with pytest.raises(BadInput):
        link.store(data)


def test_a_warning_is_not_success(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "object.dcm"
    path.write_bytes(dicom(25))
    verified = verify_file(path)
    warned = _judge(site.peer(), verified, 0xB000)
    assert (warned.outcome, warned.ok) == (StoreOutcome.WARNED, False)
    assert "0xB000" in warned.reason
    refused = _judge(site.peer(), verified, 0xA700)
    assert (refused.outcome, refused.retryable) == (StoreOutcome.FAILED, True)
    silent = _judge(site.peer(), verified, None)
    assert (silent.outcome, silent.retryable) == (StoreOutcome.FAILED, True)
