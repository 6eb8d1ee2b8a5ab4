"""What is true of the person of a stratum, beside plain ones: strong expressions and the proportions of children.

Lengths in mm, ICT's head frame (ict_person.py).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.types import Array
from facegpt_lab.synthesis.studio.ict_person import IctPerson

#: Strong expressions: units of ARKIT or of ICT at full strength, "*" for both sides.
_ACTS = (
    {"jawOpen": 1.0, "browInnerUp*": 0.8, "eyeWide*": 0.9, "mouthStretch*": 0.4},
    {"cheekPuff*": 1.0, "mouthPress*": 0.5, "browOuterUp*": 0.5},
    {"mouthPucker": 1.0, "eyeSquint*": 0.5, "mouthFunnel": 0.3},
    {"mouthSmile*": 1.0, "mouthUpperUp*": 0.6, "jawOpen": 0.5, "cheekSquint*": 1.0, "eyeSquint*": 0.8},
    {"noseSneer*": 1.0, "mouthUpperUp*": 0.8, "browDown*": 1.0, "mouthFrown*": 0.6, "eyeSquint*": 0.5},
    {"jawLeft": 0.9, "mouthLeft": 0.9, "mouthSmileLeft": 0.8, "eyeBlinkLeft": 1.0, "browOuterUpRight": 0.9},
    {"mouthFrown*": 1.0, "mouthShrugLower": 1.0, "browInnerUp*": 1.0, "eyeBlink*": 0.5},
)
#: Where the strain of growth has its middle, between the ears; how strong it is undone, from school to nursery age.
_MIDDLE, _STRAIN = np.array([0.0, 20.0, 10.0]), (0.1, 0.3)


def strong_expression(rng: np.random.Generator) -> dict[str, float]:
    """Draw one strong expression: weights by ICT's names."""
    act, strength = _ACTS[rng.integers(len(_ACTS))], rng.uniform(0.75, 1.0)
    weights: dict[str, float] = {}
    for name, value in act.items():
        sides = [name.replace("*", side) for side in ("Left", "Right")] if name.endswith("*") else [name]
        weights |= {side: value * strength for side in sides}
    return weights


def as_child(person: IctPerson, rng: np.random.Generator) -> IctPerson:
    """The same person with a child's proportions: the growth of a face, a cardioidal strain, is undone.

    Growth lengthens the radius R from the middle of the head at the angle t from the crown to R (1 + k (1 - cos t))
    (Todd, Mark, Shaw and Pittenger 1980). ICT has no children: these have the proportions and none of a child's
    skin, soft tissue or teeth.
    """
    strain = rng.uniform(*_STRAIN)

    def younger(points: Array) -> Array:
        offset = points - _MIDDLE
        cosine = offset[:, 1] / np.maximum(np.linalg.norm(offset, axis=1), 1e-9)
        return _MIDDLE + offset / (1 + strain * (1 - cosine))[:, None]

    return replace(
        person,
        vertices=younger(person.vertices),
        neutral=younger(person.neutral),
        landmarks68=younger(person.landmarks68),
    )
