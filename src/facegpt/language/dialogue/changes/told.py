"""What an answer says of a change: what differs on the head from before, measured; and what was asked for and stayed.

Nothing is told from the words alone: each sentence rests on two states of a head (`changes.seen`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe import sentences as words
from facegpt.describe.attribute_words import measure_of
from facegpt.describe.colours_of_heads import iris_name
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.describe.hair_words import hair_changes
from facegpt.describe.lists import listed
from facegpt.describe.measure_words import MEASURES_OF, MOVEMENT_WORDS
from facegpt.describe.scene_words import headwear_words
from facegpt.describe.sentences import Facts
from facegpt.generate.shape.shown_changes import is_short, wanted_mm
from facegpt.generate.told.words import in_words
from facegpt.generate.understood import understood
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.changes.seen import SEEN_SD, State, differences, is_same, moves, smile_words
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.who.called import all_called, called, sentence, with_article
from facegpt.language.dialogue.wording import length_now, of_person, plain_label, trait_now, whose
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.targets import ATTRIBUTES

#: Changes below this many SDs are not spoken of, and no more of them than this.
SPOKEN_SD, MOST_SPOKEN = 0.3, 3
#: Of more people than this, a change is not told one by one.
MOST_TOLD = 3
#: Attributes whose changes are told as changes of hair.
_OF_HAIR = frozenset(HAIR_ATTRIBUTES) - {"brow_thickness", "brow_arch"}
#: Attributes that are told as of the whole person.
_OF_ALL = frozenset(("age", "masculinity"))
#: An age that misses what was asked for by more years than this is told.
_SHORT_YEARS = 3.0
#: A movement asked for from this weight on that is seen at less than that is told.
_ASKED_WEIGHT, _UNSEEN_WEIGHT = 0.35, 0.12
#: How attributes of the whole person are told that grew less and more.
_MORE_OR_LESS = {
    "skin_lightness": ("The skin is darker", "The skin is lighter"),
    "heaviness": ("The face is leaner", "The face is fuller"),
    "masculinity": ("Its shape is nearer to the average woman's", "Its shape is nearer to the average man's"),
    "age": ("", ""),
}
_AGED = "It looks about {0} years old now, {1} before; a shape tells age badly."
_SHAPE_AGED = (
    "It looks about {0} years old by its shape now, {1} before; lines, brows and grey hair of the photo may look older."
)
#: Headwear whose name alone is no noun for it.
_NAMED_HATS = {name: f"{name}_hat" for name in ("cowboy", "straw", "chef", "pointed", "santa")} | {
    "peaked": "peaked_cap"
}
_FURTHEST = "the head goes no further"


def of_changes(model: Maker, before: Cast, after: Cast, requests: Mapping[int, HeadRequest]) -> str:
    """Say who was changed, and how; of many, who alone.

    Args:
        model: measures heads.
        before: the people before the change.
        after: the people after it.
        requests: what was asked, by the numbers of those of whom it was.
    """
    pairs = {n: (before.person(n).face, after.person(n).face) for n in requests}
    same = tuple(n for n, (was, now) in pairs.items() if is_same(was.params, now.params))
    if len(requests) > MOST_TOLD:
        changed = tuple(n for n in requests if n not in same)
        told = [f"I changed {all_called(changed, after)}."] if changed else []
        return " ".join([*told, f"Unchanged: {all_called(same, after)}."] if same else told)
    states = {n: (State.of(model, was), State.of(model, now)) for n, (was, now) in pairs.items()}
    return " ".join(
        _unchanged(now, requests[n], after.person(n), after)
        if n in same
        else _of_change(was, now, requests[n], after.person(n), after)
        for n, (was, now) in states.items()
    )


def _of_change(before: State, after: State, request: HeadRequest, person: Person, cast: Cast) -> str:
    was, now = before.facts, after.facts
    told, stayed = of_lengths(was, now, request.millimetres, person, cast)
    if request.character:
        told.append(f"It looks like {with_article(request.character)} now.")
    of_hair = hair_changes(was.hair, now.hair)
    told += [_on_head(line, person) for line in of_hair]
    if of_hair and request.hair.of_head and now.covered:
        told.append("Most of the hair lies below what is worn on the head.")
    if asks_of_hair(request) and not of_hair:
        stayed.append(f"{sentence(whose(person, cast))} hair stays as it is: it is so already.")
    of_traits, stayed_traits = _of_traits(was, now, request, person, cast)
    told, stayed = told + of_traits, stayed + stayed_traits
    if moves(was, now):
        told += [smile_words(was, now), words.expression_words(now)]
        stayed += _not_seen(now, request)
    elif asks_of_expression(request):
        face = words.expression_words(now)
        stayed.append(f"{sentence(whose(person, cast))} expression stays as it is: {_continued(face, person, cast)}")
    told += _of_person(was, now, request, person)
    told += _of_looks(before, after, request, person)
    lines = [*dict.fromkeys(of_person(line, person, cast) for line in told if line)]
    if not lines:
        lines = differences(before, after, person, cast, MOST_SPOKEN)
    kept = [*dict.fromkeys(filter(None, stayed))]
    name = called(person, cast)
    if not lines and kept:
        return " ".join(kept)
    if not lines:  # what was changed shows in no measure and in no word: the colour of the lips
        return f"I changed {name}: {_asked(request)}."
    if len(cast.people) > 1 and not any(name.lower() in line.lower() for line in lines):
        return " ".join((f"I changed {name}.", *lines, *kept))
    return " ".join((*lines, *kept))


def _asked(request: HeadRequest) -> str:
    """What was asked for, in short."""
    return "; ".join(in_words(label).replace(":", "") for label in understood(request))


def _on_head(line: str, person: Person) -> str:
    """What is worn on the head of a photo: as of the head, since the photo keeps what was worn in it."""
    if person.first.photo is None:
        return line
    for plain, own in (("It ", "The head "), ("The hair ", "The head's hair ")):
        line = own + line.removeprefix(plain) if line.startswith(plain) else line
    return line


# What stayed


def _unchanged(state: State, request: HeadRequest, person: Person, cast: Cast) -> str:
    """Say that nothing changed on a head, and why."""
    name = called(person, cast)
    seen = [words.expression_words(state.facts)] if asks_of_expression(request) else []
    if seen := [*seen, *_of_looks(state, state, request, person)]:
        return f"Nothing changed on {name}: {' '.join(_continued(line, person, cast) for line in seen)}"
    shape = np.abs(np.asarray(request.attribute_mean)).max(initial=0.0) >= SPOKEN_SD or bool(request.millimetres)
    why = f"{_FURTHEST} that way, or it is so already" if shape else "it is so already"
    return f"Nothing changed on {name}: {why}."


def _continued(told: str, person: Person, cast: Cast) -> str:
    """A sentence on an expression behind a colon."""
    said = of_person(told, person, cast)
    return said[:1].lower() + said[1:] if not said.startswith(tuple(_names(cast))) else said


def _names(cast: Cast) -> list[str]:
    return [name.capitalize() for person in cast.people for name in person.names if not name.startswith("the ")]


def asks_of_expression(request: HeadRequest) -> bool:
    """Whether a change asks for an expression."""
    return bool(request.expression_named.any()) or bool(request.emotion)


def asks_of_hair(request: HeadRequest) -> bool:
    """Whether a change asks for another hair or beard."""
    return bool(request.hair.lengths) or any(slot != "keep" for slot in request.hair.said)


def _not_seen(now: Facts, request: HeadRequest) -> list[str]:
    """Movements that were asked for and are not seen."""
    seen, weights = now.movements, np.asarray(request.expression, float)
    named = {
        name: weights[k]
        for k, name in enumerate(ARKIT_NAMES)
        if request.expression_named[k] and weights[k] >= _ASKED_WEIGHT
    }
    hidden = {key for key in MOVEMENT_WORDS for name in named if name.startswith(key)}
    shown = {
        key
        for key in MOVEMENT_WORDS
        for name, weight in seen.items()
        if name.startswith(key) and weight >= _UNSEEN_WEIGHT
    }
    said = words.expression_words(now)  # which rests on the lips as well, where a photo has them
    phrases = [MOVEMENT_WORDS[key] for key in MOVEMENT_WORDS if key in hidden - shown]
    phrases = [phrase for phrase in phrases if phrase not in said]
    return [f"Of this nothing is seen: {', '.join(phrases)}."] if phrases else []


# Lengths and traits


def of_lengths(
    was: Facts, now: Facts, goals: Sequence[MillimetreGoal], person: Person, cast: Cast
) -> tuple[list[str], list[str]]:
    """What lengths that were asked for are now, and which are not as far as asked, in sentences."""
    told, stayed, shares = [], list[str](), list[tuple[float, float]]()
    for goal in goals:
        if goal.measure not in now.measures:
            continue
        start, has = was.measures[goal.measure].value_mm, now.measures[goal.measure].value_mm
        line = length_now(goal.measure, was, now, person, cast)
        short, far = abs(has - wanted_mm(goal, start)), is_short(goal, start, has)
        if line:
            told.append(line)
            shares += [(goal.amount, 100 * (has / start - 1))] if far and goal.kind == "percent" else []
            lacks = far and goal.kind != "percent"
            stayed += [f"That is {short:.1f} mm from what you asked for: {_FURTHEST}."] if lacks else []
        else:
            why = _FURTHEST if far else "it is so already"
            stayed.append(f"{sentence(whose(person, cast))} {plain_label(goal.measure)} stays at {has:.1f} mm: {why}.")
    return told, [*_of_shares(shares), *stayed]


def _of_shares(shares: Sequence[tuple[float, float]]) -> list[str]:
    """How far lengths went of which more went not as far as asked: (asked, reached) of each, percent."""
    if not shares:
        return []
    asked = listed([f"{share:+.0f} %" for share in dict.fromkeys(share for share, _ in shares)])
    return [f"You asked for {asked}: {_FURTHEST} than {listed([f'{has:+.0f} %' for _, has in shares])}."]


def _of_traits(was: Facts, now: Facts, request: HeadRequest, person: Person, cast: Cast) -> tuple[list[str], list[str]]:
    told: list[str] = []
    stayed: list[str] = []
    for name in _traits_asked(request):
        if name in _OF_HAIR and was.hair != now.hair:
            continue
        if is_moved(name, was, now) and (whole := _whole_now(name, was, now, person)):
            told.append(of_person(whole, person, cast))
        elif is_moved(name, was, now):
            told += trait_now(name, was, now, person, cast)
        elif name not in _OF_HAIR | _OF_ALL:
            label = words.label(name)
            verb = "stay as they are" if name in words.OF_SEVERAL else "stays as it is"
            stayed.append(f"{sentence(whose(person, cast))} {label} {verb}: {_FURTHEST} that way.")
    return told, stayed


def _traits_asked(request: HeadRequest) -> list[str]:
    """The traits whose change is spoken of, the largest first."""
    order = np.argsort(-np.abs(np.asarray(request.attribute_mean)))[:MOST_SPOKEN]
    return [ATTRIBUTES[k] for k in order if abs(request.attribute_mean[k]) >= SPOKEN_SD]


def is_moved(name: str, was: Facts, now: Facts) -> bool:
    """Whether a trait is another one than before: a length as printed, else by what is read on the head."""
    measures = [m for m in MEASURES_OF.get(name, (measure_of(name),)) if m in now.measures]
    if measures:
        return any(round(was.measures[m].value_mm, 1) != round(now.measures[m].value_mm, 1) for m in measures)
    if name == "skin_lightness" and "skin_lightness" in now.looks:
        return abs(now.looks[name] - was.looks.get(name, math.nan)) > SEEN_SD
    return abs(now.attributes.get(name, 0.0) - was.attributes.get(name, 0.0)) >= SEEN_SD / 5


# Looks


def _of_person(was: Facts, now: Facts, request: HeadRequest, person: Person) -> list[str]:
    """What is said where the whole person was changed."""
    told = [words.masculinity_words(now)] if abs(request.man - 0.5) > 0.25 and was.looks != now.looks else []
    if request.age_years is not None and "age_years" in now.looks:
        years = [round(each.looks.get("age_years", math.nan)) for each in (was, now)]
        told.append(_aged(was, now, person) if years[0] != years[1] else words.age_words(now))
        low, high = request.age_years
        if (short := max(low - years[1], years[1] - high)) > _SHORT_YEARS:
            told.append(f"That is {round(short)} years from what you asked for: {_FURTHEST}.")
    return told


def _aged(was: Facts, now: Facts, person: Person) -> str:
    """How old a head looks now and before; of a photo's, whose skin and hair stay, by its shape."""
    form = _AGED if person.first.photo is None else _SHAPE_AGED
    return form.format(round(now.looks["age_years"]), round(was.looks["age_years"]))


