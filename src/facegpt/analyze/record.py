"""What is seen on a face as records: everything for JSON, and flat columns for tables."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from facegpt.errors import FaceGPTError
from facegpt.runtime.atomic_files import written_whole

if TYPE_CHECKING:
    from facegpt.analyze.seen import Seen

#: Digits behind the point in records.
DIGITS = 4
#: What `record_of` leaves out without points.
POINTS = ("points", "visibility", "point_sd")


def record_of(seen: Seen, points: bool = True) -> dict[str, Any]:
    """All that is seen on a face, ready for JSON; see `Seen` for units. Nothing that is not known is left out: null."""
    found = seen.parts
    told: dict[str, Any] = {
        "box": seen.box,
        "confidence": seen.confidence,
        "pose": asdict(seen.pose),
        "expression": asdict(seen.expression),
        "gaze": {side: asdict(eye) for side, eye in seen.gaze.items()},
        "eye_openness": seen.eye_openness,
        "age": seen.age and asdict(seen.age),
        "masculinity": seen.masculinity,
        "skin_lightness": seen.skin_lightness,
        "hair_colour": seen.hair_colour and asdict(seen.hair_colour),
        "beard": seen.beard,
        "occlusions": asdict(seen.occlusions),
        "conditions": seen.conditions,
        "sharpness": seen.sharpness,
        "parts": found and found.shares,
        "units": seen.units,
        "sided_units": seen.sided_units,
        "blendshapes": seen.blendshapes,
        "embedding": seen.embedding,
    }
    if points:
        told |= {"points": seen.points, "visibility": seen.visibility, "point_sd": seen.point_sd}
    return {name: _plain(value) for name, value in told.items()}


def row_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """One row of a table, of a face's record (`record_of`)."""
    x0, y0, x1, y1 = told["box"]
    row: dict[str, Any] = {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "confidence": told["confidence"]}
    pose, age, hair = told["pose"], told["age"] or {}, told["hair_colour"] or {}
    row |= {name: pose[name] for name in ("yaw_deg", "pitch_deg", "roll_deg", "distance_mm", "distance_sd_mm")}
    row |= {"expression": told["expression"]["name"], "expression_confidence": told["expression"]["confidence"]}
    row |= {"age_years": age.get("years"), "age_low": age.get("low"), "age_high": age.get("high")}
    row |= {name: told[name] for name in ("masculinity", "skin_lightness", "beard")}
    row |= {"hair_colour": hair.get("name"), **told["occlusions"], "sharpness": told["sharpness"]}
    for side, eye in told["gaze"].items():
        row |= {f"gaze_{side}_side_deg": eye["side_deg"], f"gaze_{side}_down_deg": eye["down_deg"]}
        row |= {f"eye_{side}_open": eye["open"], f"eye_{side}_visible": eye["visible"]}
    return row | told["units"] | told["blendshapes"]


class Table:
    """Rows of a CSV file, kept in an unnamed file of its folder until all are there: memory does not grow with them.

    Its columns are all that any row has, in the order of their first; a row is empty where it lacks one.

    Args:
        folder: where the table will be written; it must be there. None for a folder of the system.

    Raises:
        FaceGPTError: from all methods, if the folder cannot be written or its disk is full.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._columns: dict[str, None] = {}
        with self._room_told():
            self._rows: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8", dir=folder)  # noqa: SIM115

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take rows, column by name."""
        with self._room_told():
            for row in rows:
                self._columns.update(dict.fromkeys(row))
                self._rows.write(json.dumps(row) + "\n")

    def write(self, path: Path) -> Path:
        """Write the table, with a line of names."""
        with self._room_told():
            self._rows.seek(0)
        with written_whole(path) as file:
            text = io.TextIOWrapper(file, "utf-8", newline="")
            writer = csv.DictWriter(text, list(self._columns), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(json.loads(line) for line in self._rows)
            text.detach()  # flushes, and leaves the file open
        return path

    def close(self) -> None:
        """Give the room of the rows back."""
        with contextlib.suppress(OSError):  # of rows that the disk has no room for
            self._rows.close()

    @contextlib.contextmanager
    def _room_told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            what = f"cannot write a table into '{self._folder or tempfile.gettempdir()}' ({error.strerror or error})"
            raise FaceGPTError(f"{what}; make room, or choose a folder that may be written") from error


def _plain(value: Any) -> Any:
    """Numbers, words, lists and dicts of Python; numbers rounded."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, np.ndarray):
        return np.round(np.asarray(value, float), DIGITS).tolist()
    if isinstance(value, (float, np.floating)):
        return round(float(value), DIGITS)
    return value
