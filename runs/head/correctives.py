"""Corrective shapes: what is added to the sum of two units where the sum is bad, by the product of their weights.

vertices = mean + Σ w_i unit_i + Σ w_i w_j corrective_ij. A closed lid stays closed whatever else the eye does: each
corrective takes away from the other unit what it does to the lids. They are sparse, and left and right mirror.
"""

from __future__ import annotations

import numpy as np
from expressions import smooth_step
from follow import Follow
from parts import EYE_RADIUS_MM
from rest import Rest
from sources import Array

from facegpt.conventions import ARKIT_NAMES

#: Units that a blink overrules, and how far from the eyeball's surface (mm) it does so fully and not at all.
OVERRULED = {
    "eyeLookDown": (14.0, 22.0),
    "eyeLookUp": (14.0, 22.0),
    "eyeWide": (14.0, 22.0),
    "eyeSquint": (3.0, 12.0),
    "cheekSquint": (2.0, 16.0),
}
#: Displacements below this are left out, mm.
LEAST_MM = 0.02


def lids_overruled(unit: Array, side: int, reach: tuple[float, float], follow: Follow, rest: Rest) -> Array:
    """What takes away a unit's motion (V, 3) around the eye of one side."""
    distance = np.linalg.norm(rest.mean - rest.eye_centres[side], axis=1) - EYE_RADIUS_MM
    return -unit * (1 - smooth_step(distance, *reach))[:, None]


def build_correctives(units: Array, follow: Follow, rest: Rest) -> dict[tuple[str, str], Array]:
    """Make all corrective shapes from the units (52, V, 3): pair of units → (V, 3) mm at weights 1 and 1."""
    found = {}
    for stem, reach in OVERRULED.items():
        for side, suffix in enumerate(("Left", "Right")):
            unit = units[ARKIT_NAMES.index(stem + suffix)]
            found[f"eyeBlink{suffix}", stem + suffix] = lids_overruled(unit, side, reach, follow, rest)
    return {pair: np.where(np.abs(shape) < LEAST_MM, 0, shape) for pair, shape in found.items()}


def corrective_arrays(correctives: dict[tuple[str, str], Array], step_mm: float) -> dict[str, np.ndarray]:
    """Arrays of the asset: `corrective_units` (K, 2) rows of ARKIT_NAMES, and the moved vertices of all, end to end.

    Vertices `corrective_vertices` (M,) of corrective `corrective_of` (M,) move by `corrective_shift` (M, 3) steps.
    """
    pairs = list(correctives)
    owner, vertex, shift = [], [], []
    for k, pair in enumerate(pairs):
        steps = np.round(correctives[pair] / step_mm).astype(np.int16)
        moved = np.flatnonzero(steps.any(1))
        owner.append(np.full(len(moved), k))
        vertex.append(moved)
        shift.append(steps[moved])
    return {
        "corrective_units": np.array([[ARKIT_NAMES.index(n) for n in pair] for pair in pairs], np.uint8),
        "corrective_of": np.concatenate(owner).astype(np.uint8),
        "corrective_vertices": np.concatenate(vertex).astype(np.uint16),
        "corrective_shift": np.concatenate(shift),
    }
