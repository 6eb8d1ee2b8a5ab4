"""One thing of several taken back: "undo only the moustache", "the ears as they were"; what came beside it stays.

The words name things; the last step whose clauses name one of them is done again without these clauses, from the head
before it, and the steps after it as they were asked for. What is to be kept beside it ("but keep the eyes") stays.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from facegpt.face import Face
from facegpt.generate.understood import understood
from facegpt.language.dialogue.cast import Cast, Step
from facegpt.language.dialogue.changing import of_same_sex
from facegpt.language.dialogue.maker import Maker
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import regex_any_case
from facegpt.language.reading.clauses import clauses_of, read_clauses, things_in

#: Words that take back more than what they name.
_MORE = regex_any_case(r"""
    \b(?:before|everything|all|both|since|after|later|follow\w*|prior|until|onwards?|from|start|beginning|first|original|
    twice|two|three|four|\d+)\b
""")
#: What a step back leaves alone, up to where it goes over to something else.
_KEPT = regex_any_case(r"""
    \b(?:keep|keeping|leave|leaving|retain|not|except|apart from|(?:don't|do not) (?:touch|undo|change|revert))\b
    .*?(?=[,.;!?]|\bbut\b|\b(?:and|then) (?:then |please )?(?:undo|revert|reset|take|remove)\b|$)
""")


def taken_back(text: str) -> str:
    """The words of a step back without what they keep: "undo the eyebrows but keep the eyes" speaks of eyebrows."""
    return _KEPT.sub(" ", text)


def whose_thing(text: str, cast: Cast) -> int | None:
    """The number of whom the last step changed that names a thing of a text; None for none, or for several at once."""
    named = things_in(taken_back(text))
    step = next((step for step in reversed(cast.past) if things_in(step.said) & named), None)
    return next(iter(step.after)) if step is not None and len(step.after) == 1 else None


def part_undone(model: Maker, text: str, cast: Cast, number: int, seed: int) -> tuple[Cast, str] | None:
    """The people after one thing is taken back of a person, and the words that had asked for it.

    None where the words name no such thing, where they take back more, and where it was all of the last step and
    nothing is said to be kept.

    Args:
        model: reads words and changes heads.
        text: the turn.
        cast: the people.
        number: of whom.
        seed: of what words leave open.
    """
    steps = [step for step in cast.past if number in step.after]
    taken = taken_back(text)
    named = things_in(taken)
    if not named or _MORE.search(taken):
        return None
    for k in range(len(steps) - 1, -1, -1):
        clauses = clauses_of(steps[k].said) if steps[k].said else []
        dropped = [clause for clause in clauses if things_in(clause) & named]
        if not dropped:
            continue
        kept = [clause for clause in clauses if clause not in dropped]
        is_last_step = not kept and steps[k] is cast.past[-1] and taken == text
        if is_last_step or (kept and len(steps[k].after) > 1):
            return None
        face = again(model, steps[k].before[number], " and ".join(kept), steps[k + 1 :], number, seed)
        return cast.with_changes({number: face}, said=text), " and ".join(dropped)
    return None


def again(model: Maker, face: Face, words: str, later: list[Step], number: int, seed: int) -> Face:
    """A head changed by some words and by later steps, as they were asked for or by what they changed."""
    if words:
        face = model.changed(face, _read(model, words, face), seed)
    for step in later:
        if number in step.asked:
            face = model.changed(face, step.asked[number], seed)
        else:
            face = _with_difference(face, step.before[number], step.after[number])
    return face


def _with_difference(face: Face, before: Face, after: Face) -> Face:
    """A head with what tells two others apart: shape and skin are moved as far, what is worn or done is taken over."""
    was, now = before.params, after.params
    moved = {
        name: getattr(face.params, name) + getattr(now, name) - getattr(was, name) for name in ("identity", "albedo")
    }
    moved |= {"expression": now.expression} if not np.array_equal(was.expression, now.expression) else {}
    worn = ("hair", "glasses", "headwear")
    moved |= {name: getattr(now, name) for name in worn if getattr(was, name) != getattr(now, name)}
    return replace(face, params=face.params.replace(**moved))


def _read(model: Maker, words: str, face: Face) -> HeadRequest:
    """What some words ask of a head."""
    seen = model.seen(face)
    reading = model.language.read(words, seen, True)
    whole = read_clauses(words, reading, lambda text: model.language.read(text, seen, True), understood)
    return replace(of_same_sex(whole.request, words), is_edit=True)
