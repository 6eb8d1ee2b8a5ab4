"""How far a length is from one that is named: "how much narrower would his nose have to be to measure 35 mm?".

Such a question has the words of a change, and asks for a difference; nothing is changed.
"""

from __future__ import annotations

from facegpt.language.dialogue.changes.told import wanted_mm
from facegpt.language.dialogue.context import Context
from facegpt.language.dialogue.who.called import sentence
from facegpt.language.dialogue.wording import plain_label, whose
from facegpt.language.patterns import regex_any_case

_ASKS = regex_any_case(r"""
    \bhow (?:much|many|far)\b.*\b(?:would|must|should|needs?|do|does|has|have|is|are)\b.*\d|
    \bwhat (?:would|does|will) (?:it|that) take\b.*\d
""")
#: Differences below this are none, mm.
_SAME_MM = 0.05


def asks_to_reach(text: str) -> bool:
    """Whether a text asks how far something is from a number."""
    return bool(_ASKS.search(text))


def to_reach(context: Context) -> str:
    """What lengths lack of those that a question names; "" for any other turn."""
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
        told.append(f"{start}; {way}." if abs(lacks) >= _SAME_MM else f"{start} already.")
    return " ".join(told)
