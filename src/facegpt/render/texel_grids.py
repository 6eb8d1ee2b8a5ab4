"""Grids of texels (H, W, C): blurred where they are known, made larger and smaller."""

from __future__ import annotations

import numpy as np
from numba import njit

from facegpt.render.scalar import JIT, KERNEL
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array


def blur(values: Array, weight: Array, sigma: float) -> Array:
    """Average (H, W, C) over a Gaussian neighbourhood of texels with weight; 0 where there are none near."""
    stacked = np.empty((*weight.shape, values.shape[2] + 1), np.float32)
    _stack_weighed(np.ascontiguousarray(values), np.ascontiguousarray(weight), stacked)
    out = np.empty(values.shape, np.float32)
    _divide(wide_blur(stacked, sigma), np.float32(1e-5), out)
    return out


def plain_blur(values: Array, weight: Array, sigma: float) -> Array:
    """`blur`, the slow way."""
    sums = wide_blur(np.dstack([values * weight[..., None], weight]).astype(np.float32), sigma)
    return sums[..., :-1] / np.maximum(sums[..., -1:], 1e-5)


def wide_blur(values: Array, sigma: float) -> Array:
    """Blur (H, W, C) by a Gaussian of sigma texels; wide ones on a coarser grid."""
    step = 4 if sigma >= 8 else 2 if sigma >= 4 else 1
    if step == 1 or len(values) % step:
        return gaussian_blur(values, sigma, truncate=3)
    small = shrunk(values, step) / np.asarray(step * step, values.dtype)
    return upsample(gaussian_blur(small, sigma / step, truncate=3), step)


def shrunk(values: Array, step: int) -> Array:
    """The sums of blocks of step × step texels of (H, W, ...), row by row: (H / step, W / step, ...)."""
    rows = sum((values[k::step] for k in range(1, step)), values[::step])
    return np.asarray(sum((rows[:, k::step] for k in range(1, step)), rows[:, ::step]))


def upsample(values: Array, factor: int) -> Array:
    """Enlarge (H, W, C) bilinearly by an integer factor; texel areas stay aligned."""
    height, width, count = values.shape
    out = np.empty((height * factor, width * factor, count), values.dtype)
    _enlarge(np.ascontiguousarray(values), factor, out)
    return out


def plainly_upsampled(values: Array, factor: int) -> Array:
    """`upsample`, the slow way."""
    for axis in (0, 1):
        count = values.shape[axis]
        at = np.clip((np.arange(count * factor) + 0.5) / factor - 0.5, 0, count - 1)
        low = np.minimum(at.astype(int), max(count - 2, 0))
        share = (at - low).astype(np.float32).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        high = np.minimum(low + 1, count - 1)
        values = np.take(values, low, axis) * (1 - share) + np.take(values, high, axis) * share
    return values


@njit(**KERNEL)
def _stack_weighed(values, weight, out):  # type: ignore[no-untyped-def]
    """Write values (H, W, C) times weight (H, W), and the weight after them: (H, W, C + 1)."""
    height, width, count = values.shape
    for y in range(height):
        for x in range(width):
            for c in range(count):
                out[y, x, c] = values[y, x, c] * weight[y, x]
            out[y, x, count] = weight[y, x]


@njit(**KERNEL)
def _divide(sums, least, out):  # type: ignore[no-untyped-def]
    """Write the first of sums (H, W, C + 1) over the last one, which counts for at least `least`: (H, W, C)."""
    height, width, count = out.shape
    for y in range(height):
        for x in range(width):
            total = max(sums[y, x, count], least)
            for c in range(count):
                out[y, x, c] = sums[y, x, c] / total


@njit(**JIT)
def _enlarge(values, factor, out):  # type: ignore[no-untyped-def]
    """Write values (H, W, C) between their texels' middles, a whole factor larger."""
    height, width, count = values.shape
    line = np.empty((width, count), values.dtype)
    for y in range(height * factor):
        at = min(max((y + 0.5) / factor - 0.5, 0.0), height - 1.0)
        low = min(int(at), max(height - 2, 0))
        high, share = min(low + 1, height - 1), np.float32(at - low)
        for x in range(width):
            for c in range(count):
                line[x, c] = values[low, x, c] * (np.float32(1) - share) + values[high, x, c] * share
        for x in range(width * factor):
            at = min(max((x + 0.5) / factor - 0.5, 0.0), width - 1.0)
            low = min(int(at), max(width - 2, 0))
            high, share = min(low + 1, width - 1), np.float32(at - low)
            for c in range(count):
                out[y, x, c] = line[low, c] * (np.float32(1) - share) + line[high, c] * share
