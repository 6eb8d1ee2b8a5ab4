"""The picture of cloth: packed into text for parameters, and filled where no photo shows it."""

from __future__ import annotations

import base64
import binascii
import io
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter1d

from facegpt.types import Array, FaceGPTError, FaceParams

#: Rows from the pole to the edge, and columns around, of the grid on which its shape is known; texels a side of a cell.
ROWS, COLUMNS, FINER = 48, 64, 6
#: Rows and columns of the picture.
HEIGHT, WIDTH = ROWS * FINER, COLUMNS * FINER
#: Quality of its JPEG; rows and columns of pictures in older files.
QUALITY, OLD = 88, (96, 128)
#: SDs of the neighbourhoods that places without a picture are filled from, texels.
_REACHES = (1.5, 3.0, 6.0, 12.0, 24.0, 48.0)


def packed(picture: NDArray[np.uint8]) -> str:
    """A picture (HEIGHT, WIDTH, 3) sRGB as text: its JPEG, from which `unpacked` differs a little."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture, np.uint8)).save(file, "JPEG", quality=QUALITY, subsampling=0)
    return base64.b64encode(file.getvalue()).decode("ascii")


def unpacked(text: str, source: str = "this headwear") -> NDArray[np.uint8]:
    """The picture of `packed`, or one of OLD size that an older file holds as its compressed bytes.

    Raises FaceGPTError if it is none; `source` names where it is from.
    """
    try:
        data = base64.b64decode(text, validate=True)
        if data.startswith(b"\xff\xd8"):
            with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
                if picture.size == (WIDTH, HEIGHT):  # told by its head: larger ones are not read
                    return np.asarray(picture.convert("RGB"))
        else:
            size = OLD[0] * OLD[1] * 3
            plain = zlib.decompressobj().decompress(data, size + 1)
            if len(plain) == size:
                return np.frombuffer(plain, np.uint8).reshape(*OLD, 3)
    except (binascii.Error, zlib.error, ValueError, OSError, SyntaxError, Image.DecompressionBombError):
        pass
    raise FaceGPTError(f"'{source}' is damaged: the picture of the headwear's cloth cannot be read")


def finer(grid: Array) -> Array:
    """Values at cells (ROWS, COLUMNS, ...) read bilinearly at texels (HEIGHT, WIDTH, ...); they close sideways."""
    rows = np.clip((np.arange(HEIGHT) + 0.5) / FINER - 0.5, 0, ROWS - 1)
    columns = (np.arange(WIDTH) + 0.5) / FINER - 0.5
    top, left = np.minimum(rows.astype(int), ROWS - 2), np.floor(columns).astype(int)
    down = (rows - top).reshape(-1, *[1] * (grid.ndim - 1))
    right = (columns - left).reshape(1, -1, *[1] * (grid.ndim - 2))
    tall = grid[top] * (1 - down) + grid[top + 1] * down
    return np.asarray(tall[:, left % COLUMNS] * (1 - right) + tall[:, (left + 1) % COLUMNS] * right)


def coarser(picture: Array) -> Array:
    """Means (ROWS, COLUMNS, ...) of the texels (HEIGHT, WIDTH, ...) of each cell."""
    return np.asarray(picture.reshape(ROWS, FINER, COLUMNS, FINER, *picture.shape[2:]).mean((1, 3)))


def filled(picture: Array, weight: Array, around: bool = True) -> Array:
    """A picture (H, W, C) with places of little weight (H, W) filled from ever farther. around: it closes sideways."""
    out, known = np.array(picture, np.float64), np.clip(np.asarray(weight, np.float64), 0, 1)
    total = out * known[..., None]
    for reach in _REACHES:
        down = _blurring(len(known), reach, "nearest")
        across = _blurring(known.shape[1], reach, "wrap" if around else "nearest")
        both = np.concatenate([total, known[..., None]], -1)
        near = (down @ both.reshape(len(known), -1)).reshape(both.shape).transpose(1, 0, 2)
        near = (across @ near.reshape(known.shape[1], -1)).reshape(near.shape).transpose(1, 0, 2)  # two large products
        share, mass = np.clip(near[..., -1] / 0.05, 0, 1) * (1 - known), np.maximum(near[..., -1:], 1e-9)
        total = total + share[..., None] * near[..., :-1] / mass
        known = known + share
    rest = np.average(out.reshape(-1, out.shape[-1]), axis=0, weights=np.maximum(weight, 1e-9).ravel())
    return np.asarray(total + (1 - known)[..., None] * rest)


@lru_cache(maxsize=2 * len(_REACHES))
def _blurring(count: int, reach: float, mode: str) -> Array:
    """The matrix (N, N) that blurs N numbers as scipy's `gaussian_filter1d`: faster than that where reach is long."""
    return np.asarray(gaussian_filter1d(np.eye(count), reach, axis=0, mode=mode))


def on_map(params: FaceParams, to_map: Array, places: Array) -> Array:
    """Pixels (..., 2) of the map of parts where head-frame places (..., 3) mm are seen.

    params: of the head in its photo. to_map: (2, 3) from pixels of the photo to those of the map.
    """
    flat = params.pose.apply(np.asarray(places, np.float64).reshape(-1, 3))
    pixels = params.camera.project(flat) @ to_map[:, :2].T + to_map[:, 2]
    return np.asarray(pixels.reshape(*np.shape(places)[:-1], 2))
