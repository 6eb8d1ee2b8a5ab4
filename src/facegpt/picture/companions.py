"""What goes along with a movement: a smile that words take away takes its bared teeth and narrow eyes with it.

Words name a smile or a jaw; a photo's smile is more than that. How much of a unit goes with smiles is measured on 148
photos (CC0, training half) by two readers, MediaPipe's blendshapes and the dense network: 1 - (its mean where smiles
are below .15) / (its mean where they are above .6).
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import MorphableModel
from facegpt.picture.lips import PAIRS
from facegpt.picture.wishes import SHOWN
from facegpt.types import Array, FaceParams

#: Shares of units that go with a smile: (MediaPipe, dense network) .97/.92, .97/.8, .35/.75, .2/.6, and cheeks as
#: in FACS (6 with 12), which neither reads.
WITH_SMILE = {"mouthUpperUp": 0.95, "mouthLowerDown": 0.9, "mouthStretch": 0.55, "eyeSquint": 0.4, "cheekSquint": 0.8}
#: The same of the jaw, of 50 fitted heads (CC0, training half): who laughs no more shuts the mouth.
JAW_WITH_SMILE = 0.95
#: What comes with a smile of weight 1 (the dense network's slopes), and smiles from which teeth are bared.
COMES, BARED = {"eyeSquint": 0.35, "mouthUpperUp": 0.36}, 0.8
#: A jaw asked for below this shuts the mouth; units that open lips by more than this, mm, are let go then.
SHUT, PARTING_MM = 0.03, 2.0
#: Weights that differ by less were not named; the most that words draw.
NAMED, MOST = 0.08, 1.4
#: The most that words raise units of a smile above what a photo shows: beyond, the warp tears lids, lashes and the far
#: cheek and skews the mouth (looked at on photos at rest, chosen on one and seen on two others).
BEARS = {"cheekSquint": 0.3, "eyeSquint": 0.35, "mouthSmile": 0.95, "mouthUpperUp": 0.45}
_SIDES = ("Left", "Right")


def with_companions(model: MorphableModel, before: FaceParams, after: FaceParams, named: Collection[str]) -> FaceParams:
    """What words made of an expression, with what goes along and drawn as far as pictures need to show it.

    Args:
        model: of the head.
        before: of the photo.
        after: as words changed it.
        named: units or stems that were named, whether they changed or not ("jawOpen", "mouthSmile").
    """
    was, now = (np.array(each.expression, np.float32) for each in (before, after))
    changed = np.abs(now - was) > NAMED
    gone = [_follow_smile(was, now, changed, side) for side in _SIDES]
    jaw = ARKIT_NAMES.index("jawOpen")
    if min(gone) > 0 and not changed[jaw] and "jawOpen" not in named:
        left = float(was[jaw]) * (1 - JAW_WITH_SMILE * min(gone))
        now[jaw] = left if left > NAMED else 0.0
    raised = changed & (now > was)
    for k, name in enumerate(ARKIT_NAMES):
        gain = next((gain for start, gain in SHOWN.items() if name.startswith(start)), 1.0)
        if raised[k]:
            now[k] = min(was[k] + gain * (now[k] - was[k]), max(MOST, now[k]))
    params = after.replace(expression=now)
    asked = "jawOpen" in named or abs(now[jaw] - was[jaw]) > NAMED
    keep = {name for name, up in zip(ARKIT_NAMES, raised, strict=True) if up}
    return with_mouth_shut(model, params, keep) if asked else params


def as_photos_bear(before: FaceParams, after: FaceParams) -> tuple[FaceParams, bool]:
    """What words made of an expression, no further than a photo bears (BEARS), and whether that takes of it."""
    was, now = (np.array(each.expression, np.float32) for each in (before, after))
    most = [next((rise for start, rise in BEARS.items() if name.startswith(start)), np.inf) for name in ARKIT_NAMES]
    borne = np.minimum(now, was + np.array(most, np.float32))
    less = bool((now - borne).max(initial=0.0) > NAMED)
    return (after.replace(expression=borne) if less else after), less


def _follow_smile(was: Array, now: Array, changed: Array, side: str) -> float:
    """Let what goes with the smile of one side follow it, in place; what was changed by itself stays.

    Returns: how much of the smile has gone, 0..1.
    """
    smile = ARKIT_NAMES.index(f"mouthSmile{side}")
    if not changed[smile]:
        return 0.0
    rise = float(now[smile] - was[smile])
    gone = max(-rise, 0.0) / max(float(was[smile]), 1e-6)
    for stem, share in WITH_SMILE.items():
        k = ARKIT_NAMES.index(stem + side)
        if not changed[k]:
            now[k] = was[k] * (1 - share * gone)
            if rise > 0 and (stem != "mouthUpperUp" or now[smile] >= BARED):
                now[k] = max(float(now[k]), min(float(was[k]) + COMES.get(stem, 0.0) * rise, 1.0))
    return gone


def with_mouth_shut(model: MorphableModel, params: FaceParams, keep: Collection[str] = ()) -> FaceParams:
    """Parameters whose lips meet, if the jaw is shut: units that part them are none, but for those to keep."""
    expression = np.array(params.expression, np.float32)
    jaw = float(expression[ARKIT_NAMES.index("jawOpen")])
    if jaw > SHUT:
        return params
    close = ARKIT_NAMES.index("mouthClose")
    expression[close] = min(float(expression[close]), jaw)
    for name in parting(model):  # type: ignore[arg-type]
        if name not in keep and name != "jawOpen":
            expression[ARKIT_NAMES.index(name)] = 0.0
    return params.replace(expression=expression)


@lru_cache(maxsize=2)
def parting(model: Any) -> tuple[str, ...]:
    """The units whose weight of 1 opens the head's lips by PARTING_MM or more on average."""
    vertices, points = np.asarray(model.mean_vertices), model.embedding("mediapipe478")
    found = []
    for name, moves in zip(ARKIT_NAMES, np.asarray(model.expression_basis), strict=False):
        moved = points(vertices + moves) - points(vertices)
        opened = np.mean([moved[up, 1] - moved[low, 1] for up, low in PAIRS])
        if opened > PARTING_MM:
            found.append(name)
    return tuple(found)
