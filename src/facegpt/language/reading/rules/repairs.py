"""What an edit puts right: "lose the bags", "the moustache goes", "these ears stick out, glue them to the head".

An edit often names what is there now, not what is wanted. Three forms tell the two apart: a word of removal beside a
trait, a trait that is said to go, and a fault that a request beside it puts right. Each asks for the other side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facegpt.language.numbers import find_numbers
from facegpt.language.patterns import regex
from facegpt.language.reading.normalise import standardise_small_words
from facegpt.language.reading.rules.dimensions import MAIN_ATTRIBUTE
from facegpt.language.reading.rules.phrases import part_phrase, parts_in, says
from facegpt.language.reading.rules.repair_tables import (
    ACTIONS,
    BLAME,
    BOOSTS,
    COVERED,
    CUTS,
    FAULTS,
    FEWER,
    GIVES,
    GOES,
    GRADED,
    HAIRS_BREADTH,
    KEPT,
    NO_OBJECT,
    REMOVES,
    REQUEST_WORDS,
    SAYINGS,
    SLIGHT,
    SPARED,
    STATES,
    STRONG,
    THINGS,
    TURNED,
    WORDS_OF_THINGS,
    WORSE,
    YEARS_OFF,
    YEARS_ON,
)  # fmt: skip

#: Size of the change, SDs, by the words of degree beside it.
PLAIN_SIZE, STRONG_SIZE, SLIGHT_SIZE, SHORN = 1.0, 1.5, 0.5, 2.0
#: "Ten years older" is a plain step of age (LABELS.md); more steps than these are no change of one person.
YEARS_A_STEP, MOST_STEPS = 10.0, 5.0
_BREAK = re.compile(
    r"[.;:!?\n()]|(?<!\d),|\s[-–—]+\s|\b(?:and|but|also|plus|then|so that|until|because|while|except|instead)\b|"
    r" (?=(?:they (?:are|stick|look|have|take)|it (?:is|sticks|looks|has|takes))\b)"
)
#: Traits that are there to be spoken of and not faults by themselves.
_NO_FAULT = frozenset({"beard", "moustache", "hair_length", "hair_lightness", "hair_redness", "age", "masculinity"})
#: Traits of the whole head: "him" and "her" mean them.
_WHOLE = frozenset({"heaviness", "masculinity", "asymmetry", "skin_lightness", "skin_redness", "head_size"})
_OF_PEOPLE = frozenset({"heaviness", "masculinity", "age"})
#: Parts of which "more" is more of two attributes.
_SEVERAL = {"lip": ("upper_lip_fullness", "lower_lip_fullness"), "chin": ("chin_height", "chin_protrusion")}


@dataclass(frozen=True)
class _Piece:
    """A piece of a text between two breaks. listed: whether it goes on with the list of the piece before."""

    text: str
    listed: bool


def find_repairs(text: str) -> dict[str, float]:
    """Find what a plain text of an edit removes or puts right: attribute → signed change, SDs."""
    pieces = _pieces(HAIRS_BREADTH.sub("slightly", standardise_small_words(text)))
    found: dict[str, float] = {}
    removing = False
    for k, piece in enumerate(pieces):
        if KEPT.search(piece.text):
            removing = False
            continue
        removes = bool(REMOVES.search(piece.text) or GOES.search(piece.text)) and not SPARED.search(piece.text)
        goes_on = removing and piece.listed and bool(WORDS_OF_THINGS.fullmatch(piece.text.strip()))
        removing = removes or goes_on
        earlier = [each.text for each in pieces[max(k - 2, 0) : k]]
        changes = _removed(piece.text, earlier) if removing else {}
        changes = changes or _amount(piece.text) or ({} if removing else _given(piece.text)) or _fault(pieces, k)
        for name, change in (_said(piece.text) | changes).items():
            found.setdefault(name, change)
    return found


def _said(piece: str) -> dict[str, float]:
    """What sayings of a piece change ("feed her up"), and years that it takes away or adds."""
    found = {
        name: change * _size(piece) for words, said in SAYINGS if words.search(piece) for name, change in said.items()
    }
    years = [span.value for span in find_numbers(piece) if span.unit == "years"]
    less, more = bool(YEARS_OFF.search(piece)), bool(YEARS_ON.search(piece))
    if len(years) == 1 and less != more:
        found["age"] = (1 if more else -1) * min(years[0] / YEARS_A_STEP, MOST_STEPS)
    return found


def find_named(text: str) -> frozenset[str]:
    """The attributes that pieces of a plain text of an edit name by their wordings."""
    pieces = [piece.text for piece in _pieces(standardise_small_words(text)) if not KEPT.search(piece.text)]
    return frozenset(name for piece in pieces for name, _, _ in says(piece))


def names_faults(text: str) -> bool:
    """Whether a plain text of an edit names what is there now and not what is wanted.

    By the form of its pieces alone: the n-gram classifier (runs/language) would learn such traits turned.
    """
    pieces = _pieces(standardise_small_words(text))
    for k, piece in enumerate(pieces):
        removes = REMOVES.search(piece.text) or GOES.search(piece.text)
        if BLAME.search(piece.text) or (removes and (_things(piece.text) or any(_described(piece.text)))):
            return True
        parts = {part for _, part in parts_in(piece.text)}
        after = [each.text for each in pieces[k + 1 : k + 3]]
        if _is_statement(piece.text) and any(_mends(each, parts, "heaviness") for each in after):
            return True
    return False


def _pieces(text: str) -> list[_Piece]:
    found, start, listed = [], 0, False
    for match in [*_BREAK.finditer(text), None]:
        end = match.start() if match else len(text)
        if text[start:end].strip():
            found.append(_Piece(text[start:end].strip(), listed))
        start = match.end() if match else end
        listed = match is not None and match.group().strip() in (",", "and", ":", "also", "plus")
    return found


def _size(text: str) -> float:
    return STRONG_SIZE if STRONG.search(text) else SLIGHT_SIZE if SLIGHT.search(text) else PLAIN_SIZE


# What goes


def _removed(piece: str, earlier: Sequence[str] = ()) -> dict[str, float]:
    """What a piece takes away: the things it names, else the other side of the traits it names."""
    size, things = _size(piece), _things(piece)
    if not things and NO_OBJECT.fullmatch(_trimmed(GOES.sub(" ", REMOVES.sub(" ", piece)))):
        things = {n: s for text in earlier if not KEPT.search(text) for n, s in _things(text).items()}
    if things:
        return {name: -side * (SHORN if name == "hair_length" else size) for name, side in things.items()}
    return {name: -side * size for name, side in _described(piece)}


def _described(piece: str) -> Iterator[tuple[str, int]]:
    """The traits that adjectives before a part name: "that crooked nose", not "the nose to a point"."""
    for start, part in parts_in(piece):
        before = _ADJECTIVES.search(piece[:start])
        if before:
            said = says(f"{before['words']}{part_phrase(part)}")
            yield from ((name, side) for name, side, _ in said if name not in _OF_PEOPLE)


def _things(piece: str) -> dict[str, int]:
    """The things on a face that a piece names: attribute → side."""
    found: dict[str, int] = {}
    for pattern, said in THINGS:
        if pattern.search(piece):
            found |= {name: side for name, side in said.items() if name not in found}
            piece = pattern.sub(" ", piece)
    return found


def _usual(part: str) -> tuple[str, ...]:
    return _SEVERAL.get(part, (MAIN_ATTRIBUTE[part],) if part in MAIN_ATTRIBUTE else ())


def _trimmed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" '\"")


_ADJECTIVES = regex(r"""
    \b(?:the|his|her|their|that|those|these|this|its|my|your|an?|
    of) (?P<words>(?:(?!(?:of|to|the|on|in|off|from|and|under|end|height|width|length|top|side|back|size|upper|lower|
    left|right)\b)[a-z]+,? ){1,3})$
