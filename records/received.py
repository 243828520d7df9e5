"""Which instances are on disk here, so that nothing is retrieved twice."""

from __future__ import annotations

import time

from readingroom.domain.ids import SeriesUID, SOPClassUID, SOPInstanceUID, StudyUID
from readingroom.domain.outcome import ArtifactRef, ReceivedInstance
from readingroom.records.artifacts import ArtifactStore
from readingroom.records.database import Database


class ReceivedIndex:
    """By SOP Instance UID; points into the artifact store."""

    def __init__(self, database: Database, artifacts: ArtifactStore) -> None:
        self._database = database
        self._artifacts = artifacts

    def add(self, instance: ReceivedInstance) -> None:
        """Note an instance; the same SOP Instance UID again replaces what was known."""
        ref = instance.artifact
        values = (
            *(instance.sop_uid, instance.sop_class_uid, instance.series_uid, instance.study_uid),
            *(instance.modality, ref.sha256, ref.kind, ref.size_bytes, time.time()),
        )
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO received VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values
            )

    def of_study(self, study_uid: str) -> tuple[ReceivedInstance, ...]:
        """Instances of a study whose bytes are still in the store."""
        rows = self._database.connection.execute(
            "SELECT * FROM received WHERE study_uid = ? ORDER BY series_uid, sop_uid", (study_uid,)
        )
        found = (
            ReceivedInstance(
                SOPInstanceUID(row["sop_uid"]),
                SOPClassUID(row["sop_class_uid"]),
                SeriesUID(row["series_uid"]),
                StudyUID(row["study_uid"]),
                row["modality"],
                ArtifactRef(row["sha256"], row["file_kind"], row["size_bytes"]),
            )
            for row in rows
        )
        return tuple(each for each in found if self._artifacts.has(each.artifact))

    def forget(self, sop_uid: str) -> None:
        """Drop the entry; the bytes stay in the store."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM received WHERE sop_uid = ?", (sop_uid,))
