"""What was understood of words: a request as short strings that a user can check ("nose_width +1 SD")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_units import NEUTRAL
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.generate.identities import OPEN_SEX
from facegpt.generate.request_to_head import named_attributes
from facegpt.language.hair_wish import FACIAL_SLOTS, HairLength
from facegpt.language.head_request import HeadRequest, MillimetreGoal

#: A degree nearer to the middle than this is "average".
_AVERAGE = 0.05
#: Movements whose two sides differ by less are told as one.
_SAME_WEIGHT = 0.15


def understood(request: HeadRequest) -> list[str]:
    """What a request asks for, a short string each: looks first, then expression, then numbers; [] for nothing.

    Degrees are in SDs among adults, those of hair in steps of attributes.csv (-2 to 2). Of an edit they are changes.
    """
    return [
        *_person(request),
        *_looks(request),
        *_hair(request),
        *_glasses(request),
        *_expression(request),
        *_numbers(request),
    ]


def _person(request: HeadRequest) -> Iterator[str]:
    if abs(request.man - 0.5) >= OPEN_SEX:
        yield "sex: man" if request.man > 0.5 else "sex: woman"
    if request.age_years is not None:
        low, high = (round(years) for years in request.age_years)
        yield f"age: {low} years" if low == high else f"age: {low} to {high} years"
    for family in request.peoples:
        yield f"people: {family.replace('_', ' ')}"


def _looks(request: HeadRequest) -> Iterator[str]:
    for name, (degree, _) in named_attributes(request).items():
        unit = "step" if name in HAIR_ATTRIBUTES else "SD"
        yield f"{name} average" if abs(degree) < _AVERAGE else f"{name} {_short(degree, signed=True)} {unit}"
    for more, less in request.relations:
        yield f"{more} > {less}"


def _hair(request: HeadRequest) -> Iterator[str]:
    for slot, value in request.hair.said.items():
        if slot == "keep":
            yield f"{value} stays"
        elif slot in FACIAL_SLOTS or slot == "amount":
            yield f"{slot.replace('_', ' ')}: {value.replace('_', ' ')}"
        else:
            yield f"hair {slot.replace('_', ' ')}: {value.replace('_', ' ')}"
    yield from (_length(length) for length in request.hair.lengths)


def _glasses(request: HeadRequest) -> Iterator[str]:
    wish = request.glasses
    if wish is None:
        return
    said = [word.replace("_", " ") for word in (wish.style, wish.colour) if word]
    if not wish.on:
        said = ["none"]
    elif wish.tint:
        said.append(f"{wish.tint} lenses")
    yield f"glasses: {', '.join(said) or 'on'}"


def _length(length: HairLength) -> str:
    name = "hair" if length.region == "all" else length.region
    return f"{name} {_short(length.mm, signed=length.kind == 'change')} mm"


def _expression(request: HeadRequest) -> Iterator[str]:
    if request.emotion:
        strength = "" if request.emotion == NEUTRAL else f" {_short(request.intensity)}"
        yield f"emotion: {request.emotion}{strength}"
    weights = {
        name: float(weight)
        for name, weight, named in zip(ARKIT_NAMES, request.expression, request.expression_named, strict=True)
        if named
    }
    for name, weight in weights.items():
        side = re.fullmatch(r"(\w+?[a-z])(Left|Right)", name)
        if side is None or name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
            yield f"{name} {_short(weight)}"
            continue
        other = weights.get(side[1] + {"Left": "Right", "Right": "Left"}[side[2]])
        if other is None or abs(other - weight) >= _SAME_WEIGHT:
            yield f"{name} {_short(weight)}"
        elif side[2] == "Left":
            yield f"{side[1]} {_short((weight + other) / 2)}"


def _numbers(request: HeadRequest) -> Iterator[str]:
    yield from (_millimetres(goal) for goal in request.millimetres)
    if request.keeps:
        yield "all else stays"


def _millimetres(goal: MillimetreGoal) -> str:
    if goal.kind == "percent":
        return f"{goal.measure} {_short(goal.amount, signed=True)} %"
    bound = {"min": "at least ", "max": "at most "}.get(goal.kind, "")
    return f"{goal.measure} {bound}{_short(goal.amount, signed=goal.kind == 'change')} mm"


def _short(number: float, signed: bool = False) -> str:
    """A number with at most one decimal: 1, 0.8, with a sign if it is a change."""
    text = f"{number:+.1f}" if signed else f"{number:.1f}"
    return text.removesuffix(".0")
