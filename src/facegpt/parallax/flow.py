"""Where the skin of one photo lies in another: dense flow between two patterns of the same part of the atlas.

Coarse to fine, local least squares with a smoothness term (Bruhn, Weickert and Schnörr 2005, "Lucas/Kanade meets
Horn/Schunck"): where the skin shows detail, detail decides; elsewhere the neighbours do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

from facegpt.parallax.flow_kernels import moved_shift, products, sampled
from facegpt.runtime.blur import gaussian_blur

Floats32 = NDArray[np.float32]

#: Halvings of the patterns, steps on each level, SD of the window in texels, and of what smooths the flow.
LEVELS, STEPS, WINDOW, SMOOTH = 4, 8, 4.0, 4.0
#: Square of the slope (pattern per texel) at which neighbours count as much as the skin's own detail.
STIFFNESS = 0.001
#: Residuals of the patterns above this count less.
TAIL = 0.7
#: SDs that a window reaches.
REACH = 3.0


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


def flow_between(
    one: Floats32, one_weight: Floats32, other: Floats32, other_weight: Floats32, stiffness: float = STIFFNESS
) -> Flow:
    """The flow that takes pattern `one` (h, w) to `other`; weights (h, w) 0..1 say where each is seen."""
    first, second = [(one, one_weight)], [(other, other_weight)]
    for pyramid in (first, second):
        for _ in range(LEVELS - 1):
            pyramid.append(halved(*pyramid[-1]))
    shift = np.zeros((*first[-1][0].shape, 2), np.float32)
    for level in range(LEVELS - 1, -1, -1):
        pattern, weight = first[level]
        if shift.shape[:2] != pattern.shape:
            factor = np.divide(pattern.shape, shift.shape[:2])
            grown = [2 * zoom(shift[..., k], factor, order=1, grid_mode=True, mode="nearest") for k in range(2)]
            shift = np.stack(grown, 2).astype(np.float32)
        for _ in range(STEPS):
            shift, tensor = _stepped(pattern, weight, *second[level], shift, stiffness)
    xx, xy, yy = tensor
    detail = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    return Flow(shift, np.asarray(detail, np.float32), _likeness(one, one_weight, other, other_weight, shift))


def halved(pattern: Floats32, weight: Floats32) -> tuple[Floats32, Floats32]:
    """A pattern and its weights (h, w), blurred and at half the size."""
    share = gaussian_filter(weight, 1.0)
    blurred = gaussian_filter(pattern * weight, 1.0) / np.maximum(share, 1e-3)
    return np.ascontiguousarray(blurred[::2, ::2]), np.ascontiguousarray(weight[::2, ::2])


def _stepped(
    one: Floats32, one_weight: Floats32, other: Floats32, other_weight: Floats32, shift: Floats32, stiffness: float
) -> tuple[Floats32, tuple[Floats32, Floats32, Floats32]]:
    """One step of the flow, and the structure tensor (xx, xy, yy) over the window."""
    weight = one_weight * sampled(other_weight, shift)
    summed = products(one, sampled(other, shift), weight, shift, TAIL)
    for k, each in enumerate(summed):
        summed[k] = gaussian_blur(each, WINDOW if k < 5 else SMOOTH, REACH)
    return moved_shift(summed, shift, stiffness), (summed[0], summed[1], summed[2])


def _likeness(
    one: Floats32, one_weight: Floats32, other: Floats32, other_weight: Floats32, shift: Floats32
) -> Floats32:
    weight = one_weight * sampled(other_weight, shift)
    moved = sampled(other, shift)

    def window(values: Floats32) -> Floats32:
        return gaussian_blur(values, 1.5 * WINDOW, REACH)

    total = np.maximum(window(weight), 1e-3)
    a, b = window(weight * one) / total, window(weight * moved) / total
    aa, bb = window(weight * one**2) / total - a**2, window(weight * moved**2) / total - b**2
    ab = window(weight * one * moved) / total - a * b
    return np.asarray(ab / np.sqrt(np.maximum(aa * bb, 1e-6)))
