"""Emotions as expressions and back: name → action units (emotions.csv) → ARKit blendshapes.

Which units belong to an emotion, and how many people show the optional ones, is published (sources: emotions.csv).
How strongly each blendshape stands for its unit is chosen by eye on the default head, so that the face reads clearly
and stays human. Left and right are the subject's.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_prototypes import CHANNELS, cosine_margin, is_most_like
from facegpt.describe.emotion_units import NEUTRAL, Unit, emotion_names, emotion_units
from facegpt.types import Array, FaceGPTError

#: Action unit → blendshapes with their weight when the unit is fully there ("*" stands for Left and Right).
UNIT_BLENDSHAPES: dict[int, dict[str, float]] = {
    1: {"browInnerUp": 0.95},
    2: {"browOuterUp*": 0.9},
    4: {"browDown*": 1.0},
    5: {"eyeWide*": 0.9},
    6: {"cheekSquint*": 0.9, "eyeSquint*": 0.3},
    7: {"eyeSquint*": 0.85},
    9: {"noseSneer*": 0.95},
    10: {"mouthUpperUp*": 0.75},
    11: {"noseSneer*": 0.2},
    12: {"mouthSmile*": 0.95},
    14: {"mouthDimple*": 0.9},
    15: {"mouthFrown*": 0.95},
    16: {"mouthLowerDown*": 0.55},
    17: {"mouthShrugLower": 0.85, "mouthShrugUpper": 0.35},
    20: {"mouthStretch*": 0.9},
    23: {"mouthPress*": 0.6, "mouthRollLower": 0.25, "mouthRollUpper": 0.2},
    24: {"mouthPress*": 0.9},
    25: {"jawOpen": 0.14, "mouthLowerDown*": 0.2},
    26: {"jawOpen": 0.55},
}
#: Inner brows go up and both brows down at once in sadness and fear: then the lowering gives way by this factor.
LOWERED_WHILE_RAISED = 0.8
#: Lids cannot be wide and tight at once: beside a tightened lid (7) the raised one (5) gives way by this factor.
WIDE_WHILE_TIGHT = 0.7
#: The blendshape that shows each unit.
SHOWN_BY = {unit: stem if stem in ARKIT_NAMES else f"{stem}*" for units, stem in CHANNELS for unit in units}
#: Weights grow with intensity 0..1 by this power: "slightly" (0.35) is seen, "very" (1) is full.
INTENSITY_POWER = 0.75
#: What a strong emotion adds to its units, weights at full intensity; of several ways each person has one. Mouths open
#: and teeth show (anger bares or clenches them: Ekman 2003), cheeks and nose join in. It sets in above STRONG_FROM.
STRONG: dict[str, tuple[dict[str, float], ...]] = {
    "happiness": (
        {"mouthUpperUp*": 0.3, "mouthLowerDown*": 0.35, "jawOpen": 0.24, "mouthSmile*": 0.95, "cheekSquint*": 1.0}
        | {"eyeSquint*": 0.35},
        {"mouthUpperUp*": 0.25, "mouthLowerDown*": 0.45, "jawOpen": 0.45, "mouthSmile*": 0.95, "cheekSquint*": 1.0}
        | {"eyeSquint*": 0.4},
    ),
    "sadness": (
        {"browInnerUp": 1.0, "mouthFrown*": 1.0, "mouthShrugLower": 1.0, "mouthShrugUpper": 0.5, "eyeSquint*": 0.5}
        | {"cheekSquint*": 0.5, "mouthStretch*": 0.25, "browDown*": 0.9},
        {"browInnerUp": 1.0, "mouthFrown*": 1.0, "mouthShrugLower": 0.7, "eyeSquint*": 0.6, "cheekSquint*": 0.6}
        | {"mouthStretch*": 0.45, "mouthLowerDown*": 0.45, "jawOpen": 0.14, "browDown*": 0.9},
    ),
    "surprise": ({"browInnerUp": 1.0, "browOuterUp*": 1.0, "eyeWide*": 0.85, "jawOpen": 0.8, "mouthFunnel": 0.15},),
    "fear": (
        {"browInnerUp": 1.0, "eyeWide*": 1.0, "mouthStretch*": 1.0, "jawOpen": 0.62, "mouthLowerDown*": 0.4},
        {"browInnerUp": 1.0, "eyeWide*": 1.0, "mouthStretch*": 1.0, "jawOpen": 0.5, "mouthLowerDown*": 0.55}
        | {"mouthUpperUp*": 0.3},
    ),
    "anger": (
        {"mouthUpperUp*": 0.6, "mouthLowerDown*": 0.65, "mouthStretch*": 0.25, "noseSneer*": 0.5, "jawOpen": 0.14}
        | {"mouthFunnel": 0.15, "eyeSquint*": 0.9, "browDown*": 1.0},
        {"mouthPress*": 0.95, "mouthRollLower": 0.4, "mouthRollUpper": 0.35, "noseSneer*": 0.4, "jawForward": 0.4}
        | {"mouthShrugLower": 0.5, "eyeSquint*": 0.95, "browDown*": 1.0},
    ),
    "disgust": (
        {"noseSneer*": 1.0, "mouthUpperUp*": 0.6, "eyeSquint*": 0.75, "browDown*": 0.35, "cheekSquint*": 0.55}
        | {"mouthFrown*": 1.0, "mouthLowerDown*": 0.65},
    ),
    "contempt": ({"eyeBlink*": 0.2},),
    "happily surprised": ({"jawOpen": 0.65, "mouthUpperUp*": 0.25, "browInnerUp": 1.0, "browOuterUp*": 1.0},),
    "sadly fearful": ({"mouthLowerDown*": 0.45, "mouthStretch*": 1.0, "browInnerUp": 1.0, "mouthFrown*": 0.4},),
    "sadly angry": ({"mouthFrown*": 1.0, "mouthShrugLower": 0.8, "eyeSquint*": 0.7, "noseSneer*": 0.25},),
    "fearfully angry": ({"mouthLowerDown*": 0.6, "mouthUpperUp*": 0.5, "noseSneer*": 0.3, "mouthStretch*": 1.0},),
    "fearfully surprised": ({"jawOpen": 0.65, "eyeWide*": 1.0, "browInnerUp": 1.0},),
    "angrily surprised": ({"jawOpen": 0.75, "mouthUpperUp*": 0.5, "mouthLowerDown*": 0.35, "noseSneer*": 0.25},),
    "awed": ({"jawOpen": 0.55, "browInnerUp": 1.0},),
    "hatred": ({"jawForward": 0.35, "mouthUpperUp*": 0.85, "eyeSquint*": 0.8},),
    "angrily disgusted": ({"jawForward": 0.25, "mouthUpperUp*": 0.9, "noseSneer*": 0.7},),
}
STRONG_FROM, BARED = 0.72, 0.3
#: A drawn face is more like its own emotion's typical one than like any other by this (cosine); tries to find one.
APART, DRAWS = 0.012, 60
#: Spread between people: of each unit's strength, and between the sides of a face.
STRENGTH_SD, SIDE_SD = 0.08, 0.05
#: An expression with no weight above this is at rest.
AT_REST = 0.12


def emotion_expression(name: str, intensity: float = 0.7, seed: int | None = None) -> Array:
    """Give the expression (E,) of an emotion, weights 0..1 in the order of ARKIT_NAMES.

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
    more = float(np.clip((intensity - STRONG_FROM) / (1 - STRONG_FROM), 0, 1))
    return _drawn(name, share, more, rng)


