"""One body on film and CT, and a truth that two renders confirm."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from itertools import count

import numpy as np
import pytest
from chest_difference import box_of, box_overlap, changed, difference, overlap
from numpy.typing import NDArray

from readingroom.domain.region import Laterality, Zone
from readingroom.sandbox_pacs.patients.chest.body import Body, Split, body_of, posed
from readingroom.sandbox_pacs.patients.chest.ct import CtSpec, ct_frame, render_ct
from readingroom.sandbox_pacs.patients.chest.film import ChestFilm, FilmSpec, render_film
from readingroom.sandbox_pacs.patients.chest.grid import Grid
from readingroom.sandbox_pacs.patients.chest.lesions import apply_lesion, reshaped
from readingroom.sandbox_pacs.patients.chest.organs import paint_organs
from readingroom.sandbox_pacs.patients.chest.places import place_of
from readingroom.sandbox_pacs.patients.chest.vessels import pulmonary_vessels
from readingroom.sandbox_pacs.patients.disease import WITHOUT_SIDE, Disease, Lesion

TWENTY_MM = 14 / 24
"""Severity at which a nodule is 20 mm."""

CT = CtSpec(slice_mm=2.0, size=256)


def person(number: int, sex: str | None = None) -> Body:
    return body_of(number, "M" if (sex or "MF"[number % 2]) == "M" else "F", 50, "dev")


def lesion(
    disease: Disease, severity: float, place: int, zone: Zone = Zone.NONE, *, well: bool = True
) -> Lesion:
    side = Laterality.LEFT if place % 2 else Laterality.RIGHT
    if disease in WITHOUT_SIDE:
        side = Laterality.MIDLINE
    return Lesion("it", disease, side, zone, severity, place, well)


def shot_like_ct(body: Body) -> int:
    """An exposure that happens to be taken in a CT's breath and with no turn.

    A film is posed by chance, and a CT lies in inspiration 0.96: with the same breath, all that
    is left between them is the projection.
    """
    for shot in count():
        pose = posed(body, "erect", shot)
        if abs(pose.inspiration - 0.96) < 0.004 and abs(pose.rotation_deg) < 0.25:
            return shot
    raise AssertionError


def magnification_at(film: ChestFilm, place: tuple[float, float, float]) -> float:
    """Source to detector over source to the place: similar triangles, nothing else."""
    toward = -place[0] if film.beam.is_lateral else place[1]
    away = film.beam.gap_mm + toward
    return film.beam.source_mm / (film.beam.source_mm - away)


def nodule_in_ct(
    body: Body, it: Lesion
) -> tuple[NDArray[np.float64], NDArray[np.int16], NDArray[np.bool_]]:
    """Places (n, 3) in mm of the voxels of its mask; the slices around it and its mask there."""
    frame = ct_frame(body, (it,), CT)
    slices, masks, first = [], [], None
    for index, hu, found in render_ct(body, (it,), CT):
        if it.key in found:
            first = index if first is None else first
            slices.append(hu)
            masks.append(found[it.key])
        elif first is not None:
            break
    assert first is not None
    mask = np.stack(masks)
    z, y, x = np.nonzero(mask)
    places = np.stack(
        [
            frame.origin[0] + x * CT.pixel_mm,
            frame.origin[1] + y * CT.pixel_mm,
            frame.origin[2] - (z + first) * CT.slice_mm,
        ],
        1,
    )
    return places, np.stack(slices), mask


# Clear of heart and hilum: what lies against them is cut by them, as it is in life.
FREE = [(41, Zone.UPPER), (42, Zone.LOWER), (43, Zone.MID)]


@pytest.mark.parametrize("view", ["PA", "LL"])
@pytest.mark.parametrize(("number", "zone"), FREE)
def test_the_projected_mask_of_a_ct_lies_in_the_films_box(
    number: int, zone: Zone, view: str
) -> None:
    """Within 2 mm on every side: a slice of the CT, which is more than a pixel of either."""
    body, it = person(number), lesion(Disease.NODULE, TWENTY_MM, number, zone)
    spec = FilmSpec("PA" if view == "PA" else "LL", size=512, shot=shot_like_ct(body))
    film = render_film(body, (it,), spec)
    places, _, _ = nodule_in_ct(body, it)
    x, y, z = places.T
    beam = film.beam
    away = beam.gap_mm + (-x if view == "LL" else y)
    enlarged = beam.source_mm / (beam.source_mm - away)
    across = (y if view == "LL" else x) * enlarged
    down = (beam.centre_z - z) * enlarged
    middle = spec.field_mm / 2
    cast = (across.min(), down.min(), across.max(), down.max())
    box = [edge * film.spacing_mm - middle for edge in film.findings[0].box]
    assert np.abs(np.array(cast) - box).max() < 2


@pytest.mark.parametrize(("number", "zone"), FREE)
def ball_in(hu: NDArray[np.int16], mask: NDArray[np.bool_]) -> float:
    """Diameter (mm) of a ball with the volume of soft tissue in and next to a mask.

    Partial volumes count by what they hold, so that slices of 2 mm measure a ball well.
    """
    rows, columns = np.flatnonzero(mask.any((0, 2))), np.flatnonzero(mask.any((0, 1)))
    part = (..., slice(rows[0] - 2, rows[-1] + 3), slice(columns[0] - 2, columns[-1] + 3))
    around, inside = hu[part].astype(float), mask[part]
    near = inside.copy()
    for axis in (1, 2):
        for step in (-1, 1):
            near |= np.roll(inside, step, axis)
    soft, lung = np.percentile(around[inside], 90), np.percentile(around, 10)
    filled = np.clip((around - lung - 60) / (soft - lung - 60), 0, 1)
    volume = float((filled * near).sum()) * CT.pixel_mm**2 * CT.slice_mm
    return float((6 * volume / np.pi) ** (1 / 3))


def ball_on(change: NDArray[np.float64], film: ChestFilm) -> float:
    """Diameter (mm) of the ball that changes a film so.

    Its shadow is as deep as its chord: a third of the deepest lies at 0.943 of the radius.
    """
    found = film.findings[0]
    x0, y0, x1, y1 = (int(edge) for edge in found.box)
    around = change[y0 - 4 : y1 + 4, x0 - 4 : x1 + 4]
    area = int((around > np.percentile(around, 99) / 3).sum())
    pixel = film.spacing_mm / magnification_at(film, found.centre_mm)
    return float(np.sqrt(4 * area / np.pi) * pixel / 0.943)


@pytest.mark.parametrize(("number", "zone"), FREE)
def test_twenty_millimetres_are_twenty_on_ct_and_films(number: int, zone: Zone) -> None:
    """± 1 mm on CT, on both films through spacing and magnification, and in the truth's masks."""
    body, it = person(number), lesion(Disease.NODULE, TWENTY_MM, number, zone)
    assert it.size_mm == pytest.approx(20)
    _, hu, mask = nodule_in_ct(body, it)
    measured = {"CT": ball_in(hu, mask)}
    for view in ("PA", "LL"):
        spec = FilmSpec("PA" if view == "PA" else "LL", size=512, shot=number)
        film, without = render_film(body, (it,), spec), render_film(body, (), spec)
        measured[view] = ball_on(difference(film.grey_yx, without.grey_yx), film)
        found = film.findings[0]
        pixel = film.spacing_mm / magnification_at(film, found.centre_mm)
        measured[f"{view} mask"] = float(np.sqrt(4 * found.mask.sum() / np.pi) * pixel)
    assert measured == {name: pytest.approx(20, abs=1) for name in measured}


