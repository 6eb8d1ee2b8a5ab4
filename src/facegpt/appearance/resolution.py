"""How finely a photo is looked at: as finely as a texture needs it, and irises always alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.types import FaceParams

#: Irises are looked at as a texture of so many texels a side needs it, whatever the quality: on a coarser photo they
#: run into pupils and whites.
IRIS_TEXTURE = 1024


def iris_resolution(image: NDArray[np.uint8], params: FaceParams) -> tuple[NDArray[np.uint8], FaceParams]:
    """A photo as irises are looked at, and its parameters."""
    return matched_resolution(image, params, IRIS_TEXTURE)


def matched_resolution(image: NDArray[np.uint8], params: FaceParams, size: int) -> tuple[NDArray[np.uint8], FaceParams]:
    """Shrink a photo that is much finer than the texture, so that texels average what they cover."""
    pixels_per_mm = params.camera.focal_px / max(float(params.pose.translation[2]), 1.0)
    factor = int(pixels_per_mm / (4.5 * size / 1024))
    if factor < 2 or min(image.shape[:2]) < 4 * factor:
        return image, params
    rows, columns = (side // factor * factor for side in image.shape[:2])
    small = np.asarray(Image.fromarray(image[:rows, :columns]).reduce(factor))
    camera = params.camera.scaled(1 / factor)
    camera = type(camera)(camera.focal_px, camera.principal_px, small.shape[1], small.shape[0])
    return small, params.replace(camera=camera)
