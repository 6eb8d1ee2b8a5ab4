"""Emotions as expressions: name → action units (emotions.csv) → ARKit blendshapes, in the way of one person.

Which units belong to an emotion, and how many people show the optional ones, is published (sources: emotions.csv).
describe/emotions.py goes the other way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_blendshapes import LOWERED_WHILE_RAISED, STRONG, UNIT_BLENDSHAPES, WIDE_WHILE_TIGHT
from facegpt.describe.emotion_prototypes import cosine_margin, is_most_like
from facegpt.describe.emotion_units import NEUTRAL, Unit, emotion_names, emotion_units
from facegpt.types import Array, FaceGPTError

#: Weights grow with intensity 0..1 by this power: "slightly" (0.35) is seen, "very" (1) is full.
INTENSITY_POWER = 0.75
STRONG_FROM, BARED = 0.72, 0.3
#: These take what is strong in from here on: their units alone are hardly seen on a face that smiled in its photo.
#: Wrinkled noses narrow the eyes and lift the upper lip (AU 9: Ekman, Friesen and Hager 2002).
FAINT_UNTIL = {"anger": 0.25, "disgust": 0.25, "sadness": 0.25}
#: Share of what is strong up to which a face takes the first way: teeth bared by half look like a smile.
HALF_BARED = 0.75
#: A drawn face is more like its own emotion's typical one than like any other by this (cosine); tries to find one.
APART, DRAWS = 0.012, 60
#: A smile is full from this weight on, and what goes with it then (AU 25, 26, 10 and 6 beside 12: Ekman, Davidson and
#: Friesen 1990).
FULL_SMILE = 0.85
BARES = {"jawOpen": 0.16, "mouthUpperUp*": 0.4, "mouthLowerDown*": 0.25, "cheekSquint*": 0.6, "mouthStretch*": 0.2}
#: Movements of one side that pull against each other (frontalis and corrugator, zygomatic and depressor muscles), the
#: difference of the sides from which words ask for one of them, and how far both inner brows go up with one outer one.
OPPOSED = (("browOuterUp", "browDown"), ("mouthSmile", "mouthFrown"), ("eyeWide", "eyeSquint"))
ONE_SIDED, INNER_BESIDE_ONE = 0.3, 0.15
#: A plain movement of one side, and how far it goes at least beside a feeling, which moves the other side as well.
PLAIN, SEEN_ALONE = 0.55, 0.95
#: Spread between people: of each unit's strength, and between the sides of a face.
STRENGTH_SD, SIDE_SD = 0.08, 0.05


def emotion_expression(name: str, intensity: float = 0.7, seed: int | None = None) -> Array:
    """The expression (E,) of an emotion, weights 0..1 in the order of ARKIT_NAMES.

    Args:
        name: one of `emotion_names()`, or "neutral".
        intensity: 0..1; slightly 0.35, plain 0.7, very 1.
        seed: a person: draws the optional units by the share of people who show them, and natural differences of
            strength and side. None gives the typical face: optional units as strong as their share.

    Raises:
        FaceGPTError: for another name.
    """
    if name == NEUTRAL:
        return np.zeros(len(ARKIT_NAMES))
    if name not in emotion_units():
        raise FaceGPTError(f"there is no emotion '{name}'; there are: {', '.join(emotion_names())}, {NEUTRAL}")
    rng = None if seed is None else np.random.default_rng(seed)
    share = float(np.clip(intensity, 0, 1)) ** INTENSITY_POWER
    begins = FAINT_UNTIL.get(name, STRONG_FROM)
    more = float(np.clip((intensity - begins) / (1 - begins), 0, 1))
    return _drawn(name, share, more, rng)


def _typical(name: str) -> Array:
    """An emotion at full strength (E,) with optional units in the measure in which people show them."""
    return _combined([(unit, unit.strength * unit.share) for unit in emotion_units()[name]])


def _drawn(name: str, share: float, more: float, rng: np.random.Generator | None) -> Array:
    """Draw one person's way (E,) of showing an emotion; without dice the typical one.

    share: of the full weights. more: 0..1 of what a strong emotion adds, less where it would look like another one.
    """
    if rng is None:
        return _strengthened(share * _typical(name), name, more, 0)
    for _ in range(DRAWS):
        weights = _combined([(unit, _strength(unit, rng)) for unit in emotion_units()[name]])
        weights = np.clip(share * weights * (1 + SIDE_SD * rng.standard_normal(len(weights))), 0, 1)
        if cosine_margin(weights, name) > APART:
            return _strengthened(weights, name, more, int(rng.integers(12)))
    return _strengthened(share * _typical(name), name, more, 0)


def _strengthened(weights: Array, name: str, more: float, way: int) -> Array:
    """Add what a strong emotion adds (see STRONG) to weights (E,)."""
    ways = STRONG.get(name, ({},))
    if weights[ARKIT_NAMES.index("mouthUpperUpLeft")] > BARED:  # a lip that is up already is not pressed
        ways = tuple(each for each in ways if "mouthUpperUp*" in each) or ways
    elif more < HALF_BARED:
        ways = ways[:1]
    full = np.zeros(len(ARKIT_NAMES))
    for stem, weight in ways[way % len(ways)].items():
        full[[k for k, n in enumerate(ARKIT_NAMES) if n in _sided(stem, ("Left", "Right"))]] = weight
    for part in (1.0, 0.75, 0.5, 0.25):
        shown = weights + more * part * np.maximum(full - weights, 0)
        if more == 0 or cosine_margin(shown, name) > APART:
            return shown
    return weights


def beside_emotion(expression: Array, named: Array, weights: Array, name: str) -> Array:
    """Lay weights that words name over the face of an emotion (E,) so that the emotion is still what is seen.

    Movements that belong to other feelings are toned down, to half at most, until the face is more like the typical one
    of its own emotion than like any other; if that does not help they stay as strong as they were named.

    Args:
        expression: (E,) of the emotion.
        named: (E,) which weights the words name.
        weights: (E,) those weights.
        name: of the emotion.
    """
    asked, one_sided = np.clip(weights, 0, 1), _one_sided(named, weights)
    if one_sided.any():
        asked = np.where(one_sided & (asked >= PLAIN), np.maximum(asked, SEEN_ALONE), asked)
        expression = _yielding(expression, np.where(one_sided, asked, 0.0), np.asarray(named, bool))
    shown = _toned_down(expression, np.asarray(named, bool) & ~one_sided, asked, name)
    return np.where(one_sided, asked, shown)


def _toned_down(expression: Array, named: NDArray[np.bool_], asked: Array, name: str) -> Array:
    """The face of an emotion (E,) with the named weights over it, as strong as it still is the face of that emotion."""
    for share in (1.0, 0.8, 0.65, 0.55):
        stronger = np.clip(expression * (1 + 0.5 * (1 - share)), 0, 1)
        shown = np.where(named, np.where(asked > stronger, np.maximum(asked * share, stronger), asked), stronger)
        if is_most_like(shown, name):
            return shown
    return np.where(named, asked, expression)


def _one_sided(named: Array, weights: Array) -> NDArray[np.bool_]:
    """(E,) True for the units of both sides of a movement that words ask of one: that one half of a face does it."""
    of = dict(zip(ARKIT_NAMES, np.where(named, weights, 0.0), strict=True))
    alone = {n for n in of if n.endswith("Left") and abs(of[n] - of.get(f"{n[:-4]}Right", of[n])) > ONE_SIDED}
    alone |= {f"{n[:-4]}Right" for n in alone}
    return np.array([n in alone and bool(is_named) for n, is_named in zip(ARKIT_NAMES, named, strict=True)])


def _yielding(expression: Array, asked: Array, named: Array) -> Array:
    """An expression (E,) whose units give way, on its side, to those that words ask for and that pull the other way."""
    of, wish = (dict(zip(ARKIT_NAMES, map(float, values), strict=True)) for values in (expression, asked))
    said = {n for n, is_named in zip(ARKIT_NAMES, named, strict=True) if is_named}
    for one, other in (*OPPOSED, *(pair[::-1] for pair in OPPOSED)):
        for side in ("Left", "Right"):
            if f"{other}{side}" not in said:
                of[f"{other}{side}"] *= 1 - wish.get(f"{one}{side}", 0.0)
    if max(wish["browOuterUpLeft"], wish["browOuterUpRight"]) > 0 and "browInnerUp" not in said:
        of["browInnerUp"] = min(of["browInnerUp"], INNER_BESIDE_ONE)  # both inner ends raised look worried
    return np.array(list(of.values()))


def with_full_smile(expression: Array, named: Array) -> Array:
    """An expression (E,) whose full smile, where words name one, bares teeth and lifts the cheeks, as full smiles do.

    named: (E,) which weights the words name; where they name another movement of lips or jaw, that is the mouth.
    """
    of = dict(zip(ARKIT_NAMES, np.asarray(expression, float), strict=True))
    said = {n for n, is_named in zip(ARKIT_NAMES, named, strict=True) if is_named and n.startswith(("mouth", "jaw"))}
    smiles = {"mouthSmileLeft", "mouthSmileRight"}
    if said != smiles or min(of[n] for n in smiles) < FULL_SMILE:
        return np.asarray(expression)
    for name, weight in BARES.items():
        of |= {side: max(of[side], weight) for side in _sided(name, ("Left", "Right"))}
    return np.array(list(of.values()))


def _combined(shown: list[tuple[Unit, float]]) -> Array:
    """Put units with their strengths together into blendshapes (E,)."""
    weights = dict.fromkeys(ARKIT_NAMES, 0.0)
    raised = any(unit.number == 1 and strength > 0.3 for unit, strength in shown)
    tight = any(unit.number == 7 and strength > 0.5 for unit, strength in shown)
    for unit, strength in shown:
        if unit.number == 4 and raised:
            strength *= LOWERED_WHILE_RAISED
        if unit.number == 5 and tight:
            strength *= WIDE_WHILE_TIGHT
        for shape, full in _shapes(unit).items():
            # Units that move the same blendshape (25 and 26) do not add up.
            weights[shape] = max(weights[shape], full * strength)
    return np.array(list(weights.values()))


def _strength(unit: Unit, rng: np.random.Generator) -> float:
    """Draw how strongly one person shows a unit: 0 where not at all."""
    there = rng.random() < unit.share
    return unit.strength * float(np.clip(1 + STRENGTH_SD * rng.standard_normal(), 0.7, 1.2)) * there


def _shapes(unit: Unit) -> dict[str, float]:
    sides = {"L": ("Left",), "R": ("Right",), "": ("Left", "Right")}[unit.side]
    shapes = UNIT_BLENDSHAPES[unit.number].items()
    return {name: weight for shape, weight in shapes for name in _sided(shape, sides)}


def _sided(shape: str, sides: tuple[str, ...]) -> tuple[str, ...]:
    """The blendshapes that a name with "*" stands for."""
    return tuple(shape.replace("*", side) for side in sides) if "*" in shape else (shape,)