def test_a_lump_stays_where_it_is_as_it_grows_and_as_the_chest_breathes() -> None:
    """A follow-up would otherwise show one lesion gone and another come."""
    for number in range(60):
        body, it = person(number), lesion(Disease.NODULE, 0.2, number)
        small = place_of(posed(body, "erect", 1), it)
        for pose in (posed(body, "erect", 2), posed(body, "portable", 3)):
            large = place_of(pose, lesion(Disease.NODULE, 0.9, number))
            # Breath moves it up and down with the lung, and hardly across.
            assert np.abs(large - small)[:2].max() < 15


# Of each disease: severity, share of the greatest change that counts as changed, and the least
# overlap of masks and of boxes. What has an edge is held to it; fluid and consolidation fade
# out, and a film's fluid behind the diaphragm is no part of its truth.
OWN_THINGS = [
    (Disease.NODULE, 0.4, 0.25, 0.8, 0.8),
    (Disease.NODULE, 0.8, 0.25, 0.85, 0.8),
    (Disease.MASS, 0.3, 0.25, 0.8, 0.7),
    (Disease.CONSOLIDATION, 0.5, 0.35, 0.6, 0.55),
    (Disease.PLEURAL_EFFUSION, 0.8, 0.35, 0.5, 0.5),
    (Disease.PNEUMOTHORAX, 0.8, 0.25, 0.5, 0.6),
    (Disease.ATELECTASIS, 0.3, 0.35, 0.5, 0.6),
    (Disease.ATELECTASIS, 0.8, 0.35, 0.65, 0.6),
    (Disease.HILAR_ENLARGEMENT, 0.6, 0.35, 0.5, 0.7),
    (Disease.TRACHEAL_TUBE, 0.5, 0.25, 0.7, 0.8),
    (Disease.CENTRAL_LINE, 0.5, 0.25, 0.6, 0.7),
    (Disease.CHEST_TUBE, 0.5, 0.25, 0.5, 0.8),
    (Disease.PACEMAKER, 0.5, 0.1, 0.6, 0.7),
]


