"""The network of eyewear: windows (B, 3, H, W) in; logits of rims and lenses (B, 2, H, W) and of glasses (B,) out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from facegpt.encode.landmark_network import Convolution
from facegpt_lab.train.parts.network import scales, trunk

#: Channels at strides 2, 4, 8 and 16, and residual blocks there; channels of the maps on the way back.
WIDTHS, BLOCKS, BACK = (16, 32, 48, 64), (0, 1, 1, 2), 24


class EyewearNetwork(nn.Module):
    """A trunk of four scales that tells whether glasses are worn, and a pyramid back to all pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = trunk(WIDTHS, BLOCKS)
        self.lateral = nn.ModuleList([nn.Conv2d(width, BACK, 1) for width in WIDTHS])
        self.smooth = nn.ModuleList([Convolution(BACK, BACK) for _ in WIDTHS[:-1]])
        self.tell = nn.Conv2d(BACK, 8, 1)
        self.worn = nn.Sequential(nn.Linear(2 * WIDTHS[-1] + 4, 32), nn.ReLU(True), nn.Linear(32, 1))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Look at windows, whitened colours."""
        maps = scales(self.stages, image)
        top = self.lateral[-1](maps[-1])
        for level in range(len(maps) - 2, -1, -1):
            top = functional.interpolate(top, scale_factor=2.0, mode="nearest") + self.lateral[level](maps[level])
            top = self.smooth[level](top)
        told = functional.pixel_shuffle(self.tell(torch.relu(top)), 2)
        seen = torch.sigmoid(told)
        amounts = torch.cat([seen.mean((2, 3)), functional.max_pool2d(seen, 4).mean((2, 3))], 1)
        deep = maps[-1]
        state = torch.cat([deep.mean((2, 3)), deep.amax((2, 3)), 10 * amounts], 1)
        return told, self.worn(state)[:, 0]
