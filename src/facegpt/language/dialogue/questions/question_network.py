"""What kind of answer a question wants: a fact, yes or no, who has more, by how much, or which of two parts.

Read from the language model's own states of the turn after those before it, so that "and the right?" after "is her left
eye closed?" wants yes or no. Learnt by lab/runs/language/questions/question_network.py from the scored conversations.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt.language.patterns import regex_any_case
from facegpt.language.states_network import StatesNetwork, load_states_network
from facegpt.types import Array

#: The weights, in assets/.
QUESTION_NETWORK = "networks/questions/question_network.npz"
#: A fact; yes or no; who has more of something; by how much two heads differ; which of two parts is more.
KINDS = ("tell", "yes_no", "compare", "difference", "compare_parts")
#: Where the states are not known: the words that begin each kind.
_YES_NO = regex_any_case(
    r"^\W*(?:(?:and|but|so|ok|okay|oh|hm+|well|now|then|also|hey|please|yes or no)\b\W*)*"
    r"(?:is|are|was|were|does|do|did|has|have|had|isn't|aren't|doesn't|don't|hasn't)\b(?! (?:you|u|i|we)\b)"
)
_GAP = regex_any_case(
    r"\bby how (?:much|many)\b|\bhow (?:much|many) \w*\s?(?:mm|wider|longer|bigger|more|older|larger|higher|broader|"
    r"thicker|taller|narrower|shorter|smaller|apart)\b|\bdiff(?:er|erence)?\b|\b(?:by )?what margin\b|"
    r"\bhow far apart are (?:they|the two)\b"
)
_DENIES = regex_any_case(r"\b(?:not|never|no longer|(?:is|are|was|were|does|do|did|has|have)n['’]?t)\b")
_WHICH = regex_any_case(r"\b(?:who|whose|which)\b|\b(?:her|his|the man|the woman)\b.* or (?:her|his|the)\b")


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
    told = ((_GAP, "difference"), (_YES_NO, "yes_no"), (_WHICH, "compare"))
    return next((kind for sign, kind in told if sign.search(text)), "tell")


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
    return "So it is." if yes != bool(_DENIES.search(text)) else "I see it otherwise."


@lru_cache(maxsize=1)
def load_question_network() -> StatesNetwork:
    """The shipped weights."""
    return load_states_network(QUESTION_NETWORK)