@pytest.mark.parametrize("number", [70, 73])
@pytest.mark.parametrize(("disease", "severity", "share", "masks", "boxes"), OWN_THINGS)
def test_two_renders_confirm_mask_and_box(
    disease: Disease, severity: float, share: float, masks: float, boxes: float, number: int
) -> None:
    body, it = person(number), lesion(disease, severity, number)
    spec = FilmSpec(size=256, shot=3)
    film = render_film(body, (it,), spec)
    # Atelectasis lifts the diaphragm as well: what is held to its truth is the airless lung.
    without = render_film(reshaped(body, (it,)), (), spec)
    seen = changed(difference(film.grey_yx, without.grey_yx), share)
    found = film.findings[0]
    assert overlap(found.mask, seen) >= masks
    assert box_overlap(found.box, box_of(seen)) >= boxes


@pytest.mark.parametrize("disease", [Disease.INTERSTITIAL_OEDEMA, Disease.EMPHYSEMA])
def test_what_is_all_over_the_lungs_changes_the_lungs(disease: Disease) -> None:
    body, it = person(71), lesion(disease, 0.7, 71)
    spec = FilmSpec(size=256, shot=3)
    film = render_film(body, (it,), spec)
    without = render_film(reshaped(body, (it,)), (), spec)
    change = difference(film.grey_yx, without.grey_yx)
    assert change[film.findings[0].mask].sum() > 0.8 * change.sum()
    lungs = (film.lungs[0][0], film.thorax[1], film.lungs[1][2], film.thorax[3])
    assert box_overlap(film.findings[0].box, lungs) > 0.9


