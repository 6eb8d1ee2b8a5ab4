"""New heads made of those who are there: relatives, variations, mixes."""

from __future__ import annotations

import re

import numpy as np

from facegpt.face import Face
from facegpt.language.dialogue import telling
from facegpt.language.dialogue.cast import sex_of
from facegpt.language.dialogue.changes.of_others import OF_THE_OTHER_SEX, RELATED, VARIED, blended, variation
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.who.called import called
from facegpt.language.dialogue.who.counts import MOST_HEADS
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.who.sexes import find_sex
from facegpt.language.head_request import HeadRequest
from facegpt.language.numbers import COUNTS
from facegpt.language.targets import ATTRIBUTES

NOTHING = np.zeros(len(ATTRIBUTES))
_RELATIVE_SEX = {"sister": "F", "mother": "F", "mum": "F", "mom": "F", "daughter": "F", "aunt": "F"}
_RELATIVE_SEX |= {"brother": "M", "father": "M", "dad": "M", "son": "M", "uncle": "M"}
#: Years by which a relative is older than who they are a relative of.
_YEARS_OF = {"daughter": -28.0, "son": -28.0} | dict.fromkeys(("mother", "mum", "mom", "father", "dad"), 28.0)


def varied(context: Context) -> Done:
    """Make relatives and variations of a head."""
    model, cast, text = context.model, context.cast, context.text
    named = mentions(text, cast)
    source = named[0].who[-1] if named else context.who[-1]  # "her brother": of her
    count = _count_of(text)
    relative = next((w for w in re.findall(r"[a-z]+", text.lower()) if w.rstrip("s") in _RELATIVE_SEX), "").rstrip("s")
    face = cast.person(source).face
    told = find_sex(text.lower()) if not relative else ""  # "a woman version of the second"
    sex = _RELATIVE_SEX.get(relative, told if told in ("F", "M") else "")
    other = sex if sex and sex != cast.person(source).sex else ""
    share = OF_THE_OTHER_SEX if other else RELATED if relative else VARIED
    start = context.seed + len(cast.people)
    faces = [variation(model, face, share, start + k, other) for k in range(count)]
    if years := _YEARS_OF.get(relative, 0.0):
        faces = [_aged(model, each, years, start + k) for k, each in enumerate(faces)]
    sexes = [sex or cast.person(source).sex] * count
    names = [(f"the {relative}",) if relative and count == 1 else ()] * count
    whose = called(cast.person(source), cast)
    cast = cast.with_new(faces, made="vary", sex=sexes, names=names)
    what = "a relative" if relative else "a variation" if count == 1 else "variations"
    return Done(f"Here {'is' if count == 1 else 'are'} {what} of {whose}.", cast, cast.focus)


def _aged(model: Maker, face: Face, years: float, seed: int) -> Face:
    """A head so many years older or younger, within those of adults."""
    age = float(np.clip(face.attributes.get("age_years", 40.0) + years, 6.0, 90.0))
    return model.changed(face, HeadRequest(NOTHING, NOTHING, age_years=(age, age), is_edit=True), seed)


def _count_of(text: str) -> int:
    small = {word: int(value) for word, value in list(COUNTS.items())[:9]}
    for word in re.findall(r"[a-z]+|\d+", text.lower()):
        number = int(word) if word.isdigit() else small.get(word, 0) if word != "one" else 1
        if 1 <= number <= MOST_HEADS:
            return number
    return 3 if re.search(r"\b(?:variations|variants|alternatives|versions|some|few|several)\b", text, re.I) else 1


def mixed(context: Context) -> Done:
    """Make the head half-way between several."""
    cast = context.cast
    named = tuple(dict.fromkeys(n for m in mentions(context.text, cast) for n in m.who)) or cast.in_focus()
    who = named if len(named) > 1 else tuple(p.number for p in cast.people[-2:])
    face, sex = blended(cast.faces(who)), find_sex(context.text.lower())
    after = cast.with_new([face], made="blend", sex=[sex if sex in ("F", "M") else sex_of(face)])
    told = f"Here is a head half-way between {telling.all_called(who, cast)}."
    if re.search(r"\b(?:child|kid|baby|son|daughter|offspring|children)\b", context.text, re.IGNORECASE):
        told += " What a child would really look like, nobody can know."
    return Done(told, after, after.focus)