def _whole_now(name: str, was: Facts, now: Facts, person: Person) -> str:
    """What became of skin, build, age and sex, where they are seen to differ; "" for other names."""
    key = "age_years" if name == "age" else name
    if name not in _MORE_OR_LESS or key not in now.looks or key not in was.looks:
        return ""
    if key == "age_years":
        return _aged(was, now, person)
    less, more = _MORE_OR_LESS[name]
    return f"{more if now.looks[key] > was.looks[key] else less} than before."


def _of_looks(before: State, after: State, request: HeadRequest, person: Person) -> list[str]:
    """Eyes, glasses and headwear that were asked for, as they are on the head now."""
    was, now = before.facts, after.facts
    told = []
    if request.irises and now.irises is not None:
        same = was.irises is not None and iris_name(was.irises) == iris_name(now.irises)
        told.append(f"Its eyes are {iris_name(now.irises)}{', as before' if same else ' now'}.")
    if request.lips:
        painted = not np.allclose(before.face.params.albedo, after.face.params.albedo, atol=1e-4)
        told.append(f"Its lips are {request.lips} now." if painted else f"Its lips are {request.lips}, as before.")
    if request.glasses is not None:
        worn = words.glasses_words(now.glasses) or "It wears no glasses now."
        told.append(_on_head(_as_before(worn) if was.glasses == now.glasses else worn, person))
    params = before.face.params, after.face.params
    if request.headwear is not None or request.bareheaded:
        named = "" if request.headwear is None else _NAMED_HATS.get(request.headwear.name, request.headwear.name)
        named = named.replace("_", " ")
        worn = f"It wears a {named} now." if named else headwear_words(params[1].headwear)
        worn = "It wears nothing on its head now." if params[1].headwear is None else worn
        told.append(_on_head(_as_before(worn) if params[0].headwear == params[1].headwear else worn, person))
    return told


def _as_before(told: str) -> str:
    return f"{told.rstrip('.').removesuffix(' now')}, as before."