@pytest.mark.parametrize("disease", [Disease.CARDIOMEGALY, Disease.WIDE_MEDIASTINUM])
def test_what_grows_in_the_middle_widens_its_box(disease: Disease) -> None:
    body, it = person(72), lesion(disease, 0.7, 72)
    spec = FilmSpec(size=256, shot=3)
    film, healthy = render_film(body, (it,), spec), render_film(body, (), spec)
    x0, y0, x1, y1 = (int(edge) for edge in film.findings[0].box)
    change = difference(film.grey_yx, healthy.grey_yx)
    rows = change[y0:y1]
    assert rows[:, max(0, x0 - 3) : x1 + 3].sum() > 0.6 * rows.sum()
    if disease is Disease.CARDIOMEGALY:
        assert film.findings[0].box == film.heart
        assert film.cardiothoracic_ratio > max(0.5, healthy.cardiothoracic_ratio + 0.05)


def test_a_fracture_is_where_the_rib_begins_to_differ() -> None:
    body, it = person(71), lesion(Disease.RIB_FRACTURE, 0.5, 71)
    spec = FilmSpec(size=512, shot=3)
    film, whole = render_film(body, (it,), spec), render_film(body, (), spec)
    change = difference(film.grey_yx, whole.grey_yx)
    mask = film.findings[0].mask
    assert change[mask].max() > 0.3 * change.max()
    # Only the front part has slipped: on the other side of the body nothing has.
    away = slice(0, 230) if it.laterality is Laterality.LEFT else slice(282, 512)
    assert change[:, away].max() < 0.1 * change.max()


SCRIPT = """
import hashlib
from readingroom.domain.region import Laterality
from readingroom.sandbox_pacs.patients.chest.body import body_of
from readingroom.sandbox_pacs.patients.chest.ct import CtSpec, render_ct
from readingroom.sandbox_pacs.patients.chest.film import FilmSpec, render_film
from readingroom.sandbox_pacs.patients.disease import Disease, Lesion
body = body_of(5, "F", 61, "tour")
it = (Lesion("a", Disease.CONSOLIDATION, Laterality.LEFT, severity=0.6, place=4),)
film = render_film(body, it, FilmSpec("AP", "supine", 192))
digest = hashlib.sha256(film.grey_yx.tobytes() + film.findings[0].mask.tobytes())
for _, hu, masks in render_ct(body, it, CtSpec(12.0, 96)):
    digest.update(hu.tobytes())
print(digest.hexdigest())
"""


def test_two_processes_make_the_same_bytes() -> None:
    made = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(made) == 1
    assert len(made.pop().strip()) == hashlib.sha256().digest_size * 2


DEVICES = [Disease.TRACHEAL_TUBE, Disease.CENTRAL_LINE, Disease.CHEST_TUBE, Disease.PACEMAKER]


@pytest.mark.parametrize("disease", DEVICES)
def test_a_devices_tip_is_on_the_device(disease: Disease) -> None:
    """Within 3 mm of a pixel that the device changed."""
    share = 0.05 if disease is Disease.PACEMAKER else 0.25  # its case outshines its lead
    for number in (80, 81):
        body, it = person(number), lesion(disease, 0.5, number)
        spec = FilmSpec(size=256, shot=number)
        film, without = render_film(body, (it,), spec), render_film(body, (), spec)
        rows, columns = np.nonzero(changed(difference(film.grey_yx, without.grey_yx), share))
        tip = film.findings[0].point
        away = np.hypot(columns + 0.5 - tip[0], rows + 0.5 - tip[1]) * film.spacing_mm
        assert away.min() < 3


@pytest.mark.parametrize("number", [82, 84])
def test_a_tracheal_tube_ends_where_it_should_or_does_not(number: int) -> None:
    body, spec = person(number), FilmSpec(size=256, shot=number)
    without = render_film(body, (), spec)

    def height(well: bool) -> float:
        """Of the lowest pixel that the tube changed over the carina (the body's z = 0), mm."""
        film = render_film(body, (lesion(Disease.TRACHEAL_TUBE, 0.5, number, well=well),), spec)
        seen = changed(difference(film.grey_yx, without.grey_yx), 0.25)
        lowest = np.flatnonzero(seen.sum(1) >= 2)[-1] + 1
        down = lowest * film.spacing_mm - spec.field_mm / 2
        return film.beam.centre_z - down / magnification_at(film, (0.0, 0.0, 0.0))

    # A tube of 10 mm ends half its own width below the middle of its last section.
    assert 30 - 4 < height(True) < 60 + 4
    assert not 30 < height(False) < 60


