"""What a turn does: read from the language model's states of it; where none are known, a face is wanted or words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.language.dialogue.act_network import ACTS, MAKING, Before, act_log_odds, load_act_network
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.patterns import has_word, regex_any_case, word_set
from facegpt.types import Array

_MAY_BE = regex_any_case(
    r"^\W*(?:(?:and|but|so|or)\b\W*)*(?:(?:could|might|would|can) (?:he|she|they|it|this|these|that) be|"
    r"(?:would|do|can|could) you (?:say|call|"
    r"trust|hire|guess|tell|rate|think|describe|recogni[sz]e|identify|know))\b"
)
_WH = regex_any_case(r"""
    ^\W*(?:(?:and|but|so|ok|okay|well|now|also)\b\W*)*(?:who|what(?! (?:if|about)| would)|whats|what's|which|
    whose|how(?! about)|where|when|why|is|are|was|does|do (?:they|you|i|we)|did|has|have (?:you|they)|am)\b
""")
_TAGGED = regex_any_case(r"""
    \b(?:isn't|aren't|doesn't|don't|wasn't|hasn't|innit|is) ?(?:it|she|he|they)\W*$|,? (?:right|no|huh|
    or not)\s*\?\s*$
""")
_MAKES = word_set("make show give draw create generate imagine want need")
#: What an act loses for which nobody is there.
IMPOSSIBLE = 6.0
#: How much likelier the act is that follows from the odds of a face, where no states are known.
BY_FACE = 6.0
#: What can only be done with somebody there.
NEEDS_SOMEBODY = ("edit", "redo", "back", "take", "vary", "blend", "compare")


@dataclass(frozen=True)
class Evidence:
    """What the language model says of a turn.

    Attributes:
        face: log odds that the answer has a face, above the calibrated threshold.
        states: of its tokens, see Reading.
        acts: log-probabilities of acts, of a language model that has no states but tells them itself.
    """

    face: float
    states: Array | None = None
    acts: Mapping[str, float] | None = None


def decide(text: str, cast: Cast, photos: int, evidence: Evidence) -> str:
    """One of act_network.ACTS for a turn, or for a part of one."""
    if not any(c.isalnum() for c in text):
        return "small_talk"
    people = len(cast.people)
    before = Before(people, photos, cast.said.act)
    odds = act_odds(text, before, evidence)
    if people == 0:
        odds["new_head"] = float(np.logaddexp(odds["new_head"], odds["edit"]))
        odds = {act: value for act, value in odds.items() if act not in NEEDS_SOMEBODY}
    else:
        odds |= {act: odds[act] - IMPOSSIBLE for act in _impossible(cast)}
    making = MAKING if people else frozenset(("new_head",))
    with_head = [act for act in odds if act in making]
    without = [act for act in odds if act not in making]
    chosen = with_head if _sum(odds, with_head) > _sum(odds, without) else without
    return max(chosen, key=lambda act: odds[act])


def _sum(odds: Mapping[str, float], acts: Sequence[str]) -> float:
    return float(np.logaddexp.reduce([odds[act] for act in acts]))


def act_odds(text: str, before: Before, evidence: Evidence) -> dict[str, float]:
    """The log-probability of each act, as far as it is known up to a constant."""
    network = load_act_network()
    if evidence.states is not None and network.fits(evidence.states):
        return act_log_odds(network, evidence.states, before)
    if evidence.acts is not None:
        return {act: evidence.acts.get(act, 0.0) for act in ACTS}
    if evidence.face > 0:
        likely = "new_head" if asks_for_new(text) or not before.people else "edit"
    else:
        likely = "question" if before.people and is_question(text) else "chat"
    return {act: BY_FACE if act == likely else 0.0 for act in ACTS}


def is_question(text: str) -> bool:
    """Whether a text asks for words: by its first words, or "could they be …?"."""
    return bool(_WH.match(text)) or bool(_MAY_BE.match(text)) or bool(_TAGGED.search(text))


def wants_made(text: str) -> bool:
    """Whether a text has a verb that asks for a head: "make", "show"."""
    return has_word(text, _MAKES)


def _impossible(cast: Cast) -> list[str]:
    """Acts for which there is nobody, or nothing to go back to."""
    found = ["take", "blend", "compare"] if len(cast.people) < 2 else []
    return found + ([] if cast.future else ["redo"]) + ([] if cast.past or len(cast.people) > 1 else ["back"])
