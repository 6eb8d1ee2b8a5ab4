"""Answers in words: questions about heads and photos, small talk, and what goes to the talker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from facegpt.bust.colours import UNSEEN
from facegpt.describe import sentences as words
from facegpt.describe.lists import listed
from facegpt.describe.measure_words import WHO
from facegpt.describe.scene_words import (
    NAMEABLE,
    SIGHTS,
    UNNAMED,
    Place,
    headwear_words,
    sight_words,
)
from facegpt.language.dialogue import telling
from facegpt.language.dialogue.act_network import load_act_network
from facegpt.language.dialogue.cast import Cast, Person, Said
from facegpt.language.dialogue.changes.notes import all_unshown, in_sentences
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.deciding import is_question
from facegpt.language.dialogue.made_heads import left_out_of
from facegpt.language.dialogue.questions.alike import of_alike
from facegpt.language.dialogue.questions.asked_before import names_in, part_of
from facegpt.language.dialogue.questions.asking import answer_question, asks_how_many
from facegpt.language.dialogue.questions.claims import claim_in
from facegpt.language.dialogue.questions.comparing import side_of
from facegpt.language.dialogue.questions.glossary import explained
from facegpt.language.dialogue.questions.grounds import grounds_of
from facegpt.language.dialogue.questions.left_out import asks_for_left_out, left_out_told
from facegpt.language.dialogue.questions.of_before import of_before, of_norms
from facegpt.language.dialogue.questions.portraits import (
    asks_of_another,
    asks_who_is_where,
    main_clause,
    portrait,
    who_is_it,
)
from facegpt.language.dialogue.questions.question import Question, asked, own_question, understood_question
from facegpt.language.dialogue.questions.question_network import kind_of_question
from facegpt.language.dialogue.questions.sights_network import LIPS
from facegpt.language.dialogue.questions.turn_questions import (
    asks_of_the_head,
    asks_of_you,
    of_people_at_large,
)
from facegpt.language.dialogue.questions.worn_asked import lips_words, of_made_head, of_things
from facegpt.language.dialogue.set_answers import (
    ABOUT,
    LIKEWISE,
    OF_A_HEAD,
    RECOGNISE,
    UNKNOWN,
    asks_for,
    set_answer,
    small_answer,
)
from facegpt.language.dialogue.talking import NOT_KNOWN, picture_given, talk
from facegpt.language.dialogue.turn_pieces import sentences_of
from facegpt.language.dialogue.turns import refers_back, without_expletives
from facegpt.language.dialogue.who.called import called
from facegpt.language.dialogue.who.people_in_words import name_given
from facegpt.language.dialogue.who.persona import plays_a_role
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.wording import of_person
from facegpt.language.glosses.reading import glossed
from facegpt.language.patterns import has_word, word_set

Do = Callable[[Context, str], Done]
NO_HEAD = "There is no head here yet. Describe a person, or give me a photo, and I can measure it."
#: Names of questions that are of no length and no trait.
OF_NO_PART = frozenset(("expression", "unusual", "count"))
#: What is asked of a photo where it is said, too, what of it is not on the head.
ON_THE_HEAD = frozenset({"clothes", "headwear", "hands", "elsewhere"})
#: What is of a photo and of nobody in it.
OF_THE_PHOTO = frozenset({"backdrop", "elsewhere", "sharpness"})
#: Sights that heads wear: what names a trait of the face asks for that.
_WORN_ON_HEADS = frozenset({"glasses", "headwear"})
#: Acts that are answered in words of no head.
TALK = ("small_talk", "ability", "off_topic", "chat", "decline")
A_REMARK = 2  #: A remark of no more words gets a written answer.
#: A question of so many words leaves nothing out that one before it said; so short a remark beside heads is small talk.
_WHOLE, _SHORT = 5, 6
_TELL_ME = ("tell me", "describe", "say how", "say what", "say who")
#: Tasks of writing, which the talker does from what is known of a head; words for what somebody does, and for all.
_WRITE = word_set("write tell invent name story poem sentence sentences limerick haiku joke caption bio")
_DOES = word_set("doing expression")
_ALL = word_set("see look looks describe about doing")
#: Words for what of a photo is not the person.
_AROUND = word_set("else other another around behind background beside near next there things objects")
_OF_ONE = word_set("he she him his her hers they them their")
_OF_US = word_set("""
    face faces head heads facegpt program app software photo photos picture pictures image images model models mesh
    meshes export save saved saves file files format formats blender unity unreal texture textures hair glasses beard
    beards wrinkles expression expressions
