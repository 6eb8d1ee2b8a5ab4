"""A change made as one step of a conversation: what is asked of whom, done, told and noted as the last change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from facegpt.describe.scene_words import shirt_words
from facegpt.face import Face
from facegpt.language.dialogue.cast import Cast, Said
from facegpt.language.dialogue.changes.of_others import with_people
from facegpt.language.dialogue.changes.told import of_changes
from facegpt.language.dialogue.changing import Wish
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.wording import of_person
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.edits.shirt_words import ShirtWish


def step_made(
    context: Context,
    before: Cast,
    requests: Mapping[int, HeadRequest],
    words: str,
    lead: str = "",
    asks: Sequence[str] = (),
) -> Done:
    """Change heads as requests say, in one step, and tell it.

    Args:
        context: the part of the turn.
        before: the people whose heads are changed.
        requests: what is asked, by the numbers of people.
        words: the words of the change.
        lead: a sentence before what is told.
        asks: what the change is about, for questions that go on from it.
    """
    model = context.model
    context.begin(lead)
    faces = {n: model.changed(before.person(n).face, request, context.seed) for n, request in requests.items()}
    return step_told(context, before, before.with_changes(faces, requests, words), requests, words, lead, asks)


def step_told(
    context: Context,
    before: Cast,
    after: Cast,
    requests: Mapping[int, HeadRequest],
    words: str,
    lead: str = "",
    asks: Sequence[str] = (),
) -> Done:
    """Tell a step that was made, and note it as the last change; arguments as of `step_made`."""
    who = tuple(requests)
    said = Said("edit", words, who, tuple(asks), requests[who[-1]])
    told = of_changes(context.model, before, after, requests)
    return Done(f"{lead} {told}".strip(), replace(after, said=said, change=said), who)


def changed(model: Maker, cast: Cast, asked: Sequence[Wish], seed: int, ignored: Sequence[str] = ()) -> Cast:
    """Make the changes as one step. ignored: what of the words no head shows, which each head tells."""
    faces: dict[int, Face] = {}
    for wish in asked:
        face = model.changed(faces.get(wish.number, cast.person(wish.number).face), wish.request, seed)
        if wish.peoples:
            face = with_people(face, wish.peoples, seed)
        faces[wish.number] = replace(face, ignored=[*ignored, *face.ignored])
    said = ", ".join(dict.fromkeys(wish.text for wish in asked))
    return cast.with_changes(faces, {wish.number: wish.request for wish in asked}, said)


def dressed(context: Context, done: Done, wish: ShirtWish) -> Done:
    """Put a shirt on those whom its words name, else who are meant, in one step with what was done beside it."""
    before, cast = context.cast, done.cast
    who = next((each.who for each in mentions(wish.said, cast)), context.who)
    faces = {number: cast.person(number).face.with_shirt(wish.colour) for number in who}
    after = cast.with_changes(faces, said=context.text)
    if len(cast.past) > len(before.past):
        *past, step, last = after.past
        one = replace(step, before={**last.before, **step.before}, after={**step.after, **last.after})
        after = replace(after, past=(*past, one))
    told = [of_person(shirt_words(face.params.shirt), after.person(n), after) for n, face in faces.items()]
    return Done(" ".join(filter(None, (done.text, *told))), after, tuple(dict.fromkeys((*done.shown, *faces))))
