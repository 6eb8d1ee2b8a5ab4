"""One answer: the people of the conversation, what each part of the turn does, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from facegpt.describe import sentences as words
from facegpt.generate.understood import understood
from facegpt.language.dialogue import doing
from facegpt.language.dialogue.act_network import MAKING
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.amounts_again import with_amounts
from facegpt.language.dialogue.changes.changed_mind import settled
from facegpt.language.dialogue.changes.corrected import correction_in
from facegpt.language.dialogue.changes.made_first import heads_first, with_heads_first
from facegpt.language.dialogue.changes.reversed import asks_for_reverse
from facegpt.language.dialogue.changes.share_of_last import share_asked
from facegpt.language.dialogue.changes.tried_again import can_be_tried_again
from facegpt.language.dialogue.deciding import (
    Evidence,
    begins_to_ask,
    decide,
    is_question,
    only_asks,
    tells_to,
    wants_made,
)
from facegpt.language.dialogue.face_wanted import face_log_odds
from facegpt.language.dialogue.made_heads import ONLY_ENGLISH
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.messages import Reply, Turn
from facegpt.language.dialogue.questions.asked_before import names_in
from facegpt.language.dialogue.questions.glossary import explained
from facegpt.language.dialogue.questions.keys import OF_REASONS, OF_THE_PAST, key_asked, of_the_program
from facegpt.language.dialogue.questions.norms import norm_asked, norm_in
from facegpt.language.dialogue.responding import (
    OF_NO_PART,
    TALK,
    asks_among_several,
    asks_of_the_world,
    is_off_topic,
    refusal_of,
)
from facegpt.language.dialogue.returning import RETURNS
from facegpt.language.dialogue.set_answers import (
    ABOUT,
    ACCURACY,
    LIKEWISE,
    NOT_BY_ITSELF,
    OF_A_HEAD,
    OF_LIKENESS,
    OF_SOMEBODY_HERE,
    RECOGNISE,
    RETRY,
    ROUNDING,
    SHOWING,
    USUAL,
    WHY_SO,
    SetAnswer,
    answers,
    set_answer,
    without_insults,
)
from facegpt.language.dialogue.takings import parts_named
from facegpt.language.dialogue.talking import cautioned_once, talk, without_caution
from facegpt.language.dialogue.telling import shown_photo
from facegpt.language.dialogue.turn_pieces import (
    cut_at_requests,
    parts_of,
    said_once,
    with_country,
    without_fillers,
    without_remarks,
)
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.dialogue.who.introducing import cast_of, introduced, with_sexes_said
from facegpt.language.dialogue.who.kin import kin_wanted
from facegpt.language.dialogue.who.persona import plays_a_role
from facegpt.language.glosses.reading import glossed, language_of, speaks_of_faces
from facegpt.language.glosses.replies import answer_in, said_in
from facegpt.language.patterns import word_set, words_in
from facegpt.language.reading.edits.shirt_words import shirt_wish
from facegpt.language.reading.prompts import is_foreign, read_prompt
from facegpt.language.talkers.base import ToolCall
from facegpt.language.talkers.spoken import Spoken

NO_FACE = (
    "I found no face in the picture. I read only faces: another photo, with a face that is not too small, will do."
)
#: Between remarks.
_REMARKS = re.compile(r"[,;.!?]+\s+")
#: What begins a wish of no verb: "like a witch", "as an old sailor".
_LIKENS, _MAY_BE = (["like"], ["as"]), (["can"], ["could"])
#: What is wished of somebody who is there: "no hat on him".
_ON, _SOMEBODY = word_set("on off from to for"), word_set("him her it")


def answered(
    model: Maker,
    turns: list[Turn],
    seed: int,
    say: Callable[[str], None],
    tools: Sequence[dict[str, Any]] = (),
) -> Reply:
    """Answer the last of some turns, in its language; arguments as of `conversation.reply`."""
    if language := "" if model.talker.takes_facts else language_spoken(turns[-1].text):
        return _answered_in(language, model, turns, seed, say, tools)
    return _answered(model, turns, seed, say, tools)


def language_spoken(text: str) -> str:
    """Which of `glosses.reading.LANGUAGES` a text is in; "" for English and all others."""
    gloss = glossed(text)
    return gloss.language.lower() if gloss else language_of(text) if is_foreign(text) else ""


def _answered_in(
    language: str, model: Maker, turns: list[Turn], seed: int, say: Callable[[str], None], tools: Sequence[Any]
) -> Reply:
    """Answer a turn in another language: what is done is done in English, and told in that language.

    What the talker says stays as it is.
    """
    last = turns[-1]
    gloss = glossed(last.text)
    answer = set_answer(last.text, surely=gloss is not None)
    asks = gloss is not None and (wants_made(gloss.text) or tells_to(gloss.text) or bool(names_in(gloss.text)))
    if not asks and answer is not None and answer.reply and not last.images:
        reply = Reply(answer_in(answer.key, language) or answer.reply, [], cast_of(model, turns)[0])
    else:
        reply = _answered(model, turns, seed, lambda piece: None, tools)
        if reply.cast is None or reply.cast.said.act not in ("chat", "off_topic"):
            reply = replace(reply, text=_in_words_of(language, reply.text, last.text))
    say(reply.text)
    return reply


def _in_words_of(language: str, told: str, asked: str) -> str:
    """An answer in another language; how a turn was read is told where a word of it is not known."""
    gloss = glossed(asked)
    if gloss is not None and not gloss.unknown:
        told = told.replace(read_prompt(asked).remarks[-1], "").strip()
    key = next((answer.key for answer in answers().values() if answer.reply and answer.reply.endswith(told)), "")
    return answer_in(key, language) or said_in(told, language)


def _answered(
    model: Maker, turns: list[Turn], seed: int, say: Callable[[str], None], tools: Sequence[dict[str, Any]] = ()
) -> Reply:
    last = turns[-1]
    cast, found = cast_of(model, turns)
    if reply := _without_request(doing.Context(model, last.text, cast, found, seed, say, turns, tools)):
        return reply
    prompt = read_prompt(settled(last.text, cast), "the message")
    if is_foreign(prompt.text) and not model.talker.takes_facts:
        return _foreign(doing.Context(model, prompt.text, cast, (), seed, say, turns, tools))
    cast = introduced(prompt.text, cast, found)
    if not asks_for_new(prompt.text):
        norm = norm_in(prompt.text) if cast.people else None  # "big for a woman?" says nobody's sex
        cast = with_sexes_said(prompt.text if norm is None else norm.rest, cast)
    texts, asides = list[str](), list[str]()
    shown: dict[int, None] = {}
    spoken = Spoken(say)

    def tell(piece: str) -> None:
        if at_once:
            spoken(piece)

    def begin(words: str) -> None:
        if not (texts or model.talker.takes_facts):
            spoken.begin(words)

    text = with_country(with_amounts(without_insults(prompt.text), cast.change.text))
    whole = doing.Context(model, text, cast, found, seed, tell, turns, tools, begin=begin)
    parts = _parts(whole)
    remarks = prompt.remarks if len(parts) > 1 or _heeds_remarks(whole) else ()
    at_once = len(parts) == 1 and not remarks
    calls: tuple[ToolCall, ...] = ()
    for k, part in enumerate(parts):
        context = whole if part == whole.text else replace(whole, text=part, cast=cast, found=found, whole=False)
        first = heads_first(parts[k : k + 2], cast)
        act = "new_head" if first else _act(context)
        if act in (*doing.CHANGING, "new_head") and not first:  # what is remarked on the words holds whatever is made
            begin(" ".join(said_once(remarks)))
        done = doing.made_first(context) if first else doing.do(context, act, alone=len(parts) == 1)
        cast, found, calls = done.cast, (), (*calls, *done.calls)
        (asides if _is_aside(act, part) else texts).append(done.text)
        shown |= dict.fromkeys(done.shown)
        if texts and part != parts[-1]:  # what is done is told before the next part is
            spoken.up_to(without_caution(" ".join(said_once((*remarks, *texts)))))
    text = cautioned_once(" ".join(said_once((*remarks, *(texts or asides)))))
    spoken.up_to(text)
    return Reply(text, cast.faces(shown), cast, calls)


def _without_request(context: doing.Context) -> Reply | None:
    """Answer a turn that asks nothing in words of faces: a tool's, one with pictures of nobody, one without words."""
    model, cast, last = context.model, context.cast, context.turns[-1]
    if last.role == "tool":  # the talker asked for it, and goes on
        asked = next((turn.text for turn in reversed(context.turns) if turn.role == "user"), "")
        return _talked(replace(context, text=asked, found=()))
    if last.images and not context.found:
        if last.text.strip() and model.talker.sees and model.talker.takes_facts:
            return _talked(context)
        return _said(NO_FACE, context.say, cast)
    return None if last.text.strip() else _without_words(model, last, cast, context.say)


