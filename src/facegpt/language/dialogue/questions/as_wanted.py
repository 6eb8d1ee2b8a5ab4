"""Whether lengths are as words asked for, where somebody asks: "is it as long as I wanted?"."""

from __future__ import annotations

import re

from facegpt.generate.shape.shown_changes import is_short
from facegpt.language.dialogue.cast import Step
from facegpt.language.dialogue.changes.told import of_lengths
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.deciding import is_question
from facegpt.language.dialogue.questions.asked_before import names_in, part_of
from facegpt.language.dialogue.questions.comparing import measures_of
from facegpt.language.dialogue.questions.question_network import begins_as_yes_or_no, verdict_words
from facegpt.language.head_request import HeadRequest

#: What refers to the speaker's own wish.
_WANTED = re.compile(
    r"\b(?:as|what|like|how|way) (?:I|we)(?:['’]?d| had| have|['’]ve)? "
    r"(?:wanted|asked|requested|ordered|wished|meant|told|said|specified|wrote)\b",
    re.IGNORECASE,
)


def as_wanted(context: Context) -> str:
    """Whether the lengths that were asked for last are reached, and what they are; "" for any other turn."""
    text = context.text
    if _WANTED.search(text) is None or not (begins_as_yes_or_no(text) and (is_question(text) or "?" in text)):
        return ""
    for step in reversed(context.cast.past):
        told = [_told(context, step, number, request) for number, request in step.asked.items()]
        if told := [each for each in told if each[1]]:
            return " ".join((verdict_words(text, all(met for met, _ in told)), *(lines for _, lines in told)))
    return ""


def _told(context: Context, step: Step, number: int, request: HeadRequest) -> tuple[bool, str]:
    """Whether one head has the lengths that a step asked for, and what they are; "" for none."""
    cast, person = context.cast, context.cast.person(number)
    was, now = context.model.facts(step.before[number]), context.model.facts(person.face)
    named = {measure for name in names_in(context.text) for measure in measures_of(name, now)}
    goals = [goal for goal in request.millimetres if goal.measure in now.measures]
    if part_of(context.text):
        goals = [goal for goal in goals if goal.measure in named]
    if number not in context.who or not goals:
        return True, ""
    lines = [line for lines in of_lengths(was, now, goals, person, cast) for line in lines]
    sizes = [(goal, was.measures[goal.measure].value_mm, now.measures[goal.measure].value_mm) for goal in goals]
    return not any(is_short(goal, start, has) for goal, start, has in sizes), " ".join(lines)
