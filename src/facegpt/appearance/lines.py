"""The lines of a skin: as deep as is usual at the age that a face looks like, and fewer on a younger head.

The albedo model knows lines only as groups that all people share (morphable/makehuman/ageing.py). Those of a photo are
its own: dark strokes some millimetres wide in an otherwise even skin. They are found as what is darker than the skin
around, in a band between pores and shading, and a share of them is taken out where a head becomes younger.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.prior import LUMINANCE, prior_of
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import NAMED, STORED, AlbedoModel
from facegpt.morphable.makehuman.skin import skin_read, usual_wrinkles
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array, DensePoints

#: Wrinkles (SDs) that go for all lines that may go, and the share of them that may: some are hair, shadow or scars.
ALL_SDS, MOST = 1.6, 0.85
#: Lines of a photo get deeper by this share for each SD of wrinkles that comes, up to a most: not all are lines.
DEEPER, MOST_DEEPER = 0.2, 0.5
#: The band of a line's width, shares of the atlas' side: finer is pores, wider is shading. Frowns' folds are wider than
#: lines: where lines go, they go as well.
FINE, WIDE, FOLDS = 1 / 900, 1 / 80, 1 / 45
#: Ridges beside lines are brighter than skin: so much of them goes with the lines.
RIDGES = 0.8
#: No line deepens by more than its share of so much, log units: what is darker is a strand of hair, a scar, shadow.
DEEPEST = 0.3
#: Lines that the model draws into a photo's skin come near to this depth, log units, and never to more: a photo's head
#: has few hollows of its own there, so that deeper ones are gashes.
DRAWN_DEPTH = 0.2
#: Hair of the usual brows begins so far from the middle of a face, mm, and is full from there on: folds lie between.
BROWLESS_MM, BROWS_MM = 8.0, 13.0
#: Lashes and lids' rims lie so near the middle of an eyeball and are kept, mm; where that ends.
LIDS_MM, LIDS_END_MM = 15.0, 19.0
#: The atlas is worked on at this side at most; texels darker than this are none of skin.
SIDE, DARKEST = 1024, 2e-3


def with_lines(albedo: Array, model: MorphableModel, dense: DensePoints | None) -> Array:
    """The albedo (A,) of a photo's skin with the lines of the age that `dense` says the face looks like.

    A photo's light and its lines are hard to tell apart texel by texel; the whole face tells how old it looks. As they
    were without such a reading, and for models whose skin has no lines.
    """
    belief = None if dense is None else dense.belief
    if belief is None or belief.age_years is None or not isinstance(getattr(model, "albedo", None), AlbedoModel):
        return albedo
    aged = np.array(albedo)
    aged[NAMED["wrinkles"]] = usual_wrinkles(belief.age_years)
    return aged


def lined(
    texture: NDArray[np.float32], model: MorphableModel, albedo: Array, unseen: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The model's mean texture (S, S, 3) linear RGB with the fine lines and the marks of age of an albedo (A,).

    Lines beyond the mean's are the photo's where it shows the skin; necks, sides, and skin behind hair and glasses have
    the usual ones of that age. unseen: (h, h) in 0..1, how much of each texel no photo shows; h divides S.
    """
    own = getattr(model, "albedo", None)
    if not isinstance(own, AlbedoModel) or len(texture) > STORED or abs(albedo[NAMED["wrinkles"]]) < 1e-3:
        return texture
    step = len(texture) // len(unseen)
    where, colour, plane = own.fine_lines(len(texture))
    amount = max(float(albedo[NAMED["wrinkles"]]), float(own.least[NAMED["wrinkles"]]))
    texels = texture.reshape(-1, 3).copy()
    rows, columns = where // len(texture) // step, where % len(texture) // step
    share = np.where(amount > 0, unseen[rows, columns], np.float32(1))
    texels[where] *= np.exp((amount * share * plane)[:, None] * colour)
    out: NDArray[np.float32] = texels.reshape(texture.shape)
    if not hasattr(own, "ageing"):  # heads of others have no marks of age
        return out
    side = min(own.ageing.side, len(texture))
    marks = own.ageing.change(*_person(albedo), side)
    if marks is not None:
        wide = unseen.repeat(side // len(unseen), 0).repeat(side // len(unseen), 1)
        gain = np.exp(wide[..., None] * np.moveaxis(np.asarray(marks[0]), 0, -1))
        out *= gain.repeat(len(texture) // side, 0).repeat(len(texture) // side, 1)
    return out


def _person(albedo: Array) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Coefficients (1, A) of one person and their wrinkles (1,)."""
    person = np.asarray(albedo, np.float32)[None]
    return person, person[:, NAMED["wrinkles"]]


def lines_gone(model: MorphableModel, before: Array, after: Array) -> float:
    """Which share of a photo's lines goes when albedo coefficients (A,) change from one skin to another, up to 1.

    Below 0: by which share they get deeper.
    """
    albedo = getattr(model, "albedo", None)
    if not isinstance(albedo, AlbedoModel):
        return 0.0
    come = skin_read(albedo, after)["wrinkles"] - skin_read(albedo, before)["wrinkles"]
    return -min(DEEPER * come, MOST_DEEPER) if come > 0 else min(-come / ALL_SDS, 1.0) * MOST


def with_lines_gone(texture: NDArray[np.uint8], model: MorphableModel, share: float) -> NDArray[np.uint8]:
    """A texture (S, S, 4) uint8 sRGB without a share (0..1) of the lines in its skin; brows, lips, lashes stay.

    A share below 0 deepens them.
    """
    if not share:
        return texture
    step = max(len(texture) // SIDE, 1)
    linear = srgb_to_linear(texture[..., :3] / 255.0).astype(np.float32)
    small = linear.reshape(len(linear) // step, step, len(linear) // step, step, 3).mean((1, 3))
    where = _skin(model, len(small))
    change: Array
    if share > 0:  # each channel by itself: furrows are redder than skin
        logs = np.log(np.maximum(small, DARKEST))
        lines = np.stack([_band(np.ascontiguousarray(plane), where, FOLDS) for plane in np.moveaxis(logs, -1, 0)], -1)
        change = -share * where[..., None] * (np.minimum(lines, 0) + RIDGES * np.maximum(lines, 0))
    else:
        lines = _band(np.log(np.maximum(small @ np.array(LUMINANCE, np.float32), DARKEST)), where, WIDE)[..., None]
        change = -share * where[..., None] * np.clip(lines, -DEEPEST, 0)
    wide = np.exp(change).repeat(step, 0).repeat(step, 1)
    colour = np.round(linear_to_srgb(np.clip(linear * wide, 0, 1)) * 255).astype(np.uint8)
    return np.dstack([colour, texture[..., 3:]])


def without_lines(change: Array, model: MorphableModel) -> NDArray[np.float32]:
    """A change of log albedo (S, S, 3) that is even over a face: without the lines that it would take from it.

    Where no photo paints (necks) the lines are the model's own, and go.
    """
    side = min(len(change), SIDE)
    step = len(change) // side
    small = np.asarray(change, np.float32).reshape(side, step, side, step, -1).mean((1, 3))
    where = np.asarray(prior_of(model, side).mask, np.float32)
    sure = where[..., None]
    even = gaussian_blur(small * sure, WIDE * side) / np.maximum(gaussian_blur(sure, WIDE * side), 1e-3)
    even, where = (plane.repeat(step, 0).repeat(step, 1) for plane in (even, where[..., None]))
    return np.asarray(where * even + (1 - where) * change, np.float32)


def softened(change: Array, model: MorphableModel) -> NDArray[np.float32]:
    """A change of log albedo (S, S, 3) whose new lines are no deeper than DRAWN_DEPTH; what is even stays."""
    even = without_lines(change, model)
    lines = np.asarray(change, np.float32) - even
    depth = np.maximum(-lines.mean(-1, keepdims=True), 1e-6)
    return np.asarray(even + lines * (DRAWN_DEPTH * np.tanh(depth / DRAWN_DEPTH) / depth), np.float32)


def _band(light: NDArray[np.float32], where: NDArray[np.float32], most: float) -> NDArray[np.float32]:
    """What of a log picture (H, W) is wider than pores and narrower than `most` (share of its side).

    Only skin counts as what is around skin.
    """
    side, sure = len(light), np.ascontiguousarray(where > 0.5, np.float32)
    shown = gaussian_blur(sure, most * side) + 0.01
    around = (gaussian_blur(light * sure, most * side) + 0.01 * light) / shown
    return np.asarray(gaussian_blur(light, FINE * side) - around, np.float32)


def _skin(model: MorphableModel, side: int) -> NDArray[np.float32]:
    """Where lines may go, (side, side) in 0..1."""
    prior, albedo = prior_of(model, side), model.albedo  # type: ignore[attr-defined]
    brows = _at(np.asarray(albedo.brows, np.float32), side)
    atlas = atlas_of(model, side)
    place = atlas.interpolate(model.mean_vertices)
    brows *= np.clip((np.abs(place[..., 0]) - BROWLESS_MM) / (BROWS_MM - BROWLESS_MM), 0, 1)
    free = np.ones((side, side), np.float32)
    for eye in ("left_eye", "right_eye"):
        middle = model.mean_vertices[np.unique(model.triangles[model.part == model.part_names.index(eye)])].mean(0)
        near = np.linalg.norm(place - middle, axis=-1)
        free *= np.clip((near - LIDS_MM) / (LIDS_END_MM - LIDS_MM), 0, 1)
    return np.asarray(prior.mask * free * (1 - brows) * (1 - prior.lips) * ~prior.hard, np.float32)


def _at(plane: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """A square plane at another side: repeated or averaged."""
    if len(plane) >= side:
        step = len(plane) // side
        return plane[: side * step, : side * step].reshape(side, step, side, step).mean((1, 3))
    step = side // len(plane)
    return plane.repeat(step, 0).repeat(step, 1)