""")


def refusal_of(context: Context, act: str) -> str:
    """Say no to what a face does not show; "" for none, where heads are compared, and where it is asked of itself.

    The act network tells what is declined, and patterns only how ("how long is the thief's nose?" is no such thing);
    where it knows no states the patterns tell both.
    """
    if words.declined(context.text) == (WHO,) and context.cast.people and asks_of_another(context.text, context.cast):
        return ""
    told = act != "decline" and load_act_network().fits(context.states)
    return "" if told or act == "compare" or asks_of_you(context.text) else words.refusal(context.text)


def _asks_who(context: Context, act: str) -> bool:
    """Whether a turn asks who somebody is, and nothing else that a face does not show."""
    if asks_who_is_where(context):
        return True
    answer = set_answer(context.text)
    declines = act in ("decline", "compare") or bool(refusal_of(context, act))
    among = len(context.cast.people) > 1 and side_of(context.text) and names_in(context.text)  # "who's the older one?"
    if among or asks_of_another(context.text, context.cast):
        return False
    named = declines and not asks_of_you(context.text) and words.declined(context.text) == (WHO,)
    return named or (answer is not None and answer.key == RECOGNISE)


def asks_of_the_world(context: Context) -> bool:
    """Whether a whole question speaks of nobody here and of no face: "who is the president of France?"."""
    if words.declined(context.text) == (WHO,) and asks_of_another(context.text, context.cast):
        return True
    return len(context.text.split()) >= _WHOLE and not _of_a_head(context.text, context.cast)


def is_off_topic(context: Context, act: str) -> bool:
    """Whether what was taken for a question of a head here is one of the world: "who wrote Hamlet?" beside a face."""
    text, cast = context.text, context.cast
    if act not in ("decline", "question") or not cast.people or context.sights:
        return False
    if of_people_at_large(text):
        return not words.declined(text)
    declined = words.declined(text)
    of_who = declined == (WHO,) or (act == "decline" and not declined)
    return of_who and asks_of_another(text, cast)


def asks_among_several(context: Context, act: str) -> bool:
    """Whether a turn taken for talk asks of several people here what their heads tell: "who is smiling more?"."""
    text, people = context.text, len(context.cast.people)
    if people < 2 or not names_in(text) or act not in ("decline", "chat", "off_topic"):
        return False
    if act == "decline":
        return not refusal_of(context, act)
    here = is_question(text) and len(context.who) > 1 and not (of_people_at_large(text) or asks_of_the_world(context))
    return here and kind_of_question(text, context.states, people) == "compare"


def answer(context: Context, do: Do, act: str = "question") -> Done:
    """Answer a question: of heads from what is measured, of photos from what is seen, of the world by the talker.

    Args:
        context: the part of the turn.
        do: does an act, for the talker.
        act: "question", "compare" or "decline".
    """
    model, cast, text = context.model, context.cast, context.text
    if told := of_alike(context):
        return Done(told, replace(cast, said=Said("compare", text, context.who)))
    if (held := of_norms(context) or _left_out(context)) is not None:
        return held
    no = refusal_of(context, act)
    if not cast.people:
        return _of_nobody(context, do, no)
    no = who_is_it(context) if _asks_who(context, act) else no
    if told := "" if no else grounds_of(context) or of_before(context):
        return Done(told, cast)
    if not no and _asks_all(context):
        return _of_all(context, do)
    of_worn = {*context.sights} <= _WORN_ON_HEADS and {*names_in(text)} - OF_NO_PART - _WORN_ON_HEADS
    if context.sights and not no and not (of_worn and asks_of_the_head(text)):
        return _of_photo(context, do)
    if not no and act == "question" and len(text.split()) >= _WHOLE and not _of_a_head(text, cast):
        return _talked(context, do, "off_topic", of_faces=False)
    question = own_question(text, context.who) if no else _understood(context)
    question = replace(question, compares=act == "compare" and not no and len(question.who) > 1)
    if found := answer_question(model, question, cast, no):
        return Done(found, asked(question, "question", cast))
    if has_word(text, _ALL):
        return _of_all(context, do)
    if _of_those_here(text, cast):
        if context.may_talk and model.talker.takes_facts:
            return talk(context, do, "question", of_faces=True)
        return Done(words.refusal(text, sure=True), replace(cast, said=Said("decline", text)))
    return _talked(context, do, "off_topic", of_faces=False)


def _asks_all(context: Context) -> bool:
    """Whether a turn asks for all that is seen: by itself, as the question before it did, or of nothing by name."""
    text = context.text
    if context.sights[:1] == ("elsewhere",) and has_word(text, ("see",)) and not has_word(text, _AROUND):
        return True
    if asks_for(LIKEWISE, text):
        return asks_for(ABOUT, context.cast.question.text)
    return asks_for(ABOUT, text) and {*names_in(text)} <= OF_NO_PART


def _of_a_head(text: str, cast: Cast) -> bool:
    """Whether a question names somebody, a part or a trait of a face, or what was spoken of before."""
    of_the_world = without_expletives(text) != text and not part_of(text)  # "how long does it take" names no length
    named = bool(names_in(text)) and not of_the_world
    return not of_people_at_large(text) and (named or _of_those_here(text, cast))


def _of_those_here(text: str, cast: Cast) -> bool:
    """Whether a turn speaks of somebody who is here, of what was spoken of before, or of a part of the head at hand."""
    return bool(mentions(text, cast)) or refers_back(text) or asks_of_the_head(text) or asks_how_many(text)


def _of_nobody(context: Context, do: Do, no: str) -> Done:
    text, cast = context.text, context.cast
    of_somebody = refers_back(text) or asks_of_the_head(text)
    if no and of_somebody:
        return Done(no, cast)
    if (of_somebody and names_in(text)) or (has_word(text, _OF_ONE) and context.sights):
        return Done(NO_HEAD, cast)
    return _talked(context, do, "off_topic", of_faces=False)


def _understood(context: Context) -> Question:
    as_change = context.read(True)
    question = understood_question(context.text, context.cast, context.who, context.read(False), as_change.asks)
    return replace(question, felt=claim_in(as_change.request, context.text))


def _of_all(context: Context, do: Do) -> Done:
    """Describe those who are meant: by the talker's eyes if it has some, else who they are and what the photo shows."""
    if seen := _by_eyes(context, do):
        return seen
    who = context.who if mentions(context.text, context.cast) else context.found or context.cast.in_focus()
    return _told_of("\n".join(portrait(context, context.cast.person(number)) for number in who), context, who)


