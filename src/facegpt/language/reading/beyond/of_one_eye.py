"""Words that colour one eye: "one eye blue and the other brown". Both irises have one colour here: it is not made."""

from __future__ import annotations

import re

from facegpt.language.patterns import word_set, words_in
from facegpt.language.reading.colours_of_parts import eye_colour

_EYE = word_set("eye iris")
#: Words by which one of two is meant, and small ones between them.
ONE_OF_TWO = word_set("one other left right only")
_SMALL = word_set("and the is was a an with has of")
_BEFORE, _AFTER = re.compile(r"([A-Za-z]+)\s+$"), re.compile(r"\s+([A-Za-z]+)")


def colours_one_eye(words: str) -> bool:
    """Whether words give a colour to one eye of two."""
    said = {*words_in(words)}
    return bool(said & _EYE and said & ONE_OF_TWO) and any(map(eye_colour, said))


def with_other_eye(text: str, start: int, end: int) -> tuple[int, int]:
    """Where a stretch with the words right beside it lies that say the same of either eye."""
    return _before(text, start), _behind(text, end)


def _says(word: str) -> bool:
    return word in ONE_OF_TWO or word in _EYE or bool(eye_colour(word))


def _before(text: str, start: int) -> int:
    place = start
    while (match := _BEFORE.search(text[:place])) and (_says(word := match[1].lower()) or word in _SMALL):
        place = match.start(1)
        start = place if _says(word) else start
    return start


def _behind(text: str, end: int) -> int:
    place = end
    while (match := _AFTER.match(text[place:])) and (_says(word := match[1].lower()) or word in _SMALL):
        place += match.end(1)
        end = place if _says(word) else end
    return end
