"""What a turn does: read from the language model's states of it; where none are known, a face is wanted or words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.language.dialogue.act_network import ACTS, MAKING, Before, act_log_odds, load_act_network
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.patterns import has_word, regex_any_case, word_set
from facegpt.types import Array

#: Words before what a turn begins with, and words that begin a question whatever follows.
_LEADS = word_set(
    "and but so or ok okay oh hmm well now also then please thanks great nice cool just alright right roughly about "
    "exactly approximately"
)
_ASKING = word_set("who who's whose which whats what's where where's when is are am was does did has")
#: Words that begin one except before some others, and words that begin one only before some others.
_UNLESS = {
    "what": word_set("if about would"),
    "how": word_set("about"),
    "why": word_set("not don't"),
}
_ONLY_BEFORE = {"do": word_set("they you i we"), "have": word_set("you they")}
#: What begins a question that might be no wish: "could he be …", "would you say …".
_MAY, _THIRD = word_set("could might would can do"), word_set("he she they it this these that")
_OPINES = word_set("say call trust hire guess tell rate think describe recognize recognise identify know")
#: Ends of questions: "isn't it", ", right?".
_TAGS = regex_any_case(r"""
    \b(?:isn't|aren't|doesn't|don't|wasn't|hasn't|innit|is) ?(?:it|she|he|they)\W*$|
    ,? (?:right|no|huh|or not)\s*\?\s*$
""")
#: Words by which something is wished to be told, and what of.
_TELLS, _OF_WHAT = word_set("tell give write sing"), word_set("how what what's the her his its which who who's why")
#: Words that tell to change a head.
_VERBS = word_set("make give turn change add open close shut raise lower set put take remove undo")
_POLITE = word_set("can could would will")
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


def words_after_leads(text: str) -> list[str]:
    """The words of a text in small letters, without those before it that say nothing: "ok so make" is "make"."""
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.lower().replace("’", "'"))
    return words[next((k for k, word in enumerate(words) if word not in _LEADS), len(words)) :]


def _asks_by(first: str, second: str) -> bool:
    """Whether a text of these first words asks: "what is", but not "what if"."""
    if first in _UNLESS:
        return second not in _UNLESS[first]
    return first in _ASKING or second in _ONLY_BEFORE.get(first, ())


def begins_to_ask(text: str) -> bool:
    """Whether a part of a turn begins as a question, or as a wish to be told something."""
    first, second, third = [*words_after_leads(text), "", "", ""][:3]
    if first in _TELLS and second in ("me", "us"):
        return third in _OF_WHAT or (third in ("a", "an", "some") and first != "give")
    tells = (first == "say" and second in ("how", "what", "why", "who")) or (first, second) == ("do", "my")
    return _asks_by(first, second) or tells


def is_question(text: str) -> bool:
    """Whether a text asks for words: by its first words, or "could they be …?"."""
    first, second, third = [*words_after_leads(text), "", "", ""][:3]
    may_be = (
        first in _MAY
        and "please" not in text.lower()
        and ((second in _THIRD and third == "be") or (second == "you" and third in _OPINES))
    )
    return _asks_by(first, second) or may_be or bool(_TAGS.search(text))


def tells_to(text: str) -> bool:
    """Whether a part of a turn tells, or asks politely, to do something to a head: "can you take off his hat?"."""
    words = words_after_leads(text)
    words = words_after_leads(" ".join(words[2:])) if words[1:2] == ["you"] and words[0] in _POLITE else words
    first, second = [*words, "", ""][:2]
    return is_verb(first, second) and first not in ("make", "give")


def is_verb(word: str, after: str) -> bool:
    """Whether a word that begins a part of a turn tells to change a head: "lower it", but not "lower lips"."""
    return word in _VERBS and not (word == "lower" and after in ("", "lip", "lips", "one", "ones"))


def wants_made(text: str) -> bool:
    """Whether a text has a verb that asks for a head: "make", "show"."""
    return has_word(text, _MAKES)


def only_asks(text: str) -> bool:
    """Whether a text has a question mark and no verb that makes or changes a head."""
    return "?" in text and not (wants_made(text) or tells_to(text))


def _impossible(cast: Cast) -> list[str]:
    """Acts for which there is nobody, or nothing to go back to."""
    found = ["take", "blend", "compare"] if len(cast.people) < 2 else []
    return found + ([] if cast.future else ["redo"]) + ([] if cast.past or len(cast.people) > 1 else ["back"])
