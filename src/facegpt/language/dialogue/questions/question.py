"""The record of a question: what it asks, of whom, when, in which unit, and what it claims.

What a follow-up leaves out ("and how long?", "and his?", "in cm?") is supplied from the question before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from facegpt.language.dialogue.cast import Cast, Said
from facegpt.language.dialogue.maker import Reading
from facegpt.language.dialogue.questions.asked_before import names_in, offered, part_of, source_of, when_of
from facegpt.language.dialogue.questions.claims import Claim, claim_in, says_anything
from facegpt.language.dialogue.questions.comparing import THAN
from facegpt.language.dialogue.questions.question_network import (
    asked_by_states,
    kind_of_question,
    parts_named,
    parts_of,
)
from facegpt.language.patterns import has_word, word_set, words_in

_CENTIMETRES = word_set("cm centimetre centimetres centimeter centimeters")
_INCHES = word_set("inch inches imperial")
_ROUNDED, _ROUNDS = word_set("rounded nearest whole decimals"), word_set("it that this them to off up down")
#: Of so many of the likeliest names the first two measures are held against each other.
_PARTS_ASKED = 4


@dataclass(frozen=True)
class Question:
    """A question as it is meant.

    Attributes:
        text: with what it left out supplied. who: numbers of the people. asks: what the answer must speak of.
        unit: "mm", "cm" or "in", as wanted. when: one of asked_before.WHEN.
        compares: whether heads are held against each other.
        whole: whether lengths are wanted as whole numbers.
        kind: one of question_network.KINDS. claim: what its words say of a head, and a follow-up's from before it.
        felt: what they would change on a head: "who looks happier?" as "look happier".
        norm: the sex of the adults whom lengths are held against, "" for all.
    """

    text: str
    who: tuple[int, ...]
    asks: tuple[str, ...]
    unit: str = "mm"
    when: str = "now"
    compares: bool = False
    whole: bool = False
    kind: str = "tell"
    claim: Claim | None = None
    felt: Claim | None = None
    norm: str = ""


def understood_question(
    text: str, cast: Cast, who: tuple[int, ...], reading: Reading, asks: Sequence[str] = ()
) -> Question:
    """Supply what a question leaves out.

    Args:
        text: as typed.
        cast: the conversation so far.
        who: the numbers of those it means (references.meant).
        reading: what the language model read in it, after the turns before it.
        asks: what it reads there with the head in view.
    """
    states = getattr(reading, "states", None)
    kind, last = kind_of_question(text, states, len(cast.people)), cast.question
    if THAN.search(text) and last.text and not part_of(THAN.split(text)[0]) and (part := part_of(last.text)):
        text = re.sub(r"\b(?:it|they|that)\b", f"the {part}", text, count=1, flags=re.IGNORECASE)
    offer = offered(text, cast)
    source = source_of(text, offer)
    full = text
    if source == "part":
        full = f"{text.rstrip('?! ')} of the {part_of(cast.last_text())}?"
    elif source == "question" and kind not in ("compare", "difference") and not THAN.search(text):
        full = last.text
    claim = claim_in(reading.request, text)
    if source in ("question", "part") and last.claim is not None and not says_anything(claim):
        claim = last.claim
    names, when = offer.names.get(source, ()) or tuple(asks), when_of(text)
    least = _PARTS_ASKED if kind == "compare_parts" else 0
    parts = parts_named(text)
    if known := asked_by_states(states, len(cast.people), least, () if least else parts):
        when = when if when != "now" else known[1]  # either may say that it is the past
        told = {part for name in known[0] for part in parts_of(name)}
        beside = names_in(text) if known[0] and len(parts) > 1 and not least else ()
        names = (*known[0], *(name for name in beside if parts_of(name) & parts - told)) or names
    return Question(full, who, names, unit_of(text), when, False, rounds(text), kind, claim)


def own_question(text: str, who: tuple[int, ...]) -> Question:
    """A question as it stands: what is declined takes nothing from the one before."""
    return Question(text, who, names_in(text))


def asked(question: Question, act: str, cast: Cast) -> Cast:
    """Note a question, so that a follow-up is understood."""
    said = Said(act, question.text, question.who, question.asks, claim=question.claim)
    return replace(cast, said=said, question=said, focus=question.who or cast.focus)


# Units


def unit_of(text: str) -> str:
    """The unit that a question wants its answer in."""
    return "cm" if has_word(text, _CENTIMETRES) else "in" if has_word(text, _INCHES) else "mm"


def rounds(text: str) -> bool:
    """Whether a text wants whole numbers: "round that off", "to the nearest cm"."""
    said = words_in(text)
    return has_word(text, _ROUNDED) or any(a == "round" and b in _ROUNDS for a, b in pairwise(said))


def in_unit(answer: str, unit: str, whole: bool) -> str:
    """Put the lengths of an answer in the unit that is wanted, "mm", "cm" or "in"; whole: as whole numbers."""
    if unit == "mm":
        return re.sub(r"\d+\.\d+(?= mm)", lambda m: f"{float(m[0]):.0f}", answer) if whole else answer
    per, said = {"cm": (10.0, "{0:.2f} cm"), "in": (25.4, "{0:.2f} inches ({1} mm)")}[unit]
    said = said.replace(".2f", ".0f") if whole else said
    return re.sub(r"(\d+(?:\.\d+)?) mm", lambda m: said.format(float(m[1]) / per, m[1]), answer)
