"""Questions on what was said or done before: all changes, what became of a head, a length rounded, what is usual."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from facegpt.describe.attribute_words import poles
from facegpt.language.dialogue import telling
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.changes.seen import State, differences
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.questions.as_shown import with_shown
from facegpt.language.dialogue.questions.as_wanted import as_wanted
from facegpt.language.dialogue.questions.asked_before import names_in, part_of, when_of
from facegpt.language.dialogue.questions.asking import answer_question
from facegpt.language.dialogue.questions.claims import amount_of, claim_in
from facegpt.language.dialogue.questions.comparing import compared, measures_of
from facegpt.language.dialogue.questions.keys import key_asked
from facegpt.language.dialogue.questions.norms import average, norm_asked, usual
from facegpt.language.dialogue.questions.question import Question, asked, in_unit, understood_question, unit_of
from facegpt.language.dialogue.questions.question_network import kind_of_question
from facegpt.language.dialogue.set_answers import FIRST_ASKED, HISTORY, ROUNDING, SINCE, USUAL, asks_for, set_answer
from facegpt.language.dialogue.who.called import all_called, called, sentence
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.wording import SAME_MM, length_since, trait_now
from facegpt.language.patterns import has_word, word_set, words_in

#: Words that ask for whatever became of a head, beside "what" that no "is" or "was" follows.
_ALL, _IS = word_set("anything everything different new"), word_set("is was s")
#: Words for what lies between two heads, and for the largest of some changes.
_CHANGES = word_set("change changes changed differ differs different difference differences")
_BETWEEN, _MOST_OF = word_set("between from"), word_set("most biggest largest")
#: So many differences of one head are told; SDs of adults from which one is a difference.
_MOST, _DIFFERS_SD = 6, 0.1


def of_before(context: Context) -> str:
    """What was done or answered before, where it is asked of; "" for any other turn."""
    text, cast = context.text, context.cast
    if wanted := as_wanted(context):
        return wanted
    if pair := two_heads(text, cast):
        return compared(pair, {n: context.model.facts(cast.person(n).face) for n in pair}, cast)
    if cast.past and has_word(text, _CHANGES) and has_word(text, _MOST_OF):
        return _most_changed(context)
    keys = (key_asked(context.typed), key_asked(text))
    if FIRST_ASKED in keys and (first := next((turn.text for turn in context.turns if turn.role == "user"), "")):
        return f'Your first message was: "{first.strip()}".'
    if SINCE in keys:
        return _since(context)
    if HISTORY in keys:
        return telling.of_history(
            context.model, cast, context.who if mentions(text, cast) else (), has_word(text, ("many",))
        )
    if asks_for(ROUNDING, text):
        return _rounded(context)
    return usual(context) if asks_for(USUAL, text) else ""


def two_heads(text: str, cast: Cast) -> tuple[int, ...]:
    """The two people between whom a turn asks for all that differs; () for any other turn."""
    if len(cast.people) < 2 or part_of(text) or not (has_word(text, _CHANGES) and has_word(text, _BETWEEN)):
        return ()
    named = tuple(dict.fromkeys(n for mention in mentions(text, cast) for n in mention.who))
    return named if len(named) == 2 else ()


def _rounded(context: Context) -> str:
    """The answer to the question before in whole numbers; "" where there was none."""
    last, text = context.cast.question, context.text
    compares = last.act == "compare" and len(last.who) > 1
    kind = kind_of_question(last.text, None, len(context.cast.people))
    of = text if unit_of(text) != "mm" else last.text
    question = Question(last.text, last.who, last.asks, unit_of(of), "now", compares, True, kind)
    return answer_question(context.model, question, context.cast) if last.text else ""


# What became of a head


def _since(context: Context) -> str:
    """What became of what is asked about, or was asked or changed last; of all of a head where nothing is named."""
    cast = context.cast
    who = context.who if mentions(context.text, cast) else (cast.change.who or context.who)
    last = cast.question.asks if cast.said.act in ("question", "compare") else cast.change.asks
    said = words_in(context.text)
    of_all = bool(_ALL.intersection(said)) or any(a == "what" and b not in _IS for a, b in pairwise(said))
    names = names_in(context.text) if part_of(context.text) else () if of_all else last
    told = []
    for number in who:
        person = cast.person(number)
        lengths = _lengths_since(context, names, person)
        told.append(in_unit(lengths, unit_of(context.text), False) if lengths else _all_since(context, person))
    if not any(told):
        return f"Nothing was changed on {all_called(who, cast)} so far."
    return " ".join(filter(None, told))


def _lengths_since(context: Context, names: tuple[str, ...], person: Person) -> str:
    """How far lengths are from what they were before they were changed last, or at first; "" for none."""
    now = context.model.facts(person.face)
    told = []
    for name in dict.fromkeys(m for each in names for m in measures_of(each, now)):
        was, of_first = _was(context, name, person)
        line = length_since(name, now, was, "at first" if of_first else "before", person, context.cast)
        told.append(with_shown(line, name, person))
    return " ".join(told)


def _was(context: Context, name: str, person: Person) -> tuple[float, bool]:
    """A length before the last change that moved it, or as the head came; whether that is the first one."""
    steps = () if when_of(context.text) == "first" else reversed(context.cast.past)
    heads = [step.before[person.number] for step in steps if person.number in step.before]
    *before, has = (context.model.facts(face).measures[name].value_mm for face in (*heads, person.face))
    moved = next((was for was in before if abs(was - has) >= SAME_MM), None)
    return (context.model.facts(person.first).measures[name].value_mm, True) if moved is None else (moved, False)


def _all_since(context: Context, person: Person) -> str:
    """All that differs on a head from how it came; "" where nothing does."""
    if person.face is person.first:
        return ""
    model, cast = context.model, context.cast
    told = differences(State.of(model, person.first), State.of(model, person.face), person, cast, _MOST)
    if not told:
        return f"{sentence(called(person, cast))} is as at first."
    said = [step.words for step in cast.past if person.number in step.after and step.words]
    asked_for = f" You asked for: {'; '.join(dict.fromkeys(said))}." if said else ""
    return f"Compared with how {called(person, cast)} was at first: {' '.join(told)}{asked_for}"


def _most_changed(context: Context) -> str:
    """What differs most on a head from before its last change, for how much adults differ in it, and what else does."""
    model, cast, step = context.model, context.cast, context.cast.past[-1]
    number = next(iter(step.after))
    was, now = State.of(model, step.before[number]), State.of(model, step.after[number])
    person = cast.person(number)
    gaps = {name: abs(amount_of(name, now.facts) - amount_of(name, was.facts)) for name in poles()}
    order = sorted((n for n, gap in gaps.items() if not math.isnan(gap) and gap >= _DIFFERS_SD), key=lambda n: -gaps[n])
    most = next((line for n in order if (line := trait_now(n, was.facts, now.facts, person, cast))), [])
    told = [line for line in differences(was, now, person, cast, _MOST) if line not in most]
    if most:
        start = f"For how much adults differ, this changed the most: {' '.join(most)}"
        return f"{start} Beside it: {' '.join(told)}" if told else start
    return f"By that change this differs the most: {' '.join(told)}" if told else "That change moved no measure."


# What is held against others


def of_norms(context: Context) -> Done | None:
    """A question for what adults measure, or that holds a head against women, men or an age; None for another turn."""
    if told := average(context.text):
        return Done(told, context.cast)
    norm = norm_asked(context.text, context.cast)
    if norm is None:
        return None
    names = names_in(norm.rest)
    about = replace(context, text=norm.rest if names or not context.cast.question.text else context.cast.question.text)
    of_usual = any(
        (answer := set_answer(text, surely=False)) is not None and answer.key == USUAL
        for text in (context.text, norm.rest)
    )
    if not names and of_usual and (told := usual(replace(context, text=norm.rest), norm.sex)):
        return Done(f"{told} {norm.beside}".strip(), context.cast)
    question = understood_question(about.text, context.cast, about.who, about.read(False), about.read(True).asks)
    question = replace(question, norm=norm.sex, felt=claim_in(about.read(True).request, about.text))
    told = answer_question(context.model, question, context.cast)
    if "percentile" not in told:
        return None
    return Done(f"{told} {norm.beside}".strip(), asked(question, "question", context.cast))
