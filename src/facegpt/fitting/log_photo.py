"""The photo as the colour fit reads it: the face at one blur, in log linear RGB, with its slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import linear_of_bytes
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
    logs = np.log(linear_of_bytes(small).astype(np.float64) + _FLOOR)
    logs = np.stack([gaussian_blur(logs[..., k], radius) for k in range(3)], -1)
    slope_y, slope_x = np.gradient(logs, axis=(0, 1))
    return LogPhoto(logs, slope_x, slope_y, scale, np.array([x0, y0]) + 0.5 / scale - 0.5)


def read(photo: LogPhoto, pixels: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Read log colours (N, 3) and their slopes per photo pixel (N, 3, 2) at photo pixels (N, 2); and who is inside."""
    at = (pixels - photo.corner_px) * photo.scale
    height, width = photo.values.shape[:2]
    inside = (at >= 0).all(1) & (at[:, 0] <= width - 1) & (at[:, 1] <= height - 1)
    at = np.clip(at, 0, [width - 1.001, height - 1.001])
    column, row = at[:, 0].astype(int), at[:, 1].astype(int)
    right, down = (at[:, 0] - column)[:, None], (at[:, 1] - row)[:, None]

    def bilinear(image: Floats) -> Floats:
        top = image[row, column] * (1 - right) + image[row, column + 1] * right
        return top * (1 - down) + (image[row + 1, column] * (1 - right) + image[row + 1, column + 1] * right) * down

    slopes = np.stack([bilinear(photo.slope_x), bilinear(photo.slope_y)], -1) * photo.scale
    return bilinear(photo.values), slopes, inside
