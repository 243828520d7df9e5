"""Fine structure as clouds of points that each stand for a small volume of one tissue.

The same cloud is dropped onto a film's detector and into a CT's voxels, so that both show the
same rib at the same place; neither has to carry a grid fine enough for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from readingroom.sandbox_pacs.patients.chest.body import FloatArray
from readingroom.sandbox_pacs.patients.chest.grid import Painting


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points of tissue.

    Attributes:
        xyz: float32 (n, 3), mm.
        volume: float32 (n,), mm³.
        hu: float32 (n,), Hounsfield units of what is there.
        in_lung: whether it shows only where the lung is aerated (a vessel in a consolidation,
            or in a collapsed lung's place, does not).
    """

    xyz: FloatArray
    volume: FloatArray
    hu: FloatArray
    in_lung: bool = False

    def excess(self, painting: Painting, field: FloatArray, own: FloatArray) -> FloatArray:
        """What each point adds to what the voxels hold already, (n,), times mm³.

        Args:
            painting: what the voxels hold.
            field: (Z, Y, X) on the painting's grid, e.g. attenuation.
            own: (n,), the same quantity of each point's tissue.
        """
        where = painting.grid.indices(self.xyz)
        change = (own - field[where]) * self.volume
        if self.in_lung:
            change = change * painting.lung[where]
        return cast(FloatArray, change)


def join(clouds: list[Cloud]) -> Cloud:
    """One cloud; all must agree on `in_lung`."""
    return Cloud(
        np.concatenate([cloud.xyz for cloud in clouds]),
        np.concatenate([cloud.volume for cloud in clouds]),
        np.concatenate([cloud.hu for cloud in clouds]),
        clouds[0].in_lung,
    )


def _in_disk(count: int) -> tuple[FloatArray, FloatArray]:
    """Points of the unit disk in an order in which any run of them is spread evenly, (n,) each.

    So a tube that is filled in this order along its length shows neither bands nor lines.
    Source: the additive recurrence R2 (Roberts 2018, after Kronecker).
    """
    order = np.arange(count)
    # A little chance on top: a bare lattice, seen through the detector's, makes a moiré.
    chance = np.random.default_rng(29).random((2, count), dtype=np.float32) * 0.2
    radius = np.sqrt((order * 0.7548776662466927 + chance[0]) % 1).astype(np.float32)
    angle = (((order * 0.5698402909980532 + chance[1]) % 1) * 2 * np.pi).astype(np.float32)
    return radius * np.cos(angle), radius * np.sin(angle)


def smooth_path(corners: FloatArray, step_mm: float) -> FloatArray:
    """A smooth line through corners (k, 3), resampled to about `step_mm`: (n, 3).

    Cubic Hermite pieces with central tangents (Catmull and Rom 1974).
    """
    corners = np.asarray(corners, np.float64)
    reach = np.concatenate([[0], np.cumsum(np.sqrt(((corners[1:] - corners[:-1]) ** 2).sum(1)))])
    count = max(2, int(np.ceil(reach[-1] / step_mm)) + 1)
    wanted = np.linspace(0, reach[-1], count)
    piece = np.clip(np.searchsorted(reach, wanted, side="right") - 1, 0, len(corners) - 2)
    span = (reach[1:] - reach[:-1])[:, None]
    slope = (corners[1:] - corners[:-1]) / span
    tangent = np.concatenate([slope[:1], 0.5 * (slope[1:] + slope[:-1]), slope[-1:]])
    h = span[piece]
    t = ((wanted - reach[piece])[:, None]) / h
    line = (
        (2 * t**3 - 3 * t**2 + 1) * corners[piece]
        + (t**3 - 2 * t**2 + t) * h * tangent[piece]
        + (-2 * t**3 + 3 * t**2) * corners[piece + 1]
        + (t**3 - t**2) * h * tangent[piece + 1]
    )
    return np.asarray(line, np.float32)


