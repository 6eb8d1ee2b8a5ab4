"""A request with what one clause of it says alone, where the whole was read to say nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facegpt.describe.emotion_units import NEUTRAL
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.language.head_request import HeadRequest
from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import words_in
from facegpt.language.targets import ATTRIBUTES

#: Probability from which an attribute of a clause that was read alone is added, and the mean that counts as named, SDs.
_SURELY, _NAMED = 0.5, 0.3
#: Probability of an emotion from which a clause names it beside movements of other clauses.
_SURELY_FELT = 0.98


class ClauseReading(Protocol):
    """What was read in words: `text_reading.Reading`, or a conversation's."""

    @property
    def request(self) -> HeadRequest:
        """What the words ask of a head."""


def completed(
    request: HeadRequest, reading: ClauseReading, clause: str, stilled: NDArray[np.bool_] | None = None
) -> HeadRequest:
    """A request with what a clause of it says alone, where the whole was read to say nothing of it.

    stilled: (52,) True for movements that any clause alone puts at rest; what none does, no clause can be against.
    """
    part = reading.request
    request = _with_attributes(request, reading, clause)
    known = {goal.measure for goal in request.millimetres}
    new = tuple(goal for goal in part.millimetres if goal.measure not in known)
    said = {slot: value for slot, value in part.hair.said.items() if slot not in request.hair.said}
    if request.hair.of_head:  # "keep the hair but make it darker" keeps the rest of it
        said.pop("keep", None)
    hair = replace(request.hair, said={**request.hair.said, **said}, lengths=request.hair.lengths or part.hair.lengths)
    request = replace(
        request,
        millimetres=(*request.millimetres, *new),
        hair=hair,
        glasses=request.glasses if request.glasses is not None else part.glasses,
        irises=request.irises or part.irises,
        brow_colour=request.brow_colour or part.brow_colour,
        brows_meet=part.brows_meet if request.brows_meet is None else request.brows_meet,
        ear_points=part.ear_points if request.ear_points is None else request.ear_points,
        lips=request.lips or part.lips,
        skin=request.skin or part.skin,
        character=request.character or part.character,
        impression=request.impression or part.impression,
        era=request.era or part.era,
        headwear=request.headwear or part.headwear,
        age_years=request.age_years or part.age_years,
    )
    return _with_expression(request, reading, stilled)


def stilled_by(alone: Sequence[ClauseReading]) -> NDArray[np.bool_]:
    """(52,) True for movements that any of some readings puts at rest."""
    return np.any([each.request.expression_named & (each.request.expression == 0) for each in alone], axis=0)


def _with_attributes(request: HeadRequest, reading: ClauseReading, clause: str) -> HeadRequest:
    """A request with the attributes that a clause is sure of and names by a part of the face or by the whole person."""
    part = reading.request
    mean, spread = (np.array(of, float) for of in (request.attribute_mean, request.attribute_spread))
    theirs = np.asarray(part.attribute_mean, float)
    is_open = np.abs(mean) < _NAMED if request.is_edit else (np.abs(mean) < _NAMED) & (spread > 0.85)
    add = is_open & (np.abs(theirs) >= _NAMED) & _sure(reading)
    for k, name in enumerate(ATTRIBUTES):
        add[k] &= not (name in HAIR_ATTRIBUTES and bool(request.hair)) and name not in ("age", "masculinity")
    if not _names_a_part(clause):
        add &= np.isin(ATTRIBUTES, ("heaviness", "freckles", "wrinkles", "skin_lightness", "skin_redness"))
        add &= len(clause.split()) > 1 or not request.is_edit  # "the brows: darker and thicker" is of the brows
    mean[add], spread[add] = theirs[add], np.asarray(part.attribute_spread, float)[add]
    return replace(request, attribute_mean=mean, attribute_spread=spread)


def _sure(reading: ClauseReading) -> NDArray[np.bool_]:
    """(K,) True for attributes that a reading is sure of; all, where it does not tell how sure it is."""
    known = getattr(reading, "attribute_probability", None)
    return np.ones(len(ATTRIBUTES), bool) if known is None else np.asarray(known) >= _SURELY


def _with_expression(request: HeadRequest, reading: ClauseReading, stilled: NDArray[np.bool_] | None) -> HeadRequest:
    """A request with the movements, and where it has no expression with the emotion, that a clause names.

    An emotion that a clause surely names and moves nothing beside ("look surprised") goes with movements of others.
    """
    part = reading.request
    weights, named = np.array(request.expression, float), np.array(request.expression_named, bool)
    acts = bool((named & (weights > 0)).any())
    add = np.asarray(part.expression_named, bool) & (np.asarray(part.expression) > 0)
    add &= ~named if stilled is None else ~named | ((weights == 0) & ~stilled)
    weights[add], named[add] = np.asarray(part.expression)[add], True
    request = replace(request, expression=weights, expression_named=named)
    rests = request.is_edit and part.emotion == NEUTRAL
    feels = not bool(np.asarray(part.expression_named).any()) and _feels(reading)
    if request.emotion or not part.emotion or (acts and not rests and not feels):
        return request
    return replace(request, emotion=part.emotion, intensity=part.intensity)  # at rest but for what else is named


def _feels(reading: ClauseReading) -> bool:
    """Whether a reading is sure of an emotion other than none."""
    sure = float(getattr(reading, "emotion_probability", 0.0))
    return reading.request.emotion != NEUTRAL and sure >= _SURELY_FELT


def _names_a_part(clause: str) -> bool:
    words = words_in(clause)
    return any(PARTS.get(word, PARTS.get(base_form(word), "person")) != "person" for word in words)
