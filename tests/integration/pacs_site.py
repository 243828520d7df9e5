"""A real Orthanc with a configuration of the test's own, and small objects to put into it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from readingroom.domain.errors import ConfigError, Transient
from readingroom.records import Records
from readingroom.sandbox_pacs import configuration, process
from readingroom.sandbox_pacs.load import store_instance
from readingroom.sandbox_pacs.orthanc import Sandbox
from readingroom.sandbox_pacs.rest import OrthancRest
from readingroom.sandbox_pacs.state import SandboxState
from readingroom.tools.pacs import PacsLink, PacsPeer

CR_STORAGE = "1.2.840.10008.5.1.4.1.1.1"
SR_STORAGE = "1.2.840.10008.5.1.4.1.1.88.11"
PATIENT = "TST-1"
STUDY = "2.25.1000"


class Site:
    """One Orthanc; `peer` and `link` are our side of it."""

    def __init__(self, folder: Path, **overrides: Any) -> None:
        self.folder = folder / "orthanc"
        for name in ("storage", "worklist", "tmp"):
            (self.folder / name).mkdir(parents=True)
        self.state = replace(
            Sandbox(self.folder)._wanted(None, None), worklist_dir=str(self.folder / "worklist")
        )
        config = json.loads(configuration.orthanc_json(self.state, configuration.find_plugins()))
        (self.folder / "orthanc.json").write_text(json.dumps(config | overrides))
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [configuration.find_orthanc(), str(self.folder / "orthanc.json")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TCP_NODELAY": "1"},
        )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with suppress(Transient), self.rest() as rest:
                rest.system()
                return
            time.sleep(0.02)
        raise AssertionError("Orthanc did not start")

    def rest(self) -> OrthancRest:
        return OrthancRest(self.state.url, self.state.user, self.state.password, 10.0)

    def load(self, *objects: bytes) -> None:
        with self.rest() as rest:
            for data in objects:
                assert store_instance(rest, data)

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def peer(self, **overrides: Any) -> PacsPeer:
        return peer_of(self.state, **overrides)


def peer_of(state: SandboxState, **overrides: Any) -> PacsPeer:
    values = {
        "host": state.dicom_host,
        "port": state.dicom_port,
        "called_ae": state.aet,
        "calling_ae": state.agent_aet,
        "listen_port": state.agent_port,
        "dimse_timeout_s": 10.0,
        "acse_timeout_s": 10.0,
        "connect_timeout_s": 2.0,
    }
    return PacsPeer(**(values | overrides))


def open_link(peer: PacsPeer, home: Path) -> tuple[PacsLink, Records]:
    records = Records.open(home)
    return PacsLink(peer, records), records


def need_orthanc() -> None:
    try:
        configuration.find_orthanc()
    except ConfigError as error:
        pytest.skip(str(error))


def free_port() -> int:
    return process.free_ports(1)[0]


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def dicom(
    number: int = 1,
    *,
    study: str = STUDY,
    series: str = "",
    modality: str = "CR",
    size: int = 16,
    **tags: Any,
) -> bytes:
    """A small object; the same UIDs for the same arguments."""
    series = series or f"{study}.1"
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = SR_STORAGE if modality == "SR" else CR_STORAGE
    ds.SOPInstanceUID = f"{series}.{number}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study, series
    ds.PatientID, ds.PatientName = PATIENT, "Müller^Jürgen"
    ds.AccessionNumber, ds.StudyDate, ds.StudyTime = "ACC-1", "20260301", "101500"
    ds.Modality, ds.InstanceNumber, ds.SeriesNumber = modality, str(number), "1"
    ds.StudyDescription, ds.BodyPartExamined, ds.StudyID = "XR CHEST PA", "CHEST", "1"
    if modality != "SR":
        ds.Rows = ds.Columns = size
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated = ds.BitsStored = 16
        ds.HighBit, ds.PixelRepresentation = 15, 0
        ds.PixelData = np.full((size, size), number % 4096, np.uint16).tobytes()
    for keyword, value in tags.items():
        setattr(ds, keyword, value)
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    buffer = BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
