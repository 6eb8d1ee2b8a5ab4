"""What a photo does not bear well, in sentences: a face that is small, cut off or turned away, or shut eyes."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.picture.rig import PhotoRig
from facegpt.types import FaceParams

#: A face turned farther than this shows little of its far side, degrees; one narrower than this has few pixels.
AWAY_DEG, SMALL_PX = 40.0, 60
#: Share of a face's box beyond the picture's border from which it is cut off.
CUT_SHARE = 0.06
#: Blinks of eyes that are shut in the photo, and of eyes that are asked to be open.
SHUT, OPEN = 0.6, 0.4
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
    return told
