"""New heads made of those who are there: relatives, variations, mixes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.describe.lists import listed
from facegpt.face import Face
from facegpt.generate.understood import understood
from facegpt.language.changed_request import no_change
from facegpt.language.dialogue import telling
from facegpt.language.dialogue.cast import Person, sex_of
from facegpt.language.dialogue.changes.notes import not_shown
from facegpt.language.dialogue.changes.of_others import (
    OF_ANOTHER_AGE,
    OF_THE_OTHER_SEX,
    RELATED,
    VARIED,
    as_relative,
    blended,
    variation,
)
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.who.called import COUNTS as COUNTED
from facegpt.language.dialogue.who.called import called
from facegpt.language.dialogue.who.counts import how_many
from facegpt.language.dialogue.who.kin import KIN, Kin, kin_wanted
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.wording import SUBJECT, whose
from facegpt.language.head_request import SURE
from facegpt.language.patterns import has_word, word_set
from facegpt.language.reading.clauses import read_clauses, things_in
from facegpt.language.reading.sexes import find_sex
from facegpt.language.reading.years import find_age

#: From this age on the family of somebody are children.
_HAS_CHILDREN = 50.0
#: How old a child of two people is drawn where no age is said, years.
_A_CHILD, _CHILD_YEARS = 8.0, {"baby": 1.0}
_UNKNOWN = "What a child would really look like, nobody can know."
_SEVERAL = word_set("variations variants alternatives versions some few several")


def varied(context: Context) -> Done:
    """Make relatives and variations of a head."""
    model, cast, text = context.model, context.cast, context.text
    if len(context.who) > 1 and any(kin.years < 0 for kin in kin_wanted(text)):
        return mixed(context)  # "their child"
    named = mentions(text, cast)
    source = cast.person(named[0].who[0] if named else context.who[-1])  # "her brother": of her
    years = source.face.attributes.get("age_years", 40.0)
    kin = kin_wanted(text, years > _HAS_CHILDREN)
    told = find_sex(text.lower()) if not kin else ""  # "a woman version of the second"
    wanted = kin or [Kin("", told if told in ("F", "M") else "")]
    count = max(how_many(text), 3 * has_word(text, _SEVERAL))
    wanted = wanted * count if len(wanted) == 1 else wanted
    seed = context.seed + len(cast.people)
    faces = [_made(model, source, each, seed + k) for k, each in enumerate(wanted)]
    if kin:
        faces = [_as_told(model, face, text, seed) for face in faces]
    names = [(f"the {each.noun}",) if each.noun and wanted.count(each) == 1 else () for each in wanted]
    sexes = [each.sex or source.sex for each in wanted]
    what = _what(kin, wanted, whose(source, cast), called(source, cast))
    cast = cast.with_new(faces, made="vary", sex=sexes, names=names)
    return Done(what, cast, cast.focus)


def _what(kin: list[Kin], wanted: list[Kin], owner: str, name: str) -> str:
    """Who is there now: "Here is Jonas's sister, as she could look."."""
    several = len(wanted) > 1
    if not kin:
        return f"Here {'are variations' if several else 'is a variation'} of {name}."
    nouns = [each.noun for each in dict.fromkeys(wanted)]
    if len(nouns) == 1 and several:
        return f"Here are {COUNTED[len(wanted)]} {nouns[0]}s of {name}, as they could look."
    look = "they" if several else SUBJECT[wanted[0].sex] if wanted[0].sex else "they"
    return f"Here {'are' if several else 'is'} {owner} {listed(nouns)}, as {look} could look."


def _made(model: Maker, source: Person, kin: Kin, seed: int) -> Face:
    """A relative or, without a noun, a variation of somebody."""
    other = kin.sex if kin.sex != source.sex else ""
    if not kin.noun:
        return variation(model, source.face, OF_THE_OTHER_SEX if other else VARIED, seed, other)
    face = as_relative(source.face, same_skin=not (other or kin.years))
    share = OF_ANOTHER_AGE if kin.years else OF_THE_OTHER_SEX if other else RELATED
    face = variation(model, face, share, seed, other)
    return _aged(model, face, kin.years, seed) if kin.years else face


def _as_told(model: Maker, face: Face, text: str, seed: int) -> Face:
    """A relative with what the words say beside whose they are: "his daughter, about 20, with red hair"."""
    said = things_in(text) - {*KIN}
    if not said and find_age(text) is None:
        return face
    reading = model.language.read(text, model.seen(face), True)
    whole = read_clauses(text, reading, lambda words: model.language.read(words, model.seen(face), True), understood)
    request = replace(whole.request, man=0.5)
    return replace(
        model.changed(face, request, seed), understood_parts=understood(request), ignored=not_shown(text, whole.unread)
    )


def _aged(model: Maker, face: Face, years: float, seed: int) -> Face:
    """A head so many years older or younger, within those of adults."""
    age = float(np.clip(face.attributes.get("age_years", 40.0) + years, 6.0, 90.0))
    return model.changed(face, replace(no_change(), age_years=(age, age)), seed)


def mixed(context: Context) -> Done:
    """Make the head half-way between several, or their child."""
    cast, text = context.cast, context.text
    named = tuple(dict.fromkeys(n for m in mentions(text, cast) for n in m.who)) or context.who
    who = named if len(named) > 1 else tuple(p.number for p in cast.people[-2:])
    face, said = blended(cast.faces(who)), find_sex(text.lower())
    child = next((kin for kin in kin_wanted(text) if kin.years < 0), None)
    sex = said if said in ("F", "M") else (child and child.sex) or sex_of(face)
    told = f"Here is a head half-way between {telling.all_called(who, cast)}."
    names: tuple[str, ...] = ()
    if child:
        face, years = _child_of(context, face, child, sex)
        face = _as_told(context.model, face, text, context.seed)
        names = (f"the {child.noun}",)
        told = f"Here is a {child.noun} of about {years}, half-way between {telling.all_called(who, cast)}. {_UNKNOWN}"
    after = cast.with_new([face], made="blend", sex=[sex], names=[names])
    return Done(told, after, after.focus)


def _child_of(context: Context, face: Face, child: Kin, sex: str) -> tuple[Face, int]:
    """A head as a child's, of the age that the words say, and its years."""
    low, high, is_said = find_age(context.text) or (0.0, 0.0, False)
    if not is_said:
        low = high = _CHILD_YEARS.get(child.noun, _A_CHILD)
    request = replace(no_change(), man=SURE[sex], age_years=(low, high))
    bare = as_relative(face, same_skin=False)
    return context.model.changed(bare, request, context.seed + len(context.cast.people)), round((low + high) / 2)
