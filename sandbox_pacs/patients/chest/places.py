"""Where in a chest a lesion lies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.chest.body import Body, FloatArray
from readingroom.sandbox_pacs.patients.chest.heart import heart_distance
from readingroom.sandbox_pacs.patients.chest.skeleton import rib_path
from readingroom.sandbox_pacs.patients.chest.vessels import pleura_distance
from readingroom.sandbox_pacs.patients.disease import SIZE_RANGE_MM, Lesion


def place_of(body: Body, lesion: Lesion) -> FloatArray:
    """Middle of a lesion of the lung, (3,): within its zone, off the wall and off the middle.

    Which place it is hangs neither on the breath nor on how large it, or the heart, is on the
    day: it is the first of some that has room for the largest of its kind in full inspiration
    beside a heart of usual size.
    """
    rng = np.random.default_rng([lesion.place, 23])
    side = side_of(lesion)
    index = {Zone.UPPER: 0, Zone.MID: 1, Zone.LOWER: 2}.get(lesion.zone, int(rng.integers(3)))
    need = 4 + 0.5 * min(SIZE_RANGE_MM.get(lesion.disease, (0.0, 10.0))[1], 60)
    full = replace(body, inspiration=1.0, heart_width=1.0)
    best, best_room = np.zeros(3), -1e9
    for _ in range(60):
        shares = rng.random(3)
        place = _within_zone(full, side, index, shares)
        room = min(float(pleura_distance(full, place[None])[0]), heart_distance(full, place) + 12)
        if room > best_room:
            best, best_room = shares, room
        if room > need:
            break
    return _within_zone(body, side, index, best)


def _within_zone(body: Body, side: int, third: int, shares: NDArray[Any]) -> FloatArray:
    """A place in a third of a lung (0 the upper), told by its shares (3,) along z, x and y."""
    top, bottom = body.apex_z - 14, body.dome_z(side > 0) + 6
    high = (top - bottom) / 3
    z = top - (third + 1) * high + 4 + (high - 8) * float(shares[0])
    a, b, c = (float(v[0]) for v in body.cage(np.array([z], np.float32)))
    inner = min(48.0, 0.5 * a)
    x = side * (inner + (a - inner) * float(shares[1]))
    return np.array([x, c + 0.8 * b * (2 * float(shares[2]) - 1), z], np.float32)


def side_of(lesion: Lesion) -> int:
    """-1 for the patient's right, 1 for the left."""
    return 1 if lesion.laterality is Laterality.LEFT else -1


def fracture_site(body: Body, lesion: Lesion) -> tuple[int, float, FloatArray]:
    """Rib number, share of its length, and the place (3,) of a fracture."""
    rng = np.random.default_rng([lesion.place, 61])
    number, share = int(rng.integers(4, 10)), float(rng.uniform(0.38, 0.68))
    path = rib_path(body, number, side_of(lesion), 1.0)
    return number, share, path[int(share * (len(path) - 1))]
