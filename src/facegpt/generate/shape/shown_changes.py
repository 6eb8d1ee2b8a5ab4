"""Which parts of a change a head shows: what was read in the words, beside the head before and after."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.attribute_words import attribute_groups
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.generate.millimetres import range_of
from facegpt.generate.request_to_head import named_attributes
from facegpt.generate.shape.hidden_parts import HIDEABLE, hidden_parts
from facegpt.generate.told.words import in_words
from facegpt.generate.understood import look_label, understood
from facegpt.language.hair_wish import FACIAL_SLOTS
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, FaceParams, Measure

#: What of a change is seen: SDs of shape and skin, steps of hair, weights of expression.
LEAST_SD, LEAST_STEP, LEAST_WEIGHT = 0.5, 0.2, 0.1
#: A movement up to this weight, at which the face is already, is no wish of anybody: it belongs to a look as a whole.
SLIGHT_WEIGHT = 0.3
#: Degrees up to this ask for the average, from wherever a head is.
_AVERAGE = 0.2
#: Why something is not shown that was read.
NO_FURTHER, HIDDEN = "could not be shown further", "hidden by hair or headwear"
_OF_HAIR = re.compile(rf"(?:hair\b|{'|'.join(slot.replace('_', ' ') for slot in FACIAL_SLOTS)})")


def unshown(request: HeadRequest, before: tuple[FaceParams, Array], after: tuple[FaceParams, Array]) -> list[str]:
    """The parts of a change, as `understood` calls them, that were made and are not seen on the head.

    before, after: the head, and its readings (K,) in the order of attributes.csv.
    """
    moved = after[1] - before[1]
    found = [
        look_label(name, degree)
        for name, (degree, _) in named_attributes(request).items()
        if abs(degree) > _AVERAGE
        and moved[ATTRIBUTES.index(name)] * np.sign(degree) < (LEAST_STEP if name in HAIR_ATTRIBUTES else LEAST_SD)
    ]
    weights = np.abs(np.asarray(after[0].expression) - np.asarray(before[0].expression))
    same_hair, looks = (
        after[0].hair == before[0].hair,
        {look_label(n, d[0]) for n, d in named_attributes(request).items()},
    )
    for label in understood(request):
        if label in looks or label.endswith((" stays", " stay")) or label.startswith("amount"):
            continue
        if label.startswith("emotion:"):
            still = weights.max() < LEAST_WEIGHT
        elif units := [k for k, name in enumerate(ARKIT_NAMES) if name.startswith(label.split()[0])]:
            asked, worn = (np.asarray(of, float)[units] for of in (request.expression, before[0].expression))
            there = np.abs(asked - worn).max() < LEAST_WEIGHT and asked.max() <= SLIGHT_WEIGHT
            still = not there and weights[units].max() < LEAST_WEIGHT
        else:
            still = same_hair and bool(_OF_HAIR.match(label))
        found += [label] if still else []
    return found


#: A length that misses what was asked for by more than this many mm, and more than this share of the change, is short.
SHORT_MM, SHORT_SHARE = 0.5, 0.15


def wanted_mm(goal: MillimetreGoal, start_mm: float) -> float:
    """The length that a goal asks for of one that is so long, mm."""
    least, most = range_of(goal, start_mm)
    return min(max(start_mm, least), most)


def is_short(goal: MillimetreGoal, start_mm: float, has_mm: float) -> bool:
    """Whether a length that was so long and is so long now is far from what was asked for."""
    wanted = wanted_mm(goal, start_mm)
    return abs(has_mm - wanted) > max(SHORT_MM, SHORT_SHARE * abs(wanted - start_mm))


def told_short(goals: Sequence[MillimetreGoal], was: Mapping[str, Measure], now: Mapping[str, Measure]) -> list[str]:
    """How far lengths went that went not as far as asked: "nose 70.0 mm wide: … than 45.0 mm"."""
    told = []
    for goal in goals:
        if goal.measure in now and is_short(goal, was[goal.measure].value_mm, now[goal.measure].value_mm):
            asked, has = wanted_mm(goal, was[goal.measure].value_mm), now[goal.measure].value_mm
            told.append(f"{in_words(f'{goal.measure} {asked:.1f} mm')}: the head goes no further than {has:.1f} mm")
    return told


#: How pointed ears that hair hides are called.
POINTED = "pointed ears"


def hidden(model: MorphableModel, params: FaceParams, request: HeadRequest) -> list[str]:
    """The traits asked for, as `understood` calls them, of parts that hair or headwear hides on a head."""
    groups = attribute_groups()
    named = [name for name, (degree, _) in named_attributes(request).items() if abs(degree) > _AVERAGE]
    pointed = bool(params.local.get("ear_points")) and bool(request.ear_points or request.character)
    if not (pointed or any(groups[name] in HIDEABLE for name in named)):
        return []
    gone = hidden_parts(model, params)
    found = [look_label(n, named_attributes(request)[n][0]) for n in named if groups[n] in gone]
    return [*found, POINTED] if pointed and "ears" in gone else found


def told_hidden(labels: list[str]) -> list[str]:
    """The same with the reason, for people: "larger ear: hidden by hair or headwear"."""
    return [f"{in_words(label)}: {HIDDEN}" for label in labels]


def told_unshown(labels: list[str]) -> list[str]:
    """The same with the reason, for people: "lower forehead: could not be shown further"."""
    return [f"{in_words(label)}: {NO_FURTHER}" for label in labels]
