"""How answers put what is measured and seen: the number or the change first, whose it is, in sentences that vary.

Every number is one of `face.measure()`, as printed; wording depends on the head alone, so that one head reads the same.
"""

from __future__ import annotations

import math
import re

from facegpt.describe import sentences as words
from facegpt.describe.attribute_words import measure_of
from facegpt.describe.measure_words import MEASURES_OF
from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.who.called import called, sentence
from facegpt.types import Measure

_OWNER = {"F": "her", "M": "his", "": "the"}
#: Pronouns by sex: as subject and as object.
SUBJECT = {"F": "she", "M": "he", "": "it"}
OBJECT = {"F": "her", "M": "him", "": "it"}
_SIDE_OF = {"F": "her", "M": "his", "": "its"}
_ITS_SIDE = re.compile(r"\bits (?=left\b|right\b|head\b)")
#: Lengths that are printed alike, mm.
SAME_MM = 0.05
#: What people call a measure, where its published name says little.
_PLAIN = {
    "bizygomatic_breadth": "face width", "bigonial_breadth": "jaw width", "minimum_frontal_breadth": "forehead width",
    "head_breadth": "head width", "menton_sellion_length": "face length", "nose_breadth": "nose width",
    "face_height_nasion_gnathion": "face height (nasion to chin)", "nose_height_nasion_subnasale": "nose length",
    "nasal_bridge_length": "nose bridge length", "nasal_root_breadth": "nose root width",
    "subnasal_width": "nose base width", "nasal_ala_length": "nose wing length", "lip_length": "mouth width",
    "interpupillary_distance": "pupil distance", "inner_canthal_distance": "distance of the inner eye corners",
    "outer_canthal_distance": "distance of the outer eye corners", "palpebral_fissure_length": "eye width",
    "upper_vermilion_height": "upper lip height", "lower_vermilion_height": "lower lip height",
    "upper_lip_height": "distance from nose to mouth", "ear_breadth": "ear width",
}  # fmt: skip
#: How far from the median of adults, percentiles, and what is said of it.
_STANDINGS = ((20, ""), (35, "a little "), (47, "well "), (51, "far "))
#: Of a trait with several measures ("nose size") no more are told.
_MOST_MEASURES = 2
#: SDs up to which a trait is about average.
_ABOUT_AVERAGE = 0.5
#: Attributes that are told as of the whole head.
_WHOLE = frozenset(
    ("age", "masculinity", "heaviness", "skin_lightness", "skin_redness", "beard", "moustache", "hair_length")
) | frozenset(("hair_lightness", "hair_redness", "hair_greyness"))


def whose(person: Person, cast: Cast) -> str:
    """Whose something is: "her" of the only one there, "the man's" among several."""
    if len(cast.people) < 2:
        return _OWNER[person.sex]
    name = called(person, cast)
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def subject(person: Person, cast: Cast) -> str:
    """Who does something: "she", or "the man" among several."""
    return SUBJECT[person.sex] if len(cast.people) < 2 else called(person, cast)


def standing(measure: Measure, among: str = "adults") -> str:
    """How a measure stands among adults: "well above average (85th percentile of {among})"; "" where not known."""
    if math.isnan(measure.percentile):
        return ""
    away = measure.percentile - 50
    how = next(said for bound, said in _STANDINGS if abs(away) < bound)
    place = f"({words.ordinal(measure.percentile).removeprefix('the ')} percentile of {among})"
    return f"{how}{'above' if away > 0 else 'below'} average {place}" if how else f"about average {place}"


def plain_label(measure: str) -> str:
    """What people call a measure: "mouth width" for lip_length."""
    return _PLAIN.get(measure, words.label(measure))


def measured(name: str, facts: Facts, owner: str) -> str:
    """Say one measure, the number early: "Her nose breadth is 34.2 mm, about average (…)."."""
    measure, label = facts.measures[name], plain_label(name)
    mm, stands = f"{measure.value_mm:.1f} mm", standing(measure, facts.among)
    if not stands:
        return f"{sentence(owner)} {label} is {mm}."
    ways = (
        f"{sentence(owner)} {label} is {mm}, {stands}.",
        f"{mm}: {owner} {label} is {stands}.",
        f"{sentence(owner)} {label} measures {mm}; that is {stands}.",
    )
    return ways[(facts.variant + len(name)) % len(ways)]


