"""A face in a photo as tokens of a conversation: the encoder's grid as image tokens, geometry beside them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from facegpt.encode.photo_view import CELLS

#: Noise on the encoder's numbers in training, in SDs.
NOISE = 0.5


class PhotoInput(NamedTuple):
    """N photos' faces for one pass of the model.

    Attributes:
        grid: (N, 16, C) and numbers: (N, G), see PhotoView and CropGeometry.numbers.
        at: (N, 2) conversation and first slot of each.
    """

    grid: Tensor
    numbers: Tensor
    at: Tensor


class Scale(nn.Module):
    """Subtract the mean of each number and divide by its SD, both measured once on training photos.

    In training, noise of `noise` SDs is added: a few thousand faces would be learnt by heart.
    """

    mean: Tensor
    sd: Tensor

    def __init__(self, size: int, noise: float = 0.0) -> None:
        super().__init__()
        self.noise = noise
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("sd", torch.ones(size))

    @torch.no_grad()
    def measure(self, values: Tensor) -> None:
        """Take mean and SD of values (…, size)."""
        flat = values.flatten(0, -2).double()
        self.mean.copy_(flat.mean(0))
        self.sd.copy_(flat.std(0).clamp_min(1e-3))

    def forward(self, values: Tensor) -> Tensor:
        """Scale (…, size)."""
        scaled = ((values - self.mean) / self.sd).clamp(-8.0, 8.0)
        return scaled + self.noise * torch.randn_like(scaled) if self.training and self.noise else scaled


class PhotoTokens(nn.Module):
    """The projector: (N, 16, C) and (N, G) → (N, 16 + geometry, D), as large as the base's own embeddings (its RMS).

    Args:
        channels: C. numbers: G. geometry: tokens of those numbers. size: D. hidden: of both perceptrons.
        rms: of an embedding of the base.
    """

    def __init__(
        self, channels: int, numbers: int, geometry: int, size: int, hidden: int = 128, rms: float = 0.1
    ) -> None:
        super().__init__()
        self.tokens, self.geometry = CELLS + geometry, geometry
        self.cell_scale, self.number_scale = Scale(channels, NOISE), Scale(numbers, NOISE)
        self.cell_in, self.cell_out = nn.Linear(channels, hidden), nn.Linear(hidden, size)
        self.place = nn.Parameter(torch.randn(CELLS, size) * 0.3)
        self.number_in, self.number_out = nn.Linear(numbers, hidden), nn.Linear(hidden, geometry * size)
        self.norm = nn.LayerNorm(size)
        self.norm.weight.data.fill_(rms)

    def forward(self, grid: Tensor, numbers: Tensor) -> Tensor:
        """Embed N faces."""
        cells = self.cell_out(nn.functional.gelu(self.cell_in(self.cell_scale(grid)))) + self.place
        geometry = self.number_out(nn.functional.gelu(self.number_in(self.number_scale(numbers))))
        return self.norm(torch.cat([cells, geometry.unflatten(1, (self.geometry, -1))], 1))
