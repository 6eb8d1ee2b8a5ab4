"""Hair's picture at several sizes: halved across strands and along them, as a pixel's step asks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array

#: Textures are as fine as if a pixel crossed this share of its texels: strands stay crisp.
SHARP = 0.8


class Levels:
    """A texture (H, W, 4) of linear RGB and alpha, halved as often as asked across and along, each made once."""

    def __init__(self, texture: Array) -> None:
        self._made = {(0, 0): np.ascontiguousarray(texture, np.float32)}

    @property
    def shape(self) -> tuple[int, int]:
        """Texels down and across of the finest."""
        return self._made[0, 0].shape[:2]

    def at(self, across: float, along: float) -> NDArray[np.float32]:
        """The texture for so many texels of the finest a pixel across and along."""
        wanted = (np.log2(max(SHARP * fine, 1e-3)) for fine in (across, along))
        most = (max(math.log2(side / 32), 0) for side in self.shape[::-1])
        i, j = (int(np.clip(np.round(w), 0, m)) for w, m in zip(wanted, most, strict=True))
        return self._level(i, j)

    def _level(self, across: int, along: int) -> NDArray[np.float32]:
        if (across, along) not in self._made:
            if across > 0:
                made = _halved(self._level(across - 1, along).swapaxes(0, 1)).swapaxes(0, 1)
            else:
                made = _halved(self._level(across, along - 1))
            self._made[across, along] = np.ascontiguousarray(made)
        return self._made[across, along]


def _halved(texture: Array) -> Array:
    """A texture (H, W, 4) with neighbouring rows averaged by their alpha."""
    alpha = texture[..., 3:]
    both = np.concatenate([texture[..., :3] * alpha, alpha], -1)
    both = 0.5 * (both[::2] + both[1::2])
    return np.concatenate([both[..., :3] / np.maximum(both[..., 3:], 1e-4), both[..., 3:]], -1)
