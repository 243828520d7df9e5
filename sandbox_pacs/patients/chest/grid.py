"""A block of space in voxels, and how things are painted into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from readingroom.sandbox_pacs.patients.chest.body import FloatArray

Extent = tuple[float, float, float, float, float, float]
"""x0, x1, y0, y1, z0, z1 in mm."""

Triple = Sequence[float] | NDArray[Any]
"""x, y, z in mm."""

Block = tuple[slice, slice, slice]
"""A part of the grid, (z, y, x)."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Voxel centres along each axis.

    Attributes:
        x, y, z: float32, rising, mm.
        step: pitch (z, y, x) in mm.
    """

    x: FloatArray
    y: FloatArray
    z: FloatArray
    step: tuple[float, float, float]

    @staticmethod
    def over(extent: Extent, step: tuple[float, float, float]) -> Grid:
        """A grid that covers an extent with this pitch (z, y, x)."""

        def axis(low: float, high: float, pitch: float) -> FloatArray:
            count = max(1, int(np.ceil((high - low) / pitch)))
            return (low + pitch * (np.arange(count) + 0.5)).astype(np.float32)

        x0, x1, y0, y1, z0, z1 = extent
        return Grid(axis(x0, x1, step[2]), axis(y0, y1, step[1]), axis(z0, z1, step[0]), step)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along z, y, x."""
        return (len(self.z), len(self.y), len(self.x))

    def block(self, extent: Extent) -> Block | None:
        """The voxels within an extent; None when there is none."""
        spans = []
        for axis, low, high in (
            (self.z, extent[4], extent[5]),
            (self.y, extent[2], extent[3]),
            (self.x, extent[0], extent[1]),
        ):
            start, stop = np.searchsorted(axis, (low, high))
            if stop <= start:
                return None
            spans.append(slice(int(start), int(stop)))
        return (spans[0], spans[1], spans[2])

    def axes(self, block: Block) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Centres x (1, 1, X), y (1, Y, 1), z (Z, 1, 1) of a block, ready to broadcast."""
        return (
            self.x[block[2]][None, None, :],
            self.y[block[1]][None, :, None],
            self.z[block[0]][:, None, None],
        )

    def indices(self, points: FloatArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Nearest voxel (z, y, x) of each point (n, 3) as x, y, z; outside is the rim."""
        found = []
        for column, axis, pitch in (
            (2, self.z, self.step[0]),
            (1, self.y, self.step[1]),
            (0, self.x, self.step[2]),
        ):
            place = ((points[:, column] - axis[0]) * (1 / pitch) + 0.5).astype(np.int32)
            found.append(np.clip(place, 0, len(axis) - 1))
        return (found[0], found[1], found[2])


@dataclass(eq=False)
class Patch:
    """What one lesion changed: attenuation after minus before, in HU, on a block."""

    block: Block
    delta: FloatArray


@dataclass(eq=False)
class Painting:
    """A chest as it is being painted.

    Attributes:
        hu: float32 (Z, Y, X), Hounsfield units.
        lung: float32 (Z, Y, X), share of each voxel that is aerated lung, 0 to 1.
        patches: by lesion key.
        room: by name, e.g. "heart": where an organ was painted (its block and alpha).
    """

    grid: Grid
    hu: FloatArray
    lung: FloatArray
    patches: dict[str, Patch] = field(default_factory=dict)
    room: dict[str, Patch] = field(default_factory=dict)

    @staticmethod
    def empty(grid: Grid) -> Painting:
        """Air."""
        hu = np.full(grid.shape, -1000.0, np.float32)
        return Painting(grid, hu, np.zeros(grid.shape, np.float32))

    def paint(self, block: Block, alpha: FloatArray, hu: float | FloatArray) -> None:
        """Lay a tissue over what is there; `alpha` is its share of each voxel, 0 to 1.

        What is covered is no aerated lung any more.
        """
        here = self.hu[block]
        here += alpha * (hu - here)
        self.lung[block] *= 1 - alpha

    def fill_lung(self, block: Block, alpha: FloatArray, hu: float | FloatArray, key: str) -> None:
        """Replace aerated lung only, and keep what changed under a lesion's key."""
        share = alpha * self.lung[block]
        here = self.hu[block]
        delta = (share * (hu - here)).astype(np.float32)
        here += delta
        self.lung[block] -= share
        self.keep(key, block, delta)

    def keep(self, key: str, block: Block, delta: FloatArray) -> None:
        """Note what a lesion changed; a second call adds to the first."""
        before = self.patches.get(key)
        if before is None:
            self.patches[key] = Patch(block, delta)
            return
        union = tuple(
            slice(min(a.start, b.start), max(a.stop, b.stop))
            for a, b in zip(before.block, block, strict=True)
        )
        whole = np.zeros([part.stop - part.start for part in union], np.float32)
        for part, change in ((before.block, before.delta), (block, delta)):
            inner = tuple(
                slice(p.start - u.start, p.stop - u.start) for p, u in zip(part, union, strict=True)
            )
            whole[inner] += change
        self.patches[key] = Patch((union[0], union[1], union[2]), whole)


