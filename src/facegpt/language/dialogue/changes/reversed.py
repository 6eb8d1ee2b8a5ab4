"""The last change the other way round: a wider nose gets narrower, a smile a frown; of two, each gets the other's.

What has no opposite (glasses, a colour) is only taken back, and that is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_units import NEUTRAL
from facegpt.generate.understood import understood
from facegpt.language.dialogue.cast import Cast, Said, Step
from facegpt.language.dialogue.changes.of_others import taken_over
from facegpt.language.dialogue.changes.steps import step_made
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.set_answers import REVERSE, set_answer
from facegpt.language.dialogue.takings import Taking, parts_named
from facegpt.language.dialogue.who.called import called, sentence
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.types import Array

#: Values of slots of hair and their opposites.
_HAIR = {"longer": "shorter", "more": "less", "darker": "lighter", "full": "flat", "long": "short", "straight": "curly"}
_HAIR |= {other: name for name, other in _HAIR.items()}
_SLOTS = ("length_change", "curl_change", "grey_change", "beard_change", "tone", "volume", "length", "curl")
NOTHING_BEFORE = "There is no change yet that could go the other way round."
#: Movements whose muscles pull against each other.
_AGAINST = {
    "mouthSmile": "mouthFrown",
    "browDown": "browInnerUp",
    "browOuterUp": "browDown",
    "eyeWide": "eyeSquint",
    "eyeBlink": "eyeWide",
    "eyeLookUp": "eyeLookDown",
    "eyeLookIn": "eyeLookOut",
    "mouthPucker": "mouthStretch",
    "mouthUpperUp": "mouthShrugUpper",
    "mouthLowerDown": "mouthShrugLower",
}
_BOTH_WAYS = {
    **{other: name for name, other in _AGAINST.items() if name not in ("browOuterUp", "eyeBlink")},
    **_AGAINST,
}
#: Feelings and their opposites: the wheel of Plutchik (1980); what lies opposite surprise and trust has no face.
FEELINGS = {"happiness": "sadness", "sadness": "happiness", "anger": "fear", "fear": "anger"}
FEELINGS |= {"surprise": NEUTRAL}
#: Weights below this are not named; two sides whose weights differ by more are one-sided.
_LEAST, _ONE_SIDED = 0.1, 0.3


def asks_for_reverse(context: Context) -> bool:
    """Whether a turn asks for the last change the other way round."""
    answer = set_answer(context.text, surely=False)
    return answer is not None and answer.key == REVERSE and context.cast.said.act in ("edit", "take", "undo", "back")


def turned_round(context: Context) -> Done:
    """The last change the other way round, as one step from the heads before it."""
    cast, model = context.cast, context.model
    if not cast.past:
        return Done(NOTHING_BEFORE, cast)
    step, before = cast.past[-1], cast.before_last()
    if cast.change.act == "take" and len(cast.change.who) == 2 and (parts := _parts_taken(cast)):
        to, source = cast.change.who
        after = taken_over(before, [Taking(source, to, parts)], step.said)
        names = called(cast.person(source), cast), called(cast.person(to), cast)
        told = f"{sentence(names[0])} now has the {' and '.join(parts)} of {names[1]}; {names[1]} is as before."
        return Done(told, replace(after, change=Said("take", cast.change.text, (source, to))), after.focus)
    years = {n: model.facts(face).looks.get("age_years", 40.0) for n, face in step.before.items()}
    asked = {number: request for number, request in other_way(step, years).items() if understood(request)}
    if not asked:
        who = tuple(step.after)
        return Done("Taken back; what you asked for has no opposite.", replace(before, focus=who), who)
    lead, words = "The other way round, then.", f"{step.said}: the other way round"
    return step_made(context, before, asked, words, lead, cast.change.asks)


def _parts_taken(cast: Cast) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, name in parts_named(cast.change.text)))


def other_way(step: Step, years: Mapping[int, float]) -> dict[int, HeadRequest]:
    """What a change asks the other way round: of two people, of each what the other got; else the opposite.

    Args:
        step: the change.
        years: how old each head looked before it.
    """
    requests = dict(step.asked)
    if len(requests) == 2:
        (one, first), (two, second) = requests.items()
        if understood(first) != understood(second):
            return {one: second, two: first}
    lengths = {n: {name: m.value_mm for name, m in step.before[n].measure().items()} for n in requests}
    return {n: opposite(request, lengths[n], years.get(n, 40.0)) for n, request in requests.items()}


def opposite(request: HeadRequest, lengths_mm: Mapping[str, float], years: float) -> HeadRequest:
    """The opposite of a change.

    Args:
        request: what was asked.
        lengths_mm: of the head before it, by measure.
        years: how old that looked.
    """
    goals = tuple(goal for each in request.millimetres if (goal := _other_length(each, lengths_mm)) is not None)
    age = (
        None
        if request.age_years is None
        else tuple(float(np.clip(2 * years - each, 3, 95)) for each in request.age_years)
    )
    said = {slot: _HAIR[value] for slot, value in request.hair.said.items() if slot in _SLOTS and value in _HAIR}
    lengths = tuple(replace(each, mm=-each.mm) for each in request.hair.lengths if each.kind == "change")
    weights, named = other_movements(np.asarray(request.expression, float), np.asarray(request.expression_named, bool))
    return HeadRequest(
        -np.asarray(request.attribute_mean, float),
        np.asarray(request.attribute_spread, float),
        man=1 - request.man,
        age_years=(min(age), max(age)) if age else None,
        expression=weights,
        expression_named=named,
        emotion=FEELINGS.get(request.emotion, ""),
        intensity=request.intensity,
        millimetres=goals,
        is_edit=True,
        hair=HairWish(said, lengths),
    )


def _other_length(goal: MillimetreGoal, lengths_mm: Mapping[str, float]) -> MillimetreGoal | None:
    if goal.kind in ("change", "percent"):
        return replace(goal, amount=-goal.amount)
    if goal.kind == "value" and goal.measure in lengths_mm:
        return replace(goal, amount=2 * lengths_mm[goal.measure] - goal.amount)
    return None


# Movements


def other_movements(weights: Array, named: Array) -> tuple[Array, Array]:
    """Movements (E,) the other way, and which are named: of one side, those of the other; else those against them."""
    asked = {name: float(weights[k]) for k, name in enumerate(ARKIT_NAMES) if named[k] and weights[k] >= _LEAST}
    one_sided = any(abs(weight - asked.get(_mirrored(name), 0.0)) >= _ONE_SIDED for name, weight in asked.items())
    found = {(_mirrored(name) if one_sided else _against(name)): weight for name, weight in asked.items()}
    found = {name: weight for name, weight in found.items() if name}
    out = np.array([found.get(name, 0.0) for name in ARKIT_NAMES])
    rests = np.array([name in asked and name not in found for name in ARKIT_NAMES])
    return out, (out > 0) | (rests if found else np.zeros(len(out), bool))


def _mirrored(name: str) -> str:
    for side, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(side):
            return name.removesuffix(side) + other
    return name


def _against(name: str) -> str:
    """The movement against another one; "" for none."""
    if name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
        return _mirrored(name)
    stem = name.removesuffix("Left").removesuffix("Right")
    other = _BOTH_WAYS.get(stem, "")
    side = name.removeprefix(stem)
    for each in (f"{other}{side}", other):
        if each in ARKIT_NAMES:
            return each
    return f"{other}Left" if f"{other}Left" in ARKIT_NAMES else ""
