"""A retrieval is complete, partial or unknown, and nothing is fetched twice, kill -9 included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pacs_site import STUDY, Site, dicom, free_port, need_orthanc, open_link

from readingroom.domain.errors import ConfigError
from readingroom.domain.outcome import Completeness
from readingroom.records import Records
from readingroom.tools.pacs import PacsLink, PacsPeer
from readingroom.tools.pacs.receiver import ChildReceiver, ReceiverSettings

pytestmark = pytest.mark.orthanc

MANY = 120


def many(size: int = 360) -> list[bytes]:
    """Large enough that a kill lands in the middle: 120 objects of 260 kB."""
    return [dicom(number, size=size) for number in range(1, MANY + 1)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    need_orthanc()
    site = Site(tmp_path)
    yield site
    site.kill()


@pytest.fixture
def link(site: Site, tmp_path: Path) -> Iterator[PacsLink]:
    link, records = open_link(site.peer(), tmp_path / "home")
    with records, link:
        yield link


def test_complete_then_nothing_again(site: Site, link: PacsLink, tmp_path: Path) -> None:
    site.load(*(dicom(n) for n in (1, 2, 3)))
    seen: list[tuple[int, int]] = []
    first = link.retrieve(STUDY, progress=lambda done, total: seen.append((done, total)))
    assert (first.completeness, first.transferred) == (Completeness.COMPLETE, 3)
    assert (seen[0], seen[-1]) == ((0, 3), (3, 3))
    again = link.retrieve(STUDY)
    assert (again.completeness, again.transferred) == (Completeness.COMPLETE, 0)
    assert again.received == first.received
    site.load(dicom(4))
    more = link.retrieve(STUDY)
    assert (more.completeness, more.transferred, len(more.received)) == ("complete", 1, 4)
    assert not list((tmp_path / "home" / "incoming").rglob("*.dcm"))


def test_only_the_report_of_a_study(site: Site, link: PacsLink) -> None:
    report = f"{STUDY}.2"
    site.load(dicom(1), dicom(2), dicom(1, series=report, modality="SR"))
    result = link.retrieve(STUDY, series_uids=[report])
    assert result.completeness is Completeness.COMPLETE
    assert [each.modality for each in result.received] == ["SR"]
    whole = link.retrieve(STUDY)
    assert (whole.transferred, len(whole.received)) == (2, 3)


def test_an_artifact_that_is_gone_is_fetched_again(
    site: Site, link: PacsLink, tmp_path: Path
) -> None:
    site.load(dicom(1), dicom(2))
    first = link.retrieve(STUDY)
    with Records.open(tmp_path / "home") as records:
        records.artifacts.path(first.received[0].artifact).unlink()
    again = link.retrieve(STUDY)
    assert (again.completeness, again.transferred) == (Completeness.COMPLETE, 1)


def test_a_study_that_is_not_there_is_unknown(link: PacsLink) -> None:
    result = link.retrieve("2.25.404")
    assert result.completeness is Completeness.UNKNOWN
    assert "lists no such images" in result.reason


def test_pacs_down_is_unknown_and_keeps_what_is_here(site: Site, link: PacsLink) -> None:
    site.load(dicom(1))
    link.retrieve(STUDY)
    site.kill()
    result = link.retrieve(STUDY)
    assert result.completeness is Completeness.UNKNOWN
    assert len(result.received) == 1 and str(site.state.dicom_port) in result.reason


def test_a_destination_that_the_pacs_does_not_know(tmp_path: Path) -> None:
    need_orthanc()
    open_house = {f"DicomAlwaysAllow{name}": True for name in ("Find", "Move", "Store")}
    site = Site(tmp_path, **open_house)
    peer = site.peer(calling_ae="STRANGER")
    link, records = open_link(peer, tmp_path / "home")
    try:
        with records, link:
            site.load(*(dicom(n) for n in range(1, 9)))
            result = link.retrieve(STUDY)
    finally:
        site.kill()
    assert result.completeness is Completeness.UNKNOWN
    assert "must know AE title STRANGER as a move destination" in result.reason
    assert len(result.missing) == 8


def test_a_pacs_that_sends_to_another_port(site: Site, tmp_path: Path) -> None:
    peer = site.peer(listen_port=free_port())
    link, records = open_link(peer, tmp_path / "home")
    with records, link:
        site.load(dicom(1))
        result = link.retrieve(STUDY)
    assert result.completeness is Completeness.UNKNOWN
    assert f"port {peer.listen_port}" in result.reason


def test_one_broken_file_in_the_pacs_costs_one_image(site: Site, link: PacsLink) -> None:
    site.load(*(dicom(n) for n in range(1, 10)))
    stored = sorted(path for path in (site.folder / "storage").rglob("*") if path.is_file())
    victims = [path for path in stored if b"DICM" in path.read_bytes()[:132]]
    victims[4].write_bytes(b"broken")
    # Orthanc would answer from memory.
    site.kill()
    site.start()
    result = link.retrieve(STUDY)
    assert result.completeness is Completeness.PARTIAL
    assert (len(result.received), len(result.missing)) == (8, 1)


def test_a_pacs_that_hangs_in_the_middle_is_left(site: Site, tmp_path: Path) -> None:
    site.load(*many())
    peer = site.peer(move_stall_s=0.5, dimse_timeout_s=0.5, acse_timeout_s=0.5)
    link, records = open_link(peer, tmp_path / "home")

    def pause_soon(done: int, total: int) -> None:
        if done >= 3:
            site.pause()

    with records, link:
        first = link.retrieve(STUDY, progress=pause_soon)
        site.resume()
        assert first.completeness is Completeness.PARTIAL
        assert "sent nothing for 0.5 s" in first.reason
        second = link.retrieve(STUDY)
    assert second.completeness is Completeness.COMPLETE
    assert first.transferred + second.transferred == MANY


def test_cancelling_keeps_what_came(site: Site, link: PacsLink) -> None:
    site.load(*many())

    class Cancelled(Exception):
        pass

    def cancel(done: int, total: int) -> None:
        if done >= 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        link.retrieve(STUDY, progress=cancel)
    result = link.retrieve(STUDY)
    assert result.completeness is Completeness.COMPLETE
    assert 0 < result.transferred < MANY


def test_kill_9_in_mid_move_fetches_nothing_twice(site: Site, tmp_path: Path) -> None:
    site.load(*many())
    home = tmp_path / "home"
    script = (
        "import sys; from pathlib import Path; from readingroom.records import Records;"
        "from readingroom.tools.pacs import PacsLink, PacsPeer;"
        "h, p, called, calling, l = sys.argv[2:];"
        "peer = PacsPeer(h, int(p), called, calling, listen_port=int(l));"
        "r = Records.open(Path(sys.argv[1]));"
        f"PacsLink(peer, r).retrieve('{STUDY}')"
    )
    state = site.state
    where = [state.dicom_host, state.dicom_port, state.aet, state.agent_aet, state.agent_port]
    worker = subprocess.Popen(
        [sys.executable, "-c", script, str(home), *map(str, where)], start_new_session=True
    )
    until = time.monotonic() + 60
    while len(list((home / "incoming").rglob("*.dcm"))) < 5 and time.monotonic() < until:
        time.sleep(0.002)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    link, records = open_link(site.peer(), home)
    with records, link:
        result = link.retrieve(STUDY)
        noted = records.received.of_study(STUDY)
    assert result.completeness is Completeness.COMPLETE
    assert len(result.received) == len(noted) == MANY
    # What was whole at the kill is used, and only the rest came over the wire again.
    assert 0 < result.transferred <= MANY - 5


def test_a_full_disk_is_said_before_anything_moves(site: Site, tmp_path: Path) -> None:
    link, records = open_link(site.peer(min_free_bytes=1 << 60), tmp_path / "home")
    with records, link:
        site.load(dicom(1))
        result = link.retrieve(STUDY)
    assert result.completeness is Completeness.UNKNOWN
    assert "too little space" in result.reason


def test_two_reading_rooms_on_one_port(site: Site, tmp_path: Path) -> None:
    site.load(dicom(1))
    peer = site.peer(receiver_wait_s=0.3)
    busy = settings_of(peer, tmp_path / "other", tmp_path / "other" / "lock")
    link, records = open_link(peer, tmp_path / "home")
    with records, link:
        with ChildReceiver(busy):
            result = link.retrieve(STUDY)
        assert result.completeness is Completeness.UNKNOWN
        assert f"another program listens on port {peer.listen_port}" in result.reason
        lock = tmp_path / "home" / "incoming" / f"port-{peer.listen_port}.lock"
        with ChildReceiver(settings_of(peer, tmp_path / "other", lock)):
            result = link.retrieve(STUDY)
        assert f"another reading room (process {os.getpid()}) is receiving" in result.reason
        assert link.retrieve(STUDY).completeness is Completeness.COMPLETE


def test_a_listening_address_that_is_not_ours(site: Site, tmp_path: Path) -> None:
    site.load(dicom(1))
    link, records = open_link(site.peer(listen_host="192.0.2.1"), tmp_path / "home")
    with records, link, pytest.raises(ConfigError, match=r"pacs\.listen_host"):
        link.retrieve(STUDY)


def settings_of(peer: PacsPeer, folder: Path, lock: Path) -> ReceiverSettings:
    folder.mkdir(exist_ok=True)
    return ReceiverSettings(
        host="127.0.0.1",
        port=peer.listen_port,
        ae_title=peer.calling_ae,
        caller_aes=(peer.called_ae,),
        caller_addresses=("127.0.0.1",),
        folder=str(folder),
        lock_path=str(lock),
        wait_s=0.3,
        max_instances=10,
        max_instance_bytes=1 << 30,
        min_free_bytes=0,
    )
