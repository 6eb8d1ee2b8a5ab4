"""Pictures of bytes and linear light: the kernels that read and write sRGB, to the byte what conventions.py gives."""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.conventions import LINEAR_OF_BYTE, linear_to_srgb
from facegpt.render.scalar import JIT
from facegpt.runtime.arrays import unwritable
from facegpt.types import Array

#: Steps of linear light in 0..1 that are looked up before the exact bound is asked.
_STEPS = 4096
#: Steps of linear light in 0..1 whose bytes are looked up without a bound: 20 to the smallest step of 8 bits.
_FINE_STEPS = 65535


def bytes_of_linear(linear: Array) -> NDArray[np.uint8]:
    """Encode linear light (…) as sRGB in 0..255, of the same shape; what is beyond 0..1 is cut."""
    values = np.ascontiguousarray(linear, np.float32)
    out = np.empty(values.shape, np.uint8)
    _encode(values.ravel(), *_bounds(), out.ravel())
    return out


def repainted(picture: NDArray[np.uint8], before: Array, after: Array) -> NDArray[np.uint8]:
    """A picture (H, W, 3 or 4) sRGB whose linear light was painted over: its own bytes wherever nothing changed.

    Args:
        picture: as it was; alpha stays.
        before: (H, W, 3) its linear light.
        after: (H, W, 3) with the paint.
    """
    out = np.array(picture, np.uint8, order="C")
    _repaint(np.ascontiguousarray(before, np.float32), np.ascontiguousarray(after, np.float32), *_bounds(), out)
    return out