def _talked(context: doing.Context) -> Reply:
    """What the talker answers to a text."""
    done = talk(context, doing.do, "off_topic", False)
    return Reply(done.text, [], done.cast, done.calls)


def _parts(whole: doing.Context) -> list[str]:
    """The parts of a turn that are done one after another."""

    def stands_alone(piece: str) -> bool:
        part = replace(whole, text=piece, whole=False)
        return piece != whole.text and bool(whole.cast.people) and (_is_remark(piece) or bool(share_asked(part)))

    parts = parts_of(whole.text, stands_alone)
    wishes = [part for part in parts if not (stands_alone(part) and _is_remark(part))]
    parts = wishes or parts[-1:]
    if len(parts) > 1 and _is_one(whole):
        parts = [whole.text]
    if len(parts) == 1 and len(pieces := cut_at_requests(whole.text)) > 1 and _act(whole) in (*RETURNS, "take"):
        parts = pieces  # "take Ben's off again, and make Anna laugh" does two things
    parts = without_remarks(parts, bool(whole.found), stands_alone, lambda piece: _wishes(whole, piece))
    return with_heads_first(parts, whole.cast)


def _is_remark(text: str) -> bool:
    """Whether all of a piece of a turn is small talk, insults or excuses, and names nothing of a face."""
    if not words_in(text) or {*names_in(text)} - OF_NO_PART - {"masculinity"}:  # "nothing like him" names no trait
        return False
    pieces = [piece for piece in _REMARKS.split(text) if words_in(piece)]
    return _is_small(text) or all(_is_small(piece) for piece in pieces)


