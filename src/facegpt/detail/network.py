"""The network of the skin's relief, for training: a U-Net over the window, from what a photo shows to mm."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facegpt.detail.fold_groups import GROUPS
from facegpt.detail.observation import CHANNELS
from facegpt.detail.relief_network import FEATURES, LARGEST_MM, choose_file, chosen_file, read_weights
from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps
from facegpt.types import Array, AssetError


class DetailNetwork(nn.Module):
    """Observations (B, CHANNELS, HEIGHT, WIDTH) → displacement (B, HEIGHT, WIDTH) mm within ±LARGEST_MM.

    Four buffers come with it: `mask` (HEIGHT, WIDTH) says where detail may live, not on brows, nostrils and the rims of
    eyes and mouth; `regions` (K, HEIGHT, WIDTH) in 0..1 where the folds of each of GROUPS run; `folds`
    (K, HEIGHT, WIDTH) mm, what such folds look like on somebody, for faces that did not show theirs; and `left`
    (HEIGHT, WIDTH), the share of the subject's left side in what moves a texel.
    """

    mask: Tensor
    regions: Tensor
    folds: Tensor
    left: Tensor

    def __init__(self) -> None:
        super().__init__()
        first, *rest = FEATURES
        self.enter = _block(4 * (CHANNELS + 2), first)
        self.down = nn.ModuleList(_block(a, b) for a, b in zip(FEATURES, rest, strict=False))
        self.up = nn.ModuleList(_block(a + b, b) for a, b in zip(rest[::-1], FEATURES[-2::-1], strict=True))
        self.leave = nn.Conv2d(first, 4, 3, padding=1)
        nn.init.normal_(self.leave.weight, 0, 1e-2)
        for name in ("mask", "left"):
            self.register_buffer(name, torch.ones(HEIGHT, WIDTH))
        for name in ("regions", "folds"):
            self.register_buffer(name, torch.zeros(len(GROUPS), HEIGHT, WIDTH))

    def forward(self, channels: Tensor) -> Tensor:
        """Displacement (B, HEIGHT, WIDTH), mm, before the mask."""
        brightness = channels[:, :3].mean(1, keepdim=True)
        slopes = brightness * channels[:, 5:7]  # what a slope must be for the light to explain the brightness
        features = self.enter(functional.pixel_unshuffle(torch.cat([channels, slopes], 1), 2))
        levels = [features]
        for block in self.down:
            features = block(functional.avg_pool2d(features, 2))
            levels.append(features)
        for block, level in zip(self.up, levels[-2::-1], strict=True):
            features = block(torch.cat([functional.interpolate(features, size=level.shape[-2:]), level], 1))
        drawn = functional.pixel_shuffle(self.leave(features), 2)[:, 0].float()
        return LARGEST_MM * torch.tanh(drawn / LARGEST_MM)

    def displacement(self, channels: Array) -> Maps:
        """The displacement (HEIGHT, WIDTH) of one observation (CHANNELS, HEIGHT, WIDTH), mm, before the mask."""
        with torch.no_grad():
            return np.asarray(self(torch.from_numpy(channels)[None])[0].numpy())


def _block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1),
        nn.SiLU(),
        nn.Conv2d(outputs, outputs, 3, padding=1),
        nn.SiLU(),
    )


def use_network(path: Path | None) -> None:
    """Take a network that `facegpt train detail` wrote instead of the shipped one, in this process; None: the latter.

    Raises:
        AssetError: if the file does not hold one.
    """
    if path is not None:
        read_network(path)
    choose_file(path)


def detail_network() -> DetailNetwork:
    """The network in use, loaded once: the shipped one, or that of `use_network`."""
    return _loaded(chosen_file())


@lru_cache(maxsize=2)
def _loaded(path: Path) -> DetailNetwork:
    return read_network(path)


def read_network(path: Path) -> DetailNetwork:
    """Read a network that `facegpt_lab.train.detail` wrote (.safetensors), or the shipped one (.npz, half the size).

    Raises:
        AssetError: if the file does not hold one.
    """
    network, weights = DetailNetwork(), read_weights(path)
    try:
        network.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()})
    except RuntimeError as error:
        raise AssetError(f"{path} holds no detail network ({error})") from None
    return network.eval().requires_grad_(False)