def _typical(name: str) -> Array:
    """Give an emotion at full strength (E,) with optional units in the measure in which people show them."""
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
    asked = np.clip(weights, 0, 1)
    for share in (1.0, 0.8, 0.65, 0.55):
        stronger = np.clip(expression * (1 + 0.5 * (1 - share)), 0, 1)
        shown = np.where(named, np.where(asked > stronger, np.maximum(asked * share, stronger), asked), stronger)
        if is_most_like(shown, name):
            return shown
    return np.where(named, asked, expression)


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
    """Give the blendshapes that a name with "*" stands for."""
    return tuple(shape.replace("*", side) for side in sides) if "*" in shape else (shape,)


# From an expression to the emotion

#: Units by which emotions are told apart, and how likely one shows that does not belong to the emotion.
_TOLD_BY = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 20, 24, 25, 26)
_STRAY, _MISSING = 0.04, 0.06
#: The same of a unit that only a strong emotion adds (from this weight on).
_WHEN_STRONG, SEEN_FROM = 0.5, 0.25
#: Units that go unseen beside others, and so may be there or not: 7 with 6, 25 with 26, 16 with 25.
_GOES_WITH = {6: (7,), 26: (25, 16), 25: (16,), 23: (24,), 10: (25,), 5: ()}


def rank_emotions(expression: Array) -> list[tuple[str, float]]:
    """Rank all 22 emotions for an expression (E,): (name, probability) pairs, the most fitting first.

    Each action unit counts for an emotion by the share of people who show it there (a naive Bayes reader, equal
    chances for all emotions). At rest the list is [("neutral", 1.0)].
    """
    expression = np.clip(np.asarray(expression, np.float64), 0, 1)
    seen = _unit_activity(expression)
    if expression.max() < AT_REST:
        return [(NEUTRAL, 1.0)]
    chances = _chances()
    fit = {n: max(float(seen @ np.log(p) + (1 - seen) @ np.log(1 - p)) for p in ways) for n, ways in chances.items()}
    best = max(fit.values())
    total = sum(np.exp(v - best) for v in fit.values())
    return sorted(((n, float(np.exp(v - best) / total)) for n, v in fit.items()), key=lambda pair: -pair[1])