def _is_small(text: str) -> bool:
    answer = set_answer(without_fillers(text))
    return answer is not None and answer.act == "small_talk" and answer.key != RETRY


def _foreign(context: doing.Context) -> Reply:
    """Answer a text in a language that is not read: the talker does, unless it is about faces."""
    if context.cast.people or speaks_of_faces(context.text):
        return _said(f"I did not understand this and did nothing: {ONLY_ENGLISH}.", context.say, context.cast)
    return _talked(context)


def _is_one(whole: doing.Context) -> bool:
    """Whether a turn is answered as one: where nobody is there and nobody is to be made, and where it is all talk."""
    act = _act(whole)
    if act == "ability" and explained(whole.text) and not (wants_made(whole.text) or tells_to(whole.text)):
        return True
    return act not in MAKING if not whole.cast.people else act in ("chat", "off_topic") and not whole.sights


def _heeds_remarks(whole: doing.Context) -> bool:
    """Whether remarks on the words ("I read English") hold: not where the talker answers them."""
    return _act(whole) not in TALK or (is_foreign(whole.text) and not whole.model.talker.takes_facts)


def _wishes(whole: doing.Context, piece: str) -> bool:
    """Whether a piece of a turn changes a head without a verb that tells to: "she should frown"."""
    return bool(whole.cast.people) and _act(replace(whole, text=piece, whole=False)) == "edit"


def _is_aside(act: str, part: str) -> bool:
    """Whether a part only leads to what is asked beside it: "let me keep to facts"."""
    return act in ("chat", "off_topic") and not (is_question(part) or begins_to_ask(part))


def _act(context: doing.Context) -> str:
    """What a part of a turn does."""
    text, cast, model = context.text, context.cast, context.model
    reading = context.read(False)
    acts = model.language.acts(text, cast) if hasattr(model.language, "acts") else None
    evidence = Evidence(face_log_odds(model.language, reading), getattr(reading, "states", None), acts)
    act = decide(text, cast, len(context.found), evidence)
    asking = is_question(text) or only_asks(text)
    if cast.people and doing.asks_for_photo(text):
        return "back"
    if explained(text) and not tells_to(text) and not (cast.people and {*names_in(text)} - OF_NO_PART):
        return "ability"
    if cast.people and not asking and not asks_for_new(text) and shirt_wish(text):
        return "edit"
    if told := _of_set_answer(context, act):
        return told
    if is_off_topic(context, act):
        return "off_topic"
    if _changes_somebody(context, act, asking):
        return "edit"
    if asks_among_several(context, act):
        return "compare" if len(context.who) > 1 else "question"
    may_decline = asking or act not in (*MAKING, "ability", "small_talk")
    may_decline &= not (cast.people and asks_of_the_world(context))
    return "decline" if may_decline and refusal_of(context, act) else act


