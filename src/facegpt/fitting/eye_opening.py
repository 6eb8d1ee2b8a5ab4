"""How far each eye is open, of what two networks see of it.

Opening is how far the three middle points of the upper lid lie above those of the lower, over the distance of the eye's
corners. Neither network says it as it is: half-shut eyes look open to both, open ones look alike, and of shut ones a
slit is left. What each says of eyes whose opening is known was measured on heads drawn over photos
(lab/runs/fit/lids.py), and is read backwards here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.mediapipe_points import LEFT_LIDS, RIGHT_LIDS

Floats = NDArray[np.float64]

#: The 16 rows of each eye among lid points, left eye first: corner, 7 of the lower lid, corner, 7 of the upper.
EYES = (slice(0, 16), slice(16, 32))
LIDS = np.array([*LEFT_LIDS, *RIGHT_LIDS])
#: The middle three of the seven pairs.
MIDDLE = slice(2, 5)
#: Openings of eyes seen from the front, and what the detector and the dense network say of them in photos.
OPENING = (-0.04, 0.00, 0.03, 0.06, 0.10, 0.14, 0.19, 0.25, 0.31, 0.40)
DETECTED = (0.030, 0.031, 0.049, 0.092, 0.149, 0.192, 0.229, 0.263, 0.310, 0.400)
DENSELY = (-0.003, 0.009, 0.030, 0.068, 0.115, 0.154, 0.187, 0.220, 0.267, 0.344)
#: Up to the first opening an eye passes for shut, from the second on it is as open as it looks, as squints are: what
#: lies between is a moment of a blink, which photos hardly show.
SHUT, OPEN = 0.05, 0.07
#: An eye seen narrower than this share of its width says nothing for certain.
_LEAST_WIDTH = 0.3


def gaps(values: Floats) -> Floats:
    """Upper minus lower lid of the seven pairs of an eye's 16 rows."""
    return values[9:16] - values[1:8]


def upwards(vectors: Floats, rotation: Floats) -> Floats:
    """How far vectors (..., 2) px point towards the top of a head turned so, (3, 3) head → camera."""
    up = rotation[:2, 1]
    return np.asarray(vectors @ up / max(float(np.linalg.norm(up)), 1e-6))


def opening(lids_px: Floats, rotation: Floats) -> Floats:
    """How far both eyes (left, right) are open, (2,), of lid points (32, 2)."""
    return np.array([_middle(lids_px[eye], rotation) / width_of(lids_px[eye]) for eye in EYES])


def middle_lids(lids_px: Floats) -> tuple[Floats, Floats]:
    """The middles (2, 2) of the lower and of the upper lids of both eyes, of lid points (32, 2)."""
    lower, upper = (np.stack([lids_px[eye][start : start + 7][MIDDLE].mean(0) for eye in EYES]) for start in (1, 9))
    return lower, upper


def iris_heights(lids_px: Floats, irises_px: Floats, rotation: Floats) -> Floats:
    """How high the irises' middles (2, 2) px lie between the lids (32, 2) px: (2,), from 0 at the lower to 1."""
    lower, upper = middle_lids(lids_px)
    return np.clip(upwards(irises_px - lower, rotation) / np.maximum(upwards(upper - lower, rotation), 1e-3), 0.0, 1.0)


def true_opening(
    detected_px: Floats, dense_px: Floats | None, rotation: Floats, narrow: Floats, share: float = 1.0
) -> Floats:
    """The openings (2,) behind lid points (32, 2) of the detector and, where it looked, of the dense network.

    narrow: (2,) see `narrowing`. share: of its weight that the detector keeps beside the network, 0..1.
    """
    told = _read_back(opening(detected_px, rotation) * narrow, DETECTED)
    if dense_px is not None:
        told += (_read_back(opening(dense_px, rotation) * narrow, DENSELY) - told) / (1 + share)
    return np.asarray(told / narrow)


def narrowing(lids_mm: Floats, rotation: Floats) -> Floats:
    """How much narrower each eye (2,) looks than it would from the front, beside how much lower.

    lids_mm: (32, 3) in the head frame; rotation: head → camera.
    """
    corners = np.stack([lids_mm[eye][0] - lids_mm[eye][8] for eye in EYES])
    width = np.linalg.norm(corners @ rotation[:2].T, axis=1) / np.linalg.norm(corners, axis=1)
    return np.maximum(width, _LEAST_WIDTH) / max(float(np.linalg.norm(rotation[:2, 1])), _LEAST_WIDTH)


def wanted_gaps(eye_px: Floats, rotation: Floats, wanted: float, shut: Floats, width_px: float) -> Floats:
    """How far apart, upwards, the lids of an eye (16, 2) px should lie: (7,) px, its outline scaled to an opening.

    shut: (7,) what a blink leaves, which no eye falls below. width_px: of the eye that opens, which may be wider than
    the one that is seen: it is as open by its own width.
    """
    scaled = upwards(gaps(eye_px), rotation) * (wanted * width_px / max(_middle(eye_px, rotation), 1e-3))
    open_share = np.clip((wanted - SHUT) / (OPEN - SHUT), 0.0, 1.0)
    return shut + open_share * np.maximum(scaled - shut, 0.0)


def _middle(eye_px: Floats, rotation: Floats) -> float:
    return float(upwards(gaps(eye_px)[MIDDLE], rotation).mean())


def width_of(eye_px: Floats) -> float:
    """The distance of the corners of an eye (16, 2) px."""
    return max(float(np.linalg.norm(eye_px[0] - eye_px[8])), 1e-6)


def _read_back(said: Floats, table: tuple[float, ...]) -> Floats:
    """Openings by what a network says; beyond the table as at its end."""
    return np.interp(said, table, OPENING) * np.maximum(said / table[-1], 1.0)
