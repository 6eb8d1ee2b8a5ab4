"""Between two photos: both faces are moved to the same place on the way, and their pictures are mixed.

Each point of the surface goes the straight way from one photo to the other (Beier and Neely 1992, with a mesh in place
of lines). Both photos move there as `PhotoRig` moves them, so that lips are mixed with lips and lids with lids.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.data.images import ImageSource, Photo, photo_of
from facegpt.data.provenance import marked_image
from facegpt.picture.editing import EditedPhoto
from facegpt.picture.prepare import prepare
from facegpt.picture.rig import Floats, PhotoRig
from facegpt.reconstruct.sources import called, face_of
from facegpt.types import Array, FaceGPTError


def morph_photos(
    model: Any, first: ImageSource | Photo, second: ImageSource | Photo, at: float = 0.5, face_index: int | None = None
) -> EditedPhoto:
    """A picture on the way from one photo to another: 0 is the first, 1 the second, in the first one's size.

    Args:
        model: fits the heads: what `facegpt.load()` gives.
        first: a photo as `reconstruct` takes it.
        second: another one; it is scaled and cropped to the first one's size.
        at: how far, 0 to 1.
        face_index: which face of the first photo, 0 the largest; of the second one it is the largest.

    Raises:
        FaceGPTError: if a photo cannot be read or shows no face, or `at` is not within 0 and 1.
    """
    if not 0 <= at <= 1:
        raise FaceGPTError(f"a morph is at a share of 0 to 1 of the way, not at {at:g}")
    start = photo_of(first)
    end = _covering(photo_of(second), start.pixels.shape[1], start.pixels.shape[0])
    faces = face_of(model, start, face_index), face_of(model, end)
    if faces[0].params.model_id != faces[1].params.model_id:
        raise FaceGPTError(f"the heads of {called(first)} and {called(second)} are of different models")
    rigs = prepare(model, start, faces[0]), prepare(model, end, faces[1])
    picture, mask = between(rigs[0], rigs[1], at)
    return EditedPhoto(marked_image(picture), mask, rigs[0].photo, rigs[0].params, ["a morph of two photos"])


def between(start: PhotoRig, end: PhotoRig, at: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The picture (H, W, 3) at a share of the way between two rigs of photos of one size, and its mask (H, W)."""
    places = [rig.params.camera.project(rig.still.vertices) for rig in (start, end)]
    depths = [rig.still.vertices[:, 2] / rig.params.camera.focal_px for rig in (start, end)]
    place = (1 - at) * places[0] + at * places[1]
    relief = (1 - at) * _relief(depths[0]) + at * _relief(depths[1])
    pictures = [
        rig.warped(_at_places(rig, place, relief), relit=False).picture if 0 < at < 1 else rig.photo
        for rig in (start, end)
    ]
    linear = [srgb_to_linear(picture / 255.0) for picture in pictures]
    mixed = np.round(linear_to_srgb((1 - at) * linear[0] + at * linear[1]) * 255).astype(np.uint8)
    picture = pictures[0] if at == 0 else pictures[1] if at == 1 else mixed
    return picture, np.where((picture != start.photo).any(-1), 255, 0).astype(np.uint8)


def _relief(depth: Array) -> Array:
    return np.asarray(depth / np.median(depth))


def _at_places(rig: PhotoRig, place: Array, relief: Array) -> Floats:
    """Vertices (V, 3) mm that a rig's camera sees at pixels (V, 2), with a relief (V,) around its own distance."""
    camera = rig.params.camera
    depth = relief * float(np.median(rig.still.vertices[:, 2]))
    xy = (place - np.asarray(camera.principal_px)) * depth[:, None] / camera.focal_px
    return np.ascontiguousarray(np.column_stack([xy, depth]), np.float32)


def _covering(photo: Photo, width: int, height: int) -> Photo:
    """A photo scaled and cropped about its middle to a size; as it is where it has that size."""
    pixels = photo.pixels
    if pixels.shape[:2] == (height, width):
        return photo
    scale = max(width / pixels.shape[1], height / pixels.shape[0])
    size = max(width, round(pixels.shape[1] * scale)), max(height, round(pixels.shape[0] * scale))
    large = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    x, y = (size[0] - width) // 2, (size[1] - height) // 2
    return Photo(np.ascontiguousarray(large[y : y + height, x : x + width]), original_size=(width, height))
