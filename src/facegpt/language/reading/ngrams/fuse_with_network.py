"""The n-gram classifier and the face head as a product of experts: their log odds add up.

The head knows sentences, the classifier knows wordings; where they disagree the surer one wins, by its log odds. How
much of each counts, and the thresholds, were chosen on the validation sentences of the corpus and on sentences of other
hands: for attributes by a logistic regression, so that what comes out is a probability. Both experts know which traits
go together, so that their sum would count that twice: each gets about half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from facegpt.language.head_request import MILLIMETRE_KINDS
from facegpt.language.reading.ngrams.classifier import E, Evidence, N
from facegpt.language.targets import ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN
from facegpt.types import Array

if TYPE_CHECKING:
    from facegpt.language.model.face_head import FaceHeadOutput

_M = len(MEASURES_SPOKEN)
_KINDS = len(MILLIMETRE_KINDS)
_MOST_ODDS = 8.0
#: A degree up to which words of degree said "slightly": then they alone give it.
SLIGHT = 0.65
_LEAST_RIVAL, _MOST_RIVAL = -6.0, 4.0
#: Probabilities that an attribute is named, and the share of its degree that is then shown.
_DOUBT, _DOUBTED_SHARE = (0.07, 0.3), (0.4, 1.0)
#: Attributes of one part whose names do not begin alike.
_PARTS = {"upper": "lip", "lower": "lip", "philtrum": "lip", "lid": "eye", "jawline": "jaw", "cheekbone": "cheek"}
_PART_OF = np.array([_PARTS.get(name.split("_")[0], name.split("_")[0]) for name in ATTRIBUTES])
_SAME_PART = (_PART_OF[:, None] == _PART_OF[None]) & ~np.eye(len(ATTRIBUTES), dtype=bool)
_BASIC = np.isin(EMOTIONS, ("happiness", "sadness", "surprise", "fear", "anger", "disgust", "contempt"))
#: Probabilities from which something counts as said where both experts speak; they take the place of the network's own.
FUSED_THRESHOLDS = {"named": 0.07, "unit": 0.6, "number": 0.5, "emotion": 0.5, "sex": 0.55, "age": 0.5, "face": 0.35}
#: In an edit what is not asked for must stay, so that an attribute needs more.
FUSED_NAMED_IN_EDIT = 0.13


@dataclass(frozen=True)
class Shares:
    """How much of each expert's log odds counts.

    Attributes:
        head: of the face head's units and measures. attributes: of its attributes.
        looks, sex, emotion, units, numbers: of the n-gram classifier's. always: added to the attributes' log odds.
        rival: taken off an attribute's log odds for each of the surest other one of the same part: who says "a narrow
            nose" has said what there is to say of the nose.
        basic: added to the log odds of the seven basic emotions: people name them more often than the corpus does.
        size: share of the n-gram classifier's degree where it names the attribute.
        plain_age, other_age, no_age: added to the head's log odds that an age is named.
    """

    head: float = 1.0
    attributes: float = 0.5
    looks: float = 0.65
    always: float = 0.15
    rival: float = 0.12
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
    """Add the n-gram classifier's log odds to the face head's logits.

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
    high_start, low_start = (np.stack([getattr(e, name) for e in evidence]) for name in ("high_start", "low_start"))
    high_gain = np.stack([_gain(each.high, each.high_start) for each in evidence])
    low_gain = np.stack([_gain(each.low, each.low_start) for each in evidence])
    high, low, average = high_start + high_gain, low_start + low_gain, (high_start + low_start) / 2
    words = np.stack([0 * high, low, average, high, low, high], axis=-1)  # in the order of CLASSES
    by_head = out.attribute_class - out.attribute_class[..., :1]
    shift = shares.always - shares.rival * _rival(np.maximum(high, low))
    classes = shares.attributes * by_head + _like(shares.looks * words + shift[..., None], by_head)
    classes[..., 0] = 0.0
    degree = np.stack([each.degree for each in evidence])
    share = np.where((degree > 0) & (degree <= SLIGHT), 1.0, shares.size)
    named = np.where(np.maximum(high_gain, low_gain) > 1.0, share, 0.0)
    blend = _like(named, out.attribute_size)
    size = (1 - blend) * out.attribute_size + blend * _like(degree, out.attribute_size)
    return {"attribute_class": classes, "attribute_size": size * _like(_trust(_numpy(classes)), size)}


def _rival(odds: Array) -> Array:
    """(B, K) log odds of the surest other attribute of the same part."""
    others = np.where(_SAME_PART, odds[:, None, :], _LEAST_RIVAL)
    return np.clip(others.max(-1), _LEAST_RIVAL, _MOST_RIVAL)


def _trust(classes: Array) -> Array:
    """(B, K) the share of its degree that an attribute shows: a doubtful one shows faintly, to err little."""
    odds = classes[..., 1:].max(-1)
    return np.interp(1.0 / (1.0 + np.exp(-odds)), _DOUBT, _DOUBTED_SHARE)


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


def _numpy(tensor: Any) -> Array:
    return tensor.detach().float().cpu().numpy()


def _like(values: Array, tensor: Any) -> Any:
    return tensor.new_tensor(np.asarray(values, np.float32))
