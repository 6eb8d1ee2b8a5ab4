"""Under which conditions a face was read: how large, how sharp, how far turned and how much of it is hidden."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import euler_deg_from_rotation
from facegpt.describe.scene import face_sharpness
from facegpt.encode.identity import evidence
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.types import DensePoints

#: What `conditions_of` gives, in its order: longer side of the face's box in px; detail (describe/scene.py, SOFT);
#: yaw and pitch of the head, degrees; shares of the face's points that are hidden, and that something covers.
CONDITIONS = ("size_px", "sharpness", "yaw_deg", "pitch_deg", "hidden", "covered")


def conditions_of(seen: SeenFace) -> NDArray[np.float64]:
    """The conditions (6,) of one face of a photo, in the order of CONDITIONS. Size: in pixels of the photo as kept."""
    box = seen.detection.box
    yaw, pitch, _ = euler_deg_from_rotation(seen.detection.rotation)
    hidden = evidence(seen.detection, seen.dense)[1:] if isinstance(seen.dense, DensePoints) else np.zeros(2)
    size = float(max(box[2] - box[0], box[3] - box[1]))
    return np.array([size, face_sharpness(seen.photo.pixels, box), yaw, pitch, *hidden])
