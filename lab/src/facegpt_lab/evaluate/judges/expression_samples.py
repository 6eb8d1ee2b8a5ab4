"""Expressions to test a head with: units, pairs of units, and everyday faces drawn from what a detector saw."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array
from facegpt_lab.evaluate.registry import optional_data

#: Units that only mean something with another: mouthClose shuts an open jaw, the tongue comes out of an open mouth.
NEEDS = {"mouthClose": {"jawOpen": 1.0}, "tongueOut": {"jawOpen": 0.5}}
#: Units that pull the same thing to opposite sides.
OPPOSITE = {
    frozenset(pair)
    for pair in (
        *(("jawLeft", "jawRight"), ("mouthLeft", "mouthRight"), ("eyeLookUp", "eyeLookDown")),
        *(("eyeLookIn", "eyeLookOut"), ("eyeLookUp", "eyeBlink"), ("tongueOut", "mouthClose")),
    )
}
#: Units that the detector never reports; everyday faces get a little of them at random.
_UNSEEN = ("cheekPuff", "cheekSquint", "noseSneer", "jawForward", "tongueOut")


@dataclass(frozen=True)
class Sample:
    """A named expression: weights (52,) in the order of ARKIT_NAMES."""

    name: str
    weights: Array


def expression(weights: dict[str, float]) -> Array:
    """Weights (52,) of {"mouthSmile": 1, "jawOpen": 0.4}; a name without its side means both."""
    values = np.zeros(len(ARKIT_NAMES), np.float32)
    for name, weight in weights.items():
        sides = [name] if name in ARKIT_NAMES else [f"{name}Left", f"{name}Right"]
        for side in sides:
            values[ARKIT_NAMES.index(side)] = weight
    return values


def stems() -> list[str]:
    """The units with left and right taken together (jaw and mouth moved sideways stay apart)."""
    found = []
    for name in ARKIT_NAMES:
        bare = name.removesuffix("Left").removesuffix("Right")
        found.append(name if bare in ("jaw", "mouth") else bare)
    return list(dict.fromkeys(found))


def units() -> list[Sample]:
    """Every unit at weight 1, alone (with what it needs)."""
    return [Sample(name, expression({**NEEDS.get(name, {}), name: 1.0})) for name in ARKIT_NAMES]


def pairs() -> list[Sample]:
    """Every two units that do not pull to opposite sides, both at weight 1 on both sides of the face."""
    found = []
    for one, other in combinations(stems(), 2):
        if frozenset((one, other)) not in OPPOSITE:
            weights = {**NEEDS.get(one, {}), **NEEDS.get(other, {}), one: 1.0, other: 1.0}
            found.append(Sample(f"{one} + {other}", expression(weights)))
    return found


def closed_eyes() -> list[Sample]:
    """A blink alone and with whatever else moves the lids."""
    found = [Sample("eyeBlink", expression({"eyeBlink": 1.0}))]
    for other in ("eyeSquint", "eyeWide", "eyeLookDown", "eyeLookUp", "cheekSquint", "browInnerUp", "mouthSmile"):
        found.append(Sample(f"eyeBlink + {other}", expression({"eyeBlink": 1.0, other: 1.0})))
    return found


def everyday(count: int, seed: int = 5) -> list[Sample]:
    """Draw expressions a detector saw in photos: some as they are, some stronger, some mixed from two, some with more.

    Raises:
        FaceGPTError: without the optional data.
    """
    rng = np.random.default_rng(seed)
    seen = np.concatenate([_scores(folder) for folder in ("photos", "portraits")])
    found = []
    for k in range(count):
        one, other = seen[rng.integers(len(seen), size=2)]
        share = rng.beta(0.5, 0.5)
        weights = (share * one + (1 - share) * other) * rng.uniform(0.8, 1.4)
        weights[ARKIT_NAMES.index("jawOpen")] += rng.choice([0.0, rng.uniform(0, 0.8)], p=[0.6, 0.4])
        weights = np.clip(weights + _unseen(rng), 0, 1).astype(np.float32)
        found.append(Sample(f"everyday {k}", weights))
    return found


def _unseen(rng: np.random.Generator) -> Array:
    name = rng.choice(_UNSEEN)
    return (
        expression({name: rng.uniform(0, 0.8), **NEEDS.get(str(name), {})}) if rng.random() < 0.25 else expression({})
    )


def _scores(folder: str) -> Array:
    """Scores (N, 52) of the pictures of one folder, in the order of ARKIT_NAMES."""
    with np.load(optional_data() / folder / "landmarks.npz", allow_pickle=False) as data:
        names = [str(n) for n in data["blendshape_names"]]
        table = data["blendshapes"]
    columns = [names.index(n) if n in names else -1 for n in ARKIT_NAMES]
    return np.where(np.array(columns) >= 0, table[:, columns], 0.0).astype(np.float32)
