"""What the photo shows between the lips: pixels that move with the skull (upper teeth) or with the jaw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from facegpt.types import Array, Detection

Floats = NDArray[np.float32]

#: The detector's points along the inner lips, from the right corner over the upper lip to the left one; and back.
UPPER_EDGE = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_EDGE = (324, 318, 402, 317, 14, 87, 178, 88, 95)
CORNERS, MIDDLE = (78, 308), (13, 14)
#: Lips apart by less than these shares of the mouth's width show nothing that is worth keeping, upper teeth only, both.
OPEN, BOTH_ROWS = 0.085, 0.22
#: Cheeks, and their surroundings in widths of the mouth. Teeth have at least this share of the cheeks' light, and are
#: redder than these by this factor at most; a narrow opening with fewer of them than this share is a slit.
CHEEKS, CHEEK, TOOTH_LIGHT, TOOTH_RED, TOOTH_SHARE = (50, 280), 0.08, 0.45, 1.5, 0.2
#: Where the two rows part at the latest, as shares of the way from the upper lip to the lower one.
PARTED = (0.35, 0.8)
#: Samples a pixel, each way, of the mask's edge.
FINE = 4


def seen_mouth(detection: Detection | None, on_maps: Callable[[Array], Array], photo: Floats) -> tuple[Floats, bool]:
    """Masks (h, w, 2) 0..1: what moves with the skull, and what with the jaw; and whether it is a slit without teeth.

    on_maps: takes photo pixels (N, 2) to those of the maps. photo: (h, w, 3) linear, at the maps' size.
    """
    masks = np.zeros((*photo.shape[:2], 2), np.float32)
    if detection is None:
        return masks, False
    points = np.asarray(on_maps(np.asarray(detection.points)[:, :2]), np.float64)
    across = points[CORNERS[1]] - points[CORNERS[0]]
    gap = points[MIDDLE[1]] - points[MIDDLE[0]]
    if np.linalg.norm(gap) < OPEN * np.linalg.norm(across):
        return masks, False
    inside = _filled(points[[*UPPER_EDGE, *LOWER_EDGE]], photo.shape[:2])
    if np.linalg.norm(gap) < BOTH_ROWS * np.linalg.norm(across):
        masks[..., 0] = inside
        return masks, _teeth_share(points, inside, photo) < TOOTH_SHARE
    way = _way_down(points, photo.shape[:2])
    split = _parting(photo.mean(-1), inside, way)
    masks[..., 0], masks[..., 1] = inside * (way <= split), inside * (way > split)
    return masks, False


def _teeth_share(points: Array, inside: Floats, photo: Floats) -> float:
    """Share of the mouth's opening that is as bright and as little red as teeth are beside the cheeks' skin."""
    width = float(np.linalg.norm(points[CORNERS[1]] - points[CORNERS[0]]))
    rows, columns = np.indices(photo.shape[:2])
    skins = []
    for x, y in points[list(CHEEKS)]:
        near = np.hypot(columns - x, rows - y) < max(CHEEK * width, 1.0)
        if near.any():
            skins.append(photo[near].mean(0))
    seen = inside > 0.5
    if not skins or not seen.any():
        return 0.0
    skin, colour = max(skins, key=lambda one: float(one.mean())), photo[seen]
    bright = colour.mean(1) > TOOTH_LIGHT * skin.mean()
    red = (colour[:, 0] + 1e-3) * (skin[1] + 1e-3) < TOOTH_RED * (colour[:, 1] + 1e-3) * (skin[0] + 1e-3)
    return float((bright & red).mean())


def _filled(outline: Array, size: tuple[int, ...]) -> Floats:
    """How much of each pixel (h, w) lies within an outline (N, 2), without its outermost half pixel."""
    low = np.floor(outline.min(0)).astype(int) - 1
    high = np.ceil(outline.max(0)).astype(int) + 2
    width, height = (high - low).tolist()
    fine = Image.new("L", (width * FINE, height * FINE))
    ImageDraw.Draw(fine).polygon([tuple(p) for p in ((outline - low + 0.5) * FINE - 0.5).tolist()], fill=255)
    share = np.asarray(fine.resize((width, height), Image.Resampling.BOX), np.float32) / 255
    mask = np.zeros(size, np.float32)
    x0, y0 = np.maximum(low, 0)
    x1, y1 = np.minimum(high, size[::-1])
    if x1 > x0 and y1 > y0:
        mask[y0:y1, x0:x1] = share[y0 - low[1] : y1 - low[1], x0 - low[0] : x1 - low[0]]
    return np.asarray(np.clip(gaussian_filter(mask, 0.7) * 2 - 0.8, 0, 1), np.float32)


def _way_down(points: Array, size: tuple[int, ...]) -> Floats:
    """How far each pixel (h, w) is on the way from the upper inner lip to the lower one, along the mouth's own down."""
    right, left = points[CORNERS[0]], points[CORNERS[1]]
    along = (left - right) / max(float(np.linalg.norm(left - right)), 1e-6)
    down = np.array([-along[1], along[0]])
    rows, columns = np.indices(size)
    offset = np.stack([columns, rows], -1) - right
    at, depth = offset @ along, offset @ down
    edges = [(points[list(edge)] - right) for edge in (UPPER_EDGE, (*LOWER_EDGE[::-1],))]
    above, below = (np.interp(at, *_by_first(edge @ along, edge @ down)) for edge in edges)
    return np.asarray((depth - above) / np.maximum(below - above, 1.0), np.float32)


def _by_first(at: Array, values: Array) -> tuple[Array, Array]:
    order = np.argsort(at)
    return at[order], values[order]


def _parting(light: Floats, inside: Floats, way: Floats) -> float:
    """Where the dark between the two rows is, as a share of the way down."""
    steps = np.linspace(*PARTED, 10)
    seen = inside > 0.5
    means = [float(light[seen & (np.abs(way - step) < 0.05)].mean() or 0) for step in steps]
    known = np.where(np.isfinite(means), means, np.inf)
    return float(steps[int(np.argmin(known))])
