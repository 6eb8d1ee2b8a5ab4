"""Questions on what was said or done before: all changes, what became of a head, a length rounded, what is usual."""

from __future__ import annotations

import math
from dataclasses import replace

from facegpt.describe.compared import compare
from facegpt.language.dialogue import telling
from facegpt.language.dialogue.cast import Cast, Person
from facegpt.language.dialogue.changes.seen import State, differences
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.deciding import is_question
from facegpt.language.dialogue.questions.asked_before import names_in, part_of, when_of
from facegpt.language.dialogue.questions.asking import (
    Question,
    answer_question,
    asked,
    understood_question,
)
from facegpt.language.dialogue.questions.claims import claim_in
from facegpt.language.dialogue.questions.comparing import less_of, measures_of
from facegpt.language.dialogue.questions.norms import Norm, among, norm_in
from facegpt.language.dialogue.questions.question_network import kind_of_question
from facegpt.language.dialogue.questions.units import in_unit, unit_of
from facegpt.language.dialogue.set_answers import HISTORY, ROUNDING, SINCE, USUAL, asks_for, set_answer
from facegpt.language.dialogue.who.called import all_called, called, sentence
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.wording import SAME_MM, length_since
from facegpt.language.patterns import has_word, regex_any_case

#: Between these percentiles a measure is usual: what two of three adults have.
USUAL_PERCENTILES = (16.0, 84.0)
#: From so many percentiles off the middle on, answers say "a little above average".
_A_LITTLE = 20.0
_LARGE = regex_any_case(
    r"\b(?:(?:wide|broad|big|large|long|high|tall|thick|full|deep)(?:er|r)?|prominent|a lot|much|far apart|above|"
    r"more than)\b"
)
_SMALL = regex_any_case(r"\b(?:small|narrow|short|thin|low|slim|flat|little|tiny|close together)(?:er|r)?\b")
#: Questions for whatever became of a head.
_ALL = regex_any_case(
    r"\b(?:what(?! was| is)|what(?:'s| is) (?:different|new)|anything|everything|how (?:is|are) \w+ different)\b"
)
#: What lies between two heads.
_BETWEEN = regex_any_case(r"\bwhat\b.*\b(?:chang\w+|differ\w*)\b.*\b(?:between|from)\b")
#: Of the last change, what of it is the largest.
_MOST_CHANGED = regex_any_case(r"\b(?:which|what)\b.*\b(?:chang\w+ (?:the )?most|(?:most|biggest|largest) chang\w+)\b")
#: So many differences of one head are told.
_MOST = 4


def of_before(context: Context) -> str:
    """What was done or answered before, where it is asked of; "" for any other turn."""
    text = context.text
    if pair := two_heads(text, context.cast):
        first, second = (context.model.facts(face) for face in context.cast.faces(pair))
        return compare(first, second)
    if context.cast.past and _MOST_CHANGED.search(text):
        return _most_changed(context)
    if since_asked(context.typed):
        return _since(context)
    if history_asked(text) or history_asked(context.typed):
        named = mentions(text, context.cast)
        return telling.of_history(context.cast, context.who if named else (), has_word(text, ("many",)))
    if asks_for(ROUNDING, text):
        return _rounded(context)
    if since_asked(text):
        return _since(context)
    return usual(context) if asks_for(USUAL, text) else ""


def two_heads(text: str, cast: Cast) -> tuple[int, ...]:
    """The two people between whom a turn asks for all that differs; () for any other turn."""
    if len(cast.people) < 2 or not _BETWEEN.search(text) or part_of(text):
        return ()
    named = tuple(dict.fromkeys(n for mention in mentions(text, cast) for n in mention.who))
    return named if len(named) == 2 else ()


def history_asked(text: str) -> bool:
    """Whether a turn asks for what was changed so far, or how many changes that were."""
    if has_word(text, ("many",)) and has_word(text, ("changes", "edits", "steps")):
        return True
    answer = set_answer(text, surely=not is_question(text))
    return answer is not None and answer.key == HISTORY


def since_asked(text: str) -> bool:
    """Whether a turn asks what became of a head: "and compared with before?", "what is different now?"."""
    answer = set_answer(text, surely=not (is_question(text) or text.rstrip().endswith("?")))
    return answer is not None and answer.key == SINCE


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
    names = names_in(context.text) if part_of(context.text) else () if _ALL.search(context.text) else last
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
    cast, model = context.cast, context.model
    now = model.facts(person.face)
    told = []
    for name in dict.fromkeys(m for each in names for m in measures_of(each, now)):
        was, of_first = _was(context, name, person)
        told.append(length_since(name, now, was, "at first" if of_first else "before", person, cast))
    return " ".join(told)


