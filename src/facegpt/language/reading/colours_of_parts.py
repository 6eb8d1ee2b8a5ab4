"""Colours that words give to parts of the face: "green eyes", "a black moustache", "make his eyes a light brown".

The network reads traits in degrees, and a degree is no colour: "green" is neither light nor dark. So a colour and the
part that it belongs to are found by the order of the words: a colour belongs to the noun behind it, and else to the
last part of the face named before it in its clause. Eyes and beards have slots for it; what has none is told as not
shown.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.changed_request import left_open
from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.eye_colours import EYE_WORDS
from facegpt.language.looks.skin_tints import OF_PEOPLE, TINT_WORDS, skin_tint
from facegpt.language.parts import PARTS
from facegpt.language.patterns import has_word, is_denied, last_words, word_set

#: Colours that people name beside those of eyes; spelled as `_spelled` leaves them.
_PLAIN = word_set("black brown ginger red white orange yellow pink purple violet blond bleached")
_SHADES = frozenset(("light", "dark", "pale", "deep", "bright", "icy", "ice"))
_SAME = {
    "gray": "grey",
    "darker": "dark",
    "lighter": "light",
    "blonde": "blond",
    "auburn": "ginger",
    "violet": "purple",
}
COLOURS = frozenset(word for words in EYE_WORDS for word in words.split()) - _SHADES | _PLAIN | TINT_WORDS.keys()
#: Words that end the noun phrase of a colour.
_ENDS = word_set("and with but or as like a an the his her their my in on to for that who is are at")
_CLAUSE, _WORD = re.compile(r"[,;:.!?\n]|\b(?:but|while)\b"), re.compile(r"[a-z']+")
#: Words that deny a colour beside those that deny anything.
_LESS = ("less", "than")
#: How alike a slip of the pen is to the word that is meant.
_ALIKE = 0.74
#: Colours of beards and moustaches → the value of the slot "beard_colour".
_OF_BEARDS = {"black": "black", "brown": "brown", "ginger": "ginger", "red": "ginger", "grey": "grey", "white": "white"}
#: Shades of a beard that is there → the value of the same slot, one of hair_colours.TONES.
_TONES = {"dark": "darker", "light": "lighter"}
#: Colours of brows → the value of `HeadRequest.brow_colour`; the last words count.
BROW_COLOURS = {
    **{"dark brown": "dark_brown", "light brown": "light_brown", "dark blond": "dark_blond", "brown": "brown"},
    **{"black": "black", "ginger": "ginger", "red": "ginger", "blond": "blond", "grey": "grey", "white": "white"},
    **{
        "silver": "grey",
        "golden": "blond",
        "yellow": "blond",
        "bleached": "platinum",
        "dark": "dark",
        "light": "light",
    },
    **{name: name for name in ("pink", "blue", "green", "purple", "orange", "auburn")},
}
#: Colours of lips → the value of `HeadRequest.lips`.
_OF_LIPS = {
    **{"red": "red", "pink": "pink", "rosy": "pink", "pale": "pale", "white": "pale", "brown": "natural"},
    **{"cherry": "red", "ruby": "red", "scarlet": "red", "crimson": "red", "dark red": "dark red"},
}
#: Colours of temples that are their hair's.
_OF_TEMPLES = frozenset(("grey", "light grey", "white", "silver"))
#: Colours of a face or of cheeks that a skin has: they are read as its lightness and redness.
_OF_FACES = OF_PEOPLE | frozenset(("red", "pink", "rosy", "pale", "white", "light red", "bright red", "dark red"))
#: Colours that no lips have here.
_OTHER_LIPS = word_set("black blue purple green white gold")
LIPSTICK = re.compile(r"\blipstick\b|\blip ?gloss\b", re.IGNORECASE)
_LIP_WORDS = "|".join(sorted(_OF_LIPS, key=len, reverse=True))
_LIPS = re.compile(
    rf"\b(?P<colour>{_LIP_WORDS})(?:r|er)?[- ](?:[\w-]+ )?lips\b"
    rf"|\blips (?:(?!and\b|with\b|but\b)\w+ ){{0,3}}?(?P<after>{_LIP_WORDS})(?:d?er|r)?\b",
    re.IGNORECASE,
)
#: One black eye is a bruise.
_BRUISED = re.compile(
    r"\b(?:an? |one )?(?:black|blue|blackened)(?: and (?:black|blue))? eye\b(?! ?(?:colou?r|brow|lash|shadow|liner))"
)
_HAIR = word_set("hair haired blond blonde brunette redhead curls locks")
_BEARD, _EYES = frozenset(("beard", "moustache")), frozenset(("eye", "iris"))

_OF_EYES = np.array([name.startswith("eye") for name in ARKIT_NAMES])


@dataclass(frozen=True)
class ColourOfPart:
    """A part of the face (a meaning of PARTS), the colour that it is to have, and the words of both."""

    part: str
    colour: str
    words: str


def colours_of_parts(text: str) -> list[ColourOfPart]:
    """Every colour that a text gives to a part of the face, in order."""
    plain = _BRUISED.sub("bruise", text.lower())
    return [found for clause in _CLAUSE.split(plain) for found in _in_clause(_WORD.findall(clause))]


def _in_clause(words: Sequence[str]) -> Iterator[ColourOfPart]:
    last, k = "", 0
    while k < len(words):
        end = k
        while end < len(words) and _spelled(words, end) in COLOURS | _SHADES:
            end += 1
        named = " ".join(_spelled(words, j) for j in range(k, end))
        beside = {_noun_behind(words, end)[0], last if _ends(words, end) else ""}
        shaded = bool(named) and bool(beside & {"brow", *_BEARD})
        if not (shaded or any(word in COLOURS for word in named.split())):
            last = PARTS.get(words[k], last) if PARTS.get(words[k]) != "person" else last
            k += 1
            continue
        part, upto = _noun_behind(words, end)
        if not part and _is_of_somebody(words, k, end) and skin_tint(named).split(" ")[-1] in OF_PEOPLE:
            part, upto = "skin", end
        denied = is_denied(" ".join(words[:k]), 3, _LESS)
        fits = bool(part) or (upto == end and bool(last) and _goes_with(last, named))
        if fits and not denied and not _is_bruise(words, k, upto):
            yield ColourOfPart(part or last, named, " ".join(words[k : max(end, upto)]))
        last, k = part or last, max(end, upto)


def _ends(words: Sequence[str], place: int) -> bool:
    """Whether a noun phrase ends before a place."""
    return place == len(words) or words[place] in _ENDS


def _is_of_somebody(words: Sequence[str], start: int, end: int) -> bool:
    """Whether the colour in words[start:end] is said of a person: "a blue woman", "make him green"."""
    ends = _ends(words, end)
    return (not ends and PARTS.get(words[end]) == "person") or (ends and words[start - 1 : start] in (["him"], ["her"]))


def _goes_with(part: str, colour: str) -> bool:
    """Whether a colour that stands behind a part can be its: "eyes … blonde" speaks of hair."""
    return part not in _EYES or bool(eye_colour(colour))


def _is_bruise(words: Sequence[str], start: int, end: int) -> bool:
    """Whether words are "a black eye"."""
    return start > 0 and words[start - 1] == "a" and words[start:end] == ["black", "eye"]


def _noun_behind(words: Sequence[str], start: int) -> tuple[str, int]:
    """The part that the words behind a colour name, and where they end: "almond-shaped eyes"; a hat is none."""
    for k in range(start, min(len(words), start + 4)):
        if words[k] in _ENDS or words[k] in COLOURS:
            return "", start if k == start else k
        if (part := PARTS.get(words[k], "person")) != "person":
            return part, k + 1
    return "", start if start == len(words) else start + 1


def _spelled(words: Sequence[str], place: int) -> str:
    """A word as the colours are spelled; a slip of the pen is put right beside a word for the eyes."""
    word = _SAME.get(words[place], words[place])
    word = word.removesuffix("ish") if word.removesuffix("ish") in COLOURS else word
    beside = words[max(0, place - 1) : place + 3]
    if word in COLOURS | _SHADES or len(word) < 4 or not any(PARTS.get(each) in _EYES for each in beside):
        return word
    if word in PARTS:
        return word
    alike = difflib.get_close_matches(word, sorted(each for each in COLOURS if each[0] == word[0]), 1, _ALIKE)
    return next(iter(alike), word)


def with_colours(request: HeadRequest, text: str) -> HeadRequest:
    """A request with the colours that a text gives to eyes and beards; a colour stills no movement of the eyes."""
    for each in colours_of_parts(text):
        if each.part in _EYES and (name := eye_colour(each.colour)):
            moved = request.expression_named & ~(_OF_EYES & (np.asarray(request.expression) == 0))
            request = replace(left_open(request, ["iris_lightness"]), irises=name, expression_named=moved)
        if each.part == "skin" and (tint := skin_tint(each.colour)):
            request = with_skin_tint(request, tint)
        if each.part == "brow" and (name := brow_colour(each.colour)):
            request = replace(_with_hair_as_it_is(request, text), brow_colour=name)
        name = _beard_colour(each.colour) or (_TONES.get(each.colour, "") if request.is_edit else "")
        if each.part in _BEARD and name and "beard_colour" not in request.hair.said:
            request = _with_hair_as_it_is(request, text) if request.is_edit else request
            said = {**request.hair.said, "beard_colour": name}
            request = replace(request, hair=replace(request.hair, said=said))
    return replace(request, lips=lip_colour(text) or request.lips)


def _with_hair_as_it_is(request: HeadRequest, text: str) -> HeadRequest:
    """A request that leaves the colour of the hair open, of which a text that colours brows or a beard says nothing."""
    rest = text.lower()
    for each in colours_of_parts(text):
        if each.part == "brow" or each.part in _BEARD:  # "blond brows" are no blond
            rest = rest.replace(each.words, each.part, 1)
    if has_word(rest, _HAIR):
        return request
    request = left_open(request, ("hair_lightness", "hair_redness", "hair_greyness"))
    said = {slot: value for slot, value in request.hair.said.items() if slot not in ("colour", "grey", "tone")}
    return replace(request, hair=replace(request.hair, said=said))


def with_skin_tint(request: HeadRequest, tint: str) -> HeadRequest:
    """A request with a tint of the skin, of which no natural lightness or redness is read then."""
    return replace(left_open(request, ("skin_lightness", "skin_redness")), skin=tint)


def lip_colour(text: str) -> str:
    """The colour that a text gives to the lips, a value of `_OF_LIPS`; lipstick without another is red; "" for none."""
    match = _LIPS.search(LIPSTICK.sub("lips", text))
    if match is None:
        painted = LIPSTICK.search(text)
        other = painted and {*last_words(text[: painted.start()], 1)} & _OTHER_LIPS
        return "red" if painted and not other and not is_denied(text[: painted.start()], 3, _LESS) else ""
    denied = is_denied(LIPSTICK.sub("lips", text)[: match.start()], 3, _LESS)
    return "" if denied else _OF_LIPS[(match["colour"] or match["after"]).lower()]


def eye_colour(words: str) -> str:
    """The colour of irises (EYE_COLOURS) that some words name, or ""."""
    if words in EYE_WORDS:
        return EYE_WORDS[words]
    plain = [word for word in words.split() if word in EYE_WORDS]
    return EYE_WORDS[plain[-1]] if plain else ""


def _beard_colour(words: str) -> str:
    """The colour of a beard that some words name ("dark brown" is brown), a value of the slot, or ""."""
    return _OF_BEARDS.get(words, _OF_BEARDS.get(words.split(" ")[-1], ""))


def brow_colour(words: str) -> str:
    """The colour of brows that some words name, a value of `BROW_COLOURS`, or ""."""
    parts = words.split()
    return next(
        (BROW_COLOURS[" ".join(parts[k:])] for k in range(len(parts)) if " ".join(parts[k:]) in BROW_COLOURS), ""
    )


def uncoloured(text: str) -> list[str]:
    """What of a text gives a colour to a part that can have none, each with the reason."""
    bare = (each for each in colours_of_parts(text) if not _takes(each.part, each.colour))
    return [f"{each.words}: this head's {each.part} takes no such colour" for each in bare]


def _takes(part: str, colour: str) -> bool:
    """Whether a part of a head can have a colour."""
    if part in _EYES:
        return bool(eye_colour(colour))
    if part == "brow":
        return bool(brow_colour(colour))
    if part in _BEARD:
        return bool(_beard_colour(colour)) or colour in _TONES
    of_part = {"face": _OF_FACES, "cheek": _OF_FACES, "lip": _OF_LIPS, "temple": _OF_TEMPLES}
    return part in ("hair", "skin") or colour in of_part.get(part, ())
