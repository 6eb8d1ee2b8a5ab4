"""What was misread put right: which sex somebody has ("no, she"), who, which side and which part was meant.

Nothing new is asked: the last change or question is done again for whom it was meant, and taken from whom it was not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.shape.shown_changes import wanted_mm
from facegpt.language.changed_request import no_change
from facegpt.language.dialogue.cast import Cast, Said, Step, sex_of
from facegpt.language.dialogue.changes.changed_mind import NO_REQUEST
from facegpt.language.dialogue.changes.steps import changed, step_made, step_told
from facegpt.language.dialogue.changing import wishes
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.face_wanted import says_nothing
from facegpt.language.dialogue.questions.asking import answer_question
from facegpt.language.dialogue.questions.question import Question
from facegpt.language.dialogue.questions.question_network import kind_of_question
from facegpt.language.dialogue.set_answers import MISREAD, set_answer
from facegpt.language.dialogue.takings import parts_named
from facegpt.language.dialogue.who.called import called, sentence
from facegpt.language.dialogue.who.references import Mention, mentions
from facegpt.language.dialogue.wording import SUBJECT
from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.head_request import SURE, HeadRequest
from facegpt.language.parts import PARTS
from facegpt.language.patterns import has_word, regex_any_case, word_set, words_in
from facegpt.language.reading.sexes import sex_words

#: What is denied: "not the man", "isn't a woman".
_DENIED = regex_any_case(r"\b(?:not|n't|never|don't call (?:her|him|it|them))\s+(?:an?\s|the\s|him\s|her\s)?[\w'’-]+")
#: A statement of what somebody is, and of a sex that was got wrong.
_IS = regex_any_case(
    r"(?:\b(?:is|are|be|thats|hes|shes|its)|['’]s)\s+(?:(?:actually|really|clearly)\s)?(?:an?\s|not\s)"
)
#: Words by which somebody else was meant; behind "wrong", words for somebody.
_MEANT, _SOMEBODY = word_set("meant mean asking talking speaking"), word_set("one person head face guy woman man")
_WORD = re.compile(r"[^\W\d_]+")
_SIDES = ("Left", "Right")
_OTHER = {"F": "M", "M": "F"}


@dataclass(frozen=True)
class Correction:
    """What a turn corrects: the sex of somebody, the side or the part of a face, or who was meant.

    Attributes:
        who: numbers of those whom it names. sex: as in Person. side: "Left" or "Right".
        text: the words of the last change with the part that was meant.
    """

    who: tuple[int, ...]
    sex: str = ""
    side: str = ""
    text: str = ""


def correction_in(text: str, cast: Cast) -> Correction | None:
    """What a turn corrects; None for any other turn, and where it cannot be told."""
    answer = set_answer(text)
    if answer is None or answer.key != MISREAD or not cast.people:
        return _instead(text, cast)
    denied = [match.span() for match in _DENIED.finditer(text)]
    found = [m for m in mentions(text, cast) if not any(start <= m.start < end for start, end in denied)]
    sex = _sex_said(text, denied)
    who = _of_sex(text, sex, found, cast) if sex else ()
    if who and cast.person(who[-1]).sex != sex:
        return Correction(who, sex)
    last = cast.said.who or cast.in_focus()
    if named := [m.who for m in found if set(m.who) != set(last)]:
        return Correction(named[-1])
    told = Correction(who, sex) if who else None  # known from these words by now
    return _of_face(text, denied, cast) or told or _of_the_other(last, cast)


def _instead(text: str, cast: Cast) -> Correction | None:
    """Who is to have what the last change gave to somebody else: "the glasses on me instead"."""
    step = cast.past[-1] if cast.past and cast.said.act == "edit" and has_word(text, ("instead",)) else None
    found = mentions(text, cast)
    if step is None or len(found) != 1 or not step.asked:
        return None
    parts, given = ({group for _, group in parts_named(each)} for each in (text, step.said))
    others = set(step.asked) - {*found[0].who}
    return Correction(found[0].who) if len(others) == 1 and parts <= given else None


def _of_face(text: str, denied: list[tuple[int, int]], cast: Cast) -> Correction | None:
    """Which side or which part of a face the last change should have been of."""
    step = cast.past[-1] if cast.past and cast.said.act == "edit" else None
    if step is None or len(step.after) != 1:
        return None
    who, request = tuple(step.after), next(iter(step.asked.values()), None)
    words = [m[0].lower() for m in _WORD.finditer(text) if not any(a <= m.start() < b for a, b in denied)]
    if request is not None and (side := _side_meant(words, request)):
        return Correction(who, side=side)
    part, was = _last_part(words), _last_part(_WORD.findall(step.said.lower()))
    if part and was and PARTS[part] != PARTS[was]:
        return Correction(who, text=re.sub(rf"\b{was}\b", part, step.said, flags=re.IGNORECASE))
    return None


def _last_part(words: Sequence[str]) -> str:
    return next((word for word in reversed(words) if PARTS.get(word, "person") not in ("person", "face", "head")), "")


def _side_meant(words: Sequence[str], request: HeadRequest) -> str:
    """The side that a correction names, or the other one than the change had; "" where the change had no sides."""
    sums = {side: sum(_weights_of(request, side).values()) for side in _SIDES}
    if not any(sums.values()):
        return ""
    named = next((side for side in _SIDES if side.lower() in words), "")
    if named or not {"other", "wrong"} & {*words} or min(sums.values()) > 0:
        return named
    return min(_SIDES, key=lambda side: sums[side])


def _weights_of(request: HeadRequest, side: str) -> dict[str, float]:
    """What a change asks of the movements of one side, by their names without it."""
    named = zip(ARKIT_NAMES, request.expression, request.expression_named, strict=True)
    return {name.removesuffix(side): float(weight) for name, weight, is_named in named if is_named and side in name}


def of_side(request: HeadRequest, side: str) -> HeadRequest:
    """A change with all its movements on one side: those of the other one go over to it."""
    meant = {name: weight for each in _SIDES for name, weight in _weights_of(request, each).items()}
    meant |= {name: weight for name, weight in _weights_of(request, side).items() if weight}
    names = {f"{name}{side}": weight for name, weight in meant.items()}
    sided = np.array([name.endswith(_SIDES) for name in ARKIT_NAMES])
    weights = np.array([names.get(name, 0.0) for name in ARKIT_NAMES])
    of_it = np.array([name in names for name in ARKIT_NAMES])
    return replace(
        request,
        expression=np.where(sided, weights, request.expression),
        expression_named=np.where(sided, of_it, request.expression_named),
    )


def _sex_said(text: str, denied: list[tuple[int, int]]) -> str:
    """The sex that a text says somebody has, the last one that it does not deny; "" for none, "?" for the other one."""
    if has_word(text, ("wrong", "incorrect")) and has_word(text, ("gender", "sex")):
        return "?"
    said = [sex for start, _, sex in sex_words(text) if not any(a <= start < b for a, b in denied)]
    if said:
        return said[-1]
    not_said = {sex for start, _, sex in sex_words(text) if any(a <= start < b for a, b in denied)}
    return _OTHER[not_said.pop()] if len(not_said) == 1 else ""


def _of_sex(text: str, sex: str, found: list[Mention], cast: Cast) -> tuple[int, ...]:
    """Whose sex is corrected; () where rather somebody else is meant."""
    states = bool(_IS.search(text)) or sex == "?"
    of_another = any(a == "wrong" and b in _SOMEBODY for a, b in pairwise(words_in(text)))
    if has_word(text, _MEANT) or of_another or (not states and len(cast.people) > 1):
        return ()
    single = [m.who for m in found if len(m.who) == 1 and cast.person(m.who[0]).sex != sex]
    return single[0] if single and states else (cast.said.who or cast.in_focus())[-1:]


def _of_the_other(last: tuple[int, ...], cast: Cast) -> Correction | None:
    """The one who was meant instead of whom was changed or asked about last, where there is but one other."""
    others = tuple(person.number for person in cast.people if person.number not in last)
    return Correction(others) if len(others) == 1 and len(last) == 1 else None


def corrected(context: Context) -> Done | None:
    """Put right what was misread; None where a turn corrects nothing."""
    wrong = correction_in(context.text, context.cast)
    if wrong is None:
        return None
    if wrong.side or wrong.text:
        return _done_otherwise(context, wrong)
    return _sex_put_right(context, wrong) if wrong.sex else _done_for(context, wrong.who)


def _done_otherwise(context: Context, wrong: Correction) -> Done | None:
    """Do the last change on the side or on the part of the face that was meant, instead of where it was done."""
    cast, number = context.cast, wrong.who[0]
    step, before = cast.past[-1], cast.before_last()
    if wrong.side:
        request = of_side(step.asked[number], wrong.side)
        return step_made(context, before, {number: request}, f"{step.said} (only {wrong.side.lower()})")
    asked = wishes(context.model, wrong.text, before, wrong.who)
    if says_nothing(asked[-1].request):
        return None
    after = changed(context.model, before, asked, context.seed)
    return step_told(context, before, after, {number: asked[-1].request}, wrong.text)


def _sex_put_right(context: Context, wrong: Correction) -> Done:
    """Call somebody he or she as the words do; a head that words made is changed as well, if it does not look so."""
    person = context.cast.person(wrong.who[0])
    sex = _OTHER.get(person.sex, "F") if wrong.sex == "?" else wrong.sex
    told = f"Sorry: {SUBJECT[sex]}, then."
    after = replace(context.cast.with_person(replace(person, sex=sex)), focus=(person.number,))
    if person.photo or sex_of(person.face) == sex:
        return Done(told, replace(after, said=Said("small_talk", context.text, (person.number,))))
    request = replace(no_change(), man=SURE[sex])
    return step_made(context, after, {person.number: request}, context.text, told)


def from_before(text: str, request: HeadRequest, cast: Cast, number: int) -> HeadRequest:
    """A change whose lengths count from before the last one, where it puts that right: "I meant 4 mm shorter"."""
    step = cast.past[-1] if cast.past and cast.said.act == "edit" else None
    last = step.asked.get(number) if step else None
    said = [word for word in words_in(text) if word not in NO_REQUEST]
    if step is None or last is None or said[:2] not in (["i", "mean"], ["i", "meant"]):
        return request
    was, again = step.before[number].measure(), {goal.measure for goal in last.millimetres}
    goals = tuple(
        replace(goal, kind="value", amount=wanted_mm(goal, was[goal.measure].value_mm))
        if goal.measure in again and goal.measure in was
        else goal
        for goal in request.millimetres
    )
    return replace(request, millimetres=goals)


def _done_for(context: Context, who: tuple[int, ...]) -> Done | None:
    """Do the last change, or answer the last question, for others than it was done for."""
    cast, last = context.cast, context.cast.said
    if last.act in ("question", "compare") and cast.question.text:
        asked = cast.question
        kind = kind_of_question(asked.text, None, len(cast.people))
        question = Question(asked.text, who, asked.asks, kind=kind, claim=asked.claim)
        told = answer_question(context.model, question, cast)
        said = replace(asked, who=who)
        return Done(told, replace(cast, said=said, question=said, focus=who)) if told else None
    step = cast.past[-1] if cast.past else None
    if last.act != "edit" or step is None or not step.asked:
        return None
    givers = tuple(n for n in step.after if n not in who)
    back = [called(cast.person(n), cast) for n in givers]
    told = f"{sentence(' and '.join(back))} {'is' if len(back) == 1 else 'are'} as before." if back else ""
    if wish := _worn_alone(context.text, step, givers, who):
        return step_made(context, cast, wish, context.text)
    requests = dict.fromkeys(who, step.asked[next((n for n in givers if n in step.asked), next(iter(step.asked)))])
    before = cast.undone(givers) if givers else cast.before_last()
    return step_made(context, before or cast, requests, step.said, told, last.asks)


def _worn_alone(text: str, step: Step, givers: tuple[int, ...], who: tuple[int, ...]) -> dict[int, HeadRequest]:
    """What a turn asks of whom that moves over a thing alone: "put the glasses on him instead"; {} for others."""
    parts = {part for _, part in parts_named(text)}
    given = step.asked.get(givers[0]) if len(givers) == 1 else None
    if given is None or len(parts) != 1:
        return {}
    none = no_change()
    if parts == {"glasses"} and given.glasses is not None:
        return {
            givers[0]: replace(none, glasses=GlassesWish(on=False)),
            **dict.fromkeys(who, replace(none, glasses=given.glasses)),
        }
    if parts == {"headwear"} and given.headwear is not None:
        return {givers[0]: replace(none, bareheaded=True), **dict.fromkeys(who, replace(none, headwear=given.headwear))}
    return {}
