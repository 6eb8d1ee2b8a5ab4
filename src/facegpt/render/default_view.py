"""The view of a head that no photo shows: from the front, a metre away unless told."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import HEAD_TO_CAMERA_AXES
from facegpt.types import Array, Camera, Pose

#: Side of its picture in pixels, distance of the camera in mm, focal length in sides of the picture.
SIZE_PX, DISTANCE_MM, FOCAL = 512, 1000.0, 3.0


def default_view(rotation: Array | None = None, distance_mm: float = DISTANCE_MM) -> tuple[Pose, Camera]:
    """Pose and camera of a head without a photo; `rotation` (3, 3) head → camera, looking at the camera when None.

    The head is as large from any distance: the lens is as much longer.
    """
    turned = HEAD_TO_CAMERA_AXES.copy() if rotation is None else np.asarray(rotation)
    middle = (SIZE_PX - 1) / 2
    camera = Camera(FOCAL * SIZE_PX * distance_mm / DISTANCE_MM, (middle, middle), SIZE_PX, SIZE_PX)
    return Pose(turned, np.array([0.0, 0.0, distance_mm])), camera
