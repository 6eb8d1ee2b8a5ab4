"""From labels (LABELS.md) to arrays: what the face head of the language model is trained to say about a sentence.

Orders: attributes as in NETWORK_ATTRIBUTES (K; labels of others are left out), expression weights as in
conventions.ARKIT_NAMES (E), emotions as in
EMOTIONS (N), measures as in MEASURES_SPOKEN, questions as in ASKABLE (Q).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import MILLIMETRE_KINDS
from facegpt.language.numbers import NumberSpan, find_numbers
from facegpt.language.targets import (
    ASKABLE,
    EMOTIONS,
    MEASURES_SPOKEN,
    NETWORK_ATTRIBUTES,
    attribute_rows,
    typical_mm,
)

#: The word in an answer whose hidden states become a head.
FACE_TOKEN = "<FACE>"
PLAIN_INTENSITY = 0.7
_ATTRIBUTE_INDEX = {name: k for k, name in enumerate(NETWORK_ATTRIBUTES)}
_READ_BY_WORDS = {row["name"] for row in attribute_rows()[len(NETWORK_ATTRIBUTES) :]}
_UNIT_INDEX = {name: k for k, name in enumerate(ARKIT_NAMES)}


def attribute_tiers() -> tuple[str, ...]:
    """The tier of each of NETWORK_ATTRIBUTES: core or extra."""
    return tuple(row["tier"] for row in attribute_rows()[: len(NETWORK_ATTRIBUTES)])


ATTRIBUTE_TIERS: tuple[str, ...] = attribute_tiers()


@dataclass(frozen=True)
class MillimetreTarget:
    """One number that is asked for.

    Attributes:
        measure: index into MEASURES_SPOKEN. kind: index into MILLIMETRE_KINDS.
        sign: -1 for less, 1 for more (and for "value", "min" and "max").
        amount: what the label says; mm or percent, with its sign.
        start, end: characters of the text where `numbers.find_numbers` sees the number; -1 where it sees none
            ("half of that"). Two targets may share a number ("both lips 1 mm thicker").
    """

    measure: int
    kind: int
    sign: int
    amount: float
    start: int = -1
    end: int = -1


@dataclass(frozen=True)
class Target:
    """What one text says about one face.

    Attributes:
        attribute_mean: (K,) SDs of the prior (in an edit: the change); 0 where nothing is said.
        attribute_mask: (K,) 1 where the words name the attribute, 0 where they leave it open.
        attribute_scored: (K,) 0 where the words contradict themselves: learn nothing there.
        attribute_excluded: (K,) 1: the high side is ruled out ("not a big nose"), -1: the low side, 0: neither.
        relations: (R, 2) indices of attributes, the first exceeds the second, both in SDs.
        expression_relations: (R, 2) indices of expression weights, the first exceeds the second.
        sex: 1 a man, -1 a woman, 0 open. sex_scored: 0 where contradictory.
        age_years: (2,) lowest and highest; (0, 0) where open. age_mask: 1 where the words give an age.
        age_scored: 0 where contradictory.
        emotion: index into EMOTIONS. emotion_accepted: (N,) 1 for each one that a fair reader accepts.
        emotion_scored: 0 where contradictory.
        intensity: 0..1; intensity_mask: 1 where there is an emotion other than "neutral".
        expression: (E,) weights 0..1 that the words name. expression_gate: (E,) 1 where they do (also for "must be near
            0"). The units that only an emotion implies are not among them: they come from the emotion.
        expression_scored: 0 where contradictory.
        millimetres: the numbers asked for.
        numbers: every number of the text, asked for or not.
        asks: (Q,) 1 for what the answer must speak of.
        face: 1 the answer has a face, 0 it must not have one. faces: how many.
        decline: 1 where a part of the question must be declined.
        is_edit: 1 where the numbers are changes of a given head. keep: 1 where the words say that the rest stays.
        known: 0 where the text is a question about a head or says nothing about one (do not train the face head on it).
    """

    attribute_mean: NDArray[np.float32]
    attribute_mask: NDArray[np.float32]
    attribute_scored: NDArray[np.float32]
    attribute_excluded: NDArray[np.float32]
    relations: NDArray[np.int64]
    expression_relations: NDArray[np.int64]
    sex: float
    sex_scored: float
    age_years: NDArray[np.float32]
    age_mask: float
    age_scored: float
    emotion: int
    emotion_accepted: NDArray[np.float32]
    emotion_scored: float
    intensity: float
    intensity_mask: float
    expression: NDArray[np.float32]
    expression_gate: NDArray[np.float32]
    expression_scored: float
    millimetres: tuple[MillimetreTarget, ...]
    numbers: tuple[NumberSpan, ...]
    asks: NDArray[np.float32]
    face: float
    faces: int
    decline: float
    is_edit: float
    keep: float
    known: float


def target_from_labels(
    labels: Mapping[str, Any], text: str, task: str = "imagine", edits_a_face: bool | None = None
) -> Target:
    """The labels of one sentence as arrays.

    Args:
        labels: the field `labels` of a record (LABELS.md).
        text: the sentence, for the places of its numbers.
        task: "imagine", "edit", "describe" or "chat".
        edits_a_face: whether the numbers are changes; by default in the task "edit" alone (in a chat: when there is a
            face before this turn, see `Record.target`).
    """
    conflict = set(labels.get("conflict", ()))
    face = float(labels.get("face", task != "describe"))
    emotion = EMOTIONS.index(labels.get("emotion", ""))
    accepted = [EMOTIONS.index(name) for name in labels.get("emotion_also", ())]
    says_emotion = emotion > 0 and EMOTIONS[emotion] != "neutral"
    age = labels.get("age_years")
    numbers = find_numbers(text)
    return Target(
        **_attribute_arrays(labels, conflict),
        **_expression_arrays(labels),
        sex={"M": 1.0, "F": -1.0}.get(labels.get("sex", ""), 0.0),
        sex_scored=float("sex" not in conflict),
        age_years=np.array(age or (0, 0), np.float32),
        age_mask=float(age is not None),
        age_scored=float("age_years" not in conflict),
        emotion=emotion,
        emotion_accepted=_one_hot([emotion, *accepted], len(EMOTIONS)),
        emotion_scored=float(not conflict & {"emotion", "expression"}),
        intensity=float(labels.get("intensity", PLAIN_INTENSITY)) if says_emotion else 0.0,
        intensity_mask=float(says_emotion),
        expression_scored=float("expression" not in conflict),
        millimetres=_millimetre_targets(labels.get("mm", {}), numbers),
        numbers=tuple(numbers),
        asks=_one_hot([ASKABLE.index(name) for name in labels.get("asks", ())], len(ASKABLE)),
        face=face,
        faces=int(labels.get("faces", 1)) if face else 0,
        decline=float(labels.get("decline", False)),
        is_edit=float(task == "edit" if edits_a_face is None else edits_a_face),
        keep=float(labels.get("keep", False)),
        known=face,
    )


def _one_hot(indices: Iterable[int], size: int) -> NDArray[np.float32]:
    array = np.zeros(size, np.float32)
    array[list(indices)] = 1
    return array


def _attribute_arrays(labels: Mapping[str, Any], conflict: set[str]) -> dict[str, Any]:
    """Fill the (K,) arrays and the relations between attributes (and between expression weights)."""
    mean, mask, excluded = (np.zeros(len(NETWORK_ATTRIBUTES), np.float32) for _ in range(3))
    scored = np.ones(len(NETWORK_ATTRIBUTES), np.float32)
    for name, degree in labels.get("attributes", {}).items():
        if name not in _READ_BY_WORDS:
            k = _ATTRIBUTE_INDEX[name]
            mean[k], mask[k] = degree, 1
    for name, side in labels.get("not", {}).items():
        if name not in _READ_BY_WORDS:
            excluded[_ATTRIBUTE_INDEX[name]] = side
    for name in conflict & set(NETWORK_ATTRIBUTES):
        scored[_ATTRIBUTE_INDEX[name]] = 0
    between: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for more, _, less in labels.get("relations", ()):
        index = _ATTRIBUTE_INDEX if more in _ATTRIBUTE_INDEX else _UNIT_INDEX
        between[index is _ATTRIBUTE_INDEX].append((index[more], index[less]))
    return {
        "attribute_mean": mean,
        "attribute_mask": mask,
        "attribute_scored": scored,
        "attribute_excluded": excluded,
        "relations": np.array(between[True], np.int64).reshape(-1, 2),
        "expression_relations": np.array(between[False], np.int64).reshape(-1, 2),
    }


def _expression_arrays(labels: Mapping[str, Any]) -> dict[str, Any]:
    """Fill the (E,) arrays: named weights, and those that must be near 0."""
    value, gate = (np.zeros(len(ARKIT_NAMES), np.float32) for _ in range(2))
    for name in labels.get("expression_off", ()):
        gate[_UNIT_INDEX[name]] = 1
    for name, weight in labels.get("expression", {}).items():
        value[_UNIT_INDEX[name]], gate[_UNIT_INDEX[name]] = weight, 1
    return {"expression": value, "expression_gate": gate}


def _millimetre_targets(goals: Mapping[str, Mapping[str, float]], numbers: list[NumberSpan]) -> tuple:
    """Pair each goal with the number of the text that it stands for: in their order, equal numbers one each."""
    flat = [(measure, kind, amount) for measure, kinds in goals.items() for kind, amount in kinds.items()]
    taken: set[int] = set()
    targets = []
    for measure, kind, amount in flat:
        fits = [k for k, number in enumerate(numbers) if _is_same(number, measure, kind, amount)]
        free = [k for k in fits if k not in taken] or fits
        taken.update(free[:1])
        place = (numbers[free[0]].start, numbers[free[0]].end) if free else (-1, -1)
        sign = -1 if amount < 0 else 1
        index = MEASURES_SPOKEN.index(measure)
        targets.append(MillimetreTarget(index, MILLIMETRE_KINDS.index(kind), sign, float(amount), *place))
    return tuple(targets)


def _is_same(number: NumberSpan, measure: str, kind: str, amount: float) -> bool:
    """Whether a number of the text is the label's amount (percent: to half a point)."""
    if kind == "percent":
        return number.unit in ("percent", "") and abs(number.value - abs(amount)) <= 0.5
    if number.unit not in ("mm", ""):
        return False
    written = number.amount_for(0.0 if kind == "change" else typical_mm(measure))
    return abs(written - abs(amount)) <= 0.051


#: Fields of Target that have the same shape for every text.
FIXED_FIELDS = tuple(
    f.name for f in fields(Target) if f.name not in ("relations", "expression_relations", "millimetres", "numbers")
)


def stack_targets(targets: Sequence[Target]) -> dict[str, NDArray]:
    """Stack targets: the FIXED_FIELDS with a leading batch axis, and relations as (R, 3) [row, more, less]."""
    stacked: dict[str, NDArray] = {
        name: np.array([getattr(target, name) for target in targets], _dtype(name)) for name in FIXED_FIELDS
    }
    for name in ("relations", "expression_relations"):
        rows = [np.column_stack([np.full(len(getattr(t, name)), k), getattr(t, name)]) for k, t in enumerate(targets)]
        stacked[name] = np.concatenate([np.zeros((0, 3), np.int64), *rows]).astype(np.int64)
    return stacked


def _dtype(name: str) -> type:
    return np.int64 if name in ("emotion", "faces") else np.float32
