"""DCMTK's programs, which pynetdicom's share their names with.

A virtual environment that holds pynetdicom puts a `findscu` of its own first in the path. Asking
with that one would ask our own library, and prove nothing.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess

from readingroom.domain.errors import ConfigError


@functools.cache
def dcmtk_program(name: str) -> str:
    """Path of a DCMTK program such as `findscu`.

    Raises:
        ConfigError: there is none in the path.
    """
    for folder in os.get_exec_path():
        path = shutil.which(name, path=folder)
        if path is not None and _is_dcmtk(path):
            return path
    raise ConfigError(f"DCMTK's {name} is not installed", hint="apt-get install dcmtk")


def _is_dcmtk(path: str) -> bool:
    done = subprocess.run([path, "--version"], capture_output=True, timeout=20)
    return b"dcmtk" in done.stdout.lower()