def aspects(facts: Facts, asks: list[str], person: Person, cast: Cast) -> str:
    """Say what was asked of a head: measures with their numbers, the rest as it is seen."""
    owner, told = whose(person, cast), dict[str, None]()
    for name in asks:
        names = (name,) if name in facts.measures else MEASURES_OF.get(name, (measure_of(name),))
        known = [measured(n, facts, owner) for n in names if n in facts.measures]
        told |= dict.fromkeys(known or [of_person(words.aspect(facts, name), person, cast)])
    return " ".join(filter(None, told))


def of_person(text: str, person: Person, cast: Cast) -> str:
    """A sentence about "the face" or "it" as one about a person."""
    for plain, own in (
        ("The face ", f"{sentence(whose(person, cast))} face "),
        ("The expression ", f"{sentence(whose(person, cast))} expression "),
        ("The skin ", f"{sentence(whose(person, cast))} skin "),
        ("The hair ", f"{sentence(whose(person, cast))} hair "),
        ("The beard ", f"{sentence(whose(person, cast))} beard "),
        ("Its ", f"{sentence(whose(person, cast))} "),
        ("The left eye ", f"{sentence(whose(person, cast))} left eye "),
        ("The eyes ", f"{sentence(whose(person, cast))} eyes "),
        ("The head is bald", f"{sentence(subject(person, cast))} is bald"),
        ("The head is ", f"{sentence(whose(person, cast))} head is "),
        ("It is ", f"{sentence(subject(person, cast))} is "),
        ("It has ", f"{sentence(subject(person, cast))} has "),
        ("It wears ", f"{sentence(subject(person, cast))} wears "),
        ("It looks ", f"{sentence(subject(person, cast))} looks "),
        ("By its shape it looks ", f"{sentence(subject(person, cast))} looks "),
    ):
        if text.startswith(plain):
            return own + _ITS_SIDE.sub(f"{_SIDE_OF[person.sex]} ", text.removeprefix(plain))
    return text


def trait_now(name: str, before: Facts, after: Facts, person: Person, cast: Cast) -> list[str]:
    """What became of a trait, in sentences: its measures now and before, or how it is seen; none where nothing is."""
    measure = measure_of(name)
    if known := [n for n in ((measure,) if measure else MEASURES_OF.get(name, ())) if n in after.measures]:
        lengths = [length_now(n, before, after, person, cast) for n in known]
        return [line for line in lengths if line][:_MOST_MEASURES]
    text = words.aspect(after, name)
    told = of_person(text, person, cast) if text else ""
    if name not in _WHOLE and text == words.trait_words(after, name):
        level = after.attributes.get(name, 0.0)
        step = level - before.attributes.get(name, 0.0)
        if level * step < 0 or abs(level) < _ABOUT_AVERAGE:  # a wide chin that was wider
            verb, more = "are" if name in words.OF_SEVERAL else "is", "more" if step > 0 else "less"
            told = of_person(f"Its {words.label(name)} {verb} {more} than before.", person, cast)
        elif text.startswith(("It has ", "It is ")):
            told = f"{told.rstrip('.')} now."
    return [told] if told else []


def length_now(measure: str, before: Facts, after: Facts, person: Person, cast: Cast) -> str:
    """A measure after a change, and what it was; "" where it stayed."""
    was, now = (round(facts.measures[measure].value_mm, 1) for facts in (before, after))
    if was == now:
        return ""
    label, owner = plain_label(measure), whose(person, cast)
    ways = (
        f"{sentence(owner)} {label} is {now:.1f} mm now, {'up' if now > was else 'down'} from {was:.1f} mm.",
        f"{sentence(owner)} {label} went from {was:.1f} mm to {now:.1f} mm.",
    )
    return ways[(after.variant + len(measure)) % len(ways)]


def length_since(measure: str, now: Facts, was_mm: float, when: str, person: Person, cast: Cast) -> str:
    """A measure as it is, and how far it is from what it was. when: "at first" or "before"."""
    has, start = now.measures[measure].value_mm, f"{sentence(whose(person, cast))} {plain_label(measure)}"
    if abs(has - was_mm) < SAME_MM:
        return f"{start} has not changed: {has:.1f} mm."
    more, gap = "more" if has > was_mm else "less", abs(has - was_mm)
    by = f"{gap:.1f} mm ({100 * gap / was_mm:.0f} %)"
    return f"{start} is {has:.1f} mm now, {by} {more} than the {was_mm:.1f} mm {when}."
