"""Steps taken back and done again, and which of the heads that somebody was is meant ("as she was before the beard").

Every head that a person was since the first, and every one that was taken back, is a version. A network of the kind of
who/whom_network.py picks one, by how many steps it lies back, by the words of the changes before and after it, and by
the language model's states of the turn. Learnt by lab/runs/language/who/versions_network.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from facegpt.face import Face
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.dialogue.who.whom_network import Choices, WhomNetwork, load_network
from facegpt.language.parts import PARTS
from facegpt.language.patterns import regex_any_case
from facegpt.types import Array

#: The weights, in assets/.
VERSIONS_NETWORK = "networks/versions_network.npz"
RETURNS = ("undo", "redo", "back")
#: From so many letters on a word says what a change is about; names of parts do so anyway.
_LONG = 5
#: Words that begin a step back.
STEPS_BACK = regex_any_case(r"""
    ^\W*(?:(?:and|now|then|please|ok|no)\W+)*(?:undo|redo|revert|reset|go back|take (?:that|it|this) back|back to|
    (?:one )?step back)\b
""")
#: The head that somebody was at first.
_TO_FIRST = re.compile(
    r"\b(?:first (?:one|version|head|face|try)|original|very first|start(?:ing point)?|beginning)\b", re.IGNORECASE
)


@dataclass(frozen=True, eq=False)
class Version:
    """A head that somebody was, or was before a step was taken back.

    Attributes:
        face: the head. said: the words of the change that it came by; "" of the first.
        back: how many steps of this person it lies back; negative where it comes again by doing steps again.
    """

    face: Face
    said: str
    back: int


def versions_of(cast: Cast, number: int) -> list[Version]:
    """All versions of a person, the first one first."""
    past = [step for step in cast.past if number in step.after]
    future = [step for step in reversed(cast.future) if number in step.after]
    first = past[0].before[number] if past else cast.person(number).face
    heads = [(first, ""), *((step.after[number], step.said) for step in (*past, *future))]
    return [Version(face, said, len(past) - k) for k, (face, said) in enumerate(heads)]


def content_words(text: str) -> frozenset[str]:
    """The words that say what a change is about, without endings."""
    found = (word for word in re.findall(r"[^\W\d_]+", text.lower()) if len(word) >= _LONG or word in PARTS)
    return frozenset(re.sub(r"(?:ing|ed|es|s|er|est|ly)$", "", word) for word in found)


def steps_told(text: str) -> int:
    """How many steps a text names: "twice", "two", "x3"; 0 where none."""
    match = re.search(r"\b(two|three|four|twice|thrice|both)\b|\bx ?([2-9])\b|\b([2-9])x?\b", text, re.IGNORECASE)
    if not match:
        return 0
    told = {"two": 2, "three": 3, "four": 4, "twice": 2, "thrice": 3, "both": 2}
    return told[match[1].lower()] if match[1] else int(match[2] or match[3])


def features(text: str, act: str, last: str, said: Sequence[str], back: Sequence[int]) -> Array:
    """(V, F) what is known of each version beside the states of the turn.

    Args:
        text: of the turn.
        act: which return it is.
        last: the act before it.
        said: of each version, see Version.
        back: of each, see Version.
    """
    own, told = content_words(text), steps_told(text)
    shared = np.array([len(own & content_words(words)) / max(1, len(own)) for words in said])
    rows = []
    for k, b in enumerate(back):
        first, after = k == 0, shared[k + 1] if k + 1 < len(shared) else 0.0
        places = [b == 0, b == 1, b == 2, b == 3, b > 3, b == -1, b < -1, first, first and b > 1]
        named = [shared[k], after, shared[k] > 0, after > 0, shared[k + 1 : k + b + 1].max(initial=0.0)]
        named += [shared[: k + 1].max(initial=0.0), told == b > 0, told == -b > 0]
        acts = [act == name and place for name in RETURNS for place in (b == 1, b > 1, first, b == -1, b == 0)]
        before = [last == name and place for name in RETURNS for place in (b == 1, b > 1, first, b == -1)]
        rows.append([float(each) for each in (*places, *named, *acts, *before)])
    return np.array(rows, np.float32)


def choices_among(of_each: Array) -> Choices:
    """Versions as the network takes them. of_each: their `features`."""
    count = len(of_each)
    same = np.eye(count, dtype=np.float32)
    return Choices(of_each, of_each, same, (1 - same) / max(1, count - 1), np.zeros((count, 1), np.float32))


def returned(
    act: str, text: str, cast: Cast, states: Array | None, meant: tuple[int, ...] = ()
) -> tuple[Cast | None, tuple[int, ...]]:
    """The people after a return, and who is put back; None where there is nothing to go back to.

    Args:
        act: one of RETURNS.
        text: of the turn.
        cast: the people.
        states: (tokens, layers, D) the language model's of the turn, if they are known.
        meant: whom the words mean, where they name anybody who can be put back.
    """
    who = whose_return(act, text, cast, meant)
    named = who if mentions(text, cast) and _has_changed(who, cast) else ()
    if act != "redo" and len(who) == 1 and _TO_FIRST.search(text):
        person = cast.person(who[0])
        return (cast if person.face is person.first else cast.as_first(who)), who
    if len(who) == 1 and states is not None and (network := load_versions_network()).fits(states):
        versions = versions_of(cast, who[0])
        places = [k for k, version in enumerate(versions) if reaches(act, cast.said.act, version.back)]
        if not places:
            return (cast if act == "back" else None), who
        given = features(text, act, cast.said.act, [v.said for v in versions], [v.back for v in versions])
        wanted = versions[places[int(network.log_odds(states, choices_among(given[places])).argmax())]]
        return _moved(cast, who, wanted.back, wanted is versions[0] and act == "back"), who
    steps = max(1, steps_told(text))
    if act == "back":
        moved = tuple(n for n in who if cast.person(n).face is not cast.person(n).first)
        return (cast.as_first(moved), moved) if moved else (cast, who)
    after = _repeated(cast, steps, lambda now: now.undone(named) if act == "undo" else now.redone(named))
    return (None, who) if after is cast else (after, after.focus)


def reaches(act: str, last: str, back: int) -> bool:
    """Whether a return can mean a version so many steps back. last: the act before it."""
    if act == "redo":
        return back < 0 or (last in RETURNS and back > 0)
    return back > 0


def _has_changed(who: tuple[int, ...], cast: Cast) -> bool:
    """Whether any of some people has another head to go to."""
    return any(number in step.after for step in (*cast.past, *cast.future) for number in who)


def whose_return(act: str, text: str, cast: Cast, meant: tuple[int, ...]) -> tuple[int, ...]:
    """Whom a return moves: whom the words mean, where they name anybody who can be put back; see `returned`."""
    named = {each.who for each in mentions(text, cast)}
    meant = named.pop() if len(named) == 1 else meant if named else ()
    if _has_changed(meant, cast):
        return meant
    steps = {"undo": cast.past, "redo": cast.future}.get(act, ())
    return tuple(steps[-1].after) if steps else cast.in_focus()


def _moved(cast: Cast, who: tuple[int, ...], back: int, at_once: bool) -> Cast | None:
    """The people with one of them so many steps back; at_once: as one step that can be taken back itself."""
    if back > 1 and at_once:
        return cast.as_first(who)
    return _repeated(cast, abs(back), lambda now: now.undone(who) if back > 0 else now.redone(who))


def _repeated(cast: Cast, times: int, step: Callable[[Cast], Cast | None]) -> Cast:
    for _ in range(times):
        cast = step(cast) or cast
    return cast


@lru_cache(maxsize=1)
def load_versions_network() -> WhomNetwork:
    """The shipped weights."""
    return load_network(VERSIONS_NETWORK)