def tube(
    path: FloatArray,
    half: tuple[float | FloatArray, float | FloatArray],
    hu: tuple[float, float],
    step_mm: float,
    *,
    rim: float = 0.7,
    up: FloatArray | None = None,
    depth_mm: float = 1.6,
) -> Cloud:
    """A bar along a smooth path with an elliptic section.

    Args:
        path: (n, 3), about `step_mm` apart.
        half: half thickness across and half height, mm; one each, or one per point.
        hu: of the core and of the rim.
        step_mm: distance of points along the path and across it.
        rim: the share of the radius from which on it is rim.
        up: direction that the height follows, (3,); default z.
        depth_mm: distance of points along the third way: a film sums over it, a CT does not.
    """
    tangent = np.gradient(path, axis=0)
    lengths = np.linalg.norm(tangent, axis=1, keepdims=True)
    tangent = tangent / np.maximum(lengths, 1e-6)
    upward = np.array([0, 0, 1], np.float32) if up is None else up
    across = np.cross(tangent, upward)
    norm = np.linalg.norm(across, axis=1, keepdims=True)
    across = np.where(norm > 1e-3, across / np.maximum(norm, 1e-3), [1.0, 0.0, 0.0])
    high = np.cross(across, tangent)
    half_u = np.broadcast_to(np.asarray(half[0], np.float32), (len(path),))
    half_v = np.broadcast_to(np.asarray(half[1], np.float32), (len(path),))
    area = float(np.pi * half_u.max() * half_v.max())
    each = int(np.clip(area / (step_mm * max(step_mm, depth_mm)), 4, 4000))
    u, v = _in_disk(each * len(path))
    row = np.repeat(np.arange(len(path)), each)
    along = np.tile(((np.arange(each) + 0.5) / each - 0.5).astype(np.float32), len(path))
    xyz = path[row]
    xyz += (u * half_u[row])[:, None] * across.astype(np.float32)[row]
    xyz += (v * half_v[row])[:, None] * high.astype(np.float32)[row]
    xyz += along[:, None] * (tangent * lengths).astype(np.float32)[row]
    volume = np.pi * half_u * half_v * lengths[:, 0] / each
    tissue = np.where(u * u + v * v > rim * rim, hu[1], hu[0]).astype(np.float32)
    return Cloud(xyz.astype(np.float32), volume.astype(np.float32)[row], tissue)


def segments(
    start: FloatArray,
    end: FloatArray,
    r0: FloatArray,
    r1: FloatArray,
    hu: float,
    step_mm: float,
    depth_mm: float = 1.6,
) -> Cloud:
    """Many short round tubes at once: start, end (n, 3), radius at each end (n,)."""
    along = end - start
    length = np.linalg.norm(along, axis=1)
    tangent = along / np.maximum(length, 1e-6)[:, None]
    helper = np.where(np.abs(tangent[:, 2:]) < 0.9, [0.0, 0.0, 1.0], [1.0, 0.0, 0.0])
    across = np.cross(tangent, helper)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    high = np.cross(tangent, across)
    per_step = np.pi * r0 * r0 / (step_mm * max(step_mm, depth_mm))
    each = np.maximum(1, np.ceil(np.clip(per_step, 1, 4000) * length / step_mm).astype(int))
    row = np.repeat(np.arange(len(start)), each)
    first = np.repeat(np.cumsum(each) - each, each)
    share = ((np.arange(len(row)) - first + 0.5) / each[row]).astype(np.float32)
    u, v = _in_disk(len(row))
    radius = r0[row] + (r1 - r0)[row] * share
    xyz = start[row] + along[row] * share[:, None]
    xyz += (u * radius)[:, None] * across.astype(np.float32)[row]
    xyz += (v * radius)[:, None] * high.astype(np.float32)[row]
    volume = np.pi * radius**2 * (length / each)[row]
    return Cloud(
        xyz.astype(np.float32),
        volume.astype(np.float32),
        np.full(len(xyz), hu, np.float32),
        in_lung=True,
    )


def sheet(
    corners: FloatArray, thickness_mm: float, hu: float, step_mm: float, *, in_lung: bool = False
) -> Cloud:
    """A thin four-cornered sheet: corners (4, 3) in order around it."""
    a, b, c, d = np.asarray(corners, np.float32)
    size_u = max(float(np.linalg.norm(b - a)), float(np.linalg.norm(c - d)), step_mm)
    size_v = max(float(np.linalg.norm(d - a)), float(np.linalg.norm(c - b)), step_mm)
    u = ((np.arange(int(size_u / step_mm) + 1) + 0.5) / (int(size_u / step_mm) + 1))[:, None, None]
    v = ((np.arange(int(size_v / step_mm) + 1) + 0.5) / (int(size_v / step_mm) + 1))[None, :, None]
    xyz = a * (1 - u) * (1 - v) + b * u * (1 - v) + c * u * v + d * (1 - u) * v
    du = (b - a) * (1 - v) + (c - d) * v
    dv = (d - a) * (1 - u) + (c - b) * u
    area = np.linalg.norm(np.cross(np.broadcast_to(du, xyz.shape), dv), axis=2)
    volume = area * thickness_mm / area.size
    points = xyz.reshape(-1, 3).astype(np.float32)
    return Cloud(
        points,
        volume.reshape(-1).astype(np.float32),
        np.full(len(points), hu, np.float32),
        in_lung,
    )
