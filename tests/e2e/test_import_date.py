"""An undated film is given its date, so that its priors can be looked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from reading_helpers import session

from readingroom.domain.errors import BadInput
from readingroom.sandbox_pacs.orthanc import Sandbox

DAY = date(2024, 3, 2)


def test_a_date_reaches_the_pacs_and_is_not_changed_there(
    empty_sandbox: Sandbox, tmp_path: Path
) -> None:
    film = tmp_path / "film.png"
    Image.new("L", (512, 512), 90).save(film)
    with session(empty_sandbox.directory.parent) as (room, _):

        def imported(accession: str, day: date | None) -> str:
            (row,) = room.import_files([film], patient_id="P1", accession=accession, study_date=day)
            return str(row["outcome"])

        assert imported("A1", DAY) == "stored"
        assert imported("A1", DAY) == "already there"
        assert room._pacs.find_by_accession("A1").study_date == DAY
        with pytest.raises(BadInput, match="already, its StudyDate is 2024-03-02"):
            imported("A1", date(2024, 3, 3))
        assert imported("A2", None) == "stored"
        with pytest.raises(BadInput, match="already, its StudyDate is none"):
            imported("A2", DAY)
