"""What one reading of a whole request leaves out: each clause is read again, and words that change nothing are told.

A long request is read in one pass, and of two things that it asks for one may be lost. A clause that alone says
something which the whole does not is added. What is said by no clause, and whose words can be left out without any
change of the reading, was not read: `Whole.unread` holds it, so that nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facegpt.describe.emotion_units import NEUTRAL
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.language.eye_colours import EYE_WORDS
from facegpt.language.hair_wish import FACIAL_SLOTS, HAIR_SLOTS, hair_vocabulary
from facegpt.language.head_request import HeadRequest
from facegpt.language.parts import ALIKE, PARTS, base_form
from facegpt.language.patterns import word_set
from facegpt.language.reading.edits.kept_parts import without_kept
from facegpt.language.targets import ATTRIBUTES
from facegpt.language.trait_words import traits_said

#: Why words are told that no reading rests on.
UNREAD = "nothing was read in these words"
#: The same of lengths where a trait can be changed, but is not measured.
UNMEASURED = "no length of this head is measured there, so a usual step was taken"
#: Where clauses end; more of them than this, and more words than that, are not looked at one by one.
_CUT = re.compile(r"\s*(?:[,;!?\n]+|\.(?!\d)|\b(?:and|but|then|plus|while)\b)+\s*", re.IGNORECASE)
MOST_CLAUSES, MOST_WORDS = 6, 5
#: Probability from which an attribute of a clause that was read alone is added, and the mean that counts as named, SDs.
_SURELY, _NAMED = 0.5, 0.3
#: Amounts that differ by more than this (SDs, steps, shares, years) do not say the same.
APART = 0.3
#: Words after which a clause may mean the contrary of what it says alone.
_DENIAL = re.compile(
    r"\b(?:no|not|never|nor|neither|without|except|instead|rather|opposite|less|than|anything|\w+n't|lose|drop|remove)\b",
    re.IGNORECASE,
)
#: A clause of one participle or adjective, which no "no" before it denies: "no beard, balding".
_DESCRIBES = re.compile(r"(?:(?:very|quite|slightly|rather|a bit) )?[a-z]{3,}(?:ing|ed|y|ish)[.!]?", re.IGNORECASE)
#: Closed classes of English and words of asking and courtesy: they carry no trait themselves.
_CARRIERS = word_set(
    "a an the this that these those my your his her its our their he she it they him them i me you we us who "
    "whose which and or but so as at by for from in into of off on onto out over to up with within just only "
    "also too very really quite rather bit little lot lots tons some any all both each every other same one "
    "two is are be was were been am has have had do does did done make makes made give gives get gets put puts "
    "set let turn turns add keep want need would could should can will may might please pls plz thanks thank "
    "ok okay now then again here there when what how if like look looks looking show shows showing seem seems "
    "please someone somebody person people man woman guy girl boy lady face head hair eyes him hers more less "
    "much most change changed him's she's he's it's i'd i'll let's not no yes hi hello hey maybe something "
    "somehow thing things sort type style version rest else stay stays way about around after before "
    "who's year years old young older younger mm cm slightly bit having being nice try using use both whole entire new "
    "shave trim "
    "paint dye grow wear stop start under over between above below behind beside near through against across along "
    "three four five six seven eight nine ten just loud because since though although raise lift lower wearing wears "
    "instead though anyway actually basically everything anything else's "
    "great good perfect lovely cool awesome super wow well fine brilliant amazing excellent "
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
_LENGTH = re.compile(r"(?:by )?[-+]?\d+(?:[.,]\d+)?\s?(?:mm|cm|millimet\w+|centimet\w+|inch(?:es)?|%|percent)", re.I)
_WORD = re.compile(r"[^\W_][\w'’-]*")
_HAIR = hair_vocabulary()


class Reading(Protocol):
    """What was read in words: `text_reading.Reading`, or a conversation's."""

    @property
    def request(self) -> HeadRequest:
        """What the words ask of a head."""


