"""What kind of answer a question wants, what it asks about, and which state of a head it means.

Read from the language model's own states of the turn after those before it, so that "and the right?" after "is her left
eye closed?" wants yes or no, and "outer ones as well" names the outer corners of the eyes. Learnt together by
lab/runs/language/together from the questions of the written conversations.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

import numpy as np

from facegpt.describe.attribute_words import poles
from facegpt.describe.measure_words import MEASURE_WORDS
from facegpt.language.dialogue.questions.asked_before import WHEN
from facegpt.language.parts import PARTS
from facegpt.language.patterns import has_word, regex_any_case, word_set, words_in
from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.language.targets import ASKABLE
from facegpt.types import Array

#: The weights, in assets/: of kinds, and of names and states.
QUESTION_NETWORK, ASKED_NETWORK = "networks/questions/question_network.npz", "networks/questions/asked_network.npz"
#: Log odds from which a name is asked for, and from which the likeliest one is where none is so sure: set, not tuned.
SURE, LIKELIEST = 0.0, -2.0
#: Log odds from which the likeliest name of a part comes where a question names several parts: set, not tuned.
MAY_BE = -4.0
#: A fact; yes or no; who has more of something; by how much two heads differ; which of two parts is more.
KINDS = ("tell", "yes_no", "compare", "difference", "compare_parts")
#: How questions for yes or no begin; where the states are not known, words of the other kinds.
_YES_NO = regex_any_case(
    r"^\W*(?:(?:and|but|so|ok|okay|oh|hm+|well|now|then|also|hey|please|yes or no)\b\W*)*"
    r"(?:is|are|was|were|does|do|did|has|have|had|isn't|aren't|doesn't|don't|hasn't)\b(?! (?:you|u|i|we)\b)"
)
_DENIES, _NOT = word_set("not never isnt doesnt hasnt dont"), ("n't", "n’t", "no longer")
_GAP, _WHICH = word_set("differ difference margin apart"), word_set("who whose which")


def context_of_question(people: int) -> Array:
    """(3,) how many people there are, up to two, one-hot."""
    return np.eye(3, dtype=np.float32)[min(people, 2)]


def kind_of_question(text: str, states: Array | None, people: int) -> str:
    """One of KINDS.

    Args:
        text: the question.
        states: (tokens, layers, D) of its tokens, or None: the words that it begins with tell then.
        people: how many there are.
    """
    network = load_question_network()
    if states is not None and network.fits(states):
        return KINDS[int(network.log_odds(states, context_of_question(people)).argmax())]
    words = words_in(text)
    by = "much" in words and ("by" in words or any(word.endswith("er") for word in words))
    told = ((by or has_word(text, _GAP), "difference"), (begins_as_yes_or_no(text), "yes_no"))
    return next((kind for is_so, kind in told if is_so), "compare" if has_word(text, _WHICH) else "tell")


def asked_by_states(
    states: Array | None, people: int, least: int = 0, parts: Collection[str] = ()
) -> tuple[tuple[str, ...], str] | None:
    """Names of ASKABLE, the surest first, and one of WHEN; None where the states are not known.

    Args:
        states: (tokens, layers, D) of the turn.
        people: how many there are.
        least: so many of the likeliest come, however unlikely.
        parts: of the face that the question names: of each of several the likeliest name comes, and of no other part.
    """
    if states is None or not (network := load_asked_network()).fits(states):
        return None
    scores = network.scores(states, context_of_question(people)).mean(0)
    odds, when = scores[: len(ASKABLE)], scores[len(ASKABLE) :]
    order = np.argsort(-odds)
    sure = [k for place, k in enumerate(order) if odds[k] > SURE or place < least]
    sure = sure or [k for k in order[:1] if odds[k] > LIKELIEST]
    if len(parts) > 1 and sure and parts_of(ASKABLE[sure[0]]) & {*parts}:
        best = {next((k for k in order if part in parts_of(ASKABLE[k]) and odds[k] > MAY_BE), -1) for part in parts}
        sure = [k for k in order if k in best or (k in sure and parts_of(ASKABLE[k]) & {*parts})]
    return tuple(ASKABLE[k] for k in sure), WHEN[int(when.argmax())]


@lru_cache(maxsize=256)
def parts_of(name: str) -> frozenset[str]:
    """The parts of the face, by the words of parts.PARTS, that a measure or an attribute is of."""
    told = MEASURE_WORDS[name][0] if name in MEASURE_WORDS else poles().get(name, ("", name.replace("_", " ")))[1]
    return parts_named(told)


def parts_named(text: str) -> frozenset[str]:
    """The parts of the face that a text names, but for the whole."""
    return frozenset(PARTS.get(word, "person") for word in words_in(text)) - {"person", "face", "head"}


def begins_as_yes_or_no(text: str) -> bool:
    """Whether a text begins as questions for yes or no do: "is", "does"."""
    return bool(_YES_NO.search(text))


def verdict_words(text: str, yes: bool) -> str:
    """How an answer begins to what may be so or not.

    Args:
        text: a question, which gets "Yes." or "No.", or a statement, with which the answer agrees or not.
        yes: whether what it speaks of is seen, whether or not a statement denies it.
    """
    if begins_as_yes_or_no(text) or "?" in text:
        return "Yes." if yes else "No."
    return (
        "So it is."
        if yes != (has_word(text, _DENIES) or any(each in text.lower() for each in _NOT))
        else "I see it otherwise."
    )


@lru_cache(maxsize=1)
def load_question_network() -> StatesNetwork:
    """The shipped weights."""
    return load_states_network(QUESTION_NETWORK)


@lru_cache(maxsize=1)
def load_asked_network() -> StatesNetwork:
    """The shipped weights."""
    return load_states_network(ASKED_NETWORK)
