"""The part of a request that a head can show: read without the rest, which is told and must not be taken for traits.

"Chapped lips" are no thin ones and a nose ring is no big nose: as with glasses, what cannot be shown is left out before
the text is read. Callings and creatures stay: they are told, but they go with an age, a sex or a look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from facegpt.language.hair_wish import hair_vocabulary
from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.characters import load_characters
from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import CLAUSE_END, has_word, is_denied, last_words, word_set, words_in
from facegpt.language.reading.beyond.ahead import tell_ahead
from facegpt.language.reading.beyond.label_numbers import kinds
from facegpt.language.reading.beyond.of_one_eye import ONE_OF_TWO, colours_one_eye, with_other_eye
from facegpt.language.reading.beyond.pointed_ears import POINTED
from facegpt.language.reading.beyond.unshown_network import REASONS, UNKNOWN, Unshown
from facegpt.language.reading.colours_of_parts import colours_of_parts, lip_colour, uncoloured
from facegpt.language.reading.glasses_words import glasses_wish
from facegpt.language.reading.headwear_words import headwear_wish
from facegpt.language.reading.peoples_words import find_peoples
from facegpt.language.reading.prompts import named_person
from facegpt.language.reading.years import words_of_age

#: Why of clothes only hats and veils are made. Why what words take off does not come off.
OF_CLOTHES = "of clothes only what is on the head is made"
WORN_BY_NONE = "the head wears none"
#: Kinds whose words are left out before a text is read.
_CUT = ("mark", "worn", "body", "pose", "scene")
#: Slots of hair (hair_words.csv) that name more than a colour.
_CUTS = frozenset(("kind", "length", "curl", "fringe", "beard", "moustache", "sideburns", "sides"))
#: Words by which something is absent that nobody took away.
_ABSENT = ("minus", "sans", "lack", "lacks", "lacking", "free", "devoid")
#: Shades of somebody's skin.
_SHADES = word_set("dark light pale fair tanned black brown white")
#: So many words beside a stretch may belong to one thing with it: "man bun", "bright red lipstick".
_BESIDE = 2
_KIN = word_set("""
    mother father mum mom dad daddy son daughter sister brother aunt uncle cousin nephew niece wife husband girlfriend
    boyfriend parent twin
""")
_OF_KIN = word_set("my his her a the old young step single")
#: What parts a thing from its place on the face.
_AT = word_set("on over across above below under around by near along")
_WORD_OR_STOP = re.compile(r"[^\W\d_][\w'’-]*|[,;:.!?]")
_SOMEBODY = word_set("""
    he she they who man men woman women boy girl guy lady kid child person people someone somebody
""")
#: What parts somebody from another thing or being: a verb or a preposition before an article.
_THEREOF = word_set("""
    has had have in of at from before after to by see sees seen seeing saw met meet meets hold holds holding hunt hunts
    hunting fight fights fighting
