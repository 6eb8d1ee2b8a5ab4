"""Live Link Face recordings: the CSV that Epic's iPhone app writes and Unreal, Maya and MotionBuilder read.

Columns are matched by name, whatever their order and their capitals: the app puts JawRight before JawLeft, unlike
Apple and unlike its own UDP packets, and spells BlendshapeCount in two ways. Left and right are the subject's. Angles
are those of livelink_angles.py. Time codes count 60 frames a second whatever the camera's rate. A frame without the
face is a row with the count 0 and no values, so that rows and frames of the video stay in step.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.runtime.atomic_files import make_folder, write_text
from facegpt.types import FaceGPTError

Floats = NDArray[np.float64]

#: The 61 values of a frame in the order of the app's files.
COLUMNS = (
    *("EyeBlinkLeft", "EyeLookDownLeft", "EyeLookInLeft", "EyeLookOutLeft", "EyeLookUpLeft", "EyeSquintLeft"),
    *("EyeWideLeft", "EyeBlinkRight", "EyeLookDownRight", "EyeLookInRight", "EyeLookOutRight", "EyeLookUpRight"),
    *("EyeSquintRight", "EyeWideRight", "JawForward", "JawRight", "JawLeft", "JawOpen", "MouthClose", "MouthFunnel"),
    *("MouthPucker", "MouthRight", "MouthLeft", "MouthSmileLeft", "MouthSmileRight", "MouthFrownLeft"),
    *("MouthFrownRight", "MouthDimpleLeft", "MouthDimpleRight", "MouthStretchLeft", "MouthStretchRight"),
    *("MouthRollLower", "MouthRollUpper", "MouthShrugLower", "MouthShrugUpper", "MouthPressLeft", "MouthPressRight"),
    *("MouthLowerDownLeft", "MouthLowerDownRight", "MouthUpperUpLeft", "MouthUpperUpRight", "BrowDownLeft"),
    *("BrowDownRight", "BrowInnerUp", "BrowOuterUpLeft", "BrowOuterUpRight", "CheekPuff", "CheekSquintLeft"),
    *("CheekSquintRight", "NoseSneerLeft", "NoseSneerRight", "TongueOut", "HeadYaw", "HeadPitch", "HeadRoll"),
    *("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll"),
)
ANGLES = COLUMNS[52:]
_UNITS = tuple(name[0].upper() + name[1:] for name in ARKIT_NAMES)
#: What the app's time codes count in, and what those of other programs do, frames a second.
APP_RATE = 60.0
RATES = (24.0, 25.0, 30.0, 48.0, 50.0, APP_RATE, 100.0, 120.0, 240.0)
_DAY_S = 86_400.0


@dataclass(frozen=True)
class LiveLinkTake:
    """A recording.

    Attributes:
        time_s: (N,) seconds since midnight, of the time codes. fps: frames a second that the time codes count in.
        expression: (N, 52) in the order of ARKIT_NAMES. head_rad: (N, 3) yaw, pitch, roll.
        eyes_rad: (N, 2, 3) left and right eye's yaw, pitch, roll.
        lost_s: (M,) times of the frames that do not show the face.
    """

    time_s: Floats
    fps: float
    expression: Floats
    head_rad: Floats
    eyes_rad: Floats
    lost_s: Floats = field(default_factory=lambda: np.zeros(0))


def write_livelink(path: str | Path, take: LiveLinkTake) -> Path:
    """Write a take as the app does: 63 columns, ten decimals. Raises FaceGPTError if it cannot be written."""
    path = Path(path)
    make_folder(path.parent)
    return write_text(path, livelink_text(take))


def livelink_text(take: LiveLinkTake) -> str:
    """The file's text."""
    unit_column = np.array([_UNITS.index(name) for name in COLUMNS[:52]])
    angles = np.concatenate([take.head_rad, take.eyes_rad.reshape(len(take.time_s), 6)], 1)
    values = np.concatenate([take.expression[:, unit_column], angles], 1)
    times = [float(at) for at in (*take.time_s, *take.lost_s)]
    cells = [["61", *(f"{value:.10f}" for value in row)] for row in values]
    cells += [["0", *[""] * len(COLUMNS)] for _ in take.lost_s]
    lines = [["Timecode", "BlendshapeCount", *COLUMNS]]
    lines += [[timecode(times[k], take.fps), *cells[k]] for k in np.argsort(times, kind="stable")]
    return "".join(",".join(line) + "\n" for line in lines)