def _by_eyes(context: Context, do: Do) -> Done | None:
    """What the talker says of a picture; None where it has no eyes, or where there is none."""
    talker = context.model.talker
    sees = context.may_talk and talker.sees and talker.takes_facts and picture_given(context)
    return talk(context, do, "question", of_faces=True) if sees else None


def _told_of(told: str, context: Context, who: Sequence[int]) -> Done:
    """An answer on some people, who are spoken of from then on."""
    said = Said("question", context.text, tuple(who))
    return Done(told, replace(context.cast, said=said, question=said, focus=tuple(who)))


def _left_out(context: Context) -> Done | None:
    """What the heads of those who are meant leave out of their photos, where that is asked."""
    if not context.cast.people or not asks_for_left_out(context.text):
        return None
    return _told_of(left_out_told(context.cast, context.who), context, context.who)


# Photos


def _of_photo(context: Context, do: Do) -> Done:
    """Answer what is asked of a photo: by the talker's eyes if it has some, else from what is seen."""
    if seen := _by_eyes(context, do):
        return seen
    who = context.who
    if {*context.sights} <= OF_THE_PHOTO and not mentions(context.text, context.cast):
        who = who[:1]
    if context.sights == ("others",) and len({context.cast.person(number).photo for number in who}) < len(who):
        row = listed([called(context.cast.person(number), context.cast) for number in sorted(who)])
        return _told_of(f"From left to right in the photo: {row}.", context, who)
    lines = dict.fromkeys(line for number in who for line in _seen(context, context.cast.person(number)))
    if UNNAMED in lines:  # once in a conversation, and last
        del lines[UNNAMED]
        if not any(UNNAMED in turn.text for turn in context.turns):
            lines[UNNAMED] = None
    return _told_of(" ".join(dict.fromkeys(each for line in lines for each in sentences_of(line))), context, who)