def _was(context: Context, name: str, person: Person) -> tuple[float, bool]:
    """A length before the last change that moved it, or as the head came; whether that is the first one."""
    model, cast = context.model, context.cast
    first = model.facts(person.first).measures[name].value_mm
    if when_of(context.text) == "first":
        return first, True
    has = model.facts(person.face).measures[name].value_mm
    for step in reversed(cast.past):
        if person.number in step.before:
            was = model.facts(step.before[person.number]).measures[name].value_mm
            if abs(was - has) >= SAME_MM:
                return was, False
    return first, True


def _all_since(context: Context, person: Person) -> str:
    """All that differs on a head from how it came; "" where nothing does."""
    if person.face is person.first:
        return ""
    model, cast = context.model, context.cast
    states = State.of(model, person.first), State.of(model, person.face)
    told = differences(*states, person, cast, _MOST)
    if not told:
        return f"{sentence(called(person, cast))} is as at first."
    said = [step.words for step in cast.past if person.number in step.after and step.words]
    asked_for = f" You asked for: {'; '.join(dict.fromkeys(said))}." if said else ""
    return f"Compared with how {called(person, cast)} was at first: {' '.join(told)}{asked_for}"


def _most_changed(context: Context) -> str:
    """What differs on a head from before its last change; of several kinds none is called the largest."""
    model, step = context.model, context.cast.past[-1]
    number = next(iter(step.after))
    states = State.of(model, step.before[number]), State.of(model, step.after[number])
    told = differences(*states, context.cast.person(number), context.cast, _MOST)
    if len(told) < 2:
        return f"By that change this differs the most: {told[0]}" if told else "That change moved no measure."
    return (
        f"Lengths, looks and movements have no common scale, so I call none the largest. What differs: {' '.join(told)}"
    )


# What is usual


def usual(context: Context, sex: str = "") -> str:
    """Whether what was measured last is usual among adults, or among one sex; "" where nothing was measured."""
    cast, text = context.cast, context.text
    last = cast.question if cast.question.asks else cast.change
    who = last.who or cast.in_focus()
    facts = among(context.model.facts(cast.person(who[-1]).face), sex)
    names = [m for name in last.asks for m in measures_of(name, facts)]
    known = [facts.measures[m].percentile for m in names if not math.isnan(facts.measures[m].percentile)]
    if not known:
        return ""
    low, high = USUAL_PERCENTILES
    out = max(known, key=lambda each: abs(each - 50.0))
    side = 1 if _LARGE.search(text) else -1 if _SMALL.search(text) or less_of(text) else 0
    if low <= out <= high:
        yes = "A little, but" if side * (out - 50.0) >= _A_LITTLE else "No," if side else "Yes,"
        return f"{yes} that is usual: most {facts.among} are about there."
    share = f"{max(round(min(out, 100.0 - out)), 1)} of 100 {facts.among} have {'less' if out < low else 'more'}"
    is_so = side == (1 if out > high else -1)
    return f"{'Yes' if side and is_so else 'No'}, that is rather {'small' if out < low else 'large'}: {share}."


def of_norms(context: Context) -> Done | None:
    """A question that holds a head against women, men or an age; None for any other turn."""
    norm = norm_asked(context.text, context.cast)
    if norm is None:
        return None
    names = names_in(norm.rest)
    about = replace(context, text=norm.rest if names or not context.cast.question.text else context.cast.question.text)
    if not names and (told := usual(replace(context, text=norm.rest), norm.sex)) and _asks_usual(context.text, norm):
        return Done(f"{told} {norm.beside}".strip(), context.cast)
    reading = about.read(False)
    question = understood_question(about.text, context.cast, about.who, reading, about.read(True).asks)
    question = replace(question, norm=norm.sex, felt=claim_in(about.read(True).request, about.text))
    told = answer_question(context.model, question, context.cast)
    if "percentile" not in told:
        return None
    return Done(f"{told} {norm.beside}".strip(), asked(question, "question", context.cast))


def _asks_usual(text: str, norm: Norm) -> bool:
    """Whether a question asks whether what was measured is usual, with or without whom it is held against."""
    found = [set_answer(each, surely=False) for each in (text, norm.rest)]
    return any(each is not None and each.key == USUAL for each in found)


def norm_asked(text: str, cast: Cast) -> Norm | None:
    """Whom a question on a measure holds a head against; None where it holds it against nobody."""
    norm = norm_in(text) if cast.people else None
    of_measures = norm is not None and bool(names_in(norm.rest) or cast.question.asks or cast.change.asks)
    return norm if of_measures else None
