"""The colour of somebody's irises from several photos together: one of them may hide them, blur them or tint them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.eyes_and_teeth.seen_iris import SeenIrises, in_common, seen_evidence
from facegpt.appearance.hiding import Hiding
from facegpt.appearance.iris import coloured, has_irises, iris_reader, skin_features
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import prior_of
from facegpt.appearance.texture import is_grey
from facegpt.appearance.unwrap import unwrap
from facegpt.encode.parts import FaceParts
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, DensePoints, FaceParams

#: Side of the atlas on which their colour is told.
IRIS_SIZE = 256


@dataclass(frozen=True, eq=False)
class EyePhoto:
    """A photo that shows somebody's eyes.

    Attributes:
        image: (H, W, 3) uint8 sRGB. params: of the face.
        dense, parts: what networks say of it (`texture_from_photo`); None if nobody looked, and then it does not count.
    """

    image: NDArray[np.uint8]
    params: FaceParams
    dense: DensePoints | None = None
    parts: FaceParts | None = None


def irises_from_photos(
    model: MorphableModel, photos: Sequence[EyePhoto], albedo: Array
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The colour of the irises that all photos of a person show together.

    Photos that are grey or hide the eyes do not count; with none that does the albedo stays as it is.

    Gives the albedo (A,) with it, and (IRIS_SIZE, IRIS_SIZE, 3) what to add to the log of the model's skin besides: the
    part of the colour that no albedo of the model has.
    """
    prior = prior_of(model, IRIS_SIZE)
    kept = np.asarray(albedo, np.float32), np.zeros((IRIS_SIZE, IRIS_SIZE, 3), np.float32)
    if not has_irises(prior, albedo):
        return kept
    found = [seen for photo in photos if (seen := _seen_in(model, photo)) is not None]
    if not found:
        return kept
    colour = iris_reader().read_seen(skin_features(albedo), in_common(found))
    own, rest = coloured(model, prior, albedo, colour)
    return own.astype(np.float32), rest


def _seen_in(model: MorphableModel, photo: EyePhoto) -> SeenIrises | None:
    """What one photo shows of the irises, or None."""
    seen = seen_evidence(photo.image, Hiding(photo.params.camera, photo.dense, photo.parts))
    if seen is None:
        return None
    atlas, posed = atlas_of(model, IRIS_SIZE), pose_head(model, photo.params)
    shown = unwrap(photo.image, posed, atlas.triangles, atlas.texel, atlas.corner)
    return None if is_grey(shown, prior_of(model, IRIS_SIZE)) else seen
