"""Hair's picture at several sizes: halved across strands and along them, as a pixel's step asks."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import KERNEL
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
            finer = self._level(across - 1, along) if across > 0 else self._level(across, along - 1)
            height, width = finer.shape[:2]
            made = np.empty((height, width // 2, 4) if across > 0 else (height // 2, width, 4), np.float32)
            _halve(finer, across > 0, made)
            self._made[across, along] = made
        return self._made[across, along]


@njit(**KERNEL)
def _halve(texture, across, out):  # type: ignore[no-untyped-def]
    """Write a texture (H, W, 4) with neighbouring columns, or else rows, averaged by their alpha."""
    half, least = np.float32(0.5), np.float32(1e-4)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            if across:
                first, second = texture[y, 2 * x], texture[y, 2 * x + 1]
            else:
                first, second = texture[2 * y, x], texture[2 * y + 1, x]
            alpha = half * (first[3] + second[3])
            for k in range(3):
                out[y, x, k] = half * (first[k] * first[3] + second[k] * second[3]) / max(alpha, least)
            out[y, x, 3] = alpha
