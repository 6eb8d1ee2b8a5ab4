"""What follows the network's pass over a text: what a program reads exactly, where it finds something.

Years, codes of action units and blendshapes, complaints, peoples by their table and the wishes for hair and beard join
what the network read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from facegpt.language.changed_request import left_open
from facegpt.language.head_request import HeadRequest
from facegpt.language.numbers import find_numbers
from facegpt.language.reading.beyond.around_eyes import with_eye_surroundings
from facegpt.language.reading.beyond.pointed_ears import with_pointed_ears
from facegpt.language.reading.beyond.table_words import asked_with_table, with_table_words
from facegpt.language.reading.changes import Changes
from facegpt.language.reading.colours_of_parts import with_colours
from facegpt.language.reading.complaints import with_complaints
from facegpt.language.reading.edits.lip_widths import with_lip_widths
from facegpt.language.reading.hair.ends import with_ends_of_hair
from facegpt.language.reading.hair.join import with_hair
from facegpt.language.reading.headwear_words import takes_off_headwear
from facegpt.language.reading.laughter import with_laughter
from facegpt.language.reading.normalise import fold_case
from facegpt.language.reading.one_side import with_one_side
from facegpt.language.reading.peoples_words import with_peoples
from facegpt.language.reading.sexes import find_sex
from facegpt.language.reading.text_reading import Reading, decode_reading
from facegpt.language.reading.unit_codes import with_codes
from facegpt.language.reading.years import find_age
from facegpt.types import Array

#: Probability of a man that a noun or a pronoun of one sex says of somebody new.
_MAN = {"F": 0.05, "M": 0.95}


def read_after_network(
    out: Any,
    tells_log_odds: Callable[[], float],
    text: str,
    thresholds: Mapping[str, float],
    is_edit: bool = False,
    exact: bool = True,
    alone: bool = True,
    states: Array | None = None,
    feelings: Array | None = None,
    changes: Changes | None = None,
) -> Reading:
    """Put a reading together.

    Args:
        out: what the network's heads read, a batch of one.
        tells_log_odds: gives the network's log odds of a face in the answer.
        text: the words that it read.
        thresholds: the network's own.
        is_edit: whether the text changes a head.
        exact: whether anything joins what the network read.
        alone: whether no turn stands before it.
        states: of the words as faces are read, for the network of hair; None where they are not to be had.
        feelings: (E,) log-probabilities of EMOTIONS by the reader of feelings; None where it says nothing.
        changes: what a small network says of a turn that changes a head.
    """

    def tells_face() -> float:
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, tells_log_odds()))))

    reading = decode_reading(out, 0, find_numbers(text), thresholds, is_edit, tells_face, 0, feelings, changes)
    if not exact:
        return reading
    for with_read in (with_years, with_codes, with_complaints):
        reading = replace(reading, request=with_read(reading.request, text))
    reading = with_hair(with_peoples(reading, text), text, is_edit, alone, states)
    for with_read in (with_ends_of_hair, with_colours, with_eye_surroundings, with_table_words, with_pointed_ears,
                      with_one_side, with_laughter, with_lip_widths, with_sex):  # fmt: skip
        reading = replace(reading, request=with_read(reading.request, text))
    request = replace(reading.request, bareheaded=takes_off_headwear(text))
    return replace(reading, request=request, asks=asked_with_table(reading.asks, text))


def with_years(request: HeadRequest, text: str) -> HeadRequest:
    """A request with the years that a text states or bears out, or the number read among them: the age alone."""
    found, read = find_age(text), request.age_years
    if found is None or not (found[2] or read):
        return request
    is_number = read is not None and found[0] <= read[0] == read[1] <= found[1]  # "a boy of 7"
    return replace(left_open(request, ["age"]), age_years=read if is_number else found[:2])


def with_sex(request: HeadRequest, text: str) -> HeadRequest:
    """A request for somebody new with the one sex of its nouns and pronouns, where it describes a look.

    The network hears a man in "a manly woman". What only happens to somebody may be told by anybody.
    """
    said = _MAN.get(find_sex(fold_case(text)))
    if said is None or request.is_edit:
        return request
    describes = bool((np.abs(request.attribute_mean) > 0.3).any() or request.hair or request.age_years)
    contrary = (request.man - 0.5) * (said - 0.5) < 0
    return replace(request, man=said) if contrary or (describes and request.man == 0.5) else request
