"""Numbers in a text: where they stand, their value and unit. What a number is about is the language model's to say.

One reader serves training and use, so the model only has to point at numbers that are found the same way each time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import log

from facegpt.language.patterns import joined, regex_any_case, words_in

MM_PER = {"mm": 1.0, "cm": 10.0, "inch": 25.4}
_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_WORDS = {word: value for value, word in enumerate(_SMALL)}
_TENS_ORDER = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS = {**{word: 10 * k for k, word in enumerate(_TENS_ORDER, start=2)}, "fourty": 40}
#: Words that count: "one" to "nineteen", the tens, "hundred".
COUNTS: dict[str, float] = {
    **{word: float(k) for k, word in enumerate(_SMALL[1:], start=1)},
    **{word: 10.0 * k for k, word in enumerate(_TENS_ORDER, start=2)},
    "hundred": 100.0,
}
_SHARES = {
    "half": 50.0,
    "third": 100 / 3,
    "quarter": 25.0,
    "fifth": 20.0,
    "sixth": 100 / 6,
    "eighth": 12.5,
    "tenth": 10,
}
_SHARES |= {"double": 100.0, "doubled": 100.0, "twice": 100.0, "treble": 200.0, "triple": 200.0, "halve": 50.0}
_SHARES |= {"halved": 50.0, "halves": 50.0, "thirds": 200 / 3, "quarters": 75.0}
_PARTS_OF_UNIT = {"half": 0.5, "quarter": 0.25, "third": 1 / 3, "tenth": 0.1}

#: Fractions that are one character: "2½".
_GLYPHS = {"½": 1 / 2, "¼": 1 / 4, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 1 / 8, "⅜": 3 / 8, "⅝": 5 / 8, "⅞": 7 / 8}
_GLYPH = "".join(_GLYPHS)

_UNIT = joined(r"""
    (?P<mm>mm|mms|mils?|millis?|mill?imet(?:er|re)s?)|(?P<cm>cms?|cent(?:i|e)met(?:er|re)s?)|
    (?P<inch>inch(?:es)?|″|\"|''|in(?=[.,;)!?]|$|
    \s+(?:wide|long|tall|high|deep|broad|thick|apart|across|a?round)\b))|(?P<percent>%|percent|per\s?cent|pct)|
    (?P<years>years?|yrs?|y\.?o\.?|y/o|-?year-?olds?)
""")
_ONE_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_TENS_WORD = "|".join(_TENS)
_UNDER_HUNDRED = rf"(?:{_TENS_WORD})(?:[-\s]?(?:{_ONE_WORD}))?|(?:{_ONE_WORD})"
_NUMBER_WORDS = rf"(?:a|one|two|three|four|five|six)\s+hundred(?:(?:\s+and)?\s+(?:{_UNDER_HUNDRED}))?|{_UNDER_HUNDRED}"
_PART = r"(?:a\s+)?(?:half|quarter|third|tenth)(?:\s+of)?(?:\s+an?)?"
_NUMBER = regex_any_case(rf"""
    (?P<sign>(?<![\w.)])[+\-−–]\s?(?=\d))?(?:(?P<times>(?<!\w)(?<!\d\s)(?<![mc]m\s)[x×]\s?(?=\d))?(?P<digits>(?:\d+\x20)?\d{{1,2}}/\d{{1,2}}|
    \d+\x20?[{_GLYPH}]|[{_GLYPH}]|\d+(?:[.,]\d+)?)(?!\d)|
    (?<!\w)(?<!\w-)(?P<words>(?:{_NUMBER_WORDS})(?![a-z]))(?:[\s-]+(?:and[\s-]+)?(?P<word_half>a[\s-]+half)\b)?|
    (?<!\w)(?<!\w-)(?P<part>{_PART})(?=[\s-]+(?:{_UNIT.replace("?P<", "?P<_")})\b)|
    (?<!\w)(?<!\w-)(?P<article>an?|per|whole|couple\s+of|another)(?=[\s-]+(?:mm|mil|cm|cent|
    inch)))(?:[\s-]{{0,2}}(?:{_UNIT})(?![a-z]))?(?:\s+and\s+(?P<and_part>a\s+(?:half|quarter)))?|
    (?<!\w)(?<!\w-)(?P<share>(?:two\s+thirds|three\s+quarters|{"|".join(_SHARES)}))(?![a-z])
