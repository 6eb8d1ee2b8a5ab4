"""A reply as it is said: worded by the writer of replies where that holds to the facts, else the composed sentence."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.maker import Language
from facegpt.language.dialogue.replies.checking import (
    faults,
    names_anybody,
    names_everybody,
    whose_is_right,
)
from facegpt.language.dialogue.replies.items import CODE, Composed, Item, coded, prompt_of
from facegpt.language.dialogue.who.called import called, sentence

log = logging.getLogger("facegpt")


def worded(language: Language, composed: Composed, act: str, text: str, earlier: Sequence[str], cast: Cast) -> str:
    """Say what was composed in learnt words, if there is a writer and what it writes is true.

    Args:
        language: may have a writer (`LanguageModel.worded`).
        composed: the sentences that are said otherwise, and the facts.
        act: what the turn does.
        text: what was typed.
        earlier: the same of the turns before.
        cast: the people as they are now.
    """
    write = getattr(language, "worded", None)
    if write is None or not composed.items:
        return composed.text
    act = "compare" if any(set(item.facts) & set("NK") for item in composed.items) else act
    written = write(prompt_of(text, earlier, act, composed.items))
    wrong = wrong_with(written, composed.items, act, text, earlier, cast)
    log.debug("reply %r: %s", written, wrong or "said")
    return composed.text if wrong else filled(best_first(written, composed.items, cast), composed.items)


def wrong_with(written: str, items: Sequence[Item], act: str, text: str, earlier: Sequence[str], cast: Cast) -> str:
    """Why a reply may not be said; "" where it may."""
    if wrong := next(faults(written, items, " ".join((*earlier[-2:], text)), act), ""):
        return wrong
    names = {person.number: called(person, cast) for person in cast.people}
    if not whose_is_right(written, items, names, {person.number: person.sex for person in cast.people}):
        return "a fact is said of somebody else"
    several = len({item.who for item in items if item.who}) > 1
    ranked = any("N" in item.facts or "K" in item.facts for item in items)
    if several and not ranked and not names_everybody(written, items, names):
        return "it leaves open whose the facts are"
    return ""


def best_first(written: str, items: Sequence[Item], cast: Cast) -> str:
    """A comparison whose values follow each other in the order in which heads are named: who has most, then the others.

    "N1: M2 against M3" names nobody else, and the writer does not know who has most; items come in that order.
    """
    ranks = [item.label.split(" ", 3)[3] for item in items if "N" in item.facts and item.label.startswith("who has ")]
    names = {person.number: called(person, cast) for person in cast.people}
    if not ranks or names_anybody(CODE.sub(" ", written), names):
        return written
    moved: dict[str, str] = {}
    codes = [m[0] for m in CODE.finditer(written)]
    for what in ranks:
        for letter in "MWA":
            places = [f"{letter}{k}" for k, item in enumerate(items, start=1) if item.who and _is_of(item, what)]
            told = [code for code in codes if code in places]
            moved |= dict(zip(told, sorted(told), strict=True))
    return CODE.sub(lambda m: moved.get(m[0], m[0]), written)


def _is_of(item: Item, what: str) -> bool:
    return item.label.endswith(f" {what}")


def filled(written: str, items: Sequence[Item]) -> str:
    """A reply with the facts in place of their codes, each sentence with a capital."""
    facts = {code: fact for code, fact, _ in coded(items)}
    text = ""
    for k, piece in enumerate(CODE.split(written)[::3]):
        text += piece
        found = [*CODE.finditer(written)]
        if k < len(found):
            fact = facts[found[k][0]]
            text += sentence(fact) if not text or text.rstrip()[-1:] in ".!?" else fact
    return sentence(text)
