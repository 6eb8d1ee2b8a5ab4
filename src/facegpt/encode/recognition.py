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
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from facegpt.assets import load_arrays
from facegpt.types import Array

CHIP_PX, WEIGHTS = 150, "face_recognition.npz"
#: Pixels beyond the square that reading between pixels needs.
BEYOND = 3
#: Numbers of a descriptor.
DESCRIPTOR = 128
_MEAN_RGB = (122.782, 117.001, 104.298)
_BLOCKS = (
    *("conv32_1", "conv32_2", "conv32_3", "conv64_down", "conv64_1", "conv64_2", "conv64_3", "conv128_down"),
    *("conv128_1", "conv128_2", "conv256_down", "conv256_1", "conv256_2", "conv256_down_out"),
)
#: Blocks whose features `FaceRecognition.look` gives: the last ones at 35, 17 and 8 cells a side.
MIDDLE = ("conv32_3", "conv64_3", "conv128_2")
# Where face-api puts the mean of eye centres and mouth in the chip, and the eye-mouth distance, as shares of its side.
_CHIP_X, _CHIP_Y, _CHIP_SCALE = 0.5, 0.43, 0.45


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


def chip_square(points68: Array) -> tuple[NDArray[np.float64], float, float]:
    """The upper left corner (2,), side and roll (radians) of the square that the network expects to see.

    Args:
        points68: ibug68 points (68, 2) in pixels, or in any other unit.
    """
    points = np.asarray(points68, np.float64)
    eyes = np.stack([points[36:42].mean(0), points[42:48].mean(0)])
    mouth = points[48:68].mean(0)
    roll = float(np.arctan2(*(eyes[1] - eyes[0])[::-1]))
    side = float(np.linalg.norm(eyes - mouth, axis=1).mean()) / _CHIP_SCALE
    along = np.array([np.cos(roll), np.sin(roll)]) * side
    down = np.array([-along[1], along[0]])
    return (eyes.sum(0) + mouth) / 3 - along * _CHIP_X - down * _CHIP_Y, side, roll


def face_chip(image: NDArray[np.uint8], points68: Array) -> NDArray[np.uint8]:
    """Cut the upright square (150, 150, 3) that the network expects, given ibug68 points (68, 2) in pixels."""
    corner, side, roll = chip_square(points68)
    along = np.array([np.cos(roll), np.sin(roll)]) * side / CHIP_PX
    down = np.array([-along[1], along[0]])
    shrink = max(1, int(side / CHIP_PX))  # PIL's affine transform does not antialias: reduce first
    x, y, part = _around(image, corner, along, down, shrink)
    source = Image.fromarray(part)
    if shrink > 1:
        source = source.reduce(shrink)
    matrix = np.array([along[0], down[0], corner[0] + 0.5 - x, along[1], down[1], corner[1] + 0.5 - y]) / shrink
    return np.asarray(
        source.transform((CHIP_PX, CHIP_PX), Image.Transform.AFFINE, tuple(matrix), Image.Resampling.BICUBIC)
    )


def _around(
    image: NDArray[np.uint8], corner: Array, along: Array, down: Array, shrink: int
) -> tuple[int, int, NDArray[np.uint8]]:
    """The part of an image that a chip is read from, and the column and row where it begins: whole reduced pixels."""
    ends = corner + CHIP_PX * np.array([along * 0, along, down, along + down])
    low = np.clip((np.floor(ends.min(0) / shrink).astype(int) - BEYOND) * shrink, 0, None)
    high = np.clip((np.ceil(ends.max(0) / shrink).astype(int) + BEYOND) * shrink, low + shrink, None)
    part = image[low[1] : high[1], low[0] : high[0]]
    return (int(low[0]), int(low[1]), np.ascontiguousarray(part)) if part.size else (0, 0, image)


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
