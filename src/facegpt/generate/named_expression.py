"""Expressions that words name, laid over what a face shows: weights of units, and where the eyeballs turn."""

from __future__ import annotations

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_units import NEUTRAL
from facegpt.fitting.gaze import LOOK_FULL_DEG
from facegpt.generate.draw_expression import beside_emotion, emotion_expression, with_full_smile
from facegpt.language.head_request import HeadRequest
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array

#: Movements that take the lips apart.
_PARTS_LIPS = np.array(
    [name.startswith(("jawOpen", "mouthUpperUp", "mouthLowerDown", "mouthFunnel")) for name in ARKIT_NAMES]
)


def edited_expression(expression: Array, request: HeadRequest, seed: int) -> Array:
    """Set the weights (E,) that the words name; an emotion takes the place of the whole expression but the gaze."""
    now: Array = np.array(expression, np.float64)
    if request.emotion:
        look = np.array([n.startswith("eyeLook") for n in ARKIT_NAMES])
        kept = np.where(look & (request.emotion != NEUTRAL), now, 0.0)
        now = np.maximum(kept, emotion_expression(request.emotion, request.intensity, seed))
    return with_named(now, request).astype(np.float32)


def with_named(expression: Array, request: HeadRequest) -> Array:
    """Lay the weights that the words name over an expression (E,)."""
    named, weights = np.asarray(request.expression_named, bool), np.asarray(request.expression)
    if request.emotion not in ("", NEUTRAL) and named.any():
        shown = beside_emotion(np.asarray(expression), named, weights, request.emotion)
    else:
        shown = np.where(named, np.clip(weights, 0, 1), expression)
    return _with_lips_shut(with_full_smile(shown, named), named, weights)


def _with_lips_shut(expression: Array, named: Array, weights: Array) -> Array:
    """An expression (E,) whose lips meet where words keep the jaw shut: a feeling or a smile parts them as well.

    What words name beside it stays: "teeth clenched and bared".
    """
    jaw = ARKIT_NAMES.index("jawOpen")
    if not named[jaw] or weights[jaw] > 0:
        return expression
    return np.where(_PARTS_LIPS & ~(np.asarray(named, bool) & (np.asarray(weights) > 0)), 0.0, expression)


def looking(model: MakeHumanHead, expression: Array) -> Array:
    """Joint rotations (J, 3), radians, with the eyeballs as the eyeLook* weights say: the morphs move the lids only."""
    of = dict(zip(ARKIT_NAMES, np.asarray(expression, float), strict=True))
    joints = np.zeros((model.sizes.joints, 3), np.float32)
    for side, name, outward in (("Left", "left_eye", 1.0), ("Right", "right_eye", -1.0)):
        if name in model.joint_names:
            out = of[f"eyeLookOut{side}"] - of[f"eyeLookIn{side}"]
            up = of[f"eyeLookUp{side}"] - of[f"eyeLookDown{side}"]
            joints[model.joint_names.index(name)] = np.radians(LOOK_FULL_DEG) * np.array([-up, outward * out, 0.0])
    return joints
