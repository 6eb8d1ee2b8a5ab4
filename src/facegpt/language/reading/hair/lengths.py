"""Lengths of hair in numbers: "30 cm hair", "sides at 6 mm", "two inches off", "a number 2 all over". Exact code."""

from __future__ import annotations

import re
from itertools import pairwise

from facegpt.language.hair_wish import HairLength
from facegpt.language.numbers import NumberSpan, find_numbers
from facegpt.language.patterns import has_word, last_words, regex_any_case, word_set

#: A clipper's number is an eighth of an inch.
CLIPPER_MM = 3.0
#: Hair is at most this long, mm.
LONGEST_MM = 1000.0
#: A length without any noun is one of hair from here on: no other distance on a head is so long, mm.
ONLY_HAIR_MM = 230.0
_NOUN = regex_any_case(
    r"(?<![\w])(?:(?P<beard>beard|stubble|whiskers|goatee)|(?P<fringe>fringe|bangs)|(?P<sides>sides(?! of))|"
    r"(?P<top>top)|(?P<back>(?<=the )back|back(?= and))|(?P<all>hair|hairs|locks|curls|"
    r"tresses|ponytail|all over|all round|all around|ends|haircut|crop|length)|"
    r"(?P<other>nose|nostrils?|bridge|chin|jaw|mouth|lips?|philtrum|eyes?|lids?|brows?|ears?|neck|forehead|face|head|"
    r"skull|cheek\w*|teeth|apart|wider|narrower|tall))(?![\w])"
)
_CLIPPER = regex_any_case(
    r"(?:(?<!\w)(?:number|grade|no\.?|guard)\s*|#\s*)(?P<digit>[0-8]|one|two|three|four|five|six)\b"
)
_DIGITS = {word: k for k, word in enumerate(("zero", "one", "two", "three", "four", "five", "six"))}
_LESS, _TO = word_set("off shorter less take remove lose"), word_set("to at until")
_MORE = word_set("longer add more extra another")
#: What an "and" between a number and a noun counts, characters.
_AND = 25
_CLAUSE = re.compile(r"[.;!?\n]|,(?!\d)|\b(?:with|but|then)\b")


def find_lengths(text: str) -> tuple[HairLength, ...]:
    """Find every number of a text that is a length of hair, in its order."""
    found: list[HairLength] = []
    for start, clause in _clauses(text):
        numbers = [n for n in find_numbers(clause) if n.unit == "mm"]
        for number in numbers:
            found += [HairLength(region, *_goal(clause, number)) for region in _regions(clause, number, start > 0)]
        for match in _CLIPPER.finditer(clause):
            digit = match["digit"].lower()
            mm = CLIPPER_MM * (_DIGITS[digit] if digit in _DIGITS else int(digit))
            regions = _near(clause, match.start(), match.end()) or ["all"]
            found += [HairLength(region, "value", mm) for region in regions if region != "other"]
    return tuple(length for length in found if abs(length.mm) <= LONGEST_MM)


def _clauses(text: str) -> list[tuple[int, str]]:
    ends = [0, *(match.end() for match in _CLAUSE.finditer(text)), len(text)]
    return [(a, text[a:b]) for a, b in pairwise(ends) if text[a:b].strip()]


def _regions(clause: str, number: NumberSpan, follows: bool) -> list[str]:
    regions = _near(clause, number.start, number.end)
    if not regions:
        cut = has_word(clause, ("off",)) or number.value >= ONLY_HAIR_MM
        return ["all"] if cut else []
    return [region for region in regions if region != "other"]


def _near(clause: str, start: int, end: int) -> list[str]:
    """The regions named nearest a number: one, or several joined by "and"; "other" for another part of a head."""
    named = [(m.start(), m.end(), str(m.lastgroup)) for m in _NOUN.finditer(clause)]
    if not named:
        return []

    def away(noun: tuple[int, int, str]) -> int:
        between = clause[end : noun[0]] if noun[0] >= end else clause[noun[1] : start]
        return len(between) + 2 * (noun[0] < end) + _AND * has_word(between, ("and",))

    best = min(named, key=away)
    at = named.index(best)
    found = {at}
    for step in (-1, 1):
        k = at
        while 0 <= k + step < len(named):
            first, last = sorted((named[k], named[k + step]))
            if clause[first[1] : last[0]].strip().lower() not in ("and", "&", "and the"):
                break
            k += step
            found.add(k)
    return [named[k][2] for k in sorted(found)]


def _goal(clause: str, number: NumberSpan) -> tuple[str, float]:
    """The kind and the signed mm of a number."""
    if {*last_words(clause[: number.start], 1)} & _TO:
        return "value", number.value
    trims = has_word(clause, ("trim",)) and not has_word(clause, ("to",))
    if number.sign < 0 or trims or has_word(clause, _LESS):
        return "change", -number.value
    if number.sign > 0 or has_word(clause, _MORE):
        return "change", number.value
    return "value", number.value