Reads = Callable[[str], Reading]
#: What a request asks for, as `generate.understood.understood` tells it.
Labels = Callable[[HeadRequest], list[str]]


@dataclass(frozen=True)
class Whole:
    """A request with what its clauses say alone, and the words in which nothing was read, each with the reason."""

    request: HeadRequest
    unread: tuple[str, ...] = ()


def read_clauses(text: str, reading: Reading, read: Reads, labels: Labels) -> Whole:
    """Complete the reading of a text by its clauses, and find what of it nothing was read in.

    Args:
        text: the request.
        reading: of the whole text.
        read: reads other words in the same way.
        labels: what a request asks for.
    """
    kept = reading.request.kept
    if kept and (rest := without_kept(text)) != text:
        whole = read_clauses(rest, read(rest), read, labels)
        return replace(whole, request=replace(whole.request, kept=kept))
    request, unread, unmeasured = reading.request, list[str](), list[str]()
    clauses = clauses_of(text)
    alone = [reading] if len(clauses) < 2 else [read(clause) for clause in clauses]
    if len(clauses) > 1:
        for k, (clause, of_clause) in enumerate(zip(clauses, alone, strict=True)):
            if _DESCRIBES.fullmatch(clause) or not any(_DENIAL.search(before) for before in clauses[:k]):
                request = completed(request, of_clause, clause, _stilled(alone))
    told = _names(labels(reading.request))
    for clause, of_clause in zip(clauses, alone, strict=True):
        if not carries(clause) or labels(of_clause.request) or not _leaves_out(text, clause, told, read, labels):
            continue
        plain, numbers = without_lengths(clause)
        of_plain = read(plain) if numbers else of_clause
        if numbers and labels(of_plain.request):  # no measure of this head, but a trait
            request = completed(request, of_plain, plain)
            unmeasured.append(numbers)
        else:
            unread.append(clause)
    request = _settled_hair(request)
    if labels(request):
        idle = _unread_words(text, unread, told, read, labels)
        by_clause = [(clause, _names(labels(each.request))) for clause, each in zip(clauses, alone, strict=True)]
        left = [word for word in idle if not _says_in_its_clause(word, by_clause, read, labels)]
        unread += [word for word in left if request.age_years is None or read(word).request.age_years is None]
    reasons = dict.fromkeys(unread, UNREAD) | dict.fromkeys(unmeasured, UNMEASURED)
    return Whole(request, tuple(f"{words}: {why}" for words, why in reasons.items()))


def _settled_hair(request: HeadRequest) -> HeadRequest:
    """A request without what it says of hair that is to stay as it is: "lose the specs but keep the beard".

    Somebody new without a beard has no moustache either, unless the words name one.
    """
    if not request.is_edit and request.hair.said.get("beard") == "none" and "moustache" not in request.hair.said:
        return replace(request, hair=replace(request.hair, said={**request.hair.said, "moustache": "none"}))
    kept = _KEEPS.get(request.hair.said.get("keep", ""), ()) if request.is_edit else ()
    if not kept:
        return request
    mean = np.array(request.attribute_mean, float)
    mean[np.isin(ATTRIBUTES, kept)] = 0.0
    said = {slot: value for slot, value in request.hair.said.items() if slot not in kept}
    stays = "length" in kept
    lengths = tuple(each for each in request.hair.lengths if not stays or each.region == "beard")
    return replace(request, attribute_mean=mean, hair=replace(request.hair, said=said, lengths=lengths))


def clauses_of(text: str) -> list[str]:
    """The clauses of a text; the whole, where there are none or too many."""
    found = [piece.strip() for piece in _CUT.split(text) if piece and _WORD.search(piece)]
    return found if 1 < len(found) <= MOST_CLAUSES else [text.strip()]


def without_lengths(clause: str) -> tuple[str, str]:
    """A clause without the lengths and shares in it, and these; "" where it has none."""
    found = " ".join(match[0] for match in _LENGTH.finditer(clause))
    return " ".join(_LENGTH.sub(" ", clause).split()), found


