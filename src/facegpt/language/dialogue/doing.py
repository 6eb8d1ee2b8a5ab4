"""What is done for each act of a turn: heads made, changed, put back; questions answered; talk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from facegpt.generate.identities import OPEN_SEX
from facegpt.generate.shape.shown_changes import HIDDEN
from facegpt.generate.understood import understood
from facegpt.language.dialogue import changing, telling
from facegpt.language.dialogue.cast import Cast, Said, sex_of
from facegpt.language.dialogue.changes.corrected import corrected, from_before
from facegpt.language.dialogue.changes.likeness import hair_named
from facegpt.language.dialogue.changes.made_first import only_made
from facegpt.language.dialogue.changes.notes import in_sentences, not_shown
from facegpt.language.dialogue.changes.part_undone import kept_in, part_undone, taken_back, whose_thing, with_kept
from facegpt.language.dialogue.changes.relatives import mixed, varied
from facegpt.language.dialogue.changes.reversed import asks_for_reverse, turned_round
from facegpt.language.dialogue.changes.seen import is_same
from facegpt.language.dialogue.changes.share_of_last import share_made
from facegpt.language.dialogue.changes.steps import changed, dressed, step_told
from facegpt.language.dialogue.changes.taken import by_another, taken, worn_of_another
from facegpt.language.dialogue.changes.told import asks_of_expression
from facegpt.language.dialogue.changes.tried_again import tried_again
from facegpt.language.dialogue.changes.which_part import of_part_named, which_part
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.face_wanted import says_nothing
from facegpt.language.dialogue.made_heads import with_years_of_adults, without_absent, without_own_sex
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.questions.exact import exact_answer
from facegpt.language.dialogue.responding import TALK, answer, asks_of_the_world, refusal_of, talked
from facegpt.language.dialogue.returning import RETURNS, STEPS_BACK, returned, steps_told, whose_return
from facegpt.language.dialogue.set_answers import SHOWING, asks_for, set_answer
from facegpt.language.dialogue.takings import parts_named, takings
from facegpt.language.dialogue.talking import talk
from facegpt.language.dialogue.turn_pieces import sentences_of, without_left_alone
from facegpt.language.dialogue.turns import asks_for_new, of_who_is_there
from facegpt.language.dialogue.who.age_of_all import with_age_of_all, words_of_age_of_all
from facegpt.language.dialogue.who.counts import MOST_HEADS
from facegpt.language.dialogue.who.people_in_words import wanted_people
from facegpt.language.dialogue.who.people_network import begins_in
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import has_word, word_set, words_in
from facegpt.language.reading.beyond.shown_part import ShownPart, shown_part, without_characters
from facegpt.language.reading.beyond.unread_words import carries
from facegpt.language.reading.clauses import read_clauses
from facegpt.language.reading.edits.shirt_words import shirt_wish
from facegpt.language.targets import ATTRIBUTES

#: A change of an attribute that is spoken of, SDs, and as a share of the largest one.
CHANGED_SD, CHANGED_SHARE = 0.3, 0.6
NOTHING_TO_RETURN = {"undo": "There is no change to take back.", "redo": "There is nothing to do again."}
#: First words of a turn that puts right whom the last change was of.
_CORRECTS = ("no ", "nope ", "sorry ", "oops ", "not him ", "not her ", "not that ", "not this ", "i mean ")
#: Words that ask for a photo as it came: one of each.
_PHOTO_BACK = (
    word_set("give send show get bring have want return"),
    word_set("photo picture pic image selfie snap"),
    word_set("back original again"),
)
#: Acts that ask for another head than the one at hand.
CHANGING = frozenset({"edit", "take", "vary", "blend"})
OBJECTS, _SHOWS = word_set("him her it them"), word_set("show see draw make build head 3d model")
OWN_PHOTO = "Here is the photo as you gave it."
RETURNED = {"undo": "Taken back.", "redo": "Done again.", "back": "Back."}


def do(context: Context, act: str, alone: bool = True) -> Done:
    """Do what an act asks for.

    Args:
        context: the part of the turn.
        act: one of act_network.ACTS.
        alone: whether the turn has no other part; small talk beside other things is not answered.
    """
    if told := exact_answer(context):
        return Done(told, context.cast)
    act = "off_topic" if act == "decline" and context.cast.people and asks_of_the_world(context) else act
    if act == "decline" and context.cast.people and refusal_of(context, act):
        return answer(context, do, act)
    if act in TALK:
        return talked(context, do, act) if alone or act != "small_talk" else Done("", context.cast)
    deeds: dict[str, Callable[[Context], Done]] = {
        "new_head": _new, "edit": _edit_of_some, "question": partial(answer, do=do),
        "compare": partial(answer, do=do, act="compare"),
        **{name: partial(_return, act=name) for name in RETURNS}, "take": _take, "vary": varied, "blend": mixed,
    }  # fmt: skip
    done = deeds[act](context)
    if act in ("new_head", "edit") and (beside := asked_beside(context.text)) not in done.text:
        done = replace(done, text=_join(done.text if done.shown else "", beside))
    if done.cast.said is context.cast.said:
        done = replace(done, cast=replace(done.cast, said=Said(act, context.text, done.shown)))
    idle = act in CHANGING and _is_idle(context.cast, done.cast)
    return replace(done, cast=done.cast.after_turn(context.text, context.typed, idle))


def _is_idle(before: Cast, after: Cast) -> bool:
    """Whether nobody came and no head became another one."""
    faces = (person.face for person in before.people)
    return len(before.people) == len(after.people) and all(
        a is b.face for a, b in zip(faces, after.people, strict=True)
    )


def asked_beside(text: str) -> str:
    """What a request for a head says of things that are had elsewhere ("make a video where she winks"); "" for none."""
    answer = None if shirt_wish(text) else set_answer(text, surely=False)
    return answer.reply if answer is not None and answer.act == "ability" else ""


def _join(*texts: str) -> str:
    """Sentences in a row; empty ones are left out."""
    return " ".join(filter(None, texts))


# Heads


def _new(context: Context) -> Done:
    model, cast, text = context.model, context.cast, context.text
    if context.found and not asks_for_new(text):
        return _edit(context)
    if (who := _of_those_here(context)) and not asks_for_new(text):
        return _edit(context, who)
    readings: list[Any]
    starts = begins_in(text, context.read(False))
    wanted = wanted_people(text, starts)[:MOST_HEADS]
    parts = [context.part if each.text == text else shown_part(model.language, each.text, carries) for each in wanted]
    unshown = ShownPart(text, tuple(dict.fromkeys(told for part in parts for told in part.told)))
    wanted = [replace(each, text=part.text) for each, part in zip(wanted, parts, strict=True)]
    if len({each.text for each in wanted}) == 1 and wanted[0].text == text:
        readings = [context.read(False)] * len(wanted)
        requests = [_of_own_sex(context, readings[0].request)] * len(wanted)
    else:
        readings = [model.language.read(each.text) for each in wanted]
        requests = [reading.request for reading in readings]
    wholes = [
        read_clauses(each.text, replace(reading, request=request), model.language.read, understood)
        for each, reading, request in zip(wanted, readings, requests, strict=True)
    ]
    of_all = words_of_age_of_all(text, starts) if len(wanted) > 1 else ""
    requests = with_age_of_all([whole.request for whole in wholes], of_all, lambda it: model.language.read(it).request)
    start = context.seed + sum(not p.photo for p in cast.people)
    made = [model.head_from(request, start + k) for k, request in enumerate(requests)]
    faces = [
        replace(face, ignored=[*not_shown(each.text, whole.unread, part), *face.ignored])
        for face, each, whole, part in zip(made, wanted, wholes, parts, strict=True)
    ]
    sexes = [_sex_asked(request) or sex_of(face) for request, face in zip(requests, faces, strict=True)]
    told = [each.text.lower() for each in wanted]
    cast = cast.with_new(faces, sex=sexes, names=[each.names for each in wanted], told=told, asked=requests)
    reply = telling.of_new(model, cast, cast.focus, requests[0])
    said = Said("new_head", text, cast.focus, (), requests[0])
    cast = replace(cast, said=said, change=said)
    unread = list(dict.fromkeys(words for whole in wholes for words in whole.unread))
    unshown = without_characters(unshown, requests, model.language.read)
    missing = [*not_shown(text, unread, unshown), *dict.fromkeys(told for face in made for told in face.ignored)]
    beside = _join(telling.both_sides(readings[0].torn), in_sentences(missing))
    return Done(_join(reply, beside), cast, cast.focus)


def _of_those_here(context: Context) -> tuple[int, ...]:
    """The people whom a text asks for: "mesh of the first", "a head of her"; () where it names others too.

    Of people made by words only what asks for a head of them does.
    """
    named = tuple(dict.fromkeys(n for m in mentions(context.text, context.cast) for n in m.who))
    photos = all(context.cast.person(n).photo for n in named)
    return named if photos or of_who_is_there(context.text) else ()


def _of_own_sex(context: Context, request: HeadRequest) -> HeadRequest:
    """A request read after earlier turns, which tell of an age or a trait that goes on, but not whose sex it has."""
    if not context.cast.earlier:
        return request
    alone = context.model.language.read(context.text).request
    return replace(request, man=alone.man) if _sex_asked(alone) else request


def _sex_asked(request: HeadRequest) -> str:
    return "" if abs(request.man - 0.5) < OPEN_SEX else "M" if request.man > 0.5 else "F"


def asks_nothing(request: HeadRequest) -> bool:
    """Whether nothing was understood of a change."""
    return says_nothing(request) and not understood(request) and request.hair == HairWish()


def _edit_of_some(context: Context) -> Done:
    """Change those who are not told to stay as they are; what is asked of shirts beside the rest, in the same step."""
    rest = without_left_alone(context.text)
    context = context if rest == context.text else replace(context, text=rest)
    wish = shirt_wish(context.text)
    if wish is None:
        return _edit(context)
    done = _edit(replace(context, text=wish.rest)) if carries(wish.rest) else Done("", context.cast)
    return dressed(context, done, wish)


def made_first(context: Context) -> Done:
    """Show the heads that a clause asks for before others change them; of one head what it is then is told there."""
    who = only_made(context.text, context.cast)
    told = telling.of_new(context.model, context.cast, who) if len(who) > 1 else ""
    return Done(told, replace(context.cast, focus=who), who)


def _edit(context: Context, shows: tuple[int, ...] = ()) -> Done:
    """Change heads. shows: those that are asked for whether anything of them changes or not."""
    if done := _of_the_last(context) or which_part(context):
        return done
    context = of_part_named(context)
    model, cast, text = context.model, context.cast, context.text
    part = context.part
    said = changing.with_amount(text, cast, cast.change.text) if cast.said.act == "edit" else ""
    if said and {*context.who} <= {*cast.change.who}:  # "no, 6 mm"; but not "and 3 mm for the other"
        cast = cast.undone(cast.change.who) or cast
    read, states = (None, None) if said else (context.read(True), context.states)
    idle = part.shows_nothing and not said
    asked_for = [] if idle else changing.wishes(model, said or part.text, cast, context.who, read, states)
    unread = [words for wish in asked_for for words in wish.unread]
    for k, wish in enumerate(asked_for):
        person = cast.person(wish.number)
        request = with_years_of_adults(without_own_sex(wish.request, person), person.face, wish.text)
        request, absent = without_absent(from_before(text, request, cast, wish.number), person.face.params, wish.text)
        asked_for[k] = replace(wish, request=request)
        unread += absent
    part = without_characters(part, [wish.request for wish in asked_for], model.language.read)
    dropped = in_sentences(missing := not_shown(text, unread, part))
    asked_for = [wish for wish in asked_for if wish.peoples or not asks_nothing(wish.request)]
    if not asked_for:
        if unread and not shows and context.may_talk and model.talker.takes_facts:
            return _no_change(context)
        if (unread or idle) and not (shows or context.found):
            return Done(f"{dropped} Nothing was changed.", cast)
        if shows or context.found or _shows(text):
            who = shows or context.found or context.who
            told_all = _is_told_to_be(text) or (shows and not only_made(text, cast))
            beside = dropped if told_all else in_sentences(not_shown(text, (), part))
            return Done(_join(telling.of_new(model, cast, who), beside), replace(cast, focus=who), who)
        if dropped:
            return Done(dropped, cast)
        return _no_change(context)
    corrects = f"{' '.join(words_in(text))} ".startswith(_CORRECTS)
    if corrects and cast.said.act == "edit" and not {wish.number for wish in asked_for} & {*cast.said.who}:
        cast = cast.undone(cast.said.who) or cast  # "no, the other one": not who was changed
    after = changed(model, cast, asked_for, context.seed, missing)
    requests = {wish.number: wish.request for wish in asked_for}
    for number, request in requests.items():
        if sex := _sex_asked(request):
            after = after.with_person(replace(after.person(number), sex=sex))
    done = step_told(context, cast, after, requests, asked_for[-1].text, asks=_named(asked_for[-1].request))
    kept = _without_idle_step(cast, done.cast, tuple(requests))
    covered = [each for face in after.faces(requests) for each in face.ignored if each.endswith(HIDDEN)]
    return replace(done, text=_join(done.text, in_sentences([*missing, *covered])), cast=kept)


def _of_the_last(context: Context) -> Done | None:
    """A change that rests on the last one or on somebody else: put right, turned round, taken back in part."""
    if done := corrected(context) or share_made(context) or tried_again(context):
        return done
    if asks_for_reverse(context):
        return turned_round(context)
    return (
        worn_of_another(context)
        or by_another(context)
        or (_part_undone(context, "undo") if STEPS_BACK.match(context.text) else None)
    )


def _without_idle_step(before: Cast, after: Cast, who: tuple[int, ...]) -> Cast:
    """The people after a change, without its step where nothing changed: there is nothing to take back."""
    same = all(is_same(before.person(n).face.params, after.person(n).face.params) for n in who)
    return replace(before, focus=who, said=after.said, change=after.change) if same else after


def _named(request: HeadRequest) -> tuple[str, ...]:
    """What a change is about above all: measures, then attributes."""
    degrees = np.abs(np.asarray(request.attribute_mean))
    named = np.flatnonzero(degrees > max(CHANGED_SD, CHANGED_SHARE * degrees.max()))
    measures = [goal.measure for goal in request.millimetres]
    return tuple(dict.fromkeys([*measures, *(ATTRIBUTES[k] for k in named)]))


def _is_told_to_be(text: str) -> bool:
    """Whether a text says how somebody shall be ("make her more interesting"), and not only who comes with it."""
    words = text.lower().split()
    return any(a in ("make", "give", "turn") and b in OBJECTS for a, b in pairwise(words))


def _shows(text: str) -> bool:
    return has_word(text, _SHOWS)


def _no_change(context: Context) -> Done:
    if mentions(context.text, context.cast) and len(context.text.split()) < 5:
        cast = replace(context.cast, focus=context.who)
        return Done(telling.of_new(context.model, cast, cast.focus), cast, cast.focus)
    answer = set_answer(context.text, surely=False)
    if answer is not None and answer.reply:
        return Done(answer.reply, context.cast)
    if context.may_talk and context.model.talker.takes_facts:
        return talk(context, do, "chat", of_faces=True)
    return Done(
        "I found no change of a face in these words. Say what should be different, or ask about it.", context.cast
    )


def _take(context: Context) -> Done:
    cast = context.cast
    if done := by_another(context):
        return done
    wanted = takings(context.text, cast, surely=True)
    if not wanted:
        return _edit(context)
    return taken(context, wanted)


# Back


def _part_undone(context: Context, act: str) -> Done | None:
    """Take one thing of several back; None where the words ask for no such thing."""
    who = whose_return(act, taken_back(context.text), context.cast, context.who)
    if not mentions(context.text, context.cast) and (number := whose_thing(context.text, context.cast)):
        who = (number,)
    found = part_undone(context.model, context.text, context.cast, who[0], context.seed) if len(who) == 1 else None
    if found is None:
        return None
    after, words = found
    return Done(telling.of_part_undone(context.model, after, who[0], words), after, who)


def _kept(model: Maker, keeps: str) -> dict[str, None]:
    """The parts that words keep; the expression also where they only say how it is: "but leave her serious"."""
    named = dict.fromkeys(name for _, name in parts_named(keeps))
    if not named and carries(keeps) and asks_of_expression(model.language.read(keeps, None, True).request):
        return {"expression": None}
    return named


def _return(context: Context, act: str) -> Done:
    if asks_for(SHOWING, context.text):
        who = context.who
        told = telling.of_new(context.model, context.cast, who)
        return Done(told, replace(context.cast, focus=who, said=Said("back", context.text, who)), who)
    if act != "redo" and (done := _part_undone(context, act)):
        return done
    if of_photo := _photo_back(context):
        return of_photo
    cast, keeps = context.cast, kept_in(context.text)
    after, who = returned(act, taken_back(context.text), cast, context.states, context.who)
    if after is None:
        return Done(NOTHING_TO_RETURN[act], context.cast)
    moved = after is not context.cast
    kept = _kept(context.model, keeps) if moved else {}
    stay = {n for each in mentions(keeps, cast) for n in each.who} & {*who} if moved and not kept else set()
    stay = stay if stay != {*who} else set()  # of nobody but her nothing would be taken back
    if kept or stay:
        faces = {n: cast.person(n).face for n in stay}  # "go back, but leave her older"
        for n in who if kept else ():
            faces[n] = with_kept(after.person(n).face, cast.person(n).face, [*kept], context.text)
        after = after.with_changes(faces, said=context.text)
    who = tuple(n for n in who if n not in stay) or who
    after = replace(after, focus=who)
    names = [hair_named(kept_in(context.text))[0] if name == "hair" else name for name in kept]
    told = telling.of_return(context.model, after, who, RETURNED[act] if moved else "", names)
    if moved and len(context.cast.past) < steps_told(context.text) and has_word(context.text, ("steps", "changes")):
        told = f"There was no more than that to take back. {told}"
    if act == "redo" and moved:
        told = told.replace(" as before", " changed again")
    return Done(told, after, who)


def asks_for_photo(text: str) -> bool:
    """Whether a text asks for a photo as it came."""
    return any(all(has_word(each, words) for words in _PHOTO_BACK) for each in sentences_of(text))


def _photo_back(context: Context) -> Done | None:
    """Put the people of a photo back as it shows them, and hand it out again; None where none is asked for."""
    cast = context.cast
    of_photo = [person for person in cast.people if person.photo]
    if not of_photo or not asks_for_photo(context.text):
        return None
    meant = [person for person in of_photo if person.number in context.who] or of_photo[-1:]
    photo = meant[-1].photo
    who = tuple(person.number for person in of_photo if person.photo == photo)
    moved = tuple(n for n in who if cast.person(n).face is not cast.person(n).first)
    after = replace(cast.as_first(moved) if moved else cast, focus=who)
    after = replace(after, said=Said("back", context.text, who))
    return Done(_join(OWN_PHOTO, telling.of_return(context.model, after, who, "")), after, who)
