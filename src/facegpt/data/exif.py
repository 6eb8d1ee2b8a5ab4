"""The focal length that a camera wrote into a photo, in pixels."""

from __future__ import annotations

import math
from typing import Any

_EXIF_IFD = 0x8769
_FOCAL_LENGTH, _FOCAL_LENGTH_35MM = 0x920A, 0xA405
_PLANE_X_RESOLUTION, _PLANE_UNIT = 0xA20E, 0xA210
_PIXEL_WIDTH, _PIXEL_HEIGHT = 0xA002, 0xA003
_MM_PER_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}

#: Diagonal of a 36 × 24 mm frame, by which the 35-mm equivalent is defined (CIPA DCG-001).
FULL_FRAME_DIAGONAL_MM = math.hypot(36.0, 24.0)

#: Focal lengths outside these, in image diagonals, are typing errors or crops: fisheye and telescope.
_SHORTEST, _LONGEST = 0.25, 40.0


def focal_px(exif: Any, width: int, height: int) -> float | None:
    """The focal length in pixels of an image of width × height, or None where the file does not tell.

    The 35-mm equivalent comes first, because phones write it with their digital zoom in it; the sensor's resolution
    second. A photo whose shape differs from the one the camera noted was cropped, and its equivalent no longer holds.

    Args:
        exif: what PIL's `Image.getexif()` gives.
        width: of the stored pixels.
        height: of the stored pixels; the two may be exchanged.
    """
    tags = exif.get_ifd(_EXIF_IFD)
    noted_width, noted_height = _number(tags.get(_PIXEL_WIDTH)), _number(tags.get(_PIXEL_HEIGHT))
    if noted_width and noted_height and not _same_shape((noted_width, noted_height), (width, height)):
        return None
    diagonal = math.hypot(width, height)
    equivalent_mm, focal_mm = _number(tags.get(_FOCAL_LENGTH_35MM)), _number(tags.get(_FOCAL_LENGTH))
    found = None
    if equivalent_mm:
        found = equivalent_mm / FULL_FRAME_DIAGONAL_MM * diagonal
    elif focal_mm:
        per_unit = _number(tags.get(_PLANE_X_RESOLUTION))
        unit_mm = _MM_PER_UNIT.get(int(_number(tags.get(_PLANE_UNIT)) or 2))
        if per_unit and unit_mm and noted_width and noted_height:
            resized = max(width, height) / max(noted_width, noted_height)
            found = focal_mm * per_unit / unit_mm * resized
    return found if found and _SHORTEST < found / diagonal < _LONGEST else None


def _number(value: Any) -> float | None:
    """Read an EXIF number; broken writers give text, zero denominators and tuples."""
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) and number > 0 else None


def _same_shape(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return abs(max(a) / min(a) - max(b) / min(b)) < 0.02 * max(b) / min(b)