def completed(
    request: HeadRequest, reading: Reading, clause: str, stilled: NDArray[np.bool_] | None = None
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
        lips=request.lips or part.lips,
        skin=request.skin or part.skin,
        character=request.character or part.character,
        era=request.era or part.era,
        headwear=request.headwear or part.headwear,
        age_years=request.age_years or part.age_years,
    )
    return _with_expression(request, part, stilled)


def _stilled(alone: Sequence[Reading]) -> NDArray[np.bool_]:
    """(52,) True for movements that any of some readings puts at rest."""
    return np.any([each.request.expression_named & (each.request.expression == 0) for each in alone], axis=0)


def _with_attributes(request: HeadRequest, reading: Reading, clause: str) -> HeadRequest:
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
    mean[add], spread[add] = theirs[add], np.asarray(part.attribute_spread, float)[add]
    return replace(request, attribute_mean=mean, attribute_spread=spread)


def _sure(reading: Reading) -> NDArray[np.bool_]:
    """(K,) True for attributes that a reading is sure of; all, where it does not tell how sure it is."""
    known = getattr(reading, "attribute_probability", None)
    return np.ones(len(ATTRIBUTES), bool) if known is None else np.asarray(known) >= _SURELY


def _with_expression(request: HeadRequest, part: HeadRequest, stilled: NDArray[np.bool_] | None = None) -> HeadRequest:
    """A request with the movements, and where it has no expression with the emotion, that a clause names."""
    weights, named = np.array(request.expression, float), np.array(request.expression_named, bool)
    acts = bool((named & (weights > 0)).any())
    add = np.asarray(part.expression_named, bool) & (np.asarray(part.expression) > 0)
    add &= ~named if stilled is None else ~named | ((weights == 0) & ~stilled)
    weights[add], named[add] = np.asarray(part.expression)[add], True
    request = replace(request, expression=weights, expression_named=named)
    if request.emotion or not part.emotion or (acts and not (request.is_edit and part.emotion == NEUTRAL)):
        return request
    return replace(request, emotion=part.emotion, intensity=part.intensity)  # at rest but for what else is named


def _names_a_part(clause: str) -> bool:
    words = re.findall(r"[a-z]+", clause.lower())
    return any(PARTS.get(word, PARTS.get(base_form(word), "person")) != "person" for word in words)


def _names(labels: Sequence[str]) -> set[str]:
    """What is asked for, and whether more, less or nothing of it, without how much."""
    return {re.sub(r"\d[\d.]*", lambda m: "" if float(m[0]) else "0", label).strip() for label in labels}


def carries(words: str) -> bool:
    """Whether some words are more than words of closed classes, of asking and of courtesy."""
    plain = re.sub(r"\bkinds? of\b", " ", words.lower().replace("’", "'"))
    return any(word not in _CARRIERS for word in re.findall(r"[^\W\d_][\w']*", plain))


def things_in(text: str) -> frozenset[str]:
    """What a text names: its words that carry a meaning, in plain form, parts of the face by one word each."""
    found = set()
    for word in re.findall(r"[^\W\d_]+", text.lower()):
        plain = base_form(word)
        part = PARTS.get(word, PARTS.get(plain, ""))
        if part not in ("person", "face", "head") and (part or carries(word)):
            found.add(part or plain)
    return frozenset(found)


def _leaves_out(text: str, words: str, told: set[str], read: Reads, labels: Labels) -> bool:
    """Whether a text without some of its words is read to ask for the same."""
    return _names(_asked_without(text, words, told, read, labels)) == told


def _asked_without(text: str, words: str, told: set[str], read: Reads, labels: Labels) -> list[str]:
    """What a text that is `told` without some of its words asks for: "a guy" is told and carries no trait."""
    rest = " ".join(text.replace(words, " ", 1).split())
    return labels(read(rest).request) if carries(rest) or (told and _WORD.search(rest)) else []


