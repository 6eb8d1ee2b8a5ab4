"""The picture of cloth: packed into text for parameters, and filled where no photo shows it."""

from __future__ import annotations

import base64
import binascii
import zlib

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from facegpt.types import Array, FaceGPTError, FaceParams

#: Rows from the pole to the edge, and columns around.
HEIGHT, WIDTH = 96, 128
#: SDs of the neighbourhoods that places without a picture are filled from, texels.
_REACHES = (1.5, 3.0, 6.0, 12.0, 24.0, 48.0)


def packed(picture: NDArray[np.uint8]) -> str:
    """A picture (HEIGHT, WIDTH, 3) sRGB as text."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(picture, np.uint8).tobytes(), 9)).decode("ascii")


def unpacked(text: str, source: str = "this headwear") -> NDArray[np.uint8]:
    """The picture of `packed`. Raises FaceGPTError if it is none; `source` names where it is from."""
    size = HEIGHT * WIDTH * 3
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), size + 1)
    except (binascii.Error, zlib.error, ValueError):
        data = b""
    if len(data) != size:
        raise FaceGPTError(f"'{source}' is damaged: the picture of the headwear's cloth cannot be read")
    return np.frombuffer(data, np.uint8).reshape(HEIGHT, WIDTH, 3)


def filled(picture: Array, weight: Array, around: bool = True) -> Array:
    """A picture (H, W, C) with places of little weight (H, W) filled from ever farther. around: it closes sideways."""
    edge = "nearest", "wrap" if around else "nearest"
    out, known = np.array(picture, np.float64), np.clip(np.asarray(weight, np.float64), 0, 1)
    total = out * known[..., None]
    for reach in _REACHES:
        mass = gaussian_filter(known, reach, mode=edge)
        near = np.stack([gaussian_filter(total[..., k], reach, mode=edge) for k in range(out.shape[-1])])
        share = np.clip(mass / 0.05, 0, 1) * (1 - known)
        total = total + share[..., None] * np.moveaxis(near, 0, -1) / np.maximum(mass, 1e-9)[..., None]
        known = known + share
    rest = np.average(out.reshape(-1, out.shape[-1]), axis=0, weights=np.maximum(weight, 1e-9).ravel())
    return np.asarray(total + (1 - known)[..., None] * rest)


def on_map(params: FaceParams, to_map: Array, places: Array) -> Array:
    """Pixels (..., 2) of the map of parts where head-frame places (..., 3) mm are seen.

    params: of the head in its photo. to_map: (2, 3) from pixels of the photo to those of the map.
    """
    flat = params.pose.apply(np.asarray(places, np.float64).reshape(-1, 3))
    pixels = params.camera.project(flat) @ to_map[:, :2].T + to_map[:, 2]
    return np.asarray(pixels.reshape(*np.shape(places)[:-1], 2))
