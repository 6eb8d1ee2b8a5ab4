"""Words for a people or a country in a text (peoples.csv), and what they change in a reading."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from functools import lru_cache
from importlib import resources

from facegpt.language.changed_request import left_open
from facegpt.language.patterns import has_word, is_denied, joined, last_words, word_set, words_in
from facegpt.language.reading.normalise import split_words
from facegpt.language.reading.text_reading import Reading

#: Words that name somebody: "black" and "white" are peoples before these only.
_PERSON = joined(r"""
    (?:m[ae]n|wom[ae]n|males?|females?|guys?|gals?|lad(?:y|ies|s)?|boys?|girls?|gentlem[ae]n|person|people|bloke|chap|
    dude|teen\w*|kids?|child(?:ren)?|baby|toddler|grand\w+|mother|father|mom|mum|dad|aunt\w*|uncle|elder|adult|brother|
    sister|couple|student|actor|actress|model|soldier|nurse|doctor|teacher|british|american|senior)
""")
_COLOUR = re.compile(
    r"\b(black|white)(?:,? (?!and\b|an?\b|the\b|hair|eye|beard|brow|lip|teeth|clad|dress|shirt|suit|hat\b|coat)[a-z]+)"
    rf"{{0,2}}?,? {_PERSON}\b"
)
#: The same alone in a list ("nurse, 45, black, tired"), and what ends an item before it that is a thing's colour.
_ITEM = re.compile(r"(?:^|[,;/])\s*(black|white)\s*(?=[,;/.]|$)")
_OF_A_THING = joined(r"""
    (?:hair\w*|curls?|locks|braids?|ponytail|bun|bob|beard|goatee|moustache|mustache|stubble|brows?|eyebrows|eyes?|lashes|
    glasses|hat|cap|beanie|hijab|scarf|turban|shirt|suit|dress|coat|colours?|colors?|dyed|lips(?:tick)?|rims|frames?)
""")
_COLOUR_OF = {"black": "african_diaspora", "white": "european"}
#: What is named after a country without being a person of it.
_THING = joined(r"""
    (?:nose|profile|food|restaurant|cuisine|movie|film|accent|car|flag|braids?|plait|bob|crop|moustache|mustache|beard|
    goatee|tea|ink|tattoos?|soil|market|language|lesson|class|exam|embassy|border|winter|summer|sun|statue|vase|opera|
    mask|painting|god|goddess|mythology|dressing|wine|beer|whisk(?:e)?y|cheese|bread|salad|pizza|marathon|grand prix|
    cup|lottery|visa|passport|bulldog|terrier|shepherd|cat|dog|sausage|pastry)\b
""")
#: Words beside denials after which a people is not meant, and how verbs begin of what is learnt or eaten.
_NOT_MEANT, _LEARNT = ("non", "nothing"), ("learn", "speak", "eat")
#: Words before "Asian" that say which.
_REGIONS = {"south": "south_asian", "central": "native_american", "west": "middle_eastern", "western": "middle_eastern"}
_REGIONS |= dict.fromkeys(("southeast", "south east", "southeastern"), "southeast_asian")
_SEVERAL = word_set("half part mixed mother father mum mom dad parent parents")
#: Words by which a text tells of skin or hair itself, and the attributes that a people's name alone leaves open.
_TELLS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (
        re.compile(
            r"skin|complexion|\b(?:pale|fair|tan|tanned|ebony|porcelain|swarthy|ruddy|pallid|ashen|sallow|bronzed?|dusky|"
            r"rosy|sunburn\w*)(?:er|est)?\b(?![ -](?:hair|eye|brow|lash))"
        ),
        ("skin_lightness", "skin_redness"),
    ),
    (
        re.compile(
            r"blond|brunette|redhead|ginger|\bgr[ea]y|silver|auburn|raven|salt and pepper|white beard|"
            r"\b(?:black|dark|brown|red|white|light|fair|golden|copper|chestnut|dyed|bleached|jet|strawberry|pink|blue|"
            r"green|purple)(?:[ -][a-z]+){0,2}?[ -](?:hair|curls|locks|braids?|mane|bob|ponytail|pigtails)"
        ),
        ("hair_lightness", "hair_redness", "hair_greyness"),
    ),
)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """One pattern of all names, a group for each, the longest first: "american indian" is not read as "indian"."""
    text = (resources.files("facegpt.language") / "peoples.csv").read_text(encoding="utf-8")
    words = []
    for row in csv.DictReader(text.splitlines()):
        words += [(word, row["family"]) for word in re.split(r"\|(?![^(]*\))", row["words"])]
        words += [(rf"(?:out of|from) (?:the )?(?:{row['places']})", row["family"])]
    words.sort(key=lambda pair: -len(pair[0]))
    groups = "|".join(f"(?P<{family}_{k}>{word})" for k, (word, family) in enumerate(words))
    return re.compile(rf"\b(?:{groups})s?\b(?!['’ ]*{_THING})")


def find_peoples(text: str) -> tuple[str, ...]:
    """The families (of peoples.LOOKS) that a text names, each once, in their order in the text."""
    lower = split_words(text.lower(), "-_/")
    found: dict[str, int] = {}
    for match in _pattern().finditer(lower):
        before = last_words(lower[: match.start()], 2)
        if is_denied(" ".join(before), 2, _NOT_MEANT) or any(word.startswith(_LEARNT) for word in before):
            continue
        family = str(match.lastgroup).rsplit("_", 1)[0]
        if match.group().startswith("asian"):
            family = _REGIONS.get(" ".join(before), _REGIONS.get(" ".join(before[-1:]), family))
        found.setdefault(family, match.start())
    for match in _of_people(lower):
        found.setdefault(_COLOUR_OF[match[1]], match.start())
    if "african" in found:  # "a black Nigerian woman"
        found.pop("african_diaspora", None)
    if len(found) > 1 and not has_word(lower, _SEVERAL):
        found.pop("european", None)  # "a British Indian man" is at home in Britain
    return tuple(sorted(found, key=found.__getitem__))


def _of_people(lower: str) -> list[re.Match[str]]:
    """Where a text in lower case says "black" or "white" of people: before a word for one, or alone in a list."""
    items = [match for match in _ITEM.finditer(lower) if match.start() and not _ends_with_thing(lower[: match.start()])]
    return [*_COLOUR.finditer(lower), *items]


def _ends_with_thing(before: str) -> bool:
    """Whether the last item of a list is of what has a colour: "long hair, black"."""
    return bool(re.search(rf"\b{_OF_A_THING}\b", re.split(r"[,;/]", before)[-1]))


def only_of_people(text: str) -> set[str]:
    """The colours of "black" and "white" that a text says of people and of nothing else: "a black man, white beard"."""
    words = words_in(text)
    said = [match[1] for match in _of_people(split_words(text.lower(), "-_"))]
    return {colour for colour in _COLOUR_OF if 0 < words.count(colour) <= said.count(colour)}


def with_peoples(reading: Reading, text: str) -> Reading:
    """Note in a reading the peoples that a text for a new head names.

    The network takes every such word for dark skin, and "a white man" for white hair. What the text does not say in
    words of its own ("a pale Chinese woman") is left to the family's look.
    """
    peoples = () if reading.request.is_edit else find_peoples(text)
    if not peoples:
        return reading
    lower = text.lower()
    quiet = [name for words, names in _TELLS if not words.search(lower) for name in names]
    return replace(reading, request=replace(left_open(reading.request, quiet), peoples=peoples))
