"""A groom checked, written as text, read and varied. Its settings are `types.Groom`; a style is `hair.presets`."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import numpy as np

from facegpt.hair.bare_view import bare_from_json, unpacked
from facegpt.hair.photo_view import view_to_json
from facegpt.types import BULGE_GRID, HAIRLINE_DEG, FaceGPTError, Groom

__all__ = [
    "BOUNDS",
    "BRAIDED",
    "BULGE_GRID",
    "GATHERS",
    "SERIES",
    "Groom",
    "check_groom",
    "curl_of",
    "groom_from_json",
    "groom_to_json",
    "varied",
]

#: Ways of gathering hair (`Groom.gather`).
GATHERS = (
    *("none", "tail", "high_tail", "low_tail", "pigtails", "half_up", "bun", "low_bun", "top_knot"),
    *("two_buns", "plait", "two_plaits", "updo", "cornrows", "box_braids", "locs"),
)
#: Those that make plaits or locs of all hair: it shows no curl.
BRAIDED = ("locs", "box_braids", "cornrows")
_SHARE, _SIDED = (0.0, 1.0), (-1.0, 1.0)
#: What each number of a groom may be.
BOUNDS: dict[str, tuple[float, float]] = {
    "hairline_mm": (-25.0, 45.0),
    **dict.fromkeys(("recession", "crown_thinning", "density", "layers", "parted", "stand", "edge"), _SHARE),
    **dict.fromkeys(("clump", "frizz", "curl_start"), _SHARE),
    **dict.fromkeys(("top_mm", "sides_mm", "back_mm", "fringe_mm"), (0.0, 1000.0)),
    **dict.fromkeys(("part", "sweep_back", "sweep_side", "fringe_sweep", "tips"), _SIDED),
    "lift_mm": (0.0, 60.0),
    "curl_radius_mm": (0.0, 40.0),
    "curl_pitch_mm": (0.0, 400.0),
    "gather_mm": (0.0, 40.0),
    "bulge": (-80.0, 120.0),
    "hairline": (-25.0, 60.0),
}
#: Settings that are several numbers or none, and how many.
SERIES = {"bulge": BULGE_GRID[0] * BULGE_GRID[1], "hairline": len(HAIRLINE_DEG)}
#: Spread of the log of lengths, and of other settings, of a groom that is varied; of the hairline, mm, and its bounds.
LENGTH_SD, OTHER_SD, HAIRLINE_SD_MM, HAIRLINE_MM = 0.15, 0.12, 4.0, (-10.0, 10.0)


def check_groom(groom: Groom, source: str = "this groom") -> None:
    """Raise FaceGPTError for a number outside BOUNDS, an unknown way of gathering, or a bulge of another length."""
    for field in fields(groom):
        value = getattr(groom, field.name)
        if field.name == "gather":
            if value not in GATHERS:
                raise FaceGPTError(f"'{source}': hair is not gathered by '{value}'; there are: {', '.join(GATHERS)}")
        elif field.name == "bare":
            if value is not None:
                unpacked(value, source)
        elif field.name == "seed":
            if not isinstance(value, int) or not 0 <= value < 2**31:
                raise FaceGPTError(f"'{source}': the seed of a groom is a whole number from 0 on, not {value!r}")
        else:
            _check_numbers(field.name, value if field.name in SERIES else (value,), source)


def _check_numbers(name: str, values: tuple[float, ...], source: str) -> None:
    if name in SERIES and len(values) not in (0, SERIES[name]):
        raise FaceGPTError(f"'{source}': the groom's {name} has {len(values)} numbers, expected none or {SERIES[name]}")
    low, high = BOUNDS[name]
    for value in values:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not low <= value <= high:
            raise FaceGPTError(f"'{source}': the groom's '{name}' is {value!r}; it lies in {low:g} to {high:g}")


def groom_to_json(groom: Groom) -> dict[str, Any]:
    """A groom as names with numbers, ready for json; `groom_from_json` gives the same groom again."""
    check_groom(groom)
    found = {field.name: getattr(groom, field.name) for field in fields(groom)}
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
    return told | {"bare": None if groom.bare is None else view_to_json(groom.bare)}


def groom_from_json(content: object, source: str = "this groom") -> Groom:
    """Read what `groom_to_json` wrote; what is left out has its usual value.

    Raises:
        FaceGPTError: if it holds no names with numbers, an unknown name, or a number outside BOUNDS.
    """
    if not isinstance(content, dict):
        raise FaceGPTError(f"'{source}' is damaged: the groom does not hold names with numbers")
    known = {field.name for field in fields(Groom)}
    if strange := sorted(str(key) for key in content.keys() - known):
        raise FaceGPTError(f"'{source}' is damaged or of a later version: a groom has no '{strange[0]}'")
    for name in SERIES:
        if not isinstance(content.get(name, []), list):
            raise FaceGPTError(f"'{source}' is damaged: the groom's '{name}' is no list of numbers")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
    bare = values.pop("bare", None)
    values["bare"] = None if bare is None else bare_from_json(bare, source)
    numbers: dict[str, Any] = {n: float(v) if type(v) is int and n != "seed" else v for n, v in values.items()}
    groom = Groom(**numbers)
    check_groom(groom, source)
    return groom


def varied(groom: Groom, rng: np.random.Generator, spread: float = 1.0) -> Groom:
    """A groom that no style has: lengths and all other settings moved a little, `spread` times the usual."""
    changes: dict[str, Any] = {}
    for name, (low, high) in BOUNDS.items():
        if name in (*SERIES, "density", "hairline_mm", "edge"):
            continue
        value = getattr(groom, name)
        if name.endswith("_mm"):
            changes[name] = float(np.clip(value * np.exp(rng.normal(0, spread * LENGTH_SD)), low, high))
        elif value:
            changes[name] = float(np.clip(value + rng.normal(0, spread * OTHER_SD), low, high))
    hairline = float(np.clip(rng.normal(0, spread * HAIRLINE_SD_MM), *HAIRLINE_MM))
    return replace(groom, **changes, hairline_mm=hairline, seed=int(rng.integers(999)))


def curl_of(groom: Groom) -> str:
    """Name the curl of a groom: straight, wavy, curly or coily."""
    if groom.curl_radius_mm <= 0 or groom.gather in BRAIDED:
        return "straight"
    if groom.curl_pitch_mm < 22:
        return "coily"
    return "wavy" if groom.curl_pitch_mm >= 45 else "curly"
