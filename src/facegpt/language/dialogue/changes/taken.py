"""What somebody takes over of somebody else: parts, colours, what is worn or grown, an expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from facegpt.face import Face
from facegpt.language.changed_request import no_change
from facegpt.language.dialogue.cast import Said
from facegpt.language.dialogue.changes.likeness import Likeness, colours_named, hair_named, likeness, made_like
from facegpt.language.dialogue.changes.of_others import taken_over
from facegpt.language.dialogue.changes.steps import step_told
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.takings import WORN, Taking, parts_named, takings
from facegpt.language.dialogue.who.called import called, sentence
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.head_request import HeadRequest

#: Weights of an expression that is taken over.
SEEN = 0.1


def worn_of_another(context: Context) -> Done | None:
    """Give somebody what somebody else wears or grows: "give her his glasses", "swap their hair"; else None."""
    cast, text = context.cast, context.text
    worn = {*WORN.values(), "hair"}
    if len({n for m in mentions(text, cast) for n in m.who}) < 2 or not {part for _, part in parts_named(text)} & worn:
        return None
    wanted = takings(text, cast)
    return taken(context, wanted) if wanted else None


def by_another(context: Context) -> Done | None:
    """Make somebody like somebody else in what the words name; None where they ask for nothing of the kind."""
    cast = context.cast
    like = likeness(context.model, context.text, cast) if len(cast.people) > 1 else None
    return None if like is None else done_like(context, like)


def done_like(context: Context, *likes: Likeness) -> Done:
    """Make people like others, each as they were before the turn, in one step."""
    model, cast, text = context.model, context.cast, context.text
    faces: dict[int, Face] = {}
    requests: dict[int, HeadRequest] = {}
    for like in likes:
        after, asked = made_like(model, cast, like, context.seed)
        faces |= {number: after.person(number).face for number in asked}
        requests |= asked
    return step_told(context, cast, cast.with_changes(faces, requests, text), requests, text, asks=likes[0].names)


def taken(context: Context, wanted: Sequence[Taking]) -> Done:
    """Take parts of one head over for another, and say so."""
    cast = context.cast
    if names := colours_named(context.text):
        return done_like(context, *(Likeness((each.to,), each.source, names, context.text) for each in wanted))
    after = taken_over(cast, wanted, context.text)
    named = context.text if parts_named(context.text) else cast.change.text
    after = replace(after, change=Said("take", named, (wanted[0].to, wanted[0].source)))
    told = []
    for each in wanted:
        parts = " and ".join(hair_named(context.text)[0] if part == "hair" else part for part in each.parts)
        if each.parts == ("expression",):
            worn: Any = np.asarray(after.person(each.to).face.params.expression, float)
            request = replace(no_change(), expression=worn, expression_named=worn > SEEN)
            after = replace(after, change=Said("edit", context.text, (each.to,), (), request))
        to, source = (called(cast.person(number), cast) for number in (each.to, each.source))
        told.append(f"{sentence(to)} now has the {parts} of {source}.")
    return Done(" ".join(told), after, after.focus)
