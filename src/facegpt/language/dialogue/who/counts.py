"""How many new heads a turn asks for: "three guards", "a pair of nuns", "a mother, a father and a baby"."""

from __future__ import annotations

import re

from facegpt.language.dialogue.turns import PEOPLE, PERSON
from facegpt.language.dialogue.who.kin import KIN
from facegpt.language.numbers import COUNTS
from facegpt.language.patterns import regex_any_case

#: Most heads in one answer.
MOST_HEADS = 8

#: Ends of sentences, dashes and colons; several words in quotation marks are only spoken of.
_SENTENCE = re.compile(r"(?<=[.?!;…])\s+|\n+|(?<=\w:)\s+|\s+[-–—]+\s+|\s*,?\s+but\s+")
_QUOTED = re.compile(r"[\"“][^\"“”]* [^\"“”]*[\"”]")
_SMALL_NUMBER = rf"({'|'.join(list(COUNTS)[1:8])}|[2-8])"
_MANY = rf"(?:{PEOPLE}|candidates|suspects|friends|neighbours|extras|npcs|heads|faces)"
_COUNTED = (
    re.compile(rf"\b{_SMALL_NUMBER}\s+(?!hundred|thousand|million)(?:[\w-]+[\s,]+){{0,3}}?{_MANY}\b", re.IGNORECASE),
    re.compile(rf"\b{_SMALL_NUMBER}\s+(?:of (?:them|us|these)|like (?:her|him|this|that))(?=\W*$|,)", re.IGNORECASE),
    re.compile(rf"\b(?:same|this|that) (?:[\w-]+ ){{0,2}}{_SMALL_NUMBER}\s+times\b", re.IGNORECASE),
    re.compile(rf"\b(?:say|all|of all)\s+{_SMALL_NUMBER}(?=\W*$|,| of| at once)", re.IGNORECASE),
)
#: Words for a number of people.
_SOME = rf"(?:[\w-]+\s+){{0,3}}?{_MANY}\b"
_GROUP = regex_any_case(rf"""
    \b(?:(?P<n3>trio\b|triplets\b|threesome of\b|(?:several|a few) {_SOME})|(?P<n4>quartet|foursome|quadruplets)\b|
    (?P<n6>half a dozen {_SOME})|(?P<n2>a (?:couple|pair) of {_SOME}|(?<!reunited )(?<!were )twins(?!')\b|
    (?:the|an?|this|that) (?:[\w-]+ ){{0,3}}?couple\b
    (?=\W*$|\s*[,.;(]| (?:who|with|in|from|wearing|looking|smiling)\b)))
""")
#: Of whomever was named before.
_AS_MANY = regex_any_case(r"\b(?:versions?|variants?|variations?|options?|takes|of (?:them|us|these))\W*$")
#: A number behind one of these counts people of a story, not heads: "a widow with three children", "he met two nuns".
_IN_A_STORY = regex_any_case(rf"""
    \b(?:(?<!heads )(?<!faces )(?<!portraits )(?<!pictures )(?<!picture )(?<!row )(?<!set )(?<!group )(?<!line-up )(?
    <!lineup )(?<!series )(?<!family )(?<!team )(?<!choice )(?<!cast )(?<!batch )of|he|she|they|who|whose|has|had|met|
    saw|sees|by|than|from|after|against|between|with|(?:{PERSON}))\b
""")
_ASKING = regex_any_case(r"""
    \b(?:show|give|gimme|make|do|draw|create|generate|render|build|sculpt|needs?|wants?|like|love|imagine|picture|fancy|
    produce|have|see|meet|whip up|for)\b
""")
_KIN = rf"(?:{'|'.join(KIN)}|husband|wife)"
_EACH_OF_THEM = rf"(?:(?:an?|one|her|his|their|the)\s+(?:[\w-]+\s+){{0,2}}?{PERSON}|{_KIN})\b(?!'|-)"
#: "A mother, a father and a baby".
_LISTED = regex_any_case(rf"\b{_EACH_OF_THEM}(?:(?:\s*,\s*|\s+)(?:and\s+|plus\s+|&\s+)?{_EACH_OF_THEM})+")


def how_many(text: str) -> int:
    """How many new heads a text asks for: 1 unless it counts them."""
    for piece in _SENTENCE.split(_QUOTED.sub("this", text)):
        for pattern in _COUNTED:
            match = pattern.search(piece)
            if match and (_AS_MANY.search(match[0]) or not _tells_a_story(piece[: match.start()])):
                word = match[1].lower()
                return min(int(word) if word.isdigit() else int(COUNTS[word]), MOST_HEADS)
        if (match := _GROUP.search(piece)) and not _tells_a_story(piece[: match.start()]):
            return int(str(match.lastgroup)[1:])
        if listed := people_listed(piece):
            return min(len(listed), MOST_HEADS)
    return 1


def people_listed(text: str) -> list[int]:
    """Where each of several people begins whom a text lists: "a mother, a father and a baby"; [] for others."""
    listed = _LISTED.search(text)
    if listed is None or _tells_a_story(text[: listed.start()]):
        return []
    return [listed.start() + each.start() for each in re.finditer(_EACH_OF_THEM, listed[0], re.IGNORECASE)]


def _tells_a_story(before: str) -> bool:
    """By what stands before a number of people whether they belong to a story."""
    asked = [match.end() for match in _ASKING.finditer(before)]
    return bool(_IN_A_STORY.search(before[asked[-1] :] if asked else before))
