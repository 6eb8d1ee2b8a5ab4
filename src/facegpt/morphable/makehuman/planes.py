"""Planes of texels (..., H, W), and functions that take arrays as well as tensors whose gradients are asked for.

What only looks at a skin does so with arrays: torch takes a second to load, and 150 MB.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array

#: An array or a tensor; functions of these give back what they were given.
Values: TypeAlias = Any
#: Sharpness of the cubic interpolation, torch's.
_CUBIC = -0.75


def library_of(values: Values) -> Any:
    """Numpy for an array, torch for a tensor: what is called alike in both can be called of it."""
    if isinstance(values, np.ndarray):
        return np
    import torch

    return torch


def like(constant: NDArray, values: Values) -> Values:
    """An array as it is beside arrays, a tensor of the type and device of `values` beside tensors."""
    return constant if isinstance(values, np.ndarray) else library_of(values).from_numpy(constant).to(values)


def shrunk(planes: NDArray, size: int) -> NDArray[np.float32]:
    """Means of planes (..., H, H) as (..., size, size), size a divisor of H; the planes themselves at H."""
    step = planes.shape[-1] // size
    if step == 1:
        return planes
    rows = sum((planes[..., k::step, :] for k in range(1, step)), planes[..., ::step, :])
    total = sum((rows[..., k::step] for k in range(1, step)), rows[..., ::step])
    return np.asarray(total / np.float32(step * step), np.float32)


def enlarged(planes: Values, size: int) -> Values:
    """Planes (..., H, H) read between their texels, bilinearly: (..., size, size)."""
    if isinstance(planes, np.ndarray):
        return grown(planes, size)
    return library_of(planes).nn.functional.interpolate(planes, (size, size), mode="bilinear", align_corners=False)


def sized(planes: NDArray, size: int) -> NDArray[np.float32]:
    """Resize planes (..., H, H) to (..., size, size): means when they shrink, bilinear when they grow."""
    return shrunk(planes, size) if size <= planes.shape[-1] else grown(planes, size)


def grown(planes: NDArray, size: int, cubic: bool = False) -> NDArray[np.float32]:
    """Planes (..., H, H) as (..., size, size), read between texels' middles by 2 or, cubic, 4 of a row and a column."""
    for axis in (-2, -1):
        places, shares = _taps(planes.shape[axis], size, cubic)
        total: NDArray[np.float32] | None = None
        for place, share in zip(places, shares, strict=True):
            part = np.take(planes, place, axis)
            part *= share[:, None] if axis == -2 else share
            total = part if total is None else np.add(total, part, out=total)
        planes = total  # type: ignore[assignment]
    return planes


@lru_cache(maxsize=8)
def _taps(own: int, size: int, cubic: bool) -> tuple[NDArray[np.intp], Array]:
    """Which texels (T, size) of a row of `own` a larger row reads, and how much of each (T, size)."""
    at = (np.arange(size) + 0.5) * own / size - 0.5
    if not cubic:
        at = np.maximum(at, 0)
    first = np.floor(at).astype(np.intp)
    share = at - first
    shares = np.stack([1 - share, share])
    if cubic:  # Keys 1981, by the distance to each of four texels
        a, far, near = _CUBIC, np.stack([1 + share, 2 - share]), np.stack([share, 1 - share])
        outer = ((a * far - 5 * a) * far + 8 * a) * far - 4 * a
        inner = ((a + 2) * near - (a + 3)) * near * near + 1
        shares = np.stack([outer[0], inner[0], inner[1], outer[1]])
    begin = -1 if cubic else 0
    places = np.stack([np.clip(first + begin + k, 0, own - 1) for k in range(len(shares))])
    return places, shares.astype(np.float32)
