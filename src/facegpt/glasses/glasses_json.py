"""Glasses as text: written and read with the parameters of a face."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from facegpt.glasses.contour import ALIKE, NUMBERS, within
from facegpt.glasses.frames import STYLES
from facegpt.types import FaceGPTError, Glasses

#: What each number of glasses may be.
BOUNDS = {
    **dict.fromkeys(("colour", "tint", "darkness"), (0.0, 1.0)),
    "thickness": (0.3, 3.0),
    "size": (0.5, 2.0),
    "drop_mm": (-20.0, 30.0),
    "lens": (-1.0, 10.0),
    "rims_mm": (0.0, 15.0),
    "bridge_mm": (5.0, 40.0),
}
#: How many numbers a name holds, where it is not one; and what only glasses that were fitted to a photo have.
COUNTS: dict[str, tuple[int, ...]] = {
    **{"colour": (3,), "tint": (3,), "lens": (ALIKE, len(NUMBERS)), "rims_mm": (2, 3)},
}
FITTED = ("lens", "rims_mm", "bridge_mm")


def glasses_to_json(glasses: Glasses) -> dict[str, Any]:
    """Glasses as names with values, ready for json; `glasses_from_json` gives the same again."""
    found = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(glasses).items()}
    found = {name: value for name, value in found.items() if value or name not in FITTED}
    _check(found, "these glasses")
    return found


def glasses_from_json(content: object, source: str) -> Glasses | None:
    """Read what `glasses_to_json` wrote, None where there was nothing; what is left out has its usual value.

    Raises:
        FaceGPTError: if it holds an unknown name or style, or a number outside BOUNDS; `source` names the file.
    """
    if content is None:
        return None
    if not isinstance(content, dict):
        raise FaceGPTError(f"'{source}' is damaged: 'glasses' does not hold names with values")
    _check(content, source)
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    return Glasses(**values)


def _check(content: dict[str, Any], source: str) -> None:
    for name, value in content.items():
        if name == "style":
            if value not in STYLES:
                raise FaceGPTError(f"'{source}': there are no glasses '{value}'; there are: {', '.join(STYLES)}")
            continue
        if name not in BOUNDS:
            raise FaceGPTError(f"'{source}' is damaged or of a later version: glasses have no '{name}'")
        if name == "lens" and isinstance(value, list) and not within(value):
            raise FaceGPTError(f"'{source}' is damaged: the glasses' 'lens' is {value!r}, which is no contour")
        numbers = value if isinstance(value, list) else [value]
        low, high = BOUNDS[name]
        right = all(type(v) in (int, float) and math.isfinite(v) and low <= v <= high for v in numbers)
        if not right or len(numbers) not in COUNTS.get(name, (1,)):
            raise FaceGPTError(
                f"'{source}' is damaged: the glasses' '{name}' is {value!r}; it lies in {low:g} to {high:g}"
            )
