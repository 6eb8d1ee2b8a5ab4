"""The tone of a beard that a photo's skin shows: as dark beside the skin, and as full of contrast, as in the photo.

What takes a photo's light off bends tones that no skin has back to skin's, so that black beards come out paler and
smoother. Here the finished skin in the fitted light is compared with the photo, texel by texel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import Atlas, atlas_of
from facegpt.appearance.complete import pull_push
from facegpt.appearance.light import shading
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import TexturePrior, prior_of
from facegpt.appearance.resolution import matched_resolution
from facegpt.appearance.unwrap import Posed, Unwrapped, unwrap
from facegpt.conventions import linear_of_bytes, linear_to_srgb
from facegpt.detect.windows import read_bilinear
from facegpt.encode.parts import BEARD, SKIN, FaceParts
from facegpt.morphable.base import MorphableModel
from facegpt.render.texel_grids import blur
from facegpt.types import Array, FaceParams

#: Texels a side of the grid on which photo and skin are compared.
GRID = 256
#: Growth of beards from which a place counts as theirs in full.
GROWN = 0.1
#: Amounts of a beard (`IdentityBelief.beard`) up to which none is looked at, and from which all of it is.
BEARDED = (0.15, 0.3)
#: Texels over which tones are averaged, and over which details are measured.
TONE_TEXELS, DETAIL_TEXELS = 5.0, 2.0
#: How far a tone goes, log units: darker, lighter, and its hue; how much of what the bare skin differs by is light.
DARKER, LIGHTER, HUE, OF_LIGHT = -0.9, 0.3, 0.12, 0.6
#: How much stronger a beard's details become at most.
SHARPER = 1.5
#: Added to linear light before logs are taken: what is darker is noise.
NOISE = 0.004
#: Fewest texels of beard and of bare skin that tell anything; belief in skin that is sure.
FEWEST, SURE_SKIN = 60, 0.9


@dataclass(frozen=True, eq=False)
class _Compared:
    """A photo's view of a skin (H, W the grid).

    Attributes:
        own: (H, W, 3) log of the skin in the fitted light. photo: (H, W, 3) log of the photo.
        beard: (H, W) 0..1 where a beard is seen. skin: (H, W) bool, bare skin.
    """

    own: Array
    photo: Array
    beard: NDArray[np.float32]
    skin: NDArray[np.bool_]


def with_photo_tone(
    texture: NDArray[np.uint8],
    image: NDArray[np.uint8],
    model: MorphableModel,
    params: FaceParams,
    parts: FaceParts,
    beard: float,
) -> NDArray[np.uint8]:
    """A photo's texture (S, S, 4) uint8 sRGB whose beard is as dark and as full of contrast as the photo shows it.

    Args:
        texture: of the finished skin.
        image: (H, W, 3) uint8 sRGB of params.camera.
        model: the head.
        params: its fit, with the photo's light.
        parts: of the face.
        beard: 0..1, how much of a beard the face wears (`IdentityBelief.beard`).
    """
    bearded = float(np.interp(beard, BEARDED, (0, 1)))
    if bearded == 0 or len(texture) < GRID or len(texture) % GRID:
        return texture
    prior = prior_of(model, GRID)
    seen = _compared(texture, image, model, params, parts, prior, bearded)
    if (seen.beard > 0.5).sum() < FEWEST or seen.skin.sum() < FEWEST:
        return texture
    grows = bearded * np.minimum(prior.growth / GROWN, 1) * (1 - prior.lips)
    return _changed(texture, _tone(seen), _detail_gain(seen), grows.astype(np.float32))


def _compared(
    texture: NDArray[np.uint8],
    image: NDArray[np.uint8],
    model: MorphableModel,
    params: FaceParams,
    parts: FaceParts,
    prior: TexturePrior,
    bearded: float,
) -> _Compared:
    small, fitted = matched_resolution(image, params, GRID)
    posed, atlas = pose_head(model, fitted), atlas_of(model, GRID)
    view = unwrap(small, posed, atlas.triangles, atlas.texel, atlas.corner)
    seen = view.weight > 0
    told = np.zeros((*seen.shape, 2), np.float32)
    told[seen] = parts.at(params.camera.project(_places(posed, atlas, seen)))[:, [BEARD, SKIN]]
    own = linear_of_bytes(_small(texture)) * _shade(view, seen, params)
    grows = np.minimum(prior.growth / GROWN, 1) * (1 - prior.lips) * bearded
    bare = (prior.growth < 0.01) & (prior.mask > 0.9) & (prior.brows + prior.lips < 0.01) & ~prior.eyes
    return _Compared(
        np.log(own + NOISE),
        np.log(view.colour + NOISE),
        (view.weight * grows * told.sum(-1)).astype(np.float32),
        bare & (view.weight > 0.5) & (told[..., 1] > SURE_SKIN),
    )


def _places(posed: Posed, atlas: Atlas, seen: NDArray[np.bool_]) -> Array:
    """Where texels lie, camera frame: (N, 3) mm."""
    return np.einsum("nk,nkx->nx", atlas.corner[seen], posed.vertices[atlas.triangles[atlas.texel[seen]]])


def _small(texture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    step = len(texture) // GRID
    mean = texture[..., :3].reshape(GRID, step, GRID, step, 3).mean((1, 3), dtype=np.float32)
    return np.round(mean).astype(np.uint8)


def _shade(view: Unwrapped, seen: NDArray[np.bool_], params: FaceParams) -> Array:
    """The light (H, W, 3) that falls on each texel; 1 where it is not seen."""
    light = np.ones((*seen.shape, 3))
    light[seen] = shading(view.normal[seen], params.lighting)
    return light


def _tone(seen: _Compared) -> NDArray[np.float32]:
    """What to add to the log of the skin (H, W, 3) so that its beard is as dark beside bare skin as the photo's."""
    apart = seen.photo - seen.own
    light = np.median(apart[seen.skin], axis=0)
    tone = blur(apart.astype(np.float32), seen.beard, TONE_TEXELS) - OF_LIGHT * light.astype(np.float32)
    brightness = tone.mean(-1, keepdims=True)
    tone = np.clip(brightness, DARKER, LIGHTER) + np.clip(tone - brightness, -HUE, HUE)
    return np.asarray(pull_push(tone, np.minimum(2 * seen.beard, 1)), np.float32)