def _seen(context: Context, person: Person) -> list[str]:
    """What is seen of one person beside the measures, a sentence for each thing that was asked."""
    cast, glasses = context.cast, person.face.params.glasses
    scene = context.model.scene(person.first if person.photo else person.face)
    if scene is None:
        return of_made_head(context, person)
    row = sorted(p.number for p in cast.people if p.photo == person.photo)
    place = Place(row.index(person.number) + 1, len(row))
    sights = list(context.sights)
    if "clothes" in sights:  # what somebody wears is more than clothes
        sights += ["headwear"] * scene.wears_headwear + ["glasses"] * (glasses is not None)
    cover = person.first.params.headwear
    if "others" in sights and place.count < 2 and has_word(context.text, ("where",)):  # in which place, of one face
        sights = [*dict.fromkeys("backdrop" if name == "others" else name for name in sights)]
    lines = {name: sight_words(name, scene, glasses, place, cover) for name in sights if name in SIGHTS}
    if LIPS in sights:
        lines[LIPS] = lips_words(person.face, context.text)
    if "glasses" in lines and glasses is None and person.first.params.glasses is not None:  # taken off since
        lines["glasses"] = "It wears no glasses now; the photo itself still shows them."
    if "headwear" in lines and not scene.headwear and person.face.params.headwear is not None:
        lines["headwear"] = headwear_words(person.face.params.headwear)  # put on since
    if has_word(context.text, _DOES) and "hands" not in sights:
        lines = {"expression": words.expression_words(context.model.facts(person.face)), **lines}
    told = [of_person(line, person, cast) for line in lines.values()]
    left_out = _of_the_photo_alone(context, left_out_of(person.first if person.photo else person.face))
    told += left_out if ON_THE_HEAD & {*sights} else []
    told += [line for line in of_things([*told, *left_out], context.text) if line not in told]
    of_one = not {*context.sights} <= OF_THE_PHOTO
    if (
        of_one
        and told
        and len(cast.people) > 1
        and not any(called(person, cast).lower() in line.lower() for line in told)
    ):
        told[0] = f"{called(person, cast).capitalize()}: {told[0]}"
    return [*told, *([UNNAMED] if scene.things is None and NAMEABLE & {*sights} else [])]


def _of_the_photo_alone(context: Context, left_out: Sequence[str]) -> list[str]:
    """What a head leaves out, without what is only seen on it as long as none was shown; of hands what is of hands."""
    shown = any(turn.faces for turn in context.turns if turn.role == "assistant")
    told = [line for line in left_out if shown or line != UNSEEN]
    return [line for line in told if "hand" in line.lower()] if {*context.sights} == {"hands"} else told


