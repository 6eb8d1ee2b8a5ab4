"""Faces without a beard have none in their skin: dark stains where beards would grow are evened to the cheeks' skin.

What takes a photo's light off leaves the shade of noses, lips and chins in the skin, where it looks like stubble. The
skin there is as bright and of the same hue as that of cheeks, but for the little by which real skins differ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.prior import TexturePrior, prior_of
from facegpt.conventions import linear_of_bytes
from facegpt.morphable.base import MorphableModel
from facegpt.render.srgb_bytes import lit_by
from facegpt.render.texel_grids import blur, shrunk
from facegpt.types import Array

#: Texels a side of the grid on which skin is compared; growth of beards from which a place counts as theirs in full.
GRID, GROWN = 256, 0.1
#: Amounts of a beard (`IdentityBelief.beard`) up to which a face is shaven, and from which nothing is evened.
SHAVEN = (0.05, 0.15)
#: Texels over which stains are averaged, and around lips that stay.
STAIN_TEXELS, LIPS_TEXELS = 3.0, 2.0
#: How far skin may differ from that of the cheeks: darker, and in hue, log units. What goes further is bent back.
DARKER, HUE = 0.1, 0.03
#: Fewest texels of the cheeks that tell anything.
FEWEST = 200


def with_shaven_skin(texture: NDArray[np.uint8], model: MorphableModel, beard: float) -> NDArray[np.uint8]:
    """A photo's texture (S, S, 4) uint8 sRGB without stains where a shaven face has no beard.

    Args:
        texture: of the finished skin.
        model: the head.
        beard: 0..1, how much of a beard the face wears (`IdentityBelief.beard`).
    """
    shaven = float(np.interp(beard, SHAVEN, (1, 0)))
    if shaven == 0 or len(texture) < GRID or len(texture) % GRID:
        return texture
    prior, step = prior_of(model, GRID), len(texture) // GRID
    cheeks = _cheeks(prior)
    if cheeks.sum() < FEWEST:
        return texture
    coarse = shrunk(texture[..., :3].astype(np.uint16), step) / np.float32(step * step)
    logs = np.log(np.maximum(linear_of_bytes(np.round(coarse).astype(np.uint8)), 1e-3)).astype(np.float32)
    beside_lips = 1 - _around_lips(prior)
    grows = shaven * np.minimum(prior.growth / GROWN, 1) * beside_lips
    change = _evening(logs, cheeks, prior.mask * beside_lips * ~prior.eyes) * grows[..., None]
    where = (np.abs(change) > 1e-3).any(-1)
    if not where.any():
        return texture
    rows, columns = (np.flatnonzero(where.any(axis)) for axis in (1, 0))
    within = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return lit_by(texture, np.exp(change[within]), (step * int(rows[0]), step * int(columns[0])), step)


def _cheeks(prior: TexturePrior) -> NDArray[np.bool_]:
    """Where skin is bare on every face (H, W): no beards, brows, lips or eyes."""
    bare = (prior.growth < 0.01) & (prior.mask > 0.9) & (prior.brows + prior.lips < 0.01)
    return np.asarray(bare & ~prior.eyes)


def _around_lips(prior: TexturePrior) -> NDArray[np.float32]:
    """Lips and what lies close to them, (H, W) in 0..1."""
    near = blur(prior.lips[..., None].astype(np.float32), np.ones_like(prior.lips, np.float32), LIPS_TEXELS)[..., 0]
    return np.clip(4 * near, 0, 1).astype(np.float32)


def _evening(logs: Array, cheeks: NDArray[np.bool_], skin: Array) -> NDArray[np.floating]:
    """What to add to the log of a skin (H, W, 3) so that nothing of it is darker or of another hue than skin is.

    cheeks: (H, W) whose colour is usual. skin: (H, W) in 0..1, what is bare.
    """
    off = blur(logs, skin.astype(np.float32), STAIN_TEXELS) - np.median(logs[cheeks], axis=0)
    brightness = off.mean(-1, keepdims=True)
    hue = off - brightness
    dark = np.minimum(brightness, 0)
    size = np.maximum(np.linalg.norm(hue, axis=-1, keepdims=True), 1e-6)
    return DARKER * np.tanh(dark / DARKER) - dark + hue * (HUE * np.tanh(size / HUE) / size - 1)
