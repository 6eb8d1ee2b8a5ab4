"""Curves from files: Live Link Face, CSV with a column a curve, the NPZ and JSON of takes, and folders of those."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.animate.curves import FPS, Curves, evened
from facegpt.conventions import ARKIT_NAMES
from facegpt.export.livelink_angles import head_turn_deg
from facegpt.export.livelink_csv import COLUMNS, read_livelink, seconds_of
from facegpt.fitting.gaze import straight_deg
from facegpt.runtime.arrays import read_arrays
from facegpt.types import Array, FaceGPTError

#: What is read of a folder, the first that is there.
IN_FOLDERS = ("curves.npz", "curves.json", "livelink.csv", "curves.csv")
#: Columns of a CSV beside weights, in small letters without blanks and underscores: times in seconds, numbers of
#: frames, the head's turns in degrees.
_TIMES, _FRAMES = ("times", "time", "t", "seconds"), ("frame", "framenumber")
_TURNS = (("headyawdeg", "yawdeg"), ("headpitchdeg", "pitchdeg"), ("headrolldeg", "rolldeg"))
_BY_NAME = {name.lower(): k for k, name in enumerate(ARKIT_NAMES)}


def read_motion(path: str | Path, fps: float | None = None) -> Curves:
    """The motion in a file, or in the folder of a take.

    Frames that were lost are interpolated, curves that are missing are at rest.

    Args:
        path: .csv (Live Link Face, or a column a curve), .npz or .json of a take, or a folder with one of these.
        fps: of the result; by default the file's own rate. A CSV without times is read as so many frames a second.

    Raises:
        FaceGPTError: if it is missing, damaged, of another kind, or has no frame or no curve.
    """
    place = file_of(Path(path))
    readers = {".csv": _read_csv, ".npz": _read_npz, ".json": _read_json}
    if place.suffix.lower() not in readers:
        raise FaceGPTError(f"'{path}' holds no curves that are known here: give a .csv, .npz or .json, or a folder")
    try:
        return readers[place.suffix.lower()](place, fps)
    except FaceGPTError as error:
        raise error if str(place) in str(error) else FaceGPTError(f"'{place}': {error}") from None
    except OSError as error:
        raise FaceGPTError(f"cannot read '{place}' ({error.strerror or error})") from None


def file_of(path: Path) -> Path:
    """The file of curves that a path names; of a take with several people, that of the first. Raises FaceGPTError."""
    if path.is_file():
        return path
    if not path.is_dir():
        raise FaceGPTError(f"there is no file or folder '{path}'")
    for folder in (path, *sorted(path.glob("person_*"))):
        found = next((folder / name for name in IN_FOLDERS if (folder / name).is_file()), None)
        if found is not None:
            return found
    raise FaceGPTError(f"the folder '{path}' holds no curves ({', '.join(IN_FOLDERS)})")


def _read_npz(path: Path, fps: float | None) -> Curves:
    try:
        arrays = read_arrays(path)
    except ValueError as error:
        raise FaceGPTError(f"'{path}' holds no curves, or is damaged ({error})") from None
    if "weights" not in arrays or arrays["weights"].ndim != 2:
        raise FaceGPTError(f"'{path}' holds no curves: it has no array 'weights' of frames by names")
    names = [str(name) for name in arrays["names"]] if "names" in arrays else list(ARKIT_NAMES)
    weights = _placed(names, arrays["weights"], path)
    times = arrays.get("time_s")
    if times is None:
        times = np.arange(len(weights)) / float(arrays.get("fps", fps or FPS))
    straight = arrays.get("gaze_straight_deg", straight_deg())
    gaze = arrays["gaze_deg"] - straight if "gaze_deg" in arrays else None
    return _even(times, weights, fps or _rate(arrays.get("fps")), arrays.get("turn_deg"), gaze, path)


def _read_json(path: Path, fps: float | None) -> Curves:
    try:
        document = json.loads(path.read_text("utf-8"))
        curves: dict[str, Any] = document["weights"]
        weights = _placed(list(curves), np.array(list(curves.values()), np.float64).T, path)
        times = np.asarray(document["time_s"], np.float64)
        turns = [document.get(f"head_{name}_deg") for name in ("yaw", "pitch", "roll")]
        turn = None if None in turns else np.array(turns, np.float64).T
        eyes = [document.get(f"{eye}_eye_{way}_deg") for eye in ("left", "right") for way in ("side", "up")]
        gaze = None if None in eyes else np.array(eyes, np.float64).T.reshape(-1, 2, 2)
        gaze = None if gaze is None else gaze - np.array(document.get("gaze_straight_deg", straight_deg()), np.float64)
        return _even(times, weights, fps or _rate(document.get("fps")), turn, gaze, path)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FaceGPTError(f"'{path}' holds no curves, or is damaged ({error})") from None


def _read_csv(path: Path, fps: float | None) -> Curves:
    try:
        lines = [line for line in csv.reader(io.StringIO(path.read_text("utf-8-sig"))) if any(map(str.strip, line))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise FaceGPTError(f"'{path}' is no table of curves ({error})") from None
    header = [_plain(name) for name in lines[0]] if lines else []
    if {"timecode", *(name.lower() for name in COLUMNS)} <= set(header):
        take = read_livelink(path)
        return _even(take.time_s, take.expression, fps, head_turn_deg(take.head_rad), None, path)
    units = [k for k, name in enumerate(header) if name in _BY_NAME]
    if not units:
        raise FaceGPTError(f"'{path}' holds no curves: no column is named as an ARKit blend shape (jawOpen, …)")
    rows = lines[1:]
    weights = _placed([lines[0][k].strip() for k in units], _column(rows, units, path), path)
    times = _times(header, rows, path, fps)
    known = np.isfinite(times)
    places = [k for names in _TURNS for k, name in enumerate(header) if name in names]
    turn = _column(rows, places, path)[known] if len(places) == len(_TURNS) else None
    return _even(times[known], weights[known], fps, turn, None, path)


def _times(header: list[str], rows: list[list[str]], path: Path, fps: float | None) -> Array:
    """Seconds (N,) of the rows: by a column of times, of time codes or of frames, else row after row."""
    for name in (*_TIMES, *_FRAMES):
        if name in header:
            return _column(rows, [header.index(name)], path)[:, 0] / (1.0 if name in _TIMES else fps or FPS)
    if "timecode" in header:
        at = header.index("timecode")
        try:
            return np.array([seconds_of(row[at]) for row in rows])
        except (ValueError, IndexError):
            raise FaceGPTError(f"'{path}' is damaged: a Timecode is not HH:MM:SS:FF") from None
    return np.arange(len(rows)) / (fps or FPS)


def _column(rows: list[list[str]], columns: list[int], path: Path) -> Array:
    """The numbers (N, C) of some columns, NaN where a cell is empty or missing."""
    table = np.full((len(rows), len(columns)), np.nan)
    for number, row in enumerate(rows):
        for k, column in enumerate(columns):
            if column < len(row):
                table[number, k] = _number(row[column], path, number + 2)
    return table


def _placed(names: list[str], values: Array, path: Path) -> Array:
    """Weights (N, 52) of columns by name; those of no unit are left out. Raises FaceGPTError if none is a unit."""
    out = np.zeros((len(values), len(ARKIT_NAMES)))
    found = [(k, _BY_NAME[name.lower()]) for k, name in enumerate(names) if name.lower() in _BY_NAME]
    if not found:
        raise FaceGPTError(f"'{path}' holds no curves: no name in it is an ARKit blend shape (jawOpen, …)")
    if values.shape[1] != len(names):
        raise FaceGPTError(f"'{path}' is damaged: it names {len(names)} curves and holds {values.shape[1]}")
    for column, unit in found:
        out[:, unit] = values[:, column]
    return out


def _even(
    times: Array, weights: Array, fps: float | None, turn: Array | None, gaze: Array | None, path: Path
) -> Curves:
    if not len(times):
        raise FaceGPTError(f"'{path}' holds no frame of motion")
    if not (len(times) == len(weights) and np.isfinite(times).all()):
        raise FaceGPTError(f"'{path}' is damaged: its times and its curves do not go together")
    return evened(times, weights, fps, turn, gaze)


def _rate(fps: Any) -> float | None:
    """A rate that a file states, unless it is none."""
    rate = 0.0 if fps is None else float(fps)
    return rate if 1.0 <= rate <= 1000.0 else None


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "").replace(" ", "")


def _number(cell: str, path: Path, line: int) -> float:
    """A number; an empty cell is one that was lost."""
    try:
        return float(cell) if cell.strip() else float("nan")
    except ValueError:
        raise FaceGPTError(f"'{path}' is damaged in line {line}: '{cell.strip()[:20]}' is no number") from None
