"""One person's anatomy as numbers; every other module here draws what these say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Split = Literal["tour", "train", "dev", "test"]
Sex = Literal["F", "M"]

FloatArray = NDArray[np.float32]

# Inner rib cage of an adult man of 178 cm in full inspiration: half width, half depth and
# middle of the depth at levels from the apex down (mm from the carina).
# Shaped after the cavity of an average adult (width 280, depth 200; Bellemare 2003).
_LEVEL_Z = np.array([112, 104, 92, 70, 40, 0, -45, -90, -135, -180, -240, -300], float)
_HALF_WIDTH = np.array([20, 44, 65, 90, 110, 123, 131, 135, 137, 137, 134, 130], float)
_HALF_DEPTH = np.array([18, 31, 42, 56, 70, 83, 92, 98, 102, 103, 101, 98], float)
_MIDDLE_Y = np.array([24, 20, 15, 9, 4, 0, -3, -5, -6, -6, -6, -6], float)


@dataclass(frozen=True)
class Body:
    """A person, in millimetres unless named otherwise.

    Attributes:
        seed: of everything that is drawn at random for this person (vessels, texture).
        width, depth, height: factors on the rib cage of the average man.
        fat_mm: fat under the skin; `muscle_mm`: muscle outside the ribs.
        breast_mm: how far the breasts stand out; 0 for none.
        inspiration: 1 full, 0.5 poor: raises the diaphragm and broadens the heart.
        kyphosis_mm: how far the spine bows to the back.
        scoliosis_mm: sideways bow; + to the left at the middle of the chest.
        heart_width: factor on the heart's width; `heart_axis_deg`: 0 upright, + lying flat.
        aorta: factor on its radius; `aorta_unfolding_mm`: how far arch and descending part
            swing to the left (it grows with age).
        mediastinum_mm: how much wider than usual, or narrower, what surrounds the great vessels
            is, a side.
        rib_slope: factor on how far ribs fall from back to front.
        bone: factor on the density of bone.
        dome_mm: how far the diaphragm falls from the top of a dome to the side wall.
        vessel_size: factor on the radius of the lungs' vessels.
        rotation_deg: turn about the long axis, + to the patient's left.
        supine: lies on the back: fluid layers, the diaphragm is high.
        arms_raised: as for a lateral film or a CT: no shoulders beside the chest.
    """

    seed: int
    sex: Sex
    age: int
    width: float = 1.0
    depth: float = 1.0
    height: float = 1.0
    fat_mm: float = 12.0
    muscle_mm: float = 16.0
    breast_mm: float = 0.0
    inspiration: float = 1.0
    dome_right_mm: float = -104.0
    dome_left_mm: float = -118.0
    kyphosis_mm: float = 14.0
    scoliosis_mm: float = 0.0
    heart_width: float = 1.0
    heart_axis_deg: float = 0.0
    aorta: float = 1.0
    aorta_unfolding_mm: float = 0.0
    mediastinum_mm: float = 0.0
    rib_slope: float = 1.0
    rib_size: float = 1.0
    bone: float = 1.0
    lung_hu: float = -850.0
    stomach_mm: float = 28.0
    clavicle_rise_mm: float = 18.0
    scapula_out_mm: float = 0.0
    dome_mm: float = 46.0
    vessel_size: float = 1.0
    rotation_deg: float = 0.0
    supine: bool = False
    arms_raised: bool = False

    def cage(self, z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Half width, half depth and middle y of the inner rib cage at heights z (any shape)."""
        level = z / self.height
        order = slice(None, None, -1)
        tables = (_HALF_WIDTH, _HALF_DEPTH, _MIDDLE_Y)
        a, b, c = (np.interp(level, _LEVEL_Z[order], table[order]) for table in tables)
        return (
            (a * self.width).astype(np.float32),
            (b * self.depth).astype(np.float32),
            (c * self.depth).astype(np.float32),
        )

    @property
    def apex_z(self) -> float:
        """Top of the pleural cavity."""
        return float(_LEVEL_Z[0] * self.height)

    def spine(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Middle of the vertebral bodies, x and y, at heights z."""
        bow = np.exp(-(((z / self.height + 40) / 120) ** 2))
        _, b, c = self.cage(np.clip(z, -200 * self.height, 60 * self.height))
        y = c + b - 36 + self.kyphosis_mm * (bow - 0.6)
        x = self.scoliosis_mm * np.exp(-(((z / self.height + 50) / 80) ** 2))
        return x.astype(np.float32), y.astype(np.float32)

    def dome_z(self, is_left: bool) -> float:
        """Top of the diaphragm on a side, breath included."""
        full = self.dome_left_mm if is_left else self.dome_right_mm
        return (full + (1 - self.inspiration) * 62) * self.height


@dataclass(frozen=True)
class _Ranges:
    """From where a split draws its anatomy: (low, high) of uniform draws."""

    width: tuple[float, float]
    depth: tuple[float, float]
    height: tuple[float, float]
    fat_mm: tuple[float, float]
    heart_axis_deg: tuple[float, float]
    rib_slope: tuple[float, float]
    kyphosis_mm: tuple[float, float]
    unfolding: tuple[float, float]


# What is kept apart is anatomy, not only a seed: test holds chests wider, flatter, more bowed
# and hearts lying flatter than any in train; dev lies between.
_SPLITS: dict[Split, _Ranges] = {
    "train": _Ranges(
        (0.9, 1.04), (0.86, 1.08), (0.9, 1.04), (5, 30), (-8, 8), (0.85, 1.1), (6, 22), (0, 18)
    ),
    "dev": _Ranges(
        (0.88, 1.07), (0.82, 1.1), (0.88, 1.07), (4, 36), (-11, 11), (0.8, 1.15), (4, 26), (0, 22)
    ),
    "test": _Ranges(
        (0.86, 1.1), (0.78, 1.14), (0.86, 1.1), (3, 44), (-15, 15), (0.74, 1.22), (2, 32), (0, 28)
    ),
}  # fmt: skip
_SPLITS["tour"] = _SPLITS["dev"]


def body_of(seed: int, sex: Sex, age: int, split: Split = "tour") -> Body:
    """The person that a seed stands for; the same arguments give the same person."""
    rng = np.random.default_rng([seed, _SPLIT_SALT[split], 11])
    ranges = _SPLITS[split]

    def draw(span: tuple[float, float]) -> float:
        return float(rng.uniform(*span))

    woman = sex == "F"
    old = max(0.0, (age - 40) / 50)
    size = 0.91 if woman else 1.0
    fat = draw(ranges.fat_mm) ** 1.0
    axis = draw(ranges.heart_axis_deg)
    return Body(
        seed=seed,
        sex=sex,
        age=age,
        width=draw(ranges.width) * size,
        depth=draw(ranges.depth) * size * (1 + 0.05 * old),
        height=draw(ranges.height) * (0.93 if woman else 1.0),
        fat_mm=fat * (1.15 if woman else 0.9),
        muscle_mm=float(rng.uniform(10, 17) if woman else rng.uniform(13, 24)) * (1 - 0.2 * old),
        breast_mm=float(rng.uniform(10, 26) + 0.4 * fat) if woman else 0.0,
        dome_right_mm=float(rng.uniform(-112, -98)),
        dome_left_mm=float(rng.uniform(-126, -108)),
        kyphosis_mm=draw(ranges.kyphosis_mm) * (1 + 0.6 * old),
        scoliosis_mm=float(rng.normal(0, 4)),
        heart_width=float(rng.uniform(0.74, 0.87)) * (0.97 if woman else 1.0),
        heart_axis_deg=axis + 5 * (fat > 22),
        aorta=float(rng.uniform(0.88, 1.14)) * (1 + 0.25 * old),
        aorta_unfolding_mm=draw(ranges.unfolding) * old,
        rib_slope=draw(ranges.rib_slope),
        rib_size=float(rng.uniform(0.9, 1.1)) * (0.92 if woman else 1.0),
        bone=float(rng.uniform(0.88, 1.1)) * (1 - 0.3 * old),
        lung_hu=float(rng.uniform(-868, -825)),
        stomach_mm=float(rng.uniform(10, 40)),
        clavicle_rise_mm=float(rng.uniform(2, 30)),
        scapula_out_mm=float(rng.uniform(-6, 26)),
        # Fat lies about the great vessels: a stout person's are broader, and nobody's are alike.
        mediastinum_mm=float(rng.uniform(-3, 9)) + 0.1 * max(0.0, fat - 12),
    )


_SPLIT_SALT: dict[Split, int] = {"tour": 1, "train": 2, "dev": 3, "test": 4}


def posed(body: Body, setting: str, shot: int) -> Body:
    """The body as it stands or lies for one exposure: breath and turn differ each time."""
    rng = np.random.default_rng([body.seed, shot, 13])
    if setting == "erect":
        breath, turn = rng.uniform(0.86, 1.06), rng.normal(0, 1.6)
        return replace(body, inspiration=float(breath), rotation_deg=float(turn))
    breath, turn = rng.uniform(0.55, 0.9), rng.normal(0, 3.5)
    return replace(
        body,
        inspiration=float(breath),
        rotation_deg=float(turn),
        heart_width=body.heart_width * 1.06,
        scapula_out_mm=body.scapula_out_mm - 22,
        supine=setting == "supine",
    )
