"""What was found of one face in one frame, the whole motion of one face, and how both become parameters of a head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.fitting import gaze
from facegpt.fitting.gauss_newton import State
from facegpt.morphable.base import MorphableModel
from facegpt.render.base import AMBIENT_WHITE
from facegpt.types import Array, Camera, FaceParams, Pose
from facegpt.video.frame_fit import FOLLOWED_POSE, FrameFit, HeldHead, eye_turns

Floats = NDArray[np.float64]

#: Followed numbers of a face: 6 of the pose, 52 weights, 4 gaze angles.
EXPRESSION = slice(FOLLOWED_POSE, FOLLOWED_POSE + len(ARKIT_NAMES))
GAZE = slice(EXPRESSION.stop, EXPRESSION.stop + 4)
FOLLOWED = GAZE.stop
#: One face in one frame as it is kept in memory and in files; track_id -1 says that the frame showed no face;
#: `faces` is how many records the frame has, `cut` how many cuts came before it; `light` as in FaceParams.lighting, all
#: zeros where the frame does not tell it.
RECORD = np.dtype(
    [
        *(
            ("frame", "<i4"),
            ("track_id", "<i4"),
            ("time_s", "<f8"),
            ("confidence", "<f4"),
            ("cut", "<i4"),
            ("faces", "<i4"),
        ),
        *(("box", "<f4", (4,)), ("window", "<f8", (4,)), ("velocity", "<f8", (2,))),
        *(("rotation", "<f8", (3, 3)), ("place", "<f8", (2,)), ("log_scale", "<f8"), ("log_depth", "<f8")),
        *(("expression", "<f8", (52,)), ("gaze", "<f8", (2, 2)), ("variance", "<f4", (FOLLOWED,))),
        ("light", "<f4", (9, 3)),
    ]
)


def record_of(
    frame: int, time_s: float, track_id: int, fit: FrameFit, box: Array, window: Array, confidence: float
) -> NDArray[np.void]:
    """One RECORD of a fitted face."""
    row = np.zeros((), RECORD)
    row["frame"], row["time_s"], row["track_id"], row["confidence"] = frame, time_s, track_id, confidence
    row["box"], row["window"], row["rotation"] = box, window, fit.state.rotation
    row["place"], row["log_scale"], row["log_depth"] = fit.state.offset_px, fit.state.log_scale, fit.state.log_depth
    row["expression"], row["gaze"], row["variance"] = fit.state.theta, fit.gaze_deg, fit.variance
    return row


def fit_of(row: NDArray[np.void]) -> FrameFit:
    """The fit that a record keeps (its residual is not kept)."""
    state = State(
        np.array(row["rotation"]),
        np.array(row["place"]),
        float(row["log_scale"]),
        float(row["log_depth"]),
        np.array(row["expression"]),
    )
    return FrameFit(state, np.array(row["gaze"]), np.array(row["variance"], np.float64), 0.0)


@dataclass(frozen=True)
class View:
    """How the frames of a clip were read: `width` and `height` in pixels as read, of `scale` pixels a whole pixel."""

    width: int
    height: int
    scale: float = 1.0

    def camera(self, focal_px: float) -> Camera:
        """The camera of whole frames, for a focal length in pixels as read."""
        middle = (self.width - 1) / 2, (self.height - 1) / 2
        return Camera(focal_px, middle, self.width, self.height).scaled(1 / self.scale)


def params_of(
    model: MorphableModel,
    head: HeldHead,
    row: NDArray[np.void],
    view: View,
    albedo: Array | None,
    lighting: Array | None,
) -> FaceParams:
    """Parameters of one face in one frame; the skin is the person's, and so is the light unless the frame tells it."""
    state = fit_of(row).state
    if head.focal_px is not None:
        state = replace(state, log_depth=float(np.log(head.focal_px)) - state.log_scale)
    joints = np.zeros((model.sizes.joints, 3), np.float32)
    joints[list(head.face.eye_joints)] = eye_turns(head, row["gaze"])
    expression = np.clip(state.theta, 0.0, 1.0)
    for name, value in gaze.look_weights(row["gaze"]).items():
        expression[ARKIT_NAMES.index(name)] = value
    if row["light"][0].any():
        lighting = row["light"]
    white = np.zeros((9, 3), np.float32)
    white[0] = AMBIENT_WHITE
    return FaceParams(
        model_id=model.model_id,
        identity=head.identity.astype(np.float32),
        expression=expression.astype(np.float32),
        joints=joints,
        pose=Pose(state.rotation, state.translation(head.face.surface.centre)),
        albedo=np.zeros(model.sizes.albedo, np.float32) if albedo is None else np.asarray(albedo, np.float32),
        lighting=white if lighting is None else np.array(lighting, np.float32),
        camera=view.camera(state.focal_px),
    )


def tracks_of(records: NDArray[np.void]) -> dict[int, NDArray[np.void]]:
    """The records of each track_id, in the order of their frames."""
    found = records[records["track_id"] >= 0]
    return {int(number): found[found["track_id"] == number] for number in np.unique(found["track_id"])}


def stacked(rows: Sequence[NDArray[np.void]]) -> NDArray[np.void]:
    """Several records as one array."""
    return np.array(list(rows), RECORD) if len(rows) else np.zeros(0, RECORD)
