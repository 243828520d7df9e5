"""Where Orthanc is on this machine, and what it is told."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from readingroom.domain.errors import ConfigError
from readingroom.sandbox_pacs.state import SandboxState

PACKAGES = "orthanc orthanc-dicomweb orthanc-gdcm"
PLUGINS = {
    "libModalityWorklists.so": "orthanc",
    "libOrthancDicomWeb.so": "orthanc-dicomweb",
    "libOrthancGdcm.so": "orthanc-gdcm",
}
_BINARY_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/orthanc/bin")
_PLUGIN_FOLDERS = (
    "/usr/share/orthanc/plugins",
    "/usr/lib/orthanc/plugins",
    "/usr/local/share/orthanc/plugins",
    "/usr/local/lib/orthanc/plugins",
    "/opt/orthanc/plugins",
)


def find_orthanc(folders: tuple[str, ...] = _BINARY_FOLDERS) -> str:
    """Path of the Orthanc program.

    Raises:
        ConfigError: it is not installed; the hint names the packages.
    """
    # Debian puts it into /usr/sbin, which is not on the PATH of an ordinary user.
    found = shutil.which("Orthanc") if folders is _BINARY_FOLDERS else None
    found = found or shutil.which("Orthanc", path=os.pathsep.join(folders))
    if found is None:
        raise ConfigError(
            "Orthanc is not installed, and the sandbox is a real Orthanc",
            hint=f"apt-get install {PACKAGES}; or `--orthanc-url` for one that runs elsewhere",
        )
    return found


def find_plugins(folders: tuple[str, ...] = _PLUGIN_FOLDERS) -> list[str]:
    """Paths of the plugins that the sandbox needs.

    Raises:
        ConfigError: one is missing; the hint names its package.
    """
    paths = []
    for name, package in PLUGINS.items():
        path = next((Path(f, name) for f in folders if Path(f, name).is_file()), None)
        if path is None:
            raise ConfigError(
                f"the Orthanc plugin {name} is not installed", hint=f"apt-get install {package}"
            )
        paths.append(str(path))
    return paths


def orthanc_json(state: SandboxState, plugins: list[str]) -> str:
    """The configuration file of one sandbox.

    Orthanc has no bind address: DICOM and HTTP listen on every interface. What guards them is
    `DicomCheckModalityHost` (our agent, from 127.0.0.1 only) and `RemoteAccessAllowed` with
    authentication. An unknown caller is still answered a C-ECHO.
    """
    directory = Path(state.directory)
    may = dict.fromkeys(
        ("Echo", "Find", "FindWorklist", "Get", "Move", "Store", "Transcoding"), True
    )
    agent = {"AET": state.agent_aet, "Host": "127.0.0.1", "Port": state.agent_port}
    never = ("Store", "Find", "FindWorklist", "Get", "Move")
    content = {
        "Name": state.aet,
        "StorageDirectory": str(directory / "storage"),
        "IndexDirectory": str(directory / "storage"),
        "TemporaryDirectory": str(directory / "tmp"),
        "Plugins": plugins,
        "HttpPort": state.http_port,
        "HttpCompressionEnabled": False,
        "HttpDescribeErrors": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {state.user: state.password},
        "ExecuteLuaEnabled": False,
        "DicomAet": state.aet,
        "DicomPort": state.dicom_port,
        "DicomCheckCalledAet": True,
        "DicomCheckModalityHost": True,
        "DicomAlwaysAllowEcho": True,
        **{f"DicomAlwaysAllow{name}": False for name in never},
        "DicomModalities": {
            "agent": agent | {f"Allow{name}": value for name, value in may.items()}
        },
        "DefaultEncoding": "Utf8",
        "LimitFindResults": 0,
        "OverwriteInstances": False,
        "SyncStorageArea": False,
        "StorageCompression": False,
        "Worklists": {"Enable": True, "Database": state.worklist_dir},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": True},
    }
    return json.dumps(content, indent=2)
