"""One thing of several taken back: "undo only the moustache", "the ears as they were"; what came beside it stays.

The words name things; the steps whose clauses name one of them are done again without these clauses, from the head
before the first of them, and the steps between as they were asked for. What is to be kept ("but keep the eyes") stays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from facegpt.face import Face
from facegpt.generate.parts_of_others import with_parts_of
from facegpt.generate.understood import understood
from facegpt.hair.from_photo.regrown import regrown
from facegpt.language.dialogue.cast import Cast, Step
from facegpt.language.dialogue.changes.likeness import hair_named, with_worn_of
from facegpt.language.dialogue.changes.seen import WORN_FIELDS
from facegpt.language.dialogue.changing import of_same_sex
from facegpt.language.dialogue.maker import Maker
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import regex_any_case
from facegpt.language.reading.clauses import clauses_of, read_clauses, things_in

#: Words that take back more than what they name.
_MORE = regex_any_case(r"""
    \b(?:before(?=\s+\w)|everything|all|both|since|after|later|follow\w*|prior|until|onwards?|from|start|beginning|first|original|
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


def kept_in(text: str) -> str:
    """The words of a step back that say what is to stay: "undo the eyebrows but keep the eyes" keeps the eyes."""
    return " ".join(match[0] for match in _KEPT.finditer(text))


def with_kept(face: Face, source: Face, parts: Sequence[str], said: str) -> Face:
    """A head put back, with what is to stay of the one that it is put back from.

    Args:
        face: as it is put back.
        source: the head until then.
        parts: groups of parts, as `takings.parts_named` names them.
        said: the words: "keep the beard" keeps no other hair.
    """
    was, now = face.params, source.params
    if "hair" in parts:
        face = replace(_with_hair_kept(face, source, hair_named(kept_in(said))[1]), photo=face.photo)
    kept = {name: getattr(now, name) for name in ("expression", "glasses", "headwear") if name in parts}
    kept |= {"albedo": now.albedo} if "skin" in parts else {}
    shape = [part for part in parts if part not in ("hair", "skin", *kept)]
    if shape:
        kept["identity"] = with_parts_of(face.model, was.identity, now.identity, shape)
    skin = source.photo_texture if "skin" in parts else face.photo_texture
    return replace(face, params=face.params.replace(**kept), photo_texture=skin)


def _with_hair_kept(face: Face, source: Face, names: Sequence[str]) -> Face:
    if names:
        return with_worn_of(face, source, names)
    skin, was, now = face.photo_texture, face.params, source.params
    if skin is not None and was.hair is not None and now.hair is not None:
        skin = regrown(skin, face.model, was, was.hair, now.hair)
    return replace(face, params=was.replace(hair=now.hair), photo_texture=skin)


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
    rows = [sorted_clauses(step, named) for step in steps] if named and not _MORE.search(taken) else []
    first = next((k for k, (_, dropped) in enumerate(rows) if dropped), None)
    if first is None:
        return None
    touched = [(step, kept) for step, (kept, dropped) in zip(steps, rows, strict=True) if dropped]
    is_last_step = len(touched) == 1 and not touched[0][1] and touched[0][0] is cast.past[-1] and taken == text
    if is_last_step or any(kept and len(step.after) > 1 for step, kept in touched):
        return None
    face = steps[first].before[number]
    for step, (kept, dropped) in zip(steps[first:], rows[first:], strict=True):
        if not dropped:
            face = again(model, face, [step], number, seed)
        elif kept:
            face = model.changed(face, read_change(model, " and ".join(kept), face), seed)
    words = dict.fromkeys(clause for _, dropped in rows for clause in dropped)
    return cast.with_changes({number: face}, said=text), " and ".join(words)


def sorted_clauses(step: Step, named: Collection[str]) -> tuple[list[str], list[str]]:
    """The clauses of a change that name none of some things, and those that do."""
    clauses = clauses_of(step.said) if step.said else []
    dropped = [clause for clause in clauses if things_in(clause) & {*named}]
    return [clause for clause in clauses if clause not in dropped], dropped


def again(model: Maker, face: Face, steps: Sequence[Step], number: int, seed: int) -> Face:
    """A head changed by steps, as they were asked for or by what they changed."""
    for step in steps:
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
    moved |= {name: getattr(now, name) for name in WORN_FIELDS if getattr(was, name) != getattr(now, name)}
    return replace(face, params=face.params.replace(**moved))


def read_change(model: Maker, words: str, face: Face) -> HeadRequest:
    """What some words ask of a head."""
    seen = model.seen(face)
    reading = model.language.read(words, seen, True)
    whole = read_clauses(words, reading, lambda text: model.language.read(text, seen, True), understood)
    return replace(of_same_sex(whole.request, words), is_edit=True)
