"""Expressions and gazes for synthetic pictures: those of real portraits, and what these lack.

The asset `studio_expressions.npz` holds a Gaussian copula of MediaPipe's scores on the training half of portraits and
photos: quantiles of each unit and the correlation of their normal scores. Built by lab/runs/studio/expressions.py.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from facegpt.conventions import ARKIT_NAMES
from facegpt.types import Array
from facegpt_lab.assets import load_arrays

ASSET = "studio_expressions.npz"
INDEX = {name: k for k, name in enumerate(ARKIT_NAMES)}
#: Units that MediaPipe scores near 0 on every face: drawn apart.
UNSEEN = ("cheekPuff", "cheekSquint", "noseSneer", "jawForward", "tongueOut")


def _stems() -> dict[str, tuple[int, ...]]:
    """The rows of each movement by its name without the side; jawLeft and mouthLeft are movements of their own."""
    found: dict[str, tuple[int, ...]] = {}
    for row, name in enumerate(ARKIT_NAMES):
        own = name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
        stem = name if own else name.removesuffix("Left").removesuffix("Right")
        found[stem] = (*found.get(stem, ()), row)
    return found


#: Rows of each movement, both sides together.
STEMS = _stems()
#: Shapes of the mouth while talking: jawOpen and others, full weight.
TALKING: tuple[dict[str, float], ...] = (
    {"jawOpen": 0.45},
    {"jawOpen": 0.2, "mouthFunnel": 0.6},
    {"mouthPucker": 0.8},
    {"jawOpen": 0.15, "mouthClose": 0.13},
    {"mouthRollLower": 0.5, "mouthRollUpper": 0.4},
    {"jawOpen": 0.25, "mouthStretchLeft": 0.5, "mouthStretchRight": 0.5},
    {"mouthLowerDownLeft": 0.6, "mouthLowerDownRight": 0.6, "jawOpen": 0.1},
    {"mouthShrugUpper": 0.4, "jawOpen": 0.1},
)
#: An eyeLook* unit of 1 stands for this turn of the eyes, degrees.
LOOK_FULL_DEG = 30.0
#: Where the optical axes of eyes that look straight ahead point: outwards and up, degrees (fitting/gaze.py).
STRAIGHT_SIDE_DEG, STRAIGHT_UP_DEG = 4.5, -3.0


@lru_cache(maxsize=1)
def _copula() -> tuple[Array, Array]:
    """The quantiles (E, K) and the factor (E, E) of the correlation."""
    arrays = load_arrays(ASSET)
    return arrays["quantiles"].astype(np.float32), arrays["factor"].astype(np.float32)


def real_scores(rng: np.random.Generator) -> Array:
    """Draw scores (E,) as real portraits have them."""
    quantiles, factor = _copula()
    place = ndtr(factor @ rng.standard_normal(len(factor)).astype(np.float32)) * (quantiles.shape[1] - 1)
    low = np.minimum(place.astype(int), quantiles.shape[1] - 2)
    rows, share = np.arange(len(low)), place - low
    return quantiles[rows, low] * (1 - share) + quantiles[rows, low + 1] * share


def draw_expression(rng: np.random.Generator) -> Array:
    """Draw weights (E,) in 0..1: at rest, as in portraits, stronger, lopsided, talking, single units, blinks."""
    kind = rng.random()
    weights = np.zeros(len(ARKIT_NAMES), np.float32)
    if kind < 0.05:
        pass
    elif kind < 0.42:
        weights = real_scores(rng) * rng.uniform(0.4, 1.25)
    elif kind < 0.54:
        weights = real_scores(rng) * rng.uniform(0.3, 0.8) + real_scores(rng) * rng.uniform(0.3, 0.8)
    elif kind < 0.70:
        weights = real_scores(rng) * rng.uniform(0.1, 0.6)
        for name, value in TALKING[rng.integers(len(TALKING))].items():
            weights[INDEX[name]] = max(float(weights[INDEX[name]]), value * rng.uniform(0.4, 1.5))
    else:
        _mix_units(rng, weights)
    if rng.random() < 0.08:
        _mix_units(rng, weights)
    if rng.random() < 0.12:
        _blink(rng, weights)
    if rng.random() < 0.25:
        for stem in UNSEEN[:3]:
            weights[list(STEMS[stem])] += rng.random() * rng.uniform(0, 0.6)
    return _possible(weights)


def _mix_units(rng: np.random.Generator, weights: Array) -> None:
    """Add one to four units, mostly on both sides, up to full weight, in place."""
    if rng.random() < 0.5:
        weights += real_scores(rng) * np.float32(rng.uniform(0.1, 0.7))
    stems = list(STEMS)
    for _ in range(rng.integers(1, 5)):
        rows = STEMS[stems[rng.integers(len(stems))]]
        value = rng.random() ** 0.7
        lopsided = rng.random() < 0.25
        for row in rows:
            if not lopsided or rng.random() < 0.5:
                weights[row] = value * rng.uniform(0.8, 1.2)
    if rng.random() < 0.3:
        weights[INDEX["jawOpen"]] = rng.uniform(0.2, 1.0)


def _blink(rng: np.random.Generator, weights: Array) -> None:
    value, both = rng.uniform(0.4, 1.0), rng.random() < 0.8
    weights[INDEX["eyeBlinkLeft"]] = value
    weights[INDEX["eyeBlinkRight"]] = value if both else weights[INDEX["eyeBlinkRight"]]


def _possible(weights: Array) -> Array:
    """Keep weights in 0..1 and such that the mouth does not cross itself."""
    weights = np.clip(weights, 0.0, 1.0).astype(np.float32)
    jaw = float(weights[INDEX["jawOpen"]])
    weights[INDEX["mouthClose"]] = min(float(weights[INDEX["mouthClose"]]), 0.9 * jaw)
    weights[INDEX["tongueOut"]] *= np.float32(jaw > 0.3)
    for side in ("Left", "Right"):  # an eye is not wide open and closed at once
        weights[INDEX[f"eyeWide{side}"]] *= 1 - weights[INDEX[f"eyeBlink{side}"]]
    weights[weights < 0.004] = 0.0
    return weights


def draw_gaze(rng: np.random.Generator, expression: Array) -> Array:
    """Draw rotation vectors (2, 3) of both eyes in radians; lids follow through eyeLook* in `expression`, in place."""
    spread = 1.0 if rng.random() < 0.6 else 2.0
    side = float(np.clip(rng.normal(0, 8) * spread, -35, 35))  # towards the subject's left
    up = float(np.clip(rng.normal(0, 5) * spread, -28, 22))
    turns = np.zeros((2, 3), np.float32)
    for k, sign in enumerate((1.0, -1.0)):
        outwards = STRAIGHT_SIDE_DEG + rng.normal(0, 1.5)
        turns[k] = np.radians([-(up + STRAIGHT_UP_DEG), side + sign * outwards, 0.0])
    for name in ("In", "Out", "Up", "Down"):
        for k, eye in enumerate(("Left", "Right")):
            out = side if k == 0 else -side
            degrees = {"In": -out, "Out": out, "Up": up, "Down": -up}[name]
            follow = max(degrees, 0.0) / LOOK_FULL_DEG * rng.uniform(0.7, 1.1)
            expression[INDEX[f"eyeLook{name}{eye}"]] = min(follow, 1.0)
    return turns
