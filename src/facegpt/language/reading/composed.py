"""What follows from the parts of a request: years added, clauses that are turned round, denied or held back."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from facegpt.language.head_request import HeadRequest
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.reading.beyond.held_back import held_back, with_held_back
from facegpt.language.reading.complaints import complaint_of_person, with_contrary
from facegpt.language.reading.edits.denied_states import at_rest, clauses_without_denial
from facegpt.language.reading.edits.smile_company import as_asked_at_least, with_company, without_smile_of_frown
from facegpt.language.reading.edits.times_as_big import with_multiples
from facegpt.language.reading.edits.years_more import with_years_more
from facegpt.language.reading.hair.denied import without_denied_hair
from facegpt.language.reading.text_reading import Reading
from facegpt.language.reading.turned_round import (
    denied_clauses,
    slight_clauses,
    turned_round,
    with_slight,
    without_denied,
    without_denied_traits,
    without_turns,
)
from facegpt.language.targets import ATTRIBUTES


class Reads(Protocol):
    """Reads other words in the same way."""

    def __call__(self, messages: str, face: FaceReading | None = None, is_edit: bool = False) -> Reading:
        """What is read in them."""


def composed(
    request: HeadRequest, text: str, read: Reads, face: FaceReading | None = None, is_edit: bool = False
) -> HeadRequest:
    """A request with what follows from its parts.

    Args:
        request: as the whole text was read.
        text: that was read.
        read: reads its clauses.
        face: the one that is changed, where it is known.
        is_edit: whether the text changes a head.
    """
    if is_edit and face is not None and (complaint := complaint_of_person(text)):
        rest, wish = complaint
        nothing = np.zeros(len(ATTRIBUTES))
        beside = read(rest, face, True).request if rest else HeadRequest(nothing, nothing, is_edit=True)
        return with_contrary(beside, read(wish, face, True).request, face)
    worn = np.asarray(face.expression, float) if is_edit and face is not None else None
    if is_edit and face is not None:
        request = with_years_more(request, text, face.age_years)
    if is_edit:
        request = with_multiples(request, text, lambda words: read(words, face, True).request)
    for clause, share in without_turns(text):
        request = turned_round(request, read(clause, face, is_edit).request, share, worn)
    for clause in slight_clauses(text):
        alone = clause == text.strip(" .!?")
        request = with_slight(request, request if alone else read(clause, face, is_edit).request)
    for clause in denied_clauses(text):
        request = without_denied(request, read(clause).request, clause)
        if is_edit:
            request = without_denied_traits(request, read(clause, face, True).request, clause)
    if worn is not None and face is not None:
        for clause in clauses_without_denial(text):
            request = at_rest(request, read(clause).request, worn)
        request = without_smile_of_frown(as_asked_at_least(request, text, worn), text, worn)
        request = with_company(request, face)
    request = without_denied_hair(request, text, lambda each: read(each).request)
    if held := held_back(text):
        request = with_held_back(request, read(held).request)
    return request
