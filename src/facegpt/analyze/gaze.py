"""Where each eye looks, and whether that can be seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.face import Face
from facegpt.face.looking import CLOSED, eyes_ahead, from_camera_deg
from facegpt.fitting.mediapipe_points import LEFT_IRIS, LEFT_LIDS, RIGHT_IRIS, RIGHT_LIDS
from facegpt.types import Array

#: Lids and iris of each eye among the detector's points; an eye is seen from this mean visibility of them on.
EYES = {"left": (*LEFT_LIDS, *LEFT_IRIS), "right": (*RIGHT_LIDS, *RIGHT_IRIS)}
SEEN_FROM = 0.4


@dataclass(frozen=True, eq=False)
class EyeGaze:
    """Where one eye looks.

    Attributes:
        direction: (3,) unit vector in the camera frame (x right, y down, z away from the camera).
        side_deg, down_deg: how far that is from the direction to the camera: to the right of the picture (the
            subject's left), and down. 0, 0 looks into the camera.
        open: 0 closed, 1 as wide as at rest.
        visible: whether the eye is open and not hidden; if not, the direction is a guess.
    """

    direction: Array
    side_deg: float
    down_deg: float
    open: float
    visible: bool


def gaze_of(face: Face, visibility: Array | None, dark_glasses: bool) -> dict[str, EyeGaze]:
    """The gaze of the "left" and the "right" eye; {} for a head model without eyeballs.

    Args:
        face: fitted to the photo.
        visibility: (478,) how likely each of the detector's points is seen, or None if that is not known.
        dark_glasses: whether dark glasses hide both eyes.
    """
    ahead = eyes_ahead(face)
    if ahead is None:
        return {}
    found = {}
    for side, direction in zip(("left", "right"), ahead, strict=True):
        shut = face.blendshapes[f"eyeBlink{side.title()}"]

        shown = 1.0 if visibility is None else float(np.mean(visibility[list(EYES[side])]))
        visible = shut < CLOSED and shown >= SEEN_FROM and not dark_glasses
        turned = from_camera_deg(face, direction)
        found[side] = EyeGaze(direction / np.linalg.norm(direction), *turned, 1 - shut, visible)
    return found
