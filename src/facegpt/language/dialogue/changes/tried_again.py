"""Another try of a head that words made: the same words and changes, and what they leave open drawn anew."""

from __future__ import annotations

from facegpt.face import Face
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.part_undone import again
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.set_answers import RETRY, asks_for
from facegpt.language.dialogue.who.called import all_called

#: Seeds of one try lie so far from those of the next.
_APART = 1000


def can_be_tried_again(cast: Cast, who: tuple[int, ...]) -> tuple[int, ...]:
    """Those of some people whom words made."""
    return tuple(number for number in who if cast.person(number).asked is not None)


def tried_again(context: Context) -> Done | None:
    """Make those who are meant anew; None where a turn asks for no other try, and where words made none of them."""
    cast, model = context.cast, context.model
    who = can_be_tried_again(cast, context.who) if asks_for(RETRY, context.text) else ()
    if not who:
        return None
    faces: dict[int, Face] = {}
    for number in who:
        seed = context.seed + _APART * (len(cast.past) + 1) + number
        made = model.head_from(cast.person(number).asked, seed)  # type: ignore[arg-type]
        steps = [step for step in cast.past if number in step.asked]
        faces[number] = again(model, made, steps, number, seed)
    after = cast.with_changes(faces, said=context.text)
    told = f"Another try of {all_called(who, cast)}, from the same words. You may also say what should be different."
    return Done(told, after, who)
