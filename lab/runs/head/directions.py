"""Directions of the whitened identity that have names: controls, and the axes of sex, age, heaviness and ancestry."""

from __future__ import annotations

import numpy as np

from facegpt.morphable.makehuman.controls import CONTROLS
from facegpt.morphable.measure import MEASURES, Landmarks
from lab.runs.head.modes import ANCESTRIES, Modes
from lab.runs.head.prior import Prior, direction, measure_jacobian
from lab.runs.head.register import Registration
from lab.runs.shared.sources import Array

MACRO_RIDGE, CONTROL_RIDGE = 0.2, 1.0
#: Heaviness: the full face, the double chin and the thick neck of a heavy person.
HEAVY = {"head-fat-decr-incr": 1.0, "cheek-volume-decr-incr": 0.3, "neck-double-decr-incr": 0.5}


class Directions:
    """Finds directions on the prior for displacement fields of MakeHuman's head."""

    def __init__(self, prior: Prior, modes: Modes, registration: Registration, weight: Array) -> None:
        """`weight` (V,): trust in each vertex; ears, skull and neck count a little where directions are sought."""
        self.prior, self.modes, self.registration = prior, modes, registration
        self.weight = np.maximum(weight, 0.2 * (registration.seen >= 5))

    def of(self, field: Array, ridge: float) -> Array:
        """Identity (I,) that imitates a field (V, 3) in source mm."""
        return direction(self.registration.displacement(field), self.prior.basis, self.weight, ridge)

    def macro(self, name: str) -> Array:
        """Identity (I,) of a whole macro."""
        return self.of(self.modes.macro[name], MACRO_RIDGE)

    def controls(self, landmarks: Landmarks, mirror: Array) -> tuple[list[str], Array]:
        """Unit directions (K, I) of morphable/makehuman/controls.py's vocabulary."""
        basis = self.prior.basis
        _, jacobian = measure_jacobian(landmarks, self.prior.mean, basis)
        even = (basis * basis[:, mirror] * [-1, 1, 1]).sum((1, 2)) > 0  # measures of one side stand for both
        find = {
            "measure": lambda name: (jacobian * even)[MEASURES.index(name)],
            "target": lambda name: self.of(self.modes.regional[name], CONTROL_RIDGE),
            "macro": self.macro,
        }
        rows = [find[kind](name) for kind, name in (source.split(":") for source, _ in CONTROLS.values())]
        return list(CONTROLS), np.stack([row / np.linalg.norm(row) for row in rows])

    def attributes(self) -> dict[str, Array]:
        """Arrays of morphable/makehuman/attributes.py: male (I,), age and heavy (unit), child; ancestry (3, I)."""
        old, child = self.macro("old"), self.macro("child")
        heavy = self.of(sum(share * self.modes.regional[n] for n, share in HEAVY.items()), CONTROL_RIDGE)
        # Ageing and growing heavier are read with the sex held fixed.
        sex = self.prior.male / np.linalg.norm(self.prior.male)
        age = _unit(old - (old @ sex) * sex)
        heavy = heavy - (heavy @ sex) * sex
        print(f"attributes: MakeHuman's old head is {old @ age:.1f} SD away, its child {np.linalg.norm(child):.1f} SD")
        return {
            "male": self.prior.male,
            "age": age,
            "heavy": _unit(heavy - (heavy @ age) * age),
            "child": child,
            "ancestry": np.stack([self.macro(name) for name in ANCESTRIES]),
        }


def _unit(vector: Array) -> Array:
    return vector / np.linalg.norm(vector)