def read_livelink(path: str | Path, fps: float | None = None) -> LiveLinkTake:
    """A take of the app or of `write_livelink`.

    Args:
        path: the file.
        fps: what the time codes count in; by default the app's 60, or the usual rate by which frames follow each
            other as evenly from one second to the next as within a second.

    Raises:
        FaceGPTError: if it is missing, of another kind, or a line is damaged; the message names the line.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FaceGPTError(f"cannot read the recording '{path}' ({error})") from None
    try:
        lines = [line for line in csv.reader(io.StringIO(text)) if line]
    except csv.Error as error:
        raise FaceGPTError(f"'{path}' is no recording that can be read ({error})") from None
    place = _places(lines[0] if lines else [], path)
    cells = [place[name] for name in (*_UNITS, *ANGLES)]
    codes, rows, seen = [], [], []
    for number, line in enumerate(lines[1:], 2):
        try:
            codes.append(_parsed(line[place["Timecode"]]))
            seen.append(any(line[cell].strip() for cell in cells if cell < len(line)))
            if seen[-1]:
                rows.append([float(line[cell]) for cell in cells])
            if not np.isfinite([*codes[-1], *(rows[-1] if seen[-1] else ())]).all():
                raise ValueError("infinite")
        except (ValueError, IndexError):
            raise FaceGPTError(f"'{path}' is damaged in line {number}: it does not hold 61 numbers") from None
    values, found = np.array(rows, np.float64).reshape(-1, 61), np.array(seen, bool)
    seconds, frames = np.array(codes, np.float64).reshape(-1, 2).T
    seconds = seconds + _DAY_S * np.cumsum(np.diff(seconds, prepend=seconds[:1]) < -_DAY_S / 2)  # past midnight
    fps = fps or _counted_rate(seconds, frames)
    times = seconds + frames / fps
    eyes = values[:, 55:].reshape(-1, 2, 3)
    return LiveLinkTake(times[found], fps, values[:, :52], values[:, 52:55], eyes, times[~found])


def _counted_rate(seconds: Floats, frames: Floats) -> float:
    """Frames a second that time codes count in, from whole seconds (N,) and the frames beyond them (N,)."""
    room = [rate for rate in RATES if frames.max(initial=0) < rate] or [1.0 + int(frames.max())]
    whole, step = np.diff(seconds), np.diff(frames)
    within = step[whole == 0]
    if not len(within) or not (whole > 0).any():
        return APP_RATE if APP_RATE in room else room[0]
    across = [np.median(np.abs(step + rate * whole - np.median(within))[whole > 0]) for rate in room]
    return min(zip(across, room, strict=True), key=lambda pair: (round(pair[0], 1), pair[1] != APP_RATE))[1]


def _places(header: list[str], path: Path) -> dict[str, int]:
    """Where each column stands, by name without regard to capitals."""
    known = {name.strip().lower(): k for k, name in enumerate(header)}
    wanted = ("Timecode", *_UNITS, *ANGLES)
    missing = [name for name in wanted if name.lower() not in known]
    if missing:
        raise FaceGPTError(f"'{path}' is no Live Link Face recording: it has no column {', '.join(missing[:3])}")
    return {name: known[name.lower()] for name in wanted}


def timecode(time_s: float, fps: float = APP_RATE) -> str:
    """HH:MM:SS:FF.mmm of seconds since midnight; the part behind the point is thousandths of a frame."""
    whole = math.floor(time_s + 1e-9)
    thousandths = round((time_s - whole) * fps * 1000)
    if thousandths >= round(fps * 1000):
        whole, thousandths = whole + 1, 0
    hours, minutes, seconds = whole // 3600 % 24, whole // 60 % 60, whole % 60
    frame, part = divmod(max(thousandths, 0), 1000)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}:{frame:02d}.{part:03d}"


def seconds_of(code: str, fps: float = APP_RATE) -> float:
    """Seconds since midnight of a time code. Raises ValueError if it is none."""
    seconds, frames = _parsed(code)
    return seconds + frames / fps


def _parsed(code: str) -> tuple[float, float]:
    """Whole seconds since midnight, and frames beyond them, of a time code."""
    hours, minutes, seconds, frame = code.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds), float(frame)
