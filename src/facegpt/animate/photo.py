"""A take on the photo itself: its own pixels move with the curves (facegpt.picture), several people at once."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.animate.motion import Motion
from facegpt.conventions import ARKIT_NAMES
from facegpt.data.images import ImageSource, Photo
from facegpt.face import Face
from facegpt.runtime.side_by_side import in_order
from facegpt.types import Array, FaceGPTError, FaceParams

Pixels = NDArray[np.uint8]

#: How far a photo bears to be turned: yaw, pitch and roll, degrees; beyond that hair and ears come apart.
PHOTO_DEG = (15.0, 10.0, 10.0)
#: What of the photo's own expression stays under speech, by the beginning of a unit's name; others stay whole.
_UNDER_SPEECH = (("mouthSmile", 0.5), ("mouthFrown", 0.5), ("mouth", 0.0), ("jaw", 0.0), ("tongue", 0.0))


@dataclass(frozen=True, eq=False)
class Mover:
    """One face of a photo that moves.

    Attributes:
        rig: of facegpt.picture. own: (52,) what of the photo's own expression goes on under the motion; zeros where
            the curves say the whole expression.
    """

    rig: Any
    own: Array

    @classmethod
    def of(cls, model: Any, photo: ImageSource | Photo, face: Face, size: int | None, source: str) -> Mover:
        """Make a face of a photo ready to move; source: "curves", "driver", "words", "audio" or "say"."""
        try:
            from facegpt.picture import prepare
        except ImportError:
            raise FaceGPTError("this version cannot move a photo; leave --photo out to animate its head") from None
        rig = prepare(model, photo, face, size=size)
        own = np.clip(np.asarray(rig.params.expression, np.float64), 0, 1)
        return cls(rig, kept_under(own, source))

    def params(self, motion: Motion, k: int) -> FaceParams:
        """Frame k: the photo's own expression with the motion's over it, turned from where the head is in it."""
        from facegpt.picture import turned

        params: FaceParams = self.rig.params
        weights = 1 - (1 - self.own) * (1 - motion.curves.weights[k])
        joints = np.array(params.joints, np.float32)
        for eye, name in enumerate(("left_eye", "right_eye")):
            joints[self.rig.model.joint_names.index(name)] += motion.eyes_rotvec[k, eye].astype(np.float32)
        moved = params.replace(expression=weights.astype(np.float32), joints=joints)
        return turned(moved, *(float(angle) for angle in motion.curves.turns[k]))


def kept_under(own: Array, source: str) -> Array:
    """What of an expression (52,) goes on under a motion; source: "curves", "driver", "words", "audio" or "say"."""
    if source == "curves":
        return np.zeros_like(own)
    if source in ("audio", "say"):
        return own * [next((s for stem, s in _UNDER_SPEECH if name.startswith(stem)), 1.0) for name in ARKIT_NAMES]
    return own


def photo_frames(movers: Sequence[tuple[Mover, Motion]], rows: range | None = None) -> Generator[Pixels, None, None]:
    """Each frame (H, W, 3) uint8 of a photo whose faces move, or those of `rows`.

    A motion that has ended holds its last frame.
    """
    count = max(len(motion) for _, motion in movers)

    def frame(k: int) -> Pixels:
        out: Pixels | None = None
        for mover, motion in movers:
            params = mover.params(motion, min(k, len(motion) - 1))
            if len(movers) == 1:
                return mover.rig.picture(params)
            changed = mover.rig.changed(params, fine=False)
            out = changed.picture if out is None else np.where(changed.mask[..., None] > 0, changed.picture, out)
        assert out is not None
        return out

    with closing(in_order(frame, rows or range(count))) as drawn:
        for _, picture in drawn:
            yield picture
