"""A share of the last change: "too much, half of that", "a third of it", "twice as much".

Both heads of the change are known, so that the share lies on the way between them, whatever was changed; nothing else
is touched. Of a change that asked for several things a turn may name some ("the smile half as strong"): the share then
begins at the head with the others alone. It takes the change's place: one step from the heads before it. Of lengths and
traits of one part of several, the rest is moved back in a step of its own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from facegpt.appearance.texture import retouched
from facegpt.describe.sentences import label
from facegpt.face import Face
from facegpt.generate.understood import understood
from facegpt.language.changed_request import no_change, scaled
from facegpt.language.dialogue.cast import Step
from facegpt.language.dialogue.changes.part_undone import read_change, sorted_clauses
from facegpt.language.dialogue.changes.seen import is_same
from facegpt.language.dialogue.changes.steps import step_made, step_told
from facegpt.language.dialogue.changes.told import SPOKEN_SD
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.deciding import is_question
from facegpt.language.dialogue.set_answers import SHARE, set_answer
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.wording import plain_label
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.parts import PARTS
from facegpt.language.reading.clauses import things_in
from facegpt.language.reading.colours_of_parts import COLOURS
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import FaceParams, Hair

#: Words for shares of a change; counts before "thirds", "quarters" and "times"; words for "a bit less", and its share.
_SHARES = {"half": 0.5, "halve": 0.5, "halfway": 0.5, "third": 1 / 3, "quarter": 0.25, "twice": 2.0, "double": 2.0}
_SHARES |= {"thrice": 3.0, "triple": 3.0, "time": 1.0}
_COUNTS = {"two": 2, "three": 3, "2": 2, "3": 3}
_A_BIT = frozenset(("bit", "little", "tad", "touch", "notch", "slightly", "somewhat"))
#: Words by which the share that they name is given up, not kept: "a third of it back".
_GIVEN_UP = frozenset(("back", "undo", "off", "by"))
_LOWERS = frozenset(("tone", "dial", "turn", "bring"))
_LESS, _A_BIT_LESS, _MOST = 0.5, 0.7, 4.0
_CHANGES = ("edit", "take", "question", "compare", "small_talk")


def share_asked(context: Context) -> float:
    """The share of the last change that a turn asks for and nothing else; 0 for any other turn."""
    cast, text = context.cast, context.text
    if not cast.past or cast.said.act not in _CHANGES or is_question(text):
        return 0.0
    words = _words_of(text)
    answer = set_answer(text, surely=not {*words} & (_A_BIT | {*_SHARES}))
    as_much = any(word in _SHARES and after in ("as", "a") for word, after in pairwise(words))  # "half as long"
    as_much = as_much or bool("down" in words and _LOWERS & {*words})
    as_much = as_much or any(a == "too" and b in COLOURS for a, b in pairwise(words))  # "way too yellow"
    named = {n for m in mentions(text, cast) for n in m.who}
    if not (as_much or (answer is not None and answer.key == SHARE)) or not named <= set(cast.past[-1].after):
        return 0.0
    if not things_in(text) and cast.change.act == "edit" and cast.change.text not in cast.past[-1].said:
        return 0.0  # the last change moved nothing: no share of the one before is meant
    return share_in(text) if _part_alone(context) or _parts_in(text) <= _parts_in(cast.past[-1].said) else 0.0


def _parts_in(text: str) -> set[str]:
    return {word for word in things_in(text) if word in PARTS}


def _part_alone(context: Context) -> tuple[Step, set[str]] | None:
    """The last step that asked for the parts that a turn names, and these; None where it is all of the last change."""
    parts, past = _parts_in(context.text), context.cast.past
    for step in reversed(past):
        asked = [_of_parts(request, parts) for request in step.asked.values()]
        if any(each.millimetres or np.abs(each.attribute_mean).max() >= SPOKEN_SD for each in asked):
            return None if step is past[-1] and _parts_in(step.said) <= parts else (step, parts)
    return None


def _of_parts(request: HeadRequest, parts: set[str]) -> HeadRequest:
    """What a change asks of the lengths and traits of some parts of the face."""
    goals = tuple(goal for goal in request.millimetres if parts & things_in(plain_label(goal.measure)))
    traits = [bool(parts & things_in(label(name))) for name in ATTRIBUTES]
    return replace(no_change(), attribute_mean=np.where(traits, request.attribute_mean, 0.0), millimetres=goals)


def _share_of_parts(step: Step, parts: set[str], share: float) -> dict[int, HeadRequest]:
    """What is left to do on each head until a share of what a step did to some parts stays."""
    left = {}
    for number, request in step.asked.items():
        asked, was, now = _of_parts(request, parts), step.before[number].measure(), step.after[number].measure()
        moved = {goal.measure: now[goal.measure].value_mm - was[goal.measure].value_mm for goal in asked.millimetres}
        goals = tuple(MillimetreGoal(name, "change", (share - 1) * mm) for name, mm in moved.items())
        left[number] = replace(asked, attribute_mean=asked.attribute_mean * (share - 1), millimetres=goals)
    return left


def _words_of(text: str) -> list[str]:
    return [word.removesuffix("s") for word in re.findall(r"[a-z]+|\d+|%", text.lower())]


def share_in(text: str) -> float:
    """The share that stays by the words of such a turn; of "less" and "too much" alone, half."""
    words = _words_of(text)
    given_up = bool(_GIVEN_UP & {*words})
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        share = _COUNTS.get(before, 1) * _SHARES.get(word, 0.0)
        if word.isdigit() and after in ("%", "percent", "per"):
            share = min(int(word) / 100, _MOST)
        if share and (word != "time" or share > 1):
            return 1 - share if given_up and share < 1 else share
    return _A_BIT_LESS if _A_BIT & {*words} else _LESS


def share_made(context: Context) -> Done | None:
    """Make the last change a share of what it was; None where a turn asks for none, or the change has no share."""
    share, cast = share_asked(context), context.cast
    if not share:
        return None
    step, found = cast.past[-1], _part_alone(context)
    by_parts = found and (found[0] is not step or _has_lengths(*found))
    starts = {} if by_parts else {n: _without_named(context, step, n) for n in step.after}
    if found and all(start is step.before[n] for n, start in starts.items()):
        asked = _share_of_parts(*found, share)
        return step_made(context, cast, asked, context.text, f"{_written(share)} of that, then.")
    faces = {n: between(starts[n], step.after[n], share) for n in step.after}
    if any(is_same(face.params, other[n].params) for n, face in faces.items() for other in (step.before, step.after)):
        return None
    asked = {n: scaled(step.asked.get(n, no_change()), share, share) for n in faces}
    faces = {n: replace(face, understood_parts=understood(asked[n])) for n, face in faces.items()}
    before = cast.before_last()
    after = before.with_changes(faces, asked, step.said)
    return step_told(context, before, after, asked, step.said, f"{_written(share)} of that, then.", cast.change.asks)


def _has_lengths(step: Step, parts: set[str]) -> bool:
    """Whether a change asked for lengths of some parts, whose share is one of mm."""
    return any(_of_parts(request, parts).millimetres for request in step.asked.values())


def _without_named(context: Context, step: Step, number: int) -> Face:
    """The head before a change, with those of its clauses that name nothing which a turn names, where it names any."""
    others, named = sorted_clauses(step, things_in(context.text))
    before = step.before[number]
    if not (others and named) or len(step.after) > 1:
        return before
    return context.model.changed(before, read_change(context.model, " and ".join(others), before), context.seed)


def _written(share: float) -> str:
    words = {0.25: "A quarter", 0.5: "Half", 0.75: "Three quarters", 2.0: "Twice", 3.0: "Three times"}
    return words.get(share, "A third" if abs(share - 1 / 3) < 0.01 else f"{share:.0%}")


def between(before: Face, after: Face, share: float) -> Face:
    """The head that lies a share of the way from one to another, 1 = the other; beyond it above 1."""
    was, now = before.params, after.params
    local = {
        name: _mixed(was.local.get(name, 0.0), now.local.get(name, 0.0), share) for name in {**was.local, **now.local}
    }
    params = now.replace(
        identity=_mixed(was.identity, now.identity, share),
        expression=np.clip(_mixed(was.expression, now.expression, share), 0, 1),
        joints=_mixed(was.joints, now.joints, share),
        albedo=_mixed(was.albedo, now.albedo, share),
        local=local,
        hair=_hair_between(was, now, share),
    )
    skin = before.photo_texture
    if skin is not None and after.photo_texture is not None:
        skin = retouched(skin, before.model, was.albedo, params.albedo)
    return replace(after, params=params, photo_texture=after.photo_texture if skin is None else skin)


def _mixed(was: Any, now: Any, share: float) -> Any:
    return was + (now - was) * share


def _hair_between(was: FaceParams, now: FaceParams, share: float) -> Hair | None:
    """Hair whose amounts and colour lie between; another cut is no amount, and stays."""
    one, two = was.hair, now.hair
    if one is None or two is None:
        return two
    same_cut = (one.style, one.groom) == (two.style, two.groom)
    names = ("grey", *(("beard", "moustache", "brow_thickness", "brow_arch", "highlights", "beard_mm") * same_cut))
    amounts = {name: max(-5.0, _mixed(getattr(one, name), getattr(two, name), share)) for name in names}
    colour = np.clip(_mixed(np.asarray(one.colour, float), np.asarray(two.colour, float), share), 0.002, 1)
    red, green, blue = map(float, colour)
    return replace(two, colour=(red, green, blue), **(amounts | {"grey": float(np.clip(amounts["grey"], 0, 1))}))
