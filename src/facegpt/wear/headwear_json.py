"""Headwear as JSON and back, exactly."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from facegpt.types import FaceGPTError, Headwear
from facegpt.wear.cloth import unpacked

KINDS = ("cap", "hood")
#: The numbers of a record lie in these ranges; the most of them in a list.
BOUNDS, MOST = {"edge_deg": (5.0, 175.0), "off_mm": (-40.0, 300.0), "colour": (0.0, 1.0)}, 4096
#: The same of what only hats with a brim and hoods with a rim have; without one, files do not hold them.
BRIM_BOUNDS = {"brim_mm": (0.0, 300.0), "brim_rise": (-2.0, 2.0), "rim_deg": (5.0, 175.0)}


def headwear_to_json(headwear: Headwear) -> dict[str, Any]:
    """Headwear as names with values, ready for json; `headwear_from_json` gives the same again."""
    found = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(headwear).items()}
    found = {name: value for name, value in found.items() if value or name not in BRIM_BOUNDS}
    _check(found, "this headwear")
    return found


def headwear_from_json(content: object, source: str) -> Headwear | None:
    """Read what `headwear_to_json` wrote, None where there was nothing; what is left out has its usual value.

    Raises:
        FaceGPTError: if it holds an unknown name, or a value that headwear cannot have; `source` names the file.
    """
    if content is None:
        return None
    if not isinstance(content, dict):
        raise FaceGPTError(f"'{source}' is damaged: 'headwear' does not hold names with values")
    values = asdict(Headwear()) | content
    _check(values, source)
    found: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Headwear(**found)


def _check(content: dict[str, Any], source: str) -> None:
    unknown = content.keys() - asdict(Headwear()).keys()
    if unknown:
        raise FaceGPTError(f"'{source}' is damaged or of a later version: headwear has no '{sorted(unknown)[0]}'")
    if content["kind"] not in KINDS:
        raise FaceGPTError(f"'{source}': headwear is one of {', '.join(KINDS)}, not {content['kind']!r}")
    for name, (low, high) in {**BOUNDS, **BRIM_BOUNDS}.items():
        values = content.get(name, [])
        right = isinstance(values, list | tuple) and (len(values) > 0 or name in BRIM_BOUNDS) and len(values) <= MOST
        if not right or not all(type(v) in (int, float) and math.isfinite(v) and low <= v <= high for v in values):
            raise FaceGPTError(f"'{source}' is damaged: the headwear's '{name}' holds values in {low:g} to {high:g}")
    columns = content["columns"]
    if len(content["colour"]) != 3 or type(columns) is not int or columns < 1 or len(content["off_mm"]) % columns:
        raise FaceGPTError(f"'{source}' is damaged: the headwear's numbers do not fit each other")
    if not isinstance(content["cloth"], str):
        raise FaceGPTError(f"'{source}' is damaged: the headwear's 'cloth' is no text")
    if content["cloth"]:
        unpacked(content["cloth"], source)
