"""What lies across a face: locks, fingers or things, by the dense network, which knows them by what they hide.

On somebody with a beard it is looked for between the eyes and the nose's base alone: beards look like such things to
the network.
"""

from __future__ import annotations

import numpy as np

from facegpt.detect.geometry import FACE_POINTS
from facegpt.detect.outlines import in_hull
from facegpt.encode.parts import EYE_CORNERS, GLASSES, FaceParts
from facegpt.fitting.occlusion import OCCLUDER, unhidden
from facegpt.types import DensePoints

#: MediaPipe's point below the nose.
NOSE_BASE = 2
#: Share of the face below the eyes from which on something lies across it; belief in glasses that counts as none.
LEAST_ACROSS, NO_GLASSES = 0.07, 0.2


def lies_across(parts: FaceParts, dense: DensePoints | None, bearded: bool) -> bool:
    """Whether something that is neither glasses nor a beard hides a part of the face below the eyes."""
    return share_across(parts, dense, bearded) > LEAST_ACROSS


def share_across(parts: FaceParts, dense: DensePoints | None, bearded: bool = False) -> float:
    """The share of the face below its eyes that something hides; of a bearded one, of its part above the mouth."""
    if parts.points is None or dense is None:
        return 0.0
    points = parts.on_map(parts.points[:, :2])
    rows, columns = np.nonzero(parts.seen)
    places = np.column_stack([columns, rows]).astype(float)
    looked_at = (rows > points[list(EYE_CORNERS), 1].max()) & in_hull(places, points[:FACE_POINTS])
    if bearded:
        looked_at &= rows < points[NOSE_BASE, 1]
    if not looked_at.any():
        return 0.0
    free = parts.probabilities[rows[looked_at], columns[looked_at], GLASSES] < NO_GLASSES
    hidden = unhidden(dense, parts.to_photo(places[looked_at]), (OCCLUDER,)) < 0.5
    return float((hidden & free).mean())