def _unit_activity(expression: Array) -> Array:
    """How clearly each unit of _TOLD_BY shows, and how one-sided the mouth is: (units + 1,) in 0..1."""
    of = dict(zip(ARKIT_NAMES, expression, strict=True))
    # A faint smile is still a smile: units count beside the strongest one of the face.
    full = max(float(expression.max()), 0.35)

    def both(shape: str) -> float:
        return (of[f"{shape}Left"] + of[f"{shape}Right"]) / 2 / full

    jaw = of["jawOpen"] / full
    raw = {
        **{1: of["browInnerUp"] / full, 2: both("browOuterUp"), 4: both("browDown"), 5: both("eyeWide")},
        **{6: both("cheekSquint"), 7: both("eyeSquint"), 9: both("noseSneer"), 10: both("mouthUpperUp")},
        **{12: both("mouthSmile"), 14: both("mouthDimple"), 15: both("mouthFrown"), 16: both("mouthLowerDown")},
        **{17: of["mouthShrugLower"] / full, 20: both("mouthStretch"), 24: both("mouthPress")},
        **{25: 4 * jaw, 26: 2.5 * (jaw - 0.2)},
    }
    raw[4] *= 1 / LOWERED_WHILE_RAISED if raw[1] > 0.3 else 1.0
    mouth = [abs(of[f"{s}Left"] - of[f"{s}Right"]) / full for s in ("mouthSmile", "mouthDimple")]
    activity = np.array([*(raw[u] for u in _TOLD_BY), max(mouth)])
    return np.clip((activity - 0.12) / 0.5, 0, 1)


@lru_cache(maxsize=1)
def _chances() -> dict[str, list[Array]]:
    """Emotion → probability of each unit of _TOLD_BY and of a one-sided mouth: plain, and in each strong way."""
    table = {}
    for name, units in emotion_units().items():
        share = dict.fromkeys(_TOLD_BY, _STRAY)
        for unit in units:
            number = 24 if unit.number == 23 else unit.number
            if number in share:
                share[number] = max(share[number], min(unit.share, 1 - _MISSING))
            for beside in _GOES_WITH.get(unit.number, ()):
                share[beside] = max(share[beside], 0.5 * unit.share)
        one_sided = any(unit.side for unit in units)
        for unit in units:
            if unit.side:  # half of the face shows it
                share[unit.number] = 0.6
        ways = [share, *(_with_strong(share, way) for way in STRONG.get(name, ()))]
        side = 0.9 if one_sided else 0.02
        table[name] = [np.clip(np.array([*each.values(), side]), 0.01, 0.99) for each in ways]
    return table


def _with_strong(share: dict[int, float], way: dict[str, float]) -> dict[int, float]:
    """Give the shares of units where a strong emotion adds its own."""
    added = {u for u in share if way.get(SHOWN_BY[u], 0.0) >= SEEN_FROM}
    return {u: max(p, _WHEN_STRONG) if u in added else p for u, p in share.items()}
