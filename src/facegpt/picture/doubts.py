"""What a photo does not bear well, said: faces small, cut off, turned, covered, burnt out or drawn, and shut eyes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.detect.outlines import in_hull
from facegpt.picture.rig import PhotoRig
from facegpt.types import Array, FaceParams

#: A face turned farther than this shows little of its far side, degrees; one narrower than this has few pixels.
AWAY_DEG, SMALL_PX = 40.0, 60
#: Share of a face's box beyond the picture's border from which it is cut off.
CUT_SHARE = 0.06
#: Blinks of eyes that are shut in the photo, and of eyes that are asked to be open.
SHUT, OPEN = 0.6, 0.4
#: Shares of a face from which it counts as covered, burnt out (white in all channels) and as flat as only drawings are.
COVERED, BURNT, FLAT = 0.08, 0.08, 0.35
#: How surely something lies in front there; levels of 8 bits that are white, and black; levels within which three
#: pixels each way are flat.
IN_FRONT, WHITE, BLACK, EVEN = 0.85, 250, 4, 1
_BLINKS = [ARKIT_NAMES.index(name) for name in ("eyeBlinkLeft", "eyeBlinkRight")]
_POINTS = 468


def doubts(rig: PhotoRig, params: FaceParams) -> list[str]:
    """Sentences for the user on what of a change is guessed; [] where the photo shows what it takes.

    Args:
        rig: of the photo.
        params: of the changed face.
    """
    told = []
    yaw = euler_deg_from_rotation(np.asarray(rig.params.pose.rotation))[0]
    if abs(yaw) > AWAY_DEG:
        told.append(f"the face is turned away by {abs(yaw):.0f}°: its far side is the head's, and may look made")
    points = rig.params.camera.project(rig.model.embedding("mediapipe478")(rig.still.vertices)[:_POINTS])
    low, high = points.min(0), points.max(0)
    if high[0] - low[0] < SMALL_PX:
        told.append(f"the face is only {high[0] - low[0]:.0f} pixels wide: small changes do not show")
    size = np.array(rig.photo.shape[1::-1]) - 1
    beyond = np.maximum(-low, 0) + np.maximum(high - size, 0)
    if (beyond > CUT_SHARE * (high - low)).any():
        told.append("part of the face lies beyond the picture's border: what comes in from there is guessed")
    before, after = (np.asarray(each.expression)[_BLINKS] for each in (rig.params, params))
    if ((before > SHUT) & (after < OPEN)).any():
        told.append("the eyes are shut in the photo: the irises and their colour are guessed")
    told += _looks(rig, points)
    return told


def _looks(rig: PhotoRig, points: Array) -> list[str]:
    """Sentences on what the pixels of a face with points (468, 2) show."""
    told = []
    covered, burnt, flat = (float(each) for each in _shares(rig, points))
    if covered > COVERED:
        told.append(f"hair, a hat or a hand lies before {covered:.0%} of the face: what it hides stays as it is")
    if burnt > BURNT:
        told.append(f"{burnt:.0%} of the face is burnt out to white: changes hardly show there")
    if flat > FLAT:
        told.append("the picture looks drawn: teeth and lids that it hides are put in like those of a photo")
    return told


def _shares(rig: PhotoRig, points: Array) -> tuple[float, float, float]:
    """Shares of a face that something lies before, that are white, and that have no grain at all."""
    height, width = rig.photo.shape[:2]
    low = np.clip(np.floor(points.min(0)), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(points.max(0)) + 1, low + 1, (width, height)).astype(int)
    rows, columns = np.mgrid[low[1] : high[1], low[0] : high[0]]
    face = in_hull(np.stack([columns, rows], -1), points)
    if not face.any():
        return 0.0, 0.0, 0.0
    front = rig.still.front
    x0, y0, x1, y1 = rig.window
    at_row, at_column = (
        np.clip((each - start) * count // max(end - start, 1), 0, count - 1)
        for each, start, end, count in ((rows, y0, y1, front.shape[0]), (columns, x0, x1, front.shape[1]))
    )
    before = (front[at_row, at_column, 0] > IN_FRONT) & (front[at_row, at_column, 1] < 1 - IN_FRONT)
    levels = rig.photo[low[1] : high[1], low[0] : high[0]].astype(np.int16)
    white, black = levels.min(-1) >= WHITE, levels.max(-1) <= BLACK
    even = _even(levels) & ~white & ~black
    return float(before[face].mean()), float(white[face].mean()), float(even[face].mean())


def _even(levels: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Where (H, W) the pixels around have the same colour (H, W, 3), within EVEN levels."""
    size = (3, 3, 1)
    return np.asarray((maximum_filter(levels, size) - minimum_filter(levels, size)).max(-1) <= EVEN)