def soft(distance: FloatArray, width: float) -> FloatArray:
    """Share of a voxel inside a surface: 1 inside, 0 outside, a ramp of `width` mm.

    Args:
        distance: mm to the surface, positive inside.
        width: of the ramp, about a voxel.
    """
    return cast(FloatArray, np.clip(distance * (1 / width) + 0.5, 0, 1))


def ellipsoid(
    grid: Grid,
    centre: Triple,
    radii: Triple,
    turn: FloatArray | None = None,
    bend: Callable[[FloatArray, FloatArray, FloatArray], FloatArray] | None = None,
) -> tuple[Block, FloatArray] | None:
    """The voxels of an ellipsoid and its share of each.

    Args:
        grid: where it is drawn.
        centre: x, y, z.
        radii: along its own axes, mm.
        turn: rotation matrix (3, 3): rows are its own axes; None keeps x, y, z.
        bend: added to the distance (mm), for a rough surface.
    """
    reach = max(radii) if turn is not None else None
    margin = max(grid.step)
    rx, ry, rz = (reach,) * 3 if reach is not None else tuple(radii)
    x, y, z = centre
    block = grid.block(
        (x - rx - margin, x + rx + margin, y - ry - margin, y + ry + margin,
         z - rz - margin, z + rz + margin)
    )  # fmt: skip
    if block is None:
        return None
    px, py, pz = grid.axes(block)
    dx, dy, dz = px - x, py - y, pz - z
    if turn is not None:
        dx, dy, dz = (row[0] * dx + row[1] * dy + row[2] * dz for row in turn)
    q = (dx / radii[0]) ** 2 + (dy / radii[1]) ** 2 + (dz / radii[2]) ** 2
    root = np.sqrt(q)
    # Distance along the ray from the centre: exact on a sphere, good near any surface.
    size = (radii[0] * radii[1] * radii[2]) ** (1 / 3)
    distance = (1 - root) * size
    if bend is not None:
        distance = distance + bend(px, py, pz)
    return block, soft(distance, _ramp(grid)).astype(np.float32)


def _ramp(grid: Grid) -> float:
    return float((grid.step[0] * grid.step[1] * grid.step[2]) ** (1 / 3))


def paint_tube(
    painting: Painting, path: FloatArray, radius: float | FloatArray, hu: float, room: str = ""
) -> None:
    """A tube along a path (n, 3) of x, y, z; `radius` one or one per point."""
    grid = painting.grid
    radii = np.broadcast_to(np.asarray(radius, np.float32), (len(path),))
    width = float(np.prod(grid.step) ** (1 / 3))
    for start, end, r0, r1 in zip(path[:-1], path[1:], radii[:-1], radii[1:], strict=True):
        reach = max(r0, r1) + width
        low, high = np.minimum(start, end) - reach, np.maximum(start, end) + reach
        block = grid.block((low[0], high[0], low[1], high[1], low[2], high[2]))
        if block is None:
            continue
        x, y, z = grid.axes(block)
        along = (end - start).astype(np.float32)
        length2 = max(float(along @ along), 1e-6)
        dx, dy, dz = x - start[0], y - start[1], z - start[2]
        t = np.clip((dx * along[0] + dy * along[1] + dz * along[2]) / length2, 0, 1)
        away = np.sqrt(
            (dx - t * along[0]) ** 2 + (dy - t * along[1]) ** 2 + (dz - t * along[2]) ** 2
        )
        alpha = soft(r0 + (r1 - r0) * t - away, width).astype(np.float32)
        painting.paint(block, alpha, hu)
        if room:
            keep_room(painting, room, block, alpha)


def keep_room(painting: Painting, name: str, block: Block, alpha: FloatArray) -> None:
    """Remember where an organ lies, for its box and mask."""
    shadow = Painting(painting.grid, painting.hu, painting.lung, painting.room)
    before = painting.room.get(name)
    shadow.keep(name, block, alpha)
    if before is not None:
        np.minimum(painting.room[name].delta, 1, out=painting.room[name].delta)
