"""Mipmaps: halved copies of a texture, forward and backward (kernels of the numba CPU renderer).

A pyramid of one image is a flat array; `levels` (L, 3) int64 gives each level's offset, height and width. Planes follow
each other as in the texture, (3, H, W).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from facegpt.render.scalar import KERNEL


@njit(**KERNEL, fastmath=True)
def _average(top, bottom, target):
    """Fill target (N,) with the means of 2 × 2 values of two rows."""
    for x in range(np.uint64(len(target))):
        i = x + x
        target[x] = np.float32(0.25) * (top[i] + top[i + np.uint64(1)] + bottom[i] + bottom[i + np.uint64(1)])


@njit(**KERNEL, fastmath=True)
def _spread(source, top, bottom):
    """Add a quarter of each value of source (N,) to the four that it is the mean of."""
    for x in range(np.uint64(len(source))):
        share, i = np.float32(0.25) * source[x], x + x
        top[i] += share
        top[i + np.uint64(1)] += share
        bottom[i] += share
        bottom[i + np.uint64(1)] += share


@njit(**KERNEL, fastmath=True)
def build_mipmaps(texture, height, width, mips, levels):
    """Fill mips with the means of 2 × 2 texels, level by level. texture: (3·H·W,). levels: see above."""
    for level in range(len(levels)):
        source, offset, rows, columns = texture, 0, height, width
        if level > 0:
            source, offset, rows, columns = mips, levels[level - 1, 0], levels[level - 1, 1], levels[level - 1, 2]
        start, small_rows, small_columns = levels[level, 0], levels[level, 1], levels[level, 2]
        for row in range(3 * small_rows):
            upper = offset + (row // small_rows * rows + 2 * (row % small_rows)) * columns
            target = mips[start + row * small_columns : start + (row + 1) * small_columns]
            _average(source[upper : upper + columns], source[upper + columns : upper + 2 * columns], target)


@njit(**KERNEL, fastmath=True)
def mipmaps_backward(grad_texture, height, width, grad_mips, levels):
    """Carry the gradient of the mipmaps back to the texture, coarsest level first; both are changed."""
    for level in range(len(levels) - 1, -1, -1):
        target, offset, rows, columns = grad_texture, 0, height, width
        if level > 0:
            target, offset, rows, columns = grad_mips, levels[level - 1, 0], levels[level - 1, 1], levels[level - 1, 2]
        start, small_rows, small_columns = levels[level, 0], levels[level, 1], levels[level, 2]
        for row in range(3 * small_rows):
            upper = offset + (row // small_rows * rows + 2 * (row % small_rows)) * columns
            source = grad_mips[start + row * small_columns : start + (row + 1) * small_columns]
            _spread(source, target[upper : upper + columns], target[upper + columns : upper + 2 * columns])


def mipmap_levels(height: int, width: int) -> np.ndarray:
    """Lay out the levels below a texture, down to 4 texels: (L, 3) int64 of offset, height, width."""
    rows, offset = [], 0
    while min(height, width) >= 8:
        height, width = height // 2, width // 2
        rows.append((offset, height, width))
        offset += 3 * height * width
    return np.array(rows, np.int64).reshape(-1, 3)
