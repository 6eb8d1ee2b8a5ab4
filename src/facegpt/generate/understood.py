"""What was understood of words: a request as short labels ("nose_width +1 SD"), each of which can be taken out.

told/words.py says them as people do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_units import NEUTRAL
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.describe.lists import listed
from facegpt.generate.identities import OPEN_SEX
from facegpt.generate.look_of_hair import seen_of_beard, seen_of_brows
from facegpt.generate.request_to_head import named_attributes
from facegpt.language.changed_request import left_open
from facegpt.language.hair_wish import COLOUR_OF_HEAD_SLOTS, FACIAL_SLOTS, HairLength
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.reading.beyond.around_eyes import BROWLESS
from facegpt.morphable.makehuman.painted_hair import BROW_GONE
from facegpt.types import FaceGPTError, Hair

#: A degree nearer to the middle than this is "average".
_AVERAGE = 0.05
#: Movements whose two sides differ by less are told as one.
_SAME_WEIGHT = 0.15


#: How what turns grey with an age that is asked for is called, before what does.
GREYS_WITH_AGE = "greyer with age: "
#: Shares of grey hairs, and amounts of a beard, that are seen.
SEEN_GREY, SEEN_BEARD = 0.1, 0.05


#: A part of a request: what it is called, and the request without it.
Part = tuple[str, HeadRequest]


def understood(request: HeadRequest) -> list[str]:
    """What a request asks for, a short string each: looks first, then expression, then numbers; [] for nothing.

    Degrees are in SDs among adults, those of hair in steps of attributes.csv (-2 to 2). Of an edit they are changes.
    """
    return [label for label, _ in _parts(request)]


def greyed_with_age(request: HeadRequest, before: Hair | None, after: Hair | None) -> list[str]:
    """What of a head turned grey because of an age that was asked for, as a part beside those of `understood`."""
    asked = request.age_years is not None or "age" in named_attributes(request)
    told = set(COLOUR_OF_HEAD_SLOTS) & set(request.hair.said)
    if not asked or told or before is None or after is None or after.grey - before.grey < SEEN_GREY:
        return []
    beard, brows = (of(before) != of(after) for of in (seen_of_beard, seen_of_brows))
    grows = beard and after.beard > SEEN_BEARD, beard and after.moustache > SEEN_BEARD
    worn = [("hair", after.style != "bald"), ("beard", grows[0]), ("moustache", grows[1] and not grows[0])]
    names = [name for name, has in (*worn, ("eyebrows", brows and after.brow_thickness > BROW_GONE[0])) if has]
    return [GREYS_WITH_AGE + listed(names)] if names else []


def without(request: HeadRequest, labels: Collection[str]) -> HeadRequest:
    """A request without some of its parts, each called as `understood` does; the rest as it is.

    Raises:
        FaceGPTError: if it has no part of that name.
    """
    for label in labels:
        if label.startswith(GREYS_WITH_AGE):
            said = {**request.hair.said, "keep": "colour"}
            request = replace(request, hair=replace(request.hair, said=said))
            continue
        found = next((rest for name, rest in _parts(request) if name == label), None)
        if found is None:
            raise FaceGPTError(f"these words have no part '{label}'; they have: {'; '.join(understood(request))}")
        request = found
    return request


def _parts(request: HeadRequest) -> Iterator[Part]:
    yield from _called(request)
    if request.era:
        yield f"style: {request.era}s", replace(request, era="")
    yield from _person(request)
    yield from _looks(request)
    if request.irises:
        yield f"eyes: {request.irises.replace('_', ' ')}", replace(request, irises="")
    if request.brow_colour:
        yield f"eyebrows: {request.brow_colour.replace('_', ' ')}", replace(request, brow_colour="")
    if request.brows_meet is not None:
        yield "eyebrows: meet" if request.brows_meet else "eyebrows: don't meet", replace(request, brows_meet=None)
    if request.ear_points is not None:
        yield "ears: pointed" if request.ear_points else "ears: round", replace(request, ear_points=None)
    if request.lips:
        yield f"lips: {request.lips}", replace(request, lips="")
    if request.skin:
        yield f"skin: {request.skin}", replace(request, skin="")
    yield from _hair(request)
    yield from _glasses(request)
    if request.bareheaded:
        yield "headwear: none", replace(request, bareheaded=False)
    if request.headwear is not None:
        told = " ".join(filter(None, (request.headwear.colour, request.headwear.name.replace("_", " "))))
        yield f"headwear: {told}", replace(request, headwear=None)
    yield from _expression(request)
    yield from _numbers(request)


def _called(request: HeadRequest) -> Iterator[Part]:
    if request.character:
        yield f"character: {request.character}", replace(request, character="")
    if request.impression:
        yield f"impression: {request.impression}", replace(request, impression="")
    if request.build:
        yield f"build: {request.build}", replace(request, build="")


def _person(request: HeadRequest) -> Iterator[Part]:
    if abs(request.man - 0.5) >= OPEN_SEX:
        yield "sex: man" if request.man > 0.5 else "sex: woman", replace(request, man=0.5)
    if request.age_years is not None:
        low, high = (round(years) for years in request.age_years)
        told = f"age: {low} years" if low == high else f"age: {low} to {high} years"
        yield told, replace(request, age_years=None)
    for k, family in enumerate(request.peoples):
        yield people_label(family), replace(request, peoples=_but(request.peoples, k))


def people_label(family: str) -> str:
    """What is told of a family of peoples that words name."""
    return f"people: {family.replace('_', ' ')}"


def _but(items: tuple[Any, ...], place: int) -> tuple[Any, ...]:
    """All items but one."""
    return items[:place] + items[place + 1 :]


def _looks(request: HeadRequest) -> Iterator[Part]:
    for name, (degree, _) in named_attributes(request).items():
        yield look_label(name, degree), left_open(request, [name])


def look_label(name: str, degree: float) -> str:
    """How a degree of an attribute is called: "nose_width +1 SD"."""
    if name == "brow_thickness" and degree <= BROWLESS:
        return "eyebrows: none"
    unit = "step" if name in HAIR_ATTRIBUTES else "SD"
    return f"{name} average" if abs(degree) < _AVERAGE else f"{name} {_short(degree, signed=True)} {unit}"


def _hair(request: HeadRequest) -> Iterator[Part]:
    wish = request.hair
    for slot, value in wish.said.items():
        said = {name: other for name, other in wish.said.items() if name != slot}
        rest = replace(request, hair=replace(wish, said=said))
        if slot == "keep":
            yield f"{value} stays", rest
        elif slot in FACIAL_SLOTS or slot == "amount":
            yield f"{slot.replace('_', ' ')}: {value.replace('_', ' ')}", rest
        else:
            yield f"hair {slot.replace('_', ' ')}: {value.replace('_', ' ')}", rest
    for k, length in enumerate(wish.lengths):
        yield _length(length), replace(request, hair=replace(wish, lengths=_but(wish.lengths, k)))


def _glasses(request: HeadRequest) -> Iterator[Part]:
    wish = request.glasses
    if wish is None:
        return
    said = [word.replace("_", " ") for word in (wish.style, wish.colour) if word]
    if not wish.on:
        said = ["none"]
    elif wish.tint:
        said.append(f"{wish.tint} lenses")
    yield f"glasses: {', '.join(said) or 'on'}", replace(request, glasses=None)


def _length(length: HairLength) -> str:
    name = "hair" if length.region == "all" else length.region
    return f"{name} {_short(length.mm, signed=length.kind == 'change')} mm"


def _expression(request: HeadRequest) -> Iterator[Part]:
    if request.emotion:
        strength = "" if request.emotion == NEUTRAL else f" {_short(request.intensity)}"
        yield f"emotion: {request.emotion}{strength}", replace(request, emotion="")
    weights = {
        name: float(weight)
        for name, weight, named in zip(ARKIT_NAMES, request.expression, request.expression_named, strict=True)
        if named
    }
    for name, weight in weights.items():
        side = re.fullmatch(r"(\w+?[a-z])(Left|Right)", name)
        if side is None or name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
            yield f"{name} {_short(weight)}", _without_units(request, [name])
            continue
        twin = side[1] + {"Left": "Right", "Right": "Left"}[side[2]]
        other = weights.get(twin)
        if other is None or abs(other - weight) >= _SAME_WEIGHT:
            yield f"{name} {_short(weight)}", _without_units(request, [name])
        elif side[2] == "Left":
            yield f"{side[1]} {_short((weight + other) / 2)}", _without_units(request, [name, twin])


def _without_units(request: HeadRequest, names: Iterable[str]) -> HeadRequest:
    """A request that says nothing of some units of the face."""
    weights, named = np.array(request.expression, float), np.array(request.expression_named, bool)
    rows = [ARKIT_NAMES.index(name) for name in names]
    weights[rows], named[rows] = 0.0, False
    return replace(request, expression=weights, expression_named=named)


def _numbers(request: HeadRequest) -> Iterator[Part]:
    for k, goal in enumerate(request.millimetres):
        yield _millimetres(goal), replace(request, millimetres=_but(request.millimetres, k))
    for k, part in enumerate(request.kept):
        yield f"{part} {'stay' if part.endswith('s') else 'stays'}", replace(request, kept=_but(request.kept, k))
    if request.keeps:
        yield "all else stays", replace(request, keeps=False)


def _millimetres(goal: MillimetreGoal) -> str:
    if goal.kind == "percent":
        return f"{goal.measure} {_short(goal.amount, signed=True)} %"
    bound = {"min": "at least ", "max": "at most "}.get(goal.kind, "")
    return f"{goal.measure} {bound}{_short(goal.amount, signed=goal.kind == 'change')} mm"


def _short(number: float, signed: bool = False) -> str:
    """A number with at most one decimal: 1, 0.8, with a sign if it is a change."""
    text = f"{number:+.1f}" if signed else f"{number:.1f}"
    return text.removesuffix(".0")
