"""Directions of the whitened identity that have names: controls, and the axes of sex, age and heaviness."""

from __future__ import annotations

import numpy as np
from modes import Modes
from prior import Prior, direction, measure_jacobian
from register import Registration
from sources import Array

from facegpt.morphable.controls import CONTROLS
from facegpt.morphable.measure import MEASURES, Landmarks

AGE_RIDGE, CONTROL_RIDGE = 4.0, 1.0
#: Heaviness: the full face, the double chin and the thick neck of a heavy person.
HEAVY = {"head-fat-decr-incr": 1.0, "cheek-volume-decr-incr": 0.3, "neck-double-decr-incr": 0.5}


def control_directions(
    prior: Prior, landmarks: Landmarks, modes: Modes, registration: Registration, weight: Array, mirror: Array
) -> tuple[list[str], Array]:
    """Unit directions (K, I) of morphable/controls.py's vocabulary."""
    _, jacobian = measure_jacobian(landmarks, prior.mean, prior.basis)
    reflected = prior.basis[:, mirror] * [-1, 1, 1]
    even = (prior.basis * reflected).sum((1, 2)) > 0  # measures of one side (an ear) stand for both
    jacobian = jacobian * even
    everywhere = np.maximum(weight, 0.2 * (registration.seen >= 5))
    rows = []
    for source, _ in CONTROLS.values():
        kind, name = source.split(":")
        if kind == "measure":
            row = jacobian[MEASURES.index(name)]
        else:
            row = direction(registration.displacement(modes.regional[name]), prior.basis, everywhere, CONTROL_RIDGE)
        rows.append(row / np.linalg.norm(row))
    return list(CONTROLS), np.stack(rows)


def attribute_directions(prior: Prior, modes: Modes, registration: Registration, weight: Array) -> dict[str, Array]:
    """Arrays of morphable/attributes.py: male (I,), age and heavy (unit directions), child step."""
    old = direction(registration.displacement(modes.macro["old"]), prior.basis, weight, AGE_RIDGE)
    young = direction(registration.displacement(modes.macro["child"]), prior.basis, weight, CONTROL_RIDGE)
    full = sum(share * registration.displacement(modes.regional[n]) for n, share in HEAVY.items())
    heavy = direction(full, prior.basis, weight, CONTROL_RIDGE)
    # Ageing and growing heavier are read with the sex held fixed.
    sex = prior.male / np.linalg.norm(prior.male)
    old, heavy = old - (old @ sex) * sex, heavy - (heavy @ sex) * sex
    age = old / np.linalg.norm(old)
    heavy = heavy - (heavy @ age) * age
    print(f"attributes: from young to old is {np.linalg.norm(old):.1f} SD, to a child {np.linalg.norm(young):.1f} SD")
    return {
        "male": prior.male,
        "age": age,
        "heavy": heavy / np.linalg.norm(heavy),
        "child": young,
    }
