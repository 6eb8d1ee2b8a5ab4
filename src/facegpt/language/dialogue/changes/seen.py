"""What differs between two states of a head, as it is measured and seen: the record that replies on changes rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.describe import sentences as words
from facegpt.describe.attribute_words import measure_of, poles
from facegpt.describe.colours_of_heads import iris_name
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.describe.hair_words import hair_changes
from facegpt.describe.scene_words import headwear_words, shirt_words
from facegpt.describe.sentences import Facts
from facegpt.face import Face
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.wording import length_now, of_person
from facegpt.types import FaceParams

#: Differences that are seen: lengths in mm, weights of movements, CIE L* of the skin, years, SDs of other attributes.
SEEN_MM, SEEN_WEIGHT, SEEN_LIGHTNESS, SEEN_YEARS, SEEN_SD = 0.5, 0.1, 1.5, 3.0, 0.5
#: What parameters hold of hair and of all that is worn.
WORN_FIELDS = ("hair", "glasses", "headwear", "shirt")
_SMILES = ("mouthSmileLeft", "mouthSmileRight")
#: Attributes that are told as something else.
_OTHERWISE = frozenset(HAIR_ATTRIBUTES) | frozenset(
    ("age", "masculinity", "heaviness", "skin_lightness", "iris_lightness", "head_size", "asymmetry", "hair_greyness")
)


@dataclass(frozen=True, eq=False)
class State:
    """A head with what is measured and seen on it."""

    face: Face
    facts: Facts

    @classmethod
    def of(cls, model: Maker, face: Face) -> State:
        """Measure a head."""
        return cls(face, model.facts(face))


def is_same(before: FaceParams, after: FaceParams) -> bool:
    """Whether two heads are one and the same: shape, skin, expression, hair and what is worn."""
    arrays = all(
        np.allclose(getattr(before, name), getattr(after, name), atol=1e-4)
        for name in ("identity", "albedo", "expression")
    )
    return arrays and all(getattr(before, name) == getattr(after, name) for name in WORN_FIELDS)


def moves(before: Facts, after: Facts) -> bool:
    """Whether the face does something else: by what is seen, and by its weights, as lips of photos hide a smile's."""
    pairs = ((after.movements, before.movements), (after.blendshapes, before.blendshapes))
    return any(abs(now[name] - was.get(name, 0.0)) >= SEEN_WEIGHT for now, was in pairs for name in now)


def smile_words(before: Facts, after: Facts) -> str:
    """Say that a smile that was there is broader or smaller now; "" for none, and where it stays."""
    was, now = (max(each.blendshapes[name] for name in _SMILES) for each in (before, after))
    if min(was, now) < SEEN_WEIGHT or abs(now - was) < SEEN_WEIGHT:
        return ""
    return f"Its smile is {'broader' if now > was else 'smaller'} than before."


def differences(before: State, after: State, person: Person, cast: Cast, most: int, shape: bool = True) -> list[str]:
    """Sentences on all that differs: hair, what is worn, colours, age; of the shape lengths, traits; the expression."""
    was, now = before.facts, after.facts
    told = [*hair_changes(was.hair, now.hair), *_worn(before, after), *_colours(was, now)]
    years = [each.looks.get("age_years", math.nan) for each in (was, now)]
    if abs(years[1] - years[0]) >= SEEN_YEARS:
        told.append(f"It looks about {round(years[1])} years old now, {round(years[0])} before.")
    told = [of_person(line, person, cast) for line in told]
    if shape:
        told += _lengths(was, now, person, cast, max(most - len(told), 1))
        told += [of_person(line, person, cast) for line in _traits(was, now)]
    if moves(was, now):
        told.append(of_person(words.expression_words(now), person, cast))
    return [line for line in told if line][: most + 1]


def _worn(before: State, after: State) -> list[str]:
    was, now = before.face.params, after.face.params
    told = []
    if was.glasses != now.glasses:
        told.append(words.glasses_words(now.glasses) or "It wears no glasses now.")
    if was.headwear != now.headwear:
        told.append(headwear_words(now.headwear) if now.headwear is not None else "It wears nothing on its head now.")
    if was.shirt != now.shirt:
        told.append(shirt_words(now.shirt))
    return told


def _colours(was: Facts, now: Facts) -> list[str]:
    told = []
    if was.irises is not None and now.irises is not None and iris_name(was.irises) != iris_name(now.irises):
        told.append(f"Its eyes are {iris_name(now.irises)} now.")
    light = [each.looks.get("skin_lightness", math.nan) for each in (was, now)]
    if abs(light[1] - light[0]) >= SEEN_LIGHTNESS:
        told.append(f"The skin is {'lighter' if light[1] > light[0] else 'darker'} than before.")
    return told


def _lengths(was: Facts, now: Facts, person: Person, cast: Cast, most: int) -> list[str]:
    """The lengths that differ most, in mm and for their size, and last how many others differ; the most mm first."""
    gaps = {name: abs(each.value_mm - was.measures[name].value_mm) for name, each in now.measures.items()}
    seen = [name for name, gap in gaps.items() if gap >= SEEN_MM]
    rows = sorted(seen, key=lambda name: -(gaps[name] ** 2) / was.measures[name].value_mm)
    told = [length_now(name, was, now, person, cast) for name in sorted(rows[:most], key=lambda name: -gaps[name])]
    if rest := len(rows[most:]):
        others = "length changes less for its size" if rest == 1 else "lengths change less for their size"
        told.append(f"{rest} other {others}.")
    return told


def _traits(was: Facts, now: Facts) -> list[str]:
    """Traits without a measure that differ, the largest first."""
    gap = {
        name: value - was.attributes.get(name, value)
        for name, value in now.attributes.items()
        if name in poles() and not measure_of(name) and name not in _OTHERWISE
    }
    order: Sequence[str] = sorted(gap, key=lambda name: -abs(gap[name]))
    told = []
    for name in (each for each in order if abs(gap[each]) >= SEEN_SD):
        before, after = words.trait_words(was, name), words.trait_words(now, name)
        told += [f"{after.rstrip('.')} now."] if before != after else []
    return told
