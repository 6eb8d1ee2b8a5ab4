"""What was misread put right: which sex somebody has ("no, she"), and who was meant ("I meant the left one").

Nothing new is asked: the last change or question is done again for whom it was meant, and taken from whom it was not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from facegpt.face import Face
from facegpt.language.dialogue.cast import Cast, Said, sex_of
from facegpt.language.dialogue.changes.told import of_changes
from facegpt.language.dialogue.context import Context, Done
from facegpt.language.dialogue.questions.asking import Question, answer_question
from facegpt.language.dialogue.questions.question_network import kind_of_question
from facegpt.language.dialogue.set_answers import MISREAD, set_answer
from facegpt.language.dialogue.who.called import called, sentence
from facegpt.language.dialogue.who.references import Mention, mentions
from facegpt.language.dialogue.who.sexes import sex_words
from facegpt.language.dialogue.wording import SUBJECT
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import regex_any_case
from facegpt.language.targets import ATTRIBUTES

#: What is denied: "not the man", "isn't a woman".
_DENIED = regex_any_case(r"\b(?:not|n't|never|don't call (?:her|him|it|them))\s+(?:an?\s|the\s|him\s|her\s)?[\w'’-]+")
#: A statement of what somebody is, and of a sex that was got wrong.
_IS = regex_any_case(
    r"(?:\b(?:is|are|be|thats|hes|shes|its)|['’]s)\s+(?:(?:actually|really|clearly)\s)?(?:an?\s|not\s)"
)
_WRONG_SEX = regex_any_case(r"\b(?:wrong|incorrect)\b.*\b(?:gender|sex)\b|\b(?:gender|sex)\b.*\bwrong\b")
_WHOM = regex_any_case(r"\b(?:meant|mean|asking|talking|speaking|wrong (?:one|person|head|face|guy|woman|man))\b")
#: The man asked for by a correction: likely, not certain (0..1).
_SURE = {"M": 0.97, "F": 0.03}
_OTHER = {"F": "M", "M": "F"}


@dataclass(frozen=True)
class Correction:
    """What a turn corrects: the sex of somebody, or who was meant; numbers of those whom it names."""

    who: tuple[int, ...]
    sex: str = ""


def correction_in(text: str, cast: Cast) -> Correction | None:
    """What a turn corrects; None for any other turn, and where it cannot be told."""
    answer = set_answer(text)
    if answer is None or answer.key != MISREAD or not cast.people:
        return None
    denied = [match.span() for match in _DENIED.finditer(text)]
    found = [m for m in mentions(text, cast) if not any(start <= m.start < end for start, end in denied)]
    sex = _sex_said(text, denied)
    if sex and (who := _of_sex(text, sex, found, cast)):
        return Correction(who, sex)
    return _of_whom(found, cast)


def _sex_said(text: str, denied: list[tuple[int, int]]) -> str:
    """The sex that a text says somebody has, the last one that it does not deny; "" for none, "?" for the other one."""
    if _WRONG_SEX.search(text):
        return "?"
    said = [sex for start, _, sex in sex_words(text) if not any(a <= start < b for a, b in denied)]
    if said:
        return said[-1]
    not_said = {sex for start, _, sex in sex_words(text) if any(a <= start < b for a, b in denied)}
    return _OTHER[not_said.pop()] if len(not_said) == 1 else ""


def _of_sex(text: str, sex: str, found: list[Mention], cast: Cast) -> tuple[int, ...]:
    """Whose sex is corrected; () where rather somebody else is meant."""
    states = bool(_IS.search(text)) or sex == "?"
    if _WHOM.search(text) or (not states and len(cast.people) > 1):
        return ()
    single = [m.who for m in found if len(m.who) == 1 and cast.person(m.who[0]).sex != sex]
    return single[0] if single and states else (cast.said.who or cast.in_focus())[-1:]


def _of_whom(found: list[Mention], cast: Cast) -> Correction | None:
    """Who was meant instead of those who were changed or asked about last."""
    last = cast.said.who or cast.in_focus()
    named = [m.who for m in found if set(m.who) != set(last)]
    if named:
        return Correction(named[-1])
    others = tuple(person.number for person in cast.people if person.number not in last)
    return Correction(others) if len(others) == 1 and len(last) == 1 else None


def corrected(context: Context) -> Done | None:
    """Put right what was misread; None where a turn corrects nothing."""
    wrong = correction_in(context.text, context.cast)
    if wrong is None:
        return None
    return _sex_put_right(context, wrong) if wrong.sex else _done_for(context, wrong.who)


def _sex_put_right(context: Context, wrong: Correction) -> Done:
    """Call somebody he or she as the words do; a head that words made is changed as well, if it does not look so."""
    cast, model, number = context.cast, context.model, wrong.who[0]
    person = cast.person(number)
    sex = _OTHER.get(person.sex, "F") if wrong.sex == "?" else wrong.sex
    people = tuple(replace(p, sex=sex) if p.number == number else p for p in cast.people)
    told = f"Sorry: {SUBJECT[sex]}, then."
    after = replace(cast, people=people, focus=(number,))
    if person.photo or sex_of(person.face) == sex:
        return Done(told, replace(after, said=Said("small_talk", context.text, (number,))))
    nothing = np.zeros(len(ATTRIBUTES))
    request = HeadRequest(nothing, nothing, man=_SURE[sex], is_edit=True)
    changed = after.with_changes(
        {number: model.changed(person.face, request, context.seed)}, {number: request}, context.text
    )
    said = Said("edit", context.text, (number,), (), request)
    told = f"{told} {of_changes(model, after, changed, {number: request})}"
    return Done(told, replace(changed, said=said, change=said), (number,))


def _done_for(context: Context, who: tuple[int, ...]) -> Done | None:
    """Do the last change, or answer the last question, for others than it was done for."""
    cast, model, last = context.cast, context.model, context.cast.said
    if last.act in ("question", "compare") and cast.question.text:
        asked = cast.question
        kind = kind_of_question(asked.text, None, len(cast.people))
        question = Question(asked.text, who, asked.asks, kind=kind, claim=asked.claim)
        told = answer_question(model, question, cast)
        said = replace(asked, who=who)
        return Done(told, replace(cast, said=said, question=said, focus=who)) if told else None
    step = cast.past[-1] if cast.past else None
    if last.act != "edit" or step is None or not step.asked:
        return None
    requests: Mapping[int, HeadRequest] = dict.fromkeys(who, next(iter(step.asked.values())))
    before = cast.undone(tuple(step.after)) or cast
    faces: dict[int, Face] = {
        n: model.changed(before.person(n).face, each, context.seed) for n, each in requests.items()
    }
    after = before.with_changes(faces, requests, step.said)
    back = [called(cast.person(n), cast) for n in step.after if n not in who]
    said = replace(last, who=who)
    told = f"{sentence(' and '.join(back))} {'is' if len(back) == 1 else 'are'} as before. " if back else ""
    return Done(f"{told}{of_changes(model, before, after, requests)}", replace(after, said=said, change=said), who)
