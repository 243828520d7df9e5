"""Zones of a frontal chest film, from the boxes of lungs and heart."""

from __future__ import annotations

from readingroom.domain.finding import Observation, ZoneBox
from readingroom.domain.region import Box, Laterality, Zone

BoxPx = tuple[float, float, float, float]

# Shares of a lung's height, from its apex.
_BANDS = (
    (Zone.APEX, 0.0, 0.22),
    (Zone.UPPER, 0.05, 0.37),
    (Zone.MID, 0.37, 0.66),
    (Zone.LOWER, 0.66, 0.93),
    (Zone.BASE, 0.72, 1.06),
)
_LARGEST = 0.25
"""A zone is never more than this share of the film: it must say where."""


def plausible(right: BoxPx, left: BoxPx, rows: int, columns: int) -> bool:
    """Whether two boxes can be the patient's right and left lung on a frontal film."""
    for box in (right, left):
        wide, tall = (box[2] - box[0]) / columns, (box[3] - box[1]) / rows
        if not (0.12 < wide < 0.55 and 0.25 < tall < 0.98):
            return False
    return right[2] < left[2] and right[0] < left[0] and right[2] - left[0] < 0.1 * columns


def usual_lungs(rows: int, columns: int) -> tuple[BoxPx, BoxPx]:
    """Where the lungs lie on most films, for when the core did not find them."""
    return (
        (0.10 * columns, 0.10 * rows, 0.45 * columns, 0.82 * rows),
        (0.55 * columns, 0.10 * rows, 0.90 * columns, 0.82 * rows),
    )


def zone_boxes(
    right: BoxPx, left: BoxPx, heart: BoxPx | None, rows: int, columns: int
) -> tuple[ZoneBox, ...]:
    """Boxes of all zones in pixels of the film; the patient's right is on the viewer's left."""
    found = []
    for side, lung in ((Laterality.RIGHT, right), (Laterality.LEFT, left)):
        tall = lung[3] - lung[1]
        for zone, start, stop in _BANDS:
            band = (lung[0], lung[1] + start * tall, lung[2], lung[1] + stop * tall)
            found.append((zone, side, band))
    top, low = min(right[1], left[1]), max(right[3], left[3])
    middle = (right[2] + left[0]) / 2
    if heart is None:
        heart = (middle - 0.12 * columns, top + 0.5 * (low - top), middle + 0.2 * columns, low)
    found.append((Zone.HEART, Laterality.MIDLINE, heart))
    half = max(0.11 * columns, (left[0] - right[2]) * 0.75)
    between = (middle - half, 0.0, middle + half, max(heart[1], top + 0.35 * (low - top)))
    found.append((Zone.MEDIASTINUM, Laterality.MIDLINE, between))
    found.append((Zone.WHOLE, Laterality.NONE, (0.0, 0.0, float(columns), float(rows))))
    return tuple(
        ZoneBox(zone, side, bounded(box, rows, columns, 1.0 if zone is Zone.WHOLE else _LARGEST))
        for zone, side, box in found
    )


def bounded(box: BoxPx, rows: int, columns: int, largest: float = 1.0) -> Box:
    """A box inside the film, at least two pixels wide, at most a share of the film."""
    x0, x1 = _within(box[0], box[2], columns)
    y0, y1 = _within(box[1], box[3], rows)
    share = (x1 - x0) * (y1 - y0) / (rows * columns)
    if share > largest:
        # 0.999: rounding must not put it over the limit again.
        shrink = (largest / share) ** 0.5 * 0.999
        x0, x1 = _about_middle(x0, x1, shrink)
        y0, y1 = _about_middle(y0, y1, shrink)
    return Box(x0, y0, x1, y1)


def _within(low: float, high: float, limit: int) -> tuple[float, float]:
    low = min(max(low, 0.0), limit - 2.0)
    return low, min(max(high, low + 2.0), float(limit))


def _about_middle(low: float, high: float, share: float) -> tuple[float, float]:
    middle, half = (low + high) / 2, (high - low) / 2 * share
    return middle - half, middle + half


_FIXED = {
    Observation.PLEURAL_EFFUSION: Zone.BASE,
    Observation.PNEUMOTHORAX: Zone.APEX,
    Observation.CARDIOMEGALY: Zone.HEART,
    Observation.WIDE_MEDIASTINUM: Zone.MEDIASTINUM,
    Observation.TRACHEAL_TUBE: Zone.MEDIASTINUM,
    Observation.CENTRAL_LINE: Zone.MEDIASTINUM,
    Observation.INTERSTITIAL_OEDEMA: Zone.NONE,
    Observation.EMPHYSEMA: Zone.NONE,
    Observation.HILAR_ENLARGEMENT: Zone.NONE,
    Observation.CHEST_TUBE: Zone.NONE,
    Observation.PACEMAKER: Zone.NONE,
}
_SIDELESS = {
    Observation.CARDIOMEGALY: Laterality.MIDLINE,
    Observation.WIDE_MEDIASTINUM: Laterality.MIDLINE,
    Observation.TRACHEAL_TUBE: Laterality.MIDLINE,
    Observation.CENTRAL_LINE: Laterality.MIDLINE,
    Observation.INTERSTITIAL_OEDEMA: Laterality.BILATERAL,
    Observation.EMPHYSEMA: Laterality.BILATERAL,
}


def place(observation: Observation, box: Box, right: BoxPx, left: BoxPx) -> tuple[Laterality, Zone]:
    """The patient's side and the zone of a finding's box."""
    if observation in _SIDELESS:
        return _SIDELESS[observation], _FIXED[observation]
    middle = (right[2] + left[0]) / 2
    is_right = (box.x0 + box.x1) / 2 < middle
    side, lung = (Laterality.RIGHT, right) if is_right else (Laterality.LEFT, left)
    if observation in _FIXED:
        return side, _FIXED[observation]
    height = ((box.y0 + box.y1) / 2 - lung[1]) / (lung[3] - lung[1])
    zone = Zone.UPPER if height < 0.37 else Zone.MID if height < 0.66 else Zone.LOWER
    return side, zone
