"""A photo's skin where the hair of its head is taken off: the tone and the grain of the skin that the photo shows.

No photo shows the skin below hair: a texture has the head model's there, with the roots of a shaven scalp, and beside
the hair what its rim and its shadow left. All of that goes. The tone of the seen skin goes on over the scalp instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.complete import bare_skin, pull_push
from facegpt.appearance.over_skin.skin_grain import with_grain
from facegpt.appearance.prior import TexturePrior, prior_of
from facegpt.conventions import linear_of_bytes
from facegpt.hair.body import body_of
from facegpt.hair.lines.off_bare import view_of
from facegpt.hair.painted import FAR_MM, hair_on_texels
from facegpt.hair.plan import smooth
from facegpt.hair.presets import groom_of
from facegpt.hair.worn import grows_hair
from facegpt.morphable.base import MorphableModel
from facegpt.render.srgb_bytes import bytes_of_linear
from facegpt.render.texel_grids import blur, shrunk, upsample, wide_blur
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array, Groom, Hair

#: Texels a side of the grid on which tones are compared.
GRID = 256
#: Cover of hair that is lost, from which a texel is bared, and in full; texels over which that spreads to its rim.
LOST, LOST_TEXELS = (0.05, 0.3), 4.0
#: Share of the hair's texels that an edit bares at least for it to bare what grew no hair before as well (a crown).
MOSTLY_LOST = 0.5
#: How far beyond the hairline skin is replaced, over how many mm that fades, and how far it is looked at for stains.
RIM_MM, STAINS_MM = (-12.0, -3.0), (-50.0, -30.0)
#: How far from the hairline on skin tells of the scalp's tone, mm.
TELLS_MM = -75.0
#: How far skin differs from the skin around it, log units of brightness and of hue; multiples from which it is a stain.
UNEVEN, STAINED = (0.09, 0.03), (1.0, 2.0)
#: Rounds in which stains are told from skin; texels over which tones and what is replaced are averaged.
ROUNDS, TONE_TEXELS, SOFT_TEXELS = 3, 2.5, 2.5
#: How far the tone goes from the usual one at most, log units: brighter or darker, and in hue.
LIGHT, HUE = 0.2, 0.05
#: SD of the way over which the evening of stains ends before brows and lips, texels.
FEATURES_TEXELS = 5.0
#: How much of what is around a texel is brow or lip, from which it stays, and wholly.
WITHIN = (0.5, 0.9)
#: SD of the neighbourhood of seen skin in which its tone counts, and beyond which it is the usual one, texels.
NEAR_TEXELS = 18.0
#: Fewest texels that tell what is usual.
FEWEST = 200
#: Belief in bare skin from which a texel is.
BARE = 0.9
#: Change of a texel from which it is made.
LEAST = 0.002
_FLOOR = 2e-3


def bared(
    skin: NDArray[np.uint8], model: MorphableModel, identity: Array, before: Hair | None, after: Hair | None
) -> NDArray[np.uint8]:
    """A photo's skin (S, S, 4) uint8 sRGB, bare where hair of the scalp grew `before` and does not `after`.

    Args:
        skin: of the photo.
        model: of the head.
        identity: (I,) of the head.
        before: the hair that the photo shows.
        after: the hair that the head is to have.
    """
    groom = None if before is None else groom_of(before)
    left = groom_of(after or Hair("bald", (0.0, 0.0, 0.0)))
    if groom is None or groom == left or not grows_hair(model) or len(skin) < GRID or len(skin) % GRID:
        return skin
    lost, inside, stays = _lost(model, groom, left)
    if not lost.any():
        return skin
    step, prior = len(skin) // GRID, prior_of(model, GRID)
    linear = linear_of_bytes(skin[..., :3])
    logs = np.log(np.maximum(shrunk(linear, step) / np.float32(step * step), _FLOOR)).astype(np.float32)
    hidden, part = _hidden(model, identity, groom), atlas_of(model, GRID).part == model.part_names.index("skin")
    stays = np.maximum(stays, prior.growth * _bearded(after))
    share, tone, even = _completed(logs, lost * (1 - stays), inside, hidden, prior, part)
    wide = upsample(np.dstack([share, np.exp(tone), np.exp(even)]), step)
    where = (wide[..., 0] > LEAST) | (np.abs(wide[..., 4:] - 1) > LEAST).any(-1)
    mixed, told = linear[where] * wide[where, 4:], wide[where]
    out = skin.copy()
    out[where, :3] = bytes_of_linear(mixed + told[:, :1] * (told[:, 1:4] - mixed))
    grained = with_grain(out[..., :3].copy(), model, 1 - share, np.ones(skin.shape[:2], np.float32))
    out[where, :3] = grained[where]
    return out


def grown_back(
    skin: NDArray[np.uint8], model: MorphableModel, identity: Array, before: Hair | None, after: Hair | None,
    photo: NDArray[np.uint8],
) -> NDArray[np.uint8]:  # fmt: skip
    """A changed skin (S, S, 4) uint8 sRGB with what it would show had the hair `before` stayed.

    Args:
        skin: what became of `photo`.
        model: of the head.
        identity: (I,) of the head.
        before: the hair that the photo shows.
        after: the hair that the head has.
        photo: (S, S, 4) uint8 sRGB, the skin of the photo.
    """
    bare = bared(photo, model, identity, before, after)
    if bare is photo or skin.shape != photo.shape:
        return skin
    where = (bare != photo).any(-1)
    now, was, shown = (np.maximum(linear_of_bytes(each[where, :3]), _FLOOR) for each in (skin, bare, photo))
    out = skin.copy()
    out[where, :3] = np.where(now == was, photo[where, :3], bytes_of_linear(shown * now / was))
    return out


def _bearded(hair: Hair | None) -> float:
    """How much of a beard there is, 0..1; from a third on it is whole."""
    return 0.0 if hair is None else min(3 * max(hair.beard, hair.moustache), 1.0)


def _lost(
    model: MorphableModel, before: Groom, after: Groom
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Where hair goes (GRID, GRID) in 0..1; mm inside the hairline that was; where hair stays, 0..1."""
    (cover, inside), (stays, _) = hair_on_texels(model, before), hair_on_texels(model, after)
    lost = np.asarray(smooth(cover - stays, *LOST), np.float32)
    near = np.clip(gaussian_blur(lost, LOST_TEXELS, truncate=3) / 0.2, 0, 1)
    if lost.any() and lost.sum() > MOSTLY_LOST * (cover > LOST[0]).sum():
        near = np.ones_like(near)  # what grew no hair before is the head model's as well
    return np.asarray(near, np.float32), inside, np.asarray(smooth(stays, *LOST), np.float32)


