"""A photo's skin after its hair, beard or brows were changed: a photo shows what was there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.hair.from_photo.bared import bared
from facegpt.hair.from_photo.beards.shaved import shaved
from facegpt.hair.from_photo.beards.turned_grey import with_grey_beard, with_grey_brows
from facegpt.hair.whiskers import WHITE_HAIR, beard_share, hair_colour
from facegpt.hair.worn import grows_hair
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.painted_hair import (
    groom_texture,
    reshaped_brows,
    with_brow_bridge,
    without_brow_bridge,
)
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array, FaceParams, Hair

#: Less than this is no beard.
LEAST = 0.01
#: Share of grey hairs that hair gains from which brows have turned grey with it; colours that differ by less are the
#: same, linear RGB.
GREYER, SAME_COLOUR = 0.25, 0.03
#: By how much more a beard or a moustache grows than before for it to be drawn over what the photo shows.
MORE = 0.05
#: SD of the way over which what is left of a beard goes over to what is left of a moustache, texels of their fields.
AROUND_TEXELS = 2.0


def regrown(
    skin: NDArray[np.uint8], model: MorphableModel, params: FaceParams, before: Hair | None, after: Hair | None
) -> NDArray[np.uint8]:
    """The skin (S, S, 4) uint8 sRGB of a photo's head with the beard, moustache and brows of its hair now.

    Where hair of the scalp goes, the skin is bare (bared.py). A beard that grew before is shaved first: there the skin
    is that of the albedo model in the tone of the skin around it. One that turns grey gets grey hairs where it grows.
    Brows stay the photo's own and keep their colour, unless they are given another or turn grey.

    Args:
        skin: of the photo, with what grew `before`.
        model: of the head.
        params: of the head.
        before: the hair that the skin shows.
        after: the hair that the head is to have.
    """
    skin = bared(skin, model, params.identity, before, after)
    bald = Hair("bald", (0.0, 0.0, 0.0))
    was, now = before or bald, after or bald
    brows = now.brow_thickness - was.brow_thickness, now.brow_arch - was.brow_arch
    same_beard, same_brows = _facial(was) == _facial(now), max(np.abs(brows)) < LEAST
    recoloured = now.brow_colour is not None and not np.allclose(now.brow_colour, _seen(was.of_brows), atol=1e-4)
    greyer = now.brow_colour is None and now.grey - was.grey > GREYER
    grown_together = now.brow_bridge - was.brow_bridge
    same = same_beard and same_brows and not recoloured and not greyer
    if not grows_hair(model) or (same and abs(grown_together) < LEAST):
        return skin
    linear = srgb_to_linear(skin[..., :3] / 255.0).astype(np.float32)
    if recoloured:
        brows_alone = replace(now, style="bald", beard=0.0, moustache=0.0)
        linear, grown_together = groom_texture(linear, brows_alone), 0.0
    elif not same_brows:
        linear = reshaped_brows(linear, *brows)
    if greyer:
        linear = with_grey_brows(linear, model, now)
    if grown_together >= LEAST:
        linear = with_brow_bridge(linear, replace(now, brow_bridge=grown_together))
    elif grown_together <= -LEAST:
        linear = without_brow_bridge(linear)
    if not same_beard:
        turned = _turned_grey(was.of_beard, now.of_beard) if _shape(was) == _shape(now) else 0.0
        if turned > 0:
            linear = with_grey_beard(linear, model, now, turned)
        else:
            linear = _bearded(linear, model, params.albedo, was, now)
    return np.dstack([np.round(linear_to_srgb(np.clip(linear, 0, 1)) * 255).astype(np.uint8), skin[..., 3]])


def loses_beard(before: Hair | None, after: Hair | None, to_bare: bool = False) -> bool:
    """Whether a face gets bare that was not, or is to be bare: then no trace of a beard may stay in its skin."""
    was, now = (0.0 if hair is None else max(hair.beard, hair.moustache) for hair in (before, after))
    return now <= LEAST and (was > LEAST or to_bare)


def _seen(hair: Hair) -> tuple[float, ...]:
    """The colour that hair shows, linear RGB."""
    return tuple(np.round(hair_colour(hair), 6).tolist())


def _bearded(
    linear: NDArray[np.float32], model: MorphableModel, albedo: Array, was: Hair, now: Hair
) -> NDArray[np.float32]:
    """Skin (S, S, 3) linear RGB with the beard and moustache of `now`: what still grows of its own stays."""
    own, grown, same = linear, max(was.beard, was.moustache) > LEAST, _seen(was.of_beard) == _seen(now.of_beard)
    if grown:
        linear = shaved(linear, model, albedo, was)
    if grown and same:
        left = _left_of(model, was, now, len(own))[..., None]
        bare, full = (np.maximum(each, 1e-4) for each in (linear, own))
        linear = np.asarray(bare * (full / bare) ** left, np.float32)  # evenly to the eye
    beard, moustache = (after if not same or after > before + MORE else 0.0 for before, after in _amounts(was, now))
    if max(beard, moustache) > LEAST:
        growing = Hair("bald", now.of_beard.colour, now.of_beard.grey, beard, moustache)
        shape = beard_share(model, now.beard_shape)  # type: ignore[arg-type]
        linear = groom_texture(linear, growing, keep_brows=True, beard_share=shape)
    return linear


def _turned_grey(before: Hair, after: Hair) -> float:
    """Which share of hairs turns grey, 0..1, where that is all that changes of their colour."""
    was, now = (np.asarray(_seen(each)) for each in (before, after))
    white = np.asarray(WHITE_HAIR)
    share = float(np.clip((now - was).mean() / max((white - was).mean(), 1e-3), 0, 1))
    return share if np.allclose(was + share * (white - was), now, atol=SAME_COLOUR) else 0.0


def _shape(hair: Hair) -> tuple[object, ...]:
    """All of a beard but its colour."""
    return hair.beard, hair.moustache, hair.beard_shape, hair.beard_mm


def _left_of(model: MorphableModel, was: Hair, now: Hair, side: int) -> NDArray[np.float32]:
    """Which share of the hair of a face is left at its texels (side, side), 0..1: less where less grows than before."""
    layers = AlbedoModel.load().growth["hair_density"][:2].astype(np.float32) / 255
    shares = [min(after / max(before, LEAST), 1.0) for before, after in _amounts(was, now)]
    left = np.stack([np.full(layers.shape[1:], share, np.float32) for share in shares])
    if now.beard_shape != was.beard_shape:
        left[0] *= beard_share(model, now.beard_shape)  # type: ignore[arg-type]
    near = gaussian_blur(np.stack([*layers, *(layers * left)], -1), AROUND_TEXELS)
    mixed = near[..., 2:].sum(-1) / np.maximum(near[..., :2].sum(-1), 1e-6)
    return np.asarray(Image.fromarray(mixed).resize((side, side), Image.Resampling.BILINEAR), np.float32)


def _amounts(was: Hair, now: Hair) -> tuple[tuple[float, float], ...]:
    """How much of a beard and of a moustache grew and grows."""
    return (was.beard, now.beard), (was.moustache, now.moustache)


def _facial(hair: Hair) -> tuple[object, ...]:
    """All of a hair that a beard shows."""
    grown = hair.beard, hair.moustache
    own = hair.of_beard
    return (*grown, *_seen(own), hair.beard_shape) if max(grown) > LEAST else (0.0, 0.0)
