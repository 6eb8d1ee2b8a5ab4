"""The tone of a beard that a photo's skin shows: as dark beside the skin, and as full of contrast, as in the photo.

What takes a photo's light off bends tones that no skin has back to skin's, so that black beards come out paler and
smoother. Here the finished skin in the fitted light is compared with the photo, texel by texel. Hard light leaves pale
patches, coloured rims and glints all the same. A beard has about one colour: where it surely grows it is held near
that, and where the photo does not show it, it goes on in the tone of what is shown. Its hue is that of hair, which is
never bluer than grey, grey, that of the skin below, or between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.appearance.atlas import Atlas, atlas_of
from facegpt.appearance.complete import pull_push
from facegpt.appearance.light import shading
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import TexturePrior, prior_of
from facegpt.appearance.resolution import matched_resolution
from facegpt.appearance.unwrap import Posed, Unwrapped, unwrap
from facegpt.conventions import linear_of_bytes
from facegpt.detect.windows import read_bilinear
from facegpt.encode.parts import BEARD, SKIN, FaceParts
from facegpt.hair.atlas import WHITE
from facegpt.hair.from_photo.beards.dark_hair import moustache, over_lips, told_by_darkness
from facegpt.morphable.base import MorphableModel
from facegpt.render.srgb_bytes import bytes_of_linear
from facegpt.render.texel_grids import blur
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array, FaceParams, Hair

#: Texels a side of the grid on which photo and skin are compared.
GRID = 256
#: Growth of beards from which a place counts as theirs in full, and over how many texels that begins: beards have no
#: edges.
GROWN, SOFT_TEXELS = 0.25, 2.5
#: Amounts of a beard (`IdentityBelief.beard`) up to which none is looked at, and from which all of it is.
BEARDED = (0.15, 0.3)
#: Texels over which tones are averaged, and over which details are measured.
TONE_TEXELS, DETAIL_TEXELS = 5.0, 2.0
#: How far a tone goes, log units: darker, lighter, and its hue; how much of what the bare skin differs by is light.
DARKER, LIGHTER, HUE, OF_LIGHT = -0.9, 0.05, 0.12, 0.6
#: How much stronger a beard's details become at most.
SHARPER = 1.25
#: How much darker than around it a spot of a beard is at most, log units: clumps of hair, not holes.
SPOT = 0.45
#: A beard's one colour: the quantile of its brightness that is meant, how much paler it may be elsewhere, log units,
#: and the shares that are taken off of what is paler, and of foreign hues.
ONE_TONE, PALER, OF_PALER, OF_HUE = 0.4, 0.1, 0.8, 0.9
#: Likelihoods of grey hair up to which pale patches and glints are light, and from which they are grey hairs.
GREYING = (0.05, 0.2)
#: How much darker than the cheeks skin without a beard is at most where beards grow, log units.
BARE = 0.1
#: Mean belief in hair of the face around a place from which its tone is a beard's in full, and not bare skin's.
SURE_HAIR = 0.25
#: Belief in hair of the face from which a place tells the beard's colour.
LEAST_SURE = 0.3
#: How much darker than bare skin a beard is whose glints are no grey hairs, and how bright glints are, log units.
DARK_HAIR, GLINT = 0.25, 0.3
#: Added to linear light before logs are taken: what is darker is noise.
NOISE = 0.004
#: Fewest texels of beard and of bare skin that tell anything; belief in skin that is sure.
FEWEST, SURE_SKIN = 60, 0.9


@dataclass(frozen=True, eq=False)
class TonedBeard:
    """A skin with its beard.

    Attributes:
        texture: (S, S, 4) uint8 sRGB.
        colour: (3,) linear RGB of a dark beard, None if not told: of hair and the skin between it, the hair itself is
            no paler.
        density: (H, W) 0..1, how dense a dark beard is over its densest; where it is not seen, as it is beside.
    """

    texture: NDArray[np.uint8]
    colour: tuple[float, float, float] | None = None
    density: NDArray[np.float32] | None = None

    def of_hair(self, hair: Hair) -> Hair:
        """The hair, whose beard is no paler than this one."""
        own, seen = hair.of_beard, self.colour
        if seen is None or hair.beard_mm > 0:
            return hair
        mean = np.asarray(own.colour) * (1 - own.grey) + WHITE * own.grey
        return hair if mean.mean() <= np.mean(seen) else replace(hair, beard_colour=seen)


@dataclass(frozen=True, eq=False)
class _Compared:
    """A photo's view of a skin (H, W the grid).

    Attributes:
        own: (H, W, 3) log of the skin in the fitted light. photo: (H, W, 3) log of the photo.
        beard: (H, W) 0..1 where a beard is seen. skin: (H, W) bool, bare skin.
        sure: (H, W) 0..1 where hair of the face is seen and no skin.
        dark: (H, W) 0..1 where only its darkness tells that there is hair of the face.
        grows: (H, W) 0..1 where a beard grows, and where hair hangs over the upper lip.
    """

    own: Array
    photo: Array
    beard: NDArray[np.float32]
    skin: NDArray[np.bool_]
    sure: NDArray[np.float32]
    dark: NDArray[np.float32]
    grows: NDArray[np.float32]


def with_photo_tone(
    texture: NDArray[np.uint8],
    image: NDArray[np.uint8],
    model: MorphableModel,
    params: FaceParams,
    parts: FaceParts,
    beard: float,
    greyness: float = 0.0,
) -> TonedBeard:
    """A photo's texture (S, S, 4) uint8 sRGB whose beard is as dark and as full of contrast as the photo shows it.

    Args:
        texture: of the finished skin.
        image: (H, W, 3) uint8 sRGB of params.camera.
        model: the head.
        params: its fit, with the photo's light.
        parts: of the face.
        beard: 0..1, how much of a beard the face wears (`IdentityBelief.beard`).
        greyness: 0..1, how likely grey hair is at the age that the face looks: what is pale in old beards is grey hair.
    """
    bearded = float(np.interp(beard, BEARDED, (0, 1)))
    if bearded == 0 or len(texture) < GRID or len(texture) % GRID:
        return TonedBeard(texture)
    prior = prior_of(model, GRID)
    linear = linear_of_bytes(_small(texture))
    seen = _compared(linear, image, model, params, parts, prior, bearded)
    if (seen.beard > 0.5).sum() < FEWEST or seen.skin.sum() < FEWEST:
        return TonedBeard(texture)
    grows = seen.grows
    coarse = np.log(linear + NOISE).astype(np.float32)
    low = blur(coarse, np.maximum(grows, 1e-3), DETAIL_TEXELS)
    tone = _tone(seen)
    young = float(np.interp(greyness, GREYING, (1, 0)))
    even, log_colour = _one_tone(low + tone, seen, grows, young)
    skin = np.median((low + tone)[seen.skin].mean(-1))
    dark = log_colour is not None and log_colour.mean() < skin - DARK_HAIR
    glints = seen.sure * np.float32(young * dark)
    toned = _changed(texture, np.dstack([grows, tone + even, low, glints]), _detail_gain(seen))
    if log_colour is None or not dark:
        return TonedBeard(toned)
    red, green, blue = np.clip(np.exp(log_colour) - NOISE, 0.0, 1.0).tolist()
    darker = skin - (low + tone + even).mean(-1, keepdims=True) - BARE
    dense = np.clip(darker / (skin - log_colour.mean() - BARE), 0, 1).astype(np.float32)
    return TonedBeard(toned, (red, green, blue), pull_push(dense, np.minimum(2 * seen.beard, 1))[..., 0])


def _compared(
    linear: Array,
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
    light, photo = _shade(view, seen, params), np.log(view.colour + NOISE)
    skin = prior.bare & (view.weight > 0.5) & (told[..., 1] > SURE_SKIN)
    dark = moustache(told_by_darkness(photo, light, skin, seen), prior.growth, prior.lips, seen)
    grows = bearded * _grows(prior, over_lips(dark, prior.lips))
    return _Compared(
        np.log(linear * light + NOISE),
        photo,
        (view.weight * grows * told.sum(-1)).astype(np.float32),
        skin,
        (view.weight * grows * told[..., 0]).astype(np.float32),
        (view.weight * grows * told.sum(-1) * dark).astype(np.float32),
        grows,
    )


def _grows(prior: TexturePrior, hanging: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where beards grow (H, W), 0..1, thinning out towards where none does; hanging: (H, W) of `over_lips`."""
    share = np.minimum(prior.growth / GROWN, 1)
    inside = np.minimum(share, gaussian_blur(share.astype(np.float32), SOFT_TEXELS))
    return np.maximum(inside * (1 - prior.lips), hanging * prior.lips).astype(np.float32)


