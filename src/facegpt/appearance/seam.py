"""Take away the step of colour where a photo's skin ends, and nothing of the detail on either side of it."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import KERNEL
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: SD of the window in which a step is looked for, as a share of the texture's side (about 3.6 mm of the default head).
WINDOW = 3 / 256
#: Least weighted variance of the photo's share in a window that holds a border; the least part of it that no plane
#: explains; how often steps are looked for again in what is left.
VARIANCE, UNEXPLAINED, ROUNDS = 0.02, 0.15, 3
#: How many SDs windows reach.
REACH = 3.0
#: How far steps are averaged along the border, windows.
ALONG = 0.6


def without_step(field: Array, share: Array, skin: Array) -> NDArray[np.float32]:
    """What to add to a field of residuals (H, W, 3), log units, so that it does not step where the photo ends.

    Around each texel the field is explained, by least squares in a Gaussian window, by a plane and a step that follows
    the photo's share. The step alone is taken away: half of it on either side, less with each texel from the border.

    share: (H, W) in 0..1, what the photo and its mirror image give. skin: (H, W) in 0..1, where a step is one: brows,
    lids and lips have edges of their own.
    """
    sigma, change = WINDOW * len(field), np.zeros(field.shape, np.float32)
    y, x = (np.mgrid[: len(field), : len(field)] / (3 * sigma)).astype(np.float32)
    plane = np.stack([np.ones_like(x), x, y, share.astype(np.float32)], -1)
    box = _around_steps(share, skin, sigma)
    if box is not None:
        change[box] = _step_of(plane[box], field[box], skin[box], sigma)
    return change


def _around_steps(share: Array, skin: Array, sigma: float) -> tuple[slice, slice] | None:
    """The rectangle that holds all that tells of steps and all that is changed, or None where the share has no edge."""
    moments = np.stack([np.ones_like(share), share, share * share], -1).astype(np.float32) * skin[..., None]
    total, first, second = np.moveaxis(gaussian_blur(moments.astype(np.float32), sigma, truncate=REACH), -1, 0)
    total = np.maximum(total, 1e-6)
    at = (second / total - (first / total) ** 2 > VARIANCE / 2) & (total > 0.1)
    if not at.any():
        return None
    beyond = int((1 + ALONG) * REACH * sigma) + 2
    (top, bottom), (left, right) = (np.flatnonzero(at.any(axis))[[0, -1]] for axis in (1, 0))
    return slice(max(top - beyond, 0), bottom + beyond + 1), slice(max(left - beyond, 0), right + beyond + 1)


def _step_of(columns: Array, field: Array, skin: Array, sigma: float) -> NDArray[np.float32]:
    """What to add to a field (H, W, 3); columns: (H, W, 4) of ones, x, y and the share."""
    share = columns[..., 3]

    def blurred(values: Array) -> Array:
        return gaussian_blur(values, sigma, truncate=REACH)

    columns, skin = np.ascontiguousarray(columns), np.ascontiguousarray(skin, np.float32)
    rows, others = np.triu_indices(4)
    pairs = [columns[..., row] * columns[..., other] * skin for row, other in zip(rows, others, strict=True)]
    moments = blurred(np.stack(pairs, -1))  # from that of 1 and 1 to that of the share and itself
    total = np.maximum(moments[..., 0], 1e-6)
    mean = moments[..., 3] / total
    at = (moments[..., -1] / total - mean**2 > VARIANCE) & (total > 0.2)
    change = np.zeros(field.shape, np.float32)
    if not at.any():
        return change
    here = np.empty((int(at.sum()), 4, 4))
    here[:, rows, others] = here[:, others, rows] = moments[at]
    told = np.linalg.solve(here[:, :3, :3] + 1e-7 * np.eye(3), here[:, :3, 3:])[..., 0]  # by a plane, of the share
    left = here[:, 3, 3] - (here[:, :3, 3] * told).sum(1)
    border = np.zeros_like(at)
    sure = left / total[at] > UNEXPLAINED * (here[:, 3, 3] / total[at] - mean[at] ** 2)
    border[at] = sure
    places, told, left = np.flatnonzero(border), told[sure], left[sure]
    weight = gaussian_blur((border * skin).astype(np.float32), ALONG * sigma, truncate=REACH)
    across = (share - mean) * skin * np.minimum(weight / 0.1, 1) / np.maximum(weight, 1e-3)
    products = np.empty((*share.shape, 12), np.float32)
    for _ in range(ROUNDS):
        _products(columns, field + change, skin, products)
        at_border = blurred(products).reshape(-1, 4, 3)[places]
        steps = np.zeros(field.shape, np.float32)
        explained = (told[..., None] * at_border[:, :3]).sum(1)
        steps.reshape(-1, 3)[places] = (at_border[:, 3] - explained) / left[:, None]
        steps = gaussian_blur(steps * skin[..., None], ALONG * sigma, truncate=REACH)
        change -= across[..., None] * steps
    return change


@njit(**KERNEL)
def _products(columns, values, skin, out):  # type: ignore[no-untyped-def]
    """Write each column (H, W, K) times each value (H, W, C) and skin (H, W): out (H, W, K · C)."""
    count, number = columns.shape[2], values.shape[2]
    for y in range(skin.shape[0]):
        for x in range(skin.shape[1]):
            for k in range(count):
                share = columns[y, x, k] * skin[y, x]
                for c in range(number):
                    out[y, x, k * number + c] = share * values[y, x, c]
