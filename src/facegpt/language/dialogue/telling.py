"""What an answer says of heads that were made or changed: who, and what is measured and seen on them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from facegpt.describe import sentences as words
from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.who.called import COUNTS, all_called, called, sentence
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES

if TYPE_CHECKING:
    from facegpt.language.dialogue.conversation import Maker

#: Changes below this many SDs are not spoken of, and no more of them than this.
SPOKEN_SD, MOST_SPOKEN = 0.3, 3
#: Of more people than this, a change is not told one by one.
MOST_TOLD = 3


def of_new(model: Maker, cast: Cast, numbers: Sequence[int], request: HeadRequest | None = None) -> str:
    """Say who was made."""
    if len(numbers) > 1:
        count = COUNTS[len(numbers)] if len(numbers) < len(COUNTS) else str(len(numbers))
        return f"Here are {count} heads: {_listed(numbers, cast)}."
    facts = model.facts(cast.person(numbers[0]).face)
    start = "Here is the head." if len(cast.people) < 2 else f"Here is {called(cast.person(numbers[0]), cast)}."
    return " ".join((start, words.expression_words(facts), *_lengths(request, facts)))


def _listed(numbers: Sequence[int], cast: Cast) -> str:
    names = [called(cast.person(number), cast) for number in numbers]
    return ", ".join(names[:-1]) + " and " + names[-1]


def of_changes(model: Maker, before: Cast, after: Cast, requests: Mapping[int, HeadRequest]) -> str:
    """Say who was changed, and how; of many, who alone."""
    if len(requests) > MOST_TOLD:
        return f"Changed: {all_called(tuple(requests), after)}."
    return " ".join(
        _of_change(
            model.facts(before.person(n).face),
            model.facts(after.person(n).face),
            requests[n],
            called(after.person(n), after),
        )
        for n in requests
    )


def _of_change(before: Facts, after: Facts, request: HeadRequest, name: str) -> str:
    told = []
    for k in np.argsort(-np.abs(np.asarray(request.attribute_mean)))[:MOST_SPOKEN]:
        if abs(request.attribute_mean[k]) >= SPOKEN_SD:
            told.append(_of_trait(ATTRIBUTES[k], before, after))
    told += _lengths(request, after)
    if before.blendshapes != after.blendshapes:
        told.append(words.expression_words(after))
    told += _of_person(request, after)
    if request.glasses is not None:
        told.append(words.glasses_words(after.glasses) or "It wears no glasses now.")
    lines = [line for line in dict.fromkeys(told) if line]
    return " ".join((f"Changed: {name}." if name != "the head" else "Here is the changed head.", *lines))


def _of_trait(name: str, before: Facts, after: Facts) -> str:
    measure = words.measure_of(name)
    if measure in after.measures:
        was, now = (f"{facts.measures[measure].value_mm:.1f}" for facts in (before, after))
        return f"The {words.label(measure)} is {now} mm now, {was} mm before." if was != now else ""
    return words.aspect(after, name)


def _lengths(request: HeadRequest | None, facts: Facts) -> list[str]:
    names = dict.fromkeys(goal.measure for goal in request.millimetres) if request else ()
    return [words.measure_words(name, facts.measures[name]) for name in names if name in facts.measures]


def _of_person(request: HeadRequest, facts: Facts) -> list[str]:
    """What is said where the whole person was changed."""
    told = [words.masculinity_words(facts)] if abs(request.man - 0.5) > 0.25 else []
    return told + ([words.age_words(facts)] if request.age_years is not None else [])


def of_return(model: Maker, cast: Cast, numbers: Sequence[int], how: str) -> str:
    """Say who is as before, and what the face does."""
    who = all_called(numbers, cast)
    verb = "is" if len(numbers) == 1 else "are"
    facts = [model.facts(cast.person(number).face) for number in numbers[:1]]
    seen = f" {words.expression_words(facts[0])}" if len(numbers) == 1 else ""
    return f"{how} {sentence(who)} {verb} as before.{seen}".strip()


def shown_photo(model: Maker, cast: Cast, numbers: Sequence[int]) -> str:
    """Answer a photo without words: its heads, and what stands out."""
    heads = "the head" if len(numbers) == 1 else f"the {len(numbers)} heads, from left to right"
    facts = model.facts(cast.person(numbers[0]).face)
    return f"Here is {heads}. {words.expression_words(facts)} {words.unusual_words(facts)}"


def not_shown(things: Sequence[str]) -> str:
    """Say what of a request cannot be shown; "" where all can."""
    if not things:
        return ""
    kinds: dict[str, list[str]] = {}
    for thing in things:
        what, _, why = thing.rpartition(": ")
        kinds.setdefault(why, []).append(what)
    return " ".join(f"I cannot show {_joined(names)}: {_reason(why)}." for why, names in kinds.items())


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


def _reason(why: str) -> str:
    return {"not known to this head": "this head does not have it"}.get(why, why)
