"""Names and what else words tell of people who come with them: "this is my sister Anna", "Carmen and Odile"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.who.people_in_words import name_given, names_of, people_listed
from facegpt.language.reading.looks_rules.sex_rules import find_sex


def introduced(text: str, cast: Cast, found: Sequence[int]) -> Cast:
    """The people with what the words say of them.

    Args:
        text: as typed.
        cast: the people, with those who come with the text.
        found: the numbers of these.
    """
    names = names_of(text) if found else []
    if len(found) == 1:
        sex = find_sex(text.lower())
        here = replace(cast.person(found[0]), told=text.lower())
        cast = _with(cast, replace(here, sex=sex) if sex in ("F", "M") else here)
    if len(names) != len(found) > 1:
        names = people_listed(text)
    if len(names) == len(found) > 0:
        for number, name in zip(found, names, strict=True):
            cast = cast.named(number, name)
    elif (name := name_given(text)) and cast.people:
        cast = cast.named((*found, *cast.in_focus())[0], name)
    return cast


def _with(cast: Cast, person: Person) -> Cast:
    people = [person if p.number == person.number else p for p in cast.people]
    return replace(cast, people=tuple(people))
