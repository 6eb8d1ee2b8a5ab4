"""Who a person is as far as a face shows it: what is seen, and that nobody is recognised.

Questions with "who" that are of nobody here ("who wrote Hamlet?") are told from those by the set answers' weights.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from facegpt.describe import sentences as words
from facegpt.describe.glasses_words import glasses_words
from facegpt.describe.hair_words import beard_words
from facegpt.describe.scene_words import sight_words
from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.questions.asked_before import names_in
from facegpt.language.dialogue.set_answers import RECOGNISE, likeliest
from facegpt.language.dialogue.who.called import called, noun_of, sentence
from facegpt.language.dialogue.who.cues import Cue, cues
from facegpt.language.dialogue.wording import OBJECT, of_person
from facegpt.language.patterns import regex_any_case, word_set, words_in

UNKNOWN_PERSON = "I don't recognise anybody by the face, so I can't say who that is."
#: A question of so many words that names a trait is of those who are here.
_A_FEW = 3
#: Of so many people nothing but age, hair and glasses is told.
_MANY = 2
#: Probability from which a question with "who" may ask who somebody here is.
_MAY_ASK = 0.25
_WHO, _WHO_WITHIN = word_set("who whose whom"), 4
#: Where what is beside the question begins: "who was president when he was thirty?"; what points at somebody here.
_BESIDE = regex_any_case(r"\b(?:when|while|before|after|since|until|if|because|during|in (?:his|her|their))\b")
_POINTS = word_set("this these those it you me")
_SURELY_HERE = frozenset(("pronoun", "name", "side", "they", "mine"))


def asks_of_another(text: str, cast: Cast) -> bool:
    """Whether a question with "who" is of nobody here: "who wrote Hamlet?", "who is the king of Spain?"."""
    if not _asks_who(text):
        return False
    main = main_clause(text)
    if len(cast.people) > 1 and len(main.split()) <= _A_FEW and names_in(main):
        return False  # "who's happier?" compares those who are here
    said = words_in(main)
    that = any(a == "that" and not b.endswith("ed") for a, b in pairwise([*said, ""]))
    if that or _POINTS.intersection(said) or any(_is_here(cue, main) for cue in cues(main, cast)):
        return False
    answers = [likeliest(said) for said in (text, main)]
    return not all(each is not None and each.key == RECOGNISE and each.share >= _MAY_ASK for each in answers)


def _asks_who(text: str) -> bool:
    return bool({*words_in(text)[:_WHO_WITHIN]} & _WHO)


def main_clause(text: str) -> str:
    """What stands before "when", "while" and the like: "who was president when he was born?" speaks of nobody here."""
    return _BESIDE.split(text)[0]


def asks_who_is_where(context: Context) -> bool:
    """Whether a turn asks who stands where in a photo: "who is on the right?"."""
    return bool(context.cast.people) and "others" in context.sights and _asks_who(context.text)


def _is_here(cue: Cue, text: str) -> bool:
    """Whether a cue surely points at somebody here: a pronoun, a name, a side, and not "the US"."""
    word = text[cue.start : cue.end]
    is_a_country = word.lower() == "us" and (word.isupper() or text[: cue.start].lower().endswith("the "))
    return cue.kind in _SURELY_HERE and not is_a_country


def portrait(context: Context, person: Person) -> str:
    """Who a person is, what they wear and do, and what of the photo is around them, in plain sentences."""
    facts, cast = context.model.facts(person.face), context.cast
    lines = [_who(context, person), words.expression_words(facts), words.skin_words(facts)]
    lines += [words.eyes_words(facts), _hair(facts)]
    lines.append(glasses_words(facts.glasses))
    scene = context.model.scene(person.first) if person.photo else None
    if scene is not None:
        names = [*(("headwear",) if scene.wears_headwear else ()), *(("clothes",) if scene.clothes else ()), "backdrop"]
        worn = person.face.params.glasses, None, person.first.params.headwear
        lines += [sight_words(name, scene, *worn) for name in names]
    return _in_a_row([*lines, *facts.left_out], person, cast)


def who_is_it(context: Context) -> str:
    """Say that nobody is recognised, what the words called somebody, and what is seen instead."""
    people = [context.cast.person(number) for number in context.found or context.who]
    told = [_known(person) for person in people]
    start = "" if all(told) else UNKNOWN_PERSON + " "
    return start + " ".join(
        f"{known} {_short(context, person, len(people))}".strip() for known, person in zip(told, people, strict=True)
    )


def _known(person: Person) -> str:
    """What is known of somebody from the conversation: a name, or that no such person lives; "" for nothing."""
    name = next((name for name in person.names if name and not name.startswith("the ")), "")
    if name:
        return f"You called {OBJECT[person.sex]} {name.capitalize()}; more I don't know."
    return "" if person.photo or not person.made else f"Nobody real: I made {OBJECT[person.sex]} up."


def _short(context: Context, person: Person, people: int) -> str:
    facts = context.model.facts(person.face)
    lines = [_who(context, person), _hair(facts), glasses_words(facts.glasses)]
    if people <= _MANY:
        lines.insert(1, words.expression_words(facts))
    return _in_a_row(lines, person, context.cast)


def _who(context: Context, person: Person) -> str:
    """A first sentence: "A woman of about 30."; of several people, who it speaks of before it."""
    years = context.model.facts(person.face).looks.get("age_years")
    noun = noun_of(person, years).replace("head", "person")
    place = place_in_photo(person, context.cast)
    start = f"{sentence(called(person, context.cast))}{place and f' ({place})'}: a"
    start = start if len(context.cast.people) > 1 else "A"
    return f"{start} {noun}" + (f" of about {round(years)}." if years else ".")


def place_in_photo(person: Person, cast: Cast) -> str:
    """Where a person of a photo with several faces is in it: "on the left"; "" for all others."""
    row = sorted(each.number for each in cast.people if each.photo and each.photo == person.photo)
    if len(row) < 2 or person.number not in row:
        return ""
    place = row.index(person.number)
    if place in (0, len(row) - 1):
        return "on the right" if place else "on the left"
    return "in the middle" if len(row) == 3 else f"number {place + 1} from the left"


def _hair(facts: Facts) -> str:
    return "" if facts.hair is None else words.worn_hair_words(facts) or beard_words(facts.hair)


def _in_a_row(lines: list[str], person: Person, cast: Cast) -> str:
    alone = replace(cast, people=(person,))  # named once, "she" from then on
    return " ".join(of_person(line, person, alone) for line in dict.fromkeys(lines) if line)
