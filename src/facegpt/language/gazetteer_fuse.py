"""The gazetteer and the face head as a product of experts: their log odds add up.

The head knows sentences, the gazetteer knows wordings; where they disagree the surer one wins, by its log odds. How
much of each counts, and the thresholds, were chosen on the validation sentences of the corpus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from facegpt.language.gazetteer import E, Evidence, N
from facegpt.language.targets import EMOTIONS, MEASURES_SPOKEN
from facegpt.language.wishes import MILLIMETRE_KINDS
from facegpt.types import Array

if TYPE_CHECKING:
    from facegpt.language.face_head import FaceHeadOutput

_M = len(MEASURES_SPOKEN)
_KINDS = len(MILLIMETRE_KINDS)
_MOST_ODDS = 8.0
_BASIC = np.isin(EMOTIONS, ("happiness", "sadness", "surprise", "fear", "anger", "disgust", "contempt"))
#: Probabilities from which something counts as said where both experts speak; they take the place of the network's own.
FUSED_THRESHOLDS = {"named": 0.3, "unit": 0.6, "number": 0.5, "emotion": 0.5, "sex": 0.55, "age": 0.5, "face": 0.75}
#: In an edit what is not asked for must stay, so that an attribute needs more.
FUSED_NAMED_IN_EDIT = 0.75


@dataclass(frozen=True)
class Shares:
    """How much of each expert's log odds counts.

    Attributes:
        head: of the face head's attributes, units and measures.
        looks, sex, emotion, units, numbers: of the gazetteer's.
        basic: added to the log odds of the seven basic emotions: people name them more often than the corpus does.
        size: share of the gazetteer's degree where it names the attribute.
        plain_age, other_age, no_age: added to the head's log odds that an age is named.
    """

    head: float = 1.0
    looks: float = 0.6
    sex: float = 0.9
    emotion: float = 0.5
    units: float = 0.8
    numbers: float = 0.8
    basic: float = 0.5
    size: float = 0.6
    plain_age: float = 5.0
    other_age: float = 2.0
    no_age: float = -1.0


def fuse(out: FaceHeadOutput, evidence: Sequence[Evidence], shares: Shares = Shares()) -> FaceHeadOutput:
    """Add the gazetteer's log odds to the face head's logits.

    Args:
        out: of B conversations.
        evidence: of their last texts, B of them, whose numbers are those of `out` in order.
        shares: how much each counts.
    """
    changes = {
        **_looks(out, evidence, shares),
        **_others(out, evidence, shares),
        "age": _ages(out.age, evidence, shares),
    }
    if len(out.number_measure) and len(out.number_measure) == sum(len(each.numbers) for each in evidence):
        changes |= _numbers(out, evidence, shares)
    return replace(out, **changes)


def _looks(out: FaceHeadOutput, evidence: Sequence[Evidence], shares: Shares) -> dict[str, Any]:
    high = np.stack([_gain(each.high, each.high_start) for each in evidence])
    low = np.stack([_gain(each.low, each.low_start) for each in evidence])
    nothing = np.zeros_like(high)
    gain = shares.looks * np.stack([nothing, low, nothing, high, low, high], axis=-1)  # in the order of CLASSES
    named = (np.maximum(high, low) > 1.0) * shares.size
    degree = np.stack([each.degree for each in evidence])
    size = out.attribute_size
    blend = _like(named, size)
    return {
        "attribute_class": shares.head * out.attribute_class + _like(gain, out.attribute_class),
        "attribute_size": (1 - blend) * size + blend * _like(degree, size),
    }


def _others(out: FaceHeadOutput, evidence: Sequence[Evidence], shares: Shares) -> dict[str, Any]:
    gain = np.stack([_gain(each.other, each.other_start) for each in evidence])
    named, off = gain[:, N : N + E], gain[:, N + E : N + 2 * E]
    woman, man = gain[:, -2], gain[:, -1]
    sex = np.stack([woman, 0 * man, man], axis=1)
    return {
        "emotion": out.emotion + _like(shares.emotion * gain[:, :N] + shares.basic * _BASIC, out.emotion),
        "gate": shares.head * out.gate + shares.units * _like(np.maximum(named, off), out.gate),
        "weight": out.weight + _like(np.tanh((named - off) / 2), out.weight),
        "sex": out.sex + shares.sex * _like(sex, out.sex),
    }


def _ages(age: Any, evidence: Sequence[Evidence], shares: Shares) -> Any:
    """Take the years from the words where they give some, and trust the head less that some are given where not."""
    age = age.clone()
    for row, each in enumerate(evidence):
        if each.age_years is None:
            age[row, 0] += shares.no_age
            continue
        age[row, 0] += shares.plain_age if each.age_is_plain else shares.other_age
        age[row, 1], age[row, 2] = (years / 100.0 for years in each.age_years)
    return age


def _numbers(out: FaceHeadOutput, evidence: Sequence[Evidence], shares: Shares) -> dict[str, Any]:
    gain = shares.numbers * np.concatenate([_gain(each.numbers, each.numbers_start) for each in evidence])
    sign = gain[:, -1] - gain[:, -2]
    return {
        "number_measure": shares.head * out.number_measure + _like(gain[:, :_M], out.number_measure),
        "number_kind": out.number_kind + _like(gain[:, _M : _M + _KINDS], out.number_kind),
        "number_sign": out.number_sign + _like(sign, out.number_sign).reshape(out.number_sign.shape),
    }


def _gain(odds: Array, start: Array) -> Array:
    return np.clip(odds - start, -_MOST_ODDS, _MOST_ODDS)


def _like(values: Array, tensor: Any) -> Any:
    return tensor.new_tensor(np.asarray(values, np.float32))