""")
#: What every number has: a digit or one of these words. Most texts have neither and need no closer look.
_HINT = regex_any_case(
    rf"\d|[{_GLYPH}]|(?<!\w)(?:{_ONE_WORD}|{_TENS_WORD}|hundred|{'|'.join(_SHARES)}|an?\s+(?:mm|mil|cm|cent|inch)|couple|per|whole|another)"
)
#: What joins numbers that share the unit of the last.
_RANGE = regex_any_case(r"\s*(?:to|and|or|by|x|×|±|\+/-|-|–|—)\s*")


@dataclass(frozen=True)
class NumberSpan:
    """A number as it stands in a text.

    Attributes:
        start, end: characters of the text, end exclusive; unit and sign are inside.
        value: never negative; in `unit`.
        unit: "mm" (centimetres and inches are already converted), "percent", "years", or "" for a bare number.
        sign: -1 or 1 where one is written before the number, else 0.
    """

    start: int
    end: int
    value: float
    unit: str
    sign: int = 0

    def amount_for(self, typical_mm: float, percent: bool = False) -> float:
        """The number in mm (or percent). A bare one is taken as mm, or as cm where that is nearer `typical_mm`."""
        if percent or self.unit or self.value == 0 or typical_mm <= 0:
            return self.value
        return min((self.value, 10 * self.value), key=lambda mm: abs(log(mm / typical_mm)))


def find_numbers(text: str) -> list[NumberSpan]:
    """Find all numbers of a text, in order: "3 mm", "half a centimetre", "ten percent", "x1.5", "a fifth", "38"."""
    if not _HINT.search(text):
        return []
    found = [_read(match) for match in _NUMBER.finditer(text)]
    for k in range(len(found) - 2, -1, -1):
        between = text[found[k].end : found[k + 1].start]
        if not found[k].unit and found[k + 1].unit in ("mm", "percent") and _RANGE.fullmatch(between):
            found[k] = replace(found[k], unit=found[k + 1].unit, value=found[k].value * _factor(text, found[k + 1]))
    return found


def _factor(text: str, span: NumberSpan) -> float:
    """How many mm one of the span's written units is: "35 to 37 cm" makes centimetres of the 35 too."""
    written = text[span.start : span.end].lower()
    if span.unit != "mm":
        return 1.0
    if "in" in written or '"' in written or "″" in written:
        return MM_PER["inch"]
    return MM_PER["cm"] if written.rstrip("s").endswith("cm") or "cent" in written else 1.0


def _read(match: re.Match[str]) -> NumberSpan:
    """A span with its value and unit, of one match of the pattern."""
    part = match.group
    sign = 0 if not part("sign") else (1 if part("sign").strip() == "+" else -1)
    if part("share"):
        words = part("share").lower().split()
        return NumberSpan(match.start(), match.end(), float(_SHARES[words[-1]]), "percent", sign)
    if part("digits"):
        value = _from_digits(part("digits"))
    elif part("words"):
        value = _from_words(part("words")) + (0.5 if part("word_half") else 0.0)
    elif part("part"):
        value = next(share for word, share in _PARTS_OF_UNIT.items() if word in part("part").lower())
    else:
        value = 2.0 if part("article").lower().startswith("couple") else 1.0
    if part("and_part"):
        value += 0.5 if "half" in part("and_part").lower() else 0.25
    if part("times"):
        return NumberSpan(match.start(), match.end(), abs(value - 1) * 100, "percent", 1 if value >= 1 else -1)
    unit = next((name for name in (*MM_PER, "percent", "years") if part(name)), "")
    if unit in MM_PER:
        value, unit = value * MM_PER[unit], "mm"
    return NumberSpan(match.start(), match.end(), value, unit, sign)


def _from_digits(digits: str) -> float:
    """Read "36", "2,5", "15 1/2", "2½"."""
    if digits[-1] in _GLYPHS:
        return float(digits[:-1].strip() or 0) + _GLYPHS[digits[-1]]
    whole, _, rest = digits.rpartition(" ")
    top, _, bottom = rest.partition("/")
    return float(whole or 0) + float(top.replace(",", ".")) / (float(bottom) or 1.0 if bottom else 1.0)


def _from_words(words: str) -> float:
    """Read "thirty-six", "a hundred", "twelve"."""
    total = 0.0
    for word in words_in(words):
        if word == "hundred":
            total = max(total, 1.0) * 100
        elif word in _TENS:
            total += _TENS[word]
        else:
            total += _WORDS.get(word, 0)
    return total