def _of_set_answer(context: doing.Context, act: str) -> str:
    """The act of a set answer that surely fits, whatever the turn was taken for; "" for none.

    What other verbs do with a head is told where there is one; else what is to be made is made, with the answer beside.
    """
    if act not in MAKING and norm_asked(context.text, context.cast) is not None:
        return "question"
    key = key_asked(context.text)
    if key in OF_REASONS and _is_ours(context, key, act):
        return "question"
    if context.cast.people and {key, key_asked(context.typed)} & OF_THE_PAST:
        return "question"
    if asks_for_reverse(context) or share_asked(context) or correction_in(context.text, context.cast) is not None:
        return "edit"
    if context.cast.people and key in OF_LIKENESS:
        return "compare"
    answer = set_answer(context.text) or of_the_program(context.text)
    if answer is None or answer.key in NOT_BY_ITSELF or (act in RETURNS and answer.key not in OF_A_HEAD):
        return ""
    if answer.key in OF_SOMEBODY_HERE:
        return _of_somebody(context, answer, act) if context.cast.people else ""
    if answer.key == ROUNDING:
        return "question" if context.cast.said.act in ("question", "compare") else ""
    if answer.key == RECOGNISE and context.cast.people:
        return "" if asks_of_the_world(context) else "question"
    if answer.key in (SHOWING, USUAL):
        return _of_showing(context, answer.key) if context.cast.people else ""
    if answer.key in OF_A_HEAD:
        return answer.act if context.cast.people and not context.model.talker.takes_facts else ""
    asks = act not in MAKING or only_asks(context.text)
    return answer.act if asks and not plays_a_role(context.turns) else ""


def _of_showing(context: doing.Context, key: str) -> str:
    """What a turn does that asks for heads as they are, or whether something is usual."""
    if key == USUAL:
        return "question" if is_question(context.text) or "?" in context.text else ""
    return "edit" if understood(context.read(True).request) else "back"  # "show him again, but with a beard"


def _of_somebody(context: doing.Context, answer: SetAnswer, act: str) -> str:
    """What a turn does that asks for all that is seen of somebody, for their family, the same again, or another try."""
    cast = context.cast
    if answer.key == LIKEWISE:  # "and the other one?": what was done or asked before
        last = {"compare": "question"}.get(cast.said.act, cast.said.act)
        return last if last in ("edit", "take", "question", "vary") and len(cast.people) > 1 else ""
    if answer.key == RETRY:
        return "edit" if can_be_tried_again(cast, context.who) else answer.act
    if answer.key == ABOUT:
        return "question" if act not in MAKING or is_question(context.text) else ""
    return answer.act


def _is_ours(context: doing.Context, key: str, act: str) -> bool:
    """Whether a question for reasons is answered here: it is of a head, and no talker's eyes tell more of its looks."""
    cast = context.cast
    if not cast.people or asks_of_the_world(context) or (act in MAKING and not is_question(context.text)):
        return False
    if key == ACCURACY:  # of what it names, or of what was answered before
        before = cast.said.act in ("question", "compare") and bool(cast.question.asks)
        return before or bool(names_in(context.text))
    return not (key == WHY_SO and context.model.talker.takes_facts)


def _changes_somebody(context: doing.Context, act: str, asking: bool) -> bool:
    """Whether a turn that was taken for talk tells to change a head, and says how: "give him green eyes and a hat"."""
    tells = wants_made(context.text) or tells_to(context.text) or words_in(context.text)[:1] in _LIKENS
    if act == "blend" and parts_named(context.text) and not kin_wanted(context.text):
        return True
    if act == "new_head" and context.cast.people and not context.found and not asks_for_new(context.text):
        return any(a in _ON and b in _SOMEBODY for a, b in pairwise(words_in(context.text)))
    if act in MAKING or not context.cast.people or (asking and act != "decline"):
        return False
    if not asking and act in ("question", "compare", "decline") and context.part.shows_nothing:  # "pierce her ears"
        return True
    request = context.read(True).request
    may_be = bool(request.character) and words_in(context.text)[:1] in _MAY_BE  # "can she be a dwarf?"
    return may_be if asking else (tells and bool(understood(request))) or (act == "question" and request.hair.names_cut)


def _without_words(model: Maker, last: Turn, cast: Cast, say: Callable[[str], None]) -> Reply:
    """Answer a photo or head that comes without words."""
    if not last.images and not last.faces:
        read_prompt(last.text, "the message")  # raises: it says nothing
    if last.images:
        text = shown_photo(model, cast, cast.focus)
        say(text)
        return Reply(text, cast.faces(cast.focus), cast)
    return _said("\n".join(words.describe(model.facts(face)) for face in cast.faces(cast.focus)), say, cast)


def _said(text: str, say: Callable[[str], None], cast: Cast) -> Reply:
    say(text)
    return Reply(text, [], cast)