# Talk


def talked(context: Context, do: Do, act: str) -> Done:
    """Answer a remark, a question of this program, or anything else that speaks of no head."""
    cast, text = context.cast, context.text
    if act == "ability" and (meaning := explained(text)):
        return Done(meaning, replace(cast, said=Said(act, text)))
    of_heads = bool(cast.people) and _of_those_here(text, cast)
    asks = is_question(text) or "?" in text or any(words in text.lower() for words in _TELL_ME)
    if asks and (lost := _left_out(context)) is not None:
        return lost
    is_set = set_answer(text) is not None
    if cast.people and asks_for(ABOUT, text):
        return answer(context, do, act)
    if cast.people and asks and not is_set and context.sights:
        return answer(context, do, act)
    tells = of_heads and not (asks or is_set or context.found) and act not in ("small_talk", "ability")
    if tells and (dropped := in_sentences(all_unshown(context.part))):
        return Done(dropped, cast)
    if act == "decline" and (of_heads or (refers_back(text) and refusal_of(context, act))):
        told = who_is_it(context) if cast.people and _asks_who(context, act) else words.refusal(text, sure=True)
        return Done(told, replace(cast, said=Said("decline", text)))
    if (name := name_given(text)) and cast.people:
        return Done(_seen_people(context) if context.found else f"Noted: {name.capitalize()}.", cast)
    if written := _written(context, act):
        if context.found and act == "small_talk":
            written = f"Hello! {_seen_people(context)}"
        return Done(written, replace(cast, said=Said(act, text)))
    return _talked(context, do, act, of_heads)


def _written(context: Context, act: str) -> str:
    """The written answer to small talk and to a question of this program; "" where none fits."""
    text = context.text
    if act not in ("small_talk", "ability") or (act == "small_talk" and plays_a_role(context.turns)):
        return ""
    answer = set_answer(text, surely=False)
    if answer is not None and answer.reply and (context.cast.people or answer.key not in OF_A_HEAD or act == "ability"):
        return answer.reply
    is_short = len(text.split()) <= A_REMARK
    return UNKNOWN[act] if is_short or (act == "ability" and has_word(text, _OF_US)) else ""


def _seen_people(context: Context) -> str:
    """Who comes with the turn, and what can be done with them."""
    return f"I see {telling.all_called(context.found, context.cast)}. What would you like to know or change?"


def _talked(context: Context, do: Do, act: str, of_faces: bool) -> Done:
    """What the talker says, where it may; what is said where the small one inside would only guess."""
    cast, talker = context.cast, context.model.talker
    if not context.may_talk:
        return Done("That is nothing that can be measured on a head.", cast)
    if not talker.takes_facts:
        if cast.people and glossed(context.typed):  # the small model speaks English alone
            return Done(NOT_KNOWN, replace(cast, said=Said("decline", context.text)))
        if context.found and not has_word(context.text, _WRITE):
            return Done(_seen_people(context), cast)
        asks = is_question(context.text) and not has_word(context.text, _WRITE)
        bare = bool(cast.people) and asks and len(context.text.split()) <= A_REMARK  # "Who?" names nothing of the world
        named = of_faces and asks and bool(mentions(main_clause(context.text), cast))
        if (bare or named) and not plays_a_role(context.turns):
            no = words.refusal(context.text, sure=True)  # the small model sees no head: it would make something up
            return Done(no, replace(cast, said=Said("decline", context.text)))
        remark = len(context.text.split()) <= _SHORT and bool(cast.people) and "?" not in context.text
        remark = (of_faces or remark) and "?" not in context.text and not plays_a_role(context.turns)
        if remark and act in ("chat", "small_talk") and not has_word(context.text, _WRITE):
            return Done(small_answer(context.text, "small_talk"), replace(cast, said=Said(act, context.text)))
    return talk(context, do, act, of_faces or bool(context.found))
