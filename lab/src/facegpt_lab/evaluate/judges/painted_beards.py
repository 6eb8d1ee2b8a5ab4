"""A beard painted on a photo of somebody who has none: the skull beneath is the same, so no fit should move.

Not the product's own groom: a blurred, ragged cover of one hair colour with noise for strands, over the places where
beards grow on the fitted head, lit as the photo is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.base import AMBIENT_WHITE
from facegpt.render.portrait import draw_picture
from facegpt.types import Array, FaceParams, Mesh

#: Linear RGB of the hair: black, dark brown, auburn, grey.
COLOURS = np.array([[0.012, 0.009, 0.008], [0.03, 0.018, 0.01], [0.10, 0.05, 0.02], [0.3, 0.28, 0.26]])
#: Side of the painted cover's texture, and SD of the blur that takes the photo's own light, px.
_SIDE, _LIGHT_BLUR_PX = 1024, 8.0


def bearded(photo: NDArray[np.uint8], head: MakeHumanHead, params: FaceParams, seed: int) -> NDArray[np.uint8]:
    """The photo (H, W, 3) uint8 sRGB with a random beard on the face that `params` places in it."""
    rng = np.random.default_rng(seed)
    cover = _seen(_cover(head, rng), head, params)
    linear = srgb_to_linear(photo / 255.0)
    light = gaussian_filter(linear.mean(2), _LIGHT_BLUR_PX)
    below = light[cover > 0.2]
    strands = gaussian_filter(rng.normal(0, 1, cover.shape), (1.6, 0.6))
    level = 1.2 * light / (below.mean() if below.size else 1.0) * np.exp(0.5 * strands / strands.std())
    hair = COLOURS[rng.integers(len(COLOURS))] * level[..., None]
    mixed = linear + cover[..., None] * (hair - linear)
    return np.round(linear_to_srgb(np.clip(mixed, 0, 1)) * 255).astype(np.uint8)


def _cover(head: MakeHumanHead, rng: np.random.Generator) -> Array:
    """How much of each texel the beard covers (S, S), 0..1."""
    beard, moustache = head.albedo.growth["hair_density"][:2] / 255.0
    grown = np.clip(beard * rng.uniform(0.7, 1.0) + moustache * rng.uniform(0.6, 1.0), 0, 1)
    soft = gaussian_filter(grown, rng.uniform(1.5, 4.0))
    ragged = gaussian_filter(rng.normal(0, 1, soft.shape), 6)
    sure = np.clip((soft + 0.18 * ragged / ragged.std() * (soft > 0.02) - 0.25) / 0.3, 0, 1) * rng.uniform(0.75, 0.97)
    levels = Image.fromarray(np.round(sure * 255).astype(np.uint8))
    return np.asarray(levels.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)) / 255.0


def _seen(cover: Array, head: MakeHumanHead, params: FaceParams) -> Array:
    """The cover as the camera sees it, (H, W)."""
    level = np.round(cover * 255).astype(np.uint8)
    texture = np.stack([level, level, level, np.full_like(level, 255)], -1)
    mesh = Mesh(
        head_vertices(head, params), head.triangles, head.uv, head.uv_triangles, head.part, head.part_names, texture
    )
    even = np.zeros((9, 3), np.float32)
    even[0] = AMBIENT_WHITE
    drawn = draw_picture(mesh, params.pose, params.camera, even, supersample=1) / 255.0
    return np.asarray(drawn[..., 0] * drawn[..., 3])
