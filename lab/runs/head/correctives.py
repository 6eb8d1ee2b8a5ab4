"""Corrective shapes: what is added to the sum of two units where the sum is bad, by the product of their weights.

vertices = mean + Σ w_i unit_i + Σ w_i w_j corrective_ij. A closed lid stays closed whatever else the eye does: each
corrective takes away from the other unit what it does to the lids. They are sparse, and left and right mirror.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from lab.runs.head.expressions import Sources, build_units, smooth_step
from lab.runs.head.follow import Follow
from lab.runs.head.parts import EYE_RADIUS_MM
from lab.runs.head.prior import Prior
from lab.runs.head.register import Registration
from lab.runs.head.rest import Rest, settled
from lab.runs.head.template import Template
from lab.runs.shared.sources import Array, IctHead

#: Units that a blink overrules, and how far from the eyeball's surface (mm) it does so fully and not at all.
OVERRULED = {
    "eyeLookDown": (14.0, 22.0),
    "eyeLookUp": (14.0, 22.0),
    "eyeWide": (14.0, 22.0),
    "eyeSquint": (3.0, 12.0),
    "cheekSquint": (2.0, 16.0),
}
#: Units that differ between people: lids keep their distance from the eyeball, wholly up to the first distance (mm),
#: not at all beyond the second.
OWN_UNITS = ("eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight")
OWN_LID_MM = (3.0, 7.0)
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


def own_lids(name: str, unit: Array, basis: Array, follow: Follow, rest: Rest) -> Array:
    """What a unit needs more or less for each identity component (I, V, 3) mm at the lids.

    In a blink the lids meet though the eye is higher or lower, and lowered lids are as thick in front of every eyeball.
    """
    side = 0 if name.endswith("Left") else 1
    seam, centre = rest.lids[side], rest.eye_centres[side]
    own = np.zeros_like(basis)
    if name.startswith("eyeBlink"):
        own += np.stack([seam.closing(seam.opening(field) * [0, 1, 0]) for field in basis])
    skin = np.unique(follow.template.skin_quads)
    arm = rest.mean[skin] + unit[skin] - centre
    reach = np.linalg.norm(arm, axis=1)
    near = (arm[:, 2] > 0) & (reach < EYE_RADIUS_MM + OWN_LID_MM[1]) & (np.linalg.norm(unit[skin], axis=1) > LEAST_MM)
    ids, out = skin[near], arm[near] / reach[near, None]
    shift = basis[:, follow.template.eye[side]].mean(1)
    inwards = np.einsum("kvi,vi->kv", basis[:, ids] + own[:, ids] - shift[:, None], out)
    fade = 1 - smooth_step(reach[near] - EYE_RADIUS_MM, *OWN_LID_MM)
    fade *= smooth_step(np.linalg.norm(unit[ids], axis=1), 0, 3)
    own[:, ids] -= (inwards * fade)[..., None] * out
    own[:, follow.lashes] = own[:, follow.lash_root]
    return own


def all_own_lids(units: Array, basis: Array, follow: Follow, rest: Rest) -> tuple[Array, Array]:
    """The person's own part of OWN_UNITS: vertices (Q, N) and motion (Q, I, N, 3) mm."""
    fields = np.stack([own_lids(name, units[ARKIT_NAMES.index(name)], basis, follow, rest) for name in OWN_UNITS])
    mirror = follow.template.mirror
    moved = np.abs(fields).max((1, 3)) > LEAST_MM
    left = np.flatnonzero(moved[0::2].any(0) | moved[1::2].any(0)[mirror])
    places = np.stack([left if name.endswith("Left") else mirror[left] for name in OWN_UNITS])
    return places, np.stack([field[:, ids] for field, ids in zip(fields, places, strict=True)])


@dataclass(frozen=True)
class Expressions:
    """All that moves a face: units (52, V, 3) mm, correctives by pair of units, and what is a person's own."""

    units: Array
    correctives: dict[tuple[str, str], Array]
    own_vertices: Array
    own_shapes: Array

    def arrays(self, step_mm: float) -> dict[str, np.ndarray]:
        """Arrays of the asset: see facegpt.morphable.makehuman.correctives."""
        pairs = list(self.correctives)
        owner, vertex, shift = [], [], []
        for k, pair in enumerate(pairs):
            steps = np.round(self.correctives[pair] / step_mm).astype(np.int16)
            moved = np.flatnonzero(steps.any(1))
            owner.append(np.full(len(moved), k))
            vertex.append(moved)
            shift.append(steps[moved])
        rows = [[ARKIT_NAMES.index(name) for name in pair] for pair in pairs]
        return {
            "expression_basis": np.round(self.units / step_mm).astype(np.int16),
            "corrective_units": np.array(rows, np.uint8),
            "corrective_of": np.concatenate(owner).astype(np.uint8),
            "corrective_vertices": np.concatenate(vertex).astype(np.uint16),
            "corrective_shift": np.concatenate(shift),
            "own_units": np.array([ARKIT_NAMES.index(name) for name in OWN_UNITS], np.uint8),
            "own_vertices": self.own_vertices.astype(np.uint16),
            "own_shift": np.round(self.own_shapes / step_mm).astype(np.int16),
        }


def build_expressions(
    sources: Sources, template: Template, registration: Registration, rest: Rest, prior: Prior, ict: IctHead
) -> Expressions:
    """Make the units and all correctives for the calibrated mean of the prior and its people."""
    final = settled(rest, prior.mean, template)
    follow = Follow(template, final.mean, registration.seen >= 3, final.eye_centres)
    units = build_units(sources, follow, final, registration, ict)
    return Expressions(units, build_correctives(units, follow, final), *all_own_lids(units, prior.basis, follow, final))