def _places(posed: Posed, atlas: Atlas, seen: NDArray[np.bool_]) -> Array:
    """Where texels lie, camera frame: (N, 3) mm."""
    return np.einsum("nk,nkx->nx", atlas.corner[seen], posed.vertices[atlas.triangles[atlas.texel[seen]]])


def _small(texture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(np.ascontiguousarray(texture[..., :3])).reduce(len(texture) // GRID))


def _shade(view: Unwrapped, seen: NDArray[np.bool_], params: FaceParams) -> Array:
    """The light (H, W, 3) that falls on each texel; 1 where it is not seen."""
    light = np.ones((*seen.shape, 3))
    light[seen] = shading(view.normal[seen], params.lighting)
    return light


def _tone(seen: _Compared) -> NDArray[np.float32]:
    """What to add to the log of the skin (H, W, 3) so that its beard is as dark beside bare skin as the photo's."""
    apart = seen.photo - seen.own
    light = np.median(apart[seen.skin], axis=0)
    black = blur((seen.dark / np.maximum(seen.beard, 1e-3))[..., None], seen.beard, DETAIL_TEXELS)
    wide, near = (blur(apart.astype(np.float32), seen.beard, texels) for texels in (TONE_TEXELS, DETAIL_TEXELS))
    tone = wide + black * (near - wide) - OF_LIGHT * light.astype(np.float32)
    brightness = tone.mean(-1, keepdims=True)
    tone = np.clip(brightness, DARKER * (1 + black), LIGHTER) + np.clip(tone - brightness, -HUE, HUE)
    mean = np.average(tone.reshape(-1, 3), 0, seen.beard.ravel())
    told = np.minimum(2 * blur(seen.beard[..., None], np.ones_like(seen.beard), TONE_TEXELS), 1)
    around = blur(tone, seen.beard**2, 4 * TONE_TEXELS) - mean  # rims of a face err most
    tone = mean + told * (tone - mean) + (1 - told) * np.clip(around, -HUE, HUE)
    hair = blur((seen.sure / np.maximum(seen.beard, 1e-3))[..., None], seen.beard, 2 * TONE_TEXELS)
    hair = np.maximum(hair, SURE_HAIR * black)
    hair += (1 - told) * (np.average(hair[..., 0], weights=seen.beard) - hair)
    return np.asarray(np.minimum(hair / SURE_HAIR, 1) * tone, np.float32)


def _one_tone(
    low: Array, seen: _Compared, grows: NDArray[np.float32], young: float
) -> tuple[NDArray[np.float32], Array | None]:
    """What takes pale patches and foreign hues out of a beard, to be added to its log albedo (H, W, 3) without details.

    grows: (H, W) 0..1, where a beard grows. young: 0..1, how sure it is that none of its hairs are grey. The second is
    the beard's own log colour (3,), or None if too little tells.
    """
    weight = seen.sure * (seen.sure > LEAST_SURE)
    if (weight > 0).sum() < FEWEST:
        return np.zeros_like(low), None
    brightness = low.mean(-1)
    rows = np.flatnonzero(weight)
    order = rows[np.argsort(brightness.ravel()[rows])]
    at = np.searchsorted(np.cumsum(weight.ravel()[order]), ONE_TONE * weight.sum())
    own = float(brightness.ravel()[order[min(at, len(order) - 1)]])
    sure = blur(seen.sure[..., None], np.ones_like(seen.sure), DETAIL_TEXELS)
    paler = np.maximum(brightness - own - PALER, 0)[..., None]
    hue = low - brightness[..., None]
    of_hair = _hue_of_hair(np.average(hue.reshape(-1, 3), 0, weight.ravel()))
    skin = np.median(hue[seen.skin], axis=0)
    foreign = np.stack([hue - _between(hue, skin, other) for other in (of_hair, np.zeros(3))])
    nearest = (foreign**2).sum(-1).argmin(0)[None, ..., None]
    foreign = np.take_along_axis(foreign, nearest, 0)[0]
    change = -OF_PALER * young * sure * paler - OF_HUE * grows[..., None] * foreign
    return change.astype(np.float32), own + of_hair


def _hue_of_hair(hue: Array) -> Array:
    """A hue (3,), log units of mean 0, no bluer and no greener than grey: pigments of hair take blue light most."""
    green = min(hue[1], hue[0])
    found = np.array([hue[0], green, min(hue[2], green)])
    return found - found.mean() if found[0] > found[2] else np.zeros(3)


def _between(hues: Array, one: Array, other: Array) -> Array:
    """The nearest to hues (H, W, 3) on the way from one hue (3,) to another."""
    way = other - one
    share = np.clip((hues - one) @ way / max(float(way @ way), 1e-6), 0, 1)
    return np.asarray(one + share[..., None] * way)


def _detail_gain(seen: _Compared) -> float:
    """How many times as strong the details of the photo's beard are as the skin's."""
    rows = seen.beard > 0.5
    spread = []
    for each in (seen.photo, seen.own):
        light = each.mean(-1, keepdims=True).astype(np.float32)
        spread.append(float((light - blur(light, seen.beard, DETAIL_TEXELS))[rows].std()))
    return float(np.clip(spread[0] / max(spread[1], 1e-6), 1.0, SHARPER))


def _changed(texture: NDArray[np.uint8], planes: Array, gain: float) -> NDArray[np.uint8]:
    """The texture with tones and details `gain` times as strong, without glints and holes.

    planes: (H, W, 8), where a beard grows, the tones to add, the log albedo without details, and where bright details
    are glints.
    """
    rows, columns, fine = fine_values(planes, planes[..., 0] > 0.01, len(texture))
    own = np.log(linear_of_bytes(texture[rows, columns, :3]) + NOISE)
    detail = own - fine[:, 4:7]
    brightness = gain * detail.mean(-1, keepdims=True)
    bright, dark = np.maximum(brightness, 0), np.minimum(brightness, 0)
    glints, holes = bright - GLINT * np.tanh(bright / GLINT), dark - SPOT * np.tanh(dark / SPOT)
    change = fine[:, 1:4] + (gain - 1) * detail - fine[:, 7:] * glints - holes
    linear = np.clip(np.exp(own + fine[:, :1] * change) - NOISE, 0, 1)
    out = texture.copy()
    out[rows, columns, :3] = bytes_of_linear(linear)
    return out


def fine_values(
    values: Array, where: NDArray[np.bool_], size: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Rows and columns (N,) of a texture of a size where a coarse mask (H, W) is; values (H, W, C) there: (N, C)."""
    step = size // len(where)
    rows, columns = np.nonzero(where.repeat(step, 0).repeat(step, 1))
    at = (np.column_stack([columns, rows]) + 0.5) / step - 0.5
    return rows, columns, np.asarray(read_bilinear(np.ascontiguousarray(values, np.float32), at), np.float32)
