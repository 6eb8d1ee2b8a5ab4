"""A shirt as JSON and back, exactly."""

from __future__ import annotations

import math
from typing import Any

from facegpt.types import FaceGPTError, Shirt


def shirt_to_json(shirt: Shirt | None) -> dict[str, Any]:
    """What a file holds of a shirt: {} for the usual one, so that files of heads without clothes stay as they were."""
    if shirt == Shirt():
        return {}
    return {"shirt": None if shirt is None else {"colour_linear_rgb": [float(value) for value in shirt.colour]}}


def shirt_from_json(content: dict[str, Any], source: str) -> Shirt | None:
    """Read what `shirt_to_json` wrote in a file's content; the usual one where a file holds none.

    Raises:
        FaceGPTError: if it is damaged; `source` names the file.
    """
    if "shirt" not in content:
        return Shirt()
    if content["shirt"] is None:
        return None
    colour = content["shirt"].get("colour_linear_rgb") if isinstance(content["shirt"], dict) else None
    if not isinstance(colour, list) or len(colour) != 3 or not all(_is_share(value) for value in colour):
        raise FaceGPTError(f"'{source}' is damaged: 'shirt' holds no 'colour_linear_rgb' of three values in 0 to 1")
    red, green, blue = colour
    return Shirt((red, green, blue))


def _is_share(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value <= 1  # type: ignore[arg-type, operator]
