"""Whether teeth meet in a photo: what lies between parted lips is bright, from the upper teeth down to the lower lip.

Points of lips cannot tell a smile with shut teeth from an open mouth. The dark of a mouth below the teeth tells.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import linear_of_bytes
from facegpt.detect.geometry import LOWER_INNER_LIP, UPPER_INNER_LIP
from facegpt.types import Array

Floats = NDArray[np.float64]

#: MediaPipe's points at the mouth's inner corners.
CORNERS = (78, 308)
#: How many rows the opening is read in, from lip to lip, the share of it at either lip that may be lip, and columns.
ROWS, AT_LIPS, COLUMNS = 23, 0.13, 13
#: The brightest row is looked for in this share from the upper lip: further down a wet lip may shine.
OF_TEETH = 0.7
#: Share of the teeth's light that the darkest row below the brightest has where teeth leave a gap, and where none: of
#: 42 parted mouths of the training half, by eye, eight of the nine below the first leave one, none above the second.
DARK, BRIGHT = 0.25, 0.4
#: Heights of the opening beside the width of the mouth: lower ones show no teeth, of higher ones the jaw is open.
PARTED, WIDE = 0.05, 0.32


def teeth_meet(image: NDArray[np.uint8], points_px: Array) -> float:
    """How sure it is, 0..1, that no dark shows between the teeth and the lower lip of a parted mouth."""
    points = np.asarray(points_px, np.float64)[:, :2]
    width = np.linalg.norm(np.subtract(*points[list(CORNERS)]))
    height = np.linalg.norm(points[list(UPPER_INNER_LIP)] - points[list(LOWER_INNER_LIP)], axis=1).mean()
    if not PARTED * width < height < WIDE * width:
        return 0.0
    light = _down_the_opening(image, points)
    brightest = int(light[: round(OF_TEETH * ROWS)].argmax())
    dark = light[brightest:].min() / max(float(light[brightest]), 1e-4)
    return float(np.clip((dark - DARK) / (BRIGHT - DARK), 0, 1))


def _down_the_opening(image: NDArray[np.uint8], points: Floats) -> Floats:
    """Light of the rows of a mouth's opening from the upper lip to the lower, medians across."""
    at = np.linspace(0, len(UPPER_INNER_LIP) - 1, COLUMNS)
    upper, lower = (
        np.stack([np.interp(at, range(len(UPPER_INNER_LIP)), points[list(lip), k]) for k in (0, 1)], -1)
        for lip in (UPPER_INNER_LIP, LOWER_INNER_LIP)
    )
    down = np.linspace(AT_LIPS, 1 - AT_LIPS, ROWS)[:, None, None]
    x, y = np.moveaxis(np.round(upper + (lower - upper) * down).astype(int), -1, 0)
    height, width = image.shape[:2]
    light = linear_of_bytes(image[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]).mean(-1)
    return np.asarray(np.median(light, axis=1), np.float64)
