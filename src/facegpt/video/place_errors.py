"""Where the networks put each point of one person, beside where that person's head has it: the same in all frames.

A brow is drawn higher than the head can have it, a cheek's point slides: such errors are larger than what a raised brow
moves, so that points can be counted for little. They stay the same while a face moves. What the fit of many frames
leaves over at a point, turned back into the head's frame, shows them; without them points tell movements well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import euler_deg_from_rotation
from facegpt.detect.geometry import LOWER_INNER_LIP, UPPER_INNER_LIP
from facegpt.fitting.dense import dense_target
from facegpt.types import Array, DensePoints, Detection
from facegpt.video.frame_fit import BELIEF, HeldHead, fit_frame

Floats = NDArray[np.float64]

#: Fewer frames say nothing; frames that are turned further than this, degrees, are used only where others are too few.
LEAST_FRAMES, FRONTAL_DEG = 10, 25.0
#: Points so near to an eyeball's centre or to the inner lips keep their places, mm: how far lids and lips are open is
#: told by them, and is drawn.
EYE_MM, LIPS_MM = 20.0, 6.0


def place_errors(head: HeldHead, glances: Sequence[tuple[Detection, DensePoints, tuple[int, int]]]) -> Floats | None:
    """Errors (P, 3) mm, head frame, of a person's points; None from too few frames, or without a focal length.

    Args:
        head: the person's, without such errors.
        glances: what the networks said of frames that are spread over the clip, and the frames' (width, height).
    """
    if len(glances) < LEAST_FRAMES or head.focal_px is None:
        return None
    left_over, yaw_deg = [], []
    for detection, dense, size in glances:
        errors, rotation = _left_over(head, detection, dense, size)
        left_over.append(errors)
        yaw_deg.append(abs(euler_deg_from_rotation(rotation)[0]))
    order = np.argsort(yaw_deg)
    frontal = max(LEAST_FRAMES, int(np.count_nonzero(np.array(yaw_deg) <= FRONTAL_DEG)))
    median = np.median(np.array(left_over)[order[:frontal]], axis=0)
    return np.where(_moved(head)[:, None], median, 0.0)


def with_place_errors(head: HeldHead, errors: Array) -> HeldHead:
    """The head whose points lie where the networks put them."""
    surface = replace(head.face.surface, mean=head.face.surface.mean + errors)
    return replace(head, face=replace(head.face, surface=surface), placed=True)


def _left_over(
    head: HeldHead, detection: Detection, dense: DensePoints, size: tuple[int, int]
) -> tuple[Floats, Floats]:
    """What a frame's fit leaves over, (P, 3) mm in the head's frame and nothing along the line of sight; its turn."""
    assert head.focal_px is not None
    principal = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2])
    state = fit_frame(head, detection, dense, size).state
    state = replace(state, log_depth=float(np.log(head.focal_px)) - state.log_scale)
    target = dense_target(dense, detection, head.face, principal, BELIEF)
    placed = head.face.surface(state.theta) @ state.rotation.T + state.translation(head.face.surface.centre)
    depth = placed[:, 2:]
    missed = (target.points_px - principal) * depth / head.focal_px - placed[:, :2]
    return np.c_[missed, np.zeros(len(missed))] @ state.rotation, state.rotation


def _moved(head: HeldHead) -> NDArray[np.bool_]:
    """Which points (P,) take errors: those away from lids and inner lips."""
    rest = head.face.surface.mean
    eyes = np.linalg.norm(rest[:, None] - head.eyes, axis=2).min(1)
    lips = np.linalg.norm(rest[:, None] - rest[[*UPPER_INNER_LIP, *LOWER_INNER_LIP]], axis=2).min(1)
    return np.asarray((eyes > EYE_MM) & (lips > LIPS_MM))