def _unread_words(text: str, unread: Sequence[str], told: set[str], read: Reads, labels: Labels) -> Iterator[str]:
    """Single words that carry a meaning of their own in which nothing was read, beside clauses that are unread."""
    rest = text
    for clause in unread:
        rest = rest.replace(clause, " ", 1)
    words = [word for word in _WORD.findall(rest) if len(word) > 1 and carries(word) and not _is_known(word, told)]
    words = [word for word in words if not _says_an_asked_trait(word, told)]
    if len(words) > MOST_WORDS:
        return
    without = {word: _asked_without(text, word, told, read, labels) for word in words}
    idle = [word for word in words if _names(without[word]) == told]
    if idle:
        whole = _amounts(labels(read(text).request))
        idle = [
            w for w in idle if not _apart(whole, _amounts(without[w])) and not _says_the_same(w, told, read, labels)
        ]
    for run in _runs(rest, idle):
        if len(run) == 1 or _leaves_out(text, _span_of(text, run), told, read, labels):
            yield from run


def _says_an_asked_trait(word: str, told: set[str]) -> bool:
    """Whether a word says, of some part of the face, a trait that is asked for on the same side ("gaunt", "bushy")."""
    sides = {(label.split(" ")[0], 1 if " +" in label else -1) for label in told if " +" in label or " -" in label}
    return bool(sides & traits_said(word.lower()))


def _says_the_same(word: str, told: set[str], read: Reads, labels: Labels) -> bool:
    """Whether a word alone asks for what the whole asks for anyway: said twice is no word left out."""
    alone = _names(labels(read(word).request))
    return bool(alone) and alone <= told


def _amounts(asked: Sequence[str]) -> dict[str, list[float]]:
    """The numbers in what is asked for, by its words."""
    return {
        re.sub(r"[-+]?\d[\d.]*", "", each): [float(n) for n in re.findall(r"[-+]?\d+\.?\d*", each)] for each in asked
    }


def _apart(first: dict[str, list[float]], second: dict[str, list[float]]) -> bool:
    """Whether the numbers of two readings that say the same are apart by more than readings of one thing are."""
    return any(
        abs(a - b) > APART
        for each in first.keys() & second.keys()
        for a, b in zip(first[each], second[each], strict=False)
    )


def _says_in_its_clause(word: str, clauses: Sequence[tuple[str, set[str]]], read: Reads, labels: Labels) -> bool:
    """Whether the clause of a word, read alone, asks for something that it does not ask for without the word."""
    clause, told = next(((clause, told) for clause, told in clauses if word in clause), ("", set[str]()))
    return len(clauses) > 1 and bool(told) and not _leaves_out(clause, word, told, read, labels)


def _runs(text: str, words: Sequence[str]) -> list[list[str]]:
    """Some words of a text, in its order, those together that only words of closed classes part."""
    runs: list[list[str]] = []
    for word in words:
        between = text.partition(runs[-1][-1])[2].partition(word)[0] if runs else ""
        if runs and not carries(between) and not re.search(r"[,.;]", between):
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _span_of(text: str, run: Sequence[str]) -> str:
    """The words of a text from the first to the last of a run: two that say the same are left out together."""
    start = text.find(run[0])
    return text[start : text.find(run[-1], start) + len(run[-1])]


def _is_known(word: str, told: set[str]) -> bool:
    """Whether a word names a part of the face, a size, a colour of eyes, a number, or a kind of hair that is asked for.

    Others than this tell what of these is not read.
    """
    plain = word.lower()
    known = plain in PARTS or base_form(plain) in PARTS or plain in ALIKE or base_form(plain) in ALIKE
    return known or plain in EYE_WORDS or any(c.isdigit() for c in plain) or _is_hair_of(plain, told)


def _is_hair_of(word: str, told: set[str]) -> bool:
    """Whether a word of hair is the name of what is asked for ("bun"); "balding" beside nothing of hair is not."""
    return word in _HAIR and any(word in label for label in told)