""")


# What comes


def _given(piece: str) -> dict[str, float]:
    """The things on a face that a piece adds ("chuck a mo on him")."""
    if not GIVES.search(piece):
        return {}
    return {name: side * _size(piece) for name, side in _things(piece).items() if name in ("beard", "moustache")}


def _amount(piece: str) -> dict[str, float]:
    """What more or less of a part means where no adjective says it ("less chin", "ease off on the cheekbones")."""
    less, more = CUTS.search(piece), BOOSTS.search(piece)
    word = less or more
    if word is None or (less and more) or WORSE.search(piece):
        return {}
    after, parts = piece[word.end() :].strip(), [part for _, part in parts_in(piece)]
    if word[0].strip() in ("less", "more") and not after:  # "open the mouth more"
        return {}
    if less and not parts_in(after) and _things(after):
        return _removed(piece)
    if len(set(parts)) != 1:
        return {}
    if less and less[0].startswith("less") and after:
        said = says(f"{after.split()[0]} {part_phrase(parts[0])}") if not parts_in(after.split()[0]) else ()
        if said:
            return {name: -side * _size(piece) for name, side, _ in said}
    own = _OWN_PART.match(after)
    if after and (own is None or not parts_in(own[0])):
        return {}
    return {name: (-1 if less else 1) * _size(piece) for name in _usual(parts[0])}


#: A part that "more" or "less" speaks of itself: "more chin", not "more sensual mouth".
_OWN_PART = re.compile(
    r"(?:of )?(?:the |that |his |her |those |these )?(?:(?:upper|lower|top|bottom) lips?|(?!head|brow)[a-z]+)"
    r"(?= *$| (?:please|above|below|on|in|for|here|there|than)\b)"
)


# What is wrong


def _fault(pieces: list[_Piece], k: int) -> dict[str, float]:
    """The change that a fault asks for, where a request beside it or a word of blame shows that it is one."""
    piece = pieces[k].text
    blamed = bool(BLAME.search(piece) or (k + 1 < len(pieces) and COVERED.search(pieces[k + 1].text)))
    if blamed and (things := _things(piece)):
        return {name: (side if FEWER.search(piece) else -side) * _size(piece) for name, side in things.items()}
    if not blamed and (not _is_statement(piece) or re.search(r"\btoo\b", piece)):
        return {}  # what is too much is for language/reading/rules/complaints.py
    after, before = [each.text for each in pieces[k + 1 : k + 3]], pieces[k - 1].text if k else ""
    parts = {part for _, part in parts_in(piece)}
    about = (
        next((part for text in (*after, before) for _, part in parts_in(text)), "")
        if _points(piece) and not parts
        else ""
    )
    bare = BLAME.sub(" ", piece)
    traits = [(n, s) for n, s in _traits(bare, about) if n not in _NO_FAULT]
    if blamed:
        return {name: -side * _size(piece) for name, side in traits}
    found = {}
    for name, side in traits:
        request = next((text for text in after if _mends(text, parts or {about}, name)), "")
        request = request or (before if parts_in(before) and _mends(before, parts or {about}, name) else "")
        if re.search(r"\b(?:more|less|back)$", request):  # the request says which way
            continue
        again = set(_traits(request, next(iter(parts), about))) if request else set()
        if request and (name, side) not in again:
            found[name] = -side * _size(request)
    return found


def _traits(piece: str, about: str) -> list[tuple[str, int]]:
    """The traits that a statement names, of the part before it or of the whole face where it names none."""
    bare = _trimmed(piece)
    if parts_in(bare):
        return [(name, side) for name, side, _ in says(bare)]
    graded = GRADED.findall(bare) or (bare.split()[-1:] if len(bare.split()) <= _SHORT else [])
    whole = said_of(part_phrase(about) if about else "face", graded)
    return whole or [(name, side) for name, side, _ in (says(bare) or says(_with_part(bare, about)) if about else ())]


def said_of(noun: str, adjectives: Sequence[str]) -> list[tuple[str, int]]:
    """Look up what adjectives say of a part or of the face."""
    return [(name, side) for word in adjectives for name, side, _ in says(f"{word} {noun}") if name not in _OF_PEOPLE]


# What is asked


def find_asked(text: str) -> dict[str, int]:
    """The side of each attribute that a piece of an edit asks for by itself: attribute → -1 or 1.

    A "less" or "not" of another piece turns the reading of the whole text; a piece alone is read straight.
    """
    found: dict[str, set[int]] = {}
    pieces = _pieces(standardise_small_words(text))
    if not any(TURNED.search(piece.text) or REMOVES.search(piece.text) for piece in pieces):
        return {}
    for piece in pieces:
        plain_request = not (KEPT.search(piece.text) or REMOVES.search(piece.text) or GOES.search(piece.text))
        if plain_request and parts_in(piece.text) and not _is_statement(piece.text) and not TURNED.search(piece.text):
            for name, side, _ in says(_trimmed(piece.text)):
                found.setdefault(name, set()).add(side)
    return {name: min(sides) for name, sides in found.items() if len(sides) == 1}


def _points(piece: str) -> bool:
    return bool(re.search(r"\b(?:it|they|that|those|these|this)\b", piece))


def _with_part(text: str, part: str) -> str:
    """Put a part for "it" and "they", that the words may be looked up."""
    if not part or parts_in(text):
        return _trimmed(text)
    noun = part_phrase(part)
    put = re.sub(r"\b(?:it|they|them|that|those|these|this)\b", f"the {noun}", text, count=1)
    return _trimmed(put if put != text else f"{text} {noun}")


def _is_statement(piece: str) -> bool:
    """Whether a piece says how something is, and asks for nothing."""
    return (
        not REQUEST_WORDS.search(piece)
        and not ACTIONS.match(piece)
        and bool(STATES.search(piece) or FAULTS.search(piece))
    )


def _mends(piece: str, parts: set[str], name: str) -> bool:
    """Whether a piece asks for something to be done about the parts of a fault."""
    action = ACTIONS.match(piece)
    if action is None or KEPT.search(piece):
        return False
    own = {part for _, part in parts_in(piece)}
    if own & parts:
        return True
    if re.search(r"\b(?:it|them|that|those|these|this|some|there)\b", piece[action.start("verb") :]):
        return (
            not own
            or not own & set(MAIN_ATTRIBUTE)
            or bool(re.search(r"\b(?:to|into|from|on|of|in) (?:the|his|her)\b", piece))
        )
    return not own and (name in _WHOLE or len(piece.split()) <= _BARE)


#: Words of a statement with a pronoun and an adjective: "he is lopsided".
_SHORT = 3
#: Words of a request that needs no object: "please repair", "bring it on down".
_BARE = 4
