"""One skin from all keyframes: each is delit by its own light and laid into the atlas; what agrees stays.

The low band of the skin is the robust mean of all keyframes; its detail comes from those that see a place best, so that
small errors of their places do not blur it. What none has seen is mirrored or the albedo model's, as of one photo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, grey_closing, map_coordinates

from facegpt.appearance.atlas import Atlas, atlas_of
from facegpt.appearance.complete import plan_layers, skin_likelihood
from facegpt.appearance.eye_light import settled_whites, whites_seen, with_whites
from facegpt.appearance.hiding import Hiding, unhidden_texels
from facegpt.appearance.light import shading
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import fine_mean, model_texture, prior_of
from facegpt.appearance.seen_irises import IRIS_SIZE
from facegpt.appearance.unwrap import unwrap
from facegpt.conventions import linear_to_srgb
from facegpt.encode.parts import FaceParts
from facegpt.hair.accessories import Accessories, Wishes
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.texel_grids import upsample
from facegpt.types import Array, DensePoints, FaceParams
from facegpt.video.accessories import Picture, accessories_of
from facegpt.video.survey import DRESSED

#: Side of the texture, and of the grid on which layers are planned and irises are told, texels.
SIZE, COARSE = 1024, IRIS_SIZE
#: Width of the low band, texels of SIZE; SD of one keyframe's log colour about the skin's, log units.
LOW_BAND, SPREAD = 12.0, 0.12
#: How much the keyframe that sees a place best counts for its detail: shares of the best one's, to this power. They are
#: smoothed on a grid so many texels wide.
BEST, FINE = 24.0, 4
#: Spots up to so many texels of COARSE wide that are unlike skin are marks of it when keyframes agree on them.
MARK = (7, 7)
#: Millimetres that an expression moves skin by, from which a keyframe counts half.
SURE_MM = 3.0
#: One keyframe in the atlas: log albedo (S, S, 3) and weight (S, S).
_Delit = tuple[NDArray[np.float16], NDArray[np.float16]]
#: Weight of the mirrored half beside the seen one.
MIRROR_TRUST = 0.8


@dataclass(frozen=True, eq=False)
class Shot:
    """One keyframe: pixels, what the network sees, and the head in it with its look and the keyframe's own light.

    trust: how much it counts for fine detail, 0..1: a sharp picture of a calm face is not smeared. parts: what each
    pixel around the face shows, None where nobody looked.
    """

    pixels: NDArray[np.uint8]
    dense: DensePoints
    params: FaceParams
    trust: float = 1.0
    parts: FaceParts | None = None


#: What the relief adds to the log of a keyframe's light, (SIZE, SIZE, 3), by its vertices and normals (V, 3).
LightOf = Callable[[Shot, Array, Array], NDArray[np.float32]]


def fuse_skin(
    model: MakeHumanHead,
    shots: Sequence[Shot],
    albedo: Array,
    light_of: LightOf | None = None,
    irises: Array | None = None,
) -> NDArray[np.uint8]:
    """The skin of a person from keyframes: (SIZE, SIZE, 4) uint8 sRGB with alpha.

    Args:
        model: the head, personal or not, that the shots' parameters are of.
        shots: keyframes.
        albedo: (A,) the nearest skin of the albedo model.
        light_of: what else than the coarse head's light is to be taken off a keyframe: that of its relief.
        irises: (COARSE, COARSE, 3) what to add to the log of the model's skin beyond `albedo`, or None for nothing.
    """
    atlas = atlas_of(model, SIZE)
    log, weight = _fused(model, atlas, shots, albedo, light_of)
    coarse_prior = prior_of(model, COARSE)
    expected = coarse_prior.expected(albedo)
    own = _shrunk(log, weight, SIZE // COARSE) - expected
    seen = weight.reshape(COARSE, SIZE // COARSE, COARSE, SIZE // COARSE).mean((1, 3))
    own[seen <= 0] = 0.0
    likely = grey_closing(skin_likelihood(own, seen, coarse_prior.residual_sd), MARK)
    certain = (np.clip(seen, 0, 1) * likely).astype(np.float32)
    mirror = _mirror_map(model, atlas)
    small = mirror[:, :: SIZE // COARSE, :: SIZE // COARSE] * (COARSE / SIZE)
    flipped, flipped_weight = _sampled(own, small), _sampled(certain[..., None], small)[..., 0]
    layers = plan_layers(
        own, flipped, certain, flipped_weight * MIRROR_TRUST, coarse_prior.residual_sd, coarse_prior.mask
    )
    tint = coarse_prior.tones.change(albedo) + (0.0 if irises is None else irises)
    colour = _composed(model, log, mirror, layers.tinted(tint))
    whites = settled_whites([whites_seen(shot.pixels, model, shot.params) for shot in shots])
    return with_whites(_with_alpha(model, colour), model, whites)


def own_accessories(
    model: MakeHumanHead, shots: Sequence[Shot], skin: NDArray[np.uint8], wishes: Wishes
) -> Accessories:
    """Hair and glasses of a person by the keyframes that show them best: sharp, calm, from the front before the side.

    Args: as `fuse_skin`; skin is what that gave.
    """
    best = sorted(shots, key=lambda shot: shot.trust * float(shot.params.pose.rotation[2, 2]))  # -1 faces the camera
    pictures = [Picture(one.pixels, one.params, one.dense, one.parts) for one in best if one.parts is not None]
    return accessories_of(model, pictures[:DRESSED], skin, wishes)


def plain_skin(model: MakeHumanHead, albedo: Array) -> NDArray[np.uint8]:
    """The albedo model's skin alone, (SIZE, SIZE, 4) uint8 sRGB with alpha."""
    return _with_alpha(model, model_texture(model, albedo, SIZE))


