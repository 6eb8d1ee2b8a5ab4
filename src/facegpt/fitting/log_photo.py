"""The photo as the colour fit reads it: the face at one blur, in log linear RGB, with its slopes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import linear_of_bytes
from facegpt.render.scalar import INLINE, KERNEL
from facegpt.runtime.blur import gaussian_blur

Floats = NDArray[np.float64]

#: Added to linear radiance before the log: sensor noise and quantisation (about 12 of 255 in sRGB).
_FLOOR = 0.004


@dataclass(frozen=True)
class LogPhoto:
    """The photo around the face at one blur: log linear RGB (h, w, 3) and its slopes, and how to get there.

    Attributes:
        values: (h, w, 3). slope_x, slope_y: per pixel of this picture.
        scale: pixels of this picture per pixel of the photo. corner_px: (2,) of the photo at this picture's (0, 0).
    """

    values: Floats
    slope_x: Floats
    slope_y: Floats
    scale: float
    corner_px: Floats


def log_photo(image: NDArray[np.uint8], box: Floats, px_per_mm: float, blur_mm: float) -> LogPhoto:
    """Cut the face (x0 y0 x1 y1, with a margin) out of a photo, resize it to a pixel per half blur, take logs."""
    margin = 0.25 * max(box[2] - box[0], box[3] - box[1])
    x0, y0 = (int(max(0, np.floor(v - margin))) for v in box[:2])
    x1, y1 = int(min(image.shape[1], np.ceil(box[2] + margin))), int(min(image.shape[0], np.ceil(box[3] + margin)))
    cut = image[y0 : max(y1, y0 + 2), x0 : max(x1, x0 + 2)]
    scale = min(1.0, 2.0 / (blur_mm * px_per_mm))
    size = max(8, round(cut.shape[1] * scale)), max(8, round(cut.shape[0] * scale))
    small = np.asarray(Image.fromarray(cut).resize(size, Image.Resampling.BOX))
    scale = size[0] / cut.shape[1]
    radius = max(blur_mm * px_per_mm * scale / 2, 0.5)
    logs = gaussian_blur(_logs()[small], radius)
    slope_y, slope_x = _slopes(logs), _slopes(logs.swapaxes(0, 1)).swapaxes(0, 1)
    return LogPhoto(logs, slope_x, slope_y, scale, np.array([x0, y0]) + 0.5 / scale - 0.5)


@lru_cache(maxsize=1)
def _logs() -> Floats:
    """Log of the light (256,) that each byte of sRGB stands for."""
    return np.log(linear_of_bytes(np.arange(256, dtype=np.uint8)).astype(np.float64) + _FLOOR)


def _slopes(values: Floats) -> Floats:
    """How values (H, ...) change from row to row, as numpy's `gradient` along the first axis."""
    out = np.empty_like(values)
    np.subtract(values[2:], values[:-2], out=out[1:-1])
    out[1:-1] *= 0.5
    out[0], out[-1] = values[1] - values[0], values[-1] - values[-2]
    return out


def read(photo: LogPhoto, pixels: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Read log colours (N, 3) and their slopes per photo pixel (N, 3, 2) at photo pixels (N, 2); and who is inside."""
    at = (pixels - photo.corner_px) * photo.scale
    height, width = photo.values.shape[:2]
    inside = (at >= 0).all(1) & (at[:, 0] <= width - 1) & (at[:, 1] <= height - 1)
    at = np.clip(np.nan_to_num(at), 0, [width - 1.001, height - 1.001])
    values, slopes = np.empty((len(at), 3)), np.empty((len(at), 3, 2))
    _bilinear(photo.values, photo.slope_x, photo.slope_y, at, values, slopes)
    return values, slopes * photo.scale, inside


@njit(**KERNEL)
def _bilinear(values, slope_x, slope_y, at, out, slopes):  # type: ignore[no-untyped-def]
    """Read three images (h, w, 3) at places (N, 2) that lie inside: out (N, 3) and slopes (N, 3, 2)."""
    for n in range(len(at)):
        column, row = int(at[n, 0]), int(at[n, 1])
        right, down = at[n, 0] - column, at[n, 1] - row
        for k in range(3):
            out[n, k] = _between(values, row, column, k, right, down)
            slopes[n, k, 0] = _between(slope_x, row, column, k, right, down)
            slopes[n, k, 1] = _between(slope_y, row, column, k, right, down)


@njit(**INLINE)
def _between(image, row, column, k, right, down):  # type: ignore[no-untyped-def]
    """One channel between four pixels."""
    top = image[row, column, k] * (1 - right) + image[row, column + 1, k] * right
    below = image[row + 1, column, k] * (1 - right) + image[row + 1, column + 1, k] * right
    return top * (1 - down) + below * down
