"""Where the skin of one photo lies in another: dense flow between two patterns of the same part of the atlas.

Coarse to fine, local least squares with a smoothness term (Bruhn, Weickert and Schnörr 2005, "Lucas/Kanade meets
Horn/Schunck"): where the skin shows detail, detail decides; elsewhere the neighbours do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates, zoom

Floats32 = NDArray[np.float32]

#: Halvings of the patterns, steps on each level, SD of the window in texels, and of what smooths the flow.
LEVELS, STEPS, WINDOW, SMOOTH = 4, 8, 4.0, 4.0
#: Square of the slope (pattern per texel) at which neighbours count as much as the skin's own detail.
STIFFNESS = 0.001
#: Residuals of the patterns above this count less.
TAIL = 0.7


@dataclass(frozen=True)
class Flow:
    """Displacements from one pattern to another.

    Attributes:
        shift: (h, w, 2) texels in x and y. detail: (h, w) smaller eigenvalue of the structure tensor.
        likeness: (h, w) correlation -1..1 of the patterns after the shift, over the window.
    """

    shift: Floats32
    detail: Floats32
    likeness: Floats32


def flow_between(one: Floats32, one_weight: Floats32, other: Floats32, other_weight: Floats32) -> Flow:
    """The flow that takes pattern `one` (h, w) to `other`; weights (h, w) 0..1 say where each is seen."""
    first, second = [(one, one_weight)], [(other, other_weight)]
    for pyramid in (first, second):
        for _ in range(LEVELS - 1):
            pyramid.append(_halved(*pyramid[-1]))
    shift = np.zeros((*first[-1][0].shape, 2), np.float32)
    for level in range(LEVELS - 1, -1, -1):
        pattern, weight = first[level]
        if shift.shape[:2] != pattern.shape:
            factor = np.divide(pattern.shape, shift.shape[:2])
            grown = [2 * zoom(shift[..., k], factor, order=1, grid_mode=True, mode="nearest") for k in range(2)]
            shift = np.stack(grown, 2).astype(np.float32)
        for _ in range(STEPS):
            shift, tensor = _stepped(pattern, weight, *second[level], shift)
    xx, xy, yy = tensor
    detail = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    return Flow(shift, np.asarray(detail, np.float32), _likeness(one, one_weight, other, other_weight, shift))


def sampled(values: Floats32, shift: Floats32) -> Floats32:
    """Values (h, w) at each texel's place plus its shift (h, w, 2), 0 outside."""
    rows, columns = np.indices(values.shape, np.float32)
    places = np.stack([rows + shift[..., 1], columns + shift[..., 0]])
    return np.asarray(map_coordinates(values, places, np.float32, order=1, mode="constant"))


def _halved(pattern: Floats32, weight: Floats32) -> tuple[Floats32, Floats32]:
    share = gaussian_filter(weight, 1.0)
    blurred = gaussian_filter(pattern * weight, 1.0) / np.maximum(share, 1e-3)
    return np.ascontiguousarray(blurred[::2, ::2]), np.ascontiguousarray(weight[::2, ::2])


def _stepped(
    one: Floats32, one_weight: Floats32, other: Floats32, other_weight: Floats32, shift: Floats32
) -> tuple[Floats32, tuple[Floats32, Floats32, Floats32]]:
    """One step of the flow, and the structure tensor (xx, xy, yy) over the window."""
    moved = sampled(other, shift)
    weight = one_weight * sampled(other_weight, shift)
    error = moved - one
    y1, x1 = np.gradient(one)
    y2, x2 = np.gradient(moved)
    slope_x, slope_y = (x1 + x2) / 2, (y1 + y2) / 2
    weight = weight / (1 + (error / TAIL) ** 2)

    def window(values: Floats32) -> Floats32:
        return np.asarray(gaussian_filter(values, WINDOW, truncate=3.0))

    xx, xy, yy = window(weight * slope_x**2), window(weight * slope_x * slope_y), window(weight * slope_y**2)
    bx, by = window(weight * slope_x * error), window(weight * slope_y * error)
    share = np.maximum(gaussian_filter(weight, SMOOTH, truncate=3.0), 1e-3)
    pull = [gaussian_filter(shift[..., k] * weight, SMOOTH, truncate=3.0) / share - shift[..., k] for k in range(2)]
    right_x, right_y = STIFFNESS * pull[0] - bx, STIFFNESS * pull[1] - by
    a, d = xx + STIFFNESS, yy + STIFFNESS
    determinant = a * d - xy**2
    step = np.stack([(d * right_x - xy * right_y) / determinant, (a * right_y - xy * right_x) / determinant], 2)
    return shift + np.clip(step, -1, 1).astype(np.float32), (xx, xy, yy)


def _likeness(
    one: Floats32, one_weight: Floats32, other: Floats32, other_weight: Floats32, shift: Floats32
) -> Floats32:
    weight = one_weight * sampled(other_weight, shift)
    moved = sampled(other, shift)

    def window(values: Floats32) -> Floats32:
        return np.asarray(gaussian_filter(values, 1.5 * WINDOW, truncate=3.0))

    total = np.maximum(window(weight), 1e-3)
    a, b = window(weight * one) / total, window(weight * moved) / total
    aa, bb = window(weight * one**2) / total - a**2, window(weight * moved**2) / total - b**2
    ab = window(weight * one * moved) / total - a * b
    return np.asarray(ab / np.sqrt(np.maximum(aa * bb, 1e-6)))