def _with_alpha(model: MakeHumanHead, colour: Array) -> NDArray[np.uint8]:
    """Linear RGB (S, S, 3) as sRGB bytes with the model's opacity."""
    bytes_ = np.round(linear_to_srgb(np.clip(colour, 0, 1)) * 255).astype(np.uint8)
    return np.dstack([bytes_, fine_mean(model, SIZE)[1]])


def _fused(
    model: MakeHumanHead, atlas: Atlas, shots: Sequence[Shot], albedo: Array, light_of: LightOf | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Log albedo (S, S, 3) of all keyframes and how well each texel is seen (S, S)."""
    centre = np.log(np.maximum(model_texture(model, albedo, SIZE), 2e-3)).astype(np.float32)
    views = [_delit(model, atlas, shot, light_of) for shot in shots]
    gains = _gains(model, views, centre)
    low = centre
    for turn in range(2):  # about the model first, then about what most agree on
        total, mass = np.zeros_like(centre), np.zeros(centre.shape[:2], np.float32)
        for (log, weight), gain in zip(views, gains, strict=True):
            off = log - gain - low
            spread = SPREAD * (3 if turn == 0 else 1)
            share = weight / (1 + (off**2).mean(-1) / spread**2)
            total += share[..., None] * (log - gain)
            mass += share
        low = np.where(mass[..., None] > 1e-3, total / np.maximum(mass, 1e-3)[..., None], low)
    seen = zip(views, gains, shots, strict=True)
    shares = [_regional_share(weight, log - gain - low, shot.trust) for (log, weight), gain, shot in seen]
    most = np.maximum(np.max(shares, axis=0), 1e-6)
    detail, best = np.zeros_like(centre), np.zeros(centre.shape[:2], np.float32)
    for (log, _), gain, share in zip(views, gains, shares, strict=True):
        sharp = (share / most) ** BEST
        detail += sharp[..., None] * (log - gain)
        best += sharp
    detail = np.where(best[..., None] > 1e-3, detail / np.maximum(best, 1e-3)[..., None], low)
    known = (mass > 1e-3).astype(np.float32)
    return low + _high(detail - low, known), np.clip(mass, 0, 1)


def _regional_share(weight: NDArray[np.float16], off: NDArray[np.float32], trust: float) -> NDArray[np.float32]:
    """How much a keyframe counts for detail, (S, S), by how far its neighbourhood is off: a mole is off by itself.

    Smooth, so that one keyframe is taken over some area, and small errors of the places of others do not blur it.
    """
    side = len(weight) // FINE
    seen = weight.astype(np.float32)
    sums = np.dstack([seen[..., None], np.abs(off.mean(-1) * seen)[..., None]])
    blocks = sums.reshape(side, FINE, side, FINE, 2).mean((1, 3))
    smooth = gaussian_filter(blocks, (LOW_BAND / FINE, LOW_BAND / FINE, 0))
    astray = smooth[..., 1] / np.maximum(smooth[..., 0], 1e-3)
    share = trust * smooth[..., 0] / (1 + (astray / SPREAD) ** 2)
    return upsample(share[..., None].astype(np.float32), FINE)[..., 0] * np.clip(seen / 0.3, 0, 1)


def _high(difference: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """The part of a difference (S, S, 3) above the low band."""
    mass = np.maximum(gaussian_filter(known, LOW_BAND), 1e-4)[..., None]
    smooth = gaussian_filter(difference * known[..., None], (LOW_BAND, LOW_BAND, 0)) / mass
    return ((difference - smooth) * known[..., None]).astype(np.float32)


def _gains(model: MakeHumanHead, views: Sequence[_Delit], centre: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """By how much each keyframe's skin is brighter than the mean of all, (3,) log units: its exposure."""
    sums, mask = [], upsample(prior_of(model, COARSE).mask[..., None], SIZE // COARSE)[..., 0]
    for log, weight in views:
        used = weight * mask > 0.3
        sums.append(np.median((log - centre)[used], axis=0) if used.any() else np.zeros(3))
    middle = np.median(sums, axis=0)
    return [np.asarray(one - middle, np.float32) for one in sums]


def _delit(model: MakeHumanHead, atlas: Atlas, shot: Shot, light_of: LightOf | None) -> _Delit:
    """A keyframe's log albedo (S, S, 3) and weight (S, S), in half precision: there are many of them."""
    posed = pose_head(model, shot.params)
    view = unwrap(shot.pixels, posed, atlas.triangles, atlas.texel, atlas.corner)
    view = unhidden_texels(
        view, posed.vertices, atlas.triangles, atlas, Hiding(shot.params.camera, shot.dense, shot.parts)
    )
    seen = view.weight > 0
    log = np.zeros((*view.weight.shape, 3), np.float16)
    shade = shading(view.normal[seen], shot.params.lighting)
    log[seen] = np.log(np.maximum(view.colour[seen], 2e-3)) - np.log(shade)
    if light_of is not None:
        log[seen] -= light_of(shot, posed.vertices, posed.normals)[seen]
    moved = _moved_mm(model, atlas, shot.params)
    burnt = np.clip((0.98 - view.colour.max(-1)) / 0.1, 0, 1)  # what is saturated has no colour
    sure = 1 / (1 + (moved / SURE_MM) ** 2)
    return log, (view.weight * burnt * sure).astype(np.float16)


def _moved_mm(model: MakeHumanHead, atlas: Atlas, params: FaceParams) -> NDArray[np.float32]:
    """How far the expression moves each texel (S, S): its place is the less sure, and it is stretched or folded."""
    rest = head_vertices(model, params.replace(expression=np.zeros_like(params.expression)))
    moved = np.linalg.norm(head_vertices(model, params) - rest, axis=1)
    inside = atlas.texel >= 0
    out = np.zeros(atlas.texel.shape, np.float32)
    out[inside] = (moved[atlas.triangles[atlas.texel[inside]]] * atlas.corner[inside]).sum(1)
    return out


def _shrunk(values: NDArray[np.float32], weight: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Weighted means over blocks of texels: (S, S, C) → (S / factor, S / factor, C)."""
    side = len(values) // factor
    stacked = np.dstack([values * weight[..., None], weight])
    sums = stacked.reshape(side, factor, side, factor, -1).sum((1, 3))
    return (sums[..., :-1] / np.maximum(sums[..., -1:], 1e-6)).astype(np.float32)


def _mirror_map(model: MakeHumanHead, atlas: Atlas) -> NDArray[np.float32]:
    """(2, S, S) row and column at which each texel's mirrored place lies."""
    uv_of = np.zeros((model.sizes.vertices, 2), np.float32)
    uv_of[model.triangles] = model.uv[model.uv_triangles]
    inside = atlas.texel >= 0
    uv = np.zeros((*atlas.texel.shape, 2), np.float32)
    corners = uv_of[atlas.mirrored_triangles[atlas.texel[inside]]]
    uv[inside] = np.einsum("nkc,nk->nc", corners, atlas.corner[inside])
    size = len(atlas.texel)
    return np.stack([(1 - uv[..., 1]) * size - 0.5, uv[..., 0] * size - 0.5])


def _sampled(values: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Read (h, w, C) at rows and columns (2, H, W), bilinearly."""
    planes = [map_coordinates(values[..., c], places, order=1, mode="nearest") for c in range(values.shape[2])]
    return np.stack(planes, -1).astype(np.float32)


def _composed(model: MakeHumanHead, log: NDArray[np.float32], mirror: NDArray[np.float32], layers):  # type: ignore[no-untyped-def]
    """Linear RGB (S, S, 3) of the layers: seen, mirrored, the model's mean."""
    factor = SIZE // COARSE
    share, other = (upsample(w[..., None], factor) for w in (layers.own, layers.mirrored))
    out = share * np.exp(log + upsample(layers.own_offset, factor))
    out += other * np.exp(_sampled(log, mirror) + upsample(layers.mirrored_offset, factor))
    return out + (1 - share - other) * fine_mean(model, SIZE)[0] * np.exp(upsample(layers.under, factor))
