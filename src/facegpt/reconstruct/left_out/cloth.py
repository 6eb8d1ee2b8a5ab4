"""Cloth of a photo that its head does not wear: about the neck, on the head, hanging from headwear; and its pattern."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter

from facegpt.describe.colour_names import lab_of
from facegpt.detect.geometry import FACE_POINTS
from facegpt.encode.parts import CLOTHES, HAT, FaceParts
from facegpt.types import Headwear
from facegpt.wear.cloth import WIDTH, unpacked

#: Areas over that of the face's box: of headwear where none is worn, and of what the drawn headwear does not cover.
LEAST_HAT, LEAST_HANGING = 0.15, 0.1
#: Pixels around what is drawn that count as covered.
NEAR_PX = 3
#: Below the chin, shares of the face's height, and to both sides, of its width; the share of it that cloth covers.
NECK, NECK_WIDE, LEAST_NECK = (0.02, 0.14), 0.28, 0.35
#: Fewest pixels of a neck that tell.
FEWEST = 30
#: How far colours of cloth are from those around (Lab, on average) where it has a pattern; the part of its picture in
#: front that a photo shows; pixels of what is around.
PATTERNED, IN_FRONT, AROUND_PX = 3.2, 0.2, 6.0
CHIN = 152


def is_lost(parts: FaceParts) -> bool:
    """Whether a photo shows headwear, of a head that is drawn without any."""
    return area(parts, _hat(parts)) > LEAST_HAT


def hangs(parts: FaceParts, drawn: NDArray[np.bool_]) -> bool:
    """Whether a photo shows more of what is worn on the head than is drawn (S, S)."""
    return area(parts, _hat(parts) & ~binary_dilation(drawn, iterations=NEAR_PX)) > LEAST_HANGING


def is_at_neck(parts: FaceParts) -> bool:
    """Whether something covers the neck right under the chin."""
    if parts.points is None:
        return False
    points = _on_map(parts)
    low, high = points[:FACE_POINTS].min(0), points[:FACE_POINTS].max(0)
    wide, tall = high - low
    rows, columns = np.indices(parts.seen.shape)
    below = (rows - points[CHIN, 1]) / tall
    neck = parts.seen & (below > NECK[0]) & (below < NECK[1])
    neck &= np.abs(columns - points[CHIN, 0]) < NECK_WIDE * wide
    return bool(neck.sum() > FEWEST and parts.share(CLOTHES, HAT)[neck].mean() > LEAST_NECK)


def is_patterned(headwear: Headwear) -> bool:
    """Whether the cloth has a pattern, which is seen in front only."""
    if not headwear.cloth:
        return False
    picture = unpacked(headwear.cloth)
    lab = lab_of(picture.reshape(-1, 3)).reshape(picture.shape)
    fine = lab - gaussian_filter(lab, (AROUND_PX, AROUND_PX, 0))
    turn = np.arange(WIDTH) / WIDTH
    front = fine[:, np.minimum(turn, 1 - turn) < IN_FRONT]
    return float(np.linalg.norm(front, axis=-1).mean()) > PATTERNED


def area(parts: FaceParts, where: NDArray[np.bool_]) -> float:
    """How much some pixels (S, S) cover, over the area of the face's box; 0 where no points tell of it."""
    if parts.points is None:
        return 0.0
    face = np.ptp(_on_map(parts)[:FACE_POINTS], axis=0)
    return float((where & parts.seen).sum() / max(np.prod(face), 1e-6))


def _hat(parts: FaceParts) -> NDArray[np.bool_]:
    return parts.seen & (parts.probabilities[..., HAT] > 0.5)


def _on_map(parts: FaceParts) -> NDArray[np.float64]:
    return np.asarray(parts.points)[:, :2] @ parts.to_map[:, :2].T + parts.to_map[:, 2]
