"""Pictures that a core must refuse are pictures, and the same ones each time."""

from __future__ import annotations

import numpy as np

from readingroom.sandbox_pacs.patients.not_chest import KINDS, render_not_chest


def test_pictures_of_no_chest_are_pictures() -> None:
    for kind in KINDS:
        plane = render_not_chest(kind, 1, 64)
        assert plane.shape == (64, 64) and plane.dtype == np.float32
        assert 0 <= plane.min() <= plane.max() <= 1
        assert np.array_equal(plane, render_not_chest(kind, 1, 64))
        assert not np.array_equal(plane, render_not_chest(kind, 2, 64))
