"""The motion of one person as numbers with their units: JSON for everybody, NPZ for programs.

Units: seconds, weights 0..1, degrees, millimetres. Yaw, pitch and roll as in conventions.py; the head's place is where
its origin (midway between the ears) is in the camera frame. Left and right are the subject's. Light: real spherical
harmonics up to degree 2 of the irradiance, in the camera frame and the order of LIGHT_NAMES; their sum at a normal is
what albedo is multiplied by, linear RGB.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.export.livelink_angles import eye_angles_rad, head_angles_rad
from facegpt.export.livelink_csv import APP_RATE, LiveLinkTake
from facegpt.fitting.gaze import measured_deg, straight_deg, told_deg
from facegpt.render.base import AMBIENT_WHITE
from facegpt.runtime.arrays import read_arrays
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.types import Array, FaceGPTError

FORMAT, VERSION = "facegpt-curves", 1
LIGHT_UNIT = "linear RGB that albedo is multiplied by, coefficients of real spherical harmonics in the camera frame"
#: The nine harmonics, by the term of the unit normal (x right, y down, z forward) that each goes with.
LIGHT_NAMES = ("1", "y", "z", "x", "xy", "yz", "3zz-1", "xz", "xx-yy")


@dataclass(frozen=True)
class Curves:
    """The motion of one person; N frames, those in which they were seen.

    Attributes:
        track_id: whose. model_id: the head model. fps: of the clip.
        frame: (N,) numbers of the frames. time_s: (N,).
        expression: (N, 52) in the order of ARKIT_NAMES.
        rotation: (N, 3, 3) head → camera. translation_mm: (N, 3).
        gaze_deg: (N, 2, 2) left and right eye, (towards the subject's left, up) in the head frame, as measured; files
            are told it as the app Live Link Face has it, with what is straight ahead there.
        eyes_rotvec: (N, 2, 3) radians: turns of the eye joints from rest.
        confidence: (N,) 0..1. identity: (I,). focal_px: of whole frames.
        light: (N, 9, 3) as in FaceParams.lighting; white from everywhere where no colours were asked for.
    """

    track_id: int
    model_id: str
    fps: float
    frame: Array
    time_s: Array
    expression: Array
    rotation: Array
    translation_mm: Array
    gaze_deg: Array
    eyes_rotvec: Array
    confidence: Array
    identity: Array
    focal_px: float
    light: Array

    @property
    def turn_deg(self) -> Array:
        """(N, 3) yaw, pitch and roll of the head."""
        return np.array([euler_deg_from_rotation(rotation) for rotation in self.rotation]).reshape(-1, 3)

    def as_livelink(self, frame_time_s: Array | None = None) -> LiveLinkTake:
        """The same as a Live Link Face take, from midnight; yaw and pitch of the eyes are their gaze.

        frame_time_s: times of all frames of the clip; those without the face become rows without values.
        """
        times = np.asarray(self.time_s, np.float64)
        return LiveLinkTake(
            times,
            APP_RATE,
            np.asarray(self.expression, np.float64),
            head_angles_rad(self.rotation),
            eye_angles_rad(self.gaze_deg),
            np.zeros(0) if frame_time_s is None else np.setdiff1d(frame_time_s, times),
        )


def white_light(frames: int) -> Array:
    """Light (N, 9, 3) from everywhere, under which skin shows its albedo."""
    light = np.zeros((frames, 9, 3), np.float32)
    light[:, 0] = AMBIENT_WHITE
    return light


def write_curves_json(path: str | Path, curves: Curves) -> Path:
    """Write the curves as JSON, one list a curve. Raises FaceGPTError if it cannot be written."""
    turn, gaze = curves.turn_deg, told_deg(curves.gaze_deg)
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "units": {
            "time": "s",
            "weights": "0..1",
            "angles": "degrees",
            "place": "mm",
            "focal": "px",
            "light": LIGHT_UNIT,
        },
        "track_id": curves.track_id,
        "model_id": curves.model_id,
        "fps": round(curves.fps, 6),
        "focal_px": round(float(curves.focal_px), 3),
        "frame": np.asarray(curves.frame).tolist(),
        "time_s": _short(curves.time_s, 6),
        "weights": {name: _short(curves.expression[:, k], 5) for k, name in enumerate(ARKIT_NAMES)},
        **{f"head_{name}_deg": _short(turn[:, k], 4) for k, name in enumerate(("yaw", "pitch", "roll"))},
        **{f"head_{name}_mm": _short(curves.translation_mm[:, k], 3) for k, name in enumerate("xyz")},
        **{
            f"{eye}_eye_{name}_deg": _short(gaze[:, e, k], 3)
            for e, eye in enumerate(("left", "right"))
            for k, name in enumerate(("side", "up"))
        },
        "gaze_straight_deg": straight_deg(told=True).tolist(),
        "light": {
            name: {colour: _short(curves.light[:, k, c], 4) for c, colour in enumerate("rgb")}
            for k, name in enumerate(LIGHT_NAMES)
        },
        "confidence": _short(curves.confidence, 3),
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in document.items()]
    make_folder(Path(path).parent)
    return write_bytes(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def write_curves_npz(path: str | Path, curves: Curves) -> Path:
    """Write the curves as arrays; names carry the units.

    Two are there under a plain name too: "pose" (N, 3, 4), rotation and translation, and "gaze", which is "gaze_deg".
    """
    data, gaze = io.BytesIO(), told_deg(curves.gaze_deg).astype(np.float32)
    arrays: dict[str, Any] = {
        "names": np.array(ARKIT_NAMES),
        "frame": np.asarray(curves.frame, np.int64),
        "time_s": np.asarray(curves.time_s, np.float64),
        "weights": np.asarray(curves.expression, np.float32),
        "rotation": np.asarray(curves.rotation, np.float64),
        "translation_mm": np.asarray(curves.translation_mm, np.float64),
        "turn_deg": curves.turn_deg,
        "pose": np.concatenate([curves.rotation, np.asarray(curves.translation_mm)[:, :, None]], 2),
        "gaze_deg": gaze,
        "gaze": gaze,
        "gaze_straight_deg": straight_deg(told=True),
        "eyes_rotvec_rad": np.asarray(curves.eyes_rotvec, np.float32),
        "light": np.asarray(curves.light, np.float32),
        "light_names": np.array(LIGHT_NAMES),
        "confidence": np.asarray(curves.confidence, np.float32),
        "identity": np.asarray(curves.identity, np.float32),
        "focal_px": np.array(curves.focal_px),
        "fps": np.array(curves.fps),
        "track_id": np.array(curves.track_id),
        "model_id": np.array(curves.model_id),
    }
    np.savez_compressed(data, **arrays)
    make_folder(Path(path).parent)
    return write_bytes(path, data.getvalue())


def read_curves_npz(path: str | Path) -> Curves:
    """Read what `write_curves_npz` wrote. Raises FaceGPTError if it is missing or damaged."""
    try:
        arrays = read_arrays(path)
        return Curves(
            track_id=int(arrays["track_id"]),
            model_id=str(arrays["model_id"]),
            fps=float(arrays["fps"]),
            expression=arrays["weights"],
            eyes_rotvec=arrays["eyes_rotvec_rad"],
            focal_px=float(arrays["focal_px"]),
            gaze_deg=measured_deg(arrays["gaze_deg"]) if "gaze_straight_deg" in arrays else arrays["gaze_deg"],
            light=arrays["light"] if "light" in arrays else white_light(len(arrays["frame"])),
            **{
                name: arrays[name]
                for name in ("frame", "time_s", "rotation", "translation_mm", "confidence", "identity")
            },
        )
    except (OSError, ValueError, KeyError) as error:
        raise FaceGPTError(f"'{path}' holds no curves, or is damaged ({error})") from None


def _short(values: Array, digits: int) -> list[float]:
    return np.round(np.asarray(values, np.float64), digits).tolist()
