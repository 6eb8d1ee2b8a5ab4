"""Take away the step of colour where a photo's skin ends, and nothing of the detail on either side of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: SD of the window in which a step is looked for, as a share of the texture's side (about 3.6 mm of the default head).
WINDOW = 3 / 256
#: Least weighted variance of the photo's share in a window that holds a border; the least part of it that no plane
#: explains; how often steps are looked for again in what is left.
VARIANCE, UNEXPLAINED, ROUNDS = 0.02, 0.15, 3
#: How far steps are averaged along the border, windows.
ALONG = 0.6


def without_step(field: Array, share: Array, skin: Array) -> NDArray[np.float32]:
    """What to add to a field of residuals (H, W, 3), log units, so that it does not step where the photo ends.

    Around each texel the field is explained, by least squares in a Gaussian window, by a plane and a step that follows
    the photo's share. The step alone is taken away: half of it on either side, less with each texel from the border.

    share: (H, W) in 0..1, what the photo and its mirror image give. skin: (H, W) in 0..1, where a step is one: brows,
    lids and lips have edges of their own.
    """
    sigma = WINDOW * len(field)
    y, x = (np.mgrid[: len(field), : len(field)] / (3 * sigma)).astype(np.float32)

    def smooth(values: Array) -> Array:
        return gaussian_blur(values * skin[..., None], sigma, truncate=3)

    columns = np.stack([np.ones_like(x), x, y, share.astype(np.float32)], -1)
    rows, others = np.triu_indices(4)
    moments = smooth(columns[..., rows] * columns[..., others])  # from that of 1 and 1 to that of the share and itself
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
    weight = gaussian_blur((border * skin).astype(np.float32), ALONG * sigma, truncate=3)
    across = (share - mean) * skin * np.minimum(weight / 0.1, 1)
    for _ in range(ROUNDS):
        products = smooth((columns[..., :, None] * (field + change)[..., None, :]).reshape(*share.shape, 12))
        here_products = products.reshape(*share.shape, 4, 3)[at][sure]
        step = (here_products[:, 3] - (told[sure][..., None] * here_products[:, :3]).sum(1)) / left[sure][:, None]
        steps = np.zeros(field.shape, np.float32)
        steps[border] = step
        steps = gaussian_blur(steps * skin[..., None], ALONG * sigma, truncate=3)
        change -= across[..., None] * steps / np.maximum(weight, 1e-3)[..., None]
    return change
