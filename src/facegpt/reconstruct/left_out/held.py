"""Where a hand or a thing lies before or beside a face, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.describe.scene import LIKELY
from facegpt.detect.geometry import FACE_POINTS
from facegpt.detect.outlines import in_hull
from facegpt.encode.parts import HAND, FaceParts

#: MediaPipe's points by the part of the face that they are on.
PLACES = {"forehead": (10, 151), "eyes": (33, 133, 362, 263), "nose": (4, 6), "cheek": (50, 280), "mouth": (13, 14)}
PLACES |= {"chin": (152, 199), "jaw": (172, 397)}
CHIN = 152
#: Share of a hand from which on what it covers of the face tells where it is; in the frame of the map.
COVERS = 0.1


def held_at(parts: FaceParts) -> str:
    """Where hands and things are: "before the chin", "below the chin" or "beside the face"."""
    hand = hands_of(parts)
    if parts.points is None or not hand.any():
        return "beside the face"
    points = parts.on_map(parts.points[:, :2])
    places = np.argwhere(hand)[:, ::-1].astype(float)
    covers = in_hull(places, points[:FACE_POINTS])
    if covers.mean() < COVERS:
        return "below the chin" if np.median(places[:, 1]) > points[CHIN, 1] else "beside the face"
    away = [np.linalg.norm(places[covers, None] - points[list(which)], axis=-1).min(1) for which in PLACES.values()]
    nearest = np.argmin(away, 0)
    return f"before the {list(PLACES)[int(np.bincount(nearest).argmax())]}"


def hands_of(parts: FaceParts) -> NDArray[np.bool_]:
    """Where a hand or a thing is what a photo shows most likely (S, S)."""
    belief = parts.probabilities[..., HAND]
    return parts.seen & (belief > LIKELY) & (parts.probabilities.argmax(-1) == HAND)