def planes_of_bytes(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Linear RGB and alpha (4, H, W) in 0..1 of (H, W, 3 or 4) sRGB."""
    out = np.empty((4, *picture.shape[:2]), np.float32)
    _planes(unwritable(np.ascontiguousarray(picture)), LINEAR_OF_BYTE, out)
    return out


def encode_samples(color: Array, coverage: Array, block: int) -> NDArray[np.uint8]:
    """Average blocks of block × block samples in linear light and encode with straight alpha: (h, w, 4).

    color: (H, W, 3) linear, premultiplied. coverage: (H, W).
    """
    out = np.empty((*coverage[::block, ::block].shape, 4), np.uint8)
    samples = np.ascontiguousarray(color, np.float32), np.ascontiguousarray(coverage, np.float32)
    _average_and_encode(*samples, block, *_bounds(), out)
    return out


def laid_over(drawn: NDArray[np.uint8], behind: NDArray[np.uint8], opacity: float = 1.0) -> NDArray[np.uint8]:
    """Blend a picture with straight alpha (H, W, 4) over an opaque one (H, W, 3) in linear light: (H, W, 3)."""
    out = np.empty(behind.shape, np.uint8)
    pictures = np.ascontiguousarray(drawn), np.ascontiguousarray(behind)
    _lay_over(*pictures, np.float32(opacity), LINEAR_OF_BYTE, *_bounds(), out)
    return out


def lit_by(
    texture: NDArray[np.uint8], factor: NDArray[np.float32], place: tuple[int, int], finer: int = 1
) -> NDArray[np.uint8]:
    """A texture (H, W, 3 or 4) sRGB with a part of it multiplied in linear light; alpha stays.

    Args:
        texture: as it is.
        factor: (h, w, 3) of each colour, for the part that begins at `place`.
        place: row and column.
        finer: texels of the texture for each of the factor's, along a side; between these it is bilinear.
    """
    out = texture.copy()
    whole = np.arange(max(factor.shape[:2]) * finer) / finer + (0.5 / finer - 0.5)
    before = np.maximum(np.floor(whole), 0).astype(np.int32)
    between = np.maximum(whole - before, 0).astype(np.float32)
    given = np.ascontiguousarray(factor, np.float32)
    _light(out, given, *place, finer, before, between, LINEAR_OF_BYTE, _bytes_of_steps())
    return out


@cache
def _bytes_of_steps() -> NDArray[np.uint8]:
    """The byte of each of _FINE_STEPS + 1 steps of linear light."""
    return np.round(linear_to_srgb(np.arange(_FINE_STEPS + 1) / _FINE_STEPS) * 255).astype(np.uint8)


@cache
def _bounds() -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The least linear light of each byte (257,), the last beyond all; and the byte at each of _STEPS + 1 steps."""
    wanted = np.arange(1, 256)
    low, high = (np.full(255, np.float32(value)).view(np.int32) for value in (0.0, 1.0))  # floats sort as their bits
    for _ in range(32):
        middle = (low + high) // 2
        reached = np.round(linear_to_srgb(middle.view(np.float32)) * 255) >= wanted
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    least = np.concatenate([[0], high.view(np.float32), [np.inf]]).astype(np.float32)
    steps = (np.arange(_STEPS + 1) / np.float32(_STEPS)).astype(np.float32)
    return least, np.clip(np.searchsorted(least[1:-1], steps, "right"), 0, 255).astype(np.uint8)


@njit(**JIT)
def _byte(value, least, first):  # type: ignore[no-untyped-def]
    """The byte of linear light; NaN is 0."""
    if not value > 0:
        return np.uint8(0)
    if value >= 1:
        return np.uint8(255)
    found = first[np.uint32(value * np.float32(_STEPS))]
    return np.uint8(found + (value >= least[np.uint32(found) + np.uint32(1)]))  # no step holds two bounds


@njit(**JIT)
def _encode(values, least, first, out):  # type: ignore[no-untyped-def]
    for n in range(len(values)):
        out[n] = _byte(values[n], least, first)


@njit(**JIT)
def _repaint(before, after, least, first, out):  # type: ignore[no-untyped-def]
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            for k in range(3):
                if after[y, x, k] != before[y, x, k]:
                    out[y, x, k] = _byte(after[y, x, k], least, first)


@njit(**JIT)
def _light(out, factor, top, left, finer, before, between, table, bytes_of_steps):  # type: ignore[no-untyped-def]
    """Multiply out from (top, left) on by a factor (h, w, 3) that is `finer` times coarser.

    before, between: for a texel in a row or column, the factor's before it, and how far it lies from that to the next.
    """
    steps, half, one = np.float32(_FINE_STEPS), np.float32(0.5), np.float32(1)
    height, width = factor.shape[0], factor.shape[1]
    for y in range(height * finer):
        upper, down = factor[before[y]], between[y]
        lower = factor[min(before[y] + 1, height - 1)]
        for x in range(width * finer):
            here, right = before[x], between[x]
            after = min(here + 1, width - 1)
            for k in range(3):
                over = upper[here, k] * (one - right) + upper[after, k] * right
                under = lower[here, k] * (one - right) + lower[after, k] * right
                step = table[out[top + y, left + x, k]] * (over * (one - down) + under * down) * steps + half
                out[top + y, left + x, k] = bytes_of_steps[int(min(max(step, np.float32(0)), steps))]


@njit(**JIT)
def _planes(picture, table, out):  # type: ignore[no-untyped-def]
    whole = np.float32(255)
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            for k in range(3):
                out[k, y, x] = table[picture[y, x, k]]
            out[3, y, x] = np.float32(picture[y, x, 3]) / whole if picture.shape[2] == 4 else np.float32(1)


@njit(**JIT)
def _lay_over(drawn, behind, opacity, table, least, first, out):  # type: ignore[no-untyped-def]
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            alpha = np.float32(drawn[y, x, 3]) / np.float32(255) * opacity
            for k in range(3):
                if alpha == 0 or alpha == 1:  # most of a picture, to the byte what the light would give
                    out[y, x, k] = behind[y, x, k] if alpha == 0 else drawn[y, x, k]
                else:
                    light = table[drawn[y, x, k]] * alpha + table[behind[y, x, k]] * (np.float32(1) - alpha)
                    out[y, x, k] = _byte(light, least, first)


@njit(**JIT)
def _average_and_encode(color, coverage, block, least, first, out):  # type: ignore[no-untyped-def]
    count = np.float32(block * block)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            r = g = b = a = np.float32(0)
            for j in range(block):
                for i in range(block):
                    row, column = y * block + j, x * block + i
                    r += color[row, column, 0]
                    g += color[row, column, 1]
                    b += color[row, column, 2]
                    a += coverage[row, column]
            if a == 0 and r == 0 and g == 0 and b == 0:  # nothing is here, as in half of a portrait
                for k in range(4):
                    out[y, x, k] = np.uint8(0)
                continue
            if a == count:
                out[y, x, 0] = _byte(r / count, least, first)
                out[y, x, 1] = _byte(g / count, least, first)
                out[y, x, 2] = _byte(b / count, least, first)
                out[y, x, 3] = np.uint8(255)
                continue
            a = min(max(a / count, np.float32(0)), np.float32(1))
            divisor = max(a, np.float32(1e-4))
            out[y, x, 0] = _byte(r / count / divisor, least, first)
            out[y, x, 1] = _byte(g / count / divisor, least, first)
            out[y, x, 2] = _byte(b / count / divisor, least, first)
            out[y, x, 3] = np.uint8(np.rint(a * np.float32(255)))
