"""What an answer says of heads that were made or changed: who, and what is measured and seen on them now."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from facegpt.describe import sentences as words
from facegpt.describe.attribute_words import poles
from facegpt.describe.lists import listed
from facegpt.face import Face
from facegpt.hair.presets import groom_of
from facegpt.language.dialogue.cast import Cast, Step, manliness
from facegpt.language.dialogue.changes.seen import State, differences
from facegpt.language.dialogue.changes.told import of_changes
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.who.called import COUNTS, all_called, called, sentence
from facegpt.language.dialogue.wording import measured, of_person, subject, whose
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import word_set
from facegpt.types import Hair

#: What tells glasses, hair and headwear apart; beards and brows are skin in a photo.
_LOOKS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "glasses": attrgetter("style", "colour", "tint", "darkness"),
    "hair": lambda hair: (hair.style, hair.colour, hair.grey, hair.highlights, hair.temples, _longest_mm(hair)),
    "headwear": attrgetter("kind", "colour"),
}
#: Between sentences, and words for whose something is, which differ where the same is told.
_SENTENCE, _WORD = re.compile(r"(?<=[.;])\s+"), re.compile(r"\w+")
_OWNERS = word_set("the its his her it he she head face s")
#: So many differences of a step are told.
MOST_OF_STEP = 4
#: A photo's head that looks less like either sex than this is called neither he nor she before somebody does.
_SETTLED = 2.0


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
        ways = ("Here {0} is.", "This is how {0} looks.")
        start = ways[facts.variant % len(ways)].format(subject(person, cast))
    names = [name for name in _asked_lengths(request) if name in facts.measures]
    lengths = [measured(name, facts, whose(person, cast)) for name in names]
    return " ".join((start, of_person(words.expression_words(facts), person, cast), *lengths))


def _asked_lengths(request: HeadRequest | None) -> list[str]:
    return [*dict.fromkeys(goal.measure for goal in request.millimetres)] if request else []


def _listed(numbers: Sequence[int], cast: Cast) -> str:
    return listed([called(cast.person(number), cast) for number in numbers])


def of_return(model: Maker, cast: Cast, numbers: Sequence[int], how: str, kept: Sequence[str] = ()) -> str:
    """Say who is as before but for what was kept, and what the face does, if it does anything."""
    verb = "is" if len(numbers) == 1 else "are"
    but = f", but the {' and the '.join(kept)} stayed" if kept else ""
    told = f"{all_called(numbers, cast)} {verb} as before{but}."
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


def of_history(model: Maker, cast: Cast, who: Sequence[int] = (), counts: bool = False) -> str:
    """Say what was changed so far, as it is seen around each step; then what was taken back and what was idle.

    These two are told in the words typed.

    who: the only ones whose changes are told, () for all. counts: say first how many there are.
    """
    past, future = ([step for step in of if not who or {*who} & {*step.after}] for of in (cast.past, cast.future))
    done = dict.fromkeys(_step_seen(model, step, cast) for step in past)
    back = dict.fromkeys(_step_told(step, cast) for step in future)
    number = COUNTS[len(past)] if len(past) < len(COUNTS) else str(len(past))
    told = [f"{sentence(number)} change{'' if len(past) == 1 else 's'}."] if counts and done else []
    told += [f"So far I changed this: {'. Then: '.join(done)}." if done else "Nothing was changed so far."]
    told += [f"Taken back since: {'; '.join(back)}."] if back else []
    told += [f"Nothing came of {'; '.join(map(_quoted, cast.idle))}."] if cast.idle else []
    return " ".join(told)


def _step_seen(model: Maker, step: Step, cast: Cast) -> str:
    """What differs on the heads of a step from before it, whatever was asked; its words where nothing is seen."""
    told = []
    asked = of_changes(model, cast.with_faces(step.before), cast.with_faces(step.after), step.asked)
    for number, after in step.after.items():
        person = cast.person(number)
        was, now = State.of(model, step.before[number]), State.of(model, after)
        lines = differences(was, now, person, cast, MOST_OF_STEP, not step.asked)  # much of the shape goes along
        name = called(person, cast)
        lines = [line for line in lines if not _is_told(line, asked, name)]
        named = len(cast.people) < 2 or asked or any(name.lower() in line.lower() for line in lines)
        told += [f"{'' if named else f'{name}: '}{line}" for line in lines]
    return " ".join(filter(None, (asked, *told))).replace(" now", "").rstrip(".") or _quoted(step.words)


def _is_told(line: str, asked: str, name: str) -> bool:
    """Whether a sentence on what was asked has all words of a line on a difference but those for its owner."""
    owner = {*_WORD.findall(name.lower()), *_OWNERS}
    known = [{*_WORD.findall(each.lower())} for each in _SENTENCE.split(asked)]
    parts = [{*_WORD.findall(each.lower())} - owner for each in _SENTENCE.split(line)]
    return all(any(part <= each for each in known) for part in parts)


def _step_told(step: Step, cast: Cast) -> str:
    """The words of a step; among several people, with whose it is."""
    return ("" if len(cast.people) == 1 else f"{all_called(tuple(step.after), cast)}: ") + _quoted(step.words)


def _quoted(said: str) -> str:
    return f'"{said.strip(" .").replace(". ", ", ")}"' if said.strip() else "back to the start"


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
    told = " and ".join(" or ".join(filter(None, poles()[name][1:])) for name in names)
    return f"The words can mean {told}; the likelier is made." if told else ""


def kept_by_photo(cast: Cast | None, faces: Sequence[Face]) -> str:
    """What a photo does not take of the last change of its head: "In the photo itself nothing changes about …", or "".

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
            of_photo_kept = looks_kept(cast.person(number).first, after)
            kept += [name for name in looks_kept(before, after) if name in of_photo_kept]
    named = " and ".join(f"the {name}" for name in dict.fromkeys(kept))
    return f"In the photo itself nothing changes about {named}." if kept else ""


def _longest_mm(hair: Hair) -> float:
    groom = groom_of(hair)
    return max(groom.top_mm, groom.sides_mm, groom.back_mm)


def looks_kept(before: Face, after: Face) -> list[str]:
    """What of a head's change its photo does not take: "glasses", "hair" and "headwear", as far as they differ."""

    def look(face: Face, name: str) -> object:
        worn = getattr(face.params, name)
        return None if worn is None else _LOOKS[name](worn)

    return [name for name in _LOOKS if look(before, name) != look(after, name)]
