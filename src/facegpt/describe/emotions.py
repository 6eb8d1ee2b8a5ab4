"""Which emotion an expression shows: all 22 ranked by their action units.

generate/draw_expression.py goes the other way.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_blendshapes import LOWERED_WHILE_RAISED, SHOWN_BY, STRONG
from facegpt.describe.emotion_units import NEUTRAL, emotion_units
from facegpt.types import Array

#: An expression with no weight above this is at rest.
AT_REST = 0.12
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
    """The shares of units where a strong emotion adds its own."""
    added = {u for u in share if way.get(SHOWN_BY[u], 0.0) >= SEEN_FROM}
    return {u: max(p, _WHEN_STRONG) if u in added else p for u, p in share.items()}
