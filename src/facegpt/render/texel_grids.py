"""Grids of texels (H, W, C): blurred where they are known, made larger and smaller."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import KERNEL
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
    wide = np.empty((height, width * factor, count), values.dtype)
    out = np.empty((height * factor, width * factor, count), values.dtype)
    _widen(np.ascontiguousarray(values), *_between(width, factor), wide)
    _heighten(wide.reshape(height, -1), *_between(height, factor), out.reshape(height * factor, -1))
    return out


@lru_cache(maxsize=32)
def _between(count: int, factor: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Between which of `count` texels, this one and the next, each finer one lies, and its share of the way."""
    at = np.clip((np.arange(count * factor) + 0.5) / factor - 0.5, 0, count - 1)
    low = np.minimum(at.astype(np.int64), max(count - 2, 0))
    return low, (at - low).astype(np.float32)


def between_corners(
    values: Array, triangles: NDArray[np.int32], texel: NDArray[np.int32], corner: Array
) -> NDArray[np.floating]:
    """Spread values (V, C) over texels (...): (..., C), 0 where there is no triangle.

    texel: (...) triangle of each, -1 for none. corner: (..., 3) its barycentric weights.
    """
    out = np.zeros((*texel.shape, values.shape[1]), np.result_type(values, corner))
    flat = np.ascontiguousarray(texel).reshape(-1), np.ascontiguousarray(corner).reshape(-1, 3)
    _spread(np.ascontiguousarray(values), triangles, *flat, out.reshape(-1, values.shape[1]))
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
            if count == 1:
                out[y, x, 0] = sums[y, x, 0] / total
                continue
            share = np.float32(1) / total
            for c in range(count):
                out[y, x, c] = sums[y, x, c] * share


@njit(**KERNEL)
def _spread(values, triangles, texel, corner, out):  # type: ignore[no-untyped-def]
    """Write values (V, C) between the corners of the triangle that each texel (N,) shows to out (N, C)."""
    count = values.shape[1]
    for n in range(len(texel)):
        f = texel[n]
        if f < 0:
            continue
        i, j, k = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        first, second, third = corner[n, 0], corner[n, 1], corner[n, 2]
        for c in range(count):
            out[n, c] = values[i, c] * first + values[j, c] * second + values[k, c] * third


@njit(**KERNEL)
def _widen(values, low, share, out):  # type: ignore[no-untyped-def]
    """Write values (H, W, C) between their texels' middles along rows: out (H, W times a factor, C)."""
    height, width, count = values.shape
    for y in range(height):
        for x in range(len(low)):
            left, right, far = low[x], min(low[x] + 1, width - 1), share[x]
            near = np.float32(1) - far
            for c in range(count):
                out[y, x, c] = values[y, left, c] * near + values[y, right, c] * far


@njit(**KERNEL)
def _heighten(values, low, share, out):  # type: ignore[no-untyped-def]
    """The same across rows (H, N) of numbers; loops over plain rows use the processor's wide registers."""
    for y in range(len(low)):
        top, below, far = values[low[y]], values[min(low[y] + 1, len(values) - 1)], share[y]
        near = np.float32(1) - far
        row = out[y]
        for x in range(len(row)):
            row[x] = top[x] * near + below[x] * far
