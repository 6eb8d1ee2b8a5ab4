"""What became of each photo when the skin of a person's photos was compared: a reason, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.metrics import angle_between_deg
from facegpt.types import FaceParams

#: Reasons. A photo was matched; shows the person as a mirror does; is turned too far from the one that the others are
#: compared with; is turned like photos that were compared already, so that it tells nothing more of depth; shares too
#: little skin that can be followed (blur, video compression, make-up, another person, something in front); its matches
#: contradict the others (a face that moves by more than its expression explains, another person, wrong matches); or
#: they are fine and foretell no other photo's.
MATCHED, MIRRORED, TOO_FAR, SAME_SIDE = "matched", "mirrored", "turned too far", "same side"
TOO_LITTLE_SKIN, CONTRADICTS, NOTHING_NEW = "too little skin in common", "contradicts", "nothing new"
REASONS = (MATCHED, MIRRORED, TOO_FAR, SAME_SIDE, TOO_LITTLE_SKIN, CONTRADICTS, NOTHING_NEW)


@dataclass(frozen=True)
class Compared:
    """What became of one photo.

    Attributes:
        reason: one of REASONS. turn_deg: to the photo that the others are compared with. places: of the skin that both
            show. doubt: how many times larger its residuals are than those of a still face that is matched well. gain:
            share by which the others foretell its matches better than its own fit does. The last two are None where
            it did not come to that.
    """

    reason: str
    turn_deg: float
    places: int = 0
    doubt: float | None = None
    gain: float | None = None


def turn_between_deg(one: FaceParams, other: FaceParams) -> float:
    """How far two heads are turned from each other, degrees."""
    return angle_between_deg(np.asarray(one.pose.rotation), np.asarray(other.pose.rotation))
