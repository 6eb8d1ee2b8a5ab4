"""Words for people by what they are, and whom a turn is about: somebody new, or somebody who is there.

How many: `who.counts`.
"""

from __future__ import annotations

import re
from importlib import resources

from facegpt.language.numbers import COUNTS
from facegpt.language.patterns import joined, regex_any_case

_CALLINGS = (resources.files("facegpt.language.dialogue.who") / "callings.txt").read_text(encoding="utf-8").split()
#: One person: the longest of callings.txt first, so that none ends in the middle of another.
PERSON = joined(rf"""
    (?:{"|".join(sorted(_CALLINGS, key=len, reverse=True))}|character(?!s? long)|grandm\w+|grandp\w+|
    \w+(?:wom[ae]n|m[ae]n(?<!human)(?<!german)(?<!roman)(?<!woman)))
""")
#: Several.
PEOPLE = joined(rf"""
    (?:{PERSON}s|people|persons|children|womans|ladies|gentlemen|men|women|\w+(?:men|women)|versions?|variants?|
    variations?|options?|heroes|witches|princesses|duchesses|actresses|thieves|elves|dwarves|spies|babies|
    family(?! \w*(?:trip|tree|name|holiday|dinner)))
""")
_ONE_OR_SEVERAL = re.compile(rf"(?:{PERSON}|{PEOPLE})", re.IGNORECASE)
_STRANGER = regex_any_case(r"""
    \b(imagine|invent|come up with|someone|somebody|another(?! ?(?:\d|mm|millimet|centimet|bit|shade))|stranger|
    different (?:person|man|woman|face|head)|new (?:person|man|woman|face|head|one)|random (?:person|face|head))\b
""")
_INDEFINITE = regex_any_case(rf"""
    (?<!\bas )(?<!\blike )\b(?:an?|one|some|several|{"|".join(list(COUNTS)[1:8])}|[2-8](?! years))\s+
    (?:[\w-]+[\s,]+){{0,4}}?(?:{PERSON}|{PEOPLE})\b
    (?!['’]s? (?!head|face)|-| (?:nose|look|face))
""")
#: "A head of this photo": of somebody who is there.
_OF_WHO_IS_THERE = regex_any_case(r"""
    \b(?:head|face|bust|portrait|avatar|model|likeness|one|version|picture)s? (?:models? )?(?:of|from|for|out of|off|
    on) (?:me|us|him|her|it|them|this|that|these|those|the (?:attached|photo|pic\w*|image|selfie|snap|man|woman|person|
    people|boy|girl|first|second)|my|our|his|every|each|all|both)\b(?! game| story| book| novel| comic| poster| play)
""")
#: Words that refer to nobody: "show me a man", "now a blacksmith".
_FOR_ME = re.compile(r"\b(?:now|(?:make|show|give|draw|get|do|build|need|want) (?:me|us))\b", re.IGNORECASE)
#: Where somebody new is to stand.
BESIDE = regex_any_case(r"""
    \b(?:and )?(?:next to|beside|besides|alongside|along with|opposite|behind|in front of|together with|near|with|
    for) (?:him|her|them|it|this one)\b
""")
_REFERS = regex_any_case(r"""
    \b(her|his|him|he|she|it|them|they|their|me|my|us|our|this|that|these|those|same|now|again|back|more|less|
    the (?:nose|eyes|mouth|chin|jaw|face|head|lips|forehead|hair|smile|skin|ears|cheeks|brows?|neck|first|second|last|
    other|person|man|woman))\b
""")

_EXPLETIVE = regex_any_case(r"""
    \b(?:(?:does|did|would|will|do) it (?:take|cost|need)|it (?:takes|took|costs|is from|rains|snows)|
    (?:reach(?:es)?|around|from|to|between) us|(?:more|less) than)\b
""")


def is_person(word: str) -> bool:
    """Whether a word is one for a person or for several."""
    return bool(_ONE_OR_SEVERAL.fullmatch(word))


def refers_back(text: str) -> bool:
    """Whether a text speaks of something that is there already ("her nose", "this", "more")."""
    return bool(_REFERS.search(without_expletives(text)))


def without_expletives(text: str) -> str:
    """A text without the "it" of "how long does it take" and the "us" of "light reaches us", which are nobody here."""
    return _EXPLETIVE.sub(" ", text)


def of_who_is_there(text: str) -> bool:
    """Whether a head is asked for of somebody who is there: "make a head of her"."""
    return bool(_OF_WHO_IS_THERE.search(text))


def asks_for_new(text: str) -> bool:
    """Whether a new person is meant ("another man", "an old woman"), not the one at hand ("make her an old woman")."""
    text = BESIDE.sub(" ", text)
    if _STRANGER.search(text):
        return True
    if _OF_WHO_IS_THERE.search(text):
        return False
    person = _INDEFINITE.search(text)
    return person is not None and not _REFERS.search(_FOR_ME.sub(" ", text[: person.start()]))
