"""Years in words: "in his forties", "52, pale", "elderly". The figures are those of LABELS.md.

Which number of a text is an age is mostly the network's to say (text_reading.py). Here is what needs no judgement:
decades of a life, ranges and months, numbers that are called an age or stand as one in a list; then words that go with
an age (age_words.csv).
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib import resources
from itertools import pairwise

from facegpt.language.numbers import NumberSpan, find_numbers
from facegpt.language.patterns import regex
from facegpt.language.reading.normalise import fold_case

_DECADES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_PART = {"early": (0, 3), "mid": (4, 6), "middle": (4, 6), "late": (7, 9), "": (0, 9)}
_TEENS = {"early": (13.0, 14.0), "late": (17.0, 19.0)}
_DECADE = regex(rf"""
    (?P<part>early|mid|middle|late)?(?:\s+to\s+(?:mid|late))?[\s-]*(?:(?:in|of)\s+)?(?:(?:his|her|their|
    the)\s+)?(?P<second>early|mid|middle|late)?[\s-]*(?<![\d'])(?P<decade>[2-9]0'?s|
    teens|{"|".join(_DECADES)})\b(?! (?:brow|hair|style|look|film|movie|fashion|music|rock|pop|perm))
""")
#: What joins two ages to a range; between them may stand "years".
_TO = re.compile(r"\s*(?:years?|yrs?)?\s*(?:-|–|to|or|and|going on(?: for)?)\s*")
_MONTHS = re.compile(r"[\s-]*(?:months?|mo)(?:[\s-]+old\b|(?=\s*(?:[,.;)]|$)))")
_BORN = re.compile(r"\bborn (?:in |ca?\.? ?)?(?P<year>19\d\d|20[01]\d)\b")
#: The year in which those born in another are that many years old.
_NOW = 2026
#: Behind a number: that it is years that pass, or counts something.
_PASSES = regex(r"""
    [\s-]*(?:older|younger|ago|later|since|before|together|earlier|back|away|off|more|less|from|in\b|on\b|of\b|
    and not\b|months?|mm|cm|mil|inch|per|%|°|degree|times|x\b|i\b|he\b|she\b|we\b|they\b)
""")
#: Before a number: that it is an age; that it is years that pass, or no years.
_CALLED = regex(r"""
    (?:\b(?:aged?|age of|age is|ages|turned|turning|girl|boy|lad|lass|man|woman|child|kid|tot|toddler|s?he'?s|who's|is|
    was|reads|looks?|looking|set to|age to|playing)(?:,? (?:of|at|about|abt|around|aboot|maybe|perhaps|only|just))*|
    \bage\s*[:=]|\()[\s:,]*$
""")
_SPENT = regex(r"""
    \b(?:after|for|in|by|through|from|over|since|these|those|its|waited|served|gone|been|add|adds|lose|loses|knock|
    shave|take|another|last|next|first|every|au|units?|stage|(?:neighbour|friend|husband|wife|partner) of)\s+
    (?:the |those |a )?$
""")
_ALONE = re.compile(r"(?:^|[,;:(|/\n–—]|\.\s)\s*$"), re.compile(r"\s*(?:$|[,;:.()|/\n–—]|[fm]\b)")
#: Words of the table that are hardly ever said of anything but the face asked for.
_PLAIN = regex(r"""
    pre|kinder|\w+[\s-]next[\s-]door|\w+[\s-]grade|primary|elementary|high|tween|soph|college|middle|midle|elder|teen|octo|septua|nona|centen|
    sexa|quinq|pensioner|geriatric|little|lil|wee|small|great|sixth|junior|older \w|retired|reception|gen|boomer|millen|
    zoomer|toddler|prime|in the|nipper|young teen|ancient|pension|draw|bus pass|collect|[\w ]*years? (?:off|from|short)
""")


def find_age(text: str) -> tuple[float, float, bool] | None:
    """(lowest, highest) years that the words state and whether they state them plainly; None where they do not.

    "old" or "boy" may speak of others or of things: those are not plain.
    """
    lower = fold_case(text)
    decade = _DECADE.search(lower)
    if decade:
        return (*_decade(decade), True)
    if (found := _by_number(lower)) is not None:
        return (*found, True)
    for words, years in _age_words():
        if match := words.search(lower):
            first = lower[: match.start()].split()
            leads = first[:1] in (["a"], ["an"]) and len(first) <= 2  # whom the words begin with is who is meant
            return (*years, leads or bool(_PLAIN.match(match[0])))
    return None


def words_of_age(text: str) -> str:
    """The words of a text that the table has for an age ("girl next door"); "" for none."""
    lower = fold_case(text)
    return next((match[0] for words, _ in _age_words() if (match := words.search(lower))), "")


@lru_cache(maxsize=1)
def _age_words() -> list[tuple[re.Pattern[str], tuple[float, float]]]:
    """Words that go with an age, the first that fits counts, and its years."""
    text = (resources.files("facegpt.language") / "reading" / "age_words.csv").read_text(encoding="utf-8")
    return [
        (re.compile(rf"(?<![\w-])(?:{row['words']})(?![\w'])"), (float(row["low"]), float(row["high"])))
        for row in csv.DictReader(text.splitlines())
    ]


def _decade(match: re.Match[str]) -> tuple[float, float]:
    part = match["part"] or match["second"] or ""
    if match["decade"] == "teens":
        return _TEENS.get(part, (13.0, 19.0))
    word = match["decade"].rstrip("s").rstrip("'")
    start = float(word) if word.isdigit() else 20.0 + 10.0 * _DECADES.index(match["decade"])
    low, high = _PART[part]
    return start + low, start + high


def _by_number(text: str) -> tuple[float, float] | None:
    """The first age that a number says plainly."""
    if born := _BORN.search(text):
        return _NOW - float(born["year"]) - 1, _NOW - float(born["year"])
    numbers = [each for each in find_numbers(text) if each.unit in ("", "years") and not each.sign]
    for one, other in pairwise(numbers):
        joined = _TO.fullmatch(text[one.end : other.start])
        near = 3 < one.value < other.value <= min(100, one.value + 25)
        if joined and near and _may_be(text, one, other.start) and _may_be(text, other):
            return one.value, other.value
    bare = sum(not each.unit for each in numbers)
    for each in numbers:
        if not each.unit and _MONTHS.match(text[each.end :]) and not _SPENT.search(text[: each.start]):
            return float(int(each.value / 12)), float(int(each.value / 12) + 1)
        if 1 <= each.value <= 105 and _may_be(text, each) and _is_said(text, each, bare == 1):
            return each.value, each.value
    return None


def _may_be(text: str, number: NumberSpan, before: int | None = None) -> bool:
    """Whether nothing around a number, up to `before`, says that it counts something else, or years that pass."""
    return not _SPENT.search(text[: number.start]) and not _PASSES.match(text[number.end : before])


def _is_said(text: str, number: NumberSpan, alone: bool) -> bool:
    """Whether a number is called an age, or stands as one does in a list where it is the only one."""
    before, behind = text[: number.start], text[number.end :]
    if number.unit == "years":
        return True
    ends = bool(_ALONE[1].match(behind))
    called = bool(_CALLED.search(before)) and (ends or number.value >= 13)
    return called or (bool(_ALONE[0].search(before)) and ends and alone and number.value >= 7)
