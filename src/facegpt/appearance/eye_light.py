"""How much light the whites of the eyes and the teeth get in a clip, beside what the skin's light would give them.

Both lie in hollows that the light of a photo knows nothing of, and what is yellow in the lamp and not in the skin only
they can tell. Drawn in the light of the skin they glare in dim rooms. Frames show by how much: the brightest texels of
the whites, beside the head model's own. Irises are read apart (iris.py) and stay.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.iris import FEWEST, SEEN, SIDE, eye_texels
from facegpt.appearance.light import shading
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import prior_of
from facegpt.appearance.unwrap import unwrap
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.morphable.base import MorphableModel
from facegpt.render.texel_grids import upsample
from facegpt.types import Array, FaceParams

#: Quantiles of the whites' texels, by their blue, between which they are read: lashes, lids' shadows and the rim of the
#: iris are darker, and the skin of lids has little blue.
PALE = (0.8, 0.9)
#: What the lids of a drawn head take from its whites there (render/lid_shadow.py), log units: the mean head's, at rest.
LIDS_TAKE = 0.55
#: The least and the most by which whites may be brighter than in the skin's light, log units; the share of their hue
#: that is kept, for small whites run into the skin about them; and the most of it, log units.
BRIGHTNESS, HUE_KEPT, MOST_HUE = (-1.1, 0.0), 0.35, 0.2
#: Share of that change that teeth get: they lie behind lips, not under lids and brows, and are wet.
TEETH = 0.4
_DARKEST = 2e-3


def whites_seen(image: NDArray[np.uint8], model: MorphableModel, params: FaceParams) -> Array | None:
    """Log of the whites of the eyes over the model's in the light of the skin: (3,), None where too little is seen.

    Args:
        image: (H, W, 3) uint8 sRGB, of the camera of `params`.
        model: the head.
        params: the head in front of its camera, eyes turned to where they look, and the light that explains the skin.
    """
    posed, lighting = pose_head(model, params), params.lighting
    eyes, triangles = eye_texels(model), atlas_of(model, SIDE).triangles  # type: ignore[arg-type]
    seen = unwrap(image, posed, triangles, eyes.texel, eyes.corner)
    white = (seen.weight[0] > SEEN) & ~eyes.iris & ~eyes.pupil
    if white.sum() < FEWEST:
        return None
    lit = seen.colour[0][white] / np.maximum(shading(seen.normal[0][white], lighting), 1e-3)
    return np.asarray(_pale(np.log(np.maximum(lit, _DARKEST))) - _pale(eyes.mean_log[white]) + LIDS_TAKE)


def _pale(colours: Array) -> Array:
    """The mean (3,) of the log colours (N, 3) between two quantiles of blue."""
    low, high = np.quantile(colours[:, 2], PALE)
    return np.asarray(colours[(colours[:, 2] >= low) & (colours[:, 2] <= high)].mean(0))


def settled_whites(told: Sequence[Array | None]) -> Array:
    """What `whites_seen` of several frames come to, (3,) log units: their median, within what eyes and teeth can be."""
    known = [one for one in told if one is not None]
    if not known:
        return np.zeros(3)
    change = np.median(known, axis=0)
    brightness = change.mean()
    hue = np.clip(HUE_KEPT * (change - brightness), -MOST_HUE, MOST_HUE)
    return np.asarray(np.clip(brightness, *BRIGHTNESS) + hue)


def with_whites(texture: NDArray[np.uint8], model: MorphableModel, change: Array) -> NDArray[np.uint8]:
    """A texture (S, S, 4) uint8 sRGB whose whites and teeth are as much brighter as frames say, (3,) log units.

    S is a power of two. What the whites have beside the head model's already (a photo's own) gives way to that.
    """
    part = atlas_of(model, len(texture)).part
    eyes, teeth = (_texels(part, model, ending) for ending in ("_eye", "_teeth"))
    hard, grid = eyes | teeth, min(SIDE, len(texture))
    iris = binary_dilation(prior_of(model, grid).irises[1], iterations=2)
    pale = 1 - upsample(iris[..., None].astype(np.float32), len(texture) // grid)[hard]
    own = change - _beside_model(texture[:: len(texture) // grid, :: len(texture) // grid], model)
    changes = np.where(teeth[hard][:, None], TEETH * change, pale * own)
    out = texture.copy()
    linear = srgb_to_linear(texture[hard][:, :3] / 255.0) * np.exp(changes)
    out[hard, :3] = np.round(linear_to_srgb(np.clip(linear, 0, 1)) * 255)
    return out


def _beside_model(texture: NDArray[np.uint8], model: MorphableModel) -> Array:
    """How much brighter than the model's the whites of a small texture are, log units (3,)."""
    prior = prior_of(model, len(texture))
    white = prior.eyes & ~binary_dilation(prior.irises[1], iterations=2)
    if not white.any():
        return np.zeros(3)
    logs = np.log(np.maximum(srgb_to_linear(texture[white][:, :3] / 255.0), _DARKEST))
    return np.asarray(np.median(logs - prior.mean_log[white], axis=0))


def _texels(part: NDArray[np.integer], model: MorphableModel, ending: str) -> NDArray[np.bool_]:
    """Which texels (S, S) are of parts whose names end so."""
    return np.isin(part, [k for k, name in enumerate(model.part_names) if name.endswith(ending)])
