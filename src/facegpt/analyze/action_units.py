"""Action units of the Facial Action Coding System (Ekman, Friesen and Hager 2002) by the 52 ARKit weights."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache

from facegpt.assets import asset_path

TABLE = "tables/arkit_to_au.csv"
#: Lips part (25) before the jaw drops (26): from this weight of jawOpen on they are fully apart. It is stretched (27)
#: beyond that one.
PARTED, STRETCHED = 0.25, 0.7


def action_units(blendshapes: Mapping[str, float]) -> dict[str, float]:
    """How strongly each action unit shows: 'AU12' → 0..1, of units with two sides the stronger one.

    25, 26 and 27 are degrees of one opening. A photo cannot tell a blink (45) from closed eyes (43): both are how far
    the wider eye is closed; 46 is how much further the other one is (a wink). 61 to 64 are turns of the eyes to the
    subject's left, to its right, up and down.

    Args:
        blendshapes: ARKIT name → weight 0..1.
    """
    found: dict[str, float] = {}
    for name, unit in units_of().items():
        found[unit] = max(found.get(unit, 0.0), float(blendshapes[name]))
    jaw = max(blendshapes["jawOpen"] - blendshapes["mouthClose"], 0.0)
    found["AU25"] = min(jaw / PARTED, 1.0)
    found["AU27"] = min(max(jaw - STRETCHED, 0.0) / (1 - STRETCHED), 1.0)
    lids = blendshapes["eyeBlinkLeft"], blendshapes["eyeBlinkRight"]
    found |= {"AU43": min(lids), "AU45": min(lids), "AU46": max(lids) - min(lids)}
    return dict(sorted(found.items(), key=lambda item: int(item[0][2:])))


def sided_units(blendshapes: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """The units that have two sides: 'AU12' → {"left": 0..1, "right": 0..1}, the subject's."""
    found: dict[str, dict[str, float]] = {}
    for name, unit in units_of().items():
        side = "left" if name.endswith("Left") else "right" if name.endswith("Right") else ""
        if side and not name.startswith(("jaw", "eyeLook")):
            found.setdefault(unit, {})[side] = float(blendshapes[name])
    return {unit: sides for unit, sides in found.items() if len(sides) == 2}


@lru_cache(maxsize=1)
def units_of() -> dict[str, str]:
    """ARKIT name → 'AU12', of the names that stand for one unit."""
    with asset_path(TABLE).open(newline="", encoding="utf-8") as file:
        return {row["arkit_name"]: f"AU{row['action_unit']}" for row in csv.DictReader(file) if row["action_unit"]}
