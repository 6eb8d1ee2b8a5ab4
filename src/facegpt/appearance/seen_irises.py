"""The colour of somebody's irises from several photos together: one of them may hide them, blur them or tint them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.hiding import SeenLids
from facegpt.appearance.iris import coloured, has_irises, iris_features, iris_reader
from facegpt.appearance.light import LightFit
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import prior_of
from facegpt.appearance.resolution import iris_resolution
from facegpt.appearance.texture import is_grey
from facegpt.appearance.unwrap import unwrap
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, FaceParams

#: Side of the atlas on which their colour is told.
IRIS_SIZE = 256


@dataclass(frozen=True, eq=False)
class EyePhoto:
    """A photo that shows somebody's eyes.

    Attributes:
        image: (H, W, 3) uint8 sRGB. params: of the face, with its light and eyes turned to where they look.
        points: MediaPipe's, (478, 2+) px: irises are looked for between the lids that they say.
    """

    image: NDArray[np.uint8]
    params: FaceParams
    points: Array


def irises_from_photos(
    model: MorphableModel, photos: Sequence[EyePhoto], albedo: Array
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The colour of the irises that all photos of a person show together.

    They are looked at in finer pictures than the tone needs. Photos that show too little of them or are grey do not
    count; with none that does the albedo stays as it is.

    Gives the albedo (A,) with it, and (IRIS_SIZE, IRIS_SIZE, 3) what to add to the log of the model's skin besides: the
    part of the colour that no albedo of the model has.
    """
    prior = prior_of(model, IRIS_SIZE)
    kept = np.asarray(albedo, np.float32), np.zeros((IRIS_SIZE, IRIS_SIZE, 3), np.float32)
    if not has_irises(prior, albedo):
        return kept
    read = [_iris_features(model, photo, albedo) for photo in photos]
    found = [features for features in read if features is not None]
    if not found:
        return kept
    own, rest = coloured(model, prior, albedo, iris_reader().read_several(found))
    return own.astype(np.float32), rest


def _iris_features(model: MorphableModel, photo: EyePhoto, albedo: Array) -> Array | None:
    """What one photo shows of the irises, or None."""
    lids = SeenLids(photo.points, photo.params.camera)
    image, params = photo.image, photo.params
    image, params = iris_resolution(image, params)
    posed, prior = pose_head(model, params), prior_of(model, IRIS_SIZE)
    atlas = atlas_of(model, IRIS_SIZE)
    if is_grey(unwrap(image, posed, atlas.triangles, atlas.texel, atlas.corner), prior):
        return None
    light = LightFit(params.lighting, np.asarray(albedo), np.zeros(0, np.float32))
    return iris_features(image, posed, model, light, lids.before)
