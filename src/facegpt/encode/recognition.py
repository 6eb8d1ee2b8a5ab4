"""A face-recognition descriptor: the measure of likeness in losses and evaluations.

A 29-layer residual network (He et al. 2016; trained by D. King for dlib, 2017; weights of @vladmandic/face-api 1.7.15,
MIT).
Two photos of one person are usually less than 0.6 apart (Euclidean), other people more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from facegpt.assets import load_arrays
from facegpt.encode.face_describer import WEIGHTS

_MEAN_RGB = (122.782, 117.001, 104.298)
_BLOCKS = (
    *("conv32_1", "conv32_2", "conv32_3", "conv64_down", "conv64_1", "conv64_2", "conv64_3", "conv128_down"),
    *("conv128_1", "conv128_2", "conv256_down", "conv256_1", "conv256_2", "conv256_down_out"),
)
#: Blocks whose features `FaceRecognition.look` gives: the last ones at 35, 17 and 8 cells a side.
MIDDLE = ("conv32_3", "conv64_3", "conv128_2")


@dataclass(frozen=True)
class Look:
    """What the network makes of B chips.

    Attributes:
        descriptor: (B, 128). middle: (B, C, H, W) of each block of MIDDLE, 0 or more.
    """

    descriptor: Tensor
    middle: tuple[Tensor, ...]


class FaceRecognition(nn.Module):
    """Chips (B, 3, 150, 150) in 0..255 sRGB → descriptors (B, 128). Differentiable; the weights are frozen.

    Chips may be on any device; what is made of them is on that of the network (`.to("cuda:0")`).
    """

    last: Tensor
    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        arrays = load_arrays(WEIGHTS)
        self.stem = Layer(arrays, "conv32_down", stride=2, padding=0)
        self.blocks = nn.ModuleList(Residual(arrays, name) for name in _BLOCKS)
        self.register_buffer("last", torch.from_numpy(_tensor(arrays, "fc")))
        self.register_buffer("mean", torch.tensor(_MEAN_RGB).view(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, chips: Tensor) -> Tensor:
        """Describe chips (B, 3, 150, 150): (B, 128)."""
        return self.look(chips).descriptor

    def look(self, chips: Tensor) -> Look:
        """Describe chips (B, 3, 150, 150), and tell what the network's middle layers saw."""
        features = functional.max_pool2d(
            functional.relu(self.stem((chips.to(self.mean.device) - self.mean) / 255)), 3, 2
        )
        middle = []
        for name, block in zip(_BLOCKS, self.blocks, strict=True):
            features = block(features)
            if name in MIDDLE:
                middle.append(features)
        return Look(features.mean((2, 3)) @ self.last, tuple(middle))


class Layer(nn.Module):
    """A convolution followed by a per-channel scale and shift, folded into one."""

    def __init__(self, arrays: dict[str, NDArray], name: str, stride: int, padding: int) -> None:
        super().__init__()
        scale, shift = _tensor(arrays, name + "/scale/weights"), _tensor(arrays, name + "/scale/biases")
        filters, bias = _tensor(arrays, name + "/conv/filters"), _tensor(arrays, name + "/conv/bias")
        self.weight = nn.Parameter(torch.from_numpy(np.ascontiguousarray((filters * scale).transpose(3, 2, 0, 1))))
        self.bias = nn.Parameter(torch.from_numpy(bias * scale + shift))
        self.stride, self.padding = stride, padding

    def forward(self, features: Tensor) -> Tensor:
        """Convolve (B, C, H, W)."""
        return functional.conv2d(features, self.weight, self.bias, self.stride, self.padding)


class Residual(nn.Module):
    """Two convolutions beside a way around them; "down" halves the sides, and adds channels of zeros to that way."""

    def __init__(self, arrays: dict[str, NDArray], name: str) -> None:
        super().__init__()
        self.down = "down" in name
        self.first = Layer(arrays, name + "/conv1", 2 if self.down else 1, 0 if self.down else 1)
        self.second = Layer(arrays, name + "/conv2", 1, 1)

    def forward(self, features: Tensor) -> Tensor:
        """The sum of the two ways (B, C, H, W)."""
        out = self.second(functional.relu(self.first(features)))
        if self.down:
            features = functional.avg_pool2d(features, 2)
            grow = features.shape[2] - out.shape[2]
            out = functional.pad(out, (0, grow, 0, grow))
            features = functional.pad(features, (0, 0, 0, 0, 0, out.shape[1] - features.shape[1]))
        return functional.relu(out + features)


def descriptor_distance(first: Tensor, second: Tensor) -> Tensor:
    """Euclidean distance between descriptors (..., 128)."""
    return (first - second).norm(dim=-1)


def chips_to_tensor(chips: NDArray[np.uint8]) -> Tensor:
    """(B, 150, 150, 3) uint8 → (B, 3, 150, 150) float32 in 0..255."""
    return torch.from_numpy(np.ascontiguousarray(np.asarray(chips).transpose(0, 3, 1, 2))).float()


def _tensor(arrays: dict[str, NDArray], name: str) -> NDArray[np.float32]:
    values = arrays[name].astype(np.float32)
    if name + ":scale" in arrays:
        values = values * arrays[name + ":scale"] + arrays[name + ":min"]
    return values
