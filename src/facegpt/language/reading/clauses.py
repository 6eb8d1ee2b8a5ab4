"""What one reading of a whole request leaves out: each clause is read again, and words that change nothing are told.

A long request is read in one pass, and of two things that it asks for one may be lost. A clause that alone says
something which the whole does not is added. What is said by no clause, and whose words can be left out without any
change of the reading, was not read: `Whole.unread` holds it, so that nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.describe.attribute_words import measure_of
from facegpt.describe.emotion_units import NEUTRAL
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.language.hair_wish import FACIAL_SLOTS, HAIR_SLOTS
from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.characters import without_heard_of_body
from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import words_in
from facegpt.language.reading.beyond.ahead import Ahead, not_ahead
from facegpt.language.reading.beyond.label_numbers import names
from facegpt.language.reading.beyond.unread_words import (
    WORD,
    ClauseReading,
    Labels,
    Reads,
    carries,
    leaves_out,
    unread_words,
)
from facegpt.language.reading.complaints import complaint_of_person
from facegpt.language.reading.edits.kept_parts import without_kept
from facegpt.language.reading.hair.denied import denied_stretches
from facegpt.language.reading.one_side import TWIN
from facegpt.language.reading.peoples_words import only_of_people
from facegpt.language.targets import ATTRIBUTES

#: Why words are told that no reading rests on.
UNREAD = "nothing was read in these words"
#: The same of lengths where a trait can be changed, but is not measured.
UNMEASURED = "no length of this head is measured there, so a usual step was taken"
#: Where clauses end; more of them than this are not looked at one by one.
_CUT = re.compile(r"\s*(?:[,;!?\n]+|\.(?!\d)|\b(?:and|but|then|plus|while|when|because)\b)+\s*", re.IGNORECASE)
MOST_CLAUSES = 12
#: Where sentences end.
_SENTENCE = re.compile(r"[;!?\n]+|\.(?!\d)")
#: Words after which a clause may mean the contrary of what it says alone.
_DENIAL = re.compile(
    r"\b(?:no|not|never|nor|neither|without|except|instead of|rather|opposite|less|than|anything|\w+n't|lose|drop|"
    r"remove)\b",
    re.IGNORECASE,
)
#: A clause of one participle or adjective, which no "no" before it denies: "no beard, balding".
_DESCRIBES = re.compile(
    r"(?:(?:very|quite|slightly|rather|a bit) )?(?:more [a-z]+|[a-z]{3,}(?:ing|ed|y|ish|er))[.!]?", re.IGNORECASE
)
#: How a clause begins that says a way of its own, which no "less" before it turns round: "less beard and bluer eyes".
_COMPARES = re.compile(r"(?:a (?:bit|little) |much |slightly )?(?:more|less|fewer|[a-z]{3,}er) [a-z]", re.IGNORECASE)
_LESS = re.compile(r"\b(?:less|fewer)\b", re.IGNORECASE)
#: How a clause begins that has a verb of its own, which no "no" before it denies: "no hat, and make him smile".
_ORDERS = re.compile(
    r"(?:and |then |also |please |just )*"
    r"(?:make|give|let|add|put|turn|change|set|have|dye|colou?r|show|open|close|shut)\b",
    re.IGNORECASE,
)
#: What stays where words keep hair, by the value of the slot "keep": attributes and slots.
_KEEPS = {
    "hair": (
        *("hair_length", "hair_lightness", "hair_redness", "hair_greyness"),
        *(slot for slot in HAIR_SLOTS if slot not in (*FACIAL_SLOTS, "keep")),
    ),
    "colour": ("hair_lightness", "hair_redness", "hair_greyness", "colour", "tone", "grey", "grey_change"),
    "length": ("hair_length", "length", "length_change"),
    "beard": ("beard", "beard_change", "beard_colour"),
    "moustache": ("moustache",),
}
#: Slots of one wish that two readers read: the attributes as which it is read as well.
_READ_TWICE = {"beard_change": ("beard", "moustache"), "grey_change": ("hair_greyness",)}
#: Probability from which an attribute of a clause that was read alone is added, and the mean that counts as named, SDs.
_SURELY, _NAMED = 0.5, 0.3
#: Probability of an emotion from which a clause names it beside movements of other clauses.
_SURELY_FELT = 0.98
#: What of a request a clause says where the whole says nothing of it; None or "" says nothing.
_OF_A_CLAUSE = (
    *("glasses", "headwear", "irises", "brow_colour", "brows_meet", "ear_points", "lips", "skin"),
    *("character", "impression", "build", "era", "age_years"),
)
_LENGTH = re.compile(r"(?:by )?[-+]?\d+(?:[.,]\d+)?\s?(?:mm|cm|millimet\w+|centimet\w+|inch(?:es)?|%|percent)", re.I)


@dataclass(frozen=True)
class Whole:
    """A request with what its clauses say alone, and the words in which nothing was read, each with the reason."""

    request: HeadRequest
    unread: tuple[str, ...] = ()


def read_clauses(text: str, reading: ClauseReading, read: Reads, labels: Labels, ahead: Ahead = not_ahead) -> Whole:
    """Complete the reading of a text by its clauses, and find what of it nothing was read in.

    Args:
        text: the request.
        reading: of the whole text.
        read: reads other words in the same way.
        labels: what a request asks for.
        ahead: is told what will be read.
    """
    kept, keeps = reading.request.kept, reading.request.keeps
    if (kept or keeps) and (rest := without_kept(text)) != text:
        whole = read_clauses(rest, read(rest), read, labels, ahead)
        return replace(whole, request=_settled_hair(replace(whole.request, kept=kept, keeps=keeps)))
    if reading.request.is_edit and (complaint := complaint_of_person(text)):
        return _beside_complaint(complaint, reading, read, labels, ahead)
    request, unread, unmeasured = reading.request, list[str](), list[str]()
    clauses = clauses_of(text)
    ahead(clauses if len(clauses) > 1 else ())
    alone = [reading] if len(clauses) < 2 else [read(clause) for clause in clauses]
    if len(clauses) > 1:
        request = _with_own_lengths(request, [each.request for each in alone])
        for clause, of_clause in zip(clauses, alone, strict=True):
            of_people = clause.lower() in only_of_people(text)  # "white" is no white hair there
            if not (of_people or _may_be_denied(clause, _before(clause, text))):
                request = completed(request, of_clause, clause, stilled_by(alone))
        request = _with_own_strength(request, alone)
    told = names(labels(reading.request))
    for clause, of_clause in zip(clauses, alone, strict=True):
        if (
            not carries(clause)
            or clause.lower().startswith("not ")
            or labels(of_clause.request)
            or not leaves_out(text, clause, told, read, labels)
        ):
            continue
        plain, numbers = without_lengths(clause)
        of_plain = read(plain) if numbers else of_clause
        if numbers and labels(of_plain.request):  # no measure of this head, but a trait
            request = completed(request, of_plain, plain)
            unmeasured.append(numbers)
        else:
            unread.append(clause)
    request = _settled_hair(request, text)
    if labels(request):
        by_clause = [(clause, names(labels(each.request))) for clause, each in zip(clauses, alone, strict=True)]
        left = unread_words(text, unread, told, by_clause, read, labels, ahead)
        unread += [word for word in left if request.age_years is None or read(word).request.age_years is None]
    request, unread = _with_character(request, text, unread, read)
    reasons = dict.fromkeys(unread, UNREAD) | dict.fromkeys(unmeasured, UNMEASURED)
    return Whole(request, tuple(f"{words}: {why}" for words, why in reasons.items()))


def _beside_complaint(
    complaint: tuple[str, str], reading: ClauseReading, read: Reads, labels: Labels, ahead: Ahead
) -> Whole:
    """A reading that has the contrary of what a complaint names, with what the clauses beside it say alone."""
    rest, wish = complaint
    unread = () if labels(read(wish).request) else (f"{wish.split(maxsplit=2)[-1]}: {UNREAD}",)
    if not rest:
        return Whole(reading.request, unread)
    whole = read_clauses(rest, read(rest), read, labels, ahead)
    of_rest = Whole(whole.request)
    return Whole(completed(reading.request, of_rest, rest), (*unread, *whole.unread))


def _with_own_lengths(request: HeadRequest, alone: Sequence[HeadRequest]) -> HeadRequest:
    """A request in which no clause that says how it is without a number has the length of another clause.

    The 3 mm of "a tad wider mouth, 3 mm longer nose" are not the mouth's. alone: what each clause says by itself.
    """
    without = [each for each in alone if not each.millimetres]
    told = [np.any([np.abs(each.attribute_mean) >= _NAMED for each in without], axis=0)] if without else []
    moved = {measure_of(ATTRIBUTES[k]) for each in told for k in np.flatnonzero(each)}
    own = {(goal.measure, goal.amount) for each in alone for goal in each.millimetres}
    known, amounts = {measure for measure, _ in own}, {amount for _, amount in own}
    lent = [g for g in request.millimetres if g.measure in moved - known and g.amount in amounts]
    return replace(request, millimetres=tuple(g for g in request.millimetres if g not in lent))


def _with_own_strength(request: HeadRequest, alone: Sequence[ClauseReading]) -> HeadRequest:
    """A request whose emotion is as strong as the only clause says that names it: "less wrinkles, a bit surprised"."""
    same = [each.request for each in alone if each.request.emotion not in ("", NEUTRAL)]
    if len(same) != 1 or same[0].emotion != request.emotion:
        return request
    return replace(request, intensity=same[0].intensity)


def _settled_hair(request: HeadRequest, text: str = "") -> HeadRequest:
    """A request without what it says of hair that is to stay as it is: "lose the specs but keep the beard".

    Without a beard there is no moustache either, unless the words name one or keep some hair.
    """
    twice = [name for slot, names in _READ_TWICE.items() if slot in request.hair.said for name in names]
    if request.is_edit and twice:
        mean = np.array(request.attribute_mean, float)
        mean[np.isin(ATTRIBUTES, twice)] = 0.0
        request = replace(request, attribute_mean=mean)
    stays = request.is_edit and "keep" in request.hair.said
    before = text[: next((start for start, *_ in denied_stretches(text)), 0)]  # "moustache only, no beard"
    named = "moustache" in {PARTS.get(word) for word in words_in(before)}
    if request.hair.said.get("beard") == "none" and "moustache" not in request.hair.said and not (stays or named):
        request = replace(request, hair=replace(request.hair, said={**request.hair.said, "moustache": "none"}))
    if not request.hair.of_head and {*request.hair.said} == {"amount"}:  # of a change of something else
        return replace(request, hair=replace(request.hair, said={}))
    told = (request.hair.said.get("keep", ""), *(name.removeprefix("hair ") for name in request.kept))
    kept = [each for name in told for each in _KEEPS.get(name, ())] if request.is_edit else []
    if not kept:
        return request
    mean = np.array(request.attribute_mean, float)
    mean[np.isin(ATTRIBUTES, kept)] = 0.0
    said = {slot: value for slot, value in request.hair.said.items() if slot not in kept}
    same = "length" in kept
    lengths = tuple(each for each in request.hair.lengths if not same or each.region == "beard")
    return replace(request, attribute_mean=mean, hair=replace(request.hair, said=said, lengths=lengths))


def _may_be_denied(clause: str, before: str) -> bool:
    """Whether a word of the clauses before one may turn it round."""
    if _DESCRIBES.fullmatch(clause) or _ORDERS.match(clause):
        return False
    return bool(_DENIAL.search(_LESS.sub(" ", before) if _COMPARES.match(clause) else before))


def _before(clause: str, text: str) -> str:
    """What stands before a clause in its sentence: no denial goes on beyond."""
    return _SENTENCE.split(text[: max(text.find(clause), 0)])[-1]


def clauses_of(text: str) -> list[str]:
    """The clauses of a text; the whole, where there are none or too many."""
    found = [piece.strip() for piece in _CUT.split(text) if piece and WORD.search(piece)]
    return found if 1 < len(found) <= MOST_CLAUSES else [text.strip()]


def without_lengths(clause: str) -> tuple[str, str]:
    """A clause without the lengths and shares in it, and these; "" where it has none."""
    found = " ".join(match[0] for match in _LENGTH.finditer(clause))
    return " ".join(_LENGTH.sub(" ", clause).split()), found


def _with_character(request: HeadRequest, text: str, unread: list[str], read: Reads) -> tuple[HeadRequest, list[str]]:
    """A request with the looks that unread words name by themselves ("handsome"), unless denied; what is left."""
    left = []
    for word in unread:
        alone = len(word.split()) == 1 and not _DENIAL.search(text.partition(word)[0])
        named = read(word).request if alone else request
        character, impression = request.character or named.character, request.impression or named.impression
        if (character, impression) == (request.character, request.impression):
            left.append(word)
        request = replace(request, character=character, impression=impression)
    return request, left


def things_in(text: str) -> frozenset[str]:
    """What a text names: its words that carry a meaning, in plain form, parts of the face by one word each."""
    found = set()
    for word in words_in(text):
        plain = base_form(word)
        part = PARTS.get(word, PARTS.get(plain, ""))
        if part not in ("person", "face", "head") and (part or carries(word)):
            found.add(part or plain)
    return frozenset(found)


# What a clause adds


def completed(
    request: HeadRequest, reading: ClauseReading, clause: str, stilled: NDArray[np.bool_] | None = None
) -> HeadRequest:
    """A request with what a clause of it says alone, where the whole was read to say nothing of it.

    stilled: (52,) True for movements that any clause alone puts at rest; what none does, no clause can be against.
    """
    part = reading.request
    request = _with_attributes(request, reading, clause)
    known = {goal.measure for goal in request.millimetres}
    goals = (*request.millimetres, *(goal for goal in part.millimetres if goal.measure not in known))
    said = {**part.hair.said, **request.hair.said}
    if request.hair.of_head and "keep" not in request.hair.said:  # "keep the hair but make it darker" keeps the rest
        said.pop("keep", None)
    hair = replace(request.hair, said=said, lengths=request.hair.lengths or part.hair.lengths)
    own = {name: getattr(part, name) for name in _OF_A_CLAUSE if getattr(request, name) in (None, "")}
    request = replace(request, millimetres=goals, hair=hair, **own)
    return _with_expression(without_heard_of_body(request), reading, stilled)


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
    add &= ~_of_other_side(request, part)
    weights[add], named[add] = np.asarray(part.expression)[add], True
    request = replace(request, expression=weights, expression_named=named)
    rests = request.is_edit and part.emotion == NEUTRAL
    feels = not bool(np.asarray(part.expression_named).any()) and _feels(reading)
    if request.emotion or not part.emotion or (acts and not rests and not feels):
        return request
    return replace(request, emotion=part.emotion, intensity=part.intensity)  # at rest but for what else is named


def _of_other_side(request: HeadRequest, part: HeadRequest) -> NDArray[np.bool_]:
    """(52,) True for movements that a request has on the other side alone: where words leave it open, one stays."""
    moves, rests = (
        [
            np.asarray(each.expression_named, bool) & ((np.asarray(each.expression) > 0) == is_on)
            for each in (request, part)
        ]
        for is_on in (True, False)
    )
    return moves[0][TWIN] & rests[0] & moves[1] & rests[1][TWIN]


def _feels(reading: ClauseReading) -> bool:
    """Whether a reading is sure of an emotion other than none."""
    sure = float(getattr(reading, "emotion_probability", 0.0))
    return reading.request.emotion != NEUTRAL and sure >= _SURELY_FELT


def _names_a_part(clause: str) -> bool:
    words = words_in(clause)
    return any(PARTS.get(word, PARTS.get(base_form(word), "person")) != "person" for word in words)