""")
#: Words before a thing that is to become otherwise, and where it ends how.
_CHANGED = word_set("make turn change paint dye colour color move let put set can you please now and the his her its")
_CHANGE_END = re.compile(rf"{CLAUSE_END.pattern}|\b(?:with|while|then|when)\b")
#: Small words that lead to a stretch.
_LEADS = word_set("and with in on at of an a the his her their some wearing wears has having who is from by add give")


@dataclass(frozen=True)
class ShownPart:
    """What is read of a text, and what of it is told as not shown ("scarf: not known to this head").

    stretches: places in the text `of`.
    """

    text: str
    told: tuple[str, ...] = ()
    stretches: tuple[Unshown, ...] = ()
    of: str = ""

    @property
    def names_somebody(self) -> bool:
        """Whether the text says what somebody is by calling ("a nurse with a scarf"): a person is made, whoever."""
        return any(stretch.kind == "role" for stretch in self.stretches)

    @property
    def shows_nothing(self) -> bool:
        """Whether all that the text says is surely of things that no head shows: a change by it is none."""
        return bool(self.stretches) and self.text == self.of and any(map(_is_cut, self.stretches))

    @property
    def rest(self) -> str:
        """The text without what no head shows, whether or not it says anything."""
        return without_stretches(self.of, list(filter(_is_cut, self.stretches)))


def shown_part(language: Any, text: str, carries: Callable[[str], bool]) -> ShownPart:
    """Find what of a text no head shows, by the language model's own network; all of it is shown where it has none.

    Args:
        language: may have `unshown`.
        text: what is asked for.
        carries: whether words say more than closed classes do.
    """
    find: Callable[[str], Sequence[Unshown]] | None = getattr(language, "unshown", None)
    found = [_with_other_eye(text, each) for each in find(text)] if find is not None else []
    says = (each for each in found if _says(text[each.start : each.end], each, carries))
    named = _apart([_with_change(text, _with_place(text, _with_adjectives(text, each, carries))) for each in says])
    asked = (each for each in named if not is_denied(text[: each.start], also=_ABSENT))
    called = _somebody_alone(text, [_called(text, each) for each in asked])
    tell_ahead(language, [words for each in called for words in _read_beside(text, each)])
    read = (
        _is_part,
        _is_worn,
        _is_people,
        _is_shade,
        partial(_is_kin, language),
        partial(_is_hair, language),
        partial(_is_felt, language),
    )
    stretches = tuple(each for each in called if not any(own(text, each) for own in read))
    words, name = ((text[each.start : each.end], each.kind) for each in stretches), named_person(text)
    told = tuple(dict.fromkeys(f"{said.lower()}: {REASONS[kind]}" for said, kind in words if said not in name))
    rest = without_stretches(text, list(filter(_is_cut, stretches)))
    return ShownPart(rest if carries(rest) else text, told, stretches, text)


def without_character(part: ShownPart, request: HeadRequest, read: Callable[[str], Any]) -> ShownPart:
    """The same where the calling or the creature has a look of its own: what of that is not made is told instead.

    Another calling beside it is still told: a dwarf is made of a "dwarf blacksmith". read: reads other words.
    """
    if not request.character:
        return part
    reasons, look = (REASONS["role"], REASONS["creature"]), load_characters()[request.character]
    called = [each for each in part.told if each.endswith(reasons)]
    names = {each: read(f"a {_what(each)}").request.character for each in called if len(called) > 1}
    own = [each for each in called if names.get(each, request.character) == request.character or _what(each) in _SHADES]
    beside = (_what(each).rpartition(" ")[0] for each in own)
    unlike = (
        (words, asked) for words in beside if words and (asked := read(words).request).character != request.character
    )
    marks = tuple(f"{words}: {UNKNOWN}" for words, asked in unlike if _names_no_trait(asked))
    told = tuple(each for each in part.told if each not in own)
    is_called = bool(own) or request.character in part.of.lower()
    missing = look.not_made if is_called and not _names_one_of(told, look.not_made) else ""
    if look.headwear is not None:  # a nun's veil is made, and of her habit no more
        worn = REASONS["worn"]
        told = tuple(f"{_what(each)}: {OF_CLOTHES}" if each.endswith(worn) else each for each in told)
        missing = "" if any(each.endswith(OF_CLOTHES) for each in told) else missing
    told = (*told, *marks)
    return replace(part, told=(*told, f"{missing}: not made here") if missing else told)


def without_characters(part: ShownPart, requests: Iterable[HeadRequest], read: Callable[[str], Any]) -> ShownPart:
    """The same by all requests of a text."""
    for request in requests:
        part = without_character(part, request, read)
    return part


def _says(words: str, each: Unshown, carries: Callable[[str], bool]) -> bool:
    """Whether a stretch says more than closed classes do; what is put together of such words does ("make-up")."""
    return carries(words) or (each.kind in _CUT and len(words.replace("-", " ").split()) > 1)


def _with_adjectives(text: str, each: Unshown, carries: Callable[[str], bool]) -> Unshown:
    """A stretch that ends its phrase, with the words that describe it: "wearing heavy make-up" is no heavy woman."""
    behind = _WORD_OR_STOP.findall(text[each.end :])
    goes_on = behind and (carries(behind[0]) or behind[0].lower() in PARTS) and behind[0][0].isalpha()
    if not _is_cut(each) or goes_on:
        return each
    before = list(_WORD_OR_STOP.finditer(text[: each.start]))
    for k, word in enumerate(reversed(before)):
        if word[0].lower() in _LEADS:
            return each if k == 0 else replace(each, start=before[-k].start())
        if k == _BESIDE or not carries(word[0]) or base_form(word[0].lower()) in PARTS or word[0].lower() in PARTS:
            return each
    return each


def _apart(found: Sequence[Unshown]) -> list[Unshown]:
    """Stretches without those that lie within another: the "anchor" of an "anchor tattoo"."""
    return [a for a in found if not any(b is not a and b.start <= a.start and a.end <= b.end for b in found)]


def _with_place(text: str, each: Unshown) -> Unshown:
    """A stretch that ends before its place, with the part of the face that is it: "glitter on" her cheeks."""
    last = words_in(text[each.start : each.end])[-1:]
    behind = re.match(r"\s+(?:(?:his|her|their|its|the|both|one) )*([^\W\d_]+)", text[each.end :], re.IGNORECASE)
    if not _is_cut(each) or not {*last} & _AT or behind is None or behind[1].lower() not in PARTS:
        return each
    return replace(each, end=each.end + behind.end())


def _with_change(text: str, each: Unshown) -> Unshown:
    """A stretch with what the thing shall become, which is asked of nothing else: "make the scarf green"."""
    before = {*words_in(CLAUSE_END.split(text[: each.start])[-1])}
    rest = _CHANGE_END.split(text[each.end :])[0]
    asks = bool(before) and before <= _CHANGED
    if not _is_cut(each) or not asks or any(word in PARTS or base_form(word) in PARTS for word in words_in(rest)):
        return each
    return replace(each, end=each.end + len(rest.rstrip()))


def _is_cut(each: Unshown) -> bool:
    """Whether a text is read without a stretch."""
    return each.kind in _CUT and each.sure


def _what(told: str) -> str:
    """The words that a line tells of, without the reason."""
    return told.rpartition(": ")[0]


def shade_of(text: str, named: Sequence[Unshown]) -> str:
    """The shade in or right before the name of a creature or a calling, which is that of its skin; "" for none."""
    for each in named:
        words = (*words_in(text[each.start : each.end]), *reversed(last_words(text[: each.start], 2)))
        if shade := next((word for word in words if word in _SHADES), ""):
            return shade
    return ""


def _names_no_trait(request: HeadRequest) -> bool:
    """Whether words ask for nothing that a head shows: "one-legged" of a pirate, not his "evil"."""
    named = (np.abs(request.attribute_mean) > 0.3).any() or np.asarray(request.expression_named).any()
    return not (named or request.emotion or request.hair or request.age_years or request.peoples or request.impression)


def _names_one_of(told: Sequence[str], things: str) -> bool:
    """Whether lines that are told name a thing of "a veil and a dress" already."""
    words = {word for each in told for word in words_in(_what(each))}
    return bool(words & {word for word in words_in(things) if len(word) > 2} - {"and"})


def _somebody_alone(text: str, found: Sequence[Unshown]) -> list[Unshown]:
    """Stretches without callings and creatures that are not whom the text is about: a ghost that somebody has seen.

    Of these only the first one counts, with those beside it ("a nurse, a vampire"); what follows a verb or a
    preposition is somebody or something else.
    """
    whom = [each for each in found if each.kind in ("role", "creature")]
    if not whom:
        return list(found)
    before = words_in(text[: whom[0].start])
    somebody = next((k for k, word in enumerate(before) if word in _SOMEBODY), len(before))
    first = 0 if _THEREOF & {*before[somebody + 1 :]} else 1
    others = [each for each in whom[first:] if first == 0 or has_word(text[whom[0].end : each.start], _THEREOF)]
    return [each for each in found if each not in others]


def without_used(
    part: ShownPart, asked: HeadRequest, read: Callable[[str], Any], labels: Callable[[HeadRequest], list[str]]
) -> ShownPart:
    """The same without what is told of words that stayed in the text and that something was read in after all.

    Args:
        part: of a text.
        asked: what was read in `part.text`.
        read: reads other words in the same way.
        labels: what a request asks for.
    """
    told = list(part.told)
    for each in unsure_of(part):
        line = _line_of(part, each)
        if line in told and kinds(labels(read(without_unsure(part, each)).request)) < kinds(labels(asked)):
            told.remove(line)
    return replace(part, told=tuple(told))


def unsure_of(part: ShownPart) -> list[Unshown]:
    """The stretches that are told as not shown and stay in the text all the same."""
    unsure = (each for each in part.stretches if each.kind in _CUT and not each.sure)
    return [
        each for each in unsure if _line_of(part, each) in part.told and part.of[each.start : each.end] in part.text
    ]


def without_unsure(part: ShownPart, each: Unshown) -> str:
    """The text without a stretch of `unsure_of`."""
    return " ".join(part.text.replace(part.of[each.start : each.end], " ", 1).split())


def _line_of(part: ShownPart, each: Unshown) -> str:
    return f"{part.of[each.start : each.end].lower()}: {REASONS[each.kind]}"


def _with_other_eye(text: str, each: Unshown) -> Unshown:
    """A stretch with all that is said of either eye beside it, where it gives a colour to one: that is one thing."""
    if each.kind != "mark" or not colours_one_eye(_with_neighbours(text, each)):
        return each
    start, end = with_other_eye(text, each.start, each.end)
    return replace(each, start=start, end=end)


def _is_worn(text: str, each: Unshown) -> bool:
    """Whether a stretch is about glasses, headwear, pointed ears or the colour of a part, which have their readers."""
    words, beside = text[each.start : each.end], _with_neighbours(text, each)
    painted = bool(lip_colour(words) or (lip_colour(beside) and not lip_colour(beside.replace(words, " "))))
    coloured = any(set(words.lower().split()) <= set(part.words.split()) for part in colours_of_parts(beside))
    coloured = (coloured or bool(colours_of_parts(words))) and not uncoloured(words) and not uncoloured(beside)
    coloured = coloured or POINTED.search(beside) is not None
    coloured = coloured and not colours_one_eye(beside)
    return glasses_wish(words) is not None or headwear_wish(words) is not None or painted or coloured


def _is_part(text: str, each: Unshown) -> bool:
    """Whether a stretch names a part of the face and nothing of it: the "one eye" that is closed."""
    said = [word for word in words_in(text[each.start : each.end]) if word not in _LEADS | ONE_OF_TWO]
    return each.kind == "mark" and bool(said) and all(word in PARTS or base_form(word) in PARTS for word in said)


def _is_shade(text: str, each: Unshown) -> bool:
    """Whether a stretch is no more than the shade of a creature or of somebody, which is that of the skin."""
    return each.kind in ("creature", "role") and text[each.start : each.end].lower() in _SHADES


def _is_people(text: str, each: Unshown) -> bool:
    """Whether a stretch names where somebody comes from ("from Kenya"), which has a look."""
    return bool(find_peoples(text[each.start : each.end]))


def is_kin(words: str) -> bool:
    """Whether words are a kinship and no more: "my old mother"."""
    said = {*words_in(words)}
    return bool(said & _KIN) and said <= _KIN | _OF_KIN


def _is_kin(language: Any, text: str, each: Unshown) -> bool:
    """Whether what somebody is by calling is a kinship, or tells an age ("a grandmother", "next door"), as is shown."""
    words, of_age = text[each.start : each.end], words_of_age(text)
    if words.lower() in of_age and words.lower() != of_age:
        return True
    return each.kind == "role" and (is_kin(words) or language.read(f"a {words}").request.age_years is not None)


def _is_hair(language: Any, text: str, each: Unshown) -> bool:
    """Whether a stretch of what is worn or marked is a cut of hair, a braid or a beard, which grow here."""
    words, beside = text[each.start : each.end].lower(), _with_neighbours(text, each).lower()
    if each.kind not in ("mark", "worn", "body") or not hair_vocabulary() & {*words_in(words)}:
        return False
    said = set(language.read(words).request.hair.said)
    if beside != words and not said & _CUTS:
        without = language.read(beside.replace(words, " ")).request.hair.said
        said = {slot for slot, value in language.read(beside).request.hair.said.items() if without.get(slot) != value}
    return bool(_CUTS & said)


def _is_felt(language: Any, text: str, each: Unshown) -> bool:
    """Whether a stretch is one word that alone names a feeling ("laughing"), or a colour of hair beside hair."""
    words = text[each.start : each.end].lower()
    if each.kind not in _CUT or len(words.split()) > 1:
        return False
    if words in hair_vocabulary() and language.read(words + " hair").request.hair.said:
        rest = f"{text[: each.start]} {text[each.end :]}"
        return bool(language.read(text).request.hair.said != language.read(rest).request.hair.said)
    felt = [language.read(each).request for each in (words, f"a {words} look")]
    moves = [bool(np.any(one.expression)) for one in felt]
    return felt[0].emotion not in ("", "neutral") or moves[0] or (moves[1] and not each.sure)


def _read_beside(text: str, each: Unshown) -> list[str]:
    """The words that are read to tell whether a stretch is shown after all, where there are few."""
    words = text[each.start : each.end]
    if each.kind == "role":
        return [f"a {words}"]
    one = each.kind in _CUT and len(words.split()) == 1 and not _is_worn(text, each) and not _is_people(text, each)
    return [words.lower(), f"a {words.lower()} look"] if one else []


def _with_neighbours(text: str, each: Unshown) -> str:
    """A stretch with the words beside it in its clause."""
    after = CLAUSE_END.split(text[each.end :])[0].split()[:_BESIDE]
    return " ".join((*last_words(text[: each.start], _BESIDE), text[each.start : each.end], *after))


def _called(text: str, each: Unshown) -> Unshown:
    """A stretch without the people that somebody is of, which is shown: "Peruvian farmer" is told as a farmer."""
    words = text[each.start : each.end].split()
    own = next((word for word in words if not find_peoples(word)), words[-1] if words else None)
    return each if own is None or each.kind != "role" else replace(each, start=text.index(own, each.start))


def without_stretches(text: str, stretches: Sequence[Unshown]) -> str:
    """A text without some stretches, and without the small words that lead to them."""
    found, at = "", 0
    for each in stretches:
        piece = text[at : each.start].rstrip(" ,;")
        while piece and piece.split()[-1].lower() in _LEADS:
            piece = piece[: -len(piece.split()[-1])].rstrip(" ,;")
        found += piece
        at = each.end
    rest = text[at:]
    joint = " " if found and rest and not rest[0].isspace() and rest[0] not in ",.;:!?" else ""
    return " ".join(f"{found}{joint}{rest}".split()).strip(" ,;")