def _detail_gain(seen: _Compared) -> float:
    """How many times as strong the details of the photo's beard are as the skin's."""
    rows = seen.beard > 0.5
    spread = []
    for each in (seen.photo, seen.own):
        light = each.mean(-1, keepdims=True).astype(np.float32)
        spread.append(float((light - blur(light, seen.beard, DETAIL_TEXELS))[rows].std()))
    return float(np.clip(spread[0] / max(spread[1], 1e-6), 1.0, SHARPER))


def _changed(texture: NDArray[np.uint8], tone: Array, gain: float, grows: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The texture with tones (H, W, 3) and its details `gain` times as strong where a beard grows (H, W)."""
    coarse = np.log(linear_of_bytes(_small(texture)) + NOISE).astype(np.float32)
    low = blur(coarse, np.maximum(grows, 1e-3), DETAIL_TEXELS)
    rows, columns, fine = fine_values(np.dstack([grows, tone, low]), grows > 0.01, len(texture))
    own = np.log(linear_of_bytes(texture[rows, columns, :3]) + NOISE)
    change = fine[:, 1:4] + (gain - 1) * (own - fine[:, 4:])
    linear = np.clip(np.exp(own + fine[:, :1] * change) - NOISE, 0, 1)
    out = texture.copy()
    out[rows, columns, :3] = np.round(linear_to_srgb(linear) * 255)
    return out


def fine_values(
    values: Array, where: NDArray[np.bool_], size: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Rows and columns (N,) of a texture of a size where a coarse mask (H, W) is; values (H, W, C) there: (N, C)."""
    step = size // len(where)
    rows, columns = np.nonzero(where.repeat(step, 0).repeat(step, 1))
    at = (np.column_stack([columns, rows]) + 0.5) / step - 0.5
    return rows, columns, np.asarray(read_bilinear(np.ascontiguousarray(values, np.float32), at), np.float32)
