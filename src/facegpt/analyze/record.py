"""What is seen on a face as records: everything for JSON, and flat columns for tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from facegpt.analyze.seen import Seen

#: Digits behind the point in records.
DIGITS = 4


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


def row_of(seen: Seen) -> dict[str, Any]:
    """One row of a table."""
    x0, y0, x1, y1 = (float(value) for value in seen.box)
    row: dict[str, Any] = {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "confidence": seen.confidence}
    pose, age, hair = seen.pose, seen.age, seen.hair_colour
    row |= {"yaw_deg": pose.yaw_deg, "pitch_deg": pose.pitch_deg, "roll_deg": pose.roll_deg}
    row |= {"distance_mm": pose.distance_mm, "distance_sd_mm": pose.distance_sd_mm}
    row |= {"expression": seen.expression.name, "expression_confidence": seen.expression.confidence}
    row |= {"age_years": age and age.years, "age_low": age and age.low, "age_high": age and age.high}
    row |= {"masculinity": seen.masculinity, "skin_lightness": seen.skin_lightness, "beard": seen.beard}
    row |= {"hair_colour": hair and hair.name, **asdict(seen.occlusions), "sharpness": seen.sharpness}
    for side, eye in seen.gaze.items():
        row |= {f"gaze_{side}_side_deg": eye.side_deg, f"gaze_{side}_down_deg": eye.down_deg}
        row |= {f"eye_{side}_open": eye.open, f"eye_{side}_visible": eye.visible}
    return {name: _plain(value) for name, value in (row | seen.units | seen.blendshapes).items()}


def table(rows: Iterable[dict[str, Any]]) -> str:
    """Rows as CSV with a line of names: every column that any of them has, empty where one lacks it."""
    kept = list(rows)
    columns = list(dict.fromkeys(name for row in kept for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    return text.getvalue()


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
