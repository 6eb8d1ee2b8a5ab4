"""How far the colour of a texture steps where the photo's skin ends and the model's begins.

Around each texel of the border the colours are explained, by least squares in a Gaussian window, by a plane and a step
at the border: lab ≈ a + b x + c y + s · (share of the photo). A skin that changes slowly has no step, whatever its
slope; a patch with an edge has one. What the fitted model's own skin has at that place (the line of the lips, a brow)
is taken off first. |s| is in ΔE, the share runs from 0 (model) to 1 (photo or its mirror image).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.prior import model_texture, prior_of
from facegpt.appearance.texture import PhotoTexture
from facegpt.cielab import lab_from_linear
from facegpt.conventions import srgb_to_linear
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array

#: Side of the grid, SD of the window in its texels (about 1.2 mm each on the default head), and the least variance of
#: the share within the window, and the least part of it that a plane leaves, at which a texel belongs to the border.
GRID, WINDOW, VARIANCE, UNEXPLAINED = 256, 3.0, 0.08, 0.15


def border_step(model: MorphableModel, skin: PhotoTexture, features: bool = True) -> float:
    """The mean |step| along the border of a photo's skin, ΔE; 0 where there is no border.

    features: look at lips, brows and what lies about the eyes, too. These have edges of their own in every face.
    """
    steps = border_steps(model, skin, features)
    return float(steps.mean()) if len(steps) else 0.0


def border_steps(model: MorphableModel, skin: PhotoTexture, features: bool = True) -> NDArray[np.float64]:
    """The |step| at each texel (N,) of the border, ΔE; features as of `border_step`."""
    atlas = atlas_of(model, GRID)
    small = Image.fromarray(skin.texture[..., :3]).resize((GRID, GRID), Image.Resampling.BOX)
    own = model_texture(model, skin.albedo, GRID)
    lab = lab_from_linear(srgb_to_linear(np.asarray(small) / 255.0)) - lab_from_linear(own)
    step = len(skin.confidence) // GRID
    share = skin.confidence.reshape(GRID, step, GRID, step).mean((1, 3))
    counted = atlas.part == model.part_names.index("skin")
    if not features:
        prior = prior_of(model, GRID)
        counted &= np.maximum(prior.lips, prior.brows) < 0.1
    return local_steps(lab, np.minimum(2 * share, 1.0), counted)


def local_steps(lab: Array, share: Array, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """|step| (N,) at the texels of `mask` (H, W) where `share` (H, W) changes, of colours (H, W, 3)."""
    height, width = share.shape
    y, x = np.mgrid[:height, :width] / WINDOW
    columns = np.stack([np.ones_like(x), x, y, share], -1)
    weight = mask.astype(np.float64)[..., None]

    def smooth(values: Array) -> Array:
        return gaussian_filter(weight * values, (WINDOW, WINDOW, 0), truncate=3)

    moments = smooth((columns[..., :, None] * columns[..., None, :]).reshape(height, width, 16))
    products = smooth((columns[..., :, None] * lab[..., None, :]).reshape(height, width, 12))
    moments, products = moments.reshape(height, width, 4, 4), products.reshape(height, width, 4, 3)
    total = np.maximum(moments[..., 0, 0], 1e-9)
    variance = moments[..., 3, 3] / total - (moments[..., 0, 3] / total) ** 2
    at = mask & (variance > VARIANCE) & (total > 0.3)
    if not at.any():
        return np.zeros(0)
    moments, products, total = moments[at], products[at], total[at]
    plane = moments[:, :3, :3] + 1e-9 * np.eye(3)
    explained = np.linalg.solve(plane, moments[:, :3, 3:])  # what a plane tells of the share
    left = moments[:, 3, 3] - (moments[:, 3, :3] * explained[..., 0]).sum(1)
    step = (products[:, 3] - (explained * products[:, :3]).sum(1)) / np.maximum(left, 1e-9)[:, None]
    return np.linalg.norm(step, axis=1)[left / total > UNEXPLAINED * variance[at]]
