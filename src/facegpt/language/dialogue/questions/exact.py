"""What a turn asks that a program answers exactly, whatever the turn is taken for: sums, lists, lengths to be reached.

How tall or heavy a body is belongs here too: no head shows it, and no length of a head may be told in its place.
"""

from __future__ import annotations

from facegpt.generate.shape.shown_changes import wanted_mm
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.deciding import is_question
from facegpt.language.dialogue.questions.arithmetic import result_of
from facegpt.language.dialogue.questions.asked_before import part_of
from facegpt.language.dialogue.questions.comparing import less_of
from facegpt.language.dialogue.who.called import sentence
from facegpt.language.dialogue.wording import SAME_MM, plain_label, whose
from facegpt.language.numbers import find_numbers
from facegpt.language.patterns import has_word, word_set

_MUCH, _WOULD = word_set("much many far"), word_set("would must should need needs do does has have is are will")
_BODY = word_set("tall taller tallest short shorter shortest heavy heavier heaviest weigh weighs weight height")
_SOMEBODY = word_set("he she they who i him her them")
NO_BODY = "A head shows nobody's height or weight, so I can't say; I can measure the head itself."
_MEASURES, _MEASURE = word_set("measurements measures dimensions lengths"), word_set("measurement measure length")
_ALL, _RANKED = word_set("all every list full complete"), word_set("largest biggest longest smallest shortest top")
#: So many lengths are told where a text gives no number.
_SOME = 3


def exact_answer(context: Context) -> str:
    """The answer to what is asked exactly; "" for any other turn."""
    return result_of(context.text) or of_body(context) or measures_listed(context) or to_reach(context)


def of_body(context: Context) -> str:
    """That no head shows how tall or heavy somebody is, where that is asked ("who's taller?"); "" for other turns."""
    text = context.text
    asks = context.cast.people and (is_question(text) or "?" in text) and not part_of(text)
    return NO_BODY if asks and has_word(text, _BODY) and has_word(text, _SOMEBODY) else ""


def measures_listed(context: Context) -> str:
    """All lengths of a head, or the largest or smallest ones, where they are asked for; "" for any other turn."""
    text, cast = context.text, context.cast
    ranked, of_each = has_word(text, _RANKED), has_word(text, ("every", "each")) and has_word(text, _MEASURE)
    of_some = has_word(text, _MEASURES) and (ranked or has_word(text, _ALL))
    if not cast.people or not (of_some or of_each):
        return ""
    if part_of(text) not in ("", "face", "head"):
        return ""
    person = cast.person(context.who[-1])
    lengths = [(each.value_mm, name) for name, each in context.model.facts(person.face).measures.items()]
    if ranked:
        lengths = sorted(lengths, reverse=not less_of(text))
        lengths = lengths[: int(next((number.value for number in find_numbers(text)), _SOME))]
    told = ", ".join(f"{plain_label(name)} {value:.1f} mm" for value, name in lengths)
    return f"{sentence(whose(person, cast))} {'measures' if not ranked else 'measures, in order'}: {told}."


def to_reach(context: Context) -> str:
    """What lengths lack of those that a question names ("how much narrower must it be to measure 35 mm?"); else ""."""
    if not context.cast.people or not asks_to_reach(context.text):
        return ""
    person = context.cast.person(context.who[-1])
    measures = context.model.facts(person.face).measures
    told = []
    for goal in context.read(True).request.millimetres:
        if goal.measure not in measures or goal.kind not in ("value", "min", "max"):
            continue
        has = measures[goal.measure].value_mm
        lacks = wanted_mm(goal, has) - has
        start = f"{sentence(whose(person, context.cast))} {plain_label(goal.measure)} is {has:.1f} mm"
        way = f"{abs(lacks):.1f} mm {'more' if lacks > 0 else 'less'} would make it {has + lacks:.1f} mm"
        told.append(f"{start}; {way}." if abs(lacks) >= SAME_MM else f"{start} already.")
    return " ".join(told)


def asks_to_reach(text: str) -> bool:
    """Whether a text asks how far something is from a number."""
    asks = (has_word(text, _MUCH) and has_word(text, ("how",))) or (
        has_word(text, ("take",)) and has_word(text, ("what",))
    )
    return asks and has_word(text, _WOULD) and any(c.isdigit() for c in text)
