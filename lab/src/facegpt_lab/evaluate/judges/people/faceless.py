"""Pictures in which there is no face: what lies beside the faces of photos and portraits, and painted backdrops.

They come with the optional data (one face a photo, its place stored). Pixels; x right, y down.
"""

from __future__ import annotations

import numpy as np

from facegpt.conventions import linear_to_srgb
from facegpt.types import Array
from facegpt_lab.evaluate.judges.distortions import Picture
from facegpt_lab.synthesis.studio.backdrop import paint_backdrop
from facegpt_lab.synthesis.studio.scene import draw_scene

#: How far around the box of a face's points nothing is taken, shares of its size: left, right, above, below.
SPARED = (0.15, 0.15, 0.35, 0.1)
#: Smaller cuttings are left out, px.
LEAST_PX = 96
#: Of the painted backdrops: their first seed and their side.
FIRST_SEED, SIDE_PX = 740_000_000, 320


def beside(picture: Picture, points: Array) -> list[Picture]:
    """The two largest cuttings of a picture (H, W, 3) that keep clear of the face at `points` (N, 2 or 3)."""
    height, width = picture.shape[:2]
    (x0, y0), (x1, y1) = points[:, :2].min(0), points[:, :2].max(0)
    wide, high = x1 - x0, y1 - y0
    left, right = int(max(x0 - SPARED[0] * wide, 0)), int(min(x1 + SPARED[1] * wide, width))
    top, bottom = int(max(y0 - SPARED[2] * high, 0)), int(min(y1 + SPARED[3] * high, height))
    cuttings = [picture[:, :left], picture[:, right:], picture[:top], picture[bottom:]]
    large = [one for one in cuttings if min(one.shape[:2]) >= LEAST_PX]
    return sorted(large, key=lambda one: one.shape[0] * one.shape[1], reverse=True)[:2]


def backdrop(number: int) -> Picture:
    """Backdrop number `number` of the studio, without photos in it: (SIDE_PX, SIDE_PX, 3) uint8."""
    painted = paint_backdrop(draw_scene(FIRST_SEED + number, "photo", SIDE_PX).backdrop, SIDE_PX, "")
    shown = np.clip(painted / max(float(np.percentile(painted, 95)), 1e-6), 0, 1)
    return np.round(255 * linear_to_srgb(shown)).astype(np.uint8)
