"""Our Storage SCP takes what the PACS sends, and a UID from outside never becomes a path."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pacs_site import CR_STORAGE, STUDY, dicom, free_port
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom.presentation import build_context

from readingroom.tools.pacs.association import _close_wire, _Entity
from readingroom.tools.pacs.incoming import Incoming
from readingroom.tools.pacs.receiver import ChildReceiver, ReceiverSettings, stored_name

PRIVATE_CLASS = "1.2.826.0.1.3680043.9.9999.1"


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[ReceiverSettings]:
    folder = tmp_path / "in" / "study"
    folder.mkdir(parents=True)
    yield ReceiverSettings(
        host="127.0.0.1",
        port=free_port(),
        ae_title="US",
        caller_aes=("PACS",),
        caller_addresses=("127.0.0.1",),
        folder=str(folder),
        lock_path=str(tmp_path / "lock"),
        wait_s=1.0,
        max_instances=10,
        max_instance_bytes=1 << 20,
        min_free_bytes=0,
    )


def push(
    settings: ReceiverSettings,
    data: bytes,
    *,
    uid: str | None = None,
    sop_class: str = CR_STORAGE,
    calling: str = "PACS",
    called: str = "US",
) -> int | None:
    """Send one object as a PACS would; its status, or None when there was no answer."""
    entity = _Entity(ae_title=calling)
    entity.acse_timeout = entity.dimse_timeout = 5
    context = build_context(sop_class, ExplicitVRLittleEndian)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = dcmread(BytesIO(data))
        ds.SOPInstanceUID = uid or ds.SOPInstanceUID
        ds.SOPClassUID = sop_class
        assoc = entity.associate("127.0.0.1", settings.port, contexts=[context], ae_title=called)
        status = assoc.send_c_store(ds).get("Status") if assoc.is_established else None
        if assoc.is_established:
            assoc.release()
        # pynetdicom leaves the socket open where the peer was the first to close.
        _close_wire(assoc, entity.wire)
    return status


def files(settings: ReceiverSettings) -> list[str]:
    root = Path(settings.folder).parent.parent
    return sorted(p.name for p in root.rglob("*") if p.is_file() and p.name != "lock")


def test_an_object_arrives_whole_under_a_hash(settings: ReceiverSettings) -> None:
    with ChildReceiver(settings) as receiver:
        assert push(settings, dicom(1)) == 0
    assert receiver.stored == 1
    assert files(settings) == [stored_name(f"{STUDY}.1.1")]
    received = dcmread(Path(settings.folder) / files(settings)[0])
    assert received.PixelData == dcmread(BytesIO(dicom(1))).PixelData


def test_a_class_that_nobody_knows_arrives_too(settings: ReceiverSettings) -> None:
    with ChildReceiver(settings):
        assert push(settings, dicom(1), sop_class=PRIVATE_CLASS) == 0


@pytest.mark.parametrize(
    "uid", ["../../../../escaped", "/tmp/escaped", "1.2.03", "1.2.3 ", "x", "1" * 65]
)
def test_a_hostile_uid_is_refused(settings: ReceiverSettings, uid: str) -> None:
    with ChildReceiver(settings) as receiver:
        status = push(settings, dicom(1), uid=uid) if len(uid) < 65 else None
        assert status != 0 or uid == "1.2.3 "
        assert push(settings, dicom(2)) == 0
    assert receiver.stored == (2 if uid == "1.2.3 " else 1)
    assert stored_name(f"{STUDY}.1.2") in files(settings)
    assert all(len(name) == len(stored_name("")) for name in files(settings))


def test_only_the_pacs_may_send_and_only_to_us(settings: ReceiverSettings) -> None:
    with ChildReceiver(settings) as receiver:
        assert push(settings, dicom(1), calling="OTHER") is None
        assert push(settings, dicom(1), called="OTHER") is None
    assert receiver.stored == 0
    with ChildReceiver(replace(settings, caller_addresses=("192.0.2.7",))) as receiver:
        assert push(settings, dicom(1)) is None
    assert any("address" in why for why in receiver.refusals)
    assert files(settings) == []


def test_limits(settings: ReceiverSettings) -> None:
    with ChildReceiver(replace(settings, max_instances=1)) as receiver:
        assert push(settings, dicom(1)) == 0
        assert push(settings, dicom(2)) == 0xA700
    assert "more objects than were asked for" in receiver.refusals
    with ChildReceiver(replace(settings, min_free_bytes=1 << 60)):
        assert push(settings, dicom(3)) == 0xA700
    with ChildReceiver(settings) as receiver:
        assert push(settings, dicom(4, size=1024)) is None
        assert push(settings, dicom(5)) == 0
    assert "an object is larger than the limit" in receiver.refusals
    assert files(settings) == sorted(stored_name(f"{STUDY}.1.{n}") for n in (1, 5))


def test_idle_connections_do_not_block_the_pacs(settings: ReceiverSettings) -> None:
    with ChildReceiver(settings):
        idle = [socket.create_connection(("127.0.0.1", settings.port)) for _ in range(12)]
        try:
            assert push(settings, dicom(1)) == 0
        finally:
            for each in idle:
                each.close()


def test_garbage_does_not_end_it(settings: ReceiverSettings) -> None:
    with ChildReceiver(settings):
        for garbage in (b"\x01\x00\xff\xff\xff\xff", b"GET / HTTP/1.0\r\n\r\n", b"\x04" * 100):
            with socket.create_connection(("127.0.0.1", settings.port)) as wire:
                wire.sendall(garbage)
        assert push(settings, dicom(1)) == 0


def test_what_does_not_belong_is_not_kept(settings: ReceiverSettings, tmp_path: Path) -> None:
    from readingroom.records import Records

    with Records.open(tmp_path / "home") as records:
        incoming = Incoming(records, tmp_path / "home" / "incoming", STUDY)
        folder = incoming.prepare()
        whole, short = dicom(1), dicom(2)[:-100]
        other, junk = dicom(1, study="2.25.77"), b"MZ not DICOM"
        for number, data in enumerate((whole, short, other, junk)):
            (folder / f"{number}.dcm").write_bytes(data)
        (folder / "half.part").write_bytes(whole[:300])
        incoming.prepare()
        assert (incoming.adopt(), incoming.rejected) == (1, 3)
        assert [each.sop_uid for each in records.received.of_study(STUDY)] == [f"{STUDY}.1.1"]
        assert list(folder.iterdir()) == []
