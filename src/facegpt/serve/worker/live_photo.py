"""The photo of a head as it moves with a face before the camera."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

from facegpt.animate.curves import Curves
from facegpt.animate.driver import beyond_rest
from facegpt.animate.motion import Motion, softly_limited
from facegpt.animate.photo import PHOTO_DEG, Mover
from facegpt.conventions import ARKIT_NAMES
from facegpt.data.provenance import packet
from facegpt.picture.editing import photo_in
from facegpt.serve.worker.shelf import Shelf
from facegpt.types import Array

#: Longer side of the pictures, pixels; quality of their JPEGs.
SIDE_PX, QUALITY = 512, 85
#: Pictures at the beginning that show how the face is at rest.
AT_REST = 12


class LivePhoto:
    """Moves a photo picture by picture, told from how the face before the camera was in its first pictures."""

    def __init__(self, mover: Mover) -> None:
        self._mover, self._first = mover, list[tuple[Array, Array, Array]]()

    def picture(self, told: dict[str, Any]) -> str:
        """The photo as a JPEG in a data URL; told: weights, pose and gaze of the face, as answers of the camera are."""
        pixels = self._mover.rig.picture(self._mover.params(self._motion(told), 0))
        data = io.BytesIO()
        Image.fromarray(pixels).save(data, "JPEG", quality=QUALITY, xmp=packet().encode("utf-8"))
        return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode("ascii")

    def _motion(self, told: dict[str, Any]) -> Motion:
        """One frame of motion, from rest: weights at rest become 0, and turns and gaze count from there."""
        weights = np.array([told["weights"][name] for name in ARKIT_NAMES])
        turn = np.array([told["pose"][f"{name}_deg"] for name in ("yaw", "pitch", "roll")])
        gaze = np.array([told["gaze"]["x_deg"], told["gaze"]["y_deg"]])
        if len(self._first) < AT_REST:
            self._first.append((weights, turn, gaze))
        rest, straight, ahead = (np.median(each, axis=0) for each in zip(*self._first, strict=True))
        moved = beyond_rest(weights, rest)
        turned = softly_limited((turn - straight)[None], PHOTO_DEG)
        return Motion.of(Curves(ARKIT_NAMES, moved[None], 30.0, turned, np.tile(gaze - ahead, (1, 2, 1))).complete())


def photo_of_head(shelf: Shelf, key: str | None) -> LivePhoto | None:
    """What moves the photo that a head was made from; None where none is asked for.

    Raises:
        RefusedError: if the head was forgotten. FaceGPTError: if it was made from no photo.
    """
    if not key:
        return None
    face = shelf.get(key)
    mover = shelf.rig(f"{key} live", lambda: Mover.of(shelf.model, photo_in(face), face, SIDE_PX, "driver"))
    return LivePhoto(mover)
