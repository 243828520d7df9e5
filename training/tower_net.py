"""The tower and the crop net as torch modules; exported to ONNX for use."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from readingroom.inference.tower.layout import (
    ADULT_OBSERVATIONS,
    BOXES,
    CHILD_OBSERVATIONS,
    FEATURES,
    GRID,
    KINDS,
    PHANTOM_OBSERVATIONS,
    QUALITIES,
)


def _conv(inward: int, outward: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inward, outward, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outward),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two convolutions and the way around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(width, width), nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Same shape as the input."""
        return torch.relu(x + self.body(x))


class SoftEdges(nn.Module):
    """Boxes as the expected place of four edges (an integral regression)."""

    def __init__(self, width: int, count: int, grid: int) -> None:
        super().__init__()
        self.count = count
        self.maps = nn.Conv2d(width, 4 * count, 1)
        self.register_buffer("place", (torch.arange(grid) + 0.5) / grid)

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, grid, grid) to (B, count, 4) as x0, y0, x1, y1 in 0 to 1."""
        maps = self.maps(x).float()
        across, down = maps[:, : 2 * self.count], maps[:, 2 * self.count :]
        place = cast(Tensor, self.place)
        xs = (across.amax(2) * 2).softmax(-1) @ place
        ys = (down.amax(3) * 2).softmax(-1) @ place
        # A soft maximum cannot reach the rim itself: stretch it a little.
        xs, ys = (xs - 0.5) * 1.06 + 0.5, (ys - 0.5) * 1.06 + 0.5
        n = self.count
        return torch.stack([xs[:, :n], ys[:, :n], xs[:, n:], ys[:, n:]], -1)


class PeakBoxes(nn.Module):
    """Boxes from where the heat is: the features there tell how far the four edges are."""

    def __init__(self, width: int, count: int, grid: int) -> None:
        super().__init__()
        self.edges = nn.Parameter(torch.randn(count, 4, width) * 0.05)
        self.usual = nn.Parameter(torch.full((count, 4), -2.0))
        place = (torch.arange(grid) + 0.5) / grid
        down, across = torch.meshgrid(place, place, indexing="ij")
        self.register_buffer("place", torch.stack([across, down, across, down]).flatten(1))
        self.register_buffer("sign", torch.tensor([-1.0, -1.0, 1.0, 1.0]))

    def forward(self, x: Tensor, heat: Tensor) -> Tensor:
        """(B, width, G, G) and heat logits (B, count, G, G) to (B, count, 4) in 0 to 1."""
        # The mask alone teaches the heat: a box must not pull it to where its edges are easy.
        weight = (2 * heat.detach().flatten(2)).softmax(-1)
        there = weight @ x.float().flatten(2).transpose(1, 2)
        away = (there[:, :, None] * self.edges).sum(-1) + self.usual
        place, sign = cast(Tensor, self.place), cast(Tensor, self.sign)
        return weight @ place.T + sign * functional.softplus(away)


class TowerNet(nn.Module):
    """A film (B, 1, 224, 224), 0 to 1, to all that layout.OUTPUTS names."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_conv(1, 16, 5, 2), _conv(16, 32, 3, 2), _conv(32, 32))
        self.middle = nn.Sequential(_conv(32, 64, 3, 2), Residual(64), Residual(64))
        self.deep = nn.Sequential(_conv(64, 128, 3, 2), Residual(128), Residual(128))
        self.down = _conv(128, 64, 1)
        self.merge = _conv(64, 64)
        # Back to a quarter of the film's pixels: a small nodule is one cell of the map before.
        self.narrow = _conv(64, 32, 1)
        self.near = _conv(32, 32, 1)
        self.sharp = _conv(32, 48)
        self.heat = nn.Conv2d(48, len(BOXES), 1)
        self.boxes = PeakBoxes(48, len(BOXES), GRID)
        self.pool = nn.Sequential(nn.Linear(256, FEATURES), nn.ReLU(inplace=True))
        self.drop = nn.Dropout(0.1)
        self.phantom = nn.Linear(FEATURES, len(PHANTOM_OBSERVATIONS))
        self.peak = nn.Parameter(torch.full((len(PHANTOM_OBSERVATIONS),), 0.7))
        self.adult = nn.Linear(256, len(ADULT_OBSERVATIONS))
        self.child = nn.Linear(256, len(CHILD_OBSERVATIONS))
        self.kind = nn.Linear(FEATURES, len(KINDS))
        self.quality = nn.Linear(FEATURES + 32, len(QUALITIES))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Logits, boxes, heat logits and features in the order of layout.OUTPUTS."""
        low = self.stem(x - 0.4)
        mid = self.middle(low)
        deep = self.deep(mid)
        up = functional.interpolate(self.down(deep), scale_factor=2.0, mode="nearest")
        fine = self.narrow(self.merge(up + mid))
        up = functional.interpolate(fine, scale_factor=2.0, mode="nearest")
        fine = self.sharp(up + self.near(low))
        heat = self.heat(fine).float()
        pooled = torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1)
        features = self.pool(pooled)
        seen = heat[:, : len(PHANTOM_OBSERVATIONS)].flatten(2).topk(6, -1).values.mean(-1)
        phantom = self.phantom(self.drop(features)).float() + self.peak * seen
        quality = self.quality(torch.cat([features, low.mean((2, 3))], 1))
        return (
            phantom,
            self.adult(self.drop(pooled)),
            self.child(self.drop(pooled)),
            self.kind(features),
            quality,
            self.boxes(fine, heat),
            heat,
            features,
        )


class CropNet(nn.Module):
    """A crop (B, 1, 96, 96) and where it lies (B, 4) to presence logits and the tube's tip."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(1, 16, 5, 2),
            _conv(16, 32, 3, 2),
            Residual(32),
            _conv(32, 64, 3, 2),
            Residual(64),
        )
        self.deep = nn.Sequential(_conv(64, 96, 3, 2), Residual(96))
        self.tip = SoftEdges(64, 1, 12)
        self.head = nn.Sequential(
            nn.Linear(96 * 2 + 4, 64),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Linear(64, len(PHANTOM_OBSERVATIONS)),
        )

    def forward(self, x: Tensor, where: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, P) and the tip (B, 2) in shares of the crop."""
        fine = self.body(x - 0.4)
        deep = self.deep(fine)
        pooled = torch.cat([deep.mean((2, 3)), deep.amax((2, 3)), where], 1)
        return self.head(pooled), self.tip(fine)[:, 0, :2]