def _hidden(model: MorphableModel, identity: Array, groom: Groom) -> NDArray[np.bool_]:
    """Texels (GRID, GRID) that face the photo and show no bare skin in it."""
    atlas = atlas_of(model, GRID)
    if groom.bare is None:
        return np.zeros(atlas.part.shape, bool)
    body, view = body_of(model, identity), view_of(groom.bare)
    place, normal = (atlas.interpolate(np.asarray(each, np.float32)) for each in (body.vertices, body.normals))
    faces = ((view.eye - place) * normal).sum(-1) > 0
    return np.asarray(faces & (view.shows_skin(place) == 0) & (atlas.part == model.part_names.index("skin")))


def _completed(
    logs: NDArray[np.float32],
    lost: Array,
    inside: Array,
    hidden: NDArray[np.bool_],
    prior: TexturePrior,
    skin: NDArray[np.bool_],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """How much of each texel (GRID, GRID) is replaced, 0..1, and the log of the tone (GRID, GRID, 3) that replaces it.

    The third plane is what is added to the log of stained skin that the photo shows: it keeps its detail.

    Args:
        logs: (GRID, GRID, 3) of the skin.
        lost: (GRID, GRID) in 0..1, what may be bared.
        inside: of `_lost`.
        hidden: of `_hidden`.
        prior: of the head.
        skin: (GRID, GRID), texels of that part.
    """
    features = (np.maximum(prior.brows, prior.lips) * (prior.mask > 0)).astype(np.float32)
    bare = prior.mask * bare_skin(prior.residual_sd) * (1 - np.maximum(features, prior.growth)) * (1 - prior.hard)
    rim = smooth(inside, *RIM_MM)
    around = np.maximum(smooth(inside, *STAINS_MM), hidden) * (bare > 0)
    around = around * (1 - np.clip(2 * gaussian_blur(features, FEATURES_TEXELS, truncate=3), 0, 1))
    seen = (bare > BARE) & ~hidden
    beside = np.where(skin & (prior.mask < 0.05), inside <= FAR_MM / 2, False)  # the neck: the model's skin goes on
    stain: Array = np.zeros_like(rim)
    for _ in range(ROUNDS):
        open_skin = 1 - np.clip(2 * gaussian_blur(np.maximum(rim, stain).astype(np.float32), 1.0, truncate=3), 0, 1)
        told = (seen * open_skin).astype(np.float32)
        tone = _tone(logs, told, np.maximum(told, beside * open_skin), inside)
        low = blur(logs, np.maximum(bare, 1e-3).astype(np.float32), 1.0)
        bright = (low - tone).mean(-1)
        hue = np.linalg.norm(low - tone - bright[..., None], axis=-1)
        stain = around * smooth(np.hypot(bright / UNEVEN[0], hue / UNEVEN[1]), *STAINED)
    within = gaussian_blur(features, SOFT_TEXELS, truncate=3)
    bared_at = lost * (1 - smooth(within, *WITHIN))
    gone, even = np.maximum(rim, stain * hidden), (stain * (1 - hidden))[..., None] * (tone - low)
    soft = gaussian_blur(np.dstack([gone, even]).astype(np.float32), SOFT_TEXELS, truncate=3) * bared_at[..., None]
    share = np.clip(1.3 * soft[..., 0], 0, 1)
    return share.astype(np.float32), tone.astype(np.float32), soft[..., 1:].astype(np.float32)


def _tone(logs: NDArray[np.float32], told: Array, around: Array, inside: Array) -> NDArray[np.float32]:
    """The tone (GRID, GRID, 3) of skin that is told of, (GRID, GRID) in 0..1, as it goes on; far away the usual one.

    around: (GRID, GRID) in 0..1, that skin and what its tone is to end in.
    """
    usual, weight = _usual(logs, told, inside), around.astype(np.float32)
    filled = gaussian_blur(pull_push(blur(logs, weight, TONE_TEXELS), weight).astype(np.float32), TONE_TEXELS)
    near = np.clip(3 * wide_blur(weight[..., None], NEAR_TEXELS), 0, 1)
    return _near(usual, (filled - usual) * near)


def _near(usual: Array, off: Array) -> NDArray[np.float32]:
    """A tone (H, W, 3) that lies `off` the usual one (3,), bent so that it is no farther from it than skin is."""
    bright = off.mean(-1, keepdims=True)
    hue = off - bright
    size = np.maximum(np.linalg.norm(hue, axis=-1, keepdims=True), 1e-6)
    bent = LIGHT * np.tanh(bright / LIGHT) + hue * (HUE * np.tanh(size / HUE) / size)
    return np.asarray(usual + bent, np.float32)


def _usual(logs: Array, told: Array, inside: Array) -> NDArray[np.float32]:
    """The usual tone (3,) of skin that is told of, near the hairline where enough of it is."""
    sure = told > 0.5
    near = sure & (inside > TELLS_MM)
    chosen = near if near.sum() >= FEWEST else sure if sure.any() else told >= 0
    return np.asarray(np.median(logs[chosen], 0), np.float32)
