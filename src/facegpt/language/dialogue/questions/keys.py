"""Which question of what was said, done or seen before a turn asks, by the weights of the set answers."""

from __future__ import annotations

from facegpt.describe.measure_words import KIN, declined
from facegpt.language.dialogue.deciding import is_question
from facegpt.language.dialogue.questions.asked_before import names_in
from facegpt.language.dialogue.questions.question_network import begins_as_yes_or_no
from facegpt.language.dialogue.set_answers import (
    ACCURACY,
    FIRST_ASKED,
    GROUNDS,
    HISTORY,
    OF_LIKENESS,
    RELATED,
    SINCE,
    WHY_DONE,
    WHY_SO,
    SetAnswer,
    set_answer,
)
from facegpt.language.patterns import has_word
from facegpt.language.reading.sexes import sex_words

OF_REASONS = frozenset((WHY_DONE, WHY_SO, GROUNDS, ACCURACY))
OF_THE_PAST = frozenset((HISTORY, SINCE, FIRST_ASKED))
_CHANGES = ("changes", "edits", "steps")


def key_asked(text: str) -> str:
    """The key of OF_REASONS, OF_THE_PAST or OF_LIKENESS that a turn asks for; "" for any other turn.

    A question need not be as sure as a turn that is none.
    """
    if has_word(text, ("many",)) and has_word(text, _CHANGES):
        return HISTORY
    answer = set_answer(text, surely=not (is_question(text) or "?" in text))
    so = (WHY_DONE, WHY_SO) if begins_as_yes_or_no(text) else ()  # "is he smiling" asks for no reason
    if answer is not None and answer.key in OF_REASONS | OF_THE_PAST | OF_LIKENESS and answer.key not in so:
        return answer.key
    return RELATED if is_question(text) and declined(text) == (KIN,) else ""


def of_the_program(text: str) -> SetAnswer | None:
    """The likely answer to a question for costs or for what becomes of photos: "do my photos leave my disk?"."""
    answer = set_answer(text, surely=False) if is_question(text) and not (names_in(text) or sex_words(text)) else None
    return answer if answer is not None and answer.key in ("private", "rights") else None
