"""Skin takes no colour from eyes and lips of the photo, and lips take none from skin or teeth.

A fitted head's lids and lips lie up to some millimetres beside the photo's. What its lids would show there are eye
whites, catch-lights and lashes; beside its lips a second pair of lips. MediaPipe's points say where the photo's own
are: only texels that show the part that they are keep their weight.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import Atlas
from facegpt.appearance.light import GLARE
from facegpt.appearance.prior import TexturePrior
from facegpt.appearance.unwrap import Unwrapped
from facegpt.detect.outlines import distance_outside, distance_to_points
from facegpt.fitting.mediapipe_points import LEFT_LIDS, LIPS, RIGHT_LIDS
from facegpt.morphable.base import MorphableModel, head_vertices, with_weights
from facegpt.render import channels
from facegpt.render.texel_grids import between_corners, blur
from facegpt.types import Array, Camera, FaceParams

#: How far outside the opening of an eye skin begins and is sure, above it (lashes, made up ones too) and below, mm.
LASHES_MM, LOWER_LID_MM = (1.2, 3.0), (0.6, 1.4)
#: How far outside the lips skin begins and is sure; how far inside them lips do; how far outside the mouth's opening.
BESIDE_LIPS_MM, INSIDE_LIPS_MM, BESIDE_MOUTH_MM = (-0.4, 0.6), (-0.8, 0.2), (0.0, 0.8)
#: Growth in area by a blink at which lids start to count as folded, and from which they do.
FOLDED = (1.5, 2.2)
#: Share of a texel below which it does not show what it is.
LEAST_OWN = 0.1
#: SD of the photo's brightness on the bridge of a bare nose and under glasses, log units, of what is finer than so many
#: texels. By the training half: 0.12 to 0.34, and 0.48 to 0.79.
BRIDGE_SD, BRIDGE_BLUR = (0.36, 0.48), 2.5
#: Points of the lips' outer edge, and of their inner one, in order around it.
OUTER_LIPS, INNER_LIPS = (*LIPS[:11], *LIPS[19:10:-1]), (*LIPS[60:71], *LIPS[:70:-1])


def lid_stretch(model: MorphableModel, params: FaceParams) -> NDArray[np.float32]:
    """By how much the skin at each vertex (V,) grows in area when both eyes shut; 1 where they are shut, or far away.

    An open eye folds its lids: the few pixels that show them would be drawn out into streaks by a blink.
    """
    shut = with_weights(params, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0})
    triangles = np.asarray(model.triangles)
    areas = [
        np.linalg.norm(np.cross(*(np.diff(shape[triangles], axis=1).transpose(1, 0, 2))), axis=1)
        for shape in (head_vertices(model, params), head_vertices(model, shut))
    ]
    grown = (areas[1] / np.maximum(areas[0], 1e-9)).astype(np.float32)
    out = np.ones(int(triangles.max()) + 1, np.float32)
    np.maximum.at(out, triangles.ravel(), np.repeat(grown, 3))
    return out


def own_features(
    view: Unwrapped,
    vertices: Array,
    triangles: NDArray[np.int32],
    atlas: Atlas,
    camera: Camera,
    points: Array,
    lips: NDArray[np.float32],
    stretch: NDArray[np.float32],
) -> Unwrapped:
    """Take weight from skin that shows eyes or lips, from lips that show skin or teeth, and from folded lids.

    Args:
        view: the photo on the head's texels.
        vertices: (V, 3) mm, camera frame.
        triangles: (F, 3) of this view.
        atlas: the texels.
        camera: of the whole photo.
        points: (478, 2+) of MediaPipe in the whole photo, px.
        lips: (H, W) in 0..1, where the head's lips are; nan where there is no skin.
        stretch: (V,) of `lid_stretch`.
    """
    seen = (view.weight > 0) & ~np.isnan(lips)
    texels = triangles, atlas.texel[seen], atlas.corner[seen]
    places = between_corners(vertices, *texels)
    pixels, mm_per_px = camera.project(places), places[:, 2] / camera.focal_px
    red = lips[seen]
    skin = _skin_shown(pixels, mm_per_px, points)
    own, lip = skin.copy(), red > 0
    own[lip] += red[lip] * (_lips_shown(pixels[lip], mm_per_px[lip], points) - skin[lip])
    drawn_out = between_corners(stretch[:, None], *texels)[:, 0]
    brow = 0.0 if view.brow is None else view.brow[seen]  # low ones hang before the lid: hairs, not streaks of skin
    own *= 1 - _ramp(drawn_out, FOLDED) * (1 - brow)
    weight, other = view.weight.copy(), np.zeros(seen.shape, bool)
    weight[seen] *= own
    other[seen] = own < LEAST_OWN
    weight[other] = 0
    return replace(view, weight=weight, other=other)


def no_rims(view: Unwrapped, brows: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Texels (H, W) that are not seen and hide nothing beside them: folded lids, and where other features are shown.

    brows: (H, W) in 0..1, with the skin about the eyes.
    """
    lids = np.asarray((view.weight == 0) & (brows > 0.5))
    return lids if view.other is None else lids | view.other


