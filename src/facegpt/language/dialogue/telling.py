"""What an answer says of heads that were made or changed: who, and what is measured and seen on them now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import numpy as np

from facegpt.describe import sentences as words
from facegpt.describe.colours_of_heads import iris_name
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES
from facegpt.describe.hair_words import hair_changes
from facegpt.describe.sentences import Facts
from facegpt.face import Face
from facegpt.generate.understood import understood
from facegpt.language.dialogue.cast import Cast, Person, manliness
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.who.called import COUNTS, all_called, called, sentence
from facegpt.language.dialogue.wording import length_now, measured, of_person, subject, trait_now, whose
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.beyond.shown_part import WORN_BY_NONE
from facegpt.language.reading.clauses import UNREAD
from facegpt.language.targets import ATTRIBUTES

#: Changes below this many SDs are not spoken of, and no more of them than this.
SPOKEN_SD, MOST_SPOKEN = 0.3, 3
#: Attributes whose changes are told as changes of hair.
_OF_HAIR = frozenset(HAIR_ATTRIBUTES) - {"brow_thickness", "brow_arch"}
#: What tells glasses, hair and headwear apart; beards and brows are skin in a photo.
_LOOKS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "glasses": attrgetter("style", "colour", "tint", "darkness"),
    "hair": attrgetter("style", "colour", "grey", "highlights", "temples"),
    "headwear": attrgetter("kind", "colour"),
}
#: A photo's head that looks less like either sex than this is called neither he nor she before somebody does.
_SETTLED = 2.0
#: Of more people than this, a change is not told one by one.
MOST_TOLD = 3


def of_new(model: Maker, cast: Cast, numbers: Sequence[int], request: HeadRequest | None = None) -> str:
    """Say who is there."""
    if len(numbers) > 1:
        count = COUNTS[len(numbers)] if len(numbers) < len(COUNTS) else str(len(numbers))
        return f"Here are {count} heads: {_listed(numbers, cast)}."
    person = cast.person(numbers[0])
    facts = model.facts(person.face)
    if len(cast.people) > 1:
        start = f"Here is {called(person, cast)}."
    else:
        ways = ("Here {0} is.", "Done, here {0} is.", "This is how {0} looks.")
        start = ways[facts.variant % len(ways)].format(subject(person, cast))
    names = [name for name in _asked_lengths(request) if name in facts.measures]
    lengths = [measured(name, facts, whose(person, cast)) for name in names]
    return " ".join((start, of_person(words.expression_words(facts), person, cast), *lengths))


def _asked_lengths(request: HeadRequest | None) -> list[str]:
    return [*dict.fromkeys(goal.measure for goal in request.millimetres)] if request else []


def _listed(numbers: Sequence[int], cast: Cast) -> str:
    names = [called(cast.person(number), cast) for number in numbers]
    return ", ".join(names[:-1]) + " and " + names[-1]


def of_changes(model: Maker, before: Cast, after: Cast, requests: Mapping[int, HeadRequest]) -> str:
    """Say who was changed, and how; of many, who alone."""
    if len(requests) > MOST_TOLD:
        return f"Done: I changed {all_called(tuple(requests), after)}."
    each = ((model.facts(before.person(n).face), model.facts(after.person(n).face), n) for n in requests)
    return " ".join(_of_change(was, now, requests[n], after.person(n), after) for was, now, n in each)


def _traits_changed(request: HeadRequest) -> list[str]:
    """The traits whose change is spoken of, the largest first."""
    order = np.argsort(-np.abs(np.asarray(request.attribute_mean)))[:MOST_SPOKEN]
    return [ATTRIBUTES[k] for k in order if abs(request.attribute_mean[k]) >= SPOKEN_SD]


def _of_change(before: Facts, after: Facts, request: HeadRequest, person: Person, cast: Cast) -> str:
    told = [length_now(name, before, after, person, cast) for name in _asked_lengths(request) if name in after.measures]
    told += hair_changes(before.hair, after.hair)
    for name in _traits_changed(request):
        if name not in _OF_HAIR or before.hair == after.hair:
            told += trait_now(name, before, after, person, cast)
    if before.blendshapes != after.blendshapes:
        told.append(words.expression_words(after))
    told += _of_person(request, after)
    if request.irises and after.irises is not None:
        told.append(f"Its eyes are {iris_name(after.irises)} now.")
    if request.glasses is not None:
        told.append(words.glasses_words(after.glasses) or "It wears no glasses now.")
    if request.headwear is not None:
        told.append(f"It wears a {request.headwear.name.replace('_', ' ')} now.")
    elif request.bareheaded:
        told.append("It wears nothing on its head now.")
    lines = list(dict.fromkeys(of_person(line, person, cast) for line in told if line))
    name = called(person, cast)
    if len(cast.people) > 1 and not any(name.lower() in line.lower() for line in lines):
        asked = "" if lines else f": {_asked(request)}"
        return " ".join((f"I changed {name}{asked}.", *lines))
    ways = ("Done.", "All right.", "There.", "")
    if not lines:  # what was asked for shows in no sentence
        return f"I changed {name}: {_asked(request)}."
    return " ".join(filter(None, (ways[after.variant % len(ways)], *lines)))


def _asked(request: HeadRequest) -> str:
    """What was asked for, in short."""
    return "; ".join(label.replace(":", "") for label in understood(request))


def _of_person(request: HeadRequest, facts: Facts) -> list[str]:
    """What is said where the whole person was changed."""
    told = [words.masculinity_words(facts)] if abs(request.man - 0.5) > 0.25 else []
    return told + ([words.age_words(facts)] if request.age_years is not None else [])


def of_return(model: Maker, cast: Cast, numbers: Sequence[int], how: str) -> str:
    """Say who is as before, and what the face does, if it does anything."""
    verb = "is" if len(numbers) == 1 else "are"
    told = f"{all_called(numbers, cast)} {verb} as before."
    told = f"{how.rstrip('.')}: {told}" if how else sentence(told)
    if len(numbers) > 1:
        return told
    person = cast.person(numbers[0])
    facts = model.facts(person.face)
    return f"{told} {of_person(words.expression_words(facts), person, cast)}"


def of_part_undone(model: Maker, cast: Cast, number: int, said: str) -> str:
    """Say what was taken back of a person, that the rest stays, and what the face does."""
    person = cast.person(number)
    told = of_person(words.expression_words(model.facts(person.face)), person, cast)
    return f'Taken back: "{said.strip(" .")}". All else of {called(person, cast)} stays. {told}'


def of_history(cast: Cast) -> str:
    """Say what was changed so far, in the words that asked for it."""
    if not cast.past:
        return "Nothing was changed so far."
    told = [f"{all_called(tuple(step.after), cast)}: {_quoted_step(step.said)}" for step in cast.past]
    return "So far I changed " + "; then ".join(told) + "."


def _quoted_step(said: str) -> str:
    return f'"{said.strip(" .")}"' if said.strip() else "back to the start"


def shown_photo(model: Maker, cast: Cast, numbers: Sequence[int]) -> str:
    """Answer a photo without words: its heads, and what stands out."""
    heads = "is the head" if len(numbers) == 1 else f"are the {len(numbers)} heads, from left to right"
    person = cast.person(numbers[0])
    if len(cast.people) == 1 and abs(manliness(person.face)) < _SETTLED:
        person = replace(person, sex="")  # nobody has said yet who it is: "the face"
    facts = model.facts(person.face)
    return f"Here {heads}. {of_person(words.expression_words(facts), person, cast)} {words.unusual_words(facts)}"


def both_sides(names: Sequence[str]) -> str:
    """Say of which attributes the words ask for both sides; "" where of none."""
    told = " and ".join(name.replace("_", " ") for name in names)
    return f"The words ask for both sides of {told}; the likelier one counts." if told else ""


def not_shown(things: Sequence[str]) -> str:
    """Say what of a request cannot be shown; "" where all can."""
    if not things:
        return ""
    kinds: dict[str, list[str]] = {}
    for thing in things:
        what, _, why = thing.rpartition(": ")
        kinds.setdefault(why, []).append(what)
    unread, absent = kinds.pop(UNREAD, []), kinds.pop(WORN_BY_NONE, [])
    told = [f"I cannot show {_joined(names)}: {_reason(why)}." for why, names in kinds.items()]
    quoted = ['"' + words + '"' for words in unread]
    told += [f"I found nothing to show in {_joined(quoted)}."] if quoted else []
    told += [f"The head wears no {name}." for name in absent]
    return " ".join(told)


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


def _reason(why: str) -> str:
    return {"not known to this head": "this head does not have it"}.get(why, why)


def kept_by_photo(cast: Cast | None, faces: Sequence[Face]) -> str:
    """What a photo does not take of the last change of its head: "In the photo itself the glasses stay …", or "".

    Photos take expressions, turns and age; hair, glasses and headwear stay (docs/how-to/photo-edits.md).

    Args:
        cast: of the conversation, after the change.
        faces: the heads that the answer shows.
    """
    if cast is None or not cast.past:
        return ""
    step, shown = cast.past[-1], {id(face) for face in faces}
    kept: list[str] = []
    for number, after in step.after.items():
        before, of_photo = step.before.get(number), cast.person(number).first.photo is not None
        if before is not None and of_photo and id(after) in shown:
            kept += looks_kept(before, after)
    named = " and ".join(f"the {name}" for name in dict.fromkeys(kept))
    return f"In the photo itself {named} stay as photographed." if kept else ""


def looks_kept(before: Face, after: Face) -> list[str]:
    """What of a head's change its photo does not take: "glasses", "hair" and "headwear", as far as they differ."""

    def look(face: Face, name: str) -> object:
        worn = getattr(face.params, name)
        return None if worn is None else _LOOKS[name](worn)

    return [name for name in _LOOKS if look(before, name) != look(after, name)]
