"""Cropped white hair of a head whose face the networks took for hair: its scalp is less red than its cheeks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, uniform_filter

from facegpt.detect.windows import Photo
from facegpt.encode.false_hair import CHEEKS, DARK
from facegpt.encode.parts import BACKGROUND, HAIR, SKIN, FaceParts, map_crop
from facegpt.hair.from_photo.seen import seen_places
from facegpt.hair.from_photo.silhouette import SIDE, view_of
from facegpt.hair.scalp import scalp_of
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.types import Array, FaceParams

#: White hair is less red than cheeks by so much (log of red over green), evened over so many px of the map, and no
#: lighter than they are by so much (log) as glare on a bald crown.
LESS_RED, AROUND_PX, GLARES = 0.2, 9, 0.8
#: It grows so far inside the usual hairline at least, mm, and covers so much of the scalp that is seen.
INSIDE_MM, LEAST_SHARE = 0.0, 0.3


def with_white_hair(
    image: NDArray[np.uint8] | Photo, model: MorphableModel, params: FaceParams, parts: FaceParts
) -> FaceParts:
    """The parts with hair where a seen scalp is as pale as white hair; as they are where little of it is.

    Args:
        image: (H, W, 3) uint8 sRGB of the parts.
        model: the head.
        params: its fit; params.camera is that of the photo.
        parts: of the face.
    """
    if parts.points is None:
        return parts
    scalp = _seen_scalp(model, params, parts)
    white = scalp & _as_white_hair(np.log(map_crop(image, parts, linear=True) + DARK), parts)
    if white.sum() < LEAST_SHARE * max(int(scalp.sum()), 1):
        return parts
    probabilities = parts.probabilities.copy()
    probabilities[white, HAIR] += probabilities[white, SKIN] + probabilities[white, BACKGROUND]
    probabilities[white, SKIN] = probabilities[white, BACKGROUND] = 0
    return replace(parts, probabilities=probabilities)


def _seen_scalp(model: MorphableModel, params: FaceParams, parts: FaceParts) -> NDArray[np.bool_]:
    """Where the scalp of a fitted head is seen on the map (MAP_PX, MAP_PX)."""
    head = head_vertices(model, params)
    scalp = scalp_of(model)  # type: ignore[arg-type]
    at, shown = seen_places(view_of(params, parts, head, model.triangles), scalp.on(head))
    rows = np.zeros((SIDE, SIDE), bool)
    at = at[shown & (scalp.inside > INSIDE_MM)]
    rows[at[:, 1], at[:, 0]] = True
    step = len(parts.seen) // SIDE
    return np.kron(binary_closing(rows), np.ones((step, step), bool)) & parts.seen


def _as_white_hair(logs: Array, parts: FaceParts) -> NDArray[np.bool_]:
    """Where log colours (S, S, 3) of the map are as pale as white hair beside the cheeks."""
    assert parts.points is not None
    places = parts.on_map(np.asarray(parts.points)[list(CHEEKS), :2])
    at = np.clip(np.rint(places).astype(int), 0, len(logs) - 1)
    cheeks = np.median(logs[at[:, 1], at[:, 0]], axis=0)
    own = (parts.share(SKIN, HAIR) > 0.5).astype(float)  # what is behind the head has another colour
    around = np.maximum(uniform_filter(own, AROUND_PX), 1e-6)
    red, light = (
        uniform_filter(own * each, AROUND_PX) / around for each in (logs[..., 0] - logs[..., 1], logs.mean(-1))
    )
    paler = (red - (cheeks[0] - cheeks[1]) < -LESS_RED) & (np.abs(light - cheeks.mean()) < GLARES)
    return np.asarray((own > 0) & paler)
