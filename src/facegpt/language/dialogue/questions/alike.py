"""Whether people look alike, are one person or may be kin: what their faces share, where they differ, how likely it is.

Two photos are held against each other by the recognition network (`Maker._likeness`); of heads that words made there is
no such likelihood, and their measures and looks tell. No face proves kinship, and that is said beside what is seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

from facegpt.describe.attribute_words import attribute_groups, measure_of, poles
from facegpt.describe.colours_of_heads import iris_name
from facegpt.describe.hair_words import SEEN_BEARD, hair_colour_word
from facegpt.describe.lists import listed
from facegpt.describe.measure_words import MEASURES_OF
from facegpt.describe.sentences import UNTOLD_BY_A_PHOTO, Facts
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.maker import LikenessSeen
from facegpt.language.dialogue.questions.claims import amount_of
from facegpt.language.dialogue.questions.keys import key_asked
from facegpt.language.dialogue.set_answers import ALIKE, OF_LIKENESS, RELATED, SAME_PERSON
from facegpt.language.dialogue.who.called import all_called, called, sentence, with_article
from facegpt.language.dialogue.who.kin import kin_named
from facegpt.language.dialogue.wording import plain_label
from facegpt.language.patterns import has_word, word_set

#: SDs among adults from which a trait is marked, within which two share it, and by which two differ clearly; so much
#: counts a colour of eyes or hair beside them.
_MARKED, _NEAR, _APART, _OF_COLOURS = 0.8, 0.7, 1.4, 1.2
#: So many shared and different things are told; of so many people each two are told.
_MOST, _MOST_PEOPLE = 3, 3
#: Years that parents and children, and that siblings, are apart.
_LEAST_GENERATION, _MOST_SIBLINGS = 14.0, 25.0
#: Traits by which faces are alike whatever the face does and whatever is done to it.
_OF_SHAPE = frozenset(("nose", "eyes", "mouth", "chin", "jaw", "cheeks", "forehead", "ears", "face", "brows"))
#: What many share by being average, and what is told as a colour.
_SAY_LITTLE = UNTOLD_BY_A_PHOTO | {"iris_lightness"}
#: What several lengths make up, which tell themselves.
_SIZES = frozenset(name for name in MEASURES_OF if not measure_of(name))
_ASKS_HOW = word_set("how what which where")

ONE_ALONE = "I have one head only: give me another photo, or describe somebody, and I hold the two together."


@dataclass(frozen=True)
class Held:
    """Two people held against each other: what they share and where they differ, in phrases, the clearest first."""

    shared: tuple[str, ...]
    different: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Two:
    """What an answer about two people rests on: the question, who they are, what is seen of each, and of both.

    Attributes: seen: how likely their photos show one person; None where one has none.
    """

    text: str
    pair: tuple[Person, Person]
    facts: tuple[Facts, Facts]
    held: Held
    seen: LikenessSeen | None
    cast: Cast


def of_alike(context: Context) -> str:
    """The answer to a question for likeness; "" for any other turn, and where nobody is there."""
    cast, key = context.cast, key_asked(context.text)
    if key not in OF_LIKENESS:
        return ""
    who = context.who if len(context.who) > 1 else tuple(person.number for person in cast.people[-_MOST_PEOPLE:])
    if len(who) < 2:
        return ONE_ALONE if cast.people else ""
    pairs = list(combinations(who[:_MOST_PEOPLE], 2))
    many = len(pairs) > 1
    return "\n".join(_of_two(context, key, (cast.person(one), cast.person(two)), many) for one, two in pairs)


def _of_two(context: Context, key: str, pair: tuple[Person, Person], many: bool) -> str:
    model, cast = context.model, context.cast
    first, second = pair
    facts = model.facts(first.face), model.facts(second.face)
    held = held_together(*facts)
    seen = model._likeness(first.first, second.first)
    tell: dict[str, Callable[[_Two], list[str]]] = {SAME_PERSON: _same, RELATED: _related, ALIKE: _alike}
    lines = tell[key](_Two(context.text, pair, facts, held, seen, cast))
    who = f"{sentence(all_called((first.number, second.number), cast))}: " if many else ""
    return f"{who}{' '.join(filter(None, (*lines, *_traits(held))))}"


def _same(two: _Two) -> list[str]:
    if two.seen is None:
        made = [person for person in two.pair if not person.photo]
        if len(made) == 2:
            return ["No: they are two heads that I made up, each for itself."]
        return [f"No: {called(made[0], two.cast)} is made up." if made else "I can't hold these two photos together."]
    said = {True: "Yes, most likely", False: "No, most likely not", None: "I am not sure"}[two.seen.same]
    beside = "Relatives and look-alikes get high figures too." if two.seen.same else ""
    return [f"{said}: {_likelihood(two.seen, 'that both photos show one person')}", *_reasons(two.seen), beside]


def _related(two: _Two) -> list[str]:
    against = _against(two)
    made = [person for person in two.pair if not person.photo]
    if against:
        start = f"Hardly: {against}."
    elif two.seen is not None and two.seen.same:
        start = "They are so alike that both may even be one person."
    elif len(two.held.shared) >= len(two.held.different):
        start = "They could be: the faces are rather alike."
    else:
        start = "They could be, but the faces are not much alike."
    proof = "A face does not show for sure whether people are related."
    if made:
        made_up = "both are" if len(made) == 2 else f"{called(made[0], two.cast)} is"
        proof = f"Whether they are related is for you to say: {made_up} made up."
    return [start, proof, f"It is {_likelihood(two.seen, 'that both are one person')}" if two.seen is not None else ""]


def _alike(two: _Two) -> list[str]:
    shared, apart = len(two.held.shared), len(two.held.different)
    if two.seen is not None and two.seen.same:
        start = "Yes, very much."
    elif shared > apart:
        start = "Yes, somewhat."
    else:
        start = "Well, only in part." if shared and shared == apart else "No, not much."
    start = sentence(start.partition(" ")[2]) if has_word(two.text, _ASKS_HOW) else start
    return [start, f"It is {_likelihood(two.seen, 'that both are one person')}" if two.seen is not None else ""]


def _likelihood(seen: LikenessSeen, what: str) -> str:
    low, high = (round(100 * end) for end in seen.interval)
    share = min(max(round(100 * seen.likelihood), 1), 99)
    of_pairs = f" (nine of ten such pairs: {low} to {high} %)" if low < high else ""
    return f"{share} % likely by the recognition network {what}{of_pairs}."


def _reasons(seen: LikenessSeen) -> list[str]:
    return [f"{sentence(reason)}." for reason in seen.reasons]


def _against(two: _Two) -> str:
    """What speaks against the kin that a question names: a sex, or ages; "" for nothing."""
    named = kin_named(two.text)
    kin = [each for each, _ in named]
    sexes = {each.sex for each in kin}
    wanted = sexes.pop() if len(sexes) == 1 and (len(kin) > 1 or any(several for _, several in named)) else ""
    made = [person for person in two.pair if not person.photo]  # who gives a photo knows better
    if wanted and (other := next((person for person in made if person.sex and person.sex != wanted), None)):
        noun = {"F": "a woman", "M": "a man"}[other.sex]
        name = called(other, two.cast)
        return f"{name} is {noun}" if noun.split()[1] not in name else f"one of them is {noun}"
    years = [each.looks.get("age_years") for each in two.facts]
    if years[0] is None or years[1] is None:
        return ""
    gap, ages = abs(years[0] - years[1]), f"about {round(years[0])} and {round(years[1])} years old"
    siblings = any(each.is_sibling for each in kin)
    if siblings and gap > _MOST_SIBLINGS:
        return f"they look {ages}, too far apart for siblings"
    if any(each.years for each in kin) and not siblings and gap < _LEAST_GENERATION:
        return f"they look {ages}, too near for that"
    return ""


# What they share


def _traits(held: Held) -> list[str]:
    told = [f"Both have {listed(held.shared)}."] if held.shared else ["They share no marked trait."]
    return told + ([f"They differ most in this: {'; '.join(held.different)}."] if held.different else [])


def held_together(first: Facts, second: Facts) -> Held:
    """What two heads share that others lack, and where they differ most, one trait of each part of the face."""
    shared: list[tuple[float, str, str]] = []
    apart: list[tuple[float, str, str]] = []
    for name, group in attribute_groups().items():
        own, other = amount_of(name, first), amount_of(name, second)
        if group not in _OF_SHAPE or name in _SAY_LITTLE | _SIZES or math.isnan(own) or math.isnan(other):
            continue
        _, low, high = poles()[name]
        if own * other > 0 and min(abs(own), abs(other)) >= _MARKED and abs(own - other) <= _NEAR:
            shared.append((min(abs(own), abs(other)), group, with_article(high if own > 0 else low)))
        elif abs(own - other) >= _APART:
            apart.append((abs(own - other), group, _apart(name, own > other, first, second)))
    for part, phrase, differ in _colours(first, second):
        (apart if differ else shared).append((_OF_COLOURS, part, phrase))
    return Held(_clearest(shared), _clearest(apart))


def _apart(name: str, more: bool, first: Facts, second: Facts) -> str:
    """How two heads differ in a trait: by its lengths where it has one, else by its poles."""
    measure = measure_of(name)
    if measure in first.measures and measure in second.measures:
        lengths = (f"{each.measures[measure].value_mm:.1f}" for each in (first, second))
        return f"{plain_label(measure)} ({' and '.join(lengths)} mm)"
    _, low, high = poles()[name]
    return f"{high} and {low}" if more else f"{low} and {high}"


def _clearest(found: list[tuple[float, str, str]]) -> tuple[str, ...]:
    """The clearest of some phrases, one of each part of the face."""
    kept: dict[str, str] = {}
    for _, part, phrase in sorted(found, key=lambda each: -each[0]):
        kept.setdefault(part, phrase)
    return tuple(kept.values())[:_MOST]


def _colours(first: Facts, second: Facts) -> list[tuple[str, str, bool]]:
    """The colours of eyes and hair, and beards, of two heads: the part, a phrase for both, whether they differ."""
    told: list[tuple[str, str, bool]] = []
    if first.irises is not None and second.irises is not None:
        eyes = iris_name(first.irises), iris_name(second.irises)
        differ = eyes[0] != eyes[1]
        told.append(("iris", f"{eyes[0]} and {eyes[1]} eyes" if differ else f"{eyes[0]} eyes", differ))
    if first.hair is not None and second.hair is not None:
        hair = ["no hair" if h.style == "bald" else f"{hair_colour_word(h)} hair" for h in (first.hair, second.hair)]
        differ = hair[0] != hair[1]
        told.append(("hair", f"{hair[0]} and {hair[1]}" if differ else hair[0], differ))
        both = all(h.beard >= SEEN_BEARD for h in (first.hair, second.hair))
        told += [("beard", "a beard", False)] if both else []
    return told
