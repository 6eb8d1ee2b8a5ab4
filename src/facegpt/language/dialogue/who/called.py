"""What the people of a conversation are called in answers: "Anna", "the nun", "the man", "the second woman"."""

from __future__ import annotations

from collections.abc import Sequence

from facegpt.describe.lists import listed
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.patterns import has_word

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NOUNS = {"F": "woman", "M": "man", "": "head"}
#: What words call the young, by sex; who is asked for of fewer years is one of them.
_YOUNG, _YOUNG_YEARS = {"F": "girl", "M": "boy"}, 14
COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def called(person: Person, cast: Cast) -> str:
    """What a person is called, so that nobody else of the conversation is meant."""
    unlike = [p for p in cast.people if p.number != person.number]
    own = [name for name in person.names if not any(name in p.names for p in unlike)]
    noun = noun_of(person)
    if own:
        return _role_or_name(own[0])
    same = [p for p in cast.people if noun_of(p) == noun]
    if len(same) > 1 and len(cast.people) > len(same):  # "the second one" counts all
        return _nth(person, list(cast.people), "head")
    if len(same) < 2:
        return f"the {noun}" if noun != "head" or len(cast.people) < 2 else _nth(person, list(cast.people), "head")
    return _nth(person, same, noun)


def noun_of(person: Person, years: float | None = None) -> str:
    """What somebody is: "woman", "man", or "girl", "boy" where words say so or ask for a child; else "head".

    years: how old the head looks, if that counts.
    """
    young, asked = _YOUNG.get(person.sex, ""), person.asked.age_years if person.asked else None
    old = years if years is not None else asked[1] if asked is not None else _YOUNG_YEARS
    if young and (has_word(person.told, (young,)) or old < _YOUNG_YEARS):
        return young
    return _NOUNS[person.sex]


def _nth(person: Person, among: Sequence[Person], noun: str) -> str:
    place = [p.number for p in among].index(person.number)
    ordinal = _ORDINALS[place] if place < len(_ORDINALS) else f"{place + 1}th"
    return f"the {ordinal} {noun}"


def _role_or_name(name: str) -> str:
    """A role has an article, a name a capital: roles are kept with theirs (people_in_words.py)."""
    return name if name.startswith("the ") else name.capitalize()


def all_called(numbers: Sequence[int], cast: Cast) -> str:
    """What several are called: "the man and the woman"."""
    names = [called(cast.person(number), cast) for number in numbers]
    if len(names) < 2:
        return "".join(names)
    if len(names) == len(cast.people) and len(names) > 2:
        return f"all {COUNTS[len(names)] if len(names) < len(COUNTS) else len(names)}"
    return listed(names)


def with_article(phrase: str) -> str:
    """A noun with "a" or "an"; several, and what is determined already, have none."""
    if phrase.startswith(("a ", "an ", "the ", "his ", "her ", "my ")) or (phrase[-1:] == "s" != phrase[-2:-1]):
        return phrase
    return f"{'an' if phrase[:1] in 'aeiou' else 'a'} {phrase}"


def sentence(text: str) -> str:
    """A text with a capital at its start."""
    return text[:1].upper() + text[1:]