def effusion_rows(setting: str) -> tuple[NDArray[np.bool_], ChestFilm]:
    body, it = person(90), lesion(Disease.PLEURAL_EFFUSION, 0.5, 90)
    spec = FilmSpec("PA", size=256, shot=2)
    if setting == "supine":
        spec = FilmSpec("AP", "supine", 256, shot=2)
    film, without = render_film(body, (it,), spec), render_film(body, (), spec)
    return changed(difference(film.grey_yx, without.grey_yx), 0.2), film


def test_fluid_climbs_the_wall_when_erect_and_spreads_when_supine() -> None:
    erect, film = effusion_rows("erect")
    x0, y0, x1, _ = film.lungs[0]
    outer = erect[:, int(x0 + 0.05 * (x1 - x0)) : int(x0 + 0.2 * (x1 - x0))]
    middle = erect[:, int(x0 + 0.45 * (x1 - x0)) : int(x0 + 0.6 * (x1 - x0))]
    tops = [int(np.flatnonzero(part.mean(1) > 0.5)[0]) for part in (outer, middle)]
    assert tops[0] < tops[1] - 4 / film.spacing_mm
    supine, lying = effusion_rows("supine")

    def upper_half(seen: NDArray[np.bool_], of: ChestFilm) -> float:
        box = [int(edge) for edge in of.lungs[0]]
        return float(seen[box[1] : (box[1] + box[3]) // 2, box[0] : box[2]].mean())

    assert upper_half(erect, film) < 0.02
    assert upper_half(supine, lying) > 0.1


def test_no_vessel_lies_beyond_the_pleural_line() -> None:
    body, it = person(90), lesion(Disease.PNEUMOTHORAX, 0.7, 90)
    painting = paint_organs(body, Grid.over((-170, 0, -130, 130, -60, 130), (4, 4, 4)))
    vessels = pulmonary_vessels(body, 2.0)
    x, y, z = vessels.xyz.T
    half, deep, middle = body.cage(z)
    share = (np.abs(x) / half) ** 2.3 + (np.abs(y - middle) / deep) ** 2.3
    from_wall = (1 - share) * (half + deep) / 4.6
    # At half the height of the lung or above, and well within the gap.
    beyond = (x < -0.5 * half) & (z > 20) & (z < 100) & (from_wall < 0.5 * (it.size_mm or 0))
    beyond &= from_wall > 3
    nothing, blood = np.zeros(painting.grid.shape, np.float32), np.ones(len(z), np.float32)
    before = np.abs(vessels.excess(painting, nothing, blood)[beyond]).sum()
    apply_lesion(body, painting, it, 2.0)
    after = np.abs(vessels.excess(painting, nothing, blood)[beyond]).sum()
    assert before > 0
    assert after < 0.03 * before


def test_splits_differ_in_anatomy() -> None:
    """Test holds chests that train cannot hold, not only others of the same kind."""
    fields = ("width", "depth", "fat_mm", "heart_axis_deg", "rib_slope", "kyphosis_mm")

    def drawn(split: Split) -> NDArray[np.float64]:
        bodies = [body_of(seed, "M", 40, split) for seed in range(250)]
        return np.array([[getattr(body, field) for field in fields] for body in bodies])

    train, test = drawn("train"), drawn("test")
    for column, field in enumerate(fields):
        below = test[:, column] < train[:, column].min()
        above = test[:, column] > train[:, column].max()
        assert (below | above).mean() > 0.1, field
    assert body_of(1, "M", 40, "dev") != body_of(1, "M", 40, "train")