def _skin_shown(pixels: Array, mm_per_px: Array, points: Array) -> NDArray[np.float32]:
    """How sure it is, 0..1, that pixels (N, 2) of the face show neither eyes nor lips."""
    shown, outline = np.ones(len(pixels)), points[list(OUTER_LIPS), :2]
    near = _about(pixels, outline, BESIDE_LIPS_MM[1] / mm_per_px)
    shown[near] = _ramp(distance_outside(pixels[near], outline) * mm_per_px[near], BESIDE_LIPS_MM)
    for lids in (LEFT_LIDS, RIGHT_LIDS):
        lower, upper = points[list(lids[:9]), :2], points[[lids[8], *lids[:8:-1], lids[0]], :2]
        outline = np.concatenate([lower, upper[1:-1]])
        near = _about(pixels, outline, LASHES_MM[1] / mm_per_px)
        gap = distance_outside(pixels[near], outline) * mm_per_px[near]
        above = _nearer(pixels[near], upper, lower)
        shown[near] *= np.where(above, _ramp(gap, LASHES_MM), _ramp(gap, LOWER_LID_MM))
    return shown.astype(np.float32)


def _about(pixels: Array, outline: Array, reach: Array) -> NDArray[np.bool_]:
    """Which pixels (N, 2) lie within `reach` (N,) px of the box of an outline (P, 2)."""
    beyond = np.maximum(outline.min(0) - pixels, pixels - outline.max(0))
    return np.maximum(beyond[:, 0], beyond[:, 1]) <= reach


def _lips_shown(pixels: Array, mm_per_px: Array, points: Array) -> NDArray[np.float32]:
    """How sure it is, 0..1, that pixels (N, 2) of the face show lips."""
    outside = distance_outside(pixels, points[list(OUTER_LIPS), :2]) * mm_per_px
    opening = distance_outside(pixels, points[list(INNER_LIPS), :2]) * mm_per_px
    return (_ramp(-outside, INSIDE_LIPS_MM) * _ramp(opening, BESIDE_MOUTH_MM)).astype(np.float32)


def _nearer(pixels: Array, one: Array, other: Array) -> NDArray[np.bool_]:
    """Which pixels (N, 2) lie nearer to the points (P, 2) of one line than to those of another."""
    return np.asarray(distance_to_points(pixels, one) < distance_to_points(pixels, other))


def _ramp(values: Array, ends: tuple[float, float]) -> NDArray[np.float64]:
    """0 below the first end, 1 above the second."""
    return np.clip((np.asarray(values, np.float64) - ends[0]) / (ends[1] - ends[0]), 0, 1)


def no_glasses(view: Unwrapped, prior: TexturePrior) -> float:
    """How sure it is, 0..1, that no glasses lie about the eyes: their bridge is an edge that noses do not have.

    Parts of a picture miss thin rims; painted on brows and lids they would be seen. The photo's own light is looked at:
    beside the fitted skin every shadow of a dark or a lined nose would be an edge.
    """
    shown = view.weight > 0.3
    bridge = prior.bridge & shown
    if bridge.sum() < 0.3 * prior.bridge.sum():
        return 0.0
    brightness = channels.mean(np.log(np.maximum(view.colour, 0) + GLARE))
    fine = brightness - blur(brightness[..., None], shown.astype(np.float32), BRIDGE_BLUR)[..., 0]
    bare, worn = BRIDGE_SD
    return float(np.clip((worn - fine[bridge].std()) / (worn - bare), 0, 1))
