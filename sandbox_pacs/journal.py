"""Which studies of a cohort have been stored: what a later version must remove."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CohortJournal:
    """A file with the version on its first line, then a line for each study before it is stored.

    A study may be named twice; one that is named need not be there.
    """

    path: Path

    def of_other_version(self, version: str) -> Iterator[tuple[str, str]]:
        """Study UID and file stem of each study of another version; forgotten when all are told."""
        if not self.path.is_file():
            return
        with self.path.open(encoding="utf-8") as lines:
            if next(lines, "").rstrip("\n") == version:
                return
            for line in lines:
                study_uid, tab, stem = line.rstrip("\n").partition("\t")
                if tab:  # without, a crash cut it short, and the study was not stored
                    yield study_uid, stem
        self.path.unlink()

    @contextmanager
    def opened(self, version: str) -> Iterator[Callable[[str, str], None]]:
        """Give what notes a study by UID and stem; call it before the study is stored."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            if file.tell() == 0:
                file.write(f"{version}\n".encode())
            else:
                file.seek(-1, os.SEEK_END)
                if file.read() != b"\n":
                    file.write(b"\n")

            def note(study_uid: str, stem: str) -> None:
                file.write(f"{study_uid}\t{stem}\n".encode())
                file.flush()

            yield note
