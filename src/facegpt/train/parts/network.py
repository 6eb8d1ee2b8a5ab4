"""The network of parts: a face's window (B, 3, S, S) in, logits of its parts (B, PARTS, S / 2, S / 2) out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from facegpt.encode.landmark_network import Convolution, Residual
from facegpt.encode.parts import PARTS

#: Channels at strides 2, 4, 8, 16 and 32; residual blocks there; channels of the maps on the way back.
WIDTHS, BLOCKS, BACK = (16, 32, 64, 96, 128), (0, 1, 1, 2, 1), 32


class PartsNetwork(nn.Module):
    """A trunk of five scales, and a pyramid back to the second finest pixels."""

    def __init__(self) -> None:
        super().__init__()
        stages, into = [], 3
        for width, blocks in zip(WIDTHS, BLOCKS, strict=True):
            size = 5 if into == 3 else 3
            first = [nn.Conv2d(into, width, size, 2, size // 2, bias=False), nn.BatchNorm2d(width), nn.ReLU(True)]
            stages.append(nn.Sequential(*first, *(Residual(width) for _ in range(blocks))))
            into = width
        self.stages = nn.ModuleList(stages)
        self.lateral = nn.ModuleList([nn.Conv2d(width, BACK, 1) for width in WIDTHS])
        self.smooth = nn.ModuleList([Convolution(BACK, BACK) for _ in WIDTHS[1:-1]])
        self.fine = nn.Sequential(
            nn.Conv2d(BACK, BACK, 3, padding=1, groups=BACK, bias=False), Convolution(BACK, BACK, 1)
        )
        self.tell = nn.Conv2d(BACK, len(PARTS), 1)

    def forward(self, image: Tensor) -> Tensor:
        """Look at windows, whitened colours."""
        maps = []
        for stage in self.stages:
            image = stage(image)
            maps.append(image)
        top = self.lateral[-1](maps[-1])
        for level in range(len(maps) - 2, -1, -1):
            top = functional.interpolate(top, scale_factor=2.0, mode="nearest") + self.lateral[level](maps[level])
            top = self.smooth[level - 1](top) if level else self.fine(top)
        return self.tell(torch.relu(top))
